"""`barva describe`: what is in a photo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o


def add(app: typer.Typer) -> None:
    app.command(name="describe")(describe)


def describe(
    photo: Annotated[Path, typer.Argument(help="A photo.")],
    save_scene: Annotated[
        Path | None, typer.Option("--save-scene", metavar="FILE", help="Write the objects as a scene (JSON-LD).")
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="PNG", help="Draw the objects over the photo.")
    ] = None,
    page: o.Page = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    overwrite: o.Overwrite = False,
) -> None:
    """List what is in a photo: people and their parts, animals, vehicles, sky, grass ...; where, and how sure."""
    from barva.cli import overlay as drawing
    from barva.cli.outputs import PHOTO, check_outputs
    from barva.engine import pipeline
    from barva.engine.prepare import objects
    from barva.scene import show
    from barva.scene.model import WHOLE

    texts, pictures = {"--save-scene": save_scene}, {"--overlay": overlay}
    check_outputs(pictures=pictures, texts=texts, inputs={PHOTO: [photo]}, overwrite=overwrite)
    picture = pipeline.read(photo, page=page, salvage=salvage, max_pixels=max_pixels)
    scene = objects.perceive(picture)
    if save_scene is not None:
        scene.save(save_scene, overwrite=overwrite)
    if overlay is not None:
        drawing.save(picture, scene, [thing.id for thing in scene.parts(WHOLE)], overlay, overwrite)
    typer.echo(show.text(scene), nl=False)
