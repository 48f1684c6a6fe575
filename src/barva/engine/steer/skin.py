"""Skin that a method left gray takes the color of its face: hands, arms and legs beside a colored face.

The method says what color a face has, the perception network where faces and other skin are. Both must be sure: a face
that came out gray, green or blue is no example, and what may be cloth stays as it is. What has color stays too, and
so do the faces themselves: their eyes and teeth are no gray skin. Measured by `benchmarks/skin.py`.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.color.material import relative_chroma
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.steer.steering import blend
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma
from barva.perception.skin import SMALLEST, Face, Skin
from barva.types import Float, Size

COLORED = 9.0
"""Chroma from which a face is an example."""

WARM = np.deg2rad(20), np.deg2rad(85)
"""Hue angles in ab between which skin lies."""

MAINLY = 0.5
"""Share of a face that must have such a color."""

ENOUGH = 0.8
"""Share of the face's chroma, as the light carries it, up to which skin is completed. Skin that has as much stays."""

REACH = 9.0
"""Heights of a face, from its middle, up to which skin can belong to its person."""

LEAST = 0.0005
"""Share of the photo, at full weight, below which there is no gray skin to speak of."""


def complete_skin(chroma: Chroma, prepared: PreparedPhoto) -> Chroma:
    """The answer with its gray skin colored.

    Args:
        chroma: A method's answer (h, w, 2), of any size.
        prepared: The photo. What the perception network sees there is asked for only where the answer has enough of
            skin's color for a face.

    Returns:
        Chroma of the answer's size, which differs only where gray skin is; the answer itself where there is none, or
        no colored face.
    """
    if _is_warm(chroma.ab).mean() < SMALLEST:
        return chroma
    size = prepared.light.shape[0], prepared.light.shape[1]
    hints = skin_hints(_resize(chroma.ab, size), prepared.light, prepared.skin)
    return chroma if hints is None else blend(chroma, hints)


def skin_hints(ab: Float, light: Float, skin: Skin) -> HintMap | None:
    """Hints that give gray skin the color of the nearest face.

    Args:
        ab: (H, W, 2) a method's answer.
        light: (H, W) L 0..100.
        skin: Where skin and faces are.

    Returns:
        (H, W); None where there is no colored face, or no gray skin.
    """
    examples = [(face, *color) for face in skin.faces if (color := _color_of(face, ab, light)) is not None]
    if not examples:
        return None
    target, near = _nearest_colors(examples, light)
    own, wanted = (np.hypot(x[..., 0], x[..., 1]) for x in (ab, target))
    # blended by this, chroma ends at `ENOUGH` of what is wanted
    lack = np.clip((ENOUGH * wanted - own) / np.maximum(wanted - own, 1e-3), 0, 1)
    weight = np.where(own < ENOUGH * wanted, skin.where * near * lack, 0)
    for face, _, _ in examples:
        weight *= 1 - face.cover
    return HintMap(target, np.asarray(weight, np.float32)) if weight.mean() >= LEAST else None


def _color_of(face: Face, ab: Float, light: Float) -> tuple[Float, float] | None:
    """Median chroma (2,) of a face and the light L there; None where it does not have the color of skin."""
    chosen = face.inside & _is_warm(ab)
    if not chosen.any() or chosen.sum() < MAINLY * face.inside.sum():
        return None
    return np.asarray(np.median(ab[chosen], axis=0), np.float32), float(np.median(light[chosen]))


def _nearest_colors(examples: list[tuple[Face, Float, float]], light: Float) -> tuple[Float, Float]:
    """Skin's chroma (H, W, 2) by the faces, the nearest counting most, and whether any is near (H, W) 0..1."""
    h, w = light.shape
    y, x = np.mgrid[:h, :w].astype(np.float32)
    total, near = np.zeros((h, w), np.float32), np.zeros((h, w), np.float32)
    target = np.zeros((h, w, 2), np.float32)
    for face, ab, own_light in examples:
        heights = np.hypot(y - np.float32(face.at[0]), x - np.float32(face.at[1])) / np.float32(face.height)
        share = 1 / (np.float32(0.25) + heights**2) ** 2
        target += (share * relative_chroma(light, own_light))[..., None] * ab
        total += share
        near = np.maximum(near, np.clip(np.float32(REACH) - heights, 0, 1))
    return target / total[..., None], near


def _is_warm(ab: Float) -> npt.NDArray[np.bool_]:
    """(h, w): where chroma is that of colored skin."""
    hue = np.arctan2(ab[..., 1], ab[..., 0])
    enough = np.hypot(ab[..., 0], ab[..., 1]) >= COLORED
    return np.asarray(enough & (hue >= WARM[0]) & (hue <= WARM[1]), np.bool_)


def _resize(planes: Float, size: Size) -> Float:
    resized: Any = cv2.resize(planes, size[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32).reshape(*size, *planes.shape[2:])
