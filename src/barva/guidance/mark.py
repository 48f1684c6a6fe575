"""One mark: what a person puts on a photo. Plain data: a place, and a color as it was written with its chroma.

Places are pixels or shares, as `barva.scene.shapes` says. Every mark has a `strength`, how strongly its color is held:
0 (the picture as it is without any mark) to 1 (in full); and a `vividness`, 0 (muted) .. 1 (the color as
written) .. 2 (strong).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barva.color import names, vivid
from barva.errors import UsageError
from barva.scene.masks import Mask
from barva.scene.ranges import check_strength, check_vividness
from barva.scene.shapes import Box, Dot, Line, Place, Polygon, Unit, check_shape, format_numbers


def _chroma(color: Any) -> Place:
    if not isinstance(color, str):
        raise UsageError(
            "color: text such as 'navy' or '#7a1f1f' is wanted, not a {kind}",
            code="mark.color-kind",
            kind=type(color).__name__,
        )
    try:
        _, a, b = names.lab(color)
    except UsageError as error:
        raise UsageError("{place}: {problem}", code="at", place="color", problem=error) from None
    return a, b


@dataclass(frozen=True)
class _MarkOptions:
    """How a mark's color is meant; base of all marks."""

    strength: float = field(default=1.0, kw_only=True)
    vividness: float = field(default=1.0, kw_only=True)
    ab: Place = field(init=False)

    def _check(self, color: Any, needed: bool = True) -> None:
        object.__setattr__(self, "strength", check_strength(self.strength))
        object.__setattr__(self, "vividness", check_vividness(self.vividness))
        object.__setattr__(self, "ab", _chroma(color) if needed or color is not None else (0.0, 0.0))

    @property
    def chroma(self) -> Place:
        """Chroma (a, b): the color's own, at the mark's vividness."""
        times = vivid.factor(self.vividness)
        return self.ab[0] * times, self.ab[1] * times

    def _suffix(self, color: str | None) -> str:
        words = ["" if color is None else f" = {color}"]
        words += [] if self.strength == 1 else [f", strength {self.strength:g}"]
        words += [] if self.vividness == 1 else [f", vividness {self.vividness:g}"]
        return "".join(words)


@dataclass(frozen=True)
class Point(_MarkOptions):
    """A click: the disc of 1/64 of the photo's short side at a place gets a color, and its object with it.

    Args:
        at: (x, y) in pixels, or shares 0..1 with `unit="share"`.
        color: A color's name or code, such as "navy" or "#7a1f1f".
        unit: "px" or "share".
        strength: 0 .. 1, how strongly the color is held.
        vividness: 0 (muted) .. 1 (the color as written) .. 2 (strong).

    Raises:
        UsageError: An unknown color, or a value out of range.

    Examples:
        >>> print(barva.Point((412, 310), "navy"))
        point 412,310 = navy
    """

    at: Place
    color: str
    unit: Unit = "px"

    def __post_init__(self) -> None:
        dot = check_shape(Dot(self.at), self.unit)
        assert isinstance(dot, Dot)
        object.__setattr__(self, "at", dot.at)
        self._check(self.color)

    def __str__(self) -> str:
        return f"point {format_numbers(self.at)}{self._suffix(self.color)}"


@dataclass(frozen=True)
class Stroke(_MarkOptions):
    """A line through places gets a color.

    Args:
        along: Places (x, y); one makes a dot.
        color: A color's name or code.
        width: Pixels, or a share of the short side with `unit="share"`; None: 1/64 of the short side.
        unit: "px" or "share".
        strength: 0 .. 1, how strongly the color is held.
        vividness: 0 (muted) .. 1 (the color as written) .. 2 (strong).

    Raises:
        UsageError: An unknown color, no place, or a value out of range.

    Examples:
        >>> print(barva.Stroke(((10, 10), (30, 12)), "brick", width=4))
        stroke 10,10;30,12 = brick
    """

    along: tuple[Place, ...]
    color: str
    width: float | None = None
    unit: Unit = "px"

    def __post_init__(self) -> None:
        line = check_shape(Line(self.along, self.width), self.unit)
        assert isinstance(line, Line)
        object.__setattr__(self, "along", line.along)
        object.__setattr__(self, "width", line.width)
        self._check(self.color)

    def __str__(self) -> str:
        more = ";..." if len(self.along) > 2 else ""
        return f"stroke {';'.join(format_numbers(p) for p in self.along[:2])}{more}{self._suffix(self.color)}"


@dataclass(frozen=True)
class Region(_MarkOptions):
    """An area with a border, all of which gets a color.

    Without a color only its vividness changes: that of the colors that it has anyway.

    Args:
        where: A `Box`, a `Polygon` or a `Mask`.
        color: A color's name or code, or None.
        unit: "px" or "share", for boxes and polygons.
        strength: 0 .. 1, how strongly the color is held.
        vividness: 0 (muted) .. 1 (the color as written) .. 2 (strong).

    Raises:
        UsageError: An unknown color, an area without an inside, or neither color nor vividness.

    Examples:
        >>> print(barva.Region(barva.Box(0, 0, 64, 10), "sky blue"))
        region box:0,0,64,10 = sky blue
    """

    where: Box | Polygon | Mask
    color: str | None = None
    unit: Unit = "px"

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", check_shape(self.where, self.unit))
        if not isinstance(self.where, Box | Polygon | Mask):
            raise UsageError(
                "a region is a Box, a Polygon or a Mask, not a {kind}",
                code="region.kind",
                kind=type(self.where).__name__,
            )
        self._check(self.color, needed=False)
        if self.color is None and (self.vividness == 1 or self.strength != 1):
            raise UsageError("color: it is missing; without one only vividness can be said", code="mark.no-color")

    def __str__(self) -> str:
        where = self.where
        if not isinstance(where, Mask):
            return f"region {where}{self._suffix(self.color)}"
        if where.found:
            return f"{where.found}{self._suffix(self.color)}"
        index = "" if where.index is None else f"[{where.index}]"
        return f"region {Path(where.path).name or 'mask'}{index}{self._suffix(self.color)}"


Mark = Point | Stroke | Region
