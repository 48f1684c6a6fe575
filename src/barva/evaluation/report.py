"""A benchmark as a Markdown table, as JSON lines and as one HTML page; pictures side by side as a contact sheet."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError, WriteError
from barva.evaluation.benchmark import Benchmark, Row
from barva.evaluation.scores import Interval

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Picture = npt.NDArray[np.uint8]

# heading, field of Scores, factor, decimals
_COLUMNS = (
    ("CIEDE2000", "ciede2000", 1, 2),
    ("PSNR dB", "psnr", 1, 2),
    ("AuC %", "auc", 100, 1),
    ("rebalanced AuC %", "auc_rebalanced", 100, 1),
    ("chroma ratio", "chroma_ratio", 1, 2),
    ("colourfulness: signed", "colorfulness_difference", 1, 1),
    ("absolute", "colorfulness_absolute", 1, 1),
    ("b shift", "b_shift", 1, 1),
    ("hue turn °", "hue_turn", 1, 1),
    ("sepia %", "sepia", 100, 1),
)


def table(benchmark: Benchmark) -> str:
    """Markdown: a row for each method; 95 % bootstrap intervals in brackets for CIEDE2000 and the gain over grey."""
    head = ["method", _COLUMNS[0][0], "below grey", *(c[0] for c in _COLUMNS[1:]), "s/photo"]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    for cells in _cells(benchmark):
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + f"\n\n{len(benchmark.keys)} photos; light replaced by the truth's; 95 % intervals.\n"


def _cells(benchmark: Benchmark) -> list[list[str]]:
    return [_row_cells(row) for row in benchmark.rows]


def _row_cells(row: Row) -> list[str]:
    values = [_number(getattr(row.scores, name).value * factor, digits) for _, name, factor, digits in _COLUMNS]
    values[0] += _span(row.scores.ciede2000)
    gain = _number(row.gain.value, 2) + _span(row.gain)
    seconds = _number(row.scores.seconds, 3) if row.scores.seconds else "–"
    return [row.label, values[0], gain, *values[1:], seconds]


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def _span(interval: Interval) -> str:
    return f" [{_number(interval.low, 2)}, {_number(interval.high, 2)}]"


def json_lines(benchmark: Benchmark) -> str:
    """One JSON object a line: first each method's scores (`"kind": "method"`), then each photo's (`"kind": "photo"`).

    What is not defined is null, as JSON has no nan.
    """
    lines = []
    for row in benchmark.rows:
        values = {f.name: _plain(getattr(row.scores, f.name)) for f in fields(row.scores)}
        lines.append({"kind": "method", "method": row.label, **values, "gain": _plain(row.gain)})
    for row in benchmark.rows:
        for key, photo, seconds in zip(benchmark.keys, row.photos, row.seconds, strict=True):
            values = {f.name: getattr(photo, f.name) for f in fields(photo)}
            numbers = {name: _plain(v) for name, v in values.items() if isinstance(v, float)}
            lines.append({"kind": "photo", "method": row.label, "photo": key, **numbers, "seconds": seconds})
    return "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines)


def _plain(value: Any) -> Any:
    if isinstance(value, Interval):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value if not isinstance(value, float) or math.isfinite(value) else None


def sheet(
    rows: Sequence[tuple[str, Sequence[Picture]]],
    path: str | Path | None = None,
    tile: int = 192,
    columns: Sequence[str] = (),
) -> Picture:
    """A contact sheet: one line of pictures for each (label, pictures), each fitted into `tile` x `tile`.

    Pictures are RGB (H, W, 3) or grey (H, W) `uint8`. Labels stand above their line, and `columns` above their column.
    Returns (H, W, 3) `uint8`, and writes a PNG to `path` if there is one.
    """
    from PIL import Image, ImageDraw

    width = max((len(pictures) for _, pictures in rows), default=0)
    if not width or tile < 16:
        raise UsageError("a sheet needs at least one picture, and tiles of at least 16 pixels")
    lines = [(label, [_fitted(picture, tile) for picture in pictures]) for label, pictures in rows]
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
        _save(image, Path(path))
    return np.asarray(image, np.uint8)


def _write(draw: ImageDraw.ImageDraw, x: int, y: int, text: str, room: int) -> None:
    """`text`, shortened to `room` pixels."""
    from PIL import ImageFont

    font = ImageFont.load_default(size=13)
    if draw.textlength(text, font=font) > room:
        while text and draw.textlength(text + "…", font=font) > room:
            text = text[:-1]
        text += "…"
    draw.text((x, y), text, fill=(30, 30, 30), font=font)


def _fitted(picture: Picture, tile: int) -> Image.Image:
    from PIL import Image

    picture = np.asarray(picture)
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or not picture.size:
        raise UsageError(f"a picture on a sheet is RGB or grey in uint8, not {picture.shape} in {picture.dtype}")
    image = Image.fromarray(picture).convert("RGB")
    scale = tile / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _save(image: Image.Image, path: Path) -> None:
    try:
        image.save(path, "PNG", optimize=True)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written ({error})") from error


_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
table { border-collapse: collapse; margin-bottom: 2rem } th, td { padding: .25rem .6rem; border-bottom: 1px solid #ddd }
td + td, th + th { text-align: right }
section { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1.5rem }
h2 { font-size: 1rem; margin: 0; width: 100% }
figure { margin: 0 } figcaption { font-size: .8rem; color: #555 } img { display: block; max-width: ${tile}px }
</style></head><body><h1>$title</h1>
<table><tr>$head</tr>
$rows</table>
<p>$note</p>
$photos</body></html>
""")


