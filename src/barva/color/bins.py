"""Chroma bins: the 313 quantized (a, b) colors of Zhang, Isola and Efros 2016 (arXiv 1603.08511, section 2.2).

| quantity | shape | range |
|---|---|---|
| `BINS` | (313, 2) float32 | a, b in -90..100 and -110..100, step 10 |
| soft code | indices (..., 5) int16 and weights (..., 5) float32 | weights sum to 1 |
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.types import Float

STEP = 10
"""Distance between neighboring bins, in Lab units."""

# a: (b_min, b_max), every multiple of STEP between, bounds included: the published in-gamut set.
_ROWS = {
    -90: (50, 90), -80: (20, 90), -70: (0, 90), -60: (-20, 90), -50: (-30, 100), -40: (-40, 100),
    -30: (-50, 100), -20: (-50, 100), -10: (-60, 100), 0: (-70, 100), 10: (-80, 90), 20: (-80, 90),
    30: (-90, 90), 40: (-100, 90), 50: (-100, 80), 60: (-110, 80), 70: (-110, 80), 80: (-110, 70),
    90: (-110, 70), 100: (-90, 0),
}  # fmt: skip

BINS: Float = np.array([(a, b) for a, (lo, hi) in _ROWS.items() for b in range(lo, hi + 1, STEP)], dtype=np.float32)
"""(313, 2) bin centers (a, b)."""

_LIMIT = 128  # the look-up table spans -128..127 in both chroma planes


def encode(ab: npt.NDArray[Any], neighbors: int = 5, sigma: float = 5.0) -> tuple[npt.NDArray[np.int16], Float]:
    """Soft code of `ab` (..., 2): the nearest bins and their Gaussian weights (section 2.2: 5 and sigma 5).

    Chroma is rounded to whole Lab units first, so that one table answers every pixel.
    """
    index, weight = _table(neighbors, sigma)
    at = np.clip(np.rint(ab), -_LIMIT, _LIMIT - 1).astype(np.int32) + _LIMIT
    flat = at[..., 0] * (2 * _LIMIT) + at[..., 1]
    return index[flat], weight[flat]


@lru_cache(maxsize=4)
def _table(neighbors: int, sigma: float) -> tuple[npt.NDArray[np.int16], Float]:
    axis = np.arange(-_LIMIT, _LIMIT, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    index = np.empty((len(grid), neighbors), np.int16)
    weight = np.empty((len(grid), neighbors), np.float32)
    for start in range(0, len(grid), 4096):  # 65,536 x 313 distances at once would take 80 MB
        rows = slice(start, start + 4096)
        # all are whole numbers: with a bin's number in the last digits, of two equally far bins the first is nearer
        d2 = (grid[rows, None, 0] - BINS[:, 0]) ** 2 + (grid[rows, None, 1] - BINS[:, 1]) ** 2
        keys = d2.astype(np.int32) * len(BINS) + np.arange(len(BINS), dtype=np.int32)
        keys = np.sort(np.partition(keys, neighbors - 1, axis=1)[:, :neighbors], axis=1)
        d2, near = np.divmod(keys, len(BINS))
        w = np.exp(-d2.astype(np.float32) / (2 * sigma**2)).astype(np.float32)
        # far outside the gamut every Gaussian underflows: the nearest bin then takes all
        w[:, 0] = np.maximum(w[:, 0], 1e-30)
        index[rows], weight[rows] = near, w / w.sum(1, keepdims=True)
    return index, weight


def rebalancing(prior: Float, strength: float) -> Float:
    """Class weights `p^-strength`, scaled so that `sum p w = 1` (equation 4 has the 1/2-mixture form instead).

    `prior` (313,) is the empirical bin distribution; strength 0 gives ones.
    """
    w = np.maximum(prior, 1e-6).astype(np.float64) ** -strength
    return np.asarray(w / (prior * w).sum(), dtype=np.float32)
