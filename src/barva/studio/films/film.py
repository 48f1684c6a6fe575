"""`Film`: what is known of a film that is worked on, as the file `film.json` of its folder holds it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from barva.studio.sessions import disk
from barva.studio.sessions.owners import owner_of

FILE = "film.json"


@dataclass(frozen=True)
class KeyFrame:
    """One frame of a shot, `at` seconds from the film's beginning, which is worked on in a session."""

    session: str
    at: float


@dataclass(frozen=True)
class Film:
    """A film on disk.

    Args:
        folder: where it lies; its name is the film's id.
        name: what the file was called; for showing only.
        owner: whose list it is on, as `owner_of` calls them.
        suffix: of the result, such as ".mp4".
        used: when it was used last, seconds since 1970.
        frames: key frames, in the film's order.
        searched: whether all shots have been looked for.
        problem: why no more shots are looked for, as `Message.to_json` has it.
        job: the id of the job that colors it, or "".
        colored: digest of what that job was asked.
    """

    folder: Path
    name: str
    owner: str
    suffix: str
    used: float
    frames: tuple[KeyFrame, ...] = ()
    searched: bool = False
    problem: dict[str, Any] | None = None
    job: str = ""
    colored: str = ""

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def path(self) -> Path:
        return self.folder / "film"

    @property
    def visitor(self) -> str:
        """As whom the list of its key frames is asked for: a film has a list of its own."""
        return f"film:{self.id}"

    @property
    def list_owner(self) -> str:
        """As the state folder calls that visitor."""
        return owner_of(self.visitor)

    def save(self) -> None:
        """WriteError."""
        row = {key: value for key, value in asdict(self).items() if key != "folder"}
        disk.put(self.folder / FILE, json.dumps(row, ensure_ascii=False).encode())

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """What `save` wrote; None where that is not there."""
        try:
            row = json.loads((folder / FILE).read_text(encoding="utf-8"))
            return cls(folder, **row | {"frames": tuple(KeyFrame(**frame) for frame in row["frames"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
