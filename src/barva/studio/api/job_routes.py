"""`/api/v1/jobs`: many photos, in the background; they survive a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse, StreamingResponse

from barva.studio.api import requests, responses, schemas
from barva.studio.locale.messages import Words
from barva.studio.service import Service
from barva.studio.sessions.store import MissingError

Id = Annotated[str, Path(description="as `POST /jobs` gave it")]
Tag: list[Any] = ["jobs"]
_LOOK = 0.1  # seconds between looks at a job that is followed
_BEAT = 15.0  # seconds after which a silent stream says that it is alive


def add(api: APIRouter, service: Service) -> None:
    """Register the paths."""
    _keeping(api, service)
    _following(api, service)


def _keeping(api: APIRouter, service: Service) -> None:
    from barva.studio.api.routes import sends

    @api.post("/jobs", tags=Tag, status_code=202, openapi_extra=sends(many=True))
    async def create(request: Request, words: responses.Speech) -> schemas.JobOut:
        """Queue photos, all with the same settings. A photo that cannot be read fails alone."""
        async with requests.receive(request, service.settings) as sent:

            def work() -> schemas.JobOut:
                wanted, output = sent.request(service.settings)
                return schemas.JobOut.of(service.jobs.create(sent.photos, wanted, output, sent.references), words)

            return await service.click(work)

    @api.get("/jobs/{id}", tags=Tag)
    async def show(id: Id, words: responses.Speech) -> schemas.JobOut:
        """How far it is."""
        return schemas.JobOut.of(service.jobs.get(id), words)

    @api.post("/jobs/{id}/cancel", tags=Tag)
    async def cancel(id: Id, words: responses.Speech) -> schemas.JobOut:
        """Leave undone what has not ended; finished results stay."""
        return await service.click(lambda: schemas.JobOut.of(service.jobs.cancel(id), words))

    @api.post("/jobs/{id}/retry", tags=Tag)
    async def retry(id: Id, words: responses.Speech) -> schemas.JobOut:
        """Queue again what failed or was cancelled."""
        return await service.click(lambda: schemas.JobOut.of(service.jobs.retry(id), words))

    @api.delete("/jobs/{id}", tags=Tag, status_code=204)
    async def delete(id: Id) -> None:
        """Delete the job, its photos and its results, now."""
        await service.click(lambda: service.jobs.delete(id))


def _following(api: APIRouter, service: Service) -> None:
    @api.get("/jobs/{id}/events", tags=Tag, response_class=StreamingResponse)
    async def events(id: Id, words: responses.Speech) -> StreamingResponse:
        """Progress as server-sent events: `event: progress` with the job as JSON at every change, `event: end` when all
        photos have ended."""
        service.jobs.get(id)
        return StreamingResponse(_progress(service, id, words), media_type="text/event-stream")

    @api.get("/jobs/{id}/results/{number}", tags=Tag, response_class=FileResponse)
    async def result(id: Id, number: int, words: responses.Speech) -> FileResponse:
        """The color photo, once it is done."""
        job = service.jobs.get(id)
        path, item = job.result(number), job.items[number]
        headers = responses.saved_as(responses.colored_name(item.name, item.format), item.notes, words)
        return FileResponse(path, media_type=responses.media_type(item.format), headers=headers)


async def _progress(service: Service, id_: str, words: Words) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    seen, sent = -1, loop.time()
    while True:
        try:
            job = service.jobs.get(id_)
        except MissingError:
            yield "event: end\ndata: {}\n\n"
            return
        finished, version = job.finished, job.version
        if version != seen:
            seen, sent = version, loop.time()
            yield f"event: progress\nid: {version}\ndata: {schemas.JobOut.of(job, words).model_dump_json()}\n\n"
        elif loop.time() - sent > _BEAT:
            sent = loop.time()
            yield ": alive\n\n"
        if finished:
            yield "event: end\ndata: {}\n\n"
            return
        await asyncio.sleep(_LOOK)
