"""Hints as a user would give them, drawn from a photo's true chroma: for training, and for measuring how well
they are followed.

Axes: H rows, W columns. Chroma is Lab `ab`, about -110..110. Every function takes the random generator that decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.types import Float

Mask = npt.NDArray[np.bool_]

SMALLEST, LARGEST = 0.01, 0.6
"""Shares of the frame that a region may fill."""

SEVERAL = (3, 30)
"""Numbers of points, fewest and most, of someone who colors a photo by points alone."""


@dataclass(frozen=True)
class SampledHints:
    """The network's hints, and the answer that it should give.

    `planes` (2, H, W) is hinted `ab / 110` times weight, `weight` (H, W) is 0..1, `ab` (H, W, 2) the chroma to
    answer: the truth's, or a recolored one where the hint was wrong.
    """

    planes: Float
    weight: Float
    ab: Float


def points(ab: Float, rng: np.random.Generator, count: int | None = None) -> tuple[Float, Float]:
    """Random points on chroma `ab` (H, W, 2): planes (2, H, W) of `ab / 110 * weight` and weight (H, W) 0 or 1.

    Each point is a square patch with the mean color underneath (Zhang et al. 2017, section 3.1: side 1 to 9, half of
    the photos with few points). `count` fixes their number, else it is drawn, most often small and at most 100.
    """
    h, w = ab.shape[:2]
    planes, weight = np.zeros((2, h, w), np.float32), np.zeros((h, w), np.float32)
    if count is None:
        count = int(min(100, rng.geometric(1 / 8) if rng.random() < 0.8 else rng.integers(20, 101)))
    largest = max(1, min(9, min(h, w) // 8))
    for _ in range(count):
        side = int(rng.integers(1, largest + 1))
        y, x = int(rng.integers(0, max(1, h - side + 1))), int(rng.integers(0, max(1, w - side + 1)))
        patch = (slice(y, y + side), slice(x, x + side))
        planes[(slice(None), *patch)] = ab[patch].mean((0, 1))[:, None, None] / 110
        weight[patch] = 1
    return planes, weight


def region(picture: npt.NDArray[np.uint8], rng: np.random.Generator, tries: int = 4) -> Mask | None:
    """A connected part of like color (H, W) bool in an RGB picture (H, W, 3), found by flood filling a blurred copy
    from a random place; None when no try fills between `SMALLEST` and `LARGEST` of the frame.

    It stands for the object that a user would select: cheap enough for every sample, where superpixels were not.
    """
    h, w = picture.shape[:2]
    smooth: Any = cv2.blur(picture, (3, 3))
    for _ in range(tries):
        seed = (int(rng.integers(w)), int(rng.integers(h)))
        reach = (int(rng.integers(5, 28)),) * 3
        filled = np.zeros((h + 2, w + 2), np.uint8)
        flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY | (cv2.FLOODFILL_FIXED_RANGE if rng.random() < 0.7 else 0)
        area = cv2.floodFill(smooth, filled, seed, (0, 0, 0), reach, reach, flags)[0]
        if SMALLEST <= area / (h * w) <= LARGEST:
            # small holes belong to the object
            closed: Any = cv2.morphologyEx(filled[1:-1, 1:-1], cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
            return np.asarray(closed > 0)
    return None


def recolor_region(ab: Float, light: Float, where: Mask, rng: np.random.Generator) -> tuple[Float, Float]:
    """Chroma (H, W, 2) with the region in another plausible color, and that color (2,), as a user would ask for it.

    The new color has any hue and a moderate chroma, gray at times. The region keeps half of its own variation, and its
    chroma follows what `light` (H, W) L 0..100 can carry: little in highlights and deep shadows.
    """
    hue, strength = rng.uniform(0, 2 * np.pi), 0.0 if rng.random() < 0.08 else min(75.0, rng.gamma(4.0, 9.0))
    color = np.array([np.cos(hue), np.sin(hue)], np.float32) * np.float32(strength)
    carries = np.sqrt(np.clip(light[where] * (100 - light[where]), 0, None)) / 50
    share = np.clip(carries / max(float(carries.mean()), 1e-3), 0.2, 1.25)[:, None]
    painted = ab.copy()
    painted[where] = color * share + (ab[where] - ab[where].mean(0)) * np.float32(0.5 if strength else 0.1)
    return painted, color


def touched_pixels(where: Mask, rng: np.random.Generator, kind: str) -> Mask:
    """The pixels that a user touches to name the region: all of it ("region"), a stroke, or one to three points."""
    h, w = where.shape
    if kind == "region":
        return where
    core: Any = cv2.erode(where.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)
    ys, xs = np.nonzero(core if core.any() else where)
    touched = np.zeros((h, w), np.uint8)
    thick = int(rng.integers(1, max(2, min(h, w) // 20 + 1)))
    if kind == "stroke":
        at = rng.integers(0, len(ys), int(rng.integers(2, 5)))
        line = np.stack([xs[at], ys[at]], axis=1).astype(np.int32)
        cv2.polylines(touched, [line[np.argsort(line[:, 0])]], False, 1, thick)
        return np.asarray((touched > 0) & where)
    for at in rng.integers(0, len(ys), int(rng.integers(1, 4))):
        x, y = int(xs[at]), int(ys[at])
        touched[max(0, y - thick // 2) : y + thick, max(0, x - thick // 2) : x + thick] = 1
    return np.asarray((touched > 0) & where)


def sampled_hints(
    picture: npt.NDArray[np.uint8],
    light: Float,
    ab: Float,
    rng: np.random.Generator,
    strokes: float = 0.2,
    regions: float = 0.3,
    wrong: float = 0.4,
    several: float = 0.0,
) -> SampledHints:
    """Guidance for one sample: points on the truth, or an object named by a stroke, by points inside it, or whole.

    `picture` (H, W, 3) RGB and `light` (H, W) L 0..100 belong to `ab` (H, W, 2). `strokes` and `regions` are shares of
    the samples; `wrong` the share of the named objects whose color is changed, in the hint and in the answer alike.
    Half of those get a few true points as well, as a user mends a picture here and keeps it there. `several` is the
    share of the samples with points that have 3 to 30 of them, evenly over the orders of magnitude.
    """
    draw = float(rng.random())
    where = region(picture, rng) if draw < strokes + regions else None
    if where is None:
        # without any the numbers drawn are those of earlier versions
        count = round(float(np.exp(rng.uniform(*np.log(SEVERAL))))) if several and rng.random() < several else None
        return SampledHints(*points(ab, rng, count), ab)
    kind = "stroke" if draw < strokes else ("region" if rng.random() < 0.6 else "points")
    answer, color = ab, np.asarray(ab[where].mean(0), np.float32)
    if rng.random() < wrong:
        answer, color = recolor_region(ab, light, where, rng)
    if rng.random() < 0.5:
        planes, weight = points(answer, rng, int(rng.integers(1, 12)))
    else:
        planes, weight = np.zeros((2, *weight_shape(ab)), np.float32), np.zeros(weight_shape(ab), np.float32)
    touched = touched_pixels(where, rng, kind)
    planes[:, touched], weight[touched] = color[:, None] / 110, 1
    return SampledHints(planes, weight, answer)


def weight_shape(ab: Float) -> tuple[int, int]:
    """(H, W) of chroma (H, W, 2)."""
    return ab.shape[0], ab.shape[1]
