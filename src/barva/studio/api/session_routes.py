"""`/api/v1/sessions`: one photo that is worked on; every answer is quick."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from barva.engine.session import Session
from barva.methods import catalog
from barva.studio.api import requests, responses, schemas
from barva.studio.jobs.output import guidance_of, plain_settings, read_settings
from barva.studio.locale.messages import Words
from barva.studio.service import Service
from barva.studio.sessions.document import Document
from barva.studio.sessions.owners import owner_of
from barva.studio.sessions.stored_session import StoredSession

Id = Annotated[str, Path(description="as `POST /sessions` gave it")]
Pixels = Annotated[int, Query(ge=1, le=16_000_000, description="about so many in the preview")]
Method = Annotated[str, Query(max_length=100, description="a method in the place of the session's own")]
Tag: list[Any] = ["sessions"]
T = TypeVar("T")
_DEFAULTS = plain_settings(Document().request, Document().output)
JSON_LD = "application/ld+json"
SCENE: dict[int | str, dict[str, Any]] = {200: {"content": {JSON_LD: {}}, "description": "a scene"}}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}, "description": "a picture"}}


def add(api: APIRouter, service: Service) -> None:
    """Register the paths."""
    _keeping(api, service)
    _asking(api, service)
    _showing(api, service)


def _on(service: Service, id: str, work: Callable[[StoredSession], T]) -> Callable[[], T]:
    """Work on a session, which is in use until it is done."""

    def run() -> T:
        with service.store.using(id) as session:
            return work(session)

    return run


def _keeping(api: APIRouter, service: Service) -> None:
    from barva.studio.api.routes import sends

    @api.post("/sessions", tags=Tag, status_code=201, openapi_extra=sends())
    async def create(request: Request, words: responses.Speech) -> schemas.SessionOut:
        """Begin to work on a photo. The id is the key to it. Where as many are kept as this server takes, the one that
        was not used for longest makes room. The answer's cookie, or its header `X-Barva-Client`, is the key to the list
        of one's sessions."""
        owner = owner_of(request.scope.get("barva.visitor"))
        async with requests.receive(request, service.settings) as sent:
            name, data = sent.photo()

            def work() -> schemas.SessionOut:
                wanted, output = sent.request(service.settings)
                session = service.store.create(data, name, (wanted, output), owner)
                try:
                    with service.store.using(session.id):
                        if sent.references:
                            session.set_references(sent.references)
                        if wanted.guidance is not None or wanted.scene is not None:
                            session.change(guidance_of(wanted), (wanted, output), wanted.scene)
                        return schemas.SessionOut.of(session, words)
                except BaseException:
                    service.store.delete(session.id)
                    raise

            return await service.click(work)

    @api.get("/sessions", tags=Tag)
    async def index(request: Request) -> list[schemas.SessionBrief]:
        """One's own sessions, the last used first: those begun with the same cookie, or the same header
        `X-Barva-Client`."""
        rows = service.store.sessions_of(owner_of(request.scope.get("barva.visitor")))
        return [schemas.SessionBrief.of(id_, facts) for id_, facts in rows]

    @api.get("/sessions/{id}", tags=Tag)
    async def show(id: Id, words: responses.Speech) -> schemas.SessionOut:
        """What is wanted of the photo now, and its sizes."""
        return await service.click(_on(service, id, lambda session: schemas.SessionOut.of(session, words)))

    @api.delete("/sessions/{id}", tags=Tag, status_code=204)
    async def delete(id: Id) -> None:
        """Delete the photo and all that was made of it, now."""
        await service.click(lambda: service.store.delete(id))

    @api.get("/sessions/{id}/result", tags=Tag, response_class=Response)
    async def result(
        id: Id, words: responses.Speech, format: str | None = None, quality: int | None = None
    ) -> Response:
        """The color photo at full size, as `barva colorize` writes it."""

        def work(session: StoredSession) -> Response:
            now = session.document
            document = replace(now, format=format or now.format, quality=now.quality if quality is None else quality)
            written, notes = session.paint(document)
            assert written.data is not None
            return responses.file(
                written.data, written.format, responses.colored_name(session.name, written.format), notes, words
            )

        return await service.batch(_on(service, id, work))


