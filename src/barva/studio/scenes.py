"""Between documents and scene files, and what comes in: photos, scenes, references, and zips of a whole work."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from barva.engine.result import Result
from barva.errors import ReadError, UsageError
from barva.studio.desk import Desk
from barva.studio.shelf import Shelf

_LARGEST_SCENE = 64 << 20


def scene_name(desk: Desk) -> str:
    return f"{desk.work.name.rpartition('.')[0] or desk.work.name}.scene.jsonld"


def answer(desk: Desk) -> Result:
    """The result of the document's last state, for a file. BarvaError."""
    return desk.result()


def scene_of(desk: Desk) -> Any:
    raise UsageError("scenes are on their way")


def take(own: Shelf, name: str, data: bytes, purpose: str, work: str) -> dict[str, Any]:
    """Take in what somebody sent; what became of it: {"key": its work} and more. ReadError, UsageError."""
    if not data:
        raise ReadError(f"{name} is empty")
    if purpose == "reference":
        desk = own.desk(work)
        return {"key": work, "reference": desk.work.put_reference(name, data)}
    if data[:4] == b"PK\x03\x04":
        return _whole(own, data)
    if data.lstrip()[:1] == b"{":
        return _scene(own, work, data)
    return {"key": own.add(name, data).work.key}


def _scene(own: Shelf, work: str, data: bytes) -> dict[str, Any]:
    raise UsageError("scenes are on their way")


def _whole(own: Shelf, data: bytes) -> dict[str, Any]:
    """A zip that the studio wrote: the photo and its scene. Sizes are checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as whole:
            rows = [i for i in whole.infolist() if not i.is_dir()]
            found = next((i for i in rows if i.filename.endswith(".scene.jsonld")), None)
            if found is None or len(rows) > 20:
                raise UsageError("this zip holds no work of the studio")
            photos = [i for i in rows if i is not found and ".color." not in i.filename]
            if len(photos) != 1 or photos[0].file_size > own.library.max_bytes or found.file_size > _LARGEST_SCENE:
                raise UsageError("this zip holds no work of the studio")
            photo, scene = whole.read(photos[0]), whole.read(found)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise ReadError("the zip is damaged") from None
    desk = own.add(photos[0].filename, photo)
    return _scene(own, desk.work.key, scene)
