"""Where one shot ends and the next begins, seen on light alone: cuts, and fades through black or white.

Frames are compared as thumbnails of zero mean and unit deviation, so that flickering brightness changes nothing, and
blurred, so that small motion changes little. A dissolve begins no shot: motion is not trusted within it, so that the
colors of both pictures fade into each other as their light does (`barva.film.carry`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from barva.types import Float

THUMB = 48, 32
"""Width and height of thumbnails."""

CUT = 0.5
"""Mean difference of two neighboring thumbnails from which a cut is possible."""

TIMES = 3.0
"""How many times the usual difference a cut's must be."""

FADE = 0.03
"""Deviation of light (of 1) below which a frame is blank."""


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A frame as it is compared: `plane` (h, w), and whether it is `blank`."""

    plane: Float
    blank: bool


def thumbnail(luma: Any) -> Thumbnail:
    """Of luma (H, W), 0..1 of its codes."""
    small: Any = cv2.resize(luma, THUMB, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(np.asarray(small, np.float32), (0, 0), 1.5)
    spread = float(small.std())
    return Thumbnail((small - small.mean()) / max(spread, FADE), spread < FADE)


def difference(one: Thumbnail, two: Thumbnail) -> float:
    """0 (the same) to about 1.1 (unlike)."""
    return float(np.abs(one.plane - two.plane).mean())


def is_cut(before: Thumbnail, after: Thumbnail, usual: Iterable[float]) -> bool:
    """Whether a new shot begins with `after`; `usual` are the latest differences within the shot."""
    if before.blank != after.blank:
        return before.blank  # a picture rises from a blank one: the blank end of a fade belongs to the shot before
    latest = list(usual)
    level = float(np.median(latest)) if latest else 0.0
    return not after.blank and difference(before, after) > max(CUT, TIMES * level)


class CutFinder:
    """Frame after frame: does a shot begin? What is found depends on nothing before the shot's first frame.

    Args:
        last: The frame before, where the search goes on within a shot.
        usual: The differences before it, as `usual` gave them.
    """

    def __init__(self, last: Thumbnail | None = None, usual: Iterable[float] = ()) -> None:
        self._last = last
        self._usual: deque[float] = deque(usual, maxlen=12)

    @property
    def usual(self) -> tuple[float, ...]:
        """The latest differences within the shot."""
        return tuple(self._usual)

    def begins(self, thumb: Thumbnail) -> bool:
        """Whether a shot begins with the next frame."""
        last, self._last = self._last, thumb
        if last is None or is_cut(last, thumb, self._usual):
            self._usual.clear()
            return True
        self._usual.append(difference(last, thumb))
        return False
