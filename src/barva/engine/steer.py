"""Steering: a method that cannot hear hints obeys them all the same.

The difference between hint and answer is spread along the light's edges: normalised convolution (Knutsson and Westin
1993) of the hints, each pass edge-aware, and added where hints reach.
"""

from __future__ import annotations

import cv2
import numpy as np

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, Float

_LIGHT_SCALE = 8.0  # L units over which a hint fades across an edge
_REACH = 500.0  # reach (share of a hint that arrives) from 1 / _REACH on counts in full


def steer(chroma: Chroma, light: Float, hints: HintMap) -> Chroma:
    """Chroma (h, w) pulled towards `hints`; light and hints at one size, the answer at theirs."""
    rows, columns = light.shape
    ab = cv2.resize(chroma.ab, (columns, rows), interpolation=cv2.INTER_LINEAR).reshape(rows, columns, 2)
    wanted = (hints.ab - ab) * hints.weight[..., None]
    spread, reach = _spread(np.dstack([wanted, hints.weight]), light, max(rows, columns) / 5)
    steered = ab + spread / np.maximum(reach, 1e-6)[..., None] * np.minimum(reach * _REACH, 1)[..., None]
    steered += hints.weight[..., None] * (hints.ab - steered)
    return Chroma(steered.astype(np.float32), chroma.confidence)


def _spread(planes: Float, light: Float, sigma: float) -> tuple[Float, Float]:
    """Domain transform recursive filter (Gastal and Oliveira 2011, equation 21), three passes both ways."""
    x = planes.astype(np.float32)
    dx = 1 + sigma / _LIGHT_SCALE * np.abs(np.diff(light, axis=1, prepend=light[:, :1]))
    dy = 1 + sigma / _LIGHT_SCALE * np.abs(np.diff(light, axis=0, prepend=light[:1]))
    for n in range(3):
        # equation 14: standard deviations that add up to sigma over the passes
        part = sigma * np.sqrt(3) * 2 ** (2 - n) / np.sqrt(4**3 - 1)
        a = np.exp(-np.sqrt(2) / part)
        x = _recursive(x, a**dx)
        x = _recursive(x.transpose(1, 0, 2), (a**dy).T).transpose(1, 0, 2)
    return np.ascontiguousarray(x[..., :2]), np.ascontiguousarray(x[..., 2])


def _recursive(x: Float, feedback: Float) -> Float:
    y = x.copy()
    for i in range(1, y.shape[1]):
        y[:, i] += feedback[:, i, None] * (y[:, i - 1] - y[:, i])
    for i in range(y.shape[1] - 2, -1, -1):
        y[:, i] += feedback[:, i + 1, None] * (y[:, i + 1] - y[:, i])
    return y
