"""Hint files: guidance as JSON.

    {"barva": "guidance", "version": 1, "marks": [
      {"kind": "point", "at": [412, 310], "color": "#7a1f1f"},
      {"kind": "stroke", "along": [[10, 10], [50, 60]], "width": 6, "color": "navy"},
      {"kind": "region", "box": [0.1, 0.1, 0.5, 0.4], "unit": "share", "color": "red"},
      {"kind": "region", "polygon": [[5, 5], [90, 5], [40, 70]], "color": "green"},
      {"kind": "region", "mask": "coat.png", "color": "xkcd:navy"}]}

`unit`, `width` and `index` may be left out. A region has one of `box`, `polygon`, `mask` (a path, seen from the hint
file) and `png` (the mask itself, base64). What is wrong is said with its place, such as `marks[3].at`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
from pathlib import Path
from typing import Any

from barva.errors import ReadError, UsageError, WriteError
from barva.guidance.marks import Box, Guidance, Mark, Point, Polygon, Region, Stroke, numbers
from barva.guidance.masks import Mask

VERSION = 1
LARGEST = 64 << 20
"""Bytes that a hint file may have."""

_SHAPES = ("box", "polygon", "mask", "png")
_KEYS = {
    "point": ("kind", "at", "color", "unit"),
    "stroke": ("kind", "along", "width", "color", "unit"),
    "region": ("kind", *_SHAPES, "index", "color", "unit"),
}
_SAID = 5  # errors that one message lists


def to_json(guidance: Guidance, folder: Path | None = None) -> str:
    """The hint file's text, one mark a line; `folder` as for `Guidance.to_json`."""
    lines = [json.dumps(_row(mark, folder), ensure_ascii=False) for mark in guidance.marks]
    inside = ",\n  ".join(lines)
    return f'{{"barva": "guidance", "version": {VERSION}, "marks": [\n  {inside}\n]}}\n'


def _row(mark: Mark, folder: Path | None) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": type(mark).__name__.lower()}
    if isinstance(mark, Point):
        row["at"] = _tidy(mark.at)
    elif isinstance(mark, Stroke):
        row["along"] = [_tidy(place) for place in mark.along]
        if mark.width is not None:
            row["width"] = _tidy((mark.width,))[0]
    else:
        row |= _area(mark.where, folder)
    if mark.unit != "px":
        row["unit"] = mark.unit
    return row | {"color": mark.color}


def _area(where: Box | Polygon | Mask, folder: Path | None) -> dict[str, Any]:
    if isinstance(where, Box):
        return {"box": _tidy((where.left, where.top, where.right, where.bottom))}
    if isinstance(where, Polygon):
        return {"polygon": [_tidy(corner) for corner in where.corners]}
    index = {} if where.index is None else {"index": where.index}
    if where.path and folder is not None:
        path = os.path.abspath(where.path)  # noqa: PTH100 - a link stays the path that the user wrote
        with contextlib.suppress(ValueError):  # another drive
            path = os.path.relpath(path, folder.absolute())
        return {"mask": Path(path).as_posix()} | index
    return {"png": base64.b64encode(where.png()).decode()} | index


def _tidy(values: tuple[float, ...]) -> list[float]:
    return [int(v) if v == int(v) else v for v in values]


def from_json(text: str | bytes, folder: Path = Path()) -> Guidance:
    """Read a hint file's text. UsageError names the place of what is wrong, and of several things the first five."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"this is no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError) as error:  # not UTF-8, numbers without end, brackets without end
        raise UsageError(f"this is no JSON: {type(error).__name__}") from None
    if not isinstance(whole, dict) or whole.get("barva") != "guidance":
        raise UsageError('this is no hint file: {"barva": "guidance", "version": 1, "marks": [...]} is wanted')
    _known(whole, ("barva", "version", "marks"), "")
    version, rows = whole.get("version"), whole.get("marks")
    if version != VERSION or isinstance(version, bool):
        raise UsageError(f"version: this Barva reads hint files of version {VERSION}, not {_short(version)}")
    if not isinstance(rows, list):
        raise UsageError("marks: a list is wanted")
    marks, wrong = [], []
    for i, row in enumerate(rows):
        try:
            marks.append(_mark(row, folder))
        except UsageError as error:
            wrong.append(" ".join(f"marks[{i}]{error}".split()))  # names of files may hold line breaks
    if wrong:
        more = f"; and {len(wrong) - _SAID} more" if len(wrong) > _SAID else ""
        raise UsageError("; ".join(wrong[:_SAID]) + more)
    return Guidance(tuple(marks))


def _mark(row: Any, folder: Path) -> Mark:
    """One mark. UsageError begins with the place below the mark: `.at: ...`, or `: ...` for the mark itself."""
    if not isinstance(row, dict):
        raise UsageError(": an object is wanted")
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise UsageError(f".kind: point, stroke or region is wanted, not {_short(kind)}")
    _known(row, _KEYS[kind], ".")
    color, unit = row.get("color"), row.get("unit", "px")
    try:
        if kind == "point":
            return Point(row.get("at"), color, unit)  # type: ignore[arg-type]  # the constructors check
        if kind == "stroke":
            return Stroke(row.get("along"), color, row.get("width"), unit)  # type: ignore[arg-type]
        return Region(_where(row, folder), color, unit)  # type: ignore[arg-type]
    except UsageError as error:
        raise UsageError(f".{error}") from None


def _where(row: dict[str, Any], folder: Path) -> Box | Polygon | Mask:
    shapes = [key for key in _SHAPES if key in row]
    if len(shapes) != 1:
        raise UsageError(f"kind: a region has one of {', '.join(_SHAPES)}; this one has {len(shapes)}")
    shape, value, index = shapes[0], row[shapes[0]], row.get("index")
    if "index" in row and (isinstance(index, bool) or not isinstance(index, int) or shape in ("box", "polygon")):
        raise UsageError("index: a whole number is wanted, and for masks alone")
    if shape == "box":
        left, top, right, bottom = numbers(value, 4, "box")
        return Box(left, top, right, bottom)
    if shape == "polygon":
        return Polygon(value)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{shape}: text is wanted")
    try:
        return Mask.read(folder / value, index) if shape == "mask" else Mask.of_png(_decoded(value), index)
    except (ReadError, UsageError) as error:
        raise UsageError(f"{shape}: {error}") from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("base64 is wanted") from None


def _known(row: dict[str, Any], keys: tuple[str, ...], before: str) -> None:
    import difflib

    for key in row:
        if key not in keys:
            near = difflib.get_close_matches(key[:40], keys, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"{before}{_short(key)}: there is no such key{hint}")


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:37] + "..."


def load(path: Path) -> Guidance:
    """Read a hint file. ReadError: it cannot be read; UsageError: it says nonsense."""
    try:
        if path.stat().st_size > LARGEST:
            raise ReadError(f"{path} is too large for a hint file")
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(f"{path}: there is no such hint file") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return from_json(data, path.parent)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def save(guidance: Guidance, path: Path, overwrite: bool = False) -> None:
    """Write a hint file; an existing one is replaced only with `overwrite`. WriteError."""
    text = to_json(guidance, path.parent)
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise WriteError(f"{path} exists already; --overwrite replaces it") from None
    except (OSError, ValueError) as error:
        raise WriteError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None
