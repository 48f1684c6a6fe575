"""Selecting an object: a click that the perception network answers, a lasso and a brush that correct it.

Selections are (h, w) uint8, 0 outside and 255 inside, at a working size of at most `LONG` px; the engine draws a
region's border again along the edges of the full-size light, so that they need not be finer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import UsageError

if TYPE_CHECKING:
    from barva.engine.session import Session

Plane = npt.NDArray[np.uint8]
Place = tuple[float, float]
Mode = Literal["new", "add", "cut"]

LONG = 1024
"""Longest side of a selection."""


def size(height: int, width: int) -> tuple[int, int]:
    """(h, w) of the selections of a photo."""
    # a narrow panorama keeps enough rows for its shape to stay the photo's to within rounding
    scale = min(1.0, max(LONG / max(height, width), 256 / min(height, width)))
    return max(1, round(height * scale)), max(1, round(width * scale))


def grow(live: Session, at: Place, shape: tuple[int, int], reach: float, mode: Mode, old: Plane | None) -> Plane:
    """What a click at `at` (x, y as shares 0..1) selects of a photo, to be combined with the selection `old` (h, w)
    by `mode`: an object; what it adds to the selection; or what does not belong to it. `reach` above 1 takes more."""
    pixels = shape[0] * shape[1]
    h, w = live.size(pixels)
    before = None if old is None or mode == "new" else (_resize(old, (h, w)) / np.float32(255)).astype(np.float32)
    if mode == "cut" and before is not None and old is not None and old.any():
        gone = live.select([middle(old)], [at], before, 1 / reach, pixels) < 0.5
        if not gone[min(h - 1, int(at[1] * h)), min(w - 1, int(at[0] * w))]:  # what was clicked has to go
            gone = live.select([at], [middle(old)], None, reach, pixels) >= 0.5
        return _resize(np.where((before >= 0.5) & gone, np.uint8(255), np.uint8(0)), shape)
    mask = live.select([at], [], before, reach, pixels)
    return _resize(np.where(mask >= 0.5, np.uint8(255), np.uint8(0)), shape)


def _resize(plane: Plane, shape: tuple[int, int]) -> Plane:
    """(h, w) 0 or 255."""
    resized: Any = cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.where(resized.reshape(shape) >= 128, np.uint8(255), np.uint8(0))


def lasso(corners: Sequence[Place], shape: tuple[int, int]) -> Plane:
    """The inside of a line through `corners` (x, y as shares). UsageError for fewer than three."""
    if len(corners) < 3:
        raise UsageError("a lasso needs at least three places", code="select.lasso-too-small")
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


def combine(old: Plane | None, new: Plane, mode: Mode) -> Plane:
    """`new` added to a selection, cut out of it, or in its place."""
    if old is None or mode == "new":
        return new if mode != "cut" else np.zeros_like(new)
    return np.maximum(old, new) if mode == "add" else np.minimum(old, 255 - new)


def outline(plane: Plane) -> bytes:
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


def corners(plane: Plane) -> tuple[Place, Place]:
    """Left top and right bottom of the selection (x, y as shares). UsageError for an empty one."""
    left, top, width, height = cv2.boundingRect(_inside(plane))
    h, w = plane.shape
    return (left / w, top / h), ((left + width) / w, (top + height) / h)


def middle(plane: Plane) -> Place:
    """A place (x, y as shares) well inside the selection. UsageError for an empty one."""
    inside = _inside(plane)
    deep = cv2.distanceTransform(np.pad(inside, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(deep.argmax()), deep.shape)
    return (float(x) + 0.5) / plane.shape[1], (float(y) + 0.5) / plane.shape[0]


def _inside(plane: Plane) -> Plane:
    """1 where it is selected, else 0. UsageError where nothing is."""
    inside = (plane >= 128).astype(np.uint8)
    if not inside.any():
        raise UsageError("nothing is selected", code="nothing-selected")
    return inside
