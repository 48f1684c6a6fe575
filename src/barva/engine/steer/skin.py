"""Skin that the method left gray gets the color of the skin that it knew: hands, arms and legs beside a face.

The perception network says where skin and faces are. What is already colored stays as it is.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from barva.color.material import relative_chroma
from barva.methods.base import Chroma, Float
from barva.perception.classes import NUMBER
from barva.perception.edges import refine_mask
from barva.perception.network import Features

SURE = 0.5, 0.8
"""Probability of skin from which its color is completed a little, and in full."""

GRAY = 6.0, 11.0
"""Chroma below which skin counts as gray, and from which it counts as colored."""

LEAST = 0.0008
"""Share of the photo that must be colored skin for its color to be known."""

WARM = np.deg2rad(20), np.deg2rad(85)
"""Hue angles of a and b between which skin's color lies: a face that came out green or blue is no example."""


def complete_skin(chroma: Chroma, light: Float, features: Features) -> Chroma:
    """Chroma whose gray skin takes the color of the colored skin.

    Args:
        chroma: A method's answer (h, w, 2).
        light: (H, W) L 0..100 at the working size.
        features: What the perception network sees in the photo.

    Returns:
        Chroma (H, W, 2); the answer itself where there is no gray skin, or no example of its color.
    """
    skin = features.classes[NUMBER["skin"]] + features.classes[NUMBER["face"]]
    if (skin > SURE[1]).mean() < LEAST:
        return chroma
    ab = _resized(chroma.ab, light.shape)
    own = np.hypot(ab[..., 0], ab[..., 1])
    where = _ramp(refine_mask(np.ascontiguousarray(skin), light), *SURE)
    example = _example(ab, own, where, light)
    if example is None:
        return chroma
    color, at = example
    weight = where * (1 - _ramp(own, *GRAY))
    target = color * relative_chroma(light, at)[..., None]
    return Chroma(np.asarray(ab + weight[..., None] * (target - ab), np.float32), chroma.confidence)


def _example(ab: Float, own: Float, where: Float, light: Float) -> tuple[Float, float] | None:
    """Mean chroma (2,) of the skin that is colored, and its mean light; None where too little is."""
    hue = np.arctan2(ab[..., 1], ab[..., 0])
    known = (where > 0.5) & (own >= GRAY[1]) & (hue >= WARM[0]) & (hue <= WARM[1])
    if known.mean() < LEAST:
        return None
    return np.asarray(np.median(ab[known], axis=0), np.float32), float(np.median(light[known]))


def _ramp(x: Float, low: float, high: float) -> Float:
    return np.asarray(np.clip((x - low) / (high - low), 0, 1), np.float32)


def _resized(ab: Float, size: tuple[int, ...]) -> Float:
    resized: Any = cv2.resize(ab, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(resized, np.float32).reshape(size[0], size[1], 2)