def _asking(api: APIRouter, service: Service) -> None:
    from barva.studio.api.routes import takes_json

    @api.get("/sessions/{id}/guidance", tags=Tag)
    async def guidance(id: Id, words: responses.Speech) -> schemas.GuidanceOut:
        """All marks, as a hint file."""
        return await service.click(_on(service, id, lambda session: _marks(session, words)))

    @api.put("/sessions/{id}/guidance", tags=Tag, openapi_extra=takes_json(requests.EXAMPLE))
    async def guide(id: Id, request: Request, words: responses.Speech) -> schemas.GuidanceOut:
        """Replace all marks by those of a hint file."""
        marks = await requests.json_object(request, requests.GUIDANCE_BYTES)

        def work(session: StoredSession) -> schemas.GuidanceOut:
            session.change(requests.safe_guidance(json.dumps(marks), service.settings))
            return _marks(session, words)

        return await service.click(_on(service, id, work))

    @api.get("/sessions/{id}/scene", tags=Tag, response_class=Response, responses=SCENE)
    async def scene(id: Id) -> Response:
        """All that is known of the photo now, as JSON-LD; applied to the same photo it gives the same picture."""

        def work(session: StoredSession) -> Response:
            name = f"{session.name.rpartition('.')[0] or session.name}.scene.jsonld"
            text = session.live().result.scene.to_json()
            return Response(text, media_type=JSON_LD, headers=responses.saved_as(name))

        return await service.click(_on(service, id, work))

    @api.put("/sessions/{id}/scene", tags=Tag, openapi_extra={"requestBody": {"content": {JSON_LD: {}}}})
    async def know(id: Id, request: Request, words: responses.Speech) -> schemas.SessionOut:
        """Replace what is known of the photo, with its marks and the settings that the scene names."""
        async with requests.receive(request, service.settings) as sent:
            _, path = sent.photo()

            def work(session: StoredSession) -> schemas.SessionOut:
                session.change(scene=requests.safe_scene(path.read_bytes(), service.settings))
                return schemas.SessionOut.of(session, words)

            return await service.click(_on(service, id, work))

    @api.put("/sessions/{id}/settings", tags=Tag, openapi_extra=takes_json({"vividness": 1.4}))
    async def settings(id: Id, request: Request, words: responses.Speech) -> schemas.SessionOut:
        """Change settings: method, vividness, strength, seed, variant, text, skin, sampling, format, quality,
        provenance. What is not named stays; `sampling` waits while the method is one that draws nothing."""
        changed = await requests.json_object(request)
        requests.check_sampling(changed, service.settings)

        def work(session: StoredSession) -> schemas.SessionOut:
            given = {key: value if value not in (None, "") else _DEFAULTS.get(key) for key, value in changed.items()}
            document = session.document
            waits = "sampling" not in given and not catalog.card(document.method).samples
            settings = read_settings(plain_settings(document.request, document.output) | given)
            settings[0].sampling.check_for(catalog.card(settings[1].method))
            session.change(settings=settings, sampling_waits=waits)
            return schemas.SessionOut.of(session, words)

        return await service.click(_on(service, id, work))

    @api.put("/sessions/{id}/references", tags=Tag, openapi_extra={"requestBody": _references()})
    async def references(id: Id, request: Request, words: responses.Speech) -> schemas.SessionOut:
        """Take colors from these photos; none at all takes them away. One photo may be the body itself."""
        async with requests.receive(request, service.settings) as sent:

            def work(session: StoredSession) -> schemas.SessionOut:
                session.set_references((*sent.references, *(path for _, path in sent.photos)))
                return schemas.SessionOut.of(session, words)

            return await service.click(_on(service, id, work))


def _showing(api: APIRouter, service: Service) -> None:
    def seen(id: str, look: Callable[[Session], Any]) -> Callable[[], Response]:
        return _on(service, id, lambda session: responses.picture(look(session.live())))

    @api.get("/sessions/{id}/preview", tags=Tag, responses=PICTURE, response_class=Response)
    async def preview(id: Id, pixels: Pixels = 1_000_000) -> Response:
        """The colored photo at screen size, JPEG."""
        return await service.click(seen(id, lambda s: s.preview(pixels)))

    @api.get("/sessions/{id}/light", tags=Tag, responses=PICTURE, response_class=Response)
    async def light(id: Id, pixels: Pixels = 1_000_000) -> Response:
        """The same without color."""
        return await service.click(seen(id, lambda s: s.light_preview(pixels)))

    @api.get("/sessions/{id}/confidence", tags=Tag, responses=PICTURE, response_class=Response)
    async def confidence(id: Id, pixels: Pixels = 1_000_000) -> Response:
        """How sure the method is, white is sure."""
        return await service.click(seen(id, lambda s: responses.sureness(s.confidence(pixels))))

    @api.get("/sessions/{id}/tiles/{what}/{level}/{column}/{row}", tags=Tag, responses=PICTURE, response_class=Response)
    async def tile(id: Id, what: Literal["color", "light"], level: int, column: int, row: int) -> Response:
        """A tile of 512 x 512 px, less at the border; level 0 is full size, each next one half of it."""

        def look(session: Session) -> Any:
            return (session.tile if what == "color" else session.light_tile)(level, column, row)

        return await service.click(seen(id, look))

    @api.get("/sessions/{id}/variants/{number}", tags=Tag, responses=PICTURE, response_class=Response)
    async def variant(
        id: Id, number: Annotated[int, Path(ge=0, le=99)], pixels: Pixels = 250_000, method: Method = ""
    ) -> Response:
        """Another plausible coloring; `PUT settings {"variant": number}` takes it, with the `method` that it is by."""

        def work(session: StoredSession) -> Response:
            live, result = session.variant(number, method)
            return responses.picture(live.show(result, pixels))

        return await service.click(_on(service, id, work))

    @api.get("/sessions/{id}/suggestions", tags=Tag)
    async def suggestions(
        id: Id, x: float, y: float, count: Annotated[int, Query(ge=1, le=50)] = 9
    ) -> list[schemas.SuggestionOut]:
        """The likeliest colors of a place, given what is asked already."""

        def work(session: StoredSession) -> list[schemas.SuggestionOut]:
            return [schemas.SuggestionOut.of(s) for s in session.live().suggest((x, y), count)]

        return await service.click(_on(service, id, work))


def _marks(stored: StoredSession, words: Words) -> schemas.GuidanceOut:
    marks = stored.guidance(stored.document)
    return schemas.GuidanceOut(
        guidance=json.loads(marks.to_json()), notes=schemas.Note.of(stored.live().result.notes, words)
    )


def _references() -> dict[str, Any]:
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    schema = {"type": "object", "properties": {"reference": files}}
    return {"content": {"multipart/form-data": {"schema": schema}}}
