"""The ranges of the settings that marks, scenes and requests share, checked in one place."""

from __future__ import annotations

from numbers import Real
from typing import Any

from barva.errors import Message, UsageError, shorten

VIVIDNESS = 2.0
"""The most that vividness can be; 1 is the color as it is, 0 muted."""

STRENGTH = 1.0
"""The most that strength can be: followed in full; 0 is not at all."""


def check_number(value: Any, name: str, low: float, high: float) -> float:
    """A number from `low` to `high`.

    Raises:
        UsageError: it is none; the message begins with `name`.

    Examples:
        >>> check_number(1, "strength", 0, 1)
        1.0
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= float(value) <= high:  # refuses NaN too
        raise UsageError(
            "{setting}: a number from {low} to {high} is wanted, not {value}",
            code="setting.number",
            setting=name,
            low=f"{low:g}",
            high=f"{high:g}",
            value=shorten(value),
        )
    return float(value)


def check_vividness(value: Any) -> float:
    """A vividness, 0..2. UsageError."""
    return check_number(value, Message("vividness", code="setting-name.vividness"), 0, VIVIDNESS)


def check_warmth(value: Any) -> float:
    """A warmth, -1 (cool)..1 (warm). UsageError."""
    return check_number(value, Message("warmth", code="setting-name.warmth"), -1, 1)


def check_strength(value: Any) -> float:
    """A strength, 0..1. UsageError."""
    return check_number(value, Message("strength", code="setting-name.strength"), 0, STRENGTH)
