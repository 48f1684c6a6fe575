"""Hints as a user would give them, drawn from a photo's true chroma: for training and for measuring obedience."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]


def points(ab: Float, rng: np.random.Generator, count: int | None = None) -> tuple[Float, Float]:
    """Random points on true chroma `ab` (H, W, 2): planes (2, H, W) of `ab / 110 * weight` and weight (H, W) 0 or 1.

    Each point is a square patch with the mean colour underneath (Zhang et al. 2017, section 3.1: side 1 to 9, half of
    the photos with few points). `count` fixes their number, else it is drawn, most often small and at most 100.
    """
    h, w = ab.shape[:2]
    planes, weight = np.zeros((2, h, w), np.float32), np.zeros((h, w), np.float32)
    if count is None:
        count = int(min(100, rng.geometric(1 / 8) if rng.random() < 0.8 else rng.integers(20, 101)))
    largest = max(1, min(9, min(h, w) // 8))
    for _ in range(count):
        side = int(rng.integers(1, largest + 1))
        y, x = int(rng.integers(0, max(1, h - side + 1))), int(rng.integers(0, max(1, w - side + 1)))
        patch = (slice(y, y + side), slice(x, x + side))
        planes[(slice(None), *patch)] = ab[patch].mean((0, 1))[:, None, None] / 110
        weight[patch] = 1
    return planes, weight
