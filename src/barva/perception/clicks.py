"""Clicks as planes that the network reads, and clicks as a person would place them (for training and measuring).

Sofiiuk, Petrov, Konushin 2021 (arXiv 2102.06583): discs of a fixed radius beside the mask so far; a simulated person
clicks in the middle of the largest wrong part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from barva.types import Float

RADIUS = 2.5
"""Of a click's disc, in cells of the network's output (4 px)."""

REACH = 0.15
"""Standard deviation of the plane of distances, as a share of the shorter side."""


@dataclass(frozen=True)
class Click:
    """A click at (x, y), in cells of the network's output (4 px of its input); `inside` the object or outside it."""

    x: float
    y: float
    inside: bool = True


def planes(clicks: Sequence[Click], mask: Float | None, size: tuple[int, int]) -> Float:
    """The click planes that the select network reads.

    Args:
        clicks: The clicks so far.
        mask: The mask so far (H, W) 0..1, or None at the first click.
        size: (H, W) of the network's output in cells.

    Returns:
        (5, H, W): discs of the clicks inside and outside 0..1, nearness to them 0..1, the mask so far.
    """
    h, w = size
    out = np.zeros((5, h, w), np.float32)
    y, x = np.mgrid[:h, :w].astype(np.float32)
    reach = REACH * min(h, w)
    for click in clicks:
        squared = (x - np.float32(click.x)) ** 2 + (y - np.float32(click.y)) ** 2
        k = 0 if click.inside else 1
        out[k] = np.maximum(out[k], np.clip(RADIUS + 0.5 - np.sqrt(squared), 0, 1))
        out[2 + k] = np.maximum(out[2 + k], np.exp(-squared / np.float32(2 * reach * reach)))
    if mask is not None:
        out[4] = mask
    return out


def next_click(truth: Any, answer: Any, certain: Any, rng: np.random.Generator | None = None) -> Click | None:
    """The click of a person who sees the answer: in the middle of the largest wrong part.

    Args:
        truth: The wanted mask (H, W) booleans.
        answer: The mask so far (H, W) booleans; all False before the first click.
        certain: Where the truth is known (H, W) booleans.
        rng: Draws a place anywhere in the inner half of the part, as people do; None takes the very middle.

    Returns:
        The click, or None where nothing is wrong.
    """
    best: Click | None = None
    largest = 0.0
    for inside, wrong in ((True, truth & ~answer & certain), (False, answer & ~truth & certain)):
        count, parts, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=4)
        if count < 2:
            continue
        n = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        if stats[n, cv2.CC_STAT_AREA] <= largest:
            continue
        largest = float(stats[n, cv2.CC_STAT_AREA])
        padded = np.pad((parts == n).astype(np.uint8), 1)
        depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
        middle = np.flatnonzero(depth >= 0.5 * depth.max())
        at = int(np.argmax(depth)) if rng is None else int(rng.choice(middle))
        best = Click(float(at % depth.shape[1]), float(at // depth.shape[1]), inside)
    return best
