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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from barva.engine.request import Request as EngineRequest
from barva.errors import TooLargeError, UsageError
from barva.guidance.marks import Guidance
from barva.imaging import formats, sniff
from barva.methods import catalog
from barva.scene.model import Scene
from barva.studio.jobs.colorizers import REFERENCES
from barva.studio.jobs.output import Output, read_settings, sampling_text
from barva.studio.sessions import disk
from barva.studio.settings import Settings, megabytes

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

_BLOCK = 4 << 20  # bytes of a film that are written at a time
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

    def request(self, settings: Settings, *others: str) -> tuple[EngineRequest, Output]:
        """What the fields ask for, beside those named `others`; a method wins over that of a scene. UsageError."""
        fields = {key: value for key, value in self.fields.items() if key not in (*others, "guidance", "scene")}
        guidance, scene = self.fields.get("guidance"), self.fields.get("scene")
        check_sampling(fields, settings)
        request, output = read_settings(fields)
        request = replace(
            request,
            guidance=safe_guidance(guidance, settings) if guidance else None,
            scene=safe_scene(scene, settings) if scene else None,
        )
        method = None if request.scene is None or fields.get("method") else request.scene.whole.manner.method
        output = replace(output, method=method or output.method)
        request.sampling.check_for(catalog.card(output.method))
        return request, output

    def photo(self) -> tuple[str, Path]:
        """The one photo. UsageError."""
        if len(self.photos) != 1:
            raise UsageError(
                "send one photo, as the field 'photo' of a form or as the body; {count} came",
                code="request.one-photo",
                count=len(self.photos),
            )
        return self.photos[0]


@contextlib.asynccontextmanager
async def receive(request: Request, settings: Settings, zips: bool = False) -> AsyncIterator[Sent]:
    """Read a request: `multipart/form-data` with `photo`, `reference` and text fields, or a raw body with the rest in
    the query. With `zips`, a zip may be as large as a request: photos inside it are measured when it is opened.
    UsageError, TooLargeError."""
    folder = disk.folder(settings.state / UPLOADS / disk.new_id())
    try:
        yield await _read(request, settings, folder, zips)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def receive_film(request: Request, settings: Settings) -> AsyncIterator[Path]:
    """A film, which is the body, as a file that goes when it is answered, unless it is moved. `security.Guard` counts
    its bytes. UsageError."""
    folder = disk.folder(settings.state / UPLOADS / disk.new_id())
    path, waiting = folder / "film", bytearray()
    try:
        try:
            with path.open("wb") as file:
                async for piece in request.stream():
                    waiting += piece
                    if len(waiting) >= _BLOCK:
                        await asyncio.to_thread(file.write, bytes(waiting))
                        waiting.clear()
                await asyncio.to_thread(file.write, bytes(waiting))
        except ClientDisconnect:
            raise UsageError("the request ended before the film did", code="request.film-cut-off") from None
        yield path
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def json_object(request: Request, limit: int = 1 << 20) -> dict[str, Any]:
    """The body as a JSON object, whatever type the client names. UsageError, TooLargeError."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                raise TooLargeError("this has more than {count} bytes", code="request.body-too-large", count=limit)
    except ClientDisconnect:
        raise UsageError("the request ended before its body did", code="request.body-cut-off") from None
    try:
        value = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UsageError("the body is no JSON: {problem}", code="request.no-json", problem=why) from None
    if not isinstance(value, dict):
        raise UsageError("the body is a JSON object: { ... }", code="request.no-object")
    return value


async def _read(request: Request, settings: Settings, folder: Path, zips: bool) -> Sent:
    query = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        head, request = await _peek(request)
        # curl --data-binary names a form type for every body: what came is what counts
        if formats.detect(head) is None and head.lstrip()[:1] != b"{":
            if kind == "multipart/form-data":
                return await _form(request, settings, folder, query)
            if kind == "application/x-www-form-urlencoded" and _FIELD.match(head):
                raise UsageError(
                    "send photos as multipart/form-data, or one photo alone as the body", code="request.no-form"
                )
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
        raise UsageError("the request ended before the photo did", code="request.photo-cut-off") from None
    return Sent((("photo", path),) if size else (), (), query)


async def _peek(request: Request) -> tuple[bytes, Request]:
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
                    photos.append((display_name(value.filename), folder / f"photo-{len(photos)}"))
                elif key == "reference":
                    references.append(folder / f"reference-{len(references)}")
                else:
                    raise UsageError(
                        "there is no file field {field}; there are photo and reference",
                        code="request.unknown-file-field",
                        field=repr(key[:40]),
                    )
                await asyncio.to_thread(_spill, value, photos[-1][1] if key == "photo" else references[-1])
    except ClientDisconnect:
        raise UsageError("the request ended before the form did", code="request.form-cut-off") from None
    except HTTPException as error:
        raise UsageError(
            "the form cannot be read: {problem}", code="request.form-unreadable", problem=error.detail
        ) from None
    if len(photos) > settings.max_photos:
        raise TooLargeError(
            "a request has at most {most} photos", code="request.too-many-photos", most=settings.max_photos
        )
    return Sent(tuple(photos), tuple(references), fields)


def _spill(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file, 1 << 20)


def too_large(settings: Settings) -> TooLargeError:
    most = megabytes(settings.max_bytes)
    return TooLargeError("a photo has at most {megabytes} MB", code="request.photo-too-large", megabytes=most)


def display_name(name: str | None) -> str:
    """A file's name as it may be shown: the last part, without control characters. Never used as a path."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    tidy = "".join(c for c in last if c.isprintable()).strip()
    return tidy[:NAME] if tidy.strip(".") else "photo"


