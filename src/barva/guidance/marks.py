"""Marks: what a person puts on a photo. Plain data: a place, and a colour as it was written with its chroma.

Places are pixels of the upright photo, or shares (`unit="share"`): 0..1 of its width and height. Pixel coordinates of
points and strokes name pixels (0, 0 is the middle of the first one); those of boxes and polygons are borders between
pixels (0, 0 is the photo's corner), so that the box 0, 0, width, height is all of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from barva.color import names
from barva.errors import UsageError
from barva.guidance.masks import Mask, colored

Unit = Literal["px", "share"]
Place = tuple[float, float]

_FARTHEST = 1e7  # more pixels than any photo has on a side


def numbers(values: Any, count: int, what: str, unit: Unit = "px") -> tuple[float, ...]:
    """`count` finite floats, in 0..1 where they are shares. UsageError, which begins with `what`."""
    if unit not in ("px", "share"):
        raise UsageError(f"unit: 'px' or 'share' is wanted, not {str(unit)[:40]!r}")
    wanted = {1: "a number is", 2: "two numbers are", 4: "four numbers are"}[count]
    try:
        found = [math.nan if isinstance(v, str | bytes | bool) else float(v) for v in values]
    except (TypeError, ValueError, OverflowError):
        found = []
    if len(found) != count or not all(math.isfinite(v) and abs(v) <= _FARTHEST for v in found):
        raise UsageError(f"{what}: {wanted} wanted")
    if unit == "share" and not all(0 <= v <= 1 for v in found):
        raise UsageError(f"{what}: shares go from 0 to 1, not {_shown(found)}")
    return tuple(found)


def _places(values: Any, what: str, unit: Unit) -> tuple[Place, ...]:
    try:
        pairs = list(values)
    except TypeError:
        raise UsageError(f"{what}: a list of places is wanted") from None
    read = (numbers(pair, 2, f"{what}[{i}]", unit) for i, pair in enumerate(pairs))
    return tuple((x, y) for x, y in read)


def _chroma(color: Any) -> Place:
    if not isinstance(color, str):
        raise UsageError(f"color: text such as 'navy' or '#7a1f1f' is wanted, not a {type(color).__name__}")
    try:
        _, a, b = names.lab(color)
    except UsageError as error:
        raise UsageError(f"color: {error}") from None
    return a, b


def _shown(numbers: Sequence[float]) -> str:
    return ",".join(f"{v:.10g}" for v in numbers)


@dataclass(frozen=True)
class Box:
    """The pixels from `left` to `right` and from `top` to `bottom`, which are borders between pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def __str__(self) -> str:
        return f"box:{_shown((self.left, self.top, self.right, self.bottom))}"


@dataclass(frozen=True)
class Polygon:
    """The inside of a closed line through at least three `corners` (x, y); even-odd where it crosses itself."""

    corners: tuple[Place, ...]

    def __str__(self) -> str:
        first = ";".join(_shown(c) for c in self.corners[:2])
        return f"polygon:{first};..."


@dataclass(frozen=True)
class Point:
    """A click: the disc of 1/64 of the photo's short side at `at` (x, y) gets `color`.

    `color` is anything that `barva.color.names.lab` reads; `ab` its chroma. UsageError.
    """

    at: Place
    color: str
    unit: Unit = "px"
    ab: Place = field(init=False)

    def __post_init__(self) -> None:
        x, y = numbers(self.at, 2, "at", self.unit)
        object.__setattr__(self, "at", (x, y))
        object.__setattr__(self, "ab", _chroma(self.color))

    def __str__(self) -> str:
        return f"point {_shown(self.at)} = {self.color}"


@dataclass(frozen=True)
class Stroke:
    """A line through the places of `along`, `width` wide: pixels, or a share of the short side; None means 1/64 of
    that. One place makes a dot. UsageError."""

    along: tuple[Place, ...]
    color: str
    width: float | None = None
    unit: Unit = "px"
    ab: Place = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "along", _places(self.along, "along", self.unit))
        if not self.along:
            raise UsageError("along: the stroke is empty; at least one place is wanted")
        if self.width is not None:
            object.__setattr__(self, "width", numbers((self.width,), 1, "width", self.unit)[0])
            if self.width <= 0:
                raise UsageError(f"width: a stroke must be wider than {self.width:g}")
        object.__setattr__(self, "ab", _chroma(self.color))

    def __str__(self) -> str:
        more = ";..." if len(self.along) > 2 else ""
        return f"stroke {';'.join(_shown(p) for p in self.along[:2])}{more} = {self.color}"


