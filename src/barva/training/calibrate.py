"""Decoding calibrated on the validation split: temperature, rebalancing that stays in, gain and lift.

Scored where the network answers, at a quarter of the photos' size: hundreds of ways to decode cost seconds there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.methods.neural.guided import smooth_along_light

Float = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

TEMPERATURES = (1.0, 0.85, 0.7, 0.6, 0.5)
STRENGTHS = (0.0, 0.25)
"""More scores a little better (0.06 at 1.5), but paints red blotches on plain walls and damaged backgrounds."""
GAINS = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6)
LIFTS = (0.0, 0.15, 0.3, 0.5)
"""More scores a little better, but where the network is sure chroma nearly doubles: skin turns orange."""

VIVID = 0.75
"""The least chroma ratio that the default may have: below it photos look washed out, whatever the score says."""


@dataclass(frozen=True)
class Row:
    """One way to decode (`methods.neural.guided`) and its mean scores over the photos: CIEDE2000, and the answers' mean
    chroma over the truth's."""

    temperature: float
    strength: float
    gain: float
    lift: float
    ciede2000: float
    ratio: float

    @property
    def settings(self) -> dict[str, float]:
        """The way to decode, as the weights' facts hold it."""
        return {name: getattr(self, name) for name in ("temperature", "strength", "gain", "lift")}


@dataclass(frozen=True, eq=False)
class Answers:
    """What the network says of some photos, and the truth, place by place: logits (Q, N), truth (N, 3) in Lab, and the
    weight (N,) with which a place counts, so that every photo counts the same."""

    logits: Float
    truth: Float
    weight: Float


def answers(net: Any, photos: Sequence[Picture], mirror: bool = True, share: float = 0.25, seed: int = 0) -> Answers:
    """The network's logits for RGB photos with sides divisible by 32, at a random `share` of the places.

    `net` gives logits (B, Q, h, w) for light and hints (B, 4, H, W); `mirror` averages in the mirror image. They are
    evened as the method does it.
    """
    rng, logits, truths, weights = np.random.default_rng(seed), [], [], []
    for photo in photos:
        lab = spaces.fast_rgb_to_lab(photo)
        z = _logits(net, lab, mirror)
        h, w = z.shape[1:]
        small: Any = cv2.resize(lab, (w, h), interpolation=cv2.INTER_AREA)
        kept = rng.permutation(h * w)[: max(1, round(share * h * w))]
        logits.append(z.reshape(len(z), -1)[:, kept])
        truths.append(small.reshape(-1, 3)[kept])
        weights.append(np.full(len(kept), 1 / (len(kept) * len(photos)), np.float32))
    return Answers(np.concatenate(logits, axis=1), np.concatenate(truths), np.concatenate(weights))


def _logits(net: Any, lab: Float, mirror: bool) -> Float:
    x = torch.zeros(2 if mirror else 1, 4, *lab.shape[:2])
    x[:, 0] = torch.from_numpy(lab[..., 0] / 50 - 1)
    if mirror:
        x[1] = x[1].flip(-1)
    with torch.no_grad():
        z = net(x).float()
    both = (z[0] + z[1].flip(-1)) / 2 if mirror else z[0]
    return smooth_along_light(np.asarray(both.numpy(), np.float32), np.ascontiguousarray(lab[..., 0]))


def table(found: Answers, log_w: Float) -> list[Row]:
    """Every combination, scored; `log_w` (Q,) are the logarithms of training's class weights, their mean taken off."""
    from barva.methods.decoding import decode

    chroma = float(np.hypot(found.truth[:, 1], found.truth[:, 2]) @ found.weight)
    rows = []
    for strength, t in itertools.product(STRENGTHS, TEMPERATURES):
        z = found.logits + np.float32(strength - 1) * log_w[:, None]
        for lift in LIFTS:
            ab = decode(z[:, None], t, lift).ab[0]
            for gain in GAINS:
                error, own = _scores(found, ab * np.float32(gain))
                rows.append(Row(t, strength, gain, lift, error, own / chroma))
    return rows


def _scores(found: Answers, ab: Float) -> tuple[float, float]:
    painted = np.concatenate([found.truth[:, :1], ab], axis=1).astype(np.float32)
    error = ciede2000(found.truth[None], painted[None])[0]
    return float(error @ found.weight), float(np.hypot(ab[:, 0], ab[:, 1]) @ found.weight)


def grey(found: Answers) -> float:
    """Mean CIEDE2000 of leaving the photos gray."""
    return _scores(found, np.zeros_like(found.truth[:, 1:]))[0]


def choose(rows: Sequence[Row], vivid: float = VIVID) -> Row:
    """The best score among the rows that are vivid enough; where none is, the most vivid row."""
    enough = [r for r in rows if r.ratio >= vivid]
    return min(enough, key=lambda r: r.ciede2000) if enough else max(rows, key=lambda r: r.ratio)
