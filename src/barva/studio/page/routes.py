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
from barva.film.source import load_av
from barva.imaging.write import format_of
from barva.studio.api import requests, responses
from barva.studio.jobs import queue
from barva.studio.jobs.job import DONE
from barva.studio.page import applying, examples, incoming, thumbs
from barva.studio.service import Service
from barva.studio.sessions import scenes, select
from barva.studio.sessions.edit_session import EditSession, EditSessions
from barva.studio.sessions.store import MissingError
from barva.studio.sessions.visitors import VisitorSessions

Plane = npt.NDArray[np.uint8]

_NEVER = {"Cache-Control": "private, no-store"}
_DAY = {"Cache-Control": "private, max-age=86400"}


def router(sessions: EditSessions) -> APIRouter:
    """The routes below `/studio`. Who knows a session's id may see it, as in the API."""
    service = sessions.service
    routes = APIRouter(prefix="/studio", include_in_schema=False)

    def visitor(request: Request) -> VisitorSessions:
        return VisitorSessions(service, sessions, request.scope["barva.visitor"])

    @routes.post("/open")
    async def opened(
        request: Request, purpose: str = "photo", work: str = "", drop: str = "", number: int = 0
    ) -> dict[str, Any]:
        """A photo, a scene, a reference or a zip as raw bytes, its name in `X-File-Name`; `number` says which it is of
        the files of one `drop`."""
        name = requests.display_name(unquote(request.headers.get("x-file-name", "photo")))
        async with requests.receive(request, service.settings, zips=True) as sent:
            if not sent.photos:
                raise ReadError("{name} is empty", code="photo.empty", name=name)
            file = sent.photos[0][1]
            arrival = (drop[:40], number) if drop else None
            return await service.click(lambda: incoming.take(visitor(request), name, file, purpose, work, arrival))

    @routes.post("/film")
    async def film(request: Request) -> dict[str, Any]:
        """A film as raw bytes, its name in `X-File-Name`."""
        load_av()
        name = requests.display_name(unquote(request.headers.get("x-file-name", "film")))
        async with requests.receive_film(request, service.settings) as path:
            owner = visitor(request).owner
            return {"film": (await service.click(lambda: service.films.create(path, name, owner))).id}

    @routes.get("/example/{name}")
    async def example(name: str) -> Response:
        data = await asyncio.to_thread(examples.png, name)
        return Response(data, media_type="image/png", headers=_DAY)

    @routes.get("/zip")
    async def everything(request: Request) -> Response:
        """The finished photos of the visitor, without those that were edited since."""
        own = visitor(request)
        return _stream(await service.batch(lambda: _zipped(own)), "barva.zip")

    @routes.get("/{key}/selection/{n}")
    async def selection(key: str, n: int) -> Response:
        plane = sessions.open(key).selection
        if plane is None:
            raise MissingError("nothing is selected", code="nothing-selected")
        data = await asyncio.to_thread(select.outline, plane)
        return Response(data, media_type="image/png", headers=_NEVER)

    @routes.get("/{key}/unsure/{version}")
    async def unsure(key: str, version: int) -> Response:
        work = service.store.get(key)
        data = await service.click(lambda: _unsure(work.live().confidence(200_000)))
        return Response(data, media_type="image/png", headers=_NEVER)

    @routes.get("/{key}/thumb")
    async def thumb(key: str, of: str = "") -> Response:
        """Small, for lists. What `of` names never looks otherwise, so that browsers may keep it."""
        session = sessions.open(key)
        data = await service.preview(lambda: thumbs.data(session))
        kept = of and of == session.files.thumb_of
        return Response(data, media_type="image/jpeg", headers=_DAY if kept else _NEVER)

    @routes.get("/{key}/applied/{source}")
    async def applied(key: str, source: str) -> Response:
        """How a photo would look with the scene of another one, small."""
        old, new = sessions.open(source), sessions.open(key)
        return _picture_response(await service.preview(lambda: applying.preview(old, new)), _NEVER)

    @routes.get("/{key}/reference/{name}")
    async def reference(key: str, name: str) -> Response:
        files = sessions.open(key).files
        photo = service.colorizers.photo
        return _picture_response(
            await service.click(lambda: thumbs.codes(photo(files.reference(name)).shrink(360))), _DAY
        )

    _saving(routes, sessions)
    return routes


def _saving(routes: APIRouter, sessions: EditSessions) -> None:
    @routes.get("/{key}/save/photo")
    async def photo(key: str, format: str = "") -> Response:
        """At full size, in its own format or another."""
        session = sessions.open(key)
        data, name, kind = await sessions.service.batch(lambda: color_file(session, format or None))
        return responses.file(data, kind, name)

    @routes.get("/{key}/save/scene")
    async def scene(key: str) -> Response:
        session = sessions.open(key)
        text = await sessions.service.click(lambda: scenes.text(session))
        return Response(text, media_type="application/json", headers=responses.saved_as(scenes.name(session)))

    @routes.get("/{key}/save/all")
    async def everything(key: str, format: str = "") -> Response:
        """The photo as it came, the color photo and the scene, as a zip."""
        session = sessions.open(key)

        def work() -> Response:
            data, name, _ = color_file(session, format or None)
            file = _temporary_file(session.service)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as whole:
                whole.write(session.stored.photo, session.name)
                whole.writestr(name, data)
                whole.writestr(scenes.name(session), scenes.text(session))
            return _stream(file, f"{Path(session.name).stem}.zip")

        return await sessions.service.batch(work)


def color_file(session: EditSession, format: str | None = None) -> tuple[bytes, str, str]:
    """The full-size color photo as a file: bytes, name, format. BarvaError."""
    document = replace(session.now, format=session.now.format if format is None else format_of(format))
    written, _ = session.stored.paint(document)
    return written.data or b"", responses.colored_name(session.name, written.format), written.format


def _picture_response(pixels: Plane, headers: dict[str, str]) -> Response:
    response = responses.picture(pixels)
    response.headers.update(headers)
    return response


def _unsure(confidence: npt.NDArray[np.float32]) -> bytes:
    """A veil that is the denser the less sure the method is."""
    import cv2

    rgba = np.empty((*confidence.shape, 4), np.uint8)
    rgba[..., :3] = (40, 96, 255)  # BGR: a warm orange
    rgba[..., 3] = np.rint(np.clip(1 - confidence, 0, 1) ** 1.5 * 210)
    _, data = cv2.imencode(".png", rgba, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return data.tobytes()


def _temporary_file(service: Service) -> IO[bytes]:
    """A file that goes when it is let go of: zips are larger than what memory has to spare."""
    return tempfile.TemporaryFile(dir=service.settings.state / requests.UPLOADS)


def _stream(file: IO[bytes], name: str) -> Response:
    headers = responses.saved_as(name) | {"content-length": str(file.seek(0, io.SEEK_END))}
    file.seek(0)
    return StreamingResponse(iter(partial(file.read, 1 << 20), b""), media_type="application/zip", headers=headers)


def _zipped(own: VisitorSessions) -> IO[bytes]:
    file, taken = _temporary_file(own.service), set[str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as whole:
        for key in own.keys:
            session = own.session(key)
            job = queue.job_of(session)
            if job is None or queue.state(session)[0] != DONE:
                continue
            path = Path(responses.colored_name(session.name, job.items[0].format))
            name, n = path.name, 1
            while name in taken:
                n += 1
                name = f"{path.stem} ({n}){path.suffix}"
            taken.add(name)
            whole.write(job.result(0), name)
    return file
