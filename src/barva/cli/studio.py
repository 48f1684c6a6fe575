"""`barva studio`: the page in the browser."""

from __future__ import annotations

import os
import threading
import webbrowser
from typing import Annotated

import typer

from barva.cli import serve as s
from barva.errors import UsageError


def add(app: typer.Typer) -> None:
    app.command(name="studio")(studio)


def studio(
    host: s.Host = "127.0.0.1",
    port: s.Port = 8480,
    token: s.Token = False,
    allow_host: s.AllowHost = None,
    state: s.State = None,
    max_megabytes: s.MaxMegabytes = 128,
    max_megapixels: s.MaxMegapixels = 100,
    keep_hours: s.KeepHours = 24,
    keep_days: s.KeepDays = 30,
    jobs: s.Workers = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> int:
    """Colour photos by hand and eye, in the browser, on this machine."""
    import cv2

    from barva.studio.server import serve as run
    from barva.studio.settings import HOUR, Settings, state_folder
    from barva.studio.site import create_site

    secret = os.environ.get(s.TOKEN)
    if token and not secret:
        raise UsageError(
            f"--token: put the token into the environment variable {s.TOKEN}, where no process list shows it"
        )
    settings = Settings(
        host=host,
        port=port,
        hosts=tuple(allow_host or ()),
        token=secret if token else None,
        state=state or state_folder(),
        max_bytes=max_megabytes << 20,
        max_pixels=max_megapixels * 1_000_000,
        keep_results=keep_hours * HOUR,
        keep_sessions=keep_days * 24 * HOUR,
        workers=jobs or os.cpu_count() or 1,
    )
    site = create_site(settings)
    cv2.setNumThreads(1)  # photos side by side use the cores better than threads inside each
    if not settings.local and settings.token is None:
        typer.echo("barva: everyone who reaches this address can use it; --token asks for a token", err=True)

    def ready(address: str) -> None:
        page = address.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]") + "/"
        typer.echo(f"{page} (stop with Ctrl-C)", err=True)
        if browser:
            shown = page + (f"?token={secret}" if token else "")
            threading.Timer(0.5, lambda: webbrowser.open(shown)).start()

    run(settings, site, ready)
    return 0
