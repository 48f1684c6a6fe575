"""`barva recolor`: regions of a color photo in another color."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.cli.notes import report_notes
from barva.errors import UsageError


def add(app: typer.Typer) -> None:
    app.command(name="recolor")(recolor)


def recolor(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A color photo.")],
    region: o.Regions = None,
    mask: o.Masks = None,
    guidance: o.GuidanceFile = None,
    keep_hues: Annotated[
        bool, typer.Option("--keep-hues", help="Turn all hues of a region alike: they stay as far apart as they are.")
    ] = False,
    output: o.Output = None,
    format: o.Format = None,
    quality: o.Quality = None,
    overwrite: o.Overwrite = False,
    page: o.Page = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    no_provenance: o.NoProvenance = False,
) -> None:
    """Give regions another color; light, texture and everything outside stay. NAME.png becomes NAME.recolored.png."""
    from barva.archive.page_files import FileOptions, pages
    from barva.engine.result import output_name, save_pages
    from barva.guidance import parse
    from barva.imaging.write import format_of
    from barva.recoloring import Recolored
    from barva.recoloring import recolor as recolor_photo

    marks = parse.guidance(regions=region or [], masks=mask or [], file=guidance)
    if marks is None or not marks.marks:
        raise UsageError("say what to recolor: --region MASK.png=COLOR, --region box:...=COLOR, or --mask MASK.png")
    chosen = None if format is None else format_of(format)
    photos = pages(photo, FileOptions(page=page, salvage=salvage, max_pixels=max_pixels))
    target = output
    if output is not None and output.is_dir():
        target = output / output_name(photo.name, chosen, photos[0].envelope.format, mark=Recolored.MARK)
    results = [recolor_photo(one, marks, keep_hues=keep_hues) for one in photos]
    written = save_pages(
        results, target, format=chosen, quality=quality, overwrite=overwrite, provenance=not no_provenance
    )
    report_notes([*results, written], photo.name)
    typer.echo(str(written.path))
