"""`barva recolor`: regions of a colour photo in another colour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barva.cli import options as o
from barva.cli.notes import tell
from barva.errors import UsageError


def add(app: typer.Typer) -> None:
    app.command(name="recolor")(recolor)


def recolor(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A colour photo.")],
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
    """Give regions another colour; light, texture and everything outside stay. NAME.png becomes NAME.recolored.png."""
    from barva.archive.run import Settings, pages
    from barva.cli import words
    from barva.cli.notes import say as tell_notes
    from barva.engine.result import save_pages, suffixed
    from barva.guidance import parse
    from barva.imaging.write import format_of
    from barva.recoloring import Recolored
    from barva.recoloring import recolor as recolored

    wanted, text = parse.guidance(regions=region or [], masks=mask or [], file=guidance), words.joined(say)
    if (wanted is None or not wanted.marks) and not text:
        raise UsageError(
            "say what to recolour: --region MASK.png=COLOR, --region box:...=COLOR, --mask MASK.png, or --say TEXT"
        )
    if scene is not None and not text:
        raise UsageError("--scene goes with --say: it is what the words speak of")
    chosen = None if format is None else format_of(format)
    found = pages(photo, Settings("recolor", page=page, salvage=salvage, max_pixels=max_pixels))
    target = output
    if output is not None and output.is_dir():
        target = output / suffixed(photo.name, chosen, found[0].envelope.format, mark=Recolored.MARK)
    marks = [words.with_marks(text, scene, one, wanted) for one in found]
    tell_notes(note for _, notes in marks for note in notes)
    results = [recolored(one, asked, keep_hues=keep_hues) for one, (asked, _) in zip(found, marks, strict=True)]
    written = save_pages(
        results, target, format=chosen, quality=quality, overwrite=overwrite, provenance=not no_provenance
    )
    tell([*results, written], photo.name)
    typer.echo(str(written.path))
