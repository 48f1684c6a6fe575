"""`barva suggest`: the likeliest colours of a place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.errors import UsageError


def add(app: typer.Typer) -> None:
    app.command(name="suggest")(suggest)


def suggest(
    photo: Annotated[Path, typer.Argument(help="A photo.")],
    at: Annotated[str, typer.Argument(metavar="X,Y", help="A place: pixels of the upright photo.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=50, help="How many colours.")] = 9,
    method: o.Method = "guided",
    point: o.Points = None,
    region: o.Regions = None,
) -> None:
    """List the likeliest colours of a place, given what is marked already: colour, probability."""
    from barva.engine.colorizer import Colorizer
    from barva.guidance import parse

    try:
        x, y = map(float, at.split(","))
    except ValueError:
        raise UsageError(f"{at}: write a place as X,Y in pixels") from None
    asked = parse.guidance(point or [], [], region or [], [], None)
    for found in Colorizer(method).suggest(photo, (x, y), count, guidance=asked):
        typer.echo(f"{found.hex}  {found.probability:6.1%}")
