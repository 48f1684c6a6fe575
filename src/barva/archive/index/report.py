"""The report of a target: one HTML page that holds all that it shows, its pictures too."""

from __future__ import annotations

import base64
import html
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path, PurePath, PurePosixPath
from string import Template
from typing import Any

from barva.archive.index.reading import read
from barva.archive.index.schema import file_name
from barva.archive.places import Place, is_url
from barva.archive.tones import tone_name
from barva.errors import BarvaError

LEAST_SURE = 100
"""Results that a person should look at first."""

FAILED = 100
"""Photos that failed which the page names."""

_THUMBNAIL = 220  # long side, px
_COLUMNS = ["path", "output", "state", "error", "tone", "cast_hue", "cast_chroma", "confidence", "seconds", "bytes",
            "objects.kind", "notes"]  # fmt: skip

_STATES = {"done": "colored", "kept": "finished before", "left": "in color already, left", "failed": "failed"}


def write_report(place: Place) -> tuple[str, tuple[str, ...]]:
    """The report's HTML, and notes on parts of the index that could not be read.

    Args:
        place: the target.

    Raises:
        ReadError: there is no index, or it cannot be read.
    """
    reading = read(place, _COLUMNS)
    rows = reading.table
    page = Template(files("barva.archive.index").joinpath("report.html").read_text(encoding="utf-8"))
    sections = [
        _bars("Photos", _states(rows), rows.num_rows),
        _facts("Time and size", _times(rows)),
        _bars("Tone of the photos", _tones(rows), rows.num_rows),
        _casts(rows),
        _bars("Objects", _objects(rows)),
        _bars("Notes", _notes(rows)),
    ]
    return page.substitute(
        title=html.escape(place.bare_url),
        when=time.strftime("%Y-%m-%d %H:%M %z"),
        photos=f"{rows.num_rows:,} {'photo' if rows.num_rows == 1 else 'photos'}",
        sections="\n".join(filter(None, sections)),
        errors=_bars("Errors by kind", _errors(rows)) + _failed(rows),
        least_sure=_least_sure(place, rows),
    ), reading.notes


def _facts(title: str, pairs: Sequence[tuple[str, str]], kind: str = "facts") -> str:
    """A table with a heading; nothing without rows."""
    rows = "".join(f"<tr><td>{html.escape(left)}</td><td>{html.escape(right)}</td></tr>" for left, right in pairs)
    return f'<section class="{kind}"><h2>{title}</h2><table>{rows}</table></section>' if rows else ""


def _bars(title: str, counts: Sequence[tuple[str, int]], total: int = 0, *, swatch: str = "") -> str:
    """Counts with a bar each, as shares of `total`, or of the largest; nothing without rows. `swatch` is a color of CSS
    with a field for the label."""
    if not counts:
        return ""
    total = total or max(count for _, count in counts)
    rows = []
    for label, count in counts:
        color = f'<i class="swatch" style="background: {swatch.format(label)}"></i>' if swatch else ""
        name = f"{color}hue {label}° to {int(label) + 30}°" if swatch else html.escape(label)
        style = f"--share: {100 * count / total:.2f}%"
        rows.append(f'<tr style="{style}"><td>{name}</td><td>{count:,}</td></tr>')
    return f'<section class="bars"><h2>{title}</h2><table>{"".join(rows)}</table></section>'


def _states(rows: Any) -> list[tuple[str, int]]:
    counts = rows["state"].value_counts().to_pylist()
    return _most({"values": _STATES.get(c["values"], c["values"]), "counts": c["counts"]} for c in counts)


def _most(counts: Iterable[dict[str, Any]], at_most: int = 20) -> list[tuple[str, int]]:
    pairs = [(str(c["values"]), int(c["counts"])) for c in counts if c["values"]]
    return sorted(pairs, key=lambda p: (-p[1], p[0]))[:at_most]


def _errors(rows: Any) -> list[tuple[str, int]]:
    """Errors without the names and numbers that make each one its own."""
    failed = rows.select(["error", "path", "output"]).filter(_is_state(rows, "failed"))
    kinds = Counter[str]()
    for batch in failed.to_batches(max_chunksize=10_000):
        columns = (batch[name].to_pylist() for name in ("error", "path", "output"))
        kinds.update(error_kind(*(cell or "" for cell in cells)) for cells in zip(*columns, strict=True))
    return _most({"values": kind, "counts": count} for kind, count in kinds.items())


def _failed(rows: Any) -> str:
    """Photos that failed, by path, as many as are named."""
    import pyarrow.compute as pc

    failed = rows.filter(_is_state(rows, "failed")).select(["path", "error"])
    first = failed.take(pc.select_k_unstable(failed, k=min(FAILED, failed.num_rows), sort_keys=[("path", "ascending")]))
    pairs = [(row["path"], row["error"] or "") for row in first.to_pylist()]
    if failed.num_rows > len(pairs):
        pairs.append((f"and {failed.num_rows - len(pairs):,} more", ""))
    return _facts("Photos that failed", pairs, "paths")


def _tones(rows: Any) -> list[tuple[str, int]]:
    counts = rows["tone"].value_counts().to_pylist()
    return _most({"values": tone_name(c["values"]), "counts": c["counts"]} for c in counts)


def _is_state(rows: Any, state: str) -> Any:
    import pyarrow.compute as pc

    return pc.equal(rows["state"], state)


