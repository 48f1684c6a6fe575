"""The application, and the server that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from barva.errors import UsageError
from barva.extras import missing
from barva.studio.settings import Settings
from barva.version import __version__

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from barva.studio.service import Service

SWEEP = 300.0
"""Seconds between looks for what is too old."""

TRIM = 10.0
"""Seconds after which memory that is free goes back to the system."""


def create_app(settings: Settings, service: Service | None = None, page: bool = False) -> FastAPI:
    """The API as an ASGI application; `app.state.service` is the server side. With a `page`, `/` is
    left to it. Errors: `UsageError` without the extra
    `studio`; `WriteError` where the state folder cannot be made."""
    try:
        from fastapi import FastAPI
    except ImportError as error:
        raise missing("studio", [error.name or "fastapi"]) from error
    from barva.studio.api import docs_page, responses, routes
    from barva.studio.security import Guard
    from barva.studio.service import Service
    from barva.studio.sessions.visitors import Visitors

    serving = service or Service(settings)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        serving.start()
        sweeper = asyncio.create_task(_sweeping(serving))
        yield
        sweeper.cancel()
        await asyncio.to_thread(serving.stop)

    app = FastAPI(
        title="Barva", version=__version__, lifespan=life, openapi_url=f"{routes.PREFIX}/openapi.json",
        # the usual pages of documentation load their scripts from the network
        docs_url=None, redoc_url=None, redirect_slashes=False,
        description="Colors black-and-white photographs. Light is kept exactly; only color is guessed.",
    )  # fmt: skip
    app.state.service = serving
    app.include_router(routes.router(serving))
    docs_page.add(app, start=not page)
    responses.add_handlers(app)
    app.add_middleware(Visitors)
    app.add_middleware(Guard, settings=settings)
    return app


async def _sweeping(service: Service) -> None:
    from barva.studio import heap

    waited = 0.0
    while True:
        await asyncio.sleep(TRIM)
        waited += TRIM
        await asyncio.to_thread(heap.trim)
        if waited >= SWEEP:
            waited = 0.0
            await asyncio.to_thread(service.sweep)


def serve(settings: Settings, app: FastAPI | None = None, ready: Callable[[str], None] | None = None) -> None:
    """Run until stopped; `ready` is called with the address, such as http://127.0.0.1:8480. UsageError where the
    address cannot be had."""
    import socket

    from barva.studio import heap

    application = app or create_app(settings)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(2048)  # who comes between `ready` and the first answer waits
    except OSError as error:
        listening.close()
        raise UsageError(
            "cannot listen on {host}:{port}: {problem}",
            code="server.no-listening",
            host=settings.host,
            port=settings.port,
            problem=error.strerror or error,
        ) from error
    heap.configure()
    running = server_of(application, settings)
    _preload(application.state.service)
    sys.setswitchinterval(0.001)  # the thread that answers waits less for those that paint
    if ready is not None:
        host, port = listening.getsockname()[:2]
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    running.run([listening])


def server_of(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """The HTTP server of an application, its connections watched."""
    import uvicorn
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    from barva.studio.api.connections import Connections

    connections = Connections(settings.connections)
    config = uvicorn.Config(
        connections.around(app), http=connections.protocol(AutoHTTPProtocol), log_level="warning", proxy_headers=False,
        server_header=False, timeout_keep_alive=15, timeout_graceful_shutdown=5, interface="asgi3",
    )  # fmt: skip
    return uvicorn.Server(config)


def _preload(service: Service) -> None:
    """The default network, while the first browser is on its way."""
    from barva.methods import catalog

    def load() -> None:
        for threads in (None, 1):
            service.colorizers.colorizer(catalog.DEFAULT, threads).preload()

    threading.Thread(target=load, daemon=True).start()
