"""What the page fetches beside the API's previews and tiles: selections, thumbnails, references; and the way photos
come in and results go out."""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from barva.errors import ReadError
from barva.imaging.write import format_of
from barva.studio import answers, applying, examples, forms, grow, incoming, queue, scenes, thumbs
from barva.studio.desk import Desk, Desks
from barva.studio.jobs import DONE
from barva.studio.service import Service
from barva.studio.store import MissingError
from barva.studio.visitors import Shelf

Plane = npt.NDArray[np.uint8]

_NEVER = {"Cache-Control": "private, no-store"}
_DAY = {"Cache-Control": "private, max-age=86400"}


def router(desks: Desks) -> APIRouter:
    """The routes below `/studio`. Who knows a session's id may see it, as in the API."""
    service = desks.service
    routes = APIRouter(prefix="/studio", include_in_schema=False)

    def shelf(request: Request) -> Shelf:
        return Shelf(service, desks, request.scope["barva.visitor"])

    @routes.post("/open")
    async def opened(
        request: Request, purpose: str = "photo", work: str = "", drop: str = "", number: int = 0
    ) -> dict[str, Any]:
        """A photo, a scene, a reference or a zip as raw bytes, its name in `X-File-Name`; `number` says which it is of
        the files of one `drop`."""
        name = forms.shown(unquote(request.headers.get("x-file-name", "photo")))
        async with forms.received(request, service.settings, zips=True) as sent:
            if not sent.photos:
                raise ReadError(f"{name} is empty")
            file = sent.photos[0][1]
            arrival = (drop[:40], number) if drop else None
            return await service.click(lambda: incoming.take(shelf(request), name, file, purpose, work, arrival))

    @routes.get("/example/{name}")
    async def example(name: str) -> Response:
        data = await asyncio.to_thread(examples.png, name)
        return Response(data, media_type="image/png", headers=_DAY)

    @routes.get("/zip")
    async def everything(request: Request) -> Response:
        """The finished photos of the visitor, without those that were edited since."""
        own = shelf(request)
        return _sent(await service.batch(lambda: _zipped(own)), "barva.zip")

    @routes.get("/{key}/selection/{n}")
    async def selection(key: str, n: int) -> Response:
        plane = desks.open(key).selection
        if plane is None:
            raise MissingError("nothing is selected")
        data = await asyncio.to_thread(grow.outlined, plane)
        return Response(data, media_type="image/png", headers=_NEVER)

    @routes.get("/{key}/unsure/{version}")
    async def unsure(key: str, version: int) -> Response:
        work = service.store.get(key)
        data = await service.click(lambda: _unsure(work.live().confidence(200_000)))
        return Response(data, media_type="image/png", headers=_NEVER)

    @routes.get("/{key}/thumb")
    async def thumb(key: str, of: str = "") -> Response:
        """Small, for lists. What `of` names never looks otherwise, so that browsers may keep it."""
        desk = desks.open(key)
        data = await service.preview(lambda: thumbs.data(desk))
        kept = of and of == desk.drawer.thumb_of
        return Response(data, media_type="image/jpeg", headers=_DAY if kept else _NEVER)

    @routes.get("/{key}/applied/{source}")
    async def applied(key: str, source: str) -> Response:
        """How a photo would look with the scene of another one, small."""
        old, new = desks.open(source), desks.open(key)
        return _shown(await service.preview(lambda: applying.preview(old, new)), _NEVER)

    @routes.get("/{key}/reference/{name}")
    async def reference(key: str, name: str) -> Response:
        drawer = desks.open(key).drawer
        photo = service.engines.photo
        return _shown(await service.click(lambda: thumbs.codes(photo(drawer.reference(name)).shrink(360))), _DAY)

    _saving(routes, desks)
    return routes


def _saving(routes: APIRouter, desks: Desks) -> None:
    @routes.get("/{key}/save/photo")
    async def photo(key: str, format: str = "") -> Response:
        """At full size, in its own format or another."""
        desk = desks.open(key)
        data, name, kind = await desks.service.batch(lambda: finished(desk, format or None))
        return answers.file(data, kind, name)

    @routes.get("/{key}/save/scene")
    async def scene(key: str) -> Response:
        desk = desks.open(key)
        text = await desks.service.click(lambda: scenes.text(desk))
        return Response(text, media_type="application/json", headers=answers.saved_as(scenes.name(desk)))

    @routes.get("/{key}/save/all")
    async def everything(key: str, format: str = "") -> Response:
        """The photo as it came, the colour photo and the scene, as a zip."""
        desk = desks.open(key)

        def work() -> Response:
            data, name, _ = finished(desk, format or None)
            file = _unnamed(desk.service)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as whole:
                whole.write(desk.work.photo, desk.name)
                whole.writestr(name, data)
                whole.writestr(scenes.name(desk), scenes.text(desk))
            return _sent(file, f"{Path(desk.name).stem}.zip")

        return await desks.service.batch(work)


def finished(desk: Desk, format: str | None = None) -> tuple[bytes, str, str]:
    """The full-size colour photo as a file: bytes, name, format. BarvaError."""
    desk.settle()
    order = replace(desk.work.order, format=None if format is None else format_of(format))
    written, _ = desk.work.paint(order)
    return written.data or b"", answers.colored_name(desk.name, written.format), written.format


def _shown(pixels: Plane, headers: dict[str, str]) -> Response:
    made = answers.picture(pixels)
    made.headers.update(headers)
    return made


def _unsure(confidence: npt.NDArray[np.float32]) -> bytes:
    """A veil that is the denser the less sure the method is."""
    import cv2

    rgba = np.empty((*confidence.shape, 4), np.uint8)
    rgba[..., :3] = (40, 96, 255)  # BGR: a warm orange
    rgba[..., 3] = np.rint(np.clip(1 - confidence, 0, 1) ** 1.5 * 210)
    _, data = cv2.imencode(".png", rgba, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return data.tobytes()


def _unnamed(service: Service) -> IO[bytes]:
    """A file that goes when it is let go of: zips are larger than what memory has to spare."""
    return tempfile.TemporaryFile(dir=service.settings.state / forms.UPLOADS)


def _sent(file: IO[bytes], name: str) -> Response:
    headers = answers.saved_as(name) | {"content-length": str(file.seek(0, io.SEEK_END))}
    file.seek(0)
    return StreamingResponse(iter(partial(file.read, 1 << 20), b""), media_type="application/zip", headers=headers)


def _zipped(own: Shelf) -> IO[bytes]:
    file, taken = _unnamed(own.service), set[str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as whole:
        for key in own.keys:
            desk = own.desk(key)
            job = queue.job_of(desk)
            if job is None or queue.state(desk)[0] != DONE:
                continue
            path = Path(answers.colored_name(desk.name, job.items[0].format))
            name, n = path.name, 1
            while name in taken:
                n += 1
                name = f"{path.stem} ({n}){path.suffix}"
            taken.add(name)
            whole.write(job.result(0), name)
    return file
