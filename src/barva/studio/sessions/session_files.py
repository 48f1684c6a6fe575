"""`SessionFiles`: what the steps of a session name.

FOLDER/photo          as it was uploaded
       thumb.jpg      how it looked last, small
       masks/KEY.png  selections, named by what they hold;  references/KEY  color photos, likewise

Names of references, and texts (hint files and scenes that came by the API), are rows of the database.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.guidance.marks import Guidance
from barva.scene.masks import Mask
from barva.scene.model import Scene
from barva.studio.sessions import disk
from barva.studio.sessions.database import Database

Plane = npt.NDArray[np.uint8]
Text = TypeVar("Text", Guidance, Scene)
Value = TypeVar("Value")

_MASKS = 32  # decoded masks that are kept
_TEXTS = 2  # and hint files and scenes, which may be large


class SessionFiles:
    """Of one session, whose id is the folder's name."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder, self._database = folder, database
        self._masks: OrderedDict[str, Mask] = OrderedDict()
        self._texts: OrderedDict[str, Guidance | Scene] = OrderedDict()

    def _fact(self, column: str) -> str:
        rows = self._database.rows(f"SELECT {column} FROM session WHERE id = ?", (self.folder.name,))
        return str(rows[0][0] or "") if rows else ""

    # ---- the queue

    @property
    def job(self) -> str:
        """The id of the photo's job, or ""."""
        return self._fact("job")

    @property
    def colored(self) -> str:
        """The digest of the document that the job is of."""
        return self._fact("colored")

    def put_job(self, job: str, digest: str) -> None:
        """The photo waits in a job, as the document of this digest asks. WriteError."""
        self._database.execute("UPDATE session SET job = ?, colored = ? WHERE id = ?", (job, digest, self.folder.name))

    # ---- the small picture

    def put_thumb(self, data: bytes, of: str = "") -> None:
        """Keep a small JPEG; `of` is the digest of the document that it shows, empty for the photo as it came."""
        disk.put(self.folder / "thumb.jpg", data)
        if of != self.thumb_of:
            self._put_thumb_of(of)

    def forget_thumb(self) -> None:
        """The small picture no longer shows what it is of: the photo's own takes its place."""
        self._put_thumb_of("")
        (self.folder / "thumb.jpg").unlink(missing_ok=True)

    def _put_thumb_of(self, digest: str) -> None:
        self._database.execute("UPDATE session SET thumb = ? WHERE id = ?", (digest, self.folder.name))

    @property
    def thumb_of(self) -> str:
        return self._fact("thumb")

    def thumb(self) -> bytes | None:
        """What `put_thumb` kept last."""
        path = self.folder / "thumb.jpg"
        return path.read_bytes() if path.is_file() else None

    # ---- selections

    def put_mask(self, plane: Plane) -> str:
        """Keep a selection (h, w); its key. UsageError for an empty one."""
        mask = Mask.of(plane)
        key = _key(mask.plane + repr(plane.shape).encode())
        path = disk.folder(self.folder / "masks") / f"{key}.png"
        if not path.exists():
            disk.put(path, mask.png())
        _remember(self._masks, key, mask, _MASKS)
        return key

    def mask(self, key: str) -> Mask:
        """A selection that was kept. UsageError."""
        mask = self._masks.get(key)
        if mask is None:
            mask = Mask.of_png(self._file("masks", f"{key}.png").read_bytes())
            _remember(self._masks, key, mask, _MASKS)
        return mask

    # ---- references

    def put_reference(self, name: str, data: bytes | Path) -> str:
        """Keep a color photo, a file is moved; its key. WriteError."""
        before = self.reference_keys()
        key = self.take_reference(data)
        try:
            self._database.execute("INSERT OR REPLACE INTO reference VALUES (?, ?, ?)", (self.folder.name, key, name))
        except BaseException:
            if key not in before:
                self.drop_reference(key)
            raise
        return key

    def take_reference(self, data: bytes | Path) -> str:
        """Its file alone. WriteError."""
        key = _key(data if isinstance(data, bytes) else data.read_bytes())
        path = disk.folder(self.folder / "references") / key
        if not path.exists():
            disk.take(data, path)
        return key

    def drop_reference(self, key: str) -> None:
        """Take a file away that nothing names."""
        (self.folder / "references" / key).unlink(missing_ok=True)

    def reference_keys(self) -> set[str]:
        """Of all that are kept."""
        return {path.name for path in (self.folder / "references").glob("*")}

    def reference(self, key: str) -> bytes:
        """UsageError."""
        return self.reference_file(key).read_bytes()

    def reference_file(self, key: str) -> Path:
        """UsageError."""
        return self._file("references", key)

    def reference_name(self, key: str) -> str:
        query = "SELECT name FROM reference WHERE session = ? AND key = ?"
        rows = self._database.rows(query, (self.folder.name, key))
        return str(rows[0][0]) if rows else key[:6]

    def _file(self, kind: str, name: str) -> Path:
        path = self.folder / kind / name
        if not name.replace(".", "").isalnum() or not path.is_file():
            raise UsageError("there is no such file among the {kind}", code="missing.file", kind=kind)
        return path

    # ---- hint files and scenes

    def text(self, value: Guidance | Scene) -> tuple[str, str]:
        """A hint file or a scene as a text that `History.add` keeps: its key and the text."""
        text = value.to_json()
        key = _key(text.encode())
        _remember(self._texts, key, value, _TEXTS)
        return key, text

    def guidance(self, key: str) -> Guidance:
        """A hint file that was kept; none for "". UsageError."""
        return self._of_text(key, Guidance.from_json) if key else Guidance()

    def scene(self, key: str) -> Scene | None:
        """A scene that was kept; None for "". UsageError."""
        return self._of_text(key, Scene.from_json) if key else None

    def _of_text(self, key: str, read: Callable[[str], Text]) -> Text:
        value: Any = self._texts.get(key)
        if value is None:
            query = "SELECT text FROM content WHERE session = ? AND key = ?"
            rows = self._database.rows(query, (self.folder.name, key))
            if not rows:
                raise UsageError("there is no such file among the scenes", code="missing.scene-file")
            value = read(rows[0][0])
            _remember(self._texts, key, value, _TEXTS)
        return value  # type: ignore[no-any-return]  # keys are made of what they name


def _remember(known: OrderedDict[str, Value], key: str, value: Value, most: int) -> None:
    """Keep a value and the last ones before it. Other threads may do so too: what was read is returned, and not looked
    up again."""
    known[key] = value
    while len(known) > most:
        known.popitem(last=False)


def _key(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:20]