def safe_guidance(text: str | bytes, settings: Settings) -> Guidance:
    """A hint file that came over the network: masks lie inside it (`png`), are checked before they are decoded, and no
    file of this machine is read. UsageError, TooLargeError."""
    _check_text(text, settings, GUIDANCE_BYTES)
    return Guidance.from_json(text)


def check_sampling(given: dict[str, Any], settings: Settings) -> None:
    """The setting `sampling`, if it is there, as careful as `safe_guidance`. UsageError, TooLargeError."""
    if value := given.get("sampling"):
        _check_text(sampling_text(value), settings, GUIDANCE_BYTES)


def safe_scene(text: str | bytes, settings: Settings) -> Scene:
    """A scene that came over the network, as careful. UsageError, TooLargeError."""
    _check_text(text, settings, SCENE_BYTES)
    return Scene.from_json(text)


def _check_text(text: str | bytes, settings: Settings, limit: int) -> None:
    """Nothing in it names a file, and what it unpacks to is bounded. UsageError, TooLargeError."""
    if len(text) > limit:
        raise TooLargeError(
            "this has {count} bytes, and {most} are the most",
            code="request.field-too-large",
            count=len(text),
            most=limit,
        )
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None  # the reader says what is wrong
    places = pixels = 0
    for where, row in _rows(whole):
        places += 1 + sum(len(row[key]) for key in ("along", "polygon", "ab") if isinstance(row.get(key), list))
        pixels += _pixels(where, row)
        if places > PLACES:
            raise TooLargeError(
                "guidance and scenes have at most {most} marks and places", code="request.too-many-places", most=PLACES
            )
        if pixels > settings.max_pixels:
            raise TooLargeError(
                "all masks together have at most {count} pixels, not {number}",
                code="request.masks-too-large",
                count=settings.max_pixels,
                number=pixels,
            )


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
            raise UsageError(
                "{place}.{key}: paths are not read over the network; send the picture itself",
                code="request.path",
                place=where,
                key=key,
            )
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
        raise UsageError("{place}.png: a gray PNG in base64 is wanted", code="request.no-gray-png", place=where)
    return size[0] * size[1]
