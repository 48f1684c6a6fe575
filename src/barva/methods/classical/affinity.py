"""The affinities of scribble coloring: which neighbor a pixel takes its color from.

| quantity | shape | range |
|---|---|---|
| light `Y` | (H, W) any floating type | L 0..100 |
| `w` | (8, H, W), the light's type | 0..1, in the order of `NEIGHBORS`; sums to 1 over the neighbors |

Source: Levin, Lischinski, Weiss, "Colorization using optimization", ACM Transactions on Graphics 23(3), 2004,
section 2; equation numbers are theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError

Real = npt.NDArray[np.floating[Any]]

NEIGHBORS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
"""(dy, dx) of s - r for the neighbors s of a pixel r."""

PAPER = 2.0
"""Variances in the exponent, as equation 2 has them."""

PROGRAM = 0.6
"""The same, as the authors' published program has them: colors stop better at edges (`benchmarks/levin.md`)."""

FLAT = 0.02
"""Least variance of a window, L squared: below it the differences are an 8-bit picture's rounding."""


def affinities(Y: Real, variances: float = PAPER) -> Real:
    """w (8, H, W): `w_rs ~ exp(-(Y(r) - Y(s))^2 / (2 sigma_r^2))`, each pixel's weights summing to 1 (equation 2).

    sigma_r^2 is the variance of Y in the 3 x 3 window around r, cut at the picture's edge; `variances` replaces the 2.
    A difference inside a window is at most sqrt(18) of its deviations, so that no weight underflows and each region can
    be left. A picture of one pixel has no neighbors: all 0. Errors: `UsageError` unless Y is (H, W) and finite and
    `variances` from 0.5 to 100.
    """
    if not 0.5 <= variances <= 100:
        raise UsageError(f"variances go from 0.5 to 100, not {variances}")
    if Y.ndim != 2 or not Y.size or not np.isfinite(Y).all():
        raise UsageError(f"light must be (H, W) and finite, not of shape {Y.shape}")
    h, w = Y.shape
    d, inside = np.zeros((8, h, w), Y.dtype), np.zeros((8, h, w), np.bool_)
    for k in range(8):
        r, s = pairs(k, h, w)
        d[k][r] = Y[s] - Y[r]
        inside[k][r] = True
    # moments of Y(s) - Y(r), whose mean is small, instead of Y(s): float32 keeps its digits
    n = inside.sum(axis=0, dtype=Y.dtype) + 1
    mean = d.sum(axis=0) / n
    np.square(d, out=d)
    variance = d.sum(axis=0) / n - mean * mean
    d *= -1 / (variances * np.maximum(variance, FLAT))
    np.exp(d, out=d)
    d *= inside
    d /= np.maximum(d.sum(axis=0), np.finfo(Y.dtype).tiny)
    return d


def pairs(k: int, height: int, width: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where the k-th neighbor lies inside the picture: slices of the pixels r, and of their neighbors s."""
    (y, t), (x, u) = _overlap(NEIGHBORS[k][0], height), _overlap(NEIGHBORS[k][1], width)
    return (y, x), (t, u)


def _overlap(step: int, length: int) -> tuple[slice, slice]:
    low, high = max(0, -step), length - max(0, step)
    return slice(low, max(low, high)), slice(low + step, max(low, high) + step)
