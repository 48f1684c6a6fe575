"""What comes in: photos, scenes, references, and zips of a whole work. It is told apart by what it holds."""

from __future__ import annotations

import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import Any

from barva.engine.prepare.references import load_references
from barva.errors import ReadError, TooLargeError, UsageError
from barva.studio.api import requests
from barva.studio.page import thumbs
from barva.studio.sessions import scenes
from barva.studio.sessions.visitors import VisitorSessions

_LARGEST_SCENE = 64 << 20
_MOST_FILES = 20


def take(
    own: VisitorSessions, name: str, file: Path, purpose: str, work: str, arrival: tuple[str, int] | None = None
) -> dict[str, Any]:
    """Take in a file, which may be moved; what became of it: {"key": its session} and more. `arrival` as in
    `VisitorSessions.add`. ReadError, UsageError, MissingError."""
    with file.open("rb") as opened:
        head = opened.read(64)
    if purpose == "reference":
        session = own.session(work)
        try:
            load_references([own.service.colorizers.photo(file)])
        except UsageError as error:  # a gray one, with which the photo could not be colored at all
            raise UsageError(error.message.with_values(name=name)) from error
        return {"key": work, "reference": session.files.put_reference(name, file.read_bytes())}
    if head[:4] == b"PK\x03\x04":
        return _whole(own, file)
    if head.lstrip()[:1] == b"{":
        if file.stat().st_size > _LARGEST_SCENE:
            raise TooLargeError("what this file holds is too large for a scene", code="open.scene-too-large")
        return _scene(own, file.read_bytes(), work)
    return {"key": own.add(name, file, partial(thumbs.check, own.service), arrival)}


def _scene(own: VisitorSessions, data: bytes, work: str) -> dict[str, Any]:
    """A scene for the photo that is shown, or else for the one of the list that it was made with. Where there is
    neither, {"waits": the name of its photo}: the page asks for it."""
    if not work:
        source = scenes.source(own.service, data)
        work = next((key for key in own.keys if source.name and own.session(key).name == source.name), "")
        if not work:
            return {"waits": requests.display_name(source.name) if source.name else ""}
    return scenes.put(own.session(work), data)


def _whole(own: VisitorSessions, file: Path) -> dict[str, Any]:
    """A zip that the studio wrote. Sizes are checked before anything is unpacked."""
    most = own.service.settings.max_bytes
    try:
        with zipfile.ZipFile(file) as whole:
            rows = [i for i in whole.infolist() if not i.is_dir()]
            scene_row = next((i for i in rows if i.filename.endswith(scenes.ENDING)), None)
            results = {f"{Path(i.filename).stem}.color" for i in rows}  # as `responses.colored_name` calls them
            photos = [i for i in rows if i is not scene_row and Path(i.filename).stem not in results]
            if scene_row is None or len(photos) != 1 or len(rows) > _MOST_FILES:
                raise UsageError("this zip holds no work of the studio", code="open.zip-without-work")
            if photos[0].file_size > most or scene_row.file_size > _LARGEST_SCENE:
                raise UsageError("what this zip holds is too large", code="open.zip-too-large")
            photo, scene = whole.read(photos[0]), whole.read(scene_row)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise ReadError("the zip is damaged", code="open.zip-damaged") from error
    name = photos[0].filename.replace("\\", "/").rsplit("/", 1)[-1]
    key = own.add(name, photo, partial(thumbs.check, own.service))
    return scenes.put(own.session(key), scene)
