"""Enforcing marks: their colors come out as they are, whatever the method answered, and only where they lie.

The picture has two layers. Below lies what the method answers to what *spreads*: points and strokes, or a hint map.
A region has a border and does not spread: the layer below is made without it. Above lie all marks, each where it
is, a region with its border drawn again along the edges of the light. They are composited at full size, after the layer
below was fitted to the light, so that no line is fitted across a region's border: where no mark lies the picture is
the layer below, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import vivid
from barva.engine.render import chroma_model
from barva.engine.render.chroma_model import ChromaModel
from barva.guidance import refine, resolve
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark, Point, Region, Stroke
from barva.methods.base import Chroma, Float
from barva.types import Size


def mark_notes(guidance: Guidance | HintMap, photo: Size, guide: Float) -> tuple[str, ...]:
    """Notes on marks for the user, on a photo of size `photo`. UsageError as `resolve.check`."""
    if isinstance(guidance, HintMap):
        return ()
    return resolve.check(guidance, photo) + resolve.mark_notes(guidance, photo, guide)


def all_hints(guidance: Guidance | HintMap, photo: Size, working: Size) -> HintMap:
    """All marks of a photo of size `photo` as hints for a network. UsageError as `resolve.check`."""
    return guidance.resize(*working) if isinstance(guidance, HintMap) else resolve.resolve(guidance, photo, working)


def spreading_hints(guidance: Guidance | HintMap, photo: Size, working: Size) -> HintMap | None:
    """What has no border, points and strokes or a hint map; None where nothing has. UsageError as `all_hints`."""
    hints = all_hints(guidance if isinstance(guidance, HintMap) else guidance.only(Point, Stroke), photo, working)
    return hints if hints.weight.any() else None


@dataclass(frozen=True)
class Marks:
    """Marks as they must come out: chroma below times `1 + gain` times `1 - weight`, plus a and b.

    `planes` (h, w, 3 or 4) have the guide's size: a and b times weight, weight, and gain where a region changes
    vividness alone; all 0 where no mark lies. `strength` is the greatest weight that there can be.
    """

    planes: Float
    strength: float

    def composite_over(self, chroma: Chroma) -> Chroma:
        """`chroma` with the colors of the marks over it; their places are sure."""
        planes, sure = _shrink(self.planes, chroma.ab), chroma.confidence
        if sure is not None:  # it may be smaller than what was steered
            sure = sure + _shrink(self.planes, sure)[..., 2] * (1 - sure)
        return Chroma(chroma.ab * (1 - planes[..., 2:3]) + planes[..., :2], sure)


def marks_for(
    guidance: Guidance | HintMap, photo: Size, guide: Float, strength: float = 1.0, plain: ChromaModel | None = None
) -> Marks | None:
    """All marks at the size of `guide` (h, w) L 0..100, the later over the earlier, each at its own strength times
    `strength`; None where no mark lies. `plain` is chroma without any marks: what spreads goes the share
    `strength` of the way from it. UsageError as `all_hints`."""
    gain = _gain(guidance, photo, guide, strength)
    below = np.zeros((*guide.shape, 2), np.float32)
    if plain is not None:
        below = plain.at_size(*guide.shape).chroma(guide, 0) * (1 if gain is None else 1 + gain[..., None])
    planes, greatest = np.zeros((*guide.shape, 3), np.float32), 0.0
    for ab, cover, share, spreads in _layers(guidance, photo, guide):
        box = resolve.nonzero_box(cover)
        part, alpha, ab = planes[box], cover[box][..., None], ab[box]
        share *= strength
        if not spreads:
            alpha = alpha * np.float32(share)
        elif share < 1:  # the layer below has gone this share of the way already
            under = part[..., :2] + (1 - part[..., 2:]) * below[box]
            ab = under + np.float32(share) * (ab - under)
        part[..., :2] += alpha * (ab - part[..., :2])
        part[..., 2:] += alpha * (1 - part[..., 2:])
        greatest = max(greatest, 1.0 if spreads else share)
    np.minimum(planes[..., 2], 1, out=planes[..., 2])
    if gain is not None:
        planes = np.dstack([planes, gain])
    return Marks(planes, greatest) if planes[..., 2:].any() else None


def _shrink(planes: Float, target: Float) -> Float:
    resized: Any = cv2.resize(planes, (target.shape[1], target.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.float32).reshape(*target.shape[:2], *planes.shape[2:])


def _layers(guidance: Guidance | HintMap, photo: Size, guide: Float) -> Iterator[tuple[Float, Float, float, bool]]:
    """Of each mark its chroma (h, w, 2), its coverage (h, w), its strength, and whether it spreads."""
    if isinstance(guidance, HintMap):
        hints = guidance.resize(guide.shape[0], guide.shape[1])
        yield hints.ab, hints.weight, 1.0, True
        return
    for mark in guidance.coloring.marks:
        ab = np.broadcast_to(np.array(mark.chroma, np.float32), (*guide.shape, 2))
        yield ab, _cover(mark, photo, guide), mark.strength, not isinstance(mark, Region)


def _gain(guidance: Guidance | HintMap, photo: Size, guide: Float, strength: float) -> Float | None:
    """(h, w): by how much more than once chroma counts in regions that change vividness alone, at `strength`; None
    without any."""
    marks = [] if isinstance(guidance, HintMap) else [m for m in guidance.marks if m.color is None]
    if not marks:
        return None
    gain = np.zeros(guide.shape, np.float32)
    for mark in marks:
        share = _cover(mark, photo, guide) * np.float32(strength)
        gain += share * (np.float32(vivid.factor(mark.vividness) - 1) - gain)
    return gain


def _cover(mark: Mark, photo: Size, guide: Float) -> Float:
    cover = resolve.coverage(mark, photo, (guide.shape[0], guide.shape[1]))
    return refine.outer(cover, guide) if isinstance(mark, Region) else cover


@dataclass(frozen=True)
class Enforced(ChromaModel):
    """Chroma with marks over it: `above` are the lines of their planes. `reach` (h, 2) says in which columns of each
    of the guide's rows a mark lies: from, up to. `strength` as in `Marks`."""

    above: ChromaModel
    reach: npt.NDArray[np.int64]
    strength: float

    def at_size(self, height: float, width: float) -> Self:
        """As `ChromaModel.at_size`."""
        return replace(self, height=height, width=width, above=self.above.at_size(height, width))

    def chroma(self, light: Float, top: int, left: int = 0) -> Float:
        """As `ChromaModel.chroma`."""
        chroma = super().chroma(light, top, left)
        columns = self._columns(light.shape, top, left)
        if columns.start >= columns.stop:
            return chroma
        planes = self.above.chroma(np.ascontiguousarray(light[:, columns]), top, left + columns.start)
        # lines overshoot at edges: color must not grow with the weight that is cut off
        weight = planes[..., 2:3]
        weight_cut = np.clip(weight, 0, self.strength)
        keep = 1 - weight_cut
        if planes.shape[2] > 3:
            keep *= 1 + np.clip(planes[..., 3:], vivid.factor(0) - 1, vivid.factor(2) - 1)
        chroma[:, columns] *= keep
        chroma[:, columns] += planes[..., :2] * (weight_cut / np.maximum(weight, 1e-6))
        return chroma

    def _columns(self, shape: tuple[int, ...], top: int, left: int) -> slice:
        """In which columns of these pixels a mark lies."""
        (rows, columns), (h, w) = shape, self.above.slope.shape[:2]
        down, across = h / self.height, self.width / w
        near = self.reach[max(0, int(top * down) - 1) : int((top + rows) * down) + 2]
        first = max(0, int((near[:, 0].min() - 1) * across) - left)
        last = min(columns, int((near[:, 1].max() + 1) * across) + 1 - left)
        # whole rows are quicker than more than half of them
        return slice(0, columns) if last - first > columns // 2 else slice(first, last)


