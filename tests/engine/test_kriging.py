"""What points say of the rest of the photo: a rule where there is one, nothing where they only recolor."""

from __future__ import annotations

import numpy as np
import pytest

from barva.engine.steer import kriging
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma

ROWS, COLUMNS = 24, 32


@pytest.fixture
def photo() -> tuple[np.ndarray, Chroma]:
    """Light (96, 128) and what a method makes of it (24, 32): smooth fields that know nothing of each other."""
    y, x = np.mgrid[:96, :128] / 96
    light = (50 + 30 * np.sin(3 * x + 2 * y) + 10 * np.cos(7 * y)).astype(np.float32)
    y, x = np.mgrid[:ROWS, :COLUMNS] / ROWS
    ab = np.stack([12 * np.sin(4 * x) + 3, 15 * np.cos(3 * y + x)], axis=-1).astype(np.float32)
    return light, Chroma(ab, np.full((ROWS, COLUMNS), 0.5, np.float32))


def marked(count: int, color: object, seed: int = 0) -> HintMap:
    """Squares of 3 x 3 px at random places; `color` is a function of the number and the place in the answer."""
    rng = np.random.default_rng(seed)
    ab, weight = np.zeros((96, 128, 2), np.float32), np.zeros((96, 128), np.float32)
    cells = rng.permutation(20 * 28)[:count]
    for n, (row, column) in enumerate(zip(cells // 28 + 2, cells % 28 + 2, strict=True)):
        square = slice(4 * row + 1, 4 * row + 4), slice(4 * column + 1, 4 * column + 4)
        ab[square], weight[square] = color(n, row, column), 1  # type: ignore[operator]
    return HintMap(ab, weight)


def error(chroma: Chroma, truth: np.ndarray) -> float:
    return float(np.hypot(*(chroma.ab - truth).transpose(2, 0, 1)).mean())


def test_parts_of_the_hints_are_points() -> None:
    hints = marked(6, lambda n, row, column: (10 * n, -5 * n))
    found = kriging.points_of(hints, ROWS, COLUMNS)
    assert len(found) == 6
    for at, ab in zip(found.at, found.ab, strict=True):
        row, column = divmod(int(at), COLUMNS)
        assert np.allclose(hints.ab[4 * row + 2, 4 * column + 2], ab)


def test_many_places_of_one_color_are_one_point() -> None:
    assert len(kriging.points_of(marked(9, lambda n, row, column: (40, 20)), ROWS, COLUMNS)) == 1
    assert len(kriging.points_of(marked(9, lambda n, row, column: (40 + n % 2 * 9, 20)), ROWS, COLUMNS)) == 2
    assert len(kriging.points_of(marked(300, lambda n, row, column: (n, -n)), ROWS, COLUMNS)) <= kriging.MOST
    assert (
        len(kriging.points_of(HintMap(np.zeros((96, 128, 2), np.float32), np.zeros((96, 128), np.float32)), 4, 4)) == 0
    )


@pytest.mark.parametrize("rule", ["stretched", "shifted"])
def test_true_colors_tell_of_the_rest(rule: str, photo: tuple[np.ndarray, Chroma]) -> None:
    light, answer = photo
    truth = answer.ab * 1.8 if rule == "stretched" else answer.ab + np.array([9, 14], np.float32)
    points = kriging.points_of(marked(10, lambda n, row, column: truth[row, column]), ROWS, COLUMNS)
    told = kriging.correct_from_points(answer, answer, light, points)
    assert error(told, truth) < 0.65 * error(answer, truth)  # half of the way, as the answer that heard keeps its half
    assert told.confidence is answer.confidence


def test_recoloring_leaves_the_rest_alone(photo: tuple[np.ndarray, Chroma]) -> None:
    light, answer = photo
    moved = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        hues = rng.uniform(0, 2 * np.pi, 8)
        hints = marked(8, lambda n, row, column, hues=hues: 40 * np.array([np.cos(hues[n]), np.sin(hues[n])]), seed)
        told = kriging.correct_from_points(answer, answer, light, kriging.points_of(hints, ROWS, COLUMNS))
        moved.append(error(told, answer.ab))
    assert np.median(moved) < 1


def test_two_points_say_nothing(photo: tuple[np.ndarray, Chroma]) -> None:
    light, answer = photo
    points = kriging.points_of(marked(2, lambda n, row, column: answer.ab[row, column] * 2), ROWS, COLUMNS)
    assert kriging.correct_from_points(answer, answer, light, points) is answer
