"""Requests to plain data: photos from multipart forms or raw bodies, guidance that may name no file of this machine.

Photos wait for their turn on disk, so that memory does not grow with the number of clients.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import math
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from barva.errors import TooLargeError, UsageError
from barva.guidance.marks import Guidance
from barva.imaging import formats, sniff
from barva.scene.model import Scene
from barva.studio.jobs.colorizers import REFERENCES, Order
from barva.studio.sessions import disk
from barva.studio.settings import Settings

UPLOADS = "uploads"
FIELDS = 40
"""Fields of a form at most, files aside."""

GUIDANCE_BYTES = 16 << 20
"""Of a hint file, or any other field of a form."""

SCENE_BYTES = 64 << 20
"""Of a scene that is sent alone: references lie inside, 5 MB each."""

PLACES = 50_000
"""Marks, and places of strokes and polygons, at most."""

EXAMPLE: dict[str, Any] = {
    "barva": "guidance",
    "version": 1,
    "marks": [{"kind": "point", "at": [412, 310], "color": "#7a1f1f"}],
}
"""A hint file, for the API's description."""

_FIELD = re.compile(rb"[A-Za-z0-9_.-]{1,40}=")

NAME = 120
"""Characters of a file's name that are kept, for showing."""


@dataclass(frozen=True)
class Sent:
    """What a request brought: files, each below the limit, which go when it is answered, unless they are moved; and
    the other fields as text."""

    photos: tuple[tuple[str, Path], ...] = ()
    references: tuple[Path, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)

    def order(self, scene: Scene | None = None) -> Order:
        """The settings among the fields, which win over those of a scene. UsageError."""
        settings_given = {key: value for key, value in self.fields.items() if key not in ("guidance", "scene")}
        return Order.of((Order().over(scene).to_dict() if scene is not None else {}) | settings_given)

    def guidance(self, settings: Settings) -> Guidance | None:
        """The field `guidance`. UsageError."""
        text = self.fields.get("guidance")
        return safe_guidance(text, settings) if text else None

    def scene(self, settings: Settings) -> Scene | None:
        """The field `scene`. UsageError."""
        text = self.fields.get("scene")
        return safe_scene(text, settings) if text else None

    def photo(self) -> tuple[str, Path]:
        """The one photo. UsageError."""
        if len(self.photos) != 1:
            raise UsageError(f"send one photo, as the field 'photo' of a form or as the body; {len(self.photos)} came")
        return self.photos[0]


@contextlib.asynccontextmanager
async def received(request: Request, settings: Settings, zips: bool = False) -> AsyncIterator[Sent]:
    """Read a request: `multipart/form-data` with `photo`, `reference` and text fields, or a raw body with the rest in
    the query. With `zips`, a zip may be as large as a request: photos inside it are measured when it is opened.
    UsageError, TooLargeError."""
    folder = disk.folder(settings.state / UPLOADS / disk.new_id())
    try:
        yield await _read(request, settings, folder, zips)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def json_object(request: Request, limit: int = 1 << 20) -> dict[str, Any]:
    """The body as a JSON object, whatever type the client names. UsageError, TooLargeError."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                raise TooLargeError(f"this has more than {limit} bytes")
    except ClientDisconnect:
        raise UsageError("the request ended before its body did") from None
    try:
        value = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"the body is no JSON: {why}") from None
    if not isinstance(value, dict):
        raise UsageError("the body is a JSON object: { ... }")
    return value


async def _read(request: Request, settings: Settings, folder: Path, zips: bool) -> Sent:
    query = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        head, request = await _peeked(request)
        # curl --data-binary names a form type for every body: what came is what counts
        if formats.detect(head) is None and head.lstrip()[:1] != b"{":
            if kind == "multipart/form-data":
                return await _form(request, settings, folder, query)
            if kind == "application/x-www-form-urlencoded" and _FIELD.match(head):
                raise UsageError("send photos as multipart/form-data, or one photo alone as the body")
        path, size, most = folder / "photo", 0, settings.max_bytes
        with path.open("wb") as file:
            async for piece in request.stream():
                if zips and not size and piece.startswith(b"PK"):
                    most = settings.max_request
                size += len(piece)
                if size > most:
                    raise too_large(settings)
                file.write(piece)
    except ClientDisconnect:
        raise UsageError("the request ended before the photo did") from None
    return Sent((("photo", path),) if size else (), (), query)


async def _peeked(request: Request) -> tuple[bytes, Request]:
    """The first bytes of a body, and the request as if nobody had looked."""
    messages: list[Any] = []
    head, more = b"", True
    while more and len(head) < formats.HEAD:
        messages.append(message := await request.receive())
        if message["type"] != "http.request":
            break
        head, more = head + message.get("body", b""), message.get("more_body", False)

    async def again() -> Any:
        return messages.pop(0) if messages else await request.receive()

    return head, Request(request.scope, again)


async def _form(request: Request, settings: Settings, folder: Path, query: dict[str, str]) -> Sent:
    from starlette.exceptions import HTTPException

    photos: list[tuple[str, Path]] = []
    references: list[Path] = []
    fields = query
    most = settings.max_photos + REFERENCES
    try:
        async with request.form(max_files=most, max_fields=FIELDS, max_part_size=GUIDANCE_BYTES) as form:
            for key, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    fields[key] = value
                    continue
                if (value.size or 0) > settings.max_bytes:
                    raise too_large(settings)
                if key == "photo":
                    photos.append((shown(value.filename), folder / f"photo-{len(photos)}"))
                elif key == "reference":
                    references.append(folder / f"reference-{len(references)}")
                else:
                    raise UsageError(f"there is no file field {key[:40]!r}; there are photo and reference")
                await asyncio.to_thread(_spill, value, photos[-1][1] if key == "photo" else references[-1])
    except ClientDisconnect:
        raise UsageError("the request ended before the form did") from None
    except HTTPException as error:
        raise UsageError(f"the form cannot be read: {error.detail}") from None
    if len(photos) > settings.max_photos:
        raise TooLargeError(f"a request has at most {settings.max_photos} photos")
    return Sent(tuple(photos), tuple(references), fields)


def _spill(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file, 1 << 20)


def too_large(settings: Settings) -> TooLargeError:
    return TooLargeError(f"a photo has at most {settings.max_bytes} bytes")


def shown(name: str | None) -> str:
    """A file's name as it may be shown: the last part, without control characters. Never used as a path."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    tidy = "".join(c for c in last if c.isprintable()).strip()
    return tidy[:NAME] if tidy.strip(".") else "photo"


