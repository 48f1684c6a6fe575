"""Matching: the colors of one photo on another that shows the same things, where they are surely the same.

Local features (SIFT, Lowe 2004) that are each other's nearest, and clearly nearer than the next, are grouped by the
plane that moves them (RANSAC), one group after the other: a building seen from elsewhere, then a person who walked on.
A plane is trusted inside the hull of its features, where the light looks the same on both sides (normalized
correlation). Mirrored photos are tried too. An object of which enough places are the same on both is the same as a
whole (`object_matching`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.engine.prepare import object_matching
from barva.engine.prepare.object_matching import Shape
from barva.methods.base import Float

SHORT = 320
"""Short side, px, at which photos are compared."""

LONGEST = 2048
"""Long side, px, up to which a photo is enlarged for that: a strip of 20 px at full height would take minutes."""

LEAST = 10
"""Features that a plane needs."""

PLANES = 4
"""Planes that two photos can have in common."""

ALIKE = 0.7
"""Normalized correlation of light from which two places are the same."""

_RATIO = 0.75  # of the nearest feature's distance to the next one's (Lowe 2004, section 7.1: 0.8)
_NEAR = 4.0  # px, how well features fit their plane
_STEP = 1 / 32  # of the short side, between carried colors
_WINDOW = 1 / 24  # of the short side, in which light is compared
_FEATURES = 1500

Points = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class View:
    """A photo as it is matched: `light` (h, w) uint8 with a short side of `SHORT`, less of a long strip, its features'
    places (n, 2) x, y and descriptors (n, 128)."""

    light: npt.NDArray[np.uint8]
    places: Points
    features: Float

    @cached_property
    def mirrored(self) -> View:
        """The view of the mirrored photo."""
        return _features_of(np.ascontiguousarray(self.light[:, ::-1]))

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The photo's objects; looked for when they are first needed. WeightsError."""
        return object_matching.shapes_of(self.light)


@dataclass(frozen=True, eq=False)
class Correspondence:
    """Places of one photo and where they are on another: `source` and `target` (n, 2), x and y in shares; `confidence`
    (n,) 0..1."""

    source: Points
    target: Points
    confidence: Float


