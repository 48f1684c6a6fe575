"""`barva album`: a folder's photos in colors that agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.errors import UsageError


def add(app: typer.Typer) -> None:
    app.command(name="album")(album)


def album(
    place: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of photos.")],
    output: o.Output = None,
    guide: Annotated[
        Path | None, typer.Option("--guide", help="The photo of the folder that the marks belong to.")
    ] = None,
    point: o.Points = None,
    stroke: o.Strokes = None,
    region: o.Regions = None,
    mask: o.Masks = None,
    guidance: o.GuidanceFile = None,
    method: o.Method = "guided",
    vividness: o.Vividness = 1.0,
    seed: o.Seed = 0,
    palette: o.Palette = None,
    recursive: o.Recursive = False,
    exclude: o.Exclude = None,
    skip_color: o.SkipColor = False,
    format: o.Format = None,
    quality: o.Quality = None,
    overwrite: o.Overwrite = False,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    no_provenance: o.NoProvenance = False,
    keep_times: o.KeepTimes = False,
) -> int:
    """Color a folder so that the same thing has the same color on all photos. Marks on one photo (--guide) are
    carried to the others where they surely show the same. album.json keeps the colors, so that new photos follow."""
    from dataclasses import replace

    from barva.archive.album import AlbumRun
    from barva.archive.page_files import FileOptions, pages
    from barva.archive.select import select
    from barva.cli import runs
    from barva.engine.colorizer import Colorizer
    from barva.engine.request import Request
    from barva.engine.steer.palette import load_palette
    from barva.guidance import parse, resolve
    from barva.imaging.write import format_of

    if not place.is_dir():
        raise UsageError(f"{place} is not a folder")
    marks = parse.guidance(point or [], stroke or [], region or [], mask or [], guidance)
    if marks is not None and guide is None:
        raise UsageError("marks belong to one photo: name it with --guide")
    if guide is not None and marks is None:
        raise UsageError("--guide needs a mark: --point, --stroke, --region, --mask or --guidance")
    chosen = None if format is None else format_of(format)
    files = FileOptions(
        chosen, quality, None, salvage, max_pixels, not no_provenance, overwrite, skip_color, keep_times
    )
    request = Request(vividness=vividness, seed=seed)
    selection = select([place], output, recursive, chosen, exclude or ()).listed()
    if guide is not None and marks is not None and guide.exists():
        if guide.resolve() not in {item.source.resolve() for item in selection.items}:
            raise UsageError(f"{guide} is not among the album's photos")
        (photo,) = pages(guide, replace(files, page=1))  # the marks are about the first page
        resolve.check(marks, (photo.height, photo.width))
    if palette is not None:
        request = replace(request, palette=load_palette(palette))
    run = AlbumRun(Colorizer(method, request=request), output or place, guide, marks, files)
    runs.prepare(selection)
    code = runs.run_many(run, selection)
    return runs.report_left_out(selection) or code
