"""`irony`: each pixel finds its region in a segmented reference; confident pixels are scribbles for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, Reference, SizeRule
from barva.methods.classical import features
from barva.methods.classical.affinity import PROGRAM
from barva.methods.classical.by_reference import ByReference
from barva.methods.classical.neighbors import several_nearest
from barva.methods.classical.solver import spread

Float = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]

REGIONS = 6
"""Regions that a reference without labels is parted into."""

CONFIDENT = 0.5
"""Pixels above this confidence become micro-scribbles (section 4)."""

_SAMPLES = 2500  # training pixels
_PAIRS = 6000  # differences from which each covariance is found
_KINDS = 3.0  # what the encoder sees, in units of the subspace
_KEPT = 6  # dimensions of the subspace
_NEIGHBORS = 7  # k of the labels
_REACH = 3  # px: votes come from a window of 7 x 7


class Irony(ByReference):
    """Classification by texture instead of matching by lightness. One reference; its `labels` part it into regions, or
    its colors do. Hints of the user go over the micro-scribbles.

    Errors: `UsageError` unless there is exactly one reference.
    """

    CARD: ClassVar = MethodCard(
        name="irony",
        title="Colorization by example",
        summary="takes colors from one reference photo, region by region; knows how sure it is; needs a reference",
        family="reference",
        size=SizeRule(short=192, multiple=1, longest=768),
        native_guidance=frozenset({"points", "references"}),
        needs=frozenset({"reference"}),
        propagates_hints=True,
        paper="Irony, Cohen-Or, Lischinski 2005, Colorization by example (Eurographics Symposium on Rendering)",
    )

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        references = features.references(options, "irony", self.CARD.size.short)
        if len(references) > 1:
            raise UsageError(
                "irony takes one reference, not {count}: the method 'references' takes several",
                code="reference.one",
                count=len(references),
            )
        rng = np.random.default_rng(options.seed)
        kinds = features.encoder_features(light, [references[0].lab], options, _KINDS, self._threads)
        match = classify(light, references[0], rng, kinds)
        ab, confidence = vote(match, references[0].lab[..., 1:])
        weight = np.where(confidence > min(CONFIDENT, 0.999 * float(confidence.max())), confidence, 0)
        ab, weight = features.merge_hints(ab, np.asarray(weight, np.float32), hints)
        ab = spread(light, ab, weight, variances=PROGRAM, threads=self._threads)
        return Chroma(ab, confidence)


@dataclass(frozen=True)
class Match:
    """Each pixel's label, the place (row, column) of its match in the reference, and `W = exp(-D)`, D their distance;
    all (H, W)."""

    label: Labels
    row: Labels
    column: Labels
    W: Float


def classify(light: Float, reference: Reference, rng: np.random.Generator, kinds: list[Float]) -> Match:
    """Section 3: k nearest neighbors in the subspace of `projection` and the planes `kinds` of photo and reference;
    the match is the nearest of the chosen label."""
    h, w = reference.lab.shape[:2]
    labels = features.regions(reference.lab, REGIONS, rng) if reference.labels is None else reference.labels
    at = features.jittered_samples((h, w), _SAMPLES, rng)
    samples = features.frequencies(features.remap_light(reference.lab[..., 0], light)).reshape(h * w, -1)[at]
    names, label = np.unique(labels.ravel()[at], return_inverse=True)
    T = projection(samples, label, rng)
    photo_planes, reference_planes = kinds
    samples = np.concatenate([samples @ T, reference_planes[at]], axis=1)
    queries = features.frequencies(light).reshape(light.size, -1)
    D, near = several_nearest(np.concatenate([queries @ T, photo_planes], axis=1), samples, _NEIGHBORS)
    counts = np.stack([(label[near] == n).sum(axis=1) for n in range(len(names))])
    chosen = counts.argmax(axis=0)
    first = (label[near] == chosen[:, None]).argmax(axis=1)[:, None]
    place = at[np.take_along_axis(near, first, 1)[:, 0]]
    W = np.exp(-np.take_along_axis(D, first, 1)[:, 0])
    planes = [np.asarray(x, np.int32).reshape(light.shape) for x in (chosen, place // w, place % w)]
    return Match(planes[0], planes[1], planes[2], np.maximum(W, 1e-6).astype(np.float32).reshape(light.shape))


def projection(x: Float, label: npt.NDArray[np.intp], rng: np.random.Generator) -> Float:
    """(d, m) subspace in which features `x` (n, d) of like label lie close and of unlike label apart.

    Section 3.1: principal components of random differences within regions, then of those between regions. Where the
    paper drops the components that vary most within, here each is divided by its deviation, which needs no count.
    """
    one, two = rng.integers(0, len(x), (2, _PAIRS))
    like = label[one] == label[two]
    d = x[one] - x[two]
    within = d[like] if like.sum() > 1 else d
    value, vector = np.linalg.eigh(within.T @ within / len(within))
    white = vector / np.sqrt(np.maximum(value, max(1e-4 * float(value[-1]), 1e-6)))
    between = (d[~like] if (~like).any() else d) @ white
    _, vector = np.linalg.eigh(between.T @ between / len(between))
    return np.asarray(white @ vector[:, -_KEPT:], np.float32)


def vote(match: Match, ab: Float) -> tuple[Float, Float]:
    """Chroma (H, W, 2) and confidence (H, W) by image-space voting (section 3.2, equations 2 and 3).

    A label's confidence at p is the share of the weights W_q of the pixels q around p that have it; the best one wins.
    Its color is the mean over those q of what the reference has beside the match of q, where p lies beside q.
    """
    names = int(match.label.max()) + 1
    side = 2 * _REACH + 1
    total = _box(match.W, side)
    share = np.stack([_box(match.W * (match.label == n), side) / total for n in range(names)])
    label = share.argmax(axis=0)
    confidence = np.clip(share.max(axis=0), 0, 1)

    h, w = label.shape
    last_row, last_column = ab.shape[0] - 1, ab.shape[1] - 1
    padded = [np.pad(x, _REACH) for x in (match.label, match.row, match.column, match.W)]
    mean, weight = np.zeros((h, w, 2), np.float32), np.zeros((h, w, 1), np.float32)
    for dy in range(-_REACH, _REACH + 1):
        for dx in range(-_REACH, _REACH + 1):
            q = slice(_REACH + dy, _REACH + dy + h), slice(_REACH + dx, _REACH + dx + w)
            theirs, row, column, W = (x[q] for x in padded)
            v = (W * (theirs == label))[..., None]
            mean += v * ab[np.clip(row - dy, 0, last_row), np.clip(column - dx, 0, last_column)]
            weight += v
    mean /= np.maximum(weight, 1e-12)
    return mean, np.asarray(confidence, np.float32)


def _box(x: npt.NDArray[Any], side: int) -> Float:
    blurred: Any = cv2.blur(x.astype(np.float32), (side, side), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, np.float32).reshape(x.shape)
