"""Samplers against data whose every answer is known: a Gaussian, and a picture that is the only one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barva.errors import UsageError
from barva.methods import samples, sampling
from barva.methods.base import PaintOptions
from barva.methods.sampling import Levels
from barva.types import Float

SIGMA = 0.5
LEVELS = Levels(SIGMA)


def gaussian(x: np.ndarray, sigma: float) -> np.ndarray:
    """D of data with mean 0 and the deviation SIGMA: the posterior mean."""
    return np.asarray(SIGMA**2 / (SIGMA**2 + sigma**2) * x, np.float32)


def exact(x: np.ndarray, sigma: float) -> np.ndarray:
    """Where the probability flow of that data ends that begins with x at sigma."""
    return x * SIGMA / np.sqrt(SIGMA**2 + sigma**2)


def start(seed: int = 0) -> np.ndarray:
    return np.float32(LEVELS.sigma_max) * sampling.noise(seed, (1, 2, 40, 40))


def error(answer: np.ndarray) -> float:
    return float(np.abs(answer - exact(start(), LEVELS.sigma_max)).mean())


def test_levels_are_the_published_ones() -> None:
    sigmas = LEVELS.steps(18)
    assert len(sigmas) == 19 and sigmas[0] == pytest.approx(80) and sigmas[17] == pytest.approx(0.002)
    assert sigmas[-1] == 0 and sigmas == sorted(sigmas, reverse=True)
    middle = (80 ** (1 / 7) + 9 / 17 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7
    assert sigmas[9] == pytest.approx(middle)
    assert LEVELS.steps(1) == pytest.approx([80, 0])
    half = LEVELS.steps(6, 0.5)
    assert half[0] == pytest.approx(LEVELS.at(0.5)) and half[5] == pytest.approx(0.002)


def test_preconditioning_gives_unit_variance_and_keeps_the_picture_without_noise() -> None:
    rng = np.random.default_rng(0)
    y = SIGMA * rng.standard_normal(200_000)
    for sigma in (0.01, 0.3, 2.0, 40.0):
        x = y + sigma * rng.standard_normal(len(y))
        assert np.std(sampling.c_in(sigma, SIGMA) * x) == pytest.approx(1, rel=0.02)
        target = (y - sampling.c_skip(sigma, SIGMA) * x) / sampling.c_out(sigma, SIGMA)
        assert np.std(target) == pytest.approx(1, rel=0.02), "what F is to answer has unit variance, too"
    x = sampling.noise(0, (1, 2, 8, 8))
    D = sampling.precondition(lambda x, level: x * 0 + 7, SIGMA)
    assert np.abs(D(x, 1e-4) - x).max() < 1e-3


def test_second_order_is_worth_its_calls() -> None:
    first, second, third = (error(sampling.heun(gaussian, start(), LEVELS.steps(n))) for n in (18, 36, 72))
    assert first / second > 3.5 and second / third > 3.5 and third < 2e-3, "half the step, a quarter of the error"
    by_euler = [error(sampling.euler(gaussian, start(), LEVELS.steps(n))) for n in (18, 36, 72)]
    assert 1.7 < by_euler[0] / by_euler[1] < 2.5 and by_euler[1] / by_euler[2] > 1.7, "half the step, half the error"
    assert third < by_euler[2] / 3


def test_samples_are_of_the_data() -> None:
    drawn = np.stack([sampling.heun(gaussian, start(seed), LEVELS.steps(60)) for seed in range(4)])
    assert drawn.std() == pytest.approx(SIGMA, rel=0.05)
    assert np.abs(drawn[0] - drawn[1]).mean() > 0.3


@pytest.mark.parametrize("consistent", [False, True])
def test_without_temperature_there_is_no_noise(consistent: bool) -> None:
    """It scales all noise: that of the beginning, and that between the steps of a distilled network."""

    def f(x: Float, t: float) -> Float:
        return np.asarray(0.5 * x, np.float32)

    def sample(seed: int, temperature: float) -> Float:
        levels = replace(LEVELS, temperature=temperature)
        return samples.draw(f, (8, 8), PaintOptions(seed=seed), 3, levels, consistent)

    assert not sample(1, 0.0).any() and not sample(2, 0.0).any()
    np.testing.assert_allclose(sample(1, 0.5), sample(1, 1.0) / 2, rtol=1e-5)
    assert (sample(1, 1.0) != sample(2, 1.0)).all()


def test_the_consistency_function_is_the_identity_at_the_lowest_level() -> None:
    x = sampling.noise(0, (1, 2, 8, 8))
    f = sampling.consistency_function(lambda x, level: x * 0 + 7, LEVELS)
    assert np.array_equal(f(x, LEVELS.sigma_min), x)
    assert np.abs(f(x, 1.0) - x).max() > 0.5


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_the_distilled_sampler_draws_from_the_data(steps: int) -> None:
    """With the true consistency function of the Gaussian every number of steps gives its deviation."""
    levels: list[float] = []

    def f(x: np.ndarray, t: float) -> np.ndarray:
        levels.append(t)
        return exact(x, t)

    answer = samples.draw(f, (40, 40), PaintOptions(), steps, LEVELS, consistent=True)
    assert answer.std() == pytest.approx(SIGMA, rel=0.06)
    assert len(levels) == steps and levels[0] == pytest.approx(LEVELS.sigma_max)
    assert min(levels) > 10 * LEVELS.sigma_min, "where the function is the identity a step would change nothing"


def test_guidance_leads_away_from_the_unconditional_answer() -> None:
    yes, no = np.full((1, 2, 2, 2), 3, np.float32), np.ones((1, 2, 2, 2), np.float32)
    assert np.array_equal(sampling.guide(no, yes, 0.0), yes)
    assert np.array_equal(sampling.guide(None, yes, 2.0), yes)
    assert sampling.guide(no, yes, 1.5)[0, 0, 0, 0] == 2.5 * 3 - 1.5 * 1


def test_what_is_kept_stays_and_the_rest_is_drawn() -> None:
    known = np.full((1, 2, 40, 40), 0.8, np.float32)
    keep = np.zeros((40, 40), np.float32)
    keep[:, :20] = 1
    answer = sampling.heun(sampling.keep_known(gaussian, known, keep), start() + known, LEVELS.steps(12))
    assert np.abs(answer[..., :20] - 0.8).max() < 1e-3
    assert answer[..., 20:].std() > 0.4


def test_palettes_schedule_is_the_published_one() -> None:
    gammas = sampling.palette_gammas(1000)
    assert gammas[0] == pytest.approx(1 - 1e-4) and gammas[1] / gammas[0] == pytest.approx(1 - 1e-4 - 0.0899 / 999)
    assert (np.diff(gammas) < 0).all() and gammas[-1] < 1e-15
    for T in (1, 3, 40, 300):
        few = sampling.palette_gammas(T)
        assert len(few) == T and set(few) <= set(gammas) and few[-1] == gammas[-1], "stops of the published schedule"


def test_few_steps_of_palette_magnify_no_error_of_the_network() -> None:
    """What is drawn never deviates more than noise and data do, though the network errs by 3 %."""
    rng, widest = np.random.default_rng(0), [0.0]

    def noise_of(y: np.ndarray, gamma: float) -> np.ndarray:
        widest.append(float(y.std()))
        true = np.sqrt(1 - gamma) / (gamma * SIGMA**2 + 1 - gamma) * y
        return np.asarray(true + 0.03 * rng.standard_normal(y.shape), np.float32)

    shape = (1, 2, 40, 40)
    y = sampling.noise(3, shape)
    sampling.ancestral(noise_of, y, sampling.palette_gammas(40), lambda n: sampling.noise(3, shape, n))
    assert max(widest) < 1.1


def test_palettes_sampler_draws_from_the_data() -> None:
    """The noise in y of Gaussian data is known: e = sqrt(1 - gamma) y / (gamma SIGMA^2 + 1 - gamma)."""

    def noise_of(y: np.ndarray, gamma: float) -> np.ndarray:
        return np.asarray(np.sqrt(1 - gamma) / (gamma * SIGMA**2 + 1 - gamma) * y, np.float32)

    shape = (1, 2, 40, 40)
    known, keep = np.full(shape, 0.8, np.float32), np.zeros((40, 40), np.float32)
    keep[:, :20] = 1
    y = sampling.ancestral(
        noise_of,
        sampling.noise(3, shape),
        sampling.palette_gammas(300),
        lambda n: sampling.noise(3, shape, n),
        known,
        keep,
    )
    assert np.abs(y[..., :20] - 0.8).max() < 1e-6
    assert y[..., 20:].std() == pytest.approx(SIGMA, rel=0.1)


def test_noise_follows_from_the_seed_alone() -> None:
    a, b = (sampling.noise(5, (1, 2, 4, 4)) for _ in range(2))
    assert np.array_equal(a, b) and a.dtype == np.float32
    assert not np.array_equal(a, sampling.noise(6, (1, 2, 4, 4)))
    assert not np.array_equal(a, sampling.noise(5, (1, 2, 4, 4), 1))


@pytest.mark.parametrize("steps", [0, -1, 10_000, 1.5, True, "8", None])
def test_steps_out_of_range_are_refused(steps: object) -> None:
    with pytest.raises(UsageError, match="from 1 to 1000"):
        sampling.check_steps(steps)
