"""Where something lies on a photo: plain geometry.

Places are pixels of the upright photo, or shares (`unit="share"`): 0..1 of its width and height. Pixel coordinates of
dots and lines name pixels (0, 0 is the middle of the first one); those of boxes and polygons are borders between
pixels (0, 0 is the photo's corner), so that the box 0, 0, width, height is all of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from barva.errors import UsageError
from barva.scene.masks import Mask
from barva.types import Size

Unit = Literal["px", "share"]
Place = tuple[float, float]

_FARTHEST = 1e7  # more pixels than any photo has on a side


@dataclass(frozen=True)
class Dot:
    """A place (x, y) that somebody clicked at."""

    at: Place


@dataclass(frozen=True)
class Line:
    """Straight from place to place, `width` wide: pixels, or a share of the short side; None: as wide as a dot."""

    along: tuple[Place, ...]
    width: float | None = None


@dataclass(frozen=True)
class Box:
    """A rectangle. Its sides are borders between pixels: 0, 0, width, height is the whole photo.

    Args:
        left: Pixels, or a share of the width.
        top: Pixels, or a share of the height.
        right: As `left`, and greater.
        bottom: As `top`, and greater.

    Examples:
        >>> print(barva.Box(0, 0, 64, 10))
        box:0,0,64,10
    """

    left: float
    top: float
    right: float
    bottom: float

    def __str__(self) -> str:
        return f"box:{format_numbers((self.left, self.top, self.right, self.bottom))}"


@dataclass(frozen=True)
class Polygon:
    """The inside of a closed line; even-odd where it crosses itself.

    Args:
        corners: At least three places (x, y).

    Examples:
        >>> len(barva.Polygon(((0, 0), (10, 0), (5, 8))).corners)
        3
    """

    corners: tuple[Place, ...]

    def __str__(self) -> str:
        first = ";".join(format_numbers(c) for c in self.corners[:2])
        return f"polygon:{first};..."


Shape = Dot | Line | Box | Polygon | Mask


def check_shape(shape: Shape, unit: Unit) -> Shape:
    """The shape with its numbers as floats. UsageError, which begins with what is wrong: `at`, `along`, `width`, `box`,
    `polygon` or `unit`."""
    if isinstance(shape, Dot):
        x, y = numbers(shape.at, 2, "at", unit)
        return Dot((x, y))
    if isinstance(shape, Line):
        return _line(shape, unit)
    if isinstance(shape, Box):
        sides = numbers((shape.left, shape.top, shape.right, shape.bottom), 4, "box", unit)
        if sides[2] <= sides[0] or sides[3] <= sides[1]:
            raise UsageError(
                "box: left,top,right,bottom is wanted, and {value} has no inside",
                code="region.no-inside",
                value=format_numbers(sides),
            )
        return Box(*sides)
    if isinstance(shape, Polygon):
        corners = places(shape.corners, "polygon", unit)
        if len(corners) < 3:
            raise UsageError(
                "polygon: at least three corners are wanted, not {count}", code="region.corners", count=len(corners)
            )
        if _is_flat(corners):
            raise UsageError("polygon: its corners lie on one line, so that it has no inside", code="region.flat")
        return Polygon(corners)
    if not isinstance(shape, Mask):
        raise UsageError(
            "a region is a Box, a Polygon or a Mask, not a {kind}", code="region.kind", kind=type(shape).__name__
        )
    numbers((), 0, "mask", unit)  # the unit alone
    return shape


def _is_flat(corners: Sequence[Place]) -> bool:
    """Whether all corners lie on one line, but for rounding."""
    x0, y0 = corners[0]
    x1, y1 = max(corners, key=lambda place: math.dist(place, corners[0]))
    length = math.dist((x0, y0), (x1, y1))
    return all(abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) <= 1e-9 * length**2 for x, y in corners)


def _line(shape: Line, unit: Unit) -> Line:
    along = places(shape.along, "along", unit)
    if not along:
        raise UsageError("along: the stroke is empty; at least one place is wanted", code="stroke.empty")
    if shape.width is None:
        return Line(along)
    width = numbers((shape.width,), 1, "width", unit)[0]
    if width <= 0:
        raise UsageError("width: a stroke must be wider than {width}", code="stroke.width", width=f"{width:g}")
    return Line(along, width)


def numbers(values: Any, count: int, what: str, unit: Unit = "px") -> tuple[float, ...]:
    """`count` finite floats, in 0..1 where they are shares. UsageError, which begins with `what`."""
    if unit not in ("px", "share"):
        raise UsageError("unit: 'px' or 'share' is wanted, not {value}", code="region.unit", value=repr(str(unit)[:40]))
    counted = {0: "nothing is", 1: "a number is", 2: "two numbers are", 4: "four numbers are"}[count]
    try:
        floats = [math.nan if isinstance(v, str | bytes | bool) else float(v) for v in values]
    except (TypeError, ValueError, OverflowError):
        floats = []
    if len(floats) != count or not all(math.isfinite(v) and abs(v) <= _FARTHEST for v in floats):
        raise UsageError("{place}: {wanted} wanted", code="region.numbers", place=what, wanted=counted)
    if unit == "share" and not all(0 <= v <= 1 for v in floats):
        raise UsageError(
            "{place}: shares go from 0 to 1, not {value}",
            code="region.shares",
            place=what,
            value=format_numbers(floats),
        )
    return tuple(floats)


def places(values: Any, what: str, unit: Unit) -> tuple[Place, ...]:
    """A list of places. UsageError as `numbers`, with the place's number: `along[2]`."""
    try:
        pairs = list(values)
    except TypeError:
        raise UsageError("{place}: a list of places is wanted", code="region.places", place=what) from None
    read = (numbers(pair, 2, f"{what}[{i}]", unit) for i, pair in enumerate(pairs))
    return tuple((x, y) for x, y in read)


def format_numbers(numbers: Sequence[float]) -> str:
    """`412,310`."""
    return ",".join(f"{v:.10g}" for v in numbers)


def rescale_shape(shape: Shape, unit: Unit, old: Size, new: Size) -> Shape:
    """The shape on a photo of size `new` that lay on one of size `old`; where the aspects differ it is stretched."""
    across, down = new[1] / old[1], new[0] / old[0]
    if isinstance(shape, Mask):
        same = abs(across / down - 1) < 1e-9
        return shape if same else shape.stretch(*new)
    if unit == "share":
        return shape
    if isinstance(shape, Dot):
        return Dot(_pixel(shape.at, across, down, new))
    if isinstance(shape, Line):
        width = None if shape.width is None else shape.width * min(new) / min(old)
        return replace(shape, along=tuple(_pixel(p, across, down, new) for p in shape.along), width=width)
    corners = shape.corners if isinstance(shape, Polygon) else ((shape.left, shape.top), (shape.right, shape.bottom))
    # multiplied first: what ends at the photo's border ends there again, and not 1e-13 px beyond it
    moved = tuple((x * new[1] / old[1], y * new[0] / old[0]) for x, y in corners)
    return Polygon(moved) if isinstance(shape, Polygon) else Box(*moved[0], *moved[1])


def _pixel(at: Place, across: float, down: float, new: Size) -> Place:
    """A pixel's middle stays where it was; none leaves the photo."""
    x, y = (at[0] + 0.5) * across - 0.5, (at[1] + 0.5) * down - 0.5
    return min(max(x, 0.0), new[1] - 1.0), min(max(y, 0.0), new[0] - 1.0)
