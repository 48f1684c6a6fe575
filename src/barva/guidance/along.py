"""Smoothing along the light: what lies on one surface mixes, an edge of the light stands between."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]


def smooth_along_edges(planes: Float, light: Float, sigma: float, scale: float, passes: int = 3) -> Float:
    """`planes` (h, w, n) smoothed with a standard deviation of `sigma` pixels where `light` (h, w) L 0..100 is flat,
    and less across its edges: `scale` L units are as far as `sigma` pixels.

    Domain transform, recursive filter (Gastal and Oliveira 2011, equation 21), `passes` times both ways.
    """
    x = planes.astype(np.float32)
    dx = 1 + sigma / scale * np.abs(np.diff(light, axis=1, prepend=light[:, :1]))
    dy = 1 + sigma / scale * np.abs(np.diff(light, axis=0, prepend=light[:1]))
    for n in range(passes):
        # equation 14: standard deviations that add up to sigma over the passes
        part = sigma * np.sqrt(3) * 2 ** (passes - 1 - n) / np.sqrt(4**passes - 1)
        a = np.exp(-np.sqrt(2) / part)
        x = _recursive(x, a**dx)
        x = _recursive(x.transpose(1, 0, 2), (a**dy).T).transpose(1, 0, 2)
    return np.ascontiguousarray(x)


def _recursive(x: Float, feedback: Float) -> Float:
    """Along the second axis of (rows, columns, planes), there and back."""
    # columns become rows, which lie together in memory, and nothing is allocated on the way: four times as fast
    y = np.array(x.transpose(1, 0, 2), np.float32, order="C")
    f = np.repeat(feedback.T.astype(np.float32)[..., None], y.shape[2], axis=2)
    step = np.empty_like(y[0])
    for i in range(1, len(y)):
        np.subtract(y[i - 1], y[i], out=step)
        step *= f[i]
        y[i] += step
    for i in range(len(y) - 2, -1, -1):
        np.subtract(y[i + 1], y[i], out=step)
        step *= f[i + 1]
        y[i] += step
    return y.transpose(1, 0, 2)
