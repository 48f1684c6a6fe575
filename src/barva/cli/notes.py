"""What the user should know of what was made, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Protocol


class HasNotes(Protocol):
    """A page, or a file that was written."""

    @property
    def notes(self) -> Sequence[str]: ...


def report_notes(pages: Iterable[HasNotes], name: str = "") -> None:
    """The notes of pages and of the file they went into, each once and in order; `name` is the file that they are
    about, where there are several."""
    report((note for page in pages for note in page.notes), name)


def report(notes: Iterable[str], name: str = "") -> None:
    """Notes as they are, each once and in order."""
    before = f"{name}: " if name else ""
    for note in dict.fromkeys(notes):
        sys.stderr.write(f"barva: {before}{note}\n")
