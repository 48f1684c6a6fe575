"""Where a photo shows skin for certain, and the faces whose color tells that of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.perception.classes import NUMBER, PERSON
from barva.perception.edges import refine_mask
from barva.perception.network import Features, PerceptionNetwork
from barva.types import Float, Size

SURE = 0.5, 0.75
"""Probability of skin, faces among it, from which a place is skin a little, and in full."""

FACE = 0.55
"""Mean probability of skin within a face below which it is none."""

SMALLEST = 0.0012
"""Share of the photo below which a face is none."""

BORDER = 0.3
"""Width of a face's border, in heights of the face: hair, ears, a collar."""

HEAD = 0.4
"""Width of hair beside a face, in widths of the face."""

GLANCE = 128
"""Short side, px, of the quick look that says whether there may be a face: a quarter of the time of a whole look."""

HINT = 0.15
"""Probability of a face, anywhere in the quick look, from which a whole look can pay."""

Cells = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a photo.

    | field | shape | range |
    |---|---|---|
    | `at` | | its middle (y, x) in pixels |
    | `height` | | in pixels |
    | `inside` | (H, W) bool | its pixels |
    | `cover` | (H, W) float32 | 0..1, the face with its border |
    """

    at: tuple[float, float]
    height: float
    inside: Cells
    cover: Float


@dataclass(frozen=True, eq=False)
class Skin:
    """Skin of a photo: `where` (H, W) 0..1, that of faces too, and the `faces`."""

    where: Float
    faces: tuple[Face, ...]


def may_show_face(network: PerceptionNetwork, light: Float) -> bool:
    """Whether a photo may show a face, by a quick look at its light (H, W) L 0..100."""
    return bool(network.features(light, GLANCE).classes[NUMBER["face"]].max() >= HINT)


def find_skin(features: Features, light: Float) -> Skin:
    """The skin and the faces of a photo.

    Args:
        features: What the network sees in it.
        light: (H, W) L 0..100, at the size of the answer.

    Returns:
        Skin along the edges of the light; nothing where there is no face.

    Examples:
        >>> len(find_skin(features, light).faces)
        1
    """
    faces = find_faces(features, (light.shape[0], light.shape[1]))
    if not faces:
        return no_skin((light.shape[0], light.shape[1]))
    p = features.classes
    skin = refine_mask(np.ascontiguousarray(p[NUMBER["skin"]] + p[NUMBER["face"]]), light)
    low, high = SURE
    return Skin(np.asarray(np.clip((skin - low) / (high - low), 0, 1), np.float32), faces)


def no_skin(size: Size) -> Skin:
    """Of a photo (rows, columns) without faces."""
    return Skin(np.zeros(size, np.float32), ())


def find_faces(features: Features, size: Size) -> tuple[Face, ...]:
    """The faces of a photo: connected parts that are sooner a face than another part of people, and sure to be skin.

    Args:
        features: What the network sees in it.
        size: (rows, columns) of the answer.

    Returns:
        Faces from top to bottom.
    """
    p = features.classes
    people = p[[NUMBER[part] for part in PERSON]]
    skin = p[NUMBER["face"]] + p[NUMBER["skin"]]
    cells = (people.argmax(axis=0) == PERSON.index("face")) & (people.sum(axis=0) > 0.5)
    count, labels, stats, centers = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    faces = []
    for n in range(1, count):
        part = labels == n
        if part.mean() < SMALLEST or skin[part].mean() < FACE or not _is_compact(stats[n]):
            continue
        down, across = size[0] / part.shape[0], size[1] / part.shape[1]
        x, y = centers[n].tolist()
        height = float(stats[n, cv2.CC_STAT_HEIGHT]) * down
        resized: Any = cv2.resize(part.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)
        inside = np.asarray(resized, np.float32).reshape(size) >= 0.5
        faces.append(Face(((y + 0.5) * down, (x + 0.5) * across), height, inside, _with_border(inside, height)))
    return tuple(faces)


def head_cover(face: Face) -> Float:
    """(H, W) 0..1: the head that a face belongs to, with its hair or hat; an ellipse with a soft border."""
    rows, columns = np.nonzero(face.inside)
    if not len(rows):
        return np.zeros(face.inside.shape, np.float32)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    high, wide = float(bottom - top), float(right - left)
    middle, radius = (top + bottom) / 2 - 0.3 * high, 0.8 * high
    y, x = np.mgrid[: face.inside.shape[0], : face.inside.shape[1]].astype(np.float32)
    down = (y + 0.5 - np.float32(middle)) / np.float32(radius)
    across = (x + 0.5 - np.float32((left + right) / 2)) / np.float32((0.5 + HEAD) * wide)
    return np.asarray(np.clip((1.2 - np.hypot(down, across)) / 0.4, 0, 1), np.float32)


def _is_compact(stats: Any) -> bool:
    """Whether a part has the form of a head."""
    height, width = stats[cv2.CC_STAT_HEIGHT], stats[cv2.CC_STAT_WIDTH]
    return bool(0.5 <= height / width <= 2.5 and stats[cv2.CC_STAT_AREA] >= 0.45 * height * width)


def _with_border(inside: Cells, height: float) -> Float:
    side = max(3, round(BORDER * height)) | 1
    near: Any = cv2.dilate(inside.astype(np.float32), np.ones((side, side), np.uint8))
    return np.asarray(cv2.blur(near, (side, side)), np.float32).reshape(inside.shape)
