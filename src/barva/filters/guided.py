"""The guided filter's model (He, Sun, Tang 2013, equations 5 and 6): around each pixel planes are lines in a guide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barva.types import Float


def local_slopes(guide: Float, planes: Float, mean: Callable[[Float], Float], epsilon: float) -> Float:
    """Slopes of the lines that fit `planes` best in `guide` around each pixel, by least squares.

    Args:
        guide: (h, w), such as L 0..100. Around 0, because float32 loses the variance of bright, smooth light.
        planes: (h, w) or (h, w, n).
        mean: the mean over the window around each pixel, of arrays of both shapes.
        epsilon: variance of the guide, in its units squared, below which a window counts as flat: slopes go to 0 there.

    Returns:
        Slopes in units of the planes over units of the guide, shaped as `planes`.

    Examples:
        >>> ramp = np.tile(np.arange(8, dtype=np.float32), (8, 1))
        >>> local_slopes(ramp, 2 * ramp, lambda x: np.full_like(x, x.mean()), 0.0)[0, 0].item()
        2.0
    """
    mean_guide = mean(guide)
    variance = np.maximum(mean(guide * guide) - mean_guide * mean_guide, 0) + np.float32(epsilon)
    if planes.ndim == 3:
        guide, mean_guide, variance = guide[..., None], mean_guide[..., None], variance[..., None]
    covariance = mean(guide * planes) - mean_guide * mean(planes)
    return np.asarray(covariance / variance, np.float32)
