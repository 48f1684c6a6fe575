"""How strongly marks that spread are followed: a share of the way from the picture without them to the one that follows
them in full. Between marks of different strengths the share is spread along the light's edges."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from barva.engine.steer import steering
from barva.guidance import resolve
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Point, Stroke
from barva.methods.base import Float
from barva.types import Size


def strength_map(guidance: Guidance | HintMap, photo: Size, light: Float, guide: Float, overall: float) -> Float | None:
    """(h, w) 0..1 at the size of `guide`: how strongly points and strokes are followed where; None where they are
    followed in full. `light` (rows, columns) has the working size, and `overall` is the strength of everything."""
    marks = guidance.only(Point, Stroke).coloring.marks if isinstance(guidance, Guidance) else ()
    strengths = {mark.strength for mark in marks} or {1.0}
    if len(strengths) == 1:
        one = overall * strengths.pop()
        return None if one == 1 else np.full(guide.shape, one, np.float32)
    planes = np.zeros((*light.shape, 2), np.float32)
    for mark in marks:
        cover = resolve.coverage(mark, photo, (light.shape[0], light.shape[1]))
        planes += cover[..., None] * (np.array([mark.strength, 1], np.float32) - planes)
    spread, arrived = steering.spread_along(planes, light, max(light.shape) * steering.FAR.spread)
    share: Any = cv2.resize(spread[..., 0] / np.maximum(arrived, 1e-6), guide.shape[::-1])
    return np.asarray(np.clip(share.reshape(guide.shape) * np.float32(overall), 0, 1), np.float32)
