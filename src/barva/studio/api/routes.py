"""`/api/v1`: photos in, color photos out, without a session; and the parts of the API that stand for themselves."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from barva.errors import UsageError
from barva.guidance import resolve
from barva.imaging import formats
from barva.language.tokens import LONGEST
from barva.methods import catalog
from barva.studio.api import requests, responses, schemas
from barva.studio.service import Service
from barva.version import __version__

PREFIX = "/api/v1"
_FAILURES = {
    400: "not HTTP as it should be",
    401: "the token is missing or wrong",
    403: "a page of another site asks; --allow-origin allows one",
    404: "there is no such path, session, job or result, or no longer",
    405: "not this method; the header Allow has those that there are",
    408: "the request did not arrive in time",
    413: "too many bytes, pixels or photos",
    415: "not a photo that Barva can read, or damaged",
    421: "the Host header names another server",
    422: "the request makes no sense",
    431: "the request's headers are too long",
    500: "something is wrong with the server",
    503: "too much is waiting or in use; the header Retry-After has the seconds after which to come back",
    507: "the server's disk is full; nothing was changed",
}
_MIMES = [row.mime for row in formats.writable()]
FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.Failure, "description": text} for status, text in _FAILURES.items()
}
FAILURES[503]["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
FAILURES[405]["headers"] = {"Allow": {"schema": {"type": "string"}}}
_SETTINGS: dict[str, Any] = {
    "method": {"type": "string", "default": catalog.DEFAULT},
    "vividness": {"type": "number", "minimum": 0, "maximum": 2, "default": 1},
    "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
    "seed": {"type": "integer", "minimum": 0, "default": 0},
    "variant": {"type": "integer", "minimum": 0, "default": 0},
    "text": {
        "type": "string",
        "maxLength": LONGEST,
        "description": "what is asked in words, in English or Ukrainian; marks win over it",
        "example": "make the car red",
    },
    "skin": {
        "type": "boolean",
        "default": True,
        "description": "whether skin that the method left gray takes the color of its face",
    },
    "sampling": {
        "type": "string",
        "description": "JSON, for methods that draw their answers: steps, like and amount, and regions to draw anew, "
        "each with its geometry as a mark's and draw; masks inside, as png",
        "example": '{"steps": 4, "redraw": [{"box": [40, 60, 200, 320], "draw": 1}]}',
    },
    "format": {"type": "string", "enum": [row.name for row in formats.writable()]},
    "quality": {"type": "integer", "minimum": 1, "maximum": 100},
    "provenance": {"type": "boolean", "default": True},
    "scene": {"type": "string", "description": "a scene's JSON-LD, pictures inside; what is said beside it wins"},
    "guidance": {
        "type": "string",
        "description": "a hint file's JSON; masks inside, as png",
        "example": json.dumps(requests.EXAMPLE),
    },
}
_BINARY = {"type": "string", "format": "binary"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": _BINARY} for kind in _MIMES}, "description": "the color photo"}
}


def sends(many: bool = False, settings: bool = True, references: bool = True) -> dict[str, Any]:
    """The description of a body: a form with photos, references and settings, or one photo raw."""
    photo = {"type": "array", "items": _BINARY} if many else _BINARY
    fields = {"photo": photo, **(_SETTINGS if settings else {})}
    if references:
        fields["reference"] = {"type": "array", "items": _BINARY}
    content: dict[str, Any] = {
        "multipart/form-data": {"schema": {"type": "object", "required": ["photo"], "properties": fields}}
    }
    types = ("application/octet-stream", *(row.mime for row in formats.FORMATS.values()))
    raw = {kind: {"schema": _BINARY} for kind in types}
    described: dict[str, Any] = {"requestBody": {"required": True, "content": content | raw}}
    if settings:
        described["parameters"] = [{"in": "query", "name": n, "schema": s} for n, s in _SETTINGS.items()]
    return described


def takes_json(example: dict[str, Any]) -> dict[str, Any]:
    """The description of a body that is a JSON object."""
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def router(service: Service) -> APIRouter:
    """The whole API of a service."""
    from barva.studio.api import job_routes, session_routes

    api = APIRouter(prefix=PREFIX, responses=FAILURES)
    _about(api, service)
    _alone(api, service)
    session_routes.add(api, service)
    job_routes.add(api, service)
    _nothing(api)
    return api


def _nothing(api: APIRouter) -> None:
    """What is left of the API's addresses, so that no page below answers for them."""

    @api.api_route(
        "/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], include_in_schema=False
    )
    async def nothing(request: Request) -> Response:
        allowed = responses.methods_of(request)
        raise HTTPException(405 if allowed else 404, headers={"allow": allowed} if allowed else None)


