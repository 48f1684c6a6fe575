"""Nearest neighbors are the nearest, also of points in one place, on any number of threads."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.spatial import cKDTree

from barva.methods.classical import neighbors


def places(count: int, dimensions: int, seed: int) -> np.ndarray:
    """In heaps, as features of textures are."""
    rng = np.random.default_rng(seed)
    heaps = np.random.default_rng(9).normal(0, 1, (20, dimensions))
    return (heaps[rng.integers(0, 20, count)] + rng.normal(0, 0.3, (count, dimensions))).astype(np.float32)


@pytest.mark.parametrize("dimensions", [1, 2, 6, 22])
@pytest.mark.parametrize("order", [1, 2])
def test_they_are_those_of_a_tree(dimensions: int, order: int) -> None:
    queries, points = places(3000, dimensions, 0), places(400, dimensions, 1)
    distances, found = neighbors.several_nearest(queries, points, 7, order)
    expected, which = cKDTree(points).query(queries, k=7, p=order)
    assert distances.shape == found.shape == (3000, 7)
    assert np.allclose(distances, expected, rtol=1e-5, atol=1e-6)
    assert (found == which).mean() > 0.999  # float32: two as good as equally near may change places


def test_one_nearest() -> None:
    queries, points = places(20_000, 18, 0), places(300, 18, 1)
    found = neighbors.nearest(queries, points)
    assert (found == cKDTree(points).query(queries)[1]).mean() > 0.999


def test_of_equal_points_the_first_comes_first() -> None:
    points = np.repeat(np.float32([[0, 0], [5, 5]]), 3, axis=0)
    _, found = neighbors.several_nearest(np.float32([[4, 4]]), points, 4)
    assert found.tolist() == [[3, 4, 5, 0]]
    assert neighbors.nearest(np.float32([[4, 4]]), points).tolist() == [3]


def test_fewer_points_than_wanted() -> None:
    distances, found = neighbors.several_nearest(places(5, 3, 0), places(1, 3, 1), 7)
    assert distances.shape == (5, 1)
    assert not found.any()


def test_threads_change_nothing() -> None:
    queries, points = places(5000, 6, 0), np.repeat(places(100, 6, 1), 3, axis=0)
    before, answers = cv2.getNumThreads(), []
    try:
        for threads in (1, 2, 4):
            cv2.setNumThreads(threads)
            answers.append(neighbors.several_nearest(queries, points, 7))
    finally:
        cv2.setNumThreads(before)
    for distances, found in answers[1:]:
        assert np.array_equal(distances, answers[0][0])
        assert np.array_equal(found, answers[0][1])
