"""Resolve: marks of full-size geometry to a `HintMap` of any size, and what is to be said of them.

Sizes are (height, width) of the photo and (rows, columns) of the map. Coverage is the share of a map's pixel that a
mark covers, 0..1: shapes are drawn `GRAIN` times as fine and averaged, boxes are exact, masks are averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import gamut
from barva.color.difference import ciede2000
from barva.errors import Message, UsageError, join
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Box, Guidance, Mark, Place, Point, Region, Stroke
from barva.scene.masks import Mask
from barva.types import Float, Size

GRAIN = 4
POINT = 1 / 64
"""Diameter of a point, and width of a stroke that names none, as a share of the photo's short side."""

ASPECT = 0.01
"""By which share a mask's aspect may differ from the photo's."""

NOTICED = 3.0
"""CIEDE2000 between a color asked for and what the photo's light can carry, from which it is said."""

_THIN = 1.5  # map pixels: no stroke is drawn thinner
_WIDE = 32_000  # columns or rows that cv2.resize takes


def check(guidance: Guidance, photo: Size) -> tuple[str, ...]:
    """Notes on masks that have to be scaled. UsageError for a mark outside the photo or a mask of another shape."""
    height, width = photo
    notes = []
    for mark in guidance.marks:
        if isinstance(mark, Region) and isinstance(mark.where, Mask):
            mask = mark.where
            sizes = {"width": mask.width, "height": mask.height, "photo_width": width, "photo_height": height}
            if abs(mask.width * height / (mask.height * width) - 1) > ASPECT:
                raise UsageError(
                    "{mark}: the mask is {width} x {height} pixels, the photo {photo_width} x {photo_height}: "
                    "their shapes differ, so that the mask cannot be scaled",
                    code="mask.shapes-differ",
                    mark=mark,
                    **sizes,
                )
            if (mask.height, mask.width) != photo and not mask.found:
                notes.append(
                    Message(
                        "the mask is {width} x {height} pixels, the photo {photo_width} x {photo_height}: "
                        "it was scaled",
                        code="note.mask-scaled",
                        **sizes,
                    )
                )
        elif mark.unit == "px" and not all(_inside(mark, place, photo) for place in _places(mark)):
            raise UsageError(
                "{mark} lies outside the photo, which is {width} x {height} pixels",
                code="mark.outside",
                mark=mark,
                width=width,
                height=height,
            )
    return tuple(dict.fromkeys(notes))


def _places(mark: Mark) -> tuple[Place, ...]:
    if isinstance(mark, Point):
        return (mark.at,)
    if isinstance(mark, Stroke):
        return mark.along
    if isinstance(mark.where, Box):
        return (mark.where.left, mark.where.top), (mark.where.right, mark.where.bottom)
    return () if isinstance(mark.where, Mask) else mark.where.corners


def _inside(mark: Mark, place: Place, photo: Size) -> bool:
    (x, y), (height, width) = place, photo
    if isinstance(mark, Region):  # borders between pixels: the last one is the photo's own
        return 0 <= x <= width and 0 <= y <= height
    return 0 <= x < width and 0 <= y < height


def resolve(guidance: Guidance, photo: Size, size: Size) -> HintMap:
    """The hints (rows, columns) of `size` for a photo of size `photo`: what a network is given. Errors as `check`."""
    check(guidance, photo)
    marks = guidance.coloring.marks
    return compose_hints([m.chroma for m in marks], (coverage(m, photo, size) for m in marks), size)


def compose_hints(colors: Sequence[Place], covers: Iterator[Float], size: Size) -> HintMap:
    """Coverages (rows, columns), each with its chroma, the later over the earlier."""
    planes = np.zeros((*size, 3), np.float32)  # a and b times weight, and weight
    for (a, b), cover in zip(colors, covers, strict=True):
        box = nonzero_box(cover)
        planes[box] += cover[box][..., None] * (np.array([a, b, 1], np.float32) - planes[box])
    weight = np.minimum(planes[..., 2], 1)
    ab = planes[..., :2] / np.maximum(weight, 1e-6)[..., None]
    return HintMap(np.asarray(ab, np.float32), np.asarray(weight, np.float32))


