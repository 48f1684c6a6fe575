"""`barva recolor`: regions of a color photo in another color."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.cli.notes import report, report_notes
from barva.errors import UsageError


def add(app: typer.Typer) -> None:
    app.command(name="recolor")(recolor)


def recolor(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A color photo.")],
    region: o.Regions = None,
    mask: o.Masks = None,
    guidance: o.GuidanceFile = None,
    say: o.Say = None,
    scene: Annotated[Path | None, typer.Option("--scene", help="A scene (JSON-LD): what --say speaks of.")] = None,
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
    from barva.archive import sidecar
    from barva.archive.page_files import FileOptions, check_target, pages
    from barva.cli import words
    from barva.cli.outputs import PHOTO, check_ending, check_outputs, hint_files, region_files
    from barva.engine.result import output_name, save_pages
    from barva.guidance import parse
    from barva.imaging.write import format_of
    from barva.recoloring import Recolored
    from barva.recoloring import recolor as recolor_photo

    drawn, text = parse.guidance(regions=region or [], masks=mask or [], file=guidance), words.join_texts(say)
    if (drawn is None or not drawn.marks) and not text:
        raise UsageError(
            "say what to recolor: --region MASK.png=COLOR, --region box:...=COLOR, --mask MASK.png, or --say TEXT"
        )
    if scene is not None and not text:
        raise UsageError("--scene goes with --say: it is what the words speak of")
    chosen = None if format is None else format_of(format)
    photos = pages(photo, FileOptions(page=page, salvage=salvage, max_pixels=max_pixels))
    target = output
    if output is None or output.is_dir():
        name = output_name(photo.name, chosen, photos[0].envelope.format, mark=Recolored.MARK)
        target = (output or photo.parent) / name
    else:
        check_ending(output, chosen)
    assert target is not None
    inputs = {PHOTO: [photo], "--region": region_files(region), "--mask": mask or (), "--scene": [scene]}
    check_outputs([target], inputs={**inputs, "--guidance": hint_files(guidance, drawn)}, overwrite=overwrite)
    check_target(target, photos, chosen, overwrite)
    companions, left = sidecar.find_sidecars(photo, target)
    sidecar.check(companions, overwrite)
    marks = [words.with_marks(text, scene, one, drawn) for one in photos]
    report(note for _, notes in marks for note in notes)
    results = [recolor_photo(one, own, keep_hues=keep_hues) for one, (own, _) in zip(photos, marks, strict=True)]
    written = save_pages(
        results, target, format=chosen, quality=quality, overwrite=overwrite, provenance=not no_provenance
    )
    copied = sidecar.copy(companions, photos[0], written.format, overwrite)
    report_notes([*results, written], photo.name)
    report((*copied, *left), photo.name)
    typer.echo(str(written.path))
