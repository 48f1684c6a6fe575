"""What a request can ask of a method that samples: how many steps, what to begin with, which parts to draw anew."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from barva.errors import Message, UsageError, shorten, suggestion
from barva.guidance.marks import Region
from barva.methods import catalog
from barva.methods.base import MethodCard
from barva.methods.sampling import check_steps
from barva.scene.masks import Mask
from barva.scene.ranges import check_number
from barva.scene.shape_json import KEYS, area_from_json, shape_to_json
from barva.scene.shapes import Box, Polygon, Unit
from barva.values import is_whole

DRAWS = 499
"""Times that one region can be drawn anew."""

AMOUNT = 0.5
"""How far an answer goes from the one that it is begun with, unless told."""


@dataclass(frozen=True)
class Redraw:
    """A region whose colors are drawn anew, given all colors outside, which stay.

    Args:
        where: the region; each `draw` 1.. `DRAWS` gives it other colors.

    Raises:
        UsageError: not a region, or a number out of range.
    """

    where: Box | Polygon | Mask
    draw: int = 1
    unit: Unit = "px"

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", self.region.where)
        if not is_whole(self.draw, 1, DRAWS):
            raise UsageError(
                "draw: a whole number from 1 to {most} is wanted, not {value}",
                code="sampling.draw",
                most=DRAWS,
                value=shorten(self.draw),
            )
        object.__setattr__(self, "draw", int(self.draw))

    @property
    def region(self) -> Region:
        """Its geometry as that of a mark."""
        return Region(self.where, "gray", self.unit)

    def seed(self, seed: int) -> int:
        """Of this draw in a picture of that seed: another one than those of its variants."""
        return seed * 1000 + 500 + self.draw


@dataclass(frozen=True)
class Sampling:
    """Settings of methods that draw their answers.

    Args:
        steps: 1..1000; None for the method's own number.
        like: a method whose answer is begun with; empty for none.
        amount: how far the answer may go from that one: above 0, 1 forgets it; only with `like`.
        redraw: regions that are drawn anew, one after the other.

    Raises:
        UsageError: a setting out of its range, or an amount without `like`.

    Examples:
        >>> Sampling(steps=4).steps
        4
    """

    steps: int | None = None
    like: str = ""
    amount: float = AMOUNT
    redraw: tuple[Redraw, ...] = ()

    def __post_init__(self) -> None:
        if self.steps is not None:
            object.__setattr__(self, "steps", check_steps(self.steps))
        if not isinstance(self.like, str):
            raise UsageError(
                "like: a method's name is wanted, not {value}", code="sampling.like", value=shorten(self.like)
            )
        object.__setattr__(self, "amount", check_number(self.amount, "amount", 0, 1))
        if self.amount == 0:
            raise UsageError("amount: a number above 0 is wanted: 0 would change nothing", code="sampling.amount")
        if not self.like and self.amount != AMOUNT:
            raise _amount_alone()
        if not isinstance(self.redraw, Iterable):
            raise UsageError("redraw: regions to draw anew are wanted", code="sampling.redraw")
        object.__setattr__(self, "redraw", tuple(self.redraw))
        if not all(isinstance(redraw, Redraw) for redraw in self.redraw):
            raise UsageError("redraw: regions to draw anew are wanted", code="sampling.redraw")

    @classmethod
    def from_json(cls, text: str, folder: str | Path = ".") -> Sampling:
        """From the text of a JSON object, as in a request's. UsageError, ReadError."""
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            raise UsageError(
                "a JSON object is wanted, not {value}", code="sampling.json", value=shorten(text)
            ) from None
        return cls.from_row(row, Path(folder))

    def check_for(self, card: MethodCard) -> None:
        """UsageError: the method draws nothing at random, or cannot begin like that one."""
        if self != DEFAULTS and not card.samples:
            raise UsageError(
                "{method} draws nothing at random: steps, like and resample are for diffusion",
                code="method.draws-nothing",
                method=card.name,
            )
        if not self.like:
            return
        other = catalog.card(self.like)
        if other.samples:
            raise UsageError(
                "like: {method} draws at random itself; guided does not", code="sampling.like-draws", method=other.name
            )
        if other.needs:
            raise UsageError(
                "like: {method} needs {what}; guided does not",
                code="sampling.like-needs",
                method=other.name,
                what=_NEEDED.get(min(other.needs), min(other.needs)),
            )

    def to_row(self) -> dict[str, Any]:
        """The settings that differ from the defaults, for JSON."""
        row: dict[str, Any] = {
            n: v for n in ("steps", "like", "amount") if (v := getattr(self, n)) != getattr(DEFAULTS, n)
        }
        redraws = [shape_to_json(r.where, r.unit) | {"draw": r.draw} for r in self.redraw]
        return row | ({"redraw": redraws} if redraws else {})

    @classmethod
    def from_row(cls, row: Any, folder: Path) -> Sampling:
        """What `to_row` gave, or a person wrote; paths of masks begin in `folder`. UsageError, ReadError."""
        _check_keys(row, ("steps", "like", "amount", "redraw"))
        redraws = row.get("redraw") or []
        if not isinstance(redraws, list):
            problem = Message("a list is wanted, not {value}", code="json.list-not", value=shorten(redraws))
            raise UsageError("{place}: {problem}", code="at", place="redraw", problem=problem)
        if "amount" in row and not row.get("like"):
            raise _amount_alone()
        return replace(cls(**(row | {"redraw": ()})), redraw=tuple(_redraw(item, folder) for item in redraws))


DEFAULTS = Sampling()

_NEEDED = {
    "reference": Message("a reference", code="sampling.needed-reference"),
    "hints": Message("hints", code="sampling.needed-hints"),
}


def _amount_alone() -> UsageError:
    return UsageError("amount goes with like, the method whose answer is begun with", code="sampling.amount-alone")


def _redraw(row: Any, folder: Path) -> Redraw:
    _check_keys(row, (*KEYS, "draw"))
    return Redraw(area_from_json(row, folder), row.get("draw", 1), row.get("unit", "px"))


def _check_keys(row: Any, known: tuple[str, ...]) -> None:
    if not isinstance(row, dict):
        raise UsageError("an object is wanted, not {value}", code="json.object-not", value=shorten(row))
    for key in row:
        if key not in known:
            raise UsageError(
                "there is no key {key}{hint}",
                code="json.no-key",
                key=repr(shorten(key)),
                hint=suggestion(str(key), known),
            )
