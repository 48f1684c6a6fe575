"""Decoding calibrated on the validation split: which temperature, and how much of the rebalancing stays in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from barva.color import bins, spaces
from barva.color.difference import ciede2000

Float = npt.NDArray[np.float32]

TEMPERATURES = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4)
STRENGTHS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)

VIVID = 0.75
"""The least chroma ratio that the default may have: below it photos look washed out, whatever the score says."""


@dataclass(frozen=True)
class Row:
    """Mean scores over the photos: CIEDE2000, and the answers' mean chroma over the truth's."""

    temperature: float
    strength: float
    ciede2000: float
    ratio: float


def table(net: Any, log_w: Float, photos: Sequence[npt.NDArray[np.uint8]], mirror: bool = True) -> list[Row]:
    """Every combination of `TEMPERATURES` and `STRENGTHS`, scored on RGB photos with sides divisible by 32.

    `net` gives logits (1, Q, h, w) for light and hints (1, 4, H, W); `log_w` (Q,) are the logarithms of the class
    weights of training; `mirror` averages in the mirror image, as the method does.
    """
    sums: dict[tuple[float, float], list[tuple[float, float]]] = {}
    chromas = []
    for photo in photos:
        truth = spaces.fast_rgb_to_lab(photo)
        logits = _logits(net, truth, mirror)
        chromas.append(float(np.hypot(truth[..., 1], truth[..., 2]).mean()))
        for strength in STRENGTHS:
            z = logits + np.float32(strength - 1) * log_w[:, None, None]
            z -= z.max(0)
            for t in TEMPERATURES:
                p = np.exp(z / np.float32(t))
                small = np.tensordot(p / p.sum(0), bins.BINS, (0, 0)).astype(np.float32)
                ab: Any = cv2.resize(small, (truth.shape[1], truth.shape[0]), interpolation=cv2.INTER_LINEAR)
                error = ciede2000(truth, np.dstack([truth[..., :1], ab])).mean()
                sums.setdefault((t, strength), []).append(
                    (float(error), float(np.hypot(ab[..., 0], ab[..., 1]).mean()))
                )
    means = {k: np.mean(v, axis=0) for k, v in sums.items()}
    return [Row(t, s, float(e), float(c) / float(np.mean(chromas))) for (t, s), (e, c) in means.items()]


def _logits(net: Any, truth: Float, mirror: bool) -> Float:
    x = torch.zeros(2 if mirror else 1, 4, *truth.shape[:2])
    x[:, 0] = torch.from_numpy(truth[..., 0] / 50 - 1)
    if mirror:
        x[1] = x[1].flip(-1)
    with torch.no_grad():
        z = net(x).float()
    both = (z[0] + z[1].flip(-1)) / 2 if mirror else z[0]
    return np.asarray(both.numpy(), np.float32)


def chosen(rows: Sequence[Row], vivid: float = VIVID) -> Row:
    """The best score among the rows that are vivid enough; where none is, the most vivid row."""
    enough = [r for r in rows if r.ratio >= vivid]
    return min(enough, key=lambda r: r.ciede2000) if enough else max(rows, key=lambda r: r.ratio)


def grey(photos: Sequence[npt.NDArray[np.uint8]]) -> float:
    """Mean CIEDE2000 of leaving the photos grey."""
    labs = (spaces.fast_rgb_to_lab(p) for p in photos)
    return float(np.mean([ciede2000(t, t * np.array([1, 0, 0], np.float32)).mean() for t in labs]))
