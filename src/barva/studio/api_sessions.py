"""`/api/v1/sessions`: one photo that is worked on; every answer is quick."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import Response

from barva.engine.live import Session
from barva.errors import BarvaError
from barva.guidance.marks import Guidance
from barva.studio import answers, forms, wire
from barva.studio.engines import Order
from barva.studio.service import Service
from barva.studio.store import Work

Id = Annotated[str, Path(description="as `POST /sessions` gave it")]
Pixels = Annotated[int, Query(ge=1, le=16_000_000, description="about so many in the preview")]
Tag: list[Any] = ["sessions"]
JSON_LD = "application/ld+json"
SCENE: dict[int | str, dict[str, Any]] = {200: {"content": {JSON_LD: {}}, "description": "a scene"}}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}, "description": "a picture"}}


def add(api: APIRouter, service: Service) -> None:
    """Register the paths."""
    _keeping(api, service)
    _asking(api, service)
    _showing(api, service)


def _keeping(api: APIRouter, service: Service) -> None:
    from barva.studio.api import sends

    @api.post("/sessions", tags=Tag, status_code=201, openapi_extra=sends())
    async def create(request: Request) -> wire.SessionOut:
        """Begin to work on a photo. The id is the only key to it: there is no list of sessions."""
        async with forms.received(request, service.settings) as sent:
            name, data = sent.photo()

            def work() -> wire.SessionOut:
                asked, scene = sent.guidance(service.settings), sent.scene(service.settings)
                order = sent.order(scene)
                made = service.store.create(data, name, order)
                try:
                    if sent.references:
                        made.refer(sent.references)
                    if asked is not None or scene is not None:
                        made.change(asked, order, scene)
                    return wire.SessionOut.of(made)
                except BarvaError:
                    service.store.delete(made.id)
                    raise

            return await service.click(work)

    @api.get("/sessions/{id}", tags=Tag)
    async def show(id: Id) -> wire.SessionOut:
        """What is wanted of the photo now, and its sizes."""
        return await service.click(lambda: wire.SessionOut.of(service.store.get(id)))

    @api.delete("/sessions/{id}", tags=Tag, status_code=204)
    async def delete(id: Id) -> None:
        """Delete the photo and all that was made of it, now."""
        await service.click(lambda: service.store.delete(id))

    @api.get("/sessions/{id}/result", tags=Tag, response_class=Response)
    async def result(id: Id, format: str | None = None, quality: int | None = None) -> Response:
        """The colour photo at full size, as `barva colorize` writes it."""
        from dataclasses import replace

        found = service.store.get(id)
        # settings go through the same checks as everywhere
        order = replace(found.order, format=format or found.order.format, quality=quality or found.order.quality)

        def work() -> Response:
            written, notes = found.paint(order)
            assert written.data is not None
            return answers.file(written.data, written.format, answers.colored_name(found.name, written.format), notes)

        return await service.batch(work)


def _asking(api: APIRouter, service: Service) -> None:
    @api.get("/sessions/{id}/guidance", tags=Tag)
    async def guidance(id: Id) -> wire.Heard:
        """All marks, as a hint file."""
        return await service.click(lambda: _heard(service.store.get(id)))

    @api.put("/sessions/{id}/guidance", tags=Tag)
    async def guide(id: Id, marks: Annotated[dict[str, Any], Body()]) -> wire.Heard:
        """Replace all marks by those of a hint file."""

        def work() -> wire.Heard:
            found = service.store.get(id)
            found.change(forms.safe_guidance(json.dumps(marks), service.settings))
            return _heard(found)

        return await service.click(work)

    @api.get("/sessions/{id}/scene", tags=Tag, response_class=Response, responses=SCENE)
    async def scene(id: Id) -> Response:
        """All that is known of the photo now, as JSON-LD; applied to the same photo it gives the same picture."""

        def work() -> Response:
            found = service.store.get(id)
            name = f"{found.name.rpartition('.')[0] or found.name}.scene.jsonld"
            text = found.live().result.scene.to_json()
            return Response(text, media_type=JSON_LD, headers=answers.saved_as(name))

        return await service.click(work)

    @api.put("/sessions/{id}/scene", tags=Tag, openapi_extra={"requestBody": {"content": {JSON_LD: {}}}})
    async def know(id: Id, request: Request) -> wire.SessionOut:
        """Replace what is known of the photo, with its marks and the settings that the scene names."""
        async with forms.received(request, service.settings) as sent:
            _, path = sent.photo()

            def work() -> wire.SessionOut:
                found = service.store.get(id)
                found.change(scene=forms.safe_scene(path.read_bytes(), service.settings))
                return wire.SessionOut.of(found)

            return await service.click(work)

    @api.put("/sessions/{id}/settings", tags=Tag)
    async def settings(
        id: Id,
        order: Annotated[dict[str, Any], Body(openapi_examples={"vivid": {"value": {"vividness": 1.4}}})],
    ) -> wire.SessionOut:
        """Change settings: method, vividness, seed, variant, format, quality. What is not named stays."""

        def work() -> wire.SessionOut:
            found = service.store.get(id)
            found.change(order=Order.of(found.order.told() | order))
            return wire.SessionOut.of(found)

        return await service.click(work)

    @api.put("/sessions/{id}/references", tags=Tag, openapi_extra={"requestBody": _references()})
    async def references(id: Id, request: Request) -> wire.SessionOut:
        """Take colours from these photos; none at all takes them away."""
        async with forms.received(request, service.settings) as sent:

            def work() -> wire.SessionOut:
                found = service.store.get(id)
                found.refer(sent.references)
                return wire.SessionOut.of(found)

            return await service.click(work)


def _showing(api: APIRouter, service: Service) -> None:
    def seen(id: str, look: Callable[[Session], Any]) -> Callable[[], Response]:
        return lambda: answers.picture(look(service.store.get(id).live()))

    @api.get("/sessions/{id}/preview", tags=Tag, responses=PICTURE, response_class=Response)
    async def preview(id: Id, pixels: Pixels = 1_000_000) -> Response:
        """The coloured photo at screen size, JPEG."""
        return await service.click(seen(id, lambda s: s.preview(pixels)))

    @api.get("/sessions/{id}/light", tags=Tag, responses=PICTURE, response_class=Response)
    async def light(id: Id, pixels: Pixels = 1_000_000) -> Response:
        """The same without colour."""
        return await service.click(seen(id, lambda s: s.light_preview(pixels)))

    @api.get("/sessions/{id}/confidence", tags=Tag, responses=PICTURE, response_class=Response)
    async def confidence(id: Id, pixels: Pixels = 1_000_000) -> Response:
        """How sure the method is, white is sure."""
        return await service.click(seen(id, lambda s: answers.sureness(s.confidence(pixels))))

    @api.get("/sessions/{id}/tiles/{what}/{level}/{column}/{row}", tags=Tag, responses=PICTURE, response_class=Response)
    async def tile(id: Id, what: Literal["color", "light"], level: int, column: int, row: int) -> Response:
        """A tile of 512 x 512 px, less at the border; level 0 is full size, each next one half of it."""

        def look(session: Session) -> Any:
            return (session.tile if what == "color" else session.light_tile)(level, column, row)

        return await service.click(seen(id, look))

    @api.get("/sessions/{id}/variants/{number}", tags=Tag, responses=PICTURE, response_class=Response)
    async def variant(id: Id, number: Annotated[int, Path(ge=0, le=99)], pixels: Pixels = 250_000) -> Response:
        """Another plausible colouring; `PUT settings {"variant": number}` takes it."""
        return await service.click(seen(id, lambda s: s.show(s.variant(number), pixels)))

    @api.get("/sessions/{id}/suggestions", tags=Tag)
    async def suggestions(
        id: Id, x: float, y: float, count: Annotated[int, Query(ge=1, le=50)] = 9
    ) -> list[wire.SuggestionOut]:
        """The likeliest colours of a place, given what is asked already."""

        def work() -> list[wire.SuggestionOut]:
            return [wire.SuggestionOut.of(s) for s in service.store.get(id).live().suggest((x, y), count)]

        return await service.click(work)


def _heard(work: Work) -> wire.Heard:
    asked: Guidance = work.guidance
    return wire.Heard(guidance=json.loads(asked.to_json()), notes=list(work.live().result.notes))


def _references() -> dict[str, Any]:
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    schema = {"type": "object", "properties": {"reference": files}}
    return {"content": {"multipart/form-data": {"schema": schema}}}
