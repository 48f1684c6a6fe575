"""One object of a photo by clicks: the select network's mask along the edges of the light."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from barva.perception.clicks import Click
from barva.perception.edges import refine_mask
from barva.perception.network import Features, PerceptionNetwork
from barva.types import Float, Size

Place = tuple[float, float]

EVEN = 0.5
"""Probability of belonging to the object at its border."""


def select_object(
    network: PerceptionNetwork,
    features: Features,
    light: Float,
    inside: Sequence[Place],
    outside: Sequence[Place] = (),
    before: Float | None = None,
    reach: float = 1.0,
) -> Float:
    """The object that clicks mean.

    Args:
        network: Its select part answers.
        features: What the network sees in the photo.
        light: (H, W) L 0..100 of the photo, at the size of the answer.
        inside: Places (x, y) in the object, as shares 0..1 of the photo's width and height.
        outside: Places that do not belong to it.
        before: (H, W) 0..1, the selection so far, which the clicks correct.
        reach: Above 1 takes more, below 1 less.

    Returns:
        (H, W) 0..1. The connected parts that hold a click inside, or that the selection so far touches; without small
        holes.

    Examples:
        >>> mask = select_object(network, features, light, [(0.4, 0.6)])
    """
    cells = features.cells
    clicks = [_click(at, cells, True) for at in inside] + [_click(at, cells, False) for at in outside]
    mask = network.mask(features, clicks, None if before is None else _resize(before, cells))
    mask = np.clip(mask + np.float32(EVEN - EVEN / max(reach, 0.25)), 0, 1)
    return _keep_connected(refine_mask(np.asarray(mask, np.float32), light), inside, before)


def _click(at: Place, cells: Size, inside: bool) -> Click:
    rows, columns = cells
    return Click(at[0] * columns - 0.5, at[1] * rows - 0.5, inside)


def _resize(mask: Float, size: Size) -> Float:
    resized: Any = cv2.resize(mask, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.float32).reshape(size)


def _keep_connected(mask: Float, inside: Sequence[Place], before: Float | None) -> Float:
    """The parts of a mask that were meant, their holes of less than 1 % of them filled."""
    h, w = mask.shape
    _, parts = cv2.connectedComponents((mask >= EVEN).astype(np.uint8), connectivity=8)
    at = [(min(h - 1, int(y * h)), min(w - 1, int(x * w))) for x, y in inside]
    meant = {int(parts[row, column]) for row, column in at}
    if before is not None:
        meant |= set(np.unique(parts[before >= EVEN]).tolist())
    meant.discard(0)
    if not meant:
        return np.zeros_like(mask)
    own = np.isin(parts, list(meant))
    _, gaps, stats, _ = cv2.connectedComponentsWithStats((~own).astype(np.uint8), connectivity=4)
    small = [n for n in range(1, len(stats)) if stats[n, cv2.CC_STAT_AREA] < 0.01 * own.sum()]
    filled = np.isin(gaps, small)
    # the soft border belongs to the part that it surrounds
    near: Any = cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(np.where(filled, 1, np.where(near > 0, mask, 0)), np.float32)
