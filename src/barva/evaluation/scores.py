"""Scores of a method over many photos, each with its bootstrap interval.

Every photo counts the same, whatever its size. Ratios are ratios of the means over photos, not means of ratios: one
gray photo would make the latter infinite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from barva.color import bins
from barva.errors import UsageError
from barva.evaluation.metrics import PhotoScores
from barva.types import Double

RESAMPLES = 1000
SMOOTHING = 5.0
"""Deviation, in ab, of the Gaussian that smooths the empirical bin distribution (Zhang et al. 2016)."""


@dataclass(frozen=True)
class Interval:
    """A value and the 95 % interval of its bootstrap over photos; nan where the value is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scores:
    """One row of a benchmark.

    | field | unit, meaning |
    |---|---|
    | `photos` | how many |
    | `ciede2000` | mean over pixels, then photos |
    | `psnr` | dB on 8-bit sRGB |
    | `auc`, `auc_rebalanced` | 0..1; the second with each pixel weighted by 1 / p of its true bin |
    | `chroma_ratio` | mean chroma of the answers over the truth's |
    | `colorfulness_difference` | Hasler-Suesstrunk: mean of the answers' minus the truth's |
    | `colorfulness_absolute` | the absolute value of that, which DDColor's table prints |
    | `colorfulness_spread` | mean over photos of the absolute difference |
    | `b_shift` | mean b of answer minus truth: negative is cooler, positive warmer |
    | `hue_turn` | degrees by which hues turn on average, weighted by both chromas: positive from red towards yellow |
    | `sepia` | share of pixels guessed brown whose truth is not |
    | `seconds` | mean per photo; 0 for rows made from the truth |
    """

    photos: int
    ciede2000: Interval
    psnr: Interval
    auc: Interval
    auc_rebalanced: Interval
    chroma_ratio: Interval
    colorfulness_difference: Interval
    colorfulness_absolute: Interval
    colorfulness_spread: Interval
    b_shift: Interval
    hue_turn: Interval
    sepia: Interval
    seconds: float


def scores(
    photos: Sequence[PhotoScores],
    seconds: Sequence[float] = (),
    prior: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Scores:
    """The mean of each measure over `photos`, with intervals from `resamples` seeded bootstrap samples of the photos.

    `prior` (313,) is the distribution of chroma bins that AuC is rebalanced by; without one it is that of these photos'
    truth, smoothed.
    """
    if not photos:
        raise UsageError("there is no photo to measure on")
    weights = _weights(len(photos), resamples, seed)
    p = smooth_prior(_column_mean(photos)) if prior is None else _check_prior(prior)
    values = {name: _interval(v) for name, v in _statistics(photos, weights, p).items()}
    return Scores(photos=len(photos), seconds=float(np.mean(seconds)) if len(seconds) else 0.0, **values)


@lru_cache(maxsize=1)
def resamplings(photos: int, resamples: int, seed: int) -> Double:
    """(resamples, photos) how often each photo is drawn in each bootstrap sample; read-only, kept for the next row."""
    rng = np.random.default_rng(seed)
    samples = np.asarray(rng.multinomial(photos, np.full(photos, 1 / photos), resamples), np.float64)
    samples.setflags(write=False)
    return samples


def _weights(photos: int, resamples: int, seed: int) -> Double:
    """(1 + resamples, photos): the photos as they are, then the bootstrap samples; each row sums to 1."""
    return np.concatenate([np.ones((1, photos)), resamplings(photos, resamples, seed)]) / photos


def mean(values: Sequence[float], resamples: int = RESAMPLES, seed: int = 0) -> Interval:
    """Mean over photos, with its interval; `UsageError` without any.

    >>> mean([3.0, 3.0])
    Interval(value=3.0, low=3.0, high=3.0)
    """
    if not len(values):
        raise UsageError("there is no photo to measure on")
    return _interval(_weights(len(values), resamples, seed) @ np.asarray(values, np.float64))


def margin(one: Sequence[float], other: Sequence[float], resamples: int = RESAMPLES, seed: int = 0) -> Interval:
    """Mean of `other - one` over the same photos, with its interval: paired, so far narrower than two intervals.

    >>> margin([8.0, 9.0], [10.0, 11.0])
    Interval(value=2.0, low=2.0, high=2.0)
    """
    return mean(list(np.asarray(other, np.float64) - np.asarray(one, np.float64)), resamples, seed)


def smooth_prior(prior: npt.ArrayLike, sigma: float = SMOOTHING) -> Double:
    """A bin distribution (313,) convolved with a Gaussian over ab; sums to 1."""
    d2 = ((bins.BINS[:, None].astype(np.float64) - bins.BINS[None]) ** 2).sum(-1)
    kernel = np.exp(-d2 / (2 * sigma**2))
    out = (kernel / kernel.sum(1, keepdims=True)).T @ np.asarray(prior, np.float64)
    return np.asarray(out / out.sum())


def _statistics(photos: Sequence[PhotoScores], weights: Double, prior: Double) -> Mapping[str, Double]:
    """Each measure under each row of `weights` (resamples, photos)."""

    def average(name: str) -> Double:
        return np.asarray(weights @ np.array([getattr(p, name) for p in photos], np.float64))

    difference = average("colorfulness") - average("colorfulness_truth")
    apart = np.abs(np.array([p.colorfulness - p.colorfulness_truth for p in photos]))
    turn = weights @ np.array([p.turn for p in photos])
    rare = 1 / np.maximum(prior, 1e-9)
    area = weights @ np.array([p.bin_auc @ rare for p in photos])
    share = weights @ np.array([p.bin_share @ rare for p in photos])
    truth = average("chroma_truth")
    return {
        "ciede2000": average("ciede2000"),
        "psnr": average("psnr"),
        "auc": average("auc"),
        "auc_rebalanced": area / share,
        "chroma_ratio": np.divide(average("chroma"), truth, out=np.full_like(truth, np.nan), where=truth > 1e-6),
        "colorfulness_difference": difference,
        "colorfulness_absolute": np.abs(difference),
        "colorfulness_spread": weights @ apart,
        "b_shift": average("b_shift"),
        "hue_turn": np.where(np.abs(turn) > 1e-6, np.degrees(np.angle(turn)), np.nan),
        "sepia": average("sepia"),
    }


def _interval(values: Double) -> Interval:
    """The first value, and the middle 95 % of the others."""
    samples = values[1:][np.isfinite(values[1:])]
    low, high = np.percentile(samples, [2.5, 97.5]) if samples.size else (np.nan, np.nan)
    return Interval(float(values[0]), float(low), float(high))


def _column_mean(photos: Sequence[PhotoScores]) -> Double:
    return np.asarray(np.mean([p.bin_share for p in photos], axis=0))


def _check_prior(prior: npt.ArrayLike) -> Double:
    p = np.asarray(prior, np.float64)
    if p.shape != (len(bins.BINS),) or not np.isfinite(p).all() or p.min() < 0 or p.sum() <= 0:
        raise UsageError(f"a bin distribution has {len(bins.BINS)} non-negative values, not shape {p.shape}")
    return np.asarray(p / p.sum())
