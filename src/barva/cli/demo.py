"""`barva demo`: see it work without a photo of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.errors import UsageError, WriteError

PHOTOS = ("astronaut", "coffee", "chelsea", "rocket")  # of barva.photos, which imports NumPy
FOLDER = Path("barva-demo")


def add(app: typer.Typer) -> None:
    app.command(name="demo")(demo)


def demo(
    photo: Annotated[str, typer.Argument(help=f"One of: {', '.join(PHOTOS)}.")] = PHOTOS[0],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into.")] = FOLDER,
    method: o.Method = "guided",
    vividness: o.Vividness = 1.0,
    overwrite: o.Overwrite = False,
) -> None:
    """Color a bundled photo; write before, after and a side-by-side sheet."""
    if photo not in PHOTOS:
        raise UsageError(f"there is no demo photo '{photo}'; there are: {', '.join(PHOTOS)}")
    paths = [output / f"{photo}.{part}.png" for part in ("before", "after", "sheet")]
    # its own folder is the demo's to renew; any other is the user's
    overwrite = overwrite or output == FOLDER
    for path in paths:
        if path.exists() and not overwrite:
            raise WriteError(f"{path} exists; --overwrite replaces it")

    from barva.engine.colorizer import colorize
    from barva.evaluation.benchmark import grey_of
    from barva.evaluation.report import sheet
    from barva.imaging.photo import Envelope
    from barva.imaging.write import make_folder, write
    from barva.photos import photo as bundled

    original = bundled(photo)
    light = grey_of(original)
    result = colorize(light, method=method, vividness=vividness)
    make_folder(output)
    before, after, both = paths
    write([(light, Envelope("png"))], before, overwrite=overwrite)
    result.save(after, overwrite=overwrite)
    sheet([(photo, [light, result.array(), original])], both, tile=384, columns=["before", "after", "the original"])
    for path in paths:
        typer.echo(str(path))