def nonzero_box(cover: Float) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around all that is not 0."""
    left, top, columns, rows = cv2.boundingRect((cover != 0).view(np.uint8))
    return slice(top, top + rows), slice(left, left + columns)


def coverage(mark: Mark, photo: Size, size: Size) -> Float:
    """(rows, columns) 0..1: how much of each pixel the mark covers; no mark vanishes, however small the map is."""
    across = size[1] / photo[1], size[0] / photo[0]
    if isinstance(mark, Region):
        return _area(mark, photo, size)
    along = [(x, y) for x, y in _continuous(mark, photo)]
    thick = _width(mark, photo, across)
    shapes = [_disc(place, thick / 2) for place in along]
    shapes += [_band(one, two, thick) for one, two in pairwise(along) if one != two]
    cover = _draw([shape * across for shape in shapes], size)
    if isinstance(mark, Point):
        x, y = along[0]
        cover[min(int(y * across[1]), size[0] - 1), min(int(x * across[0]), size[1] - 1)] = 1
    return cover


def _continuous(mark: Mark, photo: Size) -> npt.NDArray[np.float64]:
    """(n, 2) x and y of the mark's places, in pixels from the photo's corner."""
    places = np.array(_places(mark), np.float64)
    if mark.unit == "share":
        return places * (photo[1], photo[0])
    return places if isinstance(mark, Region) else places + 0.5


def _width(mark: Mark, photo: Size, across: tuple[float, float]) -> float:
    """Diameter in pixels of the photo, as drawn."""
    short = min(photo)
    width = mark.width if isinstance(mark, Stroke) else None
    if width is None:
        width = max(1.0, short * POINT)
    elif mark.unit == "share":
        width *= short
    return max(width, _THIN / min(across))


def _disc(center: Place, radius: float) -> npt.NDArray[np.float64]:
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1) * radius + center


def _band(one: Place, two: Place, thick: float) -> npt.NDArray[np.float64]:
    a, b = np.array(one), np.array(two)
    along = (b - a) / np.hypot(*(b - a))
    aside = np.array([-along[1], along[0]]) * thick / 2
    return np.stack([a + aside, b + aside, b - aside, a - aside])


def _draw(shapes: Sequence[npt.NDArray[np.float64]], size: Size) -> Float:
    """Coverage of the union of polygons, each (n, 2) x and y in pixels of the map."""
    cover = np.zeros(size, np.float32)
    every = np.concatenate(shapes)
    limit = np.array([size[1], size[0]])
    x0, y0 = np.clip(np.floor(every.min(0)).astype(int), 0, limit - 1).tolist()
    x1, y1 = np.clip(np.ceil(every.max(0)).astype(int), (x0 + 1, y0 + 1), limit).tolist()
    canvas = np.zeros(((y1 - y0) * GRAIN, (x1 - x0) * GRAIN), np.uint8)
    for shape in shapes:
        fine = (shape - (x0, y0)) * GRAIN - 0.5
        cv2.fillPoly(canvas, [np.rint(fine * 16).astype(np.int32)], (255,), shift=4)
    area: Any = cv2.resize(canvas, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    cover[y0:y1, x0:x1] = area.astype(np.float32) / 255
    return cover


def _area(mark: Region, photo: Size, size: Size) -> Float:
    full = 1.0
    if isinstance(mark.where, Mask):
        whole = mark.where.levels()
        full = float(whole.max()) / 255
        levels = whole[:: 1 + whole.shape[0] // _WIDE, :: 1 + whole.shape[1] // _WIDE]
        interpolation = cv2.INTER_AREA if levels.size > size[0] * size[1] else cv2.INTER_LINEAR
        scaled: Any = cv2.resize(np.ascontiguousarray(levels), (size[1], size[0]), interpolation=interpolation)
        cover: Float = scaled.reshape(size).astype(np.float32) / 255
        if not cover.any():  # faint, or so small that it was rounded away
            y, x = np.unravel_index(int(whole.argmax()), whole.shape)
            cover[y * size[0] // whole.shape[0], x * size[1] // whole.shape[1]] = full
    else:
        corners = _continuous(mark, photo) * (size[1] / photo[1], size[0] / photo[0])
        if isinstance(mark.where, Box):
            (left, top), (right, bottom) = corners.tolist()
            cover = np.outer(_overlap(top, bottom, size[0]), _overlap(left, right, size[1])).astype(np.float32)
        else:
            cover = _draw([corners], size)
            if not cover.any():  # a sliver between two pixels
                x, y = np.clip(corners.mean(axis=0).astype(int), 0, (size[1] - 1, size[0] - 1)).tolist()
                cover[y, x] = full
    # what is smaller than a pixel fills one
    peak = float(cover.max())
    return cover if peak >= full or peak == 0 else np.asarray(np.minimum(cover * (full / peak), 1), np.float32)


def _overlap(low: float, high: float, count: int) -> npt.NDArray[np.float64]:
    at = np.arange(count)
    return np.asarray(np.clip(np.minimum(high, at + 1) - np.maximum(low, at), 0, 1), np.float64)


def strip(mark: Region, photo: Size, top: int, rows: int) -> Float:
    """(rows, width) 0..1 of the full-size photo from row `top` on: the region itself, not softened; a scaled mask's
    nearest pixel, all pixels whose middle lies in a polygon."""
    height, width = photo
    if isinstance(mark.where, Mask):
        mask = mark.where
        ys = np.minimum((np.arange(top, top + rows) + 0.5) * mask.height / height, mask.height - 1).astype(np.intp)
        xs = np.minimum((np.arange(width) + 0.5) * mask.width / width, mask.width - 1).astype(np.intp)
        return np.asarray(mask.part(ys, xs) / np.float32(255), np.float32)
    corners = _continuous(mark, photo)
    if isinstance(mark.where, Box):
        (left, upper), (right, lower) = corners.tolist()
        whole = np.outer(_overlap(upper - top, lower - top, rows), _overlap(left, right, width))
        return whole.astype(np.float32)
    return _fill(corners, top, rows, width)


def _fill(corners: npt.NDArray[np.float64], top: int, rows: int, width: int) -> Float:
    """Even-odd, row by row: unlike OpenCV's drawing the same wherever the strip begins."""
    (x1, y1), (x2, y2) = corners.T, np.roll(corners, -1, axis=0).T
    y = top + np.arange(rows)[:, None] + 0.5
    row, edge = np.nonzero((y1 <= y) != (y2 <= y))
    crossing = x1[edge] + (y[row, 0] - y1[edge]) * (x2 - x1)[edge] / (y2 - y1)[edge]
    flips = np.zeros((rows, width + 1), np.uint8)
    np.add.at(flips, (row, np.clip(np.ceil(crossing - 0.5), 0, width).astype(np.intp)), 1)
    inside = np.cumsum(flips[:, :width], axis=1, dtype=np.uint8) & 1  # an overflow keeps the lowest bit
    return np.asarray(inside, np.float32)


