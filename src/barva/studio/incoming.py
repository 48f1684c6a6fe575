"""What comes in: photos, scenes, references, and zips of a whole work. It is told apart by what it holds."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from barva.errors import ReadError, UsageError
from barva.studio import scenes
from barva.studio.visitors import Shelf

_LARGEST_SCENE = 64 << 20
_MOST_FILES = 20


def take(own: Shelf, name: str, data: bytes, purpose: str, work: str) -> dict[str, Any]:
    """Take in a file; what became of it: {"key": its session} and more. ReadError, UsageError, MissingError."""
    if not data:
        raise ReadError(f"{name} is empty")
    if purpose == "reference":
        desk = own.desk(work)
        if own.service.engines.photo(data).bands == 1:
            raise ReadError(f"{name} has no colours to take")
        return {"key": work, "reference": desk.drawer.put_reference(name, data)}
    if data[:4] == b"PK\x03\x04":
        return _whole(own, data)
    if data.lstrip()[:1] == b"{":
        return scenes.put(own.desk(work), data)
    return {"key": own.add(name, data)}


def _whole(own: Shelf, data: bytes) -> dict[str, Any]:
    """A zip that the studio wrote. Sizes are checked before anything is unpacked."""
    most = own.service.settings.max_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as whole:
            rows = [i for i in whole.infolist() if not i.is_dir()]
            found = next((i for i in rows if i.filename.endswith(scenes.ENDING)), None)
            photos = [i for i in rows if i is not found and ".color." not in i.filename]
            if found is None or len(photos) != 1 or len(rows) > _MOST_FILES:
                raise UsageError("this zip holds no work of the studio")
            if photos[0].file_size > most or found.file_size > _LARGEST_SCENE:
                raise UsageError("what this zip holds is too large")
            photo, scene = whole.read(photos[0]), whole.read(found)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ReadError("the zip is damaged") from error
    key = own.add(photos[0].filename.replace("\\", "/").rsplit("/", 1)[-1], photo)
    return scenes.put(own.desk(key), scene)
