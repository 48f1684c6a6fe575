"""Selecting an object: a click that grows along edges, a lasso and a brush that correct it.

Selections are (h, w) uint8, 0 outside and 255 inside, at a working size of at most `LONG` px; the engine draws a
region's border again along the edges of the full-size light, so that they need not be finer. The growing looks at the
coloured picture: what the method makes one colour is often one thing.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import UsageError

Plane = npt.NDArray[np.uint8]
Place = tuple[float, float]
Mode = Literal["new", "add", "cut"]

LONG = 1024
"""Longest side of a selection."""

_SMALL = 360  # longest side at which the growing looks
_SEGMENTS = 500
_REACH = (
    16.0  # Lab units that a way from the click may cost, light counting half; measured on objects of labelled photos
)
_TEXTURE = 0.35  # of the edge between two segments in what a step costs


def size(height: int, width: int) -> tuple[int, int]:
    """(h, w) of the selections of a photo."""
    # a narrow panorama keeps enough rows for its shape to stay the photo's to within rounding
    scale = min(1.0, max(LONG / max(height, width), 256 / min(height, width)))
    return max(1, round(height * scale)), max(1, round(width * scale))


def grow(picture: Plane, at: Place, shape: tuple[int, int], reach: float = 1.0) -> Plane:
    """The thing at the place `at` (x, y as shares 0..1) of a picture (H, W, 3) sRGB, as a selection of `shape`.

    Superpixels (SLIC, Achanta et al. 2012) are joined outwards from the click while the way costs little light,
    chroma and edge; GrabCut (Rother et al. 2004) then puts the border on the edges. `reach` above 1 takes more.
    """
    scale = min(1.0, _SMALL / max(picture.shape[:2]))
    small: Any = picture
    if scale < 1:
        across, down = max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale))
        small = cv2.resize(picture, (across, down), interpolation=cv2.INTER_AREA)
    h, w = small.shape[:2]
    row, column = min(h - 1, int(at[1] * h)), min(w - 1, int(at[0] * w))
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    cost = _costs(lab, (row, column)) / (_REACH * reach)
    grown = _refined(small, cost, (row, column))
    large: Any = cv2.resize(grown.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.where(large >= 0.5, np.uint8(255), np.uint8(0))


def _costs(lab: npt.NDArray[np.float32], seed: tuple[int, int]) -> npt.NDArray[np.float32]:
    """(h, w): what the cheapest way from the seed to each pixel's segment costs."""
    from skimage.segmentation import slic

    smooth: Any = cv2.bilateralFilter(lab, 5, 8, 3)
    weighted = smooth * np.array([0.5, 1, 1], np.float32)
    labels = slic(
        weighted, _SEGMENTS, compactness=0.08, max_num_iter=6, start_label=0, channel_axis=-1, convert2lab=False
    )
    count = int(labels.max()) + 1
    pixels = np.bincount(labels.ravel(), minlength=count)
    means = np.stack([np.bincount(labels.ravel(), weighted[..., c].ravel(), count) / pixels for c in range(3)], axis=1)
    ways: dict[int, dict[int, float]] = {n: {} for n in range(count)}
    for (m, n), edge in _borders(labels, weighted).items():
        step = float(np.linalg.norm(means[m] - means[n])) * (1 - _TEXTURE) + edge * _TEXTURE
        ways[m][n] = ways[n][m] = step
    start = int(labels[seed])
    far = np.linalg.norm(means - means[start], axis=1)
    best = np.full(count, np.inf)
    best[start] = 0
    queue = [(0.0, start)]
    while queue:
        so_far, m = heapq.heappop(queue)
        if so_far > best[m]:
            continue
        for n, step in ways[m].items():
            # the highest wall on the way counts, and a little of its length; and how unlike the click a segment is
            new = max(so_far, step) + 0.12 * step
            if new < best[n]:
                best[n] = new
                heapq.heappush(queue, (new, n))
    return np.asarray((best * 1.6 + 0.55 * far)[labels], np.float32)


def _borders(labels: Any, lab: Any) -> dict[tuple[int, int], float]:
    """(segment, segment) -> mean difference of the pixels on both sides of their border."""
    sums: dict[tuple[int, int], float] = {}
    first = [labels[:, :-1].ravel(), labels[:-1].ravel()]
    second = [labels[:, 1:].ravel(), labels[1:].ravel()]
    steps = [
        np.linalg.norm(lab[:, 1:] - lab[:, :-1], axis=2).ravel(),
        np.linalg.norm(lab[1:] - lab[:-1], axis=2).ravel(),
    ]
    a, b, step = np.concatenate(first), np.concatenate(second), np.concatenate(steps)
    apart = a != b
    a, b, step = a[apart], b[apart], step[apart]
    keys = np.minimum(a, b).astype(np.int64) * (int(labels.max()) + 1) + np.maximum(a, b)
    found, inverse = np.unique(keys, return_inverse=True)
    means = np.bincount(inverse, step) / np.bincount(inverse)
    for key, mean in zip(found.tolist(), means.tolist(), strict=True):
        sums[divmod(key, int(labels.max()) + 1)] = mean
    return sums


