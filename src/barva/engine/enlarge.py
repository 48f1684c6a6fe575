"""Only chroma changes size, along the edges of the light.

The fast guided filter (He and Sun 2015, arXiv 1505.00996): chroma is modelled as `ab = A L + B` in every window; A and B
are found at the guide's size, enlarged bilinearly, and applied to the full-size light. Strips need only A and B.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

RADIUS = 6
"""Half width of the window, px at the guide's size."""

EPSILON = 4e-3
"""Light variance (L / 100 squared) below which a window counts as flat: chroma is then only smoothed."""


@dataclass(frozen=True)
class Lines:
    """`ab = slope * L / 100 + offset` at the guide's size: `planes` (h, w, 4) float32 = slope a, slope b, offset a, b."""

    planes: Float
    height: int
    width: int

    def strip(self, top: int, rows: int) -> Float:
        """Planes (rows, width, 4) of the full-size rows `top` .. `top + rows`, bilinear, pixel centres aligned.

        Rows are mixed first, on the narrow planes, then columns by `cv2.resize`: exact at any strip boundary.
        """
        h, w = self.planes.shape[:2]
        y = np.clip((np.arange(top, top + rows, dtype=np.float32) + 0.5) * (h / self.height) - 0.5, 0, h - 1)
        low = np.minimum(y.astype(np.int64), h - 1)
        high = np.minimum(low + 1, h - 1)
        part = (y - low)[:, None].astype(np.float32)
        flat = self.planes.reshape(h, w * 4)
        mixed = flat[low] * (1 - part) + flat[high] * part
        # cv2.resize cannot hold more than 32,767 columns: wide pictures go through in pieces of whole source columns
        return _widen(mixed.reshape(rows, w, 4), self.width)


def _widen(planes: Float, width: int) -> Float:
    if planes.shape[1] == width:
        return planes
    if width <= 32_000:
        return cv2.resize(planes, (width, planes.shape[0]), interpolation=cv2.INTER_LINEAR)
    w = planes.shape[1]
    x = np.clip((np.arange(width, dtype=np.float32) + 0.5) * (w / width) - 0.5, 0, w - 1)
    low = np.minimum(x.astype(np.int64), w - 1)
    part = (x - low)[None, :, None].astype(np.float32)
    return planes[:, low] * (1 - part) + planes[:, np.minimum(low + 1, w - 1)] * part


def lines(ab: Float, light: Float, height: int, width: int) -> Lines:
    """Fit chroma `ab` (any size) to the guide `light` (h, w) L 0..100, for a photo of height x width px."""
    h, w = light.shape
    i = light / np.float32(100)
    p = cv2.resize(ab, (w, h), interpolation=cv2.INTER_CUBIC if ab.shape[0] < h else cv2.INTER_AREA).reshape(h, w, 2)
    r = max(1, min(RADIUS, (min(h, w) - 1) // 2)) if min(h, w) > 2 else 1

    def box(x: Float) -> Float:
        return cv2.blur(x, (2 * r + 1, 2 * r + 1), borderType=cv2.BORDER_REFLECT if min(h, w) > r else cv2.BORDER_REPLICATE)

    mean_i, mean_p = box(i), box(p).reshape(h, w, 2)
    variance = np.maximum(box(i * i) - mean_i * mean_i, 0)
    covariance = box(i[..., None] * p).reshape(h, w, 2) - mean_i[..., None] * mean_p
    slope = covariance / (variance + EPSILON)[..., None]
    offset = mean_p - slope * mean_i[..., None]
    return Lines(box(np.concatenate([slope, offset], axis=2)).reshape(h, w, 4), height, width)
