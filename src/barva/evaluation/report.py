"""A benchmark as Markdown tables and as JSON lines; pictures side by side as a contact sheet. The page is `page`'s."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.evaluation.results import Benchmark, Row
from barva.evaluation.scores import Interval
from barva.evaluation.tables import Table, tables
from barva.files import write_together
from barva.values import one_line

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Picture = npt.NDArray[np.uint8]


def add_notes(benchmark: Benchmark, unreadable: int, prints: str | None) -> Benchmark:
    """The benchmark with notes that every report shows: on files that could not be read, and on `Prints`."""
    what = "1 file" if unreadable == 1 else f"{unreadable} files"
    left_out = f"{what} could not be read and {'was' if unreadable == 1 else 'were'} left out." if unreadable else None
    return replace(benchmark, notes=(*benchmark.notes, *(note for note in (left_out, prints) if note)))


def table(benchmark: Benchmark) -> str:
    """Markdown: a row for each method, then the tables of comparisons and of points where there are any; 95 % bootstrap
    intervals in brackets."""
    return "\n".join([*map(_markdown, tables(benchmark)), *(f"{note}\n" for note in benchmark.notes)])


def _markdown(table: Table) -> str:
    head = [column.heading for column in table.columns]
    lines = [_line(head), "|---" + "|--:" * (len(head) - 1) + "|", *(_line(cells) for cells in table.cells)]
    return "\n".join(lines) + f"\n\n{table.note}\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def json_lines(benchmark: Benchmark) -> str:
    """One JSON object a line; `kind` says of what.

    | kind | one for each |
    |---|---|
    | `method` | method: its scores with intervals |
    | `comparison` | method but the first |
    | `points` | method and count of points |
    | `note` | line of the report |
    | `photo` | method and photo |
    | `photo points` | method, count of points and photo |

    What is not defined is null, as JSON has no nan.
    """
    lines = [_row_line(row) for row in benchmark.rows]
    lines += [{"kind": "comparison", "method": c.label, **_values(c, "label")} for c in benchmark.comparisons]
    lines += [
        {"kind": "points", "method": h.label, "points": h.count, **_values(h, "label", "count", "photos")}
        for h in benchmark.points
    ]
    lines += [{"kind": "note", "text": note} for note in benchmark.notes]
    lines += [line for row in benchmark.rows for line in _photo_lines(row, benchmark.keys)]
    for h in benchmark.points:
        head = {"kind": "photo points", "method": h.label, "points": h.count}
        lines += [{**head, "photo": k, **_values(p)} for k, p in zip(benchmark.keys, h.photos, strict=True)]
    return "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines)


def _row_line(row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {"kind": "method", "method": row.label, **_values(row.scores), "gain": _plain(row.gain)}
    if row.film is not None:
        line |= {"film_ciede2000": _plain(row.film.ciede2000), "film_loss": _plain(row.film.loss)}
    if row.perceived is not None:
        line |= {"lpips": _plain(row.perceived.lpips), "fid": _plain(row.perceived.fid)}
    return line


def _photo_lines(row: Row, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    film = row.film.photos if row.film else ()
    lpips = row.perceived.photos if row.perceived else ()
    for at, (key, photo) in enumerate(zip(keys, row.photos, strict=True)):
        line: dict[str, Any] = {"kind": "photo", "method": row.label, "photo": key}
        line |= {name: value for name, value in _values(photo).items() if value is None or isinstance(value, float)}
        line["seconds"] = row.seconds[at]
        if film:
            line["film_ciede2000"] = film[at]
        if lpips:
            line["lpips"] = lpips[at]
        yield line


def _values(thing: Any, *without: str) -> dict[str, Any]:
    return {f.name: _plain(getattr(thing, f.name)) for f in fields(thing) if f.name not in without}


def _plain(value: Any) -> Any:
    if isinstance(value, Interval):
        return _values(value)
    return value if not isinstance(value, float) or math.isfinite(value) else None


TILE = 192
"""Side of a contact sheet's squares, px."""


def sheet(
    rows: Sequence[tuple[str, Sequence[Picture]]],
    path: str | Path | None = None,
    tile: int = TILE,
    columns: Sequence[str] = (),
) -> Picture:
    """A contact sheet: one line of pictures for each (label, pictures), each fitted into `tile` x `tile`.

    Pictures are RGB (H, W, 3) or gray (H, W) `uint8`. Labels stand above their line, and `columns` above their column.
    Returns (H, W, 3) `uint8`, and writes a PNG to `path` if there is one.
    """
    from PIL import Image, ImageDraw

    width = max((len(pictures) for _, pictures in rows), default=0)
    if not width or tile < 16:
        raise UsageError("a sheet needs at least one picture, and tiles of at least 16 pixels")
    lines = [(label, [fit_tile(picture, tile) for picture in pictures]) for label, pictures in rows]
    gap, text = 6, 18
    heights = [max((small.height for small in smalls), default=0) for _, smalls in lines]
    top = text if columns else 0
    size = (width * (tile + gap) + gap, top + sum(heights) + len(rows) * (text + gap) + gap)
    image = Image.new("RGB", size, (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for at, name in enumerate(columns):
        _write(draw, gap + at * (tile + gap), 2, name, tile)
    for (label, smalls), height in zip(lines, heights, strict=True):
        _write(draw, gap, top + 2, label, size[0] - 2 * gap)
        for at, small in enumerate(smalls):
            left = gap + at * (tile + gap) + (tile - small.width) // 2
            image.paste(small, (left, top + text + 2 + (height - small.height) // 2))
        top += height + text + gap
    if path is not None:
        write_together({Path(path): png(np.asarray(image, np.uint8))})
    return np.asarray(image, np.uint8)


def _write(draw: ImageDraw.ImageDraw, x: int, y: int, text: str, room: int) -> None:
    """`text` as one line, shortened to `room` pixels."""
    from PIL import ImageFont

    text = one_line(text)  # names of files may hold line breaks
    font = ImageFont.load_default(size=13)
    if draw.textlength(text, font=font) > room:
        while text and draw.textlength(text + "…", font=font) > room:
            text = text[:-1]
        text += "…"
    draw.text((x, y), text, fill=(30, 30, 30), font=font)


def fit_tile(picture: Picture, tile: int) -> Image.Image:
    """A picture, RGB or gray in `uint8`, as a Pillow image whose long side is `tile`. `UsageError` otherwise."""
    from PIL import Image

    picture = np.asarray(picture)
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or not picture.size:
        raise UsageError(f"a picture on a sheet is RGB or gray in uint8, not {picture.shape} in {picture.dtype}")
    image = Image.fromarray(picture).convert("RGB")
    scale = tile / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def small(picture: Picture, tile: int = TILE) -> Picture:
    """A copy (h, w, 3) `uint8` that fills a sheet's square, to be kept instead of the picture."""
    return np.asarray(fit_tile(picture, tile), np.uint8)


def png(picture: Picture) -> bytes:
    """A picture (H, W, 3) or (H, W) `uint8` as a PNG file's bytes."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", optimize=True)
    return out.getvalue()
