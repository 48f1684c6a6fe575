"""Only chroma changes size, along the edges of the light.

After the fast guided filter (He and Sun 2015, arXiv 1505.00996): around each point chroma changes with light like a
line of slope A, found at chroma's own size by least squares. Enlarged, chroma is its bicubic self plus A times what the
full-size light has and the shrunk light lacks: `ab = p + A (L - l) = A L + (p - A l)`. Strips need only A and p - A l.
A slope is limited so that no line leads out of the range of chroma around it: nothing beyond an edge turns opposite.
Unlike the plain filter this leaves chroma unblurred where light is smooth. `benchmarks/enlarge.py` measures it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

SIGMA = 1.0
"""Standard deviation, px at chroma's size, of the Gaussian window in which a line is fitted."""

REACH = 4
"""Pixels to each side that the window holds."""

EPSILON = 160.0
"""Light variance (L squared) below which a window counts as flat: its slope shrinks towards 0."""

_NEIGHBORS = 5  # px of chroma around a pixel, whose range a line stays in
_TINY = np.float32(1e-6)


@dataclass(frozen=True)
class ChromaModel:
    """`ab = slope * L + offset` at the guide's size: `slope` and `offset` are (h, w, 2) float32, for a and b.

    Other planes than chroma can be enlarged so too: (h, w, n), n up to 4.
    """

    slope: Float
    offset: Float
    height: float
    width: float

    def chroma(self, light: Float, top: int, left: int = 0) -> Float:
        """Chroma (rows, columns, 2) of the full-size pixels from row `top` and column `left` on, whose light
        (rows, columns) L 0..100 is given."""
        (rows, columns), planes = light.shape, self.slope.shape[2]
        slope, offset = (self._part(p, top, rows, left, columns) for p in (self.slope, self.offset))
        # OpenCV, because NumPy is four times slower on two interleaved channels
        cv2.multiply(slope, cv2.merge([light] * planes), slope)
        return np.asarray(cv2.add(slope, offset, slope), np.float32).reshape(rows, columns, planes)

    def at_size(self, height: float, width: float) -> Self:
        """The same lines for a copy of the photo at another size; of a pyramid's level it need not be whole."""
        return replace(self, height=height, width=width)

    def _part(self, planes: Float, top: int, rows: int, left: int, columns: int) -> Float:
        """(rows, columns, n) of the full-size rows, bilinear, pixel centers aligned.

        Rows are mixed first, on the narrow planes, then columns by `cv2.resize`: exact at any strip boundary.
        """
        whole = left == 0 and columns == self.width
        first, second, share = _between(np.arange(left, left + columns), planes.shape[1], self.width)
        if not whole:  # of the narrow planes only the columns in question
            planes = np.ascontiguousarray(planes[:, first[0] : second[-1] + 1])
        h, w, n = planes.shape
        low, high, part = _between(np.arange(top, top + rows), h, self.height)
        flat = planes.reshape(h, w * n)
        rows_mixed = (flat[low] * (1 - part[:, None]) + flat[high] * part[:, None]).reshape(rows, w, n)
        if whole:
            return _widen(rows_mixed, columns)
        return _mix(rows_mixed, first - first[0], second - first[0], share)


def _between(at: npt.NDArray[np.int64], small: int, large: float) -> tuple[Any, Any, Float]:
    """For pixels `at` of `large` ones: which two of `small` ones they lie between, and the share of the second."""
    x = np.clip((at.astype(np.float32) + 0.5) * (small / large) - 0.5, 0, small - 1)
    low = np.minimum(x.astype(np.int64), small - 1)
    return low, np.minimum(low + 1, small - 1), (x - low).astype(np.float32)