def _about(api: APIRouter, service: Service) -> None:
    @api.get("/health", tags=["about"])
    async def health() -> schemas.Health:
        """Whether it runs, and what it takes."""
        s = service.settings
        limits = {
            "photo_bytes": s.max_bytes, "photo_pixels": s.max_pixels, "request_bytes": s.max_request,
            "photos": s.max_photos, "sessions": s.max_sessions,
            "results_kept_seconds": s.keep_results, "sessions_kept_seconds": s.keep_sessions,
        }  # fmt: skip
        return schemas.Health(
            status="ok", version=__version__, method=catalog.DEFAULT, waiting=service.waiting, limits=limits
        )

    @api.get("/methods", tags=["about"])
    async def methods() -> list[schemas.MethodOut]:
        """The cards of all methods, the default first."""
        return [schemas.MethodOut.of(card, catalog.DEFAULT) for card in catalog.method_cards()]


def _alone(api: APIRouter, service: Service) -> None:
    @api.post("/colorize", tags=["photos"], responses=_FILE, response_class=Response, openapi_extra=sends())
    async def colorize(request: Request, words: responses.Speech) -> Response:
        """Color one photo: the file comes back in its own format, with its own metadata, unless `format` asks for
        another. Notes on what was done are in the header `X-Barva-Notes`, a JSON list of objects, as those of jobs."""
        async with requests.receive(request, service.settings) as sent:
            name, data = sent.photo()

            def work() -> Response:
                wanted, output = sent.request(service.settings)
                written, notes = service.colorizers.paint(data, wanted, output, sent.references)
                assert written.data is not None
                target = responses.colored_name(name, written.format)
                return responses.file(written.data, written.format, target, notes, words)

            return await service.batch(work)

    @api.post("/suggestions", tags=["photos"], openapi_extra=sends(references=False))
    async def suggestions(
        request: Request,
        x: Annotated[float, Query(description="pixels of the upright photo", examples=[412])],
        y: Annotated[float, Query(examples=[310])],
        count: Annotated[int, Query(ge=1, le=50)] = 9,
    ) -> list[schemas.SuggestionOut]:
        """The likeliest colors of a place given the marks, the scene and the text of the request, likeliest first;
        references change what is painted and not what a method thinks likely."""
        async with requests.receive(request, service.settings) as sent:
            _, data = sent.photo()

            def work() -> list[schemas.SuggestionOut]:
                wanted, output = sent.request(service.settings, "x", "y", "count")
                colorizer, photo = service.colorizers.colorizer(output.method), service.colorizers.photo(data)
                suggestions = colorizer.suggest(
                    photo, (x, y), count, guidance=wanted.guidance, scene=wanted.scene, text=wanted.text
                )
                return [schemas.SuggestionOut.of(one) for one in suggestions]

            return await service.click(work)

    @api.post("/guidance", tags=["guidance"], openapi_extra=takes_json(requests.EXAMPLE))
    async def guidance(
        request: Request,
        words: responses.Speech,
        width: Annotated[int | None, Query(ge=1)] = None,
        height: Annotated[int | None, Query(ge=1)] = None,
    ) -> schemas.GuidanceOut:
        """Check a hint file. What is wrong is said with its place; with `width` and `height` it is checked against a
        photo of that size."""
        marks = await requests.json_object(request, requests.GUIDANCE_BYTES)

        def work() -> schemas.GuidanceOut:
            guidance = requests.safe_guidance(json.dumps(marks), service.settings)
            if (width is None) != (height is None):
                raise UsageError("width and height belong together", code="request.width-and-height")
            notes = resolve.check(guidance, (height, width)) if width is not None and height is not None else ()
            return schemas.GuidanceOut(guidance=json.loads(guidance.to_json()), notes=schemas.Note.of(notes, words))

        return await service.click(work)
