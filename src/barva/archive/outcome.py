"""What became of one photo of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from barva.archive.select import Item


@dataclass(frozen=True)
class Outcome:
    """What became of one photo: done, kept (finished by an earlier run), left (in color already) or failed; `notes`
    hold the error of the last. `facts` are a row of the index, and `scene` is the photo's scene as one line of
    JSON-LD, where the run was asked for them. `stands` says of a photo that failed because its result exists that this
    result is as it was."""

    item: Item
    state: str
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] | None = None
    scene: str = ""
    stands: bool = False
