"""Insisting: what was asked is what comes out, whatever the method made of it.

A network hears all hints, but it answers coarsely and may be weak. So points and strokes pull its answer along the
light's edges (`steer`), and at full size everything that was marked is painted over the answer: in a region with
the region's border drawn again along the edges of the light, elsewhere on the marks themselves. A region has a border:
beyond it the answer is the one that the network gives without hearing of the region.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from barva.engine import enlarge
from barva.engine.enlarge import Lines
from barva.guidance import refine, resolve
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark, Point, Region, Stroke
from barva.methods.base import Chroma, Float
from barva.types import Size


@dataclass(frozen=True)
class Asked:
    """Guidance, ready for one photo.

    | field | size | what |
    |---|---|---|
    | `hints` | working | everything, as a network hears it |
    | `pulls` | working | what has no border and spreads: points and strokes, or a `HintMap` as it came |
    | `inside` | working | how much of each pixel lies in regions, 0..1 |
    | `held` | the guide's | everything, as it must come out |
    """

    hints: HintMap
    pulls: HintMap
    inside: Float
    held: HintMap
    notes: tuple[str, ...] = ()


def ask(wanted: Guidance | HintMap, photo: Size, light: Float, guide: Float) -> Asked:
    """Guidance for a photo of size `photo`, whose `light` (rows, columns) has the working size and `guide` (h, w) that
    of the guide; both L 0..100. UsageError as `resolve.check`."""
    working, large = _size(light), _size(guide)
    if isinstance(wanted, HintMap):
        hints = wanted.resized(*working)
        return Asked(hints, hints, np.zeros(working, np.float32), wanted.resized(*large))
    notes = resolve.check(wanted, photo) + resolve.remarks(wanted, photo, guide)
    covers = (_border(mark, resolve.coverage(mark, photo, large), guide) for mark in wanted.coloring.marks)
    return Asked(
        resolve.resolve(wanted, photo, working),
        resolve.resolve(wanted.only(Point, Stroke), photo, working),
        resolve.resolve(wanted.only(Region), photo, working).weight,
        resolve.compose_hints([mark.asked for mark in wanted.coloring.marks], covers, large),
        notes,
    )


def bounded(told: Chroma, rest: Chroma, inside: Float) -> Chroma:
    """`told` (h, w) in the regions, `rest` of the same size outside; `inside` (rows, columns) 0..1 of any size."""
    rows, columns = told.ab.shape[:2]
    resized: Any = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_AREA)
    share = np.asarray(resized, np.float32).reshape(rows, columns)
    ab = rest.ab + share[..., None] * (told.ab - rest.ab)
    if told.confidence is None or rest.confidence is None:
        return Chroma(ab)
    return Chroma(ab, rest.confidence + share * (told.confidence - rest.confidence))


def _border(mark: Mark, cover: Float, guide: Float) -> Float:
    return refine.outer(cover, guide) if isinstance(mark, Region) else cover


def _size(plane: Float) -> Size:
    return plane.shape[0], plane.shape[1]


@dataclass(frozen=True)
class Insisting(Lines):
    """Chroma with what was asked painted over it: `asked` are the lines of three planes, a and b times weight, and the
    weight. `reach` (h, 2) says in which columns of each of the guide's rows something is asked: from, up to."""

    asked: Lines
    reach: npt.NDArray[np.int64]

    def sized(self, height: float, width: float) -> Self:
        """As `Lines.sized`."""
        return replace(self, height=height, width=width, asked=self.asked.sized(height, width))

    def chroma(self, light: Float, top: int, left: int = 0) -> Float:
        """As `Lines.chroma`."""
        own = super().chroma(light, top, left)
        columns = self._columns(light.shape, top, left)
        if columns.start >= columns.stop:
            return own
        planes = self.asked.chroma(np.ascontiguousarray(light[:, columns]), top, left + columns.start)
        weight = planes[..., 2:]
        held = np.clip(weight, 0, 1)
        # lines overshoot at edges: colour must not grow with the weight that is cut off
        share = held / np.maximum(weight, 1e-6)
        own[:, columns] *= 1 - held
        own[:, columns] += planes[..., :2] * share
        return own

    def _columns(self, shape: tuple[int, ...], top: int, left: int) -> slice:
        """In which columns of these pixels something is asked."""
        (rows, columns), (h, w) = shape, self.asked.slope.shape[:2]
        down, across = h / self.height, self.width / w
        near = self.reach[max(0, int(top * down) - 1) : int((top + rows) * down) + 2]
        first = max(0, int((near[:, 0].min() - 1) * across) - left)
        last = min(columns, int((near[:, 1].max() + 1) * across) + 1 - left)
        # whole rows are quicker than more than half of them
        return slice(0, columns) if last - first > columns // 2 else slice(first, last)


def insisting(lines: Lines, held: HintMap, guide: Float) -> Lines:
    """`lines` with `held` (h, w) over them; `guide` (h, w) L 0..100 has the same size."""
    if not held.weight.any():
        return lines
    side = 4 * enlarge.REACH + 1  # lines look a few pixels around themselves
    near: Any = cv2.dilate((held.weight > 0).astype(np.uint8), np.ones((side, side), np.uint8))
    slope, offset = np.zeros((*guide.shape, 3), np.float32), np.zeros((*guide.shape, 3), np.float32)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    for number, (x, y, w, h, _) in enumerate(boxes[1:].tolist(), 1):  # marks far apart have boxes of their own
        box = slice(y, y + h), slice(x, x + w)
        ab, weight = held.ab[box], held.weight[box]
        planes = np.dstack([ab * weight[..., None], weight]).astype(np.float32)
        part = enlarge.lines(planes, np.ascontiguousarray(guide[box]), lines.height, lines.width)
        own = labels[box] == number
        slope[box][own], offset[box][own] = part.slope[own], part.offset[own]
    asked = Lines(slope, offset, lines.height, lines.width)
    return Insisting(lines.slope, lines.offset, lines.height, lines.width, asked, _reach(near))


def _reach(near: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """(h, 2) first and last column + 1 where `near` (h, w) is not 0; w and 0 where there is nothing."""
    some, w = near.any(axis=1), near.shape[1]
    first, last = near.argmax(axis=1), w - near[:, ::-1].argmax(axis=1)
    return np.stack([np.where(some, first, w), np.where(some, last, 0)], axis=1)
