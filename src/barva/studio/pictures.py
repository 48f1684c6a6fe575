"""What the page fetches for its pictures: the small whole, tiles, overlays, thumbnails; and the way photos come in and
results go out. Everything is looked up on the asker's own shelf."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import cv2
import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from barva.engine.result import suffixed
from barva.errors import BarvaError, TooLargeError
from barva.studio import grow, scenes
from barva.studio.desk import BASE, Desk
from barva.studio.shelf import Library, Shelf

Plane = npt.NDArray[np.uint8]
Owner = Callable[[Request], str]

_QUALITY = 92
_MEDIA = {"jpeg": "image/jpeg", "png": "image/png", "tiff": "image/tiff", "webp": "image/webp", "avif": "image/avif", "bmp": "image/bmp"}
_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_NEVER = {"Cache-Control": "private, no-store"}


def router(library: Library, owner: Owner) -> APIRouter:
    """The routes below `/studio`; `owner` names who asks."""
    routes = APIRouter(prefix="/studio")

    def shelf(request: Request) -> Shelf:
        return library.shelf(owner(request))

    async def answer(request: Request, key: str, make: Callable[[Desk], Response]) -> Response:
        try:
            desk = shelf(request).desk(key)
            return await asyncio.to_thread(make, desk)
        except BarvaError as error:
            raise HTTPException(404, str(error)) from None

    @routes.post("/open")
    async def opened(request: Request, purpose: str = "photo", work: str = "") -> dict[str, Any]:
        """A photo, a scene or a reference as raw bytes, its name in `X-File-Name`."""
        name = unquote(request.headers.get("x-file-name", "photo"))
        data = await body(request, library.max_bytes)
        own = shelf(request)
        try:
            return await asyncio.to_thread(scenes.take, own, name, data, purpose, work)
        except TooLargeError as error:
            raise HTTPException(413, str(error)) from None
        except BarvaError as error:
            raise HTTPException(422, str(error)) from None

    @routes.get("/{key}/{layer}/{version}/base")
    async def base(request: Request, key: str, layer: str, version: int) -> Response:
        def make(desk: Desk) -> Response:
            session = desk.ready()
            return jpeg(session.light_preview(BASE) if layer == "photo" else session.preview(BASE))

        return await answer(request, key, make)

    @routes.get("/{key}/{layer}/{version}/{level}/{column}/{row}")
    async def tile(request: Request, key: str, layer: str, version: int, level: int, column: int, row: int) -> Response:
        def make(desk: Desk) -> Response:
            session = desk.ready()
            return jpeg(session.light_tile(level, column, row) if layer == "photo" else session.tile(level, column, row))

        return await answer(request, key, make)

    @routes.get("/{key}/confidence/{version}")
    async def confidence(request: Request, key: str, version: int) -> Response:
        return await answer(request, key, lambda desk: png(_unsure(desk.ready().confidence(200_000))))

    @routes.get("/{key}/selection/{n}")
    async def selection(request: Request, key: str, n: str) -> Response:
        def make(desk: Desk) -> Response:
            plane = desk.selection
            return Response(status_code=404) if plane is None else png(grow.outlined(plane))

        return await answer(request, key, make)

    @routes.get("/{key}/variant/{version}/{n}")
    async def variant(request: Request, key: str, version: int, n: int) -> Response:
        def make(desk: Desk) -> Response:
            if not 0 <= n < len(desk.variants):
                return Response(status_code=404)
            return jpeg(desk.ready().show(desk.variants[n], 40_000))

        return await answer(request, key, make)

    @routes.get("/{key}/thumb")
    async def thumb(request: Request, key: str, v: int = 0) -> Response:
        return await answer(request, key, lambda desk: jpeg(_thumb(desk), _NEVER))

    @routes.get("/{key}/reference/{name}")
    async def reference(request: Request, key: str, name: str) -> Response:
        return await answer(request, key, lambda desk: jpeg(_small(desk.work.reference(name))))

    @routes.get("/{key}/save/{what}")
    async def save(request: Request, key: str, what: str, format: str = "") -> Response:
        return await answer(request, key, lambda desk: saved(desk, what, format or None))

    @routes.get("/zip")
    async def everything(request: Request) -> Response:
        """The finished photos of the shelf."""
        own = shelf(request)
        return await asyncio.to_thread(_zipped, own)

    from pathlib import Path

    routes.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return routes


async def body(request: Request, most: int) -> bytes:
    """The request's bytes; 413 as soon as there are more than `most`."""
    if int(request.headers.get("content-length") or 0) > most:
        raise HTTPException(413, f"files go up to {most >> 20} MB")
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise HTTPException(413, f"files go up to {most >> 20} MB")
    return bytes(data)


