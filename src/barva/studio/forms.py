"""Requests to plain data: photos from multipart forms or raw bodies, guidance that may name no file of this machine.

Photos wait for their turn on disk, so that memory does not grow with the number of clients.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from barva.errors import TooLargeError, UsageError
from barva.guidance.marks import Guidance
from barva.imaging import sniff
from barva.studio import disk
from barva.studio.engines import REFERENCES, Order
from barva.studio.settings import Settings

UPLOADS = "uploads"
FIELDS = 40
"""Fields of a form at most, files aside."""

GUIDANCE_BYTES = 16 << 20
PLACES = 50_000
"""Marks, and places of strokes and polygons, at most."""

NAME = 120
"""Characters of a file's name that are kept, for showing."""


@dataclass(frozen=True)
class Sent:
    """What a request brought: files, each below the limit, which go when it is answered, unless they are moved; and
    the other fields as text."""

    photos: tuple[tuple[str, Path], ...] = ()
    references: tuple[Path, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)

    def order(self) -> Order:
        """The settings among the fields. UsageError."""
        return Order.of({key: value for key, value in self.fields.items() if key not in ("guidance", "scene")})

    def guidance(self, settings: Settings) -> Guidance | None:
        """The field `guidance`. UsageError."""
        text = self.fields.get("guidance")
        return safe_guidance(text, settings) if text else None

    def photo(self) -> tuple[str, Path]:
        """The one photo. UsageError."""
        if len(self.photos) != 1:
            raise UsageError(f"send one photo, as the field 'photo' of a form or as the body; {len(self.photos)} came")
        return self.photos[0]


@contextlib.asynccontextmanager
async def received(request: Request, settings: Settings) -> AsyncIterator[Sent]:
    """Read a request: `multipart/form-data` with `photo`, `reference` and text fields, or a raw body with the rest in
    the query. UsageError, TooLargeError."""
    folder = disk.folder(settings.state / UPLOADS / disk.new_id())
    try:
        yield await _read(request, settings, folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _read(request: Request, settings: Settings, folder: Path) -> Sent:
    query = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _form(request, settings, folder, query)
    if kind == "application/x-www-form-urlencoded":
        raise UsageError("send photos as multipart/form-data or as the raw body with its own type, such as image/jpeg")
    path, size = folder / "photo", 0
    try:
        with path.open("wb") as file:
            async for piece in request.stream():
                size += len(piece)
                if size > settings.max_bytes:
                    raise too_large(settings)
                file.write(piece)
    except ClientDisconnect:
        raise UsageError("the request ended before the photo did") from None
    return Sent((("photo", path),) if size else (), (), query)


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
    if len(text) > GUIDANCE_BYTES:
        raise TooLargeError(f"guidance has at most {GUIDANCE_BYTES} bytes")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None  # the reader says what is wrong
    marks = whole.get("marks") if isinstance(whole, dict) else None
    rows = [row for row in marks if isinstance(row, dict)] if isinstance(marks, list) else []
    places = sum(len(row[key]) for row in rows for key in ("along", "polygon") if isinstance(row.get(key), list))
    if len(rows) + places > PLACES:
        raise TooLargeError(f"guidance has at most {PLACES} marks and places")
    pixels = sum(_mask_pixels(number, row) for number, row in enumerate(rows))
    if pixels > settings.max_pixels:
        raise TooLargeError(f"all masks together have at most {settings.max_pixels} pixels, not {pixels}")
    return Guidance.from_json(text)


def _mask_pixels(number: int, row: dict[str, Any]) -> int:
    """What a mask claims before it is decoded. UsageError."""
    if "mask" in row:
        raise UsageError(f"marks[{number}].mask: paths are not read over the network; send the mask itself as png")
    png = row.get("png")
    if not isinstance(png, str):
        return 0
    try:
        size = sniff.claimed_size(base64.b64decode(png[:64], validate=True), "png")
    except (binascii.Error, ValueError):
        size = None
    if size is None:
        raise UsageError(f"marks[{number}].png: a grey PNG in base64 is wanted")
    return size[0] * size[1]
