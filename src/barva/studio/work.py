"""`Work`: one photo that somebody works on, as a folder. What is in it survives the server.

    about.json     the photo's name, and when it was opened
    photo          the file as it came; its name is never a path
    journal.jsonl  every state of the document (see `document.Journal`)
    masks/KEY.png  selections, named by what they hold;  references/KEY  colour photos, likewise
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import ReadError, UsageError
from barva.imaging.photo import Photo
from barva.imaging.read import read
from barva.guidance.masks import Mask
from barva.studio.document import Journal

Plane = npt.NDArray[np.uint8]

LONGEST_NAME = 120
_MASKS = 32  # decoded masks that are kept


@dataclass
class Work:
    """A folder with a photo. `read` it first: errors about the photo come from `photo`."""

    folder: Path
    max_pixels: int = 500_000_000
    _masks: OrderedDict[str, Mask] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def create(cls, folder: Path, name: str, data: bytes, max_pixels: int = 500_000_000) -> Work:
        """A new work from a file's bytes. ReadError for what is no photo; nothing is left then."""
        work = cls(folder, max_pixels)
        read(data, max_pixels=max_pixels)  # before anything is written
        folder.mkdir(parents=True)
        (folder / "photo").write_bytes(data)
        work.tell(name=shown_name(name), opened=time.time())
        return work

    @property
    def key(self) -> str:
        return self.folder.name

    @cached_property
    def about(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.folder / "about.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
        return found

    def tell(self, **facts: Any) -> None:
        """Keep facts about the work."""
        self.about.update(facts)
        part = self.folder / "about.part"
        part.write_text(json.dumps(self.about, ensure_ascii=False), encoding="utf-8")
        part.replace(self.folder / "about.json")

    @property
    def name(self) -> str:
        return str(self.about.get("name", "photo"))

    @cached_property
    def photo(self) -> Photo:
        """ReadError."""
        from dataclasses import replace

        photo = read(self.folder / "photo", max_pixels=self.max_pixels)
        return replace(photo, name=self.name)

    @cached_property
    def journal(self) -> Journal:
        return Journal.load(self.folder / "journal.jsonl")

    def put_mask(self, plane: Plane) -> str:
        """Keep a selection (h, w); its key. UsageError for an empty one."""
        mask = Mask.of(plane)
        key = hashlib.sha256(mask.plane + repr(plane.shape).encode()).hexdigest()[:20]
        path = self.folder / "masks" / f"{key}.png"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(mask.png())
        self._masks[key] = mask
        return key

    def mask(self, key: str) -> Mask:
        """A selection that was kept. UsageError."""
        if key not in self._masks:
            self._masks[key] = Mask.of_png(self._kept("masks", f"{key}.png").read_bytes())
            while len(self._masks) > _MASKS:
                self._masks.popitem(last=False)
        return self._masks[key]

    def put_reference(self, name: str, data: bytes) -> str:
        """Keep a colour photo; its key. ReadError."""
        photo = read(data, max_pixels=self.max_pixels)
        if photo.bands == 1:
            raise ReadError(f"{shown_name(name)} has no colours to take")
        key = hashlib.sha256(data).hexdigest()[:20]
        (self.folder / "references").mkdir(exist_ok=True)
        (self.folder / "references" / key).write_bytes(data)
        self.tell(references={**self.about.get("references", {}), key: shown_name(name)})
        return key

    def reference(self, key: str) -> Path:
        """UsageError."""
        return self._kept("references", key)

    def reference_name(self, key: str) -> str:
        return str(self.about.get("references", {}).get(key, key[:6]))

    def _kept(self, kind: str, name: str) -> Path:
        path = self.folder / kind / name
        if not name.replace(".", "").isalnum() or not path.is_file():
            raise UsageError(f"there is no such file among the {kind}")
        return path


def shown_name(name: str) -> str:
    """A file's name as it is shown and put into downloads: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(". ")
    if len(plain) > LONGEST_NAME:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[: LONGEST_NAME - 12]}{dot}{ending[:10]}" if dot else plain[:LONGEST_NAME]
    return plain or "photo"
