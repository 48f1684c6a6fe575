"""The colors of an album's photos as its book keeps them, and as they are carried to others."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from barva.guidance.hintmap import HintMap
from barva.imaging.photo import Photo
from barva.methods.base import Float

_KEPT = 96  # short side, px, of the colors that are remembered


def hints_from_rows(rows: Float, height: int, width: int) -> HintMap:
    """Hints (n, 5) as a map of height x width."""
    ab, weight = np.zeros((height, width, 2), np.float32), np.zeros((height, width), np.float32)
    y = np.clip((rows[:, 1] * height).astype(np.intp), 0, height - 1)
    x = np.clip((rows[:, 0] * width).astype(np.intp), 0, width - 1)
    ab[y, x], weight[y, x] = rows[:, 2:4], np.clip(rows[:, 4], 0, 1)
    return HintMap(ab, weight)


def small_chroma(ab: Float, photo: Photo) -> Float:
    """Chroma (h, w, 2) in whole Lab units, the photo's aspect, a short side of `_KEPT`."""
    scale = _KEPT / min(photo.height, photo.width)
    size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
    resized: Any = cv2.resize(ab, size, interpolation=cv2.INTER_AREA if size[1] < ab.shape[0] else cv2.INTER_LINEAR)
    return np.clip(np.rint(np.asarray(resized, np.float32)), -128, 127)
