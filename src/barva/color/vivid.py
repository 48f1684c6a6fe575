"""Vividness and warmth: one scale each for all of Barva. Vividness 0 (muted) .. 1 (as it is) .. 2 (strong); warmth
-1 (cool) .. 0 (as it is) .. 1 (warm)."""

from __future__ import annotations

import numpy as np

from barva.types import Float

STEP = 1.6
"""By how much a step of 1 in vividness multiplies chroma."""


def factor(vividness: float) -> float:
    """What chroma is multiplied by.

    >>> factor(1.0)
    1.0
    """
    return float(STEP ** (vividness - 1))


WARMEST = (4.0, 14.0)
"""What a warmth of 1 adds to the chroma (a, b) of middle grays: about as a lamp's light does to daylight's."""


def warm(ab: Float, light: Float, warmth: float) -> Float:
    """Chroma under warmer or cooler light: a white balance. Black and white stay as they are.

    Args:
        ab: Chroma (h, w, 2).
        light: L (h, w), 0..100; of another size it is taken at the nearest places.
        warmth: -1 cool .. 1 warm.

    Returns:
        Chroma (h, w, 2).
    """
    ys = (np.arange(ab.shape[0]) * light.shape[0]) // ab.shape[0]
    xs = (np.arange(ab.shape[1]) * light.shape[1]) // ab.shape[1]
    share = np.clip(light[ys][:, xs] / 100, 0, 1)
    bell = (4 * share * (1 - share))[..., None]
    return np.asarray(ab + warmth * bell * np.array(WARMEST, np.float32), np.float32)
