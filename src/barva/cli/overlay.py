"""A photo with the outlines of things of its scene drawn over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.files import write_whole
from barva.guidance import resolve
from barva.guidance.scene_bridge import region_mark
from barva.imaging.photo import Photo
from barva.scene.modalities import Region
from barva.scene.model import Scene

LONGEST = 1600
"""Pixels of the drawing's longer side at most."""

_TINTS = ((230, 60, 60), (60, 120, 240), (40, 170, 80), (240, 160, 30), (160, 80, 220), (20, 180, 190))
_VEIL = 0.35


def draw(photo: Photo, scene: Scene, ids: Sequence[str]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The photo with each thing tinted, outlined and named.

    Args:
        photo: Of any size; a large one is drawn smaller.
        scene: Of that photo.
        ids: The things to draw, in order; those that lie nowhere are left out.

    Returns:
        (H, W, 3) uint8 sRGB.
    """
    canvas = _gray(photo)
    size, full = canvas.shape[:2], (photo.height, photo.width)
    labels = list[tuple[str, Any]]()
    for n, id in enumerate(dict.fromkeys(ids)):
        tint = np.array(_TINTS[n % len(_TINTS)], np.float32)
        for region in scene.thing(id).all(Region):
            cover = resolve.coverage(region_mark(region), full, (size[0], size[1]))
            canvas += (cover * _VEIL)[..., None] * (tint - canvas)
            inside = (cover > 0.5).astype(np.uint8)
            outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(canvas, outlines, -1, tuple(map(float, tint)), 2)
            if outlines:
                labels.append((id, max(outlines, key=cv2.contourArea)))
    drawing = np.asarray(np.clip(np.rint(canvas), 0, 255), np.uint8)
    for id, outline in labels:
        _label(drawing, id, outline)
    return drawing


def save(photo: Photo, scene: Scene, ids: Sequence[str], path: Path, overwrite: bool) -> None:
    """`draw` into a PNG that is whole or absent. WriteError."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(draw(photo, scene, ids)).save(out, "PNG")
    write_whole(path, out.getvalue(), overwrite)


def _gray(photo: Photo) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(h, w, 3) float32 0..255, gray, at most `LONGEST` on a side."""
    scale = min(1.0, LONGEST / max(photo.height, photo.width))
    small = photo.shrink(max(1, round(min(photo.height, photo.width) * scale)), LONGEST)
    plane = small[..., :3].mean(axis=2, dtype=np.float32) * 255
    return np.ascontiguousarray(np.repeat(plane[..., None], 3, axis=2), np.float32)


def _label(canvas: Any, text: str, outline: Any) -> None:
    """A name in the middle of an outline, light on dark."""
    left, top, width, height = cv2.boundingRect(outline)
    at = (left + width // 2, top + height // 2)
    plain = text.encode("ascii", "replace").decode()
    scale = max(0.4, max(canvas.shape[:2]) / 1600)
    for across, down, color in ((-1, -1, 0), (1, 1, 0), (-1, 1, 0), (1, -1, 0), (0, 0, 255)):
        place = (at[0] + across, at[1] + down)
        cv2.putText(canvas, plain, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (color,) * 3, 1, cv2.LINE_AA)
