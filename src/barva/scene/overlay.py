"""A scene drawn over its photo: each thing in a color of its own, with its outline and its name."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from barva.scene.masks import Mask
from barva.scene.modalities import Region
from barva.scene.model import WHOLE, Scene, Thing
from barva.types import Float, Plane

SHORT = 640
"""Short side of the drawing, px."""

FILL = 0.4
"""How much of a thing's color lies over its light."""

HUES = 0.618
"""Turn between the hues of two things that follow each other, of a full circle: none comes back soon."""


def draw_scene(light: Float, scene: Scene) -> Plane:
    """The photo in gray with the things of its scene over it.

    Args:
        light: (H, W) L 0..100 of the photo, of any size.
        scene: Its things; those without a mask are left out.

    Returns:
        (h, w, 3) uint8 RGB, its short side `SHORT`.
    """
    scale = SHORT / min(light.shape)
    size = max(1, round(light.shape[1] * scale)), max(1, round(light.shape[0] * scale))
    gray: Any = cv2.resize(light, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    picture = np.repeat(np.asarray(gray, np.float32).reshape(size[1], size[0], 1) * np.float32(2.55), 3, axis=2)
    masks = [(thing, _cover(thing, size)) for thing in scene.things if thing.id != WHOLE]
    drawn = [(thing, cover, _color(n)) for n, (thing, cover) in enumerate(masks) if cover is not None]
    for _, cover, color in drawn:
        share = np.float32(FILL) * cover[..., None]
        picture += share * (color - picture)
    out = np.ascontiguousarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
    for thing, cover, color in drawn:
        _outline(out, cover, color)
        if thing.part_of == WHOLE:
            _label(out, cover, thing.id, color)
    return out


def _cover(thing: Thing, size: tuple[int, int]) -> Float | None:
    """(h, w) 0..1; None for a thing that has no mask."""
    levels = [r.shape.levels() for r in thing.all(Region) if isinstance(r.shape, Mask)]
    if not levels:
        return None
    resized = [np.asarray(cv2.resize(level, size, interpolation=cv2.INTER_LINEAR), np.float32) for level in levels]
    cover: Float = np.max(resized, axis=0).reshape(size[1], size[0]) / np.float32(255)
    return cover


def _color(n: int) -> Float:
    """A bright RGB color 0..255 for the n-th thing."""
    hue = np.uint8(180 * (n * HUES % 1))
    rgb: Any = cv2.cvtColor(np.array([[[hue, 200, 255]]], np.uint8), cv2.COLOR_HSV2RGB)
    return np.asarray(rgb[0, 0], np.float32)


def _outline(out: Plane, cover: Float, color: Float) -> None:
    lines, _ = cv2.findContours((cover >= 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(out, lines, -1, color.tolist(), 2, cv2.LINE_AA)


def _label(out: Plane, cover: Float, text: str, color: Float) -> None:
    """The name in the middle of the thing's deepest place, within the picture."""
    depth: Any = cv2.distanceTransform(np.pad((cover >= 0.5).astype(np.uint8), 1), cv2.DIST_L2, 3)
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
    left = int(np.clip(x - width // 2, 2, max(2, out.shape[1] - width - 2)))
    base = int(np.clip(y + height // 2, height + 2, max(height + 2, out.shape[0] - 4)))
    cv2.putText(out, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.putText(out, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 0.6, color.tolist(), 1, cv2.LINE_AA)
