"""The nearest of some points for each of many queries: exact, and the same on any number of threads."""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Index = npt.NDArray[np.intp]

_CHUNK = 8192  # rows of a distance table held at once
_NORMS = {1: cv2.NORM_L1, 2: cv2.NORM_L2}


def nearest(queries: Float, points: Float) -> Index:
    """(N,) index of the Euclidean nearest of `points` (n, d) for each of `queries` (N, d)."""
    half = (points * points).sum(axis=1) / 2
    indices = [np.argmin(half - queries[at : at + _CHUNK] @ points.T, axis=1) for at in range(0, len(queries), _CHUNK)]
    return np.concatenate(indices)


def several_nearest(queries: Float, points: Float, count: int, order: Literal[1, 2] = 2) -> tuple[Float, Index]:
    """The `count` nearest of `points` for each of `queries`, all compared.

    A tree would be slower with the encoder's 16 planes beside a method's own features, and hardly quicker without.

    Args:
        queries: (N, d).
        points: (n, d); of equally near ones the first comes first.
        count: At least 1; n is enough where there are fewer points.
        order: 2 for Euclidean distances, 1 for sums of absolute differences.

    Returns:
        Distances and indices, both (N, min(count, n)), the nearest first.
    """
    found: Any = cv2.batchDistance(
        np.ascontiguousarray(queries, np.float32),
        np.ascontiguousarray(points, np.float32),
        cv2.CV_32F,
        normType=_NORMS[order],
        K=min(count, len(points)),
    )
    return np.asarray(found[0], np.float32), np.asarray(found[1], np.intp)