def _widen(planes: Float, width: int) -> Float:
    if planes.shape[1] == width:
        return np.ascontiguousarray(planes)
    if width <= 32_000:  # cv2.resize cannot hold more than 32,767 columns
        wide: Any = cv2.resize(planes, (width, planes.shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.asarray(wide, np.float32).reshape(len(planes), width, -1)
    return _mix(planes, *_between(np.arange(width), planes.shape[1], width))


def _mix(planes: Float, first: Any, second: Any, share: Float) -> Float:
    """Columns between those of `planes`."""
    part = share[None, :, None]
    return np.ascontiguousarray(
        planes.take(first, axis=1) * (1 - part) + planes.take(second, axis=1) * part, np.float32
    )


def fit_chroma(
    ab: Float, light: Float, height: float, width: float, interpolation: int = cv2.INTER_CUBIC
) -> ChromaModel:
    """Fit chroma `ab` (any size) to the guide `light` (h, w) L 0..100, for a photo of height x width px;
    `interpolation` enlarges what is smaller than the guide. What is larger, as of tiny photos, is shrunk first."""
    h, w = light.shape
    rows, columns = min(ab.shape[0], h), min(ab.shape[1], w)
    i = _resize(light, rows, columns)
    p = np.ascontiguousarray(_resize(ab, rows, columns), dtype=np.float32)

    def mean(x: Float) -> Float:
        blurred: Any = cv2.GaussianBlur(x, (0, 0), SIGMA, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(blurred, np.float32).reshape(x.shape)

    n = p.shape[2]
    mean_i, mean_p, each_i = mean(i), mean(p), _repeat(i, n)
    variance = np.maximum(mean(i * i) - mean_i * mean_i, 0)
    covariance = mean(each_i * p) - _repeat(mean_i, n) * mean_p
    slope = _limit_slope(np.asarray(covariance / _repeat(variance + EPSILON, n), np.float32), p, i, light)
    offset = np.asarray(p - slope * each_i, np.float32)
    return ChromaModel(_resize(slope, h, w, interpolation), _resize(offset, h, w, interpolation), height, width)


def _limit_slope(slope: Float, p: Float, i: Float, light: Float) -> Float:
    """`slope` (rows, columns, n) as far as it leads chroma `p` nowhere out of its neighbors' range: at no `light`
    (h, w) that the pixels around have, `i` (rows, columns) being their own. So nothing beyond an edge gets the opposite
    of the color before it. A slope limiter (Barth and Jespersen 1989, AIAA 89-0366)."""
    rows, columns = i.shape
    side = 2 * max(1, -(-light.shape[0] // (2 * rows))) + 1
    cell, around = np.ones((side, side), np.uint8), np.ones((_NEIGHBORS, _NEIGHBORS), np.uint8)

    def small(x: Any) -> Float:
        resized: Any = cv2.resize(x, (columns, rows), interpolation=cv2.INTER_NEAREST)
        return np.asarray(resized, np.float32).reshape(rows, columns)

    def at_all_planes(work: Any) -> Float:
        return np.asarray(work(p, around), np.float32).reshape(p.shape)

    n = p.shape[2]
    more = _repeat(np.maximum(small(cv2.dilate(light, cell)) - i, 0), n)
    less = _repeat(np.maximum(i - small(cv2.erode(light, cell)), 0), n)
    rising = slope > 0
    up, down = np.where(rising, more, less), np.where(rising, less, more)
    room = np.minimum((at_all_planes(cv2.dilate) - p) / (up + _TINY), (p - at_all_planes(cv2.erode)) / (down + _TINY))
    share = np.minimum(room / (np.abs(slope) + _TINY), 1)
    least = reduce(np.minimum, (share[..., k] for k in range(n)))
    return np.asarray(slope * _repeat(least, n), np.float32)


def _repeat(plane: Any, n: int) -> Float:
    """A plane (h, w) as (h, w, n): NumPy is slow where it has to repeat along the last axis."""
    return np.asarray(cv2.merge([plane] * n), np.float32).reshape(*plane.shape, n)


def fit_change(plain: ChromaModel, rest: Float, ab: Float, light: Float, share: Float | None = None) -> ChromaModel:
    """`plain`, the lines of chroma `rest`, with what `ab` changes in it, or the `share` (h, w) of that. Both chromas
    have any size, `light` and `share` the guide's. Where `ab` changes nothing the lines stay as they are, though it may
    be larger than `rest` and so have other lines."""
    # not bicubic, which overshoots, by as much as a faint color where a mark's is vivid
    change = fit_chroma(ab - _resize(rest, *ab.shape[:2]), light, plain.height, plain.width, cv2.INTER_LINEAR)
    part = np.float32(1) if share is None else _resize(share, *light.shape)[..., None]
    return replace(plain, slope=plain.slope + part * change.slope, offset=plain.offset + part * change.offset)


def _resize(x: Float, rows: int, columns: int, interpolation: int = cv2.INTER_CUBIC) -> Float:
    """Area average where it shrinks."""
    if x.shape[:2] == (rows, columns):
        return x
    method = cv2.INTER_AREA if rows * columns < x.shape[0] * x.shape[1] else interpolation
    resized: Any = cv2.resize(x, (columns, rows), interpolation=method)
    return np.asarray(resized, np.float32).reshape(rows, columns, *x.shape[2:])