def error_kind(error: str, path: str, output: str) -> str:
    """An error's text, alike for all photos that it befell."""
    for name in sorted({path, output, Path(path).name, Path(output).name} - {""}, key=len, reverse=True):
        error = error.replace(name, "PHOTO")
    error = re.sub(r"^PHOTO:? ", "", error)
    return re.sub(r"(?<!JPEG )(?<!\d)\d+", "N", error)[:200]  # JPEG 2000 is a name


def _casts(rows: Any) -> str:
    import pyarrow.compute as pc

    toned = rows.filter(pc.and_(pc.is_valid(rows["cast_chroma"]), pc.greater(rows["cast_chroma"], 2.5)))
    toned = toned.filter(pc.not_equal(toned["tone"], "color"))
    bins = pc.multiply(pc.floor(pc.divide(toned["cast_hue"], 30.0)), 30).cast("int32")
    counts = sorted((c["values"], c["counts"]) for c in bins.value_counts().to_pylist())
    pairs = [(str(hue), int(count)) for hue, count in counts]
    return _bars("Color casts of toned photos", pairs, swatch="lch(70% 45 calc({}deg + 15deg))")


def _objects(rows: Any) -> list[tuple[str, int]]:
    import pyarrow.compute as pc

    kinds = pc.struct_field(pc.list_flatten(rows["objects"]), "kind").unify_dictionaries()
    return _most(kinds.value_counts().to_pylist()) if len(kinds) else []


def _notes(rows: Any) -> list[tuple[str, int]]:
    import pyarrow.compute as pc

    notes = pc.list_flatten(rows["notes"])
    plain = pc.replace_substring_regex(notes, r"[0-9]+", "N")
    return _most(plain.value_counts().to_pylist()) if len(notes) else []


def _times(rows: Any) -> list[tuple[str, str]]:
    import pyarrow.compute as pc

    seconds = pc.drop_null(rows.filter(_is_state(rows, "done"))["seconds"])
    if not len(seconds):
        return []
    median, slow = pc.quantile(seconds, [0.5, 0.99]).to_pylist()
    total = pc.sum(pc.drop_null(rows["bytes"])).as_py() or 0
    return [
        ("seconds a photo, median", f"{median:.2f}"),
        ("seconds a photo, slowest of 100", f"{slow:.2f}"),
        ("hours of one process", f"{pc.sum(seconds).as_py() / 3600:.2f}"),
        ("megabytes of photos", f"{total / 1e6:,.1f}"),
    ]


def _least_sure(place: Place, rows: Any) -> str:
    """Figures of the results of which the method was least sure, the least first."""
    import pyarrow.compute as pc

    done = rows.filter(pc.is_valid(rows["confidence"]))
    first = pc.select_k_unstable(done, k=min(LEAST_SURE, done.num_rows), sort_keys=[("confidence", "ascending")])
    chosen = done.take(first).select(["path", "output", "confidence"]).to_pylist()
    if not chosen:
        return "<p>No method told how sure it was.</p>"
    with ThreadPoolExecutor(4) as threads:  # each decodes a whole photo, outside the interpreter's lock
        pictures = threads.map(lambda row: _thumbnail(place, row["output"]), chosen)
        figures = [_figure(place, row, picture) for row, picture in zip(chosen, pictures, strict=True)]
    return f'<div class="sheet">{"".join(figures)}</div>'


def _figure(place: Place, row: dict[str, Any], picture: str) -> str:
    """A result that leads to its file, under the path of its photo, whose name alone is that of many in an archive."""
    path = html.escape(row["path"], quote=True)
    folder, name = (html.escape(text) for text in _shown_path(row))
    caption = f"<b>{row['confidence']:.0%}</b> <small>{folder}</small>{name}"
    if place.is_local and not is_url(row["output"]):
        address = html.escape(_result(place, row["output"]).as_uri(), quote=True)
        picture = f'<a href="{address}">{picture}</a>'
    return f'<figure title="{path}">{picture}<figcaption>{caption}</figcaption></figure>'


def _shown_path(row: dict[str, Any]) -> tuple[str, str]:
    """The folder of a result below the target, and the name of its photo."""
    output, path = PurePath(row["output"]), row["path"]
    name = (PurePosixPath(path) if is_url(path) else PurePath(path)).name
    folder = "" if output.is_absolute() or is_url(row["output"]) else output.parent.as_posix()
    return ("" if folder in ("", ".") else f"{folder}/"), name


def _result(place: Place, output: str) -> Path:
    """A result's path on this machine."""
    return place.local / file_name(output)


def _thumbnail(place: Place, output: str) -> str:
    """An `img` with its picture inside; a word where the result is gone."""
    import cv2

    from barva.imaging.read import read

    try:
        photo = read(_result(place, output) if place.is_local else place.read(output))
        rgb = photo.shrink(_THUMBNAIL)
    except BarvaError:
        return '<span class="gone">the result is gone</span>'
    scale = _THUMBNAIL / max(rgb.shape[:2])
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    small = small if small.ndim == 3 else small[..., None]
    _, data = cv2.imencode(
        ".jpg", (small[..., ::-1] * 255).clip(0, 255).astype("uint8"), [cv2.IMWRITE_JPEG_QUALITY, 80]
    )
    address = base64.b64encode(data.tobytes()).decode()
    return f'<img alt="" width="{size[0]}" height="{size[1]}" src="data:image/jpeg;base64,{address}">'
