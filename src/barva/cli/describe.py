"""`barva describe`: what is in a photo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.errors import WriteError


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
    from barva.engine.prepare import objects
    from barva.engine.prepare.analyze import light_at
    from barva.imaging.read import MAX_PIXELS, read
    from barva.scene import overlay as drawing
    from barva.scene import show

    for target in (save_scene, overlay):
        if target is not None and target.exists() and not overwrite:
            raise WriteError(f"{target} exists; --overwrite replaces it")
    picture = read(photo, page=page, salvage=salvage, max_pixels=max_pixels or MAX_PIXELS)
    scene = objects.perceive(picture)
    if save_scene is not None:
        scene.save(save_scene, overwrite=overwrite)
    if overlay is not None:
        _save_png(drawing.draw_scene(light_at(picture, drawing.SHORT), scene), overlay, overwrite)
    typer.echo(show.text(scene), nl=False)


def _save_png(picture: object, target: Path, overwrite: bool) -> None:
    import io

    from PIL import Image

    from barva.files import write_whole

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")  # type: ignore[arg-type]  # an array
    write_whole(target, out.getvalue(), overwrite)
