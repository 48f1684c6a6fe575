"""What a value from outside is: checks that every layer makes before it says what is wrong."""

from __future__ import annotations

from numbers import Integral
from typing import TypeGuard


def is_whole(value: object, low: int = 0, high: int | None = None) -> TypeGuard[int]:
    """Whether `value` is a whole number from `low` to `high`; True and False are none.

    Examples:
        >>> is_whole(3), is_whole(True), is_whole(3.0), is_whole(0, 1), is_whole(9, 1, 8)
        (True, False, False, False, False)
    """
    return (
        isinstance(value, Integral)
        and not isinstance(value, bool)
        and low <= int(value)
        and (high is None or int(value) <= high)
    )


def one_line(text: str) -> str:
    """`text` with a blank for each character that cannot be printed, such as line breaks and a terminal's controls."""
    return "".join(c if c.isprintable() else " " for c in text)
