"""Which colors of a reference photo belong where in a photo without colors, and how far to trust them.

Places are matched by the features of the encoder of `guided`, at several strides: like things, whatever their
light. A match is trusted by a logistic rule over `FEATURES`, chief among them how likely the network holds the matched
color to be, so that a reference decides where the network is unsure and not where it contradicts a sure answer. The
rule was fitted on pairs of other kinds than those that `benchmarks/references.py` measures: 102 with the most alike
reference of 48, 102 with a chance one and 51 with a strange one. `benchmarks/trust.py` repeats that
with the same loss but 24 candidates a kind, so that its constants come out near these, not equal.

Axes: n places of the photo, m places of the reference, Q chroma bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barva.color import bins
from barva.color.bins import BINS
from barva.methods.base import Float, Reference
from barva.runtime import encoder
from barva.runtime.encoder import resize

CELL = 8
"""Side, px of the working size, of the places that are matched."""

_TEMPERATURE = 0.05  # of the softmax over similarity: 0.03 and 0.1 gain as much
_BLUR = 12.0  # Lab units over which a color's likelihood counts for its neighbors
_LONGEST = 4  # sides of a reference's grid, over its short one

FEATURES = (
    "mean similarity",
    "log likelihood",
    "mean log likelihood",
    "entropy",
    "mean entropy",
    "difference of light",
    "mean scatter",
    "matched chroma",
    "own chroma",
)
"""What the rule looks at, in its order: see `_match_features`."""

CENTER = np.array([0.313, -0.512, -0.512, 0.487, 0.487, 0.811, 0.525, 0.545, 0.514])
SCALE = np.array([0.086, 0.681, 0.483, 0.111, 0.075, 0.709, 0.261, 0.403, 0.479])
RULE = np.array([1.695, 1.708, 0.482, -0.250, 0.118, -0.517, 0.383, -0.711, 1.475, -3.773])
"""The rule: the logistic function of `(features - CENTER) / SCALE @ RULE[:-1] + RULE[-1]`."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The network's own answer for a photo at h x w places: `p` (Q, h, w) the probability of each bin, `ab`
    (h, w, 2) its answer, and their `light` (h, w) L 0..100."""

    p: Float
    ab: Float
    light: Float


@dataclass(frozen=True, eq=False)
class MatchedColors:
    """A reference's colors at the places of a photo: `ab` (h, w, 2), and the `features` (h, w, 9) by which they are
    trusted."""

    ab: Float
    features: Float

    def trust(self) -> Float:
        """(h, w) 0..1: the share of the way to the reference's color that is right to go."""
        z = ((self.features - CENTER) / SCALE) @ RULE[:-1] + RULE[-1]
        return np.asarray(1 / (1 + np.exp(-np.clip(z, -30, 30))), np.float32)


def prediction_at_cells(p: Float, ab: Float, light: Float) -> Prediction:
    """The network's answers at the places that are matched.

    Args:
        p: (Q, h, w) probabilities of the bins, at the network's own size.
        ab: (h, w, 2) Lab chroma.
        light: (H, W) L 0..100 at the working size, whose sides are multiples of `CELL`.
    """
    size = light.shape[0] // CELL, light.shape[1] // CELL
    planes = [resize(plane, size) for plane in p]
    return Prediction(np.stack(planes), resize(ab, size), resize(light, size))


def match(light: Float, reference: Reference, prediction: Prediction, threads: int | None = None) -> MatchedColors:
    """The colors that `reference` has for each place of a photo.

    Args:
        light: (H, W) L 0..100, at least as large as the working size.
        reference: a color photo.
        prediction: what the network thinks of the photo.
        threads: processor threads for the encoder.
    """
    size = prediction.light.shape[0], prediction.light.shape[1]
    lab = resize(reference.lab, _grid(reference.lab.shape, min(size))).reshape(-1, 3)
    similarity = _similarity(light, reference.lab, size, threads)
    best = similarity.max(axis=1)
    share = np.exp((similarity - best[:, None]) / np.float32(_TEMPERATURE))
    share /= share.sum(axis=1, keepdims=True)
    mean = share @ lab
    scatter = np.sqrt(np.maximum(share @ (lab[:, 1:] ** 2).sum(axis=1) - (mean[:, 1:] ** 2).sum(axis=1), 0))
    features = _match_features(best, mean, scatter, prediction)
    return MatchedColors(mean[:, 1:].reshape(*size, 2), features.reshape(*size, -1))


def _match_features(best: Float, mean: Float, scatter: Float, prediction: Prediction) -> Float:
    """(n, 9): means are over the photo, likelihood is over that of the likeliest color, entropy over its maximum,
    scatter and difference of light in 20 Lab units, chroma in 30."""
    p = prediction.p.reshape(len(prediction.p), -1)
    entropy = -(p * np.log(p + 1e-9)).sum(axis=0) / np.float32(np.log(len(p)))
    index, weight = bins.encode(mean[:, 1:])
    blurred = _blur_kernel() @ p
    likely = (np.take_along_axis(blurred.T, index.astype(np.intp), 1) * weight).sum(axis=1) / blurred.max(axis=0)
    likely = np.log(likely + 0.01)
    whole = np.ones(len(best), np.float32)
    features = (
        whole * best.mean(),
        likely,
        whole * likely.mean(),
        entropy,
        whole * entropy.mean(),
        np.abs(mean[:, 0] - prediction.light.ravel()) / 20,
        whole * scatter.mean() / 20,
        np.hypot(mean[:, 1], mean[:, 2]) / 30,
        np.hypot(prediction.ab[..., 0], prediction.ab[..., 1]).ravel() / 30,
    )
    return np.stack(features, axis=1).astype(np.float32)


def _blur_kernel() -> Float:
    """(Q, Q) how much each bin's probability counts for each other."""
    kernel = np.exp(-((BINS[:, None] - BINS[None]) ** 2).sum(axis=-1) / (2 * _BLUR**2))
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True), np.float32)


def _similarity(light: Float, lab: Float, size: tuple[int, int], threads: int | None) -> Float:
    """(n, m) -1..1: cosines between features of the encoder."""
    lights = light, np.ascontiguousarray(lab[..., 0])
    grids = size, _grid(lab.shape, min(size))
    one, two = (x.reshape(-1, x.shape[-1]) for x in encoder.directions(lights, grids, threads))
    return np.asarray(one @ two.T, np.float32)


def _grid(shape: tuple[int, ...], short: int) -> tuple[int, int]:
    """Rows and columns of a picture's places, `short` on the short side."""
    scale = short / min(shape[:2])
    rows, columns = (min(max(1, round(n * scale)), _LONGEST * short) for n in shape[:2])
    return rows, columns
