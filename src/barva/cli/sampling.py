"""How `barva colorize` reads --steps, --like and --resample."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from barva.errors import FileError, UsageError, shorten

if TYPE_CHECKING:
    from barva.engine.sampling import Redraw, Sampling


def parse_sampling(steps: int | None, like: str | None, resample: Iterable[str]) -> Sampling:
    """The settings that the options say. UsageError, which names the option."""
    from barva.engine.sampling import Sampling

    if steps is not None:
        try:
            Sampling(steps=steps)
        except UsageError as error:
            raise UsageError(f"--steps {steps}: {error}") from None
    name, at, amount = (like or "").partition("@")
    try:
        if at and not name:
            raise ValueError
        settings = {"amount": float(amount)} if at else {}
        return Sampling(steps, name, redraw=tuple(map(_redraw, resample)), **settings)
    except ValueError as error:  # UsageErrors are ValueErrors
        if str(error).startswith("--"):
            raise
        raise UsageError(f"--like {shorten(like)}: METHOD or METHOD@AMOUNT, above 0 and at most 1, is wanted") from None


def _redraw(text: str) -> Redraw:
    from barva.engine.sampling import Redraw
    from barva.guidance import parse
    from barva.scene.shapes import Dot, Line

    where, at, number = text.rpartition("@")
    if not at or not number.isascii() or not number.isdigit():
        where, number = text, "1"
    try:
        shape, unit = parse.place(where)
        if isinstance(shape, Dot | Line):
            raise UsageError("a region is wanted: MASK.png, box:... or polygon:...")
        return Redraw(shape, int(number), unit)
    except (UsageError, FileError) as error:
        why = " ".join(str(error).split())
        raise UsageError(f"--resample {shorten(text)}: {why}") from None
