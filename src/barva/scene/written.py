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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from barva.errors import ReadError, UsageError, WriteError
from barva.files import write_whole
from barva.scene.masks import Mask
from barva.scene.shapes import Box, Dot, Line, Polygon, Shape, Unit, checked, numbers

T = TypeVar("T")

AREAS = ("box", "polygon", "mask", "png")
KEYS = ("at", "along", "width", *AREAS, "index", "unit")


def row(shape: Shape, unit: Unit, folder: Path | None = None) -> dict[str, Any]:
    """A shape's JSON. Masks that came from files are named by their path, seen from `folder`; without one, they are
    put in as PNG."""
    return _shape(shape, folder) | ({} if unit == "px" else {"unit": unit})


def _shape(shape: Shape, folder: Path | None) -> dict[str, Any]:
    if isinstance(shape, Dot):
        return {"at": tidy(shape.at)}
    if isinstance(shape, Line):
        width = {} if shape.width is None else {"width": tidy((shape.width,))[0]}
        return {"along": [tidy(place) for place in shape.along]} | width
    if isinstance(shape, Box):
        return {"box": tidy((shape.left, shape.top, shape.right, shape.bottom))}
    if isinstance(shape, Polygon):
        return {"polygon": [tidy(corner) for corner in shape.corners]}
    index = {} if shape.index is None else {"index": shape.index}
    if shape.path and folder is not None:
        return {"mask": seen_from(shape.path, folder)} | index
    return {"png": base64.b64encode(shape.png()).decode()} | index


def seen_from(path: str, folder: Path) -> str:
    """A path as a file in `folder` names it."""
    path = os.path.abspath(path)  # noqa: PTH100 - a link stays the path that the user wrote
    with contextlib.suppress(ValueError):  # another drive
        path = os.path.relpath(path, folder.absolute())
    return Path(path).as_posix()


def tidy(values: Sequence[float]) -> list[float]:
    """Whole numbers without a point."""
    return [int(v) if v == int(v) else v for v in values]


def shape(row: dict[str, Any], folder: Path) -> Shape:
    """The shape that a row's keys say. UsageError."""
    named = [key for key in ("at", "along", *AREAS) if key in row]
    if len(named) != 1:
        raise UsageError(f"a region has one of at, along, {', '.join(AREAS)}; this one has {len(named)}")
    unit = row.get("unit", "px")
    if named[0] == "at":
        return checked(Dot(row["at"]), unit)
    if named[0] == "along":
        return checked(Line(row["along"], row.get("width")), unit)
    return checked(area(row, folder), unit)


def area(row: dict[str, Any], folder: Path) -> Box | Polygon | Mask:
    """The shape with a border that a row's keys say. UsageError."""
    named = [key for key in AREAS if key in row]
    if len(named) != 1:
        raise UsageError(f"kind: a region has one of {', '.join(AREAS)}; this one has {len(named)}")
    key, value, index = named[0], row[named[0]], row.get("index")
    if "index" in row and (isinstance(index, bool) or not isinstance(index, int) or key in ("box", "polygon")):
        raise UsageError("index: a whole number is wanted, and for masks alone")
    if key == "box":
        left, top, right, bottom = numbers(value, 4, "box")
        return Box(left, top, right, bottom)
    if key == "polygon":
        return Polygon(value)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{key}: text is wanted")
    try:
        return Mask.read(folder / value, index) if key == "mask" else Mask.of_png(decoded(value), index)
    except (ReadError, UsageError) as error:
        raise UsageError(f"{key}: {error}") from None


def decoded(text: str) -> bytes:
    """From base64. UsageError."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("base64 is wanted") from None


def near(word: str, known: Sequence[str]) -> str:
    """`; did you mean box?`, or nothing."""
    import difflib

    found = difflib.get_close_matches(word[:40], known, n=1)
    return f"; did you mean {found[0]}?" if found else ""


def short(value: Any) -> str:
    """A value on one short line."""
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:37] + "..."


def get(path: Path, what: str, largest: int, read: Callable[[bytes, Path], T]) -> T:
    """What `read` makes of a file's bytes and folder. ReadError: no file, or more than `largest` bytes; UsageError as
    `read`'s, which begins with the file's name. `what` the file is, for the messages."""
    try:
        if path.stat().st_size > largest:
            raise ReadError(f"{path} is too large for a {what}")
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(f"{path}: there is no such {what}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return read(data, path.parent)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def put(path: Path, text: str, overwrite: bool) -> None:
    """A text file that is whole or absent; an existing one is replaced only with `overwrite`. WriteError."""
    try:
        write_whole(path, text.encode(), overwrite)
    except ValueError as error:  # a text or a name that no file can have
        raise WriteError(f"{path} cannot be written: {error}") from None