def enforce(below: ChromaModel, marks: Marks, guide: Float) -> ChromaModel:
    """`below` with `marks` (h, w) over it; `guide` (h, w) L 0..100 has their size."""
    planes = marks.planes
    side = 4 * chroma_model.REACH + 1  # lines look a few pixels around themselves
    marked: Any = planes[..., 2:].any(axis=-1)
    near: Any = cv2.dilate(marked.astype(np.uint8), np.ones((side, side), np.uint8))
    slope, offset = np.zeros_like(planes), np.zeros_like(planes)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    for number, (x, y, w, h, _) in enumerate(boxes[1:].tolist(), 1):  # marks far apart have boxes of their own
        box = slice(y, y + h), slice(x, x + w)
        part = chroma_model.fit_chroma(planes[box], np.ascontiguousarray(guide[box]), below.height, below.width)
        inside = labels[box] == number
        slope[box][inside], offset[box][inside] = part.slope[inside], part.offset[inside]
    above = ChromaModel(slope, offset, below.height, below.width)
    return Enforced(below.slope, below.offset, below.height, below.width, above, _reach(near), marks.strength)


def _reach(near: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """(h, 2) first and last column + 1 where `near` (h, w) is not 0; w and 0 where there is nothing."""
    any_marked, w = near.any(axis=1), near.shape[1]
    first, last = near.argmax(axis=1), w - near[:, ::-1].argmax(axis=1)
    return np.stack([np.where(any_marked, first, w), np.where(any_marked, last, 0)], axis=1)
