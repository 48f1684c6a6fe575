"""Each setting of a `Request`, checked and brought to one form: lists become tuples, NumPy's numbers Python's, so that
equal requests are equal, hash alike and can be written as JSON. UsageErrors name the setting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

from barva.engine.sampling import Sampling
from barva.errors import UsageError, kind_of, shorten
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.methods.base import MATCHING, Reference, Swatch
from barva.scene.model import Scene
from barva.scene.ranges import check_strength, check_vividness
from barva.values import is_whole

VARIANTS = 100
"""Variants of a photo at most."""

Marks = Guidance | HintMap | Mark | Iterable[Mark] | None


def guidance_of(guidance: Marks, hints: HintMap | None = None) -> Guidance | HintMap | None:
    """Marks or hints in the form that a `Request` has; None without any. UsageError."""
    if hints is not None and not isinstance(hints, HintMap):
        raise UsageError(f"hints is a HintMap, not {kind_of(hints)}")
    if guidance is None:
        return hints
    if hints is not None:
        raise UsageError("guidance and hints say the same thing: pass one of them", code="guidance.twice")
    if isinstance(guidance, HintMap):
        return guidance
    marks = Guidance.of(guidance)
    return marks if marks.marks else None


def check_count(name: str, value: Any) -> int:
    """A whole number, 0 or more. UsageError."""
    if not is_whole(value):
        raise UsageError(
            "{setting}: a whole number, 0 or more, is wanted, not {value}",
            code="setting.count",
            setting=name,
            value=shorten(value),
        )
    return int(value)


def check_variants(count: int) -> None:
    """UsageError: fewer than 1, or more than `VARIANTS`."""
    if not is_whole(count, 1, VARIANTS):
        raise UsageError(
            "variants go from 1 to {most}, not {count}", code="setting.variants", most=VARIANTS, count=shorten(count)
        )


def _seed(value: Any) -> int | None:
    return None if value is None else check_count("seed", value)


def _variant(value: Any) -> int:
    number = check_count("variant", value)
    if number >= VARIANTS:
        raise UsageError(
            "variant: a number from 0 to {most} is wanted, not {value}",
            code="setting.variant",
            most=VARIANTS - 1,
            value=number,
        )
    return number


def _exact(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError("exact: true or false is wanted, not {value}", code="setting.exact", value=shorten(value))
    return value


def _skin(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError("skin: true or false is wanted, not {value}", code="setting.skin", value=shorten(value))
    return value


def _matching(value: Any) -> str:
    if value not in MATCHING:
        raise UsageError(
            "matching: texture or objects is wanted, not {value}", code="setting.matching", value=shorten(value)
        )
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError("text: words are wanted, not a {kind}", code="setting.text", kind=type(value).__name__)
    if value:
        from barva.language.tokens import check_length

        check_length(value)
    return value


def _sampling(value: Any) -> Sampling:
    if not isinstance(value, Sampling):
        raise UsageError(
            "sampling: a Sampling is wanted, not a {kind}", code="setting.sampling", kind=type(value).__name__
        )
    return value


def _scene(value: Any) -> Scene | None:
    if value is not None and not isinstance(value, Scene):
        raise UsageError(f"scene: a Scene is wanted, not {kind_of(value)}; Scene.load reads a file")
    return value


def _each(name: str, kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """A check for several values of one class."""

    def check(values: Any) -> tuple[Any, ...]:
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            raise UsageError(f"{name}: a list of {kind.__name__} is wanted, not {kind_of(values)}")
        several = tuple(values)
        for value in several:
            if not isinstance(value, kind):
                raise UsageError(f"{name}: each is a {kind.__name__}, not {kind_of(value)}")
        return several

    return check


def _palette(values: Any) -> tuple[tuple[float, float], ...]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise UsageError(f"palette: pairs of numbers (a, b) are wanted, not {kind_of(values)}")
    return tuple(map(_chroma, values))


def _chroma(color: Any) -> tuple[float, float]:
    pair = tuple(color) if isinstance(color, Iterable) else ()
    numbers = [float(c) for c in pair if isinstance(c, Real) and -128 <= float(c) <= 128]  # refuses NaN too
    if len(pair) != 2 or len(numbers) != 2:
        raise UsageError(f"palette: pairs of numbers (a, b) from -128 to 128 are wanted, not {shorten(color)}")
    return numbers[0], numbers[1]


CHECKS: dict[str, Callable[[Any], Any]] = {
    "guidance": guidance_of,
    "references": _each("references", Reference),
    "swatches": _each("swatches", Swatch),
    "palette": _palette,
    "vividness": lambda value: None if value is None else check_vividness(value),
    "strength": lambda value: None if value is None else check_strength(value),
    "seed": _seed,
    "variant": _variant,
    "exact": _exact,
    "matching": _matching,
    "scene": _scene,
    "text": _text,
    "skin": _skin,
    "sampling": _sampling,
}
"""By setting: what it becomes."""
