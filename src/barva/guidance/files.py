"""Hint files: guidance as JSON.

    {"barva": "guidance", "version": 1, "marks": [
      {"kind": "point", "at": [412, 310], "color": "#7a1f1f"},
      {"kind": "stroke", "along": [[10, 10], [50, 60]], "width": 6, "color": "navy"},
      {"kind": "region", "box": [0.1, 0.1, 0.5, 0.4], "unit": "share", "color": "red"},
      {"kind": "region", "polygon": [[5, 5], [90, 5], [40, 70]], "color": "green"},
      {"kind": "region", "mask": "coat.png", "color": "xkcd:navy"}]}

`unit`, `width`, `index`, `strength` (0..1) and `vividness` (0..2) may be left out, and so may a region's color where
vividness is said. A region has one of `box`, `polygon`, `mask` (a path, seen from the hint file) and `png` (the mask
itself, base64). What is wrong is said with its place, such as `marks[3].at`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from barva.errors import Message, UsageError, one_line, several, shorten, suggestion
from barva.guidance.mark import Mark, Point, Region, Stroke
from barva.scene.shape_json import AREAS, area_from_json, shape_to_json
from barva.scene.shapes import Dot, Line, Shape
from barva.scene.strict_json import parse_json

VERSION = 1
LARGEST = 64 << 20
"""Bytes that a hint file may have."""

_OPTIONS = ("strength", "vividness")
_KEYS = {
    "point": ("kind", "at", "color", "unit", *_OPTIONS),
    "stroke": ("kind", "along", "width", "color", "unit", *_OPTIONS),
    "region": ("kind", *AREAS, "index", "color", "unit", *_OPTIONS),
}


def to_json(marks: Iterable[Mark], folder: Path | None = None) -> str:
    """The hint file's text, one mark a line; `folder` as for `Guidance.to_json`."""
    lines = [json.dumps(_row(mark, folder), ensure_ascii=False) for mark in marks]
    inside = ",\n  ".join(lines)
    return f'{{"barva": "guidance", "version": {VERSION}, "marks": [\n  {inside}\n]}}\n'


def _row(mark: Mark, folder: Path | None) -> dict[str, Any]:
    color = {} if mark.color is None else {"color": mark.color}
    options = {key: getattr(mark, key) for key in _OPTIONS if getattr(mark, key) != 1}
    return {"kind": type(mark).__name__.lower()} | shape_to_json(_shape(mark), mark.unit, folder) | color | options


def _shape(mark: Mark) -> Shape:
    if isinstance(mark, Point):
        return Dot(mark.at)
    return Line(mark.along, mark.width) if isinstance(mark, Stroke) else mark.where


def from_json(text: str | bytes, folder: Path = Path()) -> tuple[Mark, ...]:
    """Read a hint file's text. UsageError names the place of what is wrong, and of several things the first five."""
    whole = parse_json(text)
    if not isinstance(whole, dict) or whole.get("barva") != "guidance":
        raise UsageError(
            'this is no hint file: {"barva": "guidance", "version": 1, "marks": [...]} is wanted',
            code="guidance.no-hint-file",
        )
    _refuse_unknown(whole, ("barva", "version", "marks"), "")
    version, rows = whole.get("version"), whole.get("marks")
    if version != VERSION or isinstance(version, bool):
        raise UsageError(
            "version: this Barva reads hint files of version {version}, not {value}",
            code="guidance.version",
            version=VERSION,
            value=shorten(version),
        )
    if not isinstance(rows, list):
        raise UsageError("marks: a list is wanted", code="guidance.marks")
    marks, wrong = [], []
    for i, row in enumerate(rows):
        try:
            marks.append(_mark(row, folder))
        except UsageError as error:
            wrong.append(one_line(Message("{place}{problem}", code="in", place=f"marks[{i}]", problem=error)))
    if wrong:
        raise UsageError(several(wrong))
    return tuple(marks)


def _mark(row: Any, folder: Path) -> Mark:
    """One mark. UsageError begins with the place below the mark: `.at: ...`, or `: ...` for the mark itself."""
    if not isinstance(row, dict):
        raise UsageError(": an object is wanted", code="json.object")
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise UsageError(".kind: point, stroke or region is wanted, not {value}", code="mark.kind", value=shorten(kind))
    _refuse_unknown(row, _KEYS[kind], ".")
    color, unit = row.get("color"), row.get("unit", "px")
    options = {key: row[key] for key in _OPTIONS if key in row}
    try:
        if kind == "point":
            return Point(row.get("at"), color, unit, **options)  # type: ignore[arg-type]  # the constructors check
        if kind == "stroke":
            return Stroke(row.get("along"), color, row.get("width"), unit, **options)  # type: ignore[arg-type]
        return Region(area_from_json(row, folder), color, unit, **options)
    except UsageError as error:
        raise UsageError("{place}{problem}", code="in", place=".", problem=error) from None


def _refuse_unknown(row: dict[str, Any], keys: tuple[str, ...], before: str) -> None:
    for key in row:
        if key not in keys:
            raise UsageError(
                "{key}: there is no such key{hint}",
                code="json.unknown-key",
                key=f"{before}{shorten(key)}",
                hint=suggestion(key, keys),
            )
