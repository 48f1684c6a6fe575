"""Masks of the network's cells (4 px) drawn at a photo's size along the edges of its light.

Fast guided filter (He and Sun 2015, arXiv 1505.00996): around each pixel the mask is a line in light. The lines are
fitted at the cells' size and applied at the photo's.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from barva.filters.guided import local_slopes
from barva.types import Float

RADIUS = 2
"""Cells around a pixel to which a line is fitted."""

EPSILON = 30.0
"""Variance of light (L squared) below which a window counts as flat."""


def refine_mask(mask: Float, light: Float) -> Float:
    """The mask at the light's size.

    Args:
        mask: (h, w) 0..1, of cells.
        light: (H, W) L 0..100.

    Returns:
        (H, W) 0..1.
    """
    h, w = mask.shape
    side = 2 * RADIUS + 1

    def mean(x: Float) -> Float:
        blurred: Any = cv2.blur(x, (side, side), borderType=cv2.BORDER_REPLICATE)
        return np.asarray(blurred, np.float32)

    center = np.float32(light.mean())
    small: Any = cv2.resize(light - center, (w, h), interpolation=cv2.INTER_AREA)
    guide = np.asarray(small, np.float32).reshape(h, w)
    slope = local_slopes(guide, mask, mean, EPSILON)
    offset = mean(mean(mask) - slope * mean(guide))
    size = (light.shape[1], light.shape[0])
    slopes: Any = cv2.resize(mean(slope), size, interpolation=cv2.INTER_LINEAR)
    offsets: Any = cv2.resize(offset, size, interpolation=cv2.INTER_LINEAR)
    plain: Any = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    refined = slopes.reshape(light.shape) * (light - center) + offsets.reshape(light.shape)
    # a line overshoots where the light does: no farther from the plain mask than half
    plain = plain.reshape(light.shape)
    return np.asarray(np.clip(np.clip(refined, plain - 0.5, plain + 0.5), 0, 1), np.float32)
