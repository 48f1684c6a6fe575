"""What the method measures around each pixel of the light."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
COUNT = 15


def features(light: Plane) -> Plane:
    """Numbers that describe the surroundings of each pixel.

    Args:
        light: (H, W) float32, L 0..100.

    Returns:
        (H, W, 15) float32, about -1..1: lightness in three neighborhoods, texture, height in the
        picture, and products of these.
    """
    height, width = light.shape
    fine = light / 50 - 1
    middle, coarse = (cv2.GaussianBlur(fine, (0, 0), max(1.0, share * min(height, width))) for share in (0.02, 0.1))
    texture = np.sqrt(np.maximum(cv2.GaussianBlur((fine - middle) ** 2, (0, 0), 3), 0))
    y = np.broadcast_to(np.linspace(-1, 1, height, dtype=np.float32)[:, None], (height, width))
    planes = [
        np.ones_like(fine), fine, middle, coarse, texture, y,
        fine * fine, middle * middle, coarse * coarse, y * y,
        fine * coarse, fine * texture, coarse * texture, y * coarse, y * texture,
    ]  # fmt: skip
    return np.stack(planes, axis=-1).astype(np.float32)
