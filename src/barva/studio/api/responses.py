"""Answers: files with safe names, pictures, and errors as JSON with the right status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from barva.engine.result import output_name
from barva.errors import BarvaError, ReadError, TooLargeError, UsageError
from barva.imaging.formats import FORMATS
from barva.methods.base import Float
from barva.studio.sessions import disk
from barva.studio.sessions.store import BusyError, MissingError

NOTES = "x-barva-notes"
"""The header with the notes, a JSON list in ASCII."""

_LONGEST_HEADER = 4000


def file(data: bytes, format_: str, name: str, notes: tuple[str, ...] = ()) -> Response:
    """A finished photo to be saved as `name`."""
    return Response(data, media_type=FORMATS[format_].mime, headers=saved_as(name, notes))


def saved_as(name: str, notes: tuple[str, ...] = ()) -> dict[str, str]:
    """Headers: the browser saves, under a name that needs no trust (RFC 6266), and never shows it as a page."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    headers = {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
    if notes:
        kept = list(notes)
        while len(text := json.dumps(kept)) > _LONGEST_HEADER and kept:
            kept.pop()
        headers[NOTES] = text
    return headers


def colored_name(name: str, format_: str) -> str:
    """`a.color.jpg` for `a.jpg`."""
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


def problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    fields = dict(headers or {})
    if status in (413, 500, 507):  # what is left of the request is not read
        fields["connection"] = "close"
    message = message.encode("utf-8", "replace").decode()  # what a client sent may be no text
    return JSONResponse({"error": {"code": code, "message": message}}, status, fields)


def _of(error: Exception) -> JSONResponse:
    message = disk.tidy(str(error))
    if disk.is_full(error):
        return problem(507, "disk-full", message if isinstance(error, BarvaError) else disk.FULL)
    if isinstance(error, MissingError):
        return problem(404, "missing", message)
    if isinstance(error, BusyError):
        return problem(503, "busy", message, {"retry-after": str(error.retry)})
    if isinstance(error, TooLargeError):
        return problem(413, "too-large", message)
    if isinstance(error, ReadError):
        return problem(415, "unreadable", message)
    if isinstance(error, UsageError):
        return problem(422, "usage", message)
    return problem(500, "failed", message)


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

    async def known(_: Request, error: Exception) -> Response:
        return _of(error)

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = {key.lower(): value for key, value in (error.headers or {}).items()}
        if headers.get("allow") == "GET":
            headers["allow"] = "GET, HEAD"
        return problem(error.status_code, "http", str(error.detail), headers)

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        return problem(422, "usage", f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")

    async def system(_: Request, error: Exception) -> Response:
        if disk.is_full(error):
            return _of(error)
        raise error

    async def unforeseen(_: Request, error: Exception) -> Response:
        return problem(500, "failed", "something went wrong inside; the server's log says what")

    app.add_exception_handler(BarvaError, known)
    app.add_exception_handler(OSError, system)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unforeseen)
