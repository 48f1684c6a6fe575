"""The guided filter's slopes: exact on lines, 0 where the guide is flat."""

from __future__ import annotations

import cv2
import numpy as np

from barva.filters.guided import local_slopes


def mean(x: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.blur(x, (5, 5), borderType=cv2.BORDER_REPLICATE), np.float32).reshape(x.shape)


def test_lines_are_found() -> None:
    guide = np.random.default_rng(0).normal(0, 20, (40, 50)).astype(np.float32)
    planes = np.dstack([3 * guide + 1, -0.5 * guide])
    slopes = local_slopes(guide, planes, mean, 0.0)
    assert np.allclose(slopes, [3, -0.5], atol=1e-3)
    assert np.allclose(local_slopes(guide, planes[..., 0], mean, 0.0), slopes[..., 0], atol=1e-6)


def test_flat_guides_have_no_slope() -> None:
    planes = np.random.default_rng(0).normal(0, 20, (40, 50)).astype(np.float32)
    assert not local_slopes(np.zeros((40, 50), np.float32), planes, mean, 10.0).any()


def test_epsilon_halves_the_slope_where_it_is_the_variance() -> None:
    guide = np.where(np.indices((40, 50)).sum(0) % 2, 1, -1).astype(np.float32)
    slope = local_slopes(guide, guide, lambda x: np.full_like(x, x.mean()), 1.0)
    assert np.allclose(slope, 0.5)
