"""How strongly marks are held, and how vivid regions are: shares of the way between two answers, and gains on chroma.

At strength s the picture lies at the share s of the way from the picture without the marks to the one that obeys them
in full. Between marks of different strengths the share is spread along the light's edges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import cv2
import numpy as np

from barva.color import vivid
from barva.engine import enlarge, steer
from barva.engine.enlarge import Lines
from barva.guidance import refine, resolve
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark, Region
from barva.methods.base import Float
from barva.types import Size


def shares(wanted: Guidance | HintMap, photo: Size, light: Float, guide: Float, overall: float) -> Float | None:
    """(h, w) 0..1 at the size of `guide`: how strongly what is asked is held where; None where it is obeyed in full.
    `light` (rows, columns) has the working size, and `overall` is the strength of everything."""
    marks = wanted.coloring.marks if isinstance(wanted, Guidance) else ()
    said = {mark.strength for mark in marks} or {1.0}
    if len(said) == 1:
        one = overall * said.pop()
        return None if one == 1 else np.full(guide.shape, one, np.float32)
    planes = np.zeros((*light.shape, 2), np.float32)
    for mark in marks:
        cover = resolve.coverage(mark, photo, _size(light))
        planes += cover[..., None] * (np.array([mark.strength, 1], np.float32) - planes)
    spread, arrived = steer.spread_along(planes, light, max(light.shape) * steer.FAR.spread)
    share: Any = cv2.resize(spread[..., 0] / np.maximum(arrived, 1e-6), guide.shape[::-1])
    for mark in marks:
        share += _border(mark, photo, guide) * (np.float32(mark.strength) - share)
    return np.asarray(np.clip(share * np.float32(overall), 0, 1), np.float32)


def gains(wanted: Guidance | HintMap, photo: Size, guide: Float, held: Float) -> Float | None:
    """(h, w): what chroma is multiplied by in regions without a colour; colours that are `held` (h, w) 0..1 stay as
    they were asked for. None where nothing changes."""
    marks = [] if isinstance(wanted, HintMap) else [m for m in wanted.marks if m.color is None]
    if not marks:
        return None
    gain = np.ones(guide.shape, np.float32)
    for mark in marks:
        gain += _border(mark, photo, guide) * (np.float32(vivid.factor(mark.vividness)) - gain)
    return np.asarray(1 + (gain - 1) * (1 - held), np.float32)


def _border(mark: Mark, photo: Size, guide: Float) -> Float:
    cover = resolve.coverage(mark, photo, _size(guide))
    return refine.outer(cover, guide) if isinstance(mark, Region) else cover


def _size(plane: Float) -> Size:
    return plane.shape[0], plane.shape[1]


@dataclass(frozen=True)
class Between(Lines):
    """`rest`, and at the `share` (one plane) of the way from it, `full`. The lines themselves are those of `rest`."""

    rest: Lines
    full: Lines
    share: Lines

    def sized(self, height: float, width: float) -> Self:
        """As `Lines.sized`."""
        parts = {name: getattr(self, name).sized(height, width) for name in ("rest", "full", "share")}
        return replace(self, height=height, width=width, **parts)

    def chroma(self, light: Float, top: int, left: int = 0) -> Float:
        """As `Lines.chroma`."""
        rest, full = self.rest.chroma(light, top, left), self.full.chroma(light, top, left)
        return np.asarray(rest + np.clip(self.share.chroma(light, top, left), 0, 1) * (full - rest), np.float32)


@dataclass(frozen=True)
class Livened(Lines):
    """`own` chroma times `gain` (one plane)."""

    own: Lines
    gain: Lines

    def sized(self, height: float, width: float) -> Self:
        """As `Lines.sized`."""
        own, gain = self.own.sized(height, width), self.gain.sized(height, width)
        return replace(self, height=height, width=width, own=own, gain=gain)

    def chroma(self, light: Float, top: int, left: int = 0) -> Float:
        """As `Lines.chroma`."""
        # lines overshoot at edges
        gain = np.clip(self.gain.chroma(light, top, left), vivid.factor(0), vivid.factor(2))
        return np.asarray(self.own.chroma(light, top, left) * gain, np.float32)


def between(rest: Lines, full: Lines, share: Float, guide: Float) -> Lines:
    """The picture between two others; `share` and `guide` are (h, w)."""
    lines = enlarge.lines(share[..., None], guide, rest.height, rest.width)
    return Between(rest.slope, rest.offset, rest.height, rest.width, rest, full, lines)


def livened(own: Lines, gain: Float, guide: Float) -> Lines:
    """The picture with its chroma times `gain`, which is (h, w) as `guide` is."""
    lines = enlarge.lines(gain[..., None], guide, own.height, own.width)
    return Livened(own.slope, own.offset, own.height, own.width, own, lines)
