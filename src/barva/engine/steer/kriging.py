"""What points say of the rest of the photo.

Points that tell the photo's own colours say more than where they lie: that all of it is warmer or more vivid than the
method thought. Points that recolour say nothing of the kind, and must leave the rest alone. Which of the two it is,
the points themselves tell: the differences between them and what the method answers without them follow a rule for the
whole photo, or they don't. So each hypothesis is a Gaussian process over the photo (kriging; Rasmussen and Williams
2006, equations 2.25 and 2.30), and each counts by its probability given the points (Bayesian model averaging; Hoeting
et al. 1999): one knows only neighbours of like light and colour, the others also a shift and a stretch of all chroma.

Axes: n points, m places, h and w of the method's answer, H and W of the working size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, Float

LEAST = 3
"""Points of different colours from which a rule can show at all."""

MOST = 100
"""Points that are asked; of more, every so manyth."""

_SAME = 0.25
"""Chroma within which two colours are one: a colour that somebody chose twice, not one that the photo has twice."""

_STRETCHES = (5.0, 20.0)
"""How much chroma may be stretched by a rule, as standard deviations over that of a difference between neighbours."""

_SHIFT = 0.5
"""The same for a shift of all chroma."""

_PRIOR = 0.05
"""How probable any rule is before the points are seen: people point where they want something else."""

_NOISE = 0.5
"""Of a point's colour, in the same measure."""

_PLACE, _LIGHT, _CHROMA = 0.3, 0.1, 0.1
"""What makes neighbours: distance over the short side, L over 100, chroma over 110."""

_OWN = 0.5
"""Share that the answer which heard the points keeps where a rule is certain. On 40 photos with masks and 3, 10 and 50
random points of the true colours: 1.1, 2.4 and 4.4 dB gained without rules, 1.3, 2.8 and 4.9 with these; where six in
ten points have a random colour, a rule is 5 % probable."""

Real = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Observed:
    """Points on the answer: `at` (n,) their places in it, row by row; `ab` (n, 2) their colours."""

    at: npt.NDArray[np.intp]
    ab: Real

    def __len__(self) -> int:
        return len(self.at)


def observed(hints: HintMap, rows: int, columns: int) -> Observed:
    """The connected parts of `hints` (H, W) as points on an answer of this size; one of each colour, for who gives ten
    places the same colour speaks of one thing, not of ten."""
    some = (hints.weight > 0.5).astype(np.uint8)
    found: Any = cv2.connectedComponentsWithStats(some, connectivity=4)
    count, labels, _, centres = found
    own = labels.ravel()
    sums = [np.bincount(own, hints.ab[..., i].ravel(), count) for i in (0, 1)]
    ab = np.stack(sums, axis=-1)[1:] / np.bincount(own, minlength=count)[1:, None]
    size = np.array([rows, columns])
    places = np.clip((centres[1:, ::-1] + 0.5) * size / some.shape, 0, size - 1).astype(np.intp)
    different = np.sort(np.unique(np.rint(ab / _SAME), axis=0, return_index=True)[1])
    kept = different[:: max(1, -(-len(different) // MOST))]
    return Observed(places[kept, 0] * columns + places[kept, 1], np.asarray(ab[kept], np.float64))


def concluded(heard: Chroma, unheard: Chroma, light: Float, points: Observed) -> Chroma:
    """`heard` (h, w), the method's answer to points, with what they say of the rest: as far as a rule for the
    whole photo is probable. `unheard` (h, w) is the answer without them, `light` (H, W) L 0..100."""
    if len(points) < LEAST:
        return heard
    h, w = heard.ab.shape[:2]
    places = _features(unheard.ab, light)
    told, gaps = places[points.at], points.ab - unheard.ab.reshape(-1, 2)[points.at]
    near, near_told = _near(places, told), _near(told, told)
    evidence, answers = [_evidence(near_told, gaps)], []
    for stretch in _STRETCHES:
        kernel = near_told + _rule(told, told, stretch)
        evidence.append(_evidence(kernel, gaps))
        answers.append((near + _rule(places, told, stretch)) @ np.linalg.solve(_noisy(kernel), gaps))
    probable = _posterior(np.array(evidence))[1:]
    ab = heard.ab.copy()
    for share, gap in zip(probable, answers, strict=True):
        ab += np.float32(share * (1 - _OWN)) * (unheard.ab + gap.reshape(h, w, 2).astype(np.float32) - heard.ab)
    return Chroma(ab, heard.confidence)


def _features(ab: Float, light: Float) -> Real:
    """(m, 5) of each place: row and column over the short side, L / 100, a / 110, b / 110."""
    h, w = ab.shape[:2]
    small: Any = cv2.resize(light, (w, h), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[:h, :w] / min(h, w)
    return np.stack([y, x, small / 100, ab[..., 0] / 110, ab[..., 1] / 110], axis=-1).reshape(-1, 5).astype(np.float64)


def _near(some: Real, others: Real) -> Real:
    """Squared exponential kernel, 1 for the same place."""
    scale = np.array([_PLACE, _PLACE, _LIGHT, _CHROMA, _CHROMA])
    x, y = some / scale, others / scale
    distance = (x**2).sum(-1)[:, None] + (y**2).sum(-1) - 2 * x @ y.T
    return np.asarray(np.exp(-0.5 * np.maximum(distance, 0)), np.float64)


def _rule(some: Real, others: Real, stretch: float) -> Real:
    """Linear kernel: all chroma shifted and stretched alike."""
    return np.asarray(_SHIFT**2 + stretch**2 * some[:, 3:] @ others[:, 3:].T, np.float64)


def _noisy(kernel: Real) -> Real:
    return kernel + _NOISE**2 * np.eye(len(kernel))


def _evidence(kernel: Real, gaps: Real) -> float:
    """Log probability of the differences (n, 2), up to a constant: of the likeliest scale, for both planes."""
    noisy = _noisy(kernel)
    spread = float((gaps * np.linalg.solve(noisy, gaps)).sum()) + 1e-9
    return float(-len(gaps) * np.log(spread) - np.linalg.slogdet(noisy)[1])


def _posterior(evidence: Real) -> Real:
    """Probability of each hypothesis; the first knows no rule."""
    rules = len(evidence) - 1
    prior = np.array([1 - _PRIOR, *[_PRIOR / rules] * rules])
    weight = prior * np.exp(evidence - evidence.max())
    return np.asarray(weight / weight.sum(), np.float64)
