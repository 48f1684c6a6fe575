"""Geometry as JSON, in hint files and in scenes alike.

    {"at": [412, 310]}    {"along": [[10, 10], [50, 60]], "width": 6}    {"box": [0.1, 0.1, 0.5, 0.4], "unit": "share"}
    {"polygon": [[5, 5], [90, 5], [40, 70]]}    {"mask": "coat.png"}    {"png": "iVBOR...", "index": 3}

`mask` is a path, seen from the file; `png` is the mask itself, base64. `unit`, `width` and `index` may be left out.
UsageErrors begin with the key that is wrong.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from barva.errors import ReadError, UsageError
from barva.scene.masks import Mask
from barva.scene.shapes import Box, Dot, Line, Polygon, Shape, Unit, check_shape, numbers

AREAS = ("box", "polygon", "mask", "png")
KEYS = ("at", "along", "width", *AREAS, "index", "unit")


def shape_to_json(shape: Shape, unit: Unit, folder: Path | None = None) -> dict[str, Any]:
    """A shape's JSON. Masks that came from files are named by their path, seen from `folder`; without one, they are
    put in as PNG."""
    return _shape(shape, folder) | ({} if unit == "px" else {"unit": unit})


def _shape(shape: Shape, folder: Path | None) -> dict[str, Any]:
    if isinstance(shape, Dot):
        return {"at": plain_numbers(shape.at)}
    if isinstance(shape, Line):
        width = {} if shape.width is None else {"width": plain_numbers((shape.width,))[0]}
        return {"along": [plain_numbers(place) for place in shape.along]} | width
    if isinstance(shape, Box):
        return {"box": plain_numbers((shape.left, shape.top, shape.right, shape.bottom))}
    if isinstance(shape, Polygon):
        return {"polygon": [plain_numbers(corner) for corner in shape.corners]}
    index = {} if shape.index is None else {"index": shape.index}
    if shape.path and folder is not None:
        return {"mask": relative_path(shape.path, folder)} | index
    return {"png": base64.b64encode(shape.png()).decode()} | index


def relative_path(path: str, folder: Path) -> str:
    """A path as a file in `folder` names it."""
    path = os.path.abspath(path)  # noqa: PTH100 - a link stays the path that the user wrote
    with contextlib.suppress(ValueError):  # another drive
        path = os.path.relpath(path, folder.absolute())
    return Path(path).as_posix()


def plain_numbers(values: Sequence[float]) -> list[float]:
    """Whole numbers without a point."""
    return [int(v) if v == int(v) else v for v in values]


def shape_from_json(row: dict[str, Any], folder: Path) -> Shape:
    """The shape that a row's keys say. UsageError."""
    named = [key for key in ("at", "along", *AREAS) if key in row]
    if len(named) != 1:
        raise UsageError(
            "a region has one of at, along, {areas}; this one has {count}",
            code="region.one-shape",
            areas=", ".join(AREAS),
            count=len(named),
        )
    unit = row.get("unit", "px")
    if named[0] == "at":
        return check_shape(Dot(row["at"]), unit)
    if named[0] == "along":
        return check_shape(Line(row["along"], row.get("width")), unit)
    return check_shape(area_from_json(row, folder), unit)


def area_from_json(row: dict[str, Any], folder: Path) -> Box | Polygon | Mask:
    """The shape with a border that a row's keys say. UsageError."""
    named = [key for key in AREAS if key in row]
    if len(named) != 1:
        raise UsageError(
            "kind: a region has one of {areas}; this one has {count}",
            code="region.one-area",
            areas=", ".join(AREAS),
            count=len(named),
        )
    key, value, index = named[0], row[named[0]], row.get("index")
    if "index" in row and (isinstance(index, bool) or not isinstance(index, int) or key in ("box", "polygon")):
        raise UsageError("index: a whole number is wanted, and for masks alone", code="region.index")
    if key == "box":
        left, top, right, bottom = numbers(value, 4, "box")
        return Box(left, top, right, bottom)
    if key == "polygon":
        return Polygon(value)
    if not isinstance(value, str) or not value:
        raise UsageError("{key}: text is wanted", code="json.text", key=key)
    try:
        return Mask.read(folder / value, index) if key == "mask" else Mask.of_png(decode_base64(value), index)
    except (ReadError, UsageError) as error:
        raise UsageError("{place}: {problem}", code="at", place=key, problem=error) from None


def decode_base64(text: str) -> bytes:
    """From base64. UsageError."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("base64 is wanted", code="json.base64") from None