def safe_guidance(text: str | bytes, settings: Settings) -> Guidance:
    """A hint file that came over the network: masks lie inside it (`png`), are checked before they are decoded, and no
    file of this machine is read. UsageError, TooLargeError."""
    _check_text(text, settings, GUIDANCE_BYTES)
    return Guidance.from_json(text)


def safe_scene(text: str | bytes, settings: Settings) -> Scene:
    """A scene that came over the network, as careful. UsageError, TooLargeError."""
    _check_text(text, settings, SCENE_BYTES)
    return Scene.from_json(text)


def _check_text(text: str | bytes, settings: Settings, limit: int) -> None:
    """Nothing in it names a file, and what it unpacks to is bounded. UsageError, TooLargeError."""
    if len(text) > limit:
        raise TooLargeError(f"this has {len(text)} bytes, and {limit} are the most")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None  # the reader says what is wrong
    places = pixels = 0
    for where, row in _rows(whole):
        places += 1 + sum(len(row[key]) for key in ("along", "polygon", "ab") if isinstance(row.get(key), list))
        pixels += _pixels(where, row)
        if places > PLACES:
            raise TooLargeError(f"guidance and scenes have at most {PLACES} marks and places")
        if pixels > settings.max_pixels:
            raise TooLargeError(f"all masks together have at most {settings.max_pixels} pixels, not {pixels}")


def _rows(whole: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in JSON, with its place; without recursion, for brackets may be nested deep."""
    waiting: list[tuple[str, Any]] = [("", whole)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            yield where, value
            waiting += [(f"{where}.{key}".lstrip("."), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{where}[{n}]", inner) for n, inner in enumerate(value) if isinstance(inner, dict | list)]


def _pixels(where: str, row: dict[str, Any]) -> int:
    """What masks and arrays claim before they are unpacked. UsageError."""
    for key in ("mask", "picture"):
        if key in row:
            raise UsageError(f"{where}.{key}: paths are not read over the network; send the picture itself")
    shape = row.get("shape")
    if isinstance(shape, list) and "zlib" in row and all(isinstance(n, int) and n > 0 for n in shape):
        return math.prod(shape)
    png = row.get("png")
    if not isinstance(png, str):
        return 0
    try:
        size = sniff.claimed_size(base64.b64decode(png[:64], validate=True), "png")
    except (binascii.Error, ValueError):
        size = None
    if size is None:
        raise UsageError(f"{where}.png: a gray PNG in base64 is wanted")
    return size[0] * size[1]
