"""`barva studio`: the page in the browser."""

from __future__ import annotations

import threading
import webbrowser
from typing import Annotated
from urllib.parse import quote

import typer

from barva.cli import serve as s


def add(app: typer.Typer) -> None:
    app.command(name="studio")(studio)


def studio(
    host: s.Host = "127.0.0.1",
    port: s.Port = 8480,
    token: s.Token = False,
    allow_host: s.AllowHost = None,
    allow_origin: s.AllowOrigin = None,
    state: s.State = None,
    max_megabytes: s.MaxMegabytes = 128,
    max_megapixels: s.MaxMegapixels = 100,
    max_film_megabytes: s.MaxFilm = 4096,
    keep_hours: s.KeepHours = 24,
    keep_days: s.KeepDays = 30,
    jobs: s.Workers = None,
    memory: s.Memory = 384,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> int:
    """Color photos by hand and eye, in the browser, on this machine."""
    from barva.studio.server import serve as run
    from barva.studio.site import create_site

    settings = s.settings_from_options(
        host, port, token, allow_host, allow_origin, state, max_megabytes, max_megapixels, keep_hours, keep_days, jobs,
        memory, max_film_megabytes,
    )  # fmt: skip
    site = create_site(settings)
    s.prepare(settings)

    def ready(address: str) -> None:
        page = address.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]") + "/"
        typer.echo(f"{page} (stop with Ctrl-C)", err=True)
        if browser:
            shown = page + (f"?token={quote(settings.token, safe='')}" if settings.token else "")
            threading.Timer(0.5, lambda: webbrowser.open(shown)).start()

    run(settings, site, ready)
    return 0