def _refined(picture: Plane, cost: npt.NDArray[np.float32], seed: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """GrabCut from the costs: near is inside, far is outside, and what lies between is found out."""
    marks = np.full(cost.shape, cv2.GC_PR_BGD, np.uint8)
    marks[cost > 2] = cv2.GC_BGD
    marks[cost < 1] = cv2.GC_PR_FGD
    marks[cost < 0.25] = cv2.GC_FGD
    y, x = seed
    marks[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3] = cv2.GC_FGD
    inside = cost < 1
    if (marks == cv2.GC_BGD).any() and inside.sum() > 60:
        models = np.zeros((1, 65)), np.zeros((1, 65))
        nowhere: Any = None  # no rectangle: the marks say it
        cv2.setRNGSeed(0)  # its clusters begin at random: the same click shall give the same object
        cv2.grabCut(np.ascontiguousarray(picture), marks, nowhere, *models, 3, cv2.GC_INIT_WITH_MASK)
        inside = (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)
    return _whole(inside, seed)


def _whole(inside: npt.NDArray[np.bool_], seed: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The part that holds the seed, without crumbs at its border and without small holes."""
    soft: Any = cv2.medianBlur(inside.astype(np.uint8), 5)
    soft[seed] = 1
    _, parts = cv2.connectedComponents(soft, connectivity=4)
    own = parts == parts[seed]
    _, gaps, stats, _ = cv2.connectedComponentsWithStats((~own).astype(np.uint8), connectivity=4)
    for n in range(1, len(stats)):
        if stats[n, cv2.CC_STAT_AREA] < max(12, own.sum() * 0.02):
            own |= gaps == n
    return np.asarray(own, np.bool_)


def lasso(corners: Sequence[Place], shape: tuple[int, int]) -> Plane:
    """The inside of a line through `corners` (x, y as shares). UsageError for fewer than three."""
    if len(corners) < 3:
        raise UsageError("a lasso needs at least three places")
    plane = np.zeros(shape, np.uint8)
    cv2.fillPoly(plane, [_pixels(corners, shape)], 255, lineType=cv2.LINE_AA, shift=4)
    return plane


def brush(along: Sequence[Place], width: float, shape: tuple[int, int]) -> Plane:
    """A line through `along` (shares) of `width` px of the selection; one place makes a dot."""
    plane = np.zeros(shape, np.uint8)
    thick = max(1, round(width))
    places = _pixels(along if len(along) > 1 else [*along, *along], shape)
    cv2.polylines(plane, [places], False, 255, thick, cv2.LINE_AA, 4)
    return plane


def _pixels(places: Sequence[Place], shape: tuple[int, int]) -> npt.NDArray[np.int32]:
    h, w = shape
    return np.array([[(x * w - 0.5) * 16, (y * h - 0.5) * 16] for x, y in places]).round().astype(np.int32)


def combined(old: Plane | None, new: Plane, mode: Mode) -> Plane:
    """`new` added to a selection, cut out of it, or in its place."""
    if old is None or mode == "new":
        return new if mode != "cut" else np.zeros_like(new)
    return np.maximum(old, new) if mode == "add" else np.minimum(old, 255 - new)


def outlined(plane: Plane) -> bytes:
    """A selection's border as an RGBA PNG to lie over the photo, white on black; its inside stays as it is."""
    inside = (plane >= 128).astype(np.uint8)
    thick = max(1, round(max(plane.shape) / 400))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * thick + 1, 2 * thick + 1))
    wide, thin = cv2.dilate(inside, kernel), cv2.erode(inside, kernel)
    rgba = np.zeros((*plane.shape, 4), np.uint8)
    rgba[(inside > 0) & (thin == 0)] = (255, 255, 255, 235)
    rgba[(wide > 0) & (inside == 0)] = (0, 0, 0, 150)
    done, data = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 2])
    assert done
    return data.tobytes()


def middle(plane: Plane) -> Place:
    """A place (x, y as shares) well inside the selection. UsageError for an empty one."""
    inside = (plane >= 128).astype(np.uint8)
    if not inside.any():
        raise UsageError("nothing is selected")
    deep = cv2.distanceTransform(np.pad(inside, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(deep.argmax()), deep.shape)
    return (float(x) + 0.5) / plane.shape[1], (float(y) + 0.5) / plane.shape[0]
