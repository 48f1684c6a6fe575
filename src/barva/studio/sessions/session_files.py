"""`SessionFiles`: what the page keeps of a session beside what the store keeps. It survives the server.

FOLDER/page/about.json     when it was opened, its size, its job and of what, names of references
            journal.jsonl  every state of the document (see `journal`)
            thumb.jpg      how it looked last, small
            masks/KEY.png  selections, named by what they hold;  references/KEY  colour photos, likewise
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.scene.masks import Mask
from barva.studio.sessions import disk
from barva.studio.sessions.journal import Journal

Plane = npt.NDArray[np.uint8]

_MASKS = 32  # decoded masks that are kept


class SessionFiles:
    """The folder is made when something is put into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._masks: OrderedDict[str, Mask] = OrderedDict()
        self._telling = threading.Lock()

    @cached_property
    def about(self) -> dict[str, Any]:
        """Facts about the work."""
        return disk.get_json(self.folder / "about.json") or {}

    def tell(self, **facts: Any) -> None:
        """Keep facts."""
        disk.folder(self.folder)
        with self._telling:
            disk.put_json(self.folder / "about.json", self.about | facts)
            self.about.update(facts)

    @cached_property
    def journal(self) -> Journal:
        return Journal.load(disk.folder(self.folder) / "journal.jsonl")

    def put_thumb(self, data: bytes, of: str = "") -> None:
        """Keep a small JPEG; `of` is the digest of the document that it shows, empty for the photo as it came."""
        disk.put(disk.folder(self.folder) / "thumb.jpg", data)
        if of != self.thumb_of:
            self.tell(thumb=of)

    def forget_thumb(self) -> None:
        """The small picture no longer shows what it is of: the photo's own takes its place."""
        (self.folder / "thumb.jpg").unlink(missing_ok=True)
        self.tell(thumb="")

    @property
    def thumb_of(self) -> str:
        return str(self.about.get("thumb", ""))

    def thumb(self) -> bytes | None:
        """What `put_thumb` kept last."""
        path = self.folder / "thumb.jpg"
        return path.read_bytes() if path.is_file() else None

    def put_mask(self, plane: Plane) -> str:
        """Keep a selection (h, w); its key. UsageError for an empty one."""
        mask = Mask.of(plane)
        key = hashlib.sha256(mask.plane + repr(plane.shape).encode()).hexdigest()[:20]
        path = disk.folder(self.folder / "masks") / f"{key}.png"
        if not path.exists():
            disk.put(path, mask.png())
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
        """Keep a colour photo; its key."""
        key = hashlib.sha256(data).hexdigest()[:20]
        disk.put(disk.folder(self.folder / "references") / key, data)
        self.tell(references={**self.about.get("references", {}), key: name})
        return key

    def reference(self, key: str) -> bytes:
        """UsageError."""
        return self.reference_file(key).read_bytes()

    def reference_file(self, key: str) -> Path:
        """UsageError."""
        return self._kept("references", key)

    def reference_name(self, key: str) -> str:
        return str(self.about.get("references", {}).get(key, key[:6]))

    def _kept(self, kind: str, name: str) -> Path:
        path = self.folder / kind / name
        if not name.replace(".", "").isalnum() or not path.is_file():
            raise UsageError(f"there is no such file among the {kind}")
        return path
