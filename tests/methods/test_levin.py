"""Scribbles: the weights are the paper's, the quick answer is the direct one, and colors stop where light does."""

from __future__ import annotations

import numpy as np
import pytest

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.methods.base import PaintOptions
from barva.methods.classical import multigrid, solver
from barva.methods.classical.affinity import NEIGHBORS, PROGRAM, affinities
from barva.methods.classical.levin import Levin

SIZES = [(1, 1), (1, 7001), (6001, 1), (2, 2), (3, 5), (17, 23), (97, 64), (120, 161)]


def scattered(size: tuple[int, int], count: int, seed: int = 0) -> HintMap:
    """`count` single pixels of random colors."""
    rng = np.random.default_rng(seed)
    ab, weight = np.zeros((*size, 2), np.float32), np.zeros(size, np.float32)
    at = rng.choice(weight.size, min(count, weight.size), replace=False)
    weight.flat[at] = 1
    ab.reshape(-1, 2)[at] = rng.uniform(-50, 50, (len(at), 2))
    return HintMap(ab, weight)


def noisy(size: tuple[int, int], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    steps = np.add.outer(np.arange(size[0]) // 9, np.arange(size[1]) // 13) % 3
    return (30 + 20 * steps + rng.normal(0, 2, size)).clip(0, 100).astype(np.float32)


def difference(light: np.ndarray, one: np.ndarray, two: np.ndarray) -> float:
    return float(ciede2000(np.dstack([light, one]), np.dstack([light, two])).mean())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_weights_of_each_pixel_sum_to_one(size: tuple[int, int]) -> None:
    w = affinities(noisy(size))
    assert w.dtype == np.float32
    assert w.min() >= 0
    assert np.allclose(w.sum(axis=0), 0 if size == (1, 1) else 1, atol=1e-6)


def test_weights_are_the_formula() -> None:
    Y = noisy((6, 7)).astype(np.float64)
    w = affinities(Y)
    window = Y[1:4, 2:5]
    expected = np.exp(-((Y[2, 3] - window) ** 2) / (2 * window.var()))
    expected[1, 1] = 0
    expected /= expected.sum()
    assert np.allclose([expected[1 + dy, 1 + dx] for dy, dx in NEIGHBORS], w[:, 2, 3])


def test_no_weight_underflows_beside_a_lone_speck() -> None:
    Y = np.full((9, 9), 50, np.float32)
    Y[4, 4] = 51
    Y[0, 0] = 0
    w = affinities(Y)
    assert w[:, 1:-1, 1:-1].min() > 1e-6


@pytest.mark.parametrize("count", [2, 10, 60])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_quick_answer_is_the_direct_one(size: tuple[int, int], count: int) -> None:
    light, hints = noisy(size), scattered(size, count)
    quick = solver.spread(light, hints.ab, hints.weight)
    exact = solver.spread_exactly(light, hints.ab, hints.weight)
    assert quick.shape == (*size, 2)
    assert difference(light, quick, exact) < 0.1


def test_the_quick_answer_is_the_direct_one_on_a_photo(astronaut: np.ndarray) -> None:
    lab = spaces.fast_rgb_to_lab(astronaut[::3, ::3])
    light, ab = np.ascontiguousarray(lab[..., 0]), lab[..., 1:]
    for count in (3, 30, 300):
        weight = scattered(light.shape, count, count).weight
        quick, exact = solver.spread(light, ab, weight), solver.spread_exactly(light, ab, weight)
        assert difference(light, quick, exact) < 0.1


def test_half_meant_hints_too() -> None:
    light, hints = noisy((90, 100)), scattered((90, 100), 80)
    weight = hints.weight * np.random.default_rng(1).random(hints.weight.shape, np.float32)
    quick = solver.spread(light, hints.ab, weight)
    assert difference(light, quick, solver.spread_exactly(light, hints.ab, weight)) < 0.1


@pytest.mark.parametrize("variances", [PROGRAM, 20])
def test_other_variances_too(variances: float, astronaut: np.ndarray) -> None:
    for light in (noisy((90, 100)), spaces.lightness(astronaut[::4, ::4])):
        hints = scattered(light.shape, 30)
        quick = solver.spread(light, hints.ab, hints.weight, variances=variances)
        exact = solver.spread_exactly(light, hints.ab, hints.weight, variances=variances)
        assert difference(light, quick, exact) < 0.2


def test_a_cycle_takes_off_most_of_the_error(astronaut: np.ndarray) -> None:
    light = spaces.lightness(astronaut[::2, ::2])
    hints = scattered(light.shape, 20)
    a = np.asarray(solver.system(light, hints.weight), np.float32)
    _, cycles = multigrid.Multigrid(a).solve(hints.ab[..., 0] * hints.weight, 0.001)
    assert cycles <= 10


def test_coarse_equations_are_galerkins() -> None:
    """Constants solve the equations far from hints, on every grid."""
    a = np.asarray(solver.system(noisy((70, 83)), np.zeros((70, 83), np.float32)), np.float32)
    for level in multigrid.Multigrid(np.where(np.arange(83) == 0, 0, a))._levels[1:]:
        total = level.A.sum(axis=0)
        inner = total[:, :, 4:-4, 4:-4]
        assert np.allclose(inner[inner > 0], 1, atol=1e-3)


def test_two_flat_areas_are_filled_to_the_edge() -> None:
    light = np.full((64, 80), 30, np.float32)
    light[:, 40:] = 70
    ab, weight = np.zeros((64, 80, 2), np.float32), np.zeros((64, 80), np.float32)
    red, blue = np.float32((40, 20)), np.float32((-10, -40))
    ab[8:13, 3:8], ab[48:53, 68:73] = red, blue
    weight[8:13, 3:8] = weight[48:53, 68:73] = 1
    near = np.where(np.arange(80)[:, None] < 40, red, blue)
    far = np.where(np.arange(80)[:, None] < 40, blue, red)
    own, other = (
        np.linalg.norm(Levin().paint(light, HintMap(ab, weight), PaintOptions()).ab - c, axis=-1) for c in (near, far)
    )
    assert own.mean() < 0.5 * other.mean()
    assert (own[:, [38, 41]].mean(axis=0) < other[:, [38, 41]].mean(axis=0)).all()
    # the paper's weights let some color through the step, those of the authors' program hardly any
    ab = Levin(variances=PROGRAM).paint(light, HintMap(ab, weight), PaintOptions()).ab
    assert np.abs(ab - near).max() < 3


def test_constant_light_gives_the_harmonic_filling() -> None:
    """Between two hinted columns of a flat picture color runs in a straight line."""
    light = np.full((20, 101), 50, np.float32)
    ab, weight = np.zeros((20, 101, 2), np.float32), np.zeros((20, 101), np.float32)
    ab[:, 100], weight[:, 0], weight[:, 100] = (50, -25), 1, 1
    answer = solver.spread(light, ab, weight)
    assert np.abs(answer[..., 0] - np.linspace(0, 50, 101)).max() < 0.5
    assert np.abs(answer[..., 1] - np.linspace(0, -25, 101)).max() < 0.5


def test_hinted_pixels_keep_their_colour_and_no_colour_appears_that_nobody_named() -> None:
    light, hints = noisy((60, 70)), scattered((60, 70), 12)
    answer = Levin().paint(light, hints, PaintOptions()).ab
    on = hints.weight > 0
    assert np.abs(answer[on] - hints.ab[on]).max() < 0.01
    assert (answer.max((0, 1)) <= hints.ab[on].max(0) + 0.5).all()
    assert (answer.min((0, 1)) >= hints.ab[on].min(0) - 0.5).all()


def test_exact_by_wish_and_by_setting() -> None:
    light, hints = noisy((90, 100)), scattered((90, 100), 12)
    exact = solver.spread_exactly(light, hints.ab, hints.weight, variances=PROGRAM)
    assert np.array_equal(Levin(exact=True).paint(light, hints, PaintOptions()).ab, exact)
    assert np.array_equal(Levin().paint(light, hints, PaintOptions(exact=True)).ab, exact)


def test_same_hints_same_answer_on_any_number_of_threads() -> None:
    light, hints = noisy((90, 100)), scattered((90, 100), 12)
    first = Levin(1).paint(light, hints, PaintOptions()).ab
    assert np.array_equal(first, Levin(2).paint(light, hints, PaintOptions()).ab)


@pytest.mark.parametrize("hints", [None, HintMap(np.zeros((5, 7, 2), np.float32), np.zeros((5, 7), np.float32))])
def test_without_hints_the_answer_is_grey_and_unsure(hints: HintMap | None) -> None:
    answer = Levin().paint(noisy((5, 7)), hints, PaintOptions())
    assert not answer.ab.any()
    assert answer.confidence is not None and not answer.confidence.any()


def test_one_hint_colours_everything() -> None:
    hints = scattered((80, 90), 1)
    answer = Levin().paint(noisy((80, 90)), hints, PaintOptions()).ab
    assert np.allclose(answer, hints.ab[hints.weight > 0][0], atol=1e-3)


def test_bad_input_is_one_line() -> None:
    hints = scattered((5, 7), 3)
    for light in (noisy((5, 8)), np.full((5, 7), np.nan, np.float32), np.zeros((5, 7, 1), np.float32)):
        with pytest.raises(UsageError) as error:
            Levin().paint(light, hints, PaintOptions())
        assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match=r"variances go from 0\.5"):
        Levin().paint(noisy((5, 7)), hints, PaintOptions(extra={"variances": 0}))
    with pytest.raises(UsageError, match="does not fit"):
        solver.spread(noisy((5, 7)), hints.ab[:, :, :1], hints.weight)
