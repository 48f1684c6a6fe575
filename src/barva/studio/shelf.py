"""`Shelf`: the works of one person, and the open desks of all. Nobody reaches another's works: their folder is named by
a digest of the owner's secret, and keys are looked up inside of it alone."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from barva.errors import UsageError
from barva.studio.desk import Desk, Desks
from barva.studio.work import Work

MOST_WORKS = 500
"""Works that one person may keep."""

_KEY = re.compile(r"[A-Za-z0-9]{16,40}")


@dataclass
class Library:
    """Where works are kept, and the limits."""

    folder: Path
    max_pixels: int = 500_000_000
    max_bytes: int = 512 << 20
    desks: Desks = field(default_factory=Desks)

    def shelf(self, owner: str) -> Shelf:
        return Shelf(self, self.folder / hashlib.sha256(owner.encode()).hexdigest()[:32])


@dataclass
class Shelf:
    """One person's works."""

    library: Library
    folder: Path

    def add(self, name: str, data: bytes) -> Desk:
        """A new work from a photo's bytes. ReadError, UsageError."""
        if len(self.keys()) >= MOST_WORKS:
            raise UsageError(f"there are {MOST_WORKS} photos already: remove some first")
        key = secrets.token_hex(12)
        return self.library.desks.open(Work.create(self.folder / key, name, data, self.library.max_pixels))

    def desk(self, key: str) -> Desk:
        """An open desk for the work with this key. UsageError."""
        folder = self.folder / key
        if not _KEY.fullmatch(key) or not (folder / "photo").is_file():
            raise UsageError("there is no such photo")
        return self.library.desks.at(folder) or self.library.desks.open(Work(folder, self.library.max_pixels))

    def keys(self) -> list[str]:
        """Of all works, the one opened last first."""
        if not self.folder.is_dir():
            return []
        works = [Work(f) for f in self.folder.iterdir() if _KEY.fullmatch(f.name) and (f / "photo").is_file()]
        return [w.key for w in sorted(works, key=lambda w: -float(w.about.get("opened", 0)))]

    def remove(self, key: str) -> None:
        """Delete a work with everything in it. UsageError."""
        desk = self.desk(key)
        desk.forget()
        self.library.desks.close(desk)
        shutil.rmtree(desk.work.folder, ignore_errors=True)