def view_of(guide: Float) -> View:
    """Of light (h, w) L 0..100."""
    h, w = guide.shape
    scale = min(SHORT / min(h, w), max(1.0, LONGEST / max(h, w)))
    size = max(8, round(w * scale)), max(8, round(h * scale))
    resized: Any = cv2.resize(guide, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return view_of_codes(np.clip(np.asarray(resized) * 2.55, 0, 255).astype(np.uint8))


def view_of_codes(light: npt.NDArray[np.uint8]) -> View:
    """Of light (h, w) that was made ready before: a `View`'s own."""
    return _features_of(light)


def _features_of(light: npt.NDArray[np.uint8]) -> View:
    sift: Any = cv2.SIFT_create(nfeatures=_FEATURES, contrastThreshold=0.02)  # type: ignore[attr-defined,unused-ignore]
    keypoints, features = sift.detectAndCompute(light, None)
    if features is None:
        return View(light, np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    rooted = np.sqrt(features / np.maximum(features.sum(axis=1, keepdims=True), 1e-6))  # Arandjelovic 2012
    return View(light, np.array([k.pt for k in keypoints], np.float32), np.asarray(rooted, np.float32))


def match(source: View, target: View) -> Correspondence:
    """Places of `source` that `target` shows too; none where nothing is sure. WeightsError."""
    same = _match_views(source, target)
    mirrored = _match_views(source, target.mirrored)
    if len(mirrored.source) > len(same.source):
        same = replace(mirrored, target=np.asarray([1, 0] + mirrored.target * [-1, 1], np.float32))
    return _with_objects(same, source, target)


def _with_objects(same: Correspondence, source: View, target: View) -> Correspondence:
    """The correspondence with the rest of the objects that it shows on both photos."""
    if len(same.source) < object_matching.VOTES:
        return same
    step = _step(source.light.shape)
    here, there = object_matching.rest_of_objects(same.source, same.target, source.shapes, target.shapes, step)
    confidence = np.full(len(here), object_matching.CONFIDENCE, np.float32)
    return Correspondence(
        np.concatenate([same.source, here]),
        np.concatenate([same.target, there]),
        np.concatenate([same.confidence, confidence]),
    )


def _step(shape: tuple[int, ...]) -> int:
    """Pixels between carried colors."""
    return max(2, round(min(shape) * _STEP))


def _match_views(source: View, target: View) -> Correspondence:
    pairs = _mutual_nearest(source.features, target.features)
    rows_of_planes = [np.zeros((0, 5), np.float32)]
    for _ in range(PLANES):
        if len(pairs) < LEAST:
            break
        one, two = source.places[pairs[:, 0]], target.places[pairs[:, 1]]
        plane, inliers = cv2.findHomography(one, two, cv2.USAC_MAGSAC, _NEAR, maxIters=5000, confidence=0.999)
        fits = np.zeros(len(pairs), bool) if inliers is None else np.asarray(inliers).ravel() > 0
        if plane is None or fits.sum() < LEAST:
            break
        if _is_plausible(plane, source.light.shape):
            rows_of_planes.append(_grid_correspondences(plane, one[fits], source.light, target.light))
        pairs = pairs[~fits]
    rows = np.concatenate(rows_of_planes)
    _, first = np.unique(rows[:, :2], axis=0, return_index=True)  # earlier planes win: more features agree on them
    rows = rows[np.sort(first)]
    return Correspondence(rows[:, :2], rows[:, 2:4], rows[:, 4])


def _mutual_nearest(source: Float, target: Float) -> npt.NDArray[np.intp]:
    """(n, 2) indices of features that are each other's nearest and clearly so."""
    if len(source) < 2 or len(target) < 2:
        return np.zeros((0, 2), np.intp)
    likeness = source @ target.T  # rooted descriptors have length 1
    best = likeness.argmax(axis=1)
    top = np.partition(likeness, -2, axis=1)[:, -2:]
    nearest, next_ = (np.sqrt(np.maximum(2 - 2 * top[:, n], 0)) for n in (1, 0))
    mutual = likeness.argmax(axis=0)[best] == np.arange(len(source))
    chosen = np.flatnonzero(mutual & (nearest < _RATIO * next_))
    return np.stack([chosen, best[chosen]], axis=1)


def _is_plausible(plane: Any, shape: tuple[int, ...]) -> bool:
    """Whether a plane is seen from its front, nowhere folded, and not of quite another size."""
    h, w = shape
    corners = np.array([[[w * x, h * y] for x, y in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))]], np.float32)
    moved = cv2.perspectiveTransform(corners, plane)[0]
    growth = cv2.contourArea(moved, True) / cv2.contourArea(corners[0], True)
    return bool(cv2.isContourConvex(moved.astype(np.float32)) and 1 / 36 < growth < 36)


def _grid_correspondences(plane: Any, at: Points, source: Any, target: Any) -> Float:
    """(n, 5) places here and there in shares, and how sure, on a grid inside the hull of the features `at`."""
    h, w = source.shape
    short = min(h, w)
    side = round(short * _WINDOW) | 1
    hull: Any = np.zeros((h, w), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(at).astype(np.int32), (255,))
    hull = cv2.dilate(hull, np.ones((side, side), np.uint8))
    turned: Any = cv2.warpPerspective(target, plane, (w, h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    one, two = source.astype(np.float32), turned.astype(np.float32)
    # smooth places are compared by their surroundings
    alike = np.maximum(correlation(one, two, side), correlation(one, two, 3 * side))
    step = _step((h, w))
    y, x = (axis.ravel() for axis in np.mgrid[step // 2 : h : step, step // 2 : w : step])
    moved = cv2.perspectiveTransform(np.stack([x, y], axis=-1)[None].astype(np.float32), plane)[0]
    share = np.asarray(moved / [target.shape[1], target.shape[0]])
    confidence = alike[y, x]
    good = (hull[y, x] > 0) & (confidence >= ALIKE) & (share > 0.01).all(axis=1) & (share < 0.99).all(axis=1)
    rows = np.column_stack([(x + 0.5) / w, (y + 0.5) / h, share, confidence])
    return np.asarray(rows[good], np.float32)


def correlation(one: Float, two: Float, side: int) -> Float:
    """(h, w) -1..1: normalized correlation of two pictures in windows of `side` px; smooth windows count as unlike."""

    def mean(x: Float) -> Float:
        blurred: Any = cv2.blur(x, (side, side), borderType=cv2.BORDER_REPLICATE)
        return np.asarray(blurred, np.float32)

    a, b = mean(one), mean(two)
    variances = np.maximum(mean(one * one) - a * a, 0) * np.maximum(mean(two * two) - b * b, 0)
    both = mean(one * two) - a * b
    return np.asarray(both / np.sqrt(variances + 36.0), np.float32)  # grain of 2.4 code values counts as nothing