def mark_notes(guidance: Guidance, photo: Size, light: Float) -> tuple[str, ...]:
    """What the user should know: colors that `light` (rows, columns) L 0..100 cannot carry where they are asked for,
    marks that lie over others of another color."""
    notes: list[str] = []
    owner = np.full(light.shape, -1, np.int32)
    marks = guidance.coloring.marks
    for number, mark in enumerate(marks):
        cover = coverage(mark, photo, (light.shape[0], light.shape[1]))
        box = nonzero_box(cover)
        cover, inside = cover[box], owner[box]
        covered = cover >= min(0.5, float(cover.max()))
        under = [marks[i] for i in np.unique(inside[covered]).tolist() if i >= 0]
        names = [str(m) for m in under if np.hypot(m.chroma[0] - mark.chroma[0], m.chroma[1] - mark.chroma[1]) > 1]
        inside[covered] = number
        if names:
            others = join(names[:3])
            if len(names) > 3:
                others = Message("{marks} and {more} more", code="list.more", marks=others, more=len(names) - 3)
            notes.append(
                Message(
                    "{mark} lies over {others}: the later mark wins", code="note.mark-over", mark=mark, others=others
                )
            )
        away = gamut_loss(mark.chroma, light[box][covered])
        if away > NOTICED:
            notes.append(
                Message(
                    "{mark}: too light or too dark there for so strong a color; it is kept as strong as "
                    "possible, {difference} ΔE from yours",
                    code="note.too-strong",
                    mark=mark,
                    difference=f"{away:.0f}",
                )
            )
    return tuple(notes)


def gamut_loss(ab: Place, light: Float) -> float:
    """Mean CIEDE2000 between chroma `ab` asked for at `light` (n,) L and what fits into sRGB there."""
    sample = light.reshape(-1)[:: max(1, light.size // 4096)]
    lab = np.empty((len(sample), 3), np.float32)
    lab[:, 0], lab[:, 1:] = sample, ab
    return float(ciede2000(lab, gamut.fit(lab)).mean(dtype=np.float64))
