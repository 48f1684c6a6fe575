"""Objects that two photos share: the rest of an object goes the way that its surely same places go."""

from __future__ import annotations

import numpy as np
import pytest

from barva.engine.prepare import object_matching
from barva.engine.prepare.object_matching import Shape, rest_of_objects

SIZE = (100, 160)


def box(kind: str, left: float, top: float, right: float, bottom: float) -> Shape:
    inside = np.zeros(SIZE, bool)
    inside[round(top * 100) : round(bottom * 100), round(left * 160) : round(right * 160)] = True
    return Shape(kind, inside)


def places(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(left, right, 5), np.linspace(top, bottom, 5))
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def moved(at: np.ndarray) -> np.ndarray:
    return np.asarray(at * 0.8 + [0.15, 0.1], np.float32)


HERE = places(0.12, 0.2, 0.3, 0.4)  # of the coat, its upper left
COAT, MOVED = box("coat", 0.1, 0.1, 0.5, 0.9), box("coat", 0.23, 0.18, 0.55, 0.82)


def test_the_rest_of_an_object_moves_with_it() -> None:
    here, there = rest_of_objects(HERE, moved(HERE), [COAT], [box("dog", 0.2, 0.1, 0.6, 0.9), MOVED], 3)
    assert np.abs(there - moved(here)).max() < 0.01
    gaps = np.abs((here[:, None] - HERE[None]) * [160, 100]).max(axis=2).min(axis=1)
    assert gaps.min() > 3, "places that are known already are not said again"
    found = np.zeros(SIZE, bool)
    found[(here[:, 1] * 100).astype(int), (here[:, 0] * 160).astype(int)] = True
    assert not found[~COAT.inside].any() and found[60:85, 50:75].any(), "also far from the places"


@pytest.mark.parametrize("target", [[], [box("dog", 0.23, 0.18, 0.55, 0.82)], [box("coat", 0.7, 0.1, 0.9, 0.9)]])
def test_another_object_is_left_alone(target: list[Shape]) -> None:
    here, there = rest_of_objects(HERE, moved(HERE), [COAT], target, 3)
    assert len(here) == len(there) == 0


def test_a_few_places_in_common_make_no_object() -> None:
    few = HERE[: object_matching.VOTES - 1]
    assert len(rest_of_objects(few, moved(few), [COAT], [MOVED], 3)[0]) == 0


def test_nothing_is_put_beside_the_other_object() -> None:
    half = box("coat", 0.23, 0.18, 0.4, 0.82)
    _, there = rest_of_objects(HERE, moved(HERE), [COAT], [half], 3)
    assert len(there) and there[:, 0].max() < 0.4
