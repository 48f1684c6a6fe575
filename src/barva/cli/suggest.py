"""`barva suggest`: the likeliest colors of a place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.cli.notes import report
from barva.errors import UsageError, shorten


def add(app: typer.Typer) -> None:
    app.command(name="suggest")(suggest)


def suggest(
    context: typer.Context,
    photo: Annotated[Path, typer.Argument(help="A photo.")],
    at: Annotated[
        str, typer.Argument(metavar="X,Y", help="A place: pixels of the upright photo, or shares: 0.5,0.25.")
    ],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=50, help="How many colors.")] = 9,
    method: o.Method = "guided",
    point: o.Points = None,
    region: o.Regions = None,
    scene: Annotated[Path | None, typer.Option("--scene", help="A scene (JSON-LD) that is known already.")] = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
) -> None:
    """List the likeliest colors of a place, given what is marked already: color, probability."""
    from barva.cli import scene as scenes_of
    from barva.engine import pipeline
    from barva.engine.colorizer import Colorizer
    from barva.engine.prepare import request_scene
    from barva.guidance import parse

    try:
        (x, y), unit = parse.position(at)
    except UsageError:
        raise UsageError(f"{shorten(at)}: write a place as X,Y: pixels, or shares such as 0.5,0.25") from None
    scene_known, picture = None, pipeline.read(photo, salvage=salvage, max_pixels=max_pixels)
    if unit == "share":
        x, y = min(x * picture.width, picture.width - 1), min(y * picture.height, picture.height - 1)
    if scene is not None:
        scene_known, method = scenes_of.load(scene, context, method)
        report(request_scene.fit_scene(scene_known, picture)[1])
    marks = parse.guidance(point or [], [], region or [], [], None)
    for color in Colorizer(method).suggest(picture, (x, y), count, guidance=marks, scene=scene_known):
        typer.echo(f"{color.hex}  {color.probability:6.1%}")
