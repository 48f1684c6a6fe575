"""Vividness: one scale for all of Barva, 0 (muted) .. 1 (as it is) .. 2 (strong)."""

from __future__ import annotations

STEP = 1.6
"""By how much a step of 1 in vividness multiplies chroma."""


def factor(vividness: float) -> float:
    """What chroma is multiplied by.

    >>> factor(1.0)
    1.0
    """
    return float(STEP ** (vividness - 1))
