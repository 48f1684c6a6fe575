"""Points of true color, as a user would click them: how far they help, and how well they are followed.

After Zhang et al. 2017 (arXiv 1705.02999), who plot PSNR against the number of random points revealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barva.color import gamut
from barva.color.difference import ciede2000
from barva.evaluation.extras import generator
from barva.evaluation.metrics import Truth, color_errors
from barva.evaluation.scores import RESAMPLES, Interval, margin, mean
from barva.guidance.hintmap import HintMap
from barva.types import Float

Picture = npt.NDArray[np.uint8]

CLICK = 1 / 32
"""Side of the square that a point marks, as a share of the photo's short side: 7 of 224 pixels, or 4 of 128."""

_SHORT = 512
"""Short side of the hint map at most: finer ones only cost time, as networks see less."""


@dataclass(frozen=True, eq=False)
class Points:
    """Clicks on a photo: `at` (n, 2) row and column in its pixels, `ab` (n, 2) the chroma asked for there."""

    at: npt.NDArray[np.intp]
    ab: Float

    def first(self, count: int) -> Points:
        """The first `count` of them."""
        return Points(self.at[:count], self.ab[:count])


@dataclass(frozen=True)
class PhotoHints:
    """One answer to points on one photo; `fidelity` is the mean CIEDE2000 between asked and answered at the points."""

    ciede2000: float
    psnr: float
    fidelity: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Hinted:
    """A method with `count` points a photo.

    `psnr_gain` (dB) and `ciede2000_gain` say by how much it is better than the same method without points, photo by
    photo; `fidelity` is 0 where points are followed exactly.
    """

    label: str
    count: int
    ciede2000: Interval
    ciede2000_gain: Interval
    psnr: Interval
    psnr_gain: Interval
    fidelity: Interval
    seconds: float
    photos: tuple[PhotoHints, ...]


def sample_points(lab: npt.NDArray[np.floating], key: str, count: int, seed: int = 0) -> Points:
    """`count` random points with the chroma of `lab` (H, W, 3) at exactly their pixel.

    Fewer points of the same photo are always the first of more.
    """
    places = generator(key, "points", seed).random((count, 2))
    at = (places * lab.shape[:2]).astype(np.intp)
    return Points(at, np.asarray(lab[at[:, 0], at[:, 1], 1:], np.float32))


def hint_map(points: Points, height: int, width: int) -> HintMap:
    """Points on a photo of height x width pixels as guidance: each a small square, later ones over earlier ones."""
    scale = min(1.0, _SHORT / min(height, width))
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    reach = int(min(h, w) * CLICK / 2)
    ab, weight = np.zeros((h, w, 2), np.float32), np.zeros((h, w), np.float32)
    for (row, column), color in zip(points.at, points.ab, strict=True):
        y, x = row * h // height, column * w // width
        square = (slice(max(0, y - reach), y + reach + 1), slice(max(0, x - reach), x + reach + 1))
        ab[square], weight[square] = color, 1
    return HintMap(ab, weight)


def score(truth: Truth, answer: npt.NDArray[np.floating], points: Points, seconds: float) -> PhotoHints:
    """Measures of one hinted answer (H, W, 3) in Lab."""
    near, psnr, lit = color_errors(truth, answer)
    rows, columns = points.at.T
    target = gamut.fit(np.column_stack([truth.lab[rows, columns, 0], points.ab]))
    off = ciede2000(target, lit[rows, columns])
    return PhotoHints(near, psnr, float(off.mean(dtype=np.float64)), seconds)


def score_hinted(
    label: str,
    count: int,
    photos: Sequence[PhotoHints],
    automatic: Sequence[tuple[float, float]],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Hinted:
    """Sums up one method and count; `automatic` are (CIEDE2000, PSNR) of the same photos without points."""
    near, psnr = [p.ciede2000 for p in photos], [p.psnr for p in photos]
    return Hinted(
        label,
        count,
        mean(near, resamples, seed),
        margin(near, [a for a, _ in automatic], resamples, seed),
        mean(psnr, resamples, seed),
        margin([b for _, b in automatic], psnr, resamples, seed),
        mean([p.fidelity for p in photos], resamples, seed),
        float(np.mean([p.seconds for p in photos])),
        tuple(photos),
    )


def draw_points(light: Picture, points: Points) -> Picture:
    """The light (H, W) as RGB with the points drawn on it in their colors, ringed so that they are seen."""
    import cv2

    picture = np.repeat(light[..., None], 3, axis=2)
    radius = max(2, min(light.shape) // (40 if len(points.at) <= 10 else 80))
    level = np.full((len(points.ab), 1, 1), 60, np.float32)
    colors = gamut.merge(level[..., 0], points.ab[:, None], 8)[:, 0].tolist()
    for (row, column), color in zip(points.at.tolist(), colors, strict=True):
        cv2.circle(picture, (column, row), radius + max(1, radius // 3), (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(picture, (column, row), radius, color, -1, cv2.LINE_AA)
    return picture