def html(
    benchmark: Benchmark,
    pictures: Iterable[tuple[str, Mapping[str, Picture]]],
    path: str | Path | None = None,
    of: str | None = None,
    title: str = "Barva: evaluation",
    tile: int = 256,
) -> str:
    """One page that needs nothing else: the table, then the photos, the worst of method `of` first.

    `pictures` are (key, name -> picture) as `benchmark.Step` has them, for some or all photos of the benchmark. `of` is
    the last row if it isn't named. Writes the page to `path` if there is one.
    """
    worst = benchmark.row(of if of is not None else benchmark.rows[-1].label)
    place = {key: i for i, key in enumerate(benchmark.keys)}
    sections = []
    for key, named in pictures:
        if key not in place:
            raise UsageError(f"'{key}' is not a photo of this benchmark")
        at = place[key]
        each = {row.label: f"{row.label}: {row.photos[at].ciede2000:.2f}" for row in benchmark.rows}
        figures = "".join(_figure(picture, each.get(name, name), tile) for name, picture in named.items())
        error = worst.photos[at].ciede2000
        sections.append((-error, key, f"<section><h2>{escape(key)}: {error:.2f}</h2>{figures}</section>\n"))
    head = table(benchmark).splitlines()[0].strip("| ").split(" | ")
    page = _PAGE.substitute(
        title=escape(title),
        tile=tile,
        head="".join(f"<th>{escape(cell)}</th>" for cell in head),
        rows="".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in cells)}</tr>\n" for cells in _cells(benchmark)),
        note=escape(f"{len(benchmark.keys)} photos. Numbers at pictures are CIEDE2000; worst of {worst.label} first."),
        photos="".join(section for *_, section in sorted(sections)),
    )
    if path is not None:
        try:
            Path(path).write_text(page, encoding="utf-8")
        except OSError as error_:
            raise WriteError(f"{path}: cannot be written ({error_})") from error_
    return page


def _figure(picture: Picture, caption: str, tile: int) -> str:
    out = io.BytesIO()
    image = _fitted(picture, tile) if max(picture.shape[:2]) > tile else _fitted(picture, max(picture.shape[:2]))
    image.save(out, "WEBP", quality=85)
    data = base64.b64encode(out.getvalue()).decode("ascii")
    text = escape(caption)
    return f'<figure><img alt="{text}" src="data:image/webp;base64,{data}"><figcaption>{text}</figcaption></figure>'