def jpeg(picture: Plane, headers: dict[str, str] = _FOREVER) -> Response:
    """(h, w, 3) sRGB as JPEG, chroma at full size."""
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)
    assert done
    return Response(data.tobytes(), media_type="image/jpeg", headers=headers)


def png(data: bytes) -> Response:
    return Response(data, media_type="image/png", headers=_NEVER)


def _unsure(confidence: npt.NDArray[np.float32]) -> bytes:
    """A veil that is the denser the less sure the method is."""
    rgba = np.empty((*confidence.shape, 4), np.uint8)
    rgba[..., :3] = (40, 96, 255)  # BGR: a warm orange
    rgba[..., 3] = np.rint(np.clip(1 - confidence, 0, 1) ** 1.5 * 210)
    done, data = cv2.imencode(".png", rgba, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    return data.tobytes()


def _thumb(desk: Desk) -> Plane:
    """In colour if it is open already, else the photo as it is: thumbnails start no network."""
    if desk.version:
        return desk.ready().preview(30_000)
    return _codes(desk.work.photo.shrink(150))


def _small(path: Any) -> Plane:
    from barva.imaging.read import read

    return _codes(read(path).shrink(360))


def _codes(shares: npt.NDArray[np.float32]) -> Plane:
    codes = np.rint(shares * 255).astype(np.uint8)
    return codes if codes.shape[2] == 3 else np.repeat(codes[..., :1], 3, axis=2)


def saved(desk: Desk, what: str, format: str | None) -> Response:
    """The photo, its scene, or all as a zip, as a download. BarvaError."""
    if what == "scene":
        return download(scenes.scene_of(desk).to_json().encode(), scenes.scene_name(desk), "application/ld+json")
    photo, name, media = finished(desk, format)
    if what == "photo":
        return download(photo, name, media)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as whole:
        whole.writestr(desk.work.name, (desk.work.folder / "photo").read_bytes())
        whole.writestr(name, photo)
        whole.writestr(scenes.scene_name(desk), scenes.scene_of(desk).to_json())
    return download(out.getvalue(), f"{desk.work.name.rpartition('.')[0] or 'photo'}.zip", "application/zip")


def finished(desk: Desk, format: str | None = None) -> tuple[bytes, str, str]:
    """The full-size colour photo as a file: bytes, name, media type. BarvaError."""
    from barva.engine.result import save_pages

    result = scenes.answer(desk)
    written = save_pages([result], format=format, to_bytes=True)
    name = suffixed(desk.work.name, format, result.photo.envelope.format)
    return written.data or b"", name, _MEDIA.get(written.format, "application/octet-stream")


def download(data: bytes, name: str, media: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", **_NEVER}
    return Response(data, media_type=media, headers=headers)


def _zipped(own: Shelf) -> Response:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as whole:
        taken: set[str] = set()
        for key in own.keys():
            path = own.folder / key / "finished"
            if not path.is_file():
                continue
            name = str(own.desk(key).work.about.get("finished", key))
            stem, dot, ending = name.rpartition(".")
            n = 1
            while name in taken:
                n += 1
                name = f"{stem} ({n}){dot}{ending}"
            taken.add(name)
            whole.write(path, name)
    return download(out.getvalue(), "barva.zip", "application/zip")
