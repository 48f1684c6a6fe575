"""What the user should know of what was made, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Protocol


class Noted(Protocol):
    """What has something to say."""

    @property
    def notes(self) -> Sequence[str]: ...


def tell(made: Iterable[Noted], name: str = "") -> None:
    """The notes of pages and of the file they went into, each once and in order; `name` is the file that they are
    about, where there are several."""
    say((note for one in made for note in one.notes), name)


def say(notes: Iterable[str], name: str = "") -> None:
    """Notes as they are, each once and in order."""
    before = f"{name}: " if name else ""
    for note in dict.fromkeys(notes):
        sys.stderr.write(f"barva: {before}{note}\n")
