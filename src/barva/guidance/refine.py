"""Regions as people draw them, drawn again along the edges of the light.

Guided filter (He, Sun, Tang 2013): around each pixel coverage is a line in light, found by least squares. Where the
light has an edge, coverage gets it; where it has none, the border becomes a soft ramp.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.filters.guided import local_slopes
from barva.types import Float

REACH = 1 / 128
"""Radius of the filter's windows, as a share of the short side: a border moves by no more than twice that."""

EPSILON = 10.0
"""Light variance (L squared) below which a window counts as flat."""


def radius(light: Float) -> int:
    """In pixels of `light` (h, w)."""
    return max(1, int(min(light.shape) * REACH + 0.5))


def outer(cover: Float, light: Float) -> Float:
    """Coverage (h, w) 0..1 with its border along the edges of `light` (h, w) L 0..100, soft to both sides.

    Nothing moves farther than twice `radius`. Parts thinner than that keep their strength inside.
    """
    filtered, peak, cover_peak = _filter(cover, light)
    ratio = cover_peak / np.maximum(peak, 1e-3)
    return np.asarray(np.clip(filtered * (1 + cover * (ratio - 1)), 0, 1), np.float32)


def inner(cover: Float, light: Float) -> Float:
    """A weight (h, w) 0..1 that is 0 at a border across smooth light and rises to 1 inside; along edges it is 1 at
    once. To be multiplied with the region itself."""
    filtered, peak, _ = _filter(cover, light)
    weight = np.clip(2 * filtered / np.maximum(peak, 1e-3) - 1, 0, 1)
    return np.asarray(weight * (cover > 0), np.float32)


def _filter(cover: Float, light: Float) -> tuple[Float, Float, Float]:
    """The filtered coverage, and the largest value near each pixel of it and of the coverage."""
    r = radius(light)
    side = (2 * r + 1, 2 * r + 1)

    def mean(x: npt.NDArray[Any]) -> Float:
        blurred: Any = cv2.blur(x, side, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(blurred, np.float32).reshape(x.shape)

    # around the mean, because float32 loses the variance of bright, smooth light
    i = light - np.float32(light.mean())
    slope = local_slopes(i, cover, mean, EPSILON)
    filtered: Any = np.clip(mean(slope) * i + mean(mean(cover) - slope * mean(i)), 0, 1)
    around = np.ones(side, np.uint8)
    peak: Any = cv2.dilate(filtered, around, borderType=cv2.BORDER_REPLICATE)
    cover_peak: Any = cv2.dilate(cover, around, borderType=cv2.BORDER_REPLICATE)
    return (
        filtered,
        np.asarray(peak, np.float32).reshape(cover.shape),
        np.asarray(cover_peak, np.float32).reshape(cover.shape),
    )
