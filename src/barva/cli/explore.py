"""What `barva colorize` does for --variants and --confidence, and how it reads --swatch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from barva.cli.notes import report_notes
from barva.errors import UsageError

if TYPE_CHECKING:
    from barva.archive.page_files import FileOptions
    from barva.engine.colorizer import Colorizer
    from barva.methods.base import Swatch


def explore(
    colorizer: Colorizer,
    path: Path,
    files: FileOptions,
    output: Path | None,
    variants: int | None,
    confidence: Path | None,
) -> int:
    """One photo in several colorings (NAME.1.jpg, NAME.2.jpg ...), and the first one's confidence.

    What is wrong with the name that was typed is said of that one, not of those that follow from it.
    """
    from barva.archive.page_files import check_folder, check_place, pages, save
    from barva.engine.explore.variants import confidence_png
    from barva.engine.result import output_name
    from barva.files import write_together
    from barva.imaging.formats import format_of

    photos = pages(path, files)
    if len(photos) != 1:
        raise UsageError(f"{path} has {len(photos)} pages: choose one with --page")
    first = output
    if output is None or output.is_dir():
        first = (output or path.parent) / output_name(path.name, files.format, photos[0].envelope.format)
    assert first is not None
    if files.format is None:
        files = replace(files, format=format_of(first.name))
    check_folder(first)
    names = [first]
    if variants is not None:
        names = variant_names(first, variants)
    for place in [*names, *([confidence] if confidence else [])]:
        check_place(place, files.overwrite)
    results = colorizer.variants(photos[0], variants or 1)
    if confidence is not None:
        write_together({confidence: confidence_png(results[0])})
    for name, result in zip(names, results, strict=True):
        written = save([result], name, files)
        report_notes([result, written], name.name)
        typer.echo(str(name))
    return 0


def variant_names(first: Path, count: int) -> list[Path]:
    """NAME.1.jpg, NAME.2.jpg ... of NAME.jpg."""
    return [first.with_name(f"{first.stem}.{n + 1}{first.suffix}") for n in range(count)]


def parse_swatch(text: str) -> Swatch:
    """A swatch from LEFT,TOP,RIGHT,BOTTOM=LEFT,TOP,RIGHT,BOTTOM[@N]: the photo's box, then the reference's."""
    from barva.methods.base import Swatch

    boxes, _, number = text.partition("@")
    target, equals, source = boxes.partition("=")
    try:
        (l1, t1, r1, b1), (l2, t2, r2, b2) = (map(float, box.split(",")) for box in (target, source))
        index = int(number or 1) - 1
    except ValueError:
        equals, index = "", 0
    if not equals or index < 0:
        raise UsageError(f"--swatch {text}: write LEFT,TOP,RIGHT,BOTTOM=LEFT,TOP,RIGHT,BOTTOM in shares, and @N")
    for left, top, right, bottom in ((l1, t1, r1, b1), (l2, t2, r2, b2)):
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise UsageError(
                f"--swatch {text}: LEFT,TOP,RIGHT,BOTTOM are shares from 0 to 1, LEFT below RIGHT and TOP below BOTTOM"
            )
    return Swatch((t2, l2, b2, r2), (t1, l1, b1, r1), index)
