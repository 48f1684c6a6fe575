"""Answers: files with safe names, pictures, and errors as JSON with the right status."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from barva.engine.result import output_name
from barva.errors import BarvaError, Message, ReadError, TooLargeError, UsageError
from barva.imaging.formats import FORMATS
from barva.methods.base import Float
from barva.studio.locale.messages import Words, language_of
from barva.studio.sessions import disk
from barva.studio.sessions.store import BusyError, MissingError

NOTES = "x-barva-notes"
"""The header with the notes, a JSON list in ASCII of objects as `schemas.Note` describes them."""

_LONGEST_HEADER = 4000
_BYTES = "application/octet-stream"


def words_of(request: Request) -> Words:
    """The language of whoever asks."""
    return Words(language_of(request.cookies, request.headers.get("accept-language", "")))


Speech = Annotated[Words, Depends(words_of)]
"""A route's parameter: the language of its answer."""


def media_type(format_: str) -> str:
    """Of a result, a photo or a film."""
    return FORMATS[format_].mime if format_ in FORMATS else mimetypes.guess_type(f"film.{format_}")[0] or _BYTES


def file(data: bytes, format_: str, name: str, notes: Iterable[str] = (), words: Words | None = None) -> Response:
    """A finished photo to be saved as `name`."""
    return Response(data, media_type=FORMATS[format_].mime, headers=saved_as(name, notes, words))


def saved_as(name: str, notes: Iterable[str] = (), words: Words | None = None) -> dict[str, str]:
    """Headers: the browser saves, under a name that needs no trust (RFC 6266), and never shows it as a page."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    headers = {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
    if words is not None and (kept := [words.note(note) for note in notes]):
        while len(text := json.dumps(kept)) > _LONGEST_HEADER and kept:
            kept.pop()
        headers[NOTES] = text
    return headers


def colored_name(name: str, format_: str) -> str:
    """`a.color.jpg` for `a.jpg`."""
    if format_ not in FORMATS:
        return f"{name.rpartition('.')[0] or name}.color.{format_}"
    return output_name(name, format_)


def picture(pixels: Any, kind: str = "jpeg") -> Response:
    """(h, w, 3) or (h, w) uint8 as a JPEG for looking at, or a PNG."""
    import cv2
    import numpy as np

    shown = np.ascontiguousarray(pixels[..., ::-1]) if pixels.ndim == 3 else pixels
    options = [cv2.IMWRITE_JPEG_QUALITY, 90] if kind == "jpeg" else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    _, data = cv2.imencode(".jpg" if kind == "jpeg" else ".png", shown, options)
    return Response(data.tobytes(), media_type=FORMATS[kind].mime)


def sureness(confidence: Float) -> Any:
    """(h, w) uint8, white is sure."""
    import numpy as np

    return np.rint(confidence * 255).astype(np.uint8)


def problem(
    request: Request, status: int, code: str, message: Message, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error in the language of whoever asks, with what programs of any language tell it by."""
    fields = dict(headers or {})
    if status in (413, 500, 507):  # what is left of the request is not read
        fields["connection"] = "close"
    message = message.map_text(lambda text: text.encode("utf-8", "replace").decode())  # a client may send no text
    return JSONResponse({"error": words_of(request).problem(code, message)}, status, fields)


def _of(request: Request, error: Exception) -> JSONResponse:
    message = disk.tidy(error.message) if isinstance(error, BarvaError) else disk.FULL
    if disk.is_full(error):
        return problem(request, 507, "disk-full", message)
    if isinstance(error, MissingError):
        return problem(request, 404, "missing", message)
    if isinstance(error, BusyError):
        return problem(request, 503, "busy", message, {"retry-after": str(error.retry)})
    if isinstance(error, TooLargeError):
        return problem(request, 413, "too-large", message)
    if isinstance(error, ReadError):
        return problem(request, 415, "unreadable", message)
    if isinstance(error, UsageError):
        return problem(request, 422, "usage", message)
    return problem(request, 500, "failed", message)


def methods_of(request: Request) -> str:
    """All methods of a path of the API, as the header `Allow` has them; empty where there is no such path."""
    app, path = request.app, request.url.path
    allowed = {"GET"} if path == app.openapi_url else set[str]()
    for template, ways in app.openapi()["paths"].items():
        if compile_path(template)[0].match(path):
            allowed |= {way.upper() for way in ways}
    return ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))


def add_handlers(app: FastAPI) -> None:
    """Errors become JSON, one line each; what nobody foresaw says nothing of the inside."""

    async def known(request: Request, error: Exception) -> Response:
        return _of(request, error)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = {key.lower(): value for key, value in (error.headers or {}).items()}
        if headers.get("allow") == "GET":
            headers["allow"] = "GET, HEAD"
        return problem(request, error.status_code, "http", Message(str(error.detail)), headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        return problem(
            request,
            422,
            "usage",
            Message(
                "{place}: {problem}",
                code="at",
                place=".".join(str(part) for part in first["loc"]),
                problem=first["msg"],
            ),
        )

    async def system(request: Request, error: Exception) -> Response:
        if disk.is_full(error):
            return _of(request, error)
        raise error

    async def unforeseen(request: Request, error: Exception) -> Response:
        inside = Message("something went wrong inside; the server's log says what", code="failed-inside")
        return problem(request, 500, "failed", inside)

    app.add_exception_handler(BarvaError, known)
    app.add_exception_handler(OSError, system)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unforeseen)
