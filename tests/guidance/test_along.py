"""Smoothing along the light: a surface mixes, an edge stands between."""

from __future__ import annotations

import numpy as np

from barva.guidance.along import smooth_along_edges
from barva.methods.neural.guided import smooth_along_light


def halves(inside: float) -> tuple[np.ndarray, np.ndarray]:
    """Light (32, 48) with an edge of `inside` L units in the middle, and a plane that is patchy on the left alone."""
    light = np.full((32, 48), 40, np.float32)
    light[:, 24:] += inside
    rng = np.random.default_rng(0)
    planes = np.zeros((32, 48, 1), np.float32)
    planes[:, :24, 0] = rng.uniform(0, 20, (32, 24))
    return light, planes


def test_a_surface_becomes_even_and_keeps_its_mean() -> None:
    light, planes = halves(60)
    answer = smooth_along_edges(planes, light, 4.0, 10.0)
    left, right = answer[:, :22, 0], answer[:, 26:, 0]
    assert left.std() < 0.25 * planes[:, :22].std()
    assert abs(left.mean() - planes[:, :22].mean()) < 1
    assert right.max() < 0.05


def test_nothing_stands_between_where_the_light_is_flat() -> None:
    light, planes = halves(0)
    assert smooth_along_edges(planes, light, 4.0, 10.0)[:, 25, 0].mean() > 2


def test_what_is_even_stays_as_it_is() -> None:
    light, _ = halves(25)
    planes = np.full((32, 48, 3), 7, np.float32)
    assert np.allclose(smooth_along_edges(planes, light, 9.0, 5.0, passes=1), 7, atol=1e-5)


def test_answers_are_smoothed_by_the_light_of_the_working_size() -> None:
    light, planes = halves(60)
    logits = np.repeat(planes.transpose(2, 0, 1), 5, axis=0)
    answer = smooth_along_light(logits, np.kron(light, np.ones((4, 4), np.float32)))
    assert answer.shape == logits.shape
    assert answer[0, :, :22].std() < 0.6 * planes[:, :22].std()
    assert answer[:, :, 26:].max() < 0.2
