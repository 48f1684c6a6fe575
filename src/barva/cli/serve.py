"""`barva serve`: the HTTP API."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.errors import UsageError

if TYPE_CHECKING:
    from barva.studio.settings import Settings

TOKEN = "BARVA_TOKEN"

Host = Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0: every network of this machine.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: any free one.")]
Token = Annotated[
    bool, typer.Option("--token", help=f"Every request must show the token that the variable {TOKEN} holds.")
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="A name by which browsers may call. Repeatable."),
]
AllowOrigin = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="ORIGIN",
        help="A page of another site that may use the API, such as http://localhost:3000. Exact; repeatable.",
    ),
]
Memory = Annotated[int, typer.Option("--memory", min=1, help="Memory for sessions that are open, in MB.")]
State = Annotated[Path | None, typer.Option("--state", help="Folder of sessions and jobs; default: the user's own.")]
MaxMegabytes = Annotated[int, typer.Option("--max-megabytes", min=1, help="Largest file of one photo, in MB.")]
MaxMegapixels = Annotated[int, typer.Option("--max-megapixels", min=1, help="Largest photo in megapixels, all pages.")]
MaxFilm = Annotated[int, typer.Option("--max-film-megabytes", min=1, help="Largest file of one film, in MB.")]
KeepHours = Annotated[float, typer.Option("--keep-hours", help="Hours after the last use until results are deleted.")]
KeepDays = Annotated[float, typer.Option("--keep-days", help="Days after the last use until sessions are deleted.")]
Workers = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Photos at a time; default: one a core.")]


def add(app: typer.Typer) -> None:
    app.command(name="serve")(serve)


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8480,
    token: Token = False,
    allow_host: AllowHost = None,
    allow_origin: AllowOrigin = None,
    state: State = None,
    max_megabytes: MaxMegabytes = 128,
    max_megapixels: MaxMegapixels = 100,
    keep_hours: KeepHours = 24,
    keep_days: KeepDays = 30,
    jobs: Workers = None,
    memory: Memory = 384,
) -> int:
    """Serve the HTTP API under /api/v1, for this machine alone unless --host says otherwise."""
    from barva.studio.server import create_app
    from barva.studio.server import serve as run

    settings = settings_from_options(
        host, port, token, allow_host, allow_origin, state, max_megabytes, max_megapixels, keep_hours, keep_days, jobs,
        memory,
    )  # fmt: skip
    app = create_app(settings)
    prepare(settings)
    run(settings, app, lambda address: typer.echo(f"{address}/docs (stop with Ctrl-C)", err=True))
    return 0


def settings_from_options(
    host: str,
    port: int,
    token: bool,
    allow_host: list[str] | None,
    allow_origin: list[str] | None,
    state: Path | None,
    max_megabytes: int,
    max_megapixels: int,
    keep_hours: float,
    keep_days: float,
    jobs: int | None,
    memory: int,
    max_film_megabytes: int = 4096,
) -> Settings:
    """What the options of `barva serve` and `barva studio` ask for. UsageError."""
    from barva.runtime.machine import usable_cores
    from barva.studio.settings import HOUR, Settings, state_folder

    secret = os.environ.get(TOKEN)
    if token and not secret:
        raise UsageError(
            f"--token: put the token into the environment variable {TOKEN}, where no process list shows it"
        )
    return Settings(
        host=host,
        port=port,
        hosts=tuple(allow_host or ()),
        origins=tuple(allow_origin or ()),
        token=secret if token else None,
        state=state or state_folder(),
        max_bytes=max_megabytes << 20,
        max_pixels=max_megapixels * 1_000_000,
        max_film=max_film_megabytes << 20,
        keep_results=keep_hours * HOUR,
        keep_sessions=keep_days * 24 * HOUR,
        workers=jobs or usable_cores(),
        memory=memory << 20,
    )


def prepare(settings: Settings) -> None:
    """What both servers do before they listen."""
    import cv2

    cv2.setNumThreads(1)  # photos side by side use the cores better than threads inside each
    if not settings.local and settings.token is None:
        typer.echo("barva: everyone who reaches this address can use it; --token asks for a token", err=True)