@dataclass(frozen=True)
class Region:
    """An area with a border: a `Box`, a `Polygon` or a `Mask`, all of which gets `color`. UsageError."""

    where: Box | Polygon | Mask
    color: str
    unit: Unit = "px"
    ab: Place = field(init=False)

    def __post_init__(self) -> None:
        where = self.where
        if isinstance(where, Box):
            sides = numbers((where.left, where.top, where.right, where.bottom), 4, "box", self.unit)
            if sides[2] <= sides[0] or sides[3] <= sides[1]:
                raise UsageError(f"box: left,top,right,bottom is wanted, and {_shown(sides)} has no inside")
            object.__setattr__(self, "where", Box(*sides))
        elif isinstance(where, Polygon):
            corners = _places(where.corners, "polygon", self.unit)
            if len(corners) < 3:
                raise UsageError(f"polygon: at least three corners are wanted, not {len(corners)}")
            object.__setattr__(self, "where", Polygon(corners))
        elif not isinstance(where, Mask):
            raise UsageError(f"a region is a Box, a Polygon or a Mask, not a {type(where).__name__}")
        object.__setattr__(self, "ab", _chroma(self.color))

    def __str__(self) -> str:
        where = self.where
        if not isinstance(where, Mask):
            return f"region {where} = {self.color}"
        index = "" if where.index is None else f"[{where.index}]"
        return f"region {Path(where.path).name or 'mask'}{index} = {self.color}"


Mark = Point | Stroke | Region


@dataclass(frozen=True)
class Guidance:
    """All that a person says of one photo: marks, of which later ones win where they overlap."""

    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        for mark in self.marks:
            if not isinstance(mark, Point | Stroke | Region):
                raise UsageError(f"a mark is a Point, a Stroke or a Region, not a {type(mark).__name__}")

    @classmethod
    def of(cls, marks: Guidance | Mark | Iterable[Mark]) -> Guidance:
        """From a mark or several. UsageError."""
        if isinstance(marks, Guidance):
            return marks
        if isinstance(marks, Point | Stroke | Region):
            return cls((marks,))
        if isinstance(marks, str | bytes) or not isinstance(marks, Iterable):
            raise UsageError(f"guidance is a Guidance, marks or a HintMap, not a {type(marks).__name__}")
        return cls(tuple(marks))

    @classmethod
    def from_mask(cls, path: str | Path) -> Guidance:
        """A region for each colour of a mask picture that names its colours. ReadError, UsageError."""
        return cls(tuple(Region(mask, color) for mask, color in colored(path)))

    @classmethod
    def from_json(cls, text: str | bytes, folder: str | Path = ".") -> Guidance:
        """From a hint file's text; paths of masks are looked up from `folder`. UsageError names the place."""
        from barva.guidance import files

        return files.from_json(text, Path(folder))

    def to_json(self, folder: str | Path | None = None) -> str:
        """As a hint file's text. Masks that came from files are named by their path, seen from `folder`, the others
        are put in as PNG; None puts all in."""
        from barva.guidance import files

        return files.to_json(self, None if folder is None else Path(folder))

    @classmethod
    def load(cls, path: str | Path) -> Guidance:
        """From a hint file. ReadError, UsageError."""
        from barva.guidance import files

        return files.load(Path(path))

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a hint file. WriteError."""
        from barva.guidance import files

        files.save(self, Path(path), overwrite)

    def only(self, *kinds: type[Point] | type[Stroke] | type[Region]) -> Guidance:
        """Only the marks of these kinds."""
        return Guidance(tuple(m for m in self.marks if isinstance(m, kinds)))

    def digest(self) -> str:
        """sha256 of what is asked, hexadecimal; where the masks came from does not count."""
        import hashlib

        said = hashlib.sha256()
        for mark in self.marks:
            said.update(repr(mark).encode("utf-8", "backslashreplace"))
            if isinstance(mark, Region) and isinstance(mark.where, Mask):
                said.update(mark.where.plane)
        return said.hexdigest()
