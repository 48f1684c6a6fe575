"""Objects that two photos share: where some places of an object are surely the same, all of the object is.

Features lie where there is detail, so a jacket or the side of a car has places that no plane of `matching` reaches.
Perception says where the object ends on both photos; the same places say how it moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barva.perception import objects
from barva.perception.instances import STUFF
from barva.scene.masks import Mask
from barva.scene.modalities import Region

VOTES = 6
"""Same places that an object of one photo and one of the other must have in common."""

MOST = 0.6
"""Share of an object's same places that must lie on that other object."""

CONFIDENCE = 0.5
"""Of places that are the same only because their object is."""

WHOLES = frozenset({"picture", "person"}) | STUFF
"""Kinds that have no color of their own: people are their parts, and a meadow here need not be the one there."""

Points = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Shape:
    """An object or a part of a person: its kind, and its pixels (h, w) of a view."""

    kind: str
    inside: npt.NDArray[np.bool_]


def shapes_of(light: npt.NDArray[np.uint8]) -> tuple[Shape, ...]:
    """What is seen in a view's light (h, w) 0..255, wholes left out. WeightsError."""
    scene = objects.perceive(light.astype(np.float32) / np.float32(2.55))
    return tuple(
        Shape(thing.kind, region.shape.stretch(*light.shape).levels() >= 128)
        for thing in scene.things
        if thing.kind not in WHOLES
        for region in thing.all(Region)
        if isinstance(region.shape, Mask)
    )


def rest_of_objects(
    here: Points, there: Points, source: Sequence[Shape], target: Sequence[Shape], step: int
) -> tuple[Points, Points]:
    """More same places, on the objects that have enough of them.

    Args:
        here: (n, 2) places x, y of one photo, in shares, and
        there: (n, 2) the same ones on the other.
        source: The first photo's objects.
        target: The other one's.
        step: Pixels between the places on the first photo.

    Returns:
        Places (m, 2) of the first photo that lie on an object of both and have no same place near them, and where the
        object's motion puts them on the other.
    """
    more_here, more_there = [np.zeros((0, 2), np.float32)], [np.zeros((0, 2), np.float32)]
    for one in source:
        on_one = _covers(one, here)
        candidates = [
            (int((on_one & _covers(other, there)).sum()), other) for other in target if other.kind == one.kind
        ]
        votes, other = max(candidates, key=lambda c: c[0], default=(0, one))
        on_other = _covers(other, there)
        if votes < VOTES or votes < MOST * max(on_one.sum(), on_other.sum()):
            continue
        both = on_one & on_other
        places = _free_places(one, here, step)
        moved = _affine(here[both], there[both], places)
        inside = ((moved > 0) & (moved < 1)).all(axis=1) & _covers(other, moved)
        more_here.append(places[inside])
        more_there.append(moved[inside])
    return np.concatenate(more_here), np.concatenate(more_there)


def _covers(shape: Shape, places: Points) -> npt.NDArray[np.bool_]:
    """(n,) whether places in shares lie on a shape."""
    h, w = shape.inside.shape
    x = np.clip((places[:, 0] * w).astype(np.intp), 0, w - 1)
    y = np.clip((places[:, 1] * h).astype(np.intp), 0, h - 1)
    return np.asarray(shape.inside[y, x], bool)


def _free_places(shape: Shape, known: Points, step: int) -> Points:
    """(m, 2) places of a grid on a shape, in shares, farther than a step from the known ones."""
    h, w = shape.inside.shape
    y, x = (axis.ravel() for axis in np.mgrid[step // 2 : h : step, step // 2 : w : step])
    on = shape.inside[y, x]
    places = np.stack([(x[on] + 0.5) / w, (y[on] + 0.5) / h], axis=1).astype(np.float32)
    gaps = np.abs((places[:, None] - known[None]) * [w, h]).max(axis=2).min(axis=1)
    return np.asarray(places[gaps > step], np.float32)


def _affine(here: Points, there: Points, places: Points) -> Points:
    """Where the affine motion that takes `here` to `there` (least squares) takes `places`."""
    known = np.column_stack([here, np.ones(len(here))])
    motion = np.linalg.lstsq(known, there, rcond=None)[0]
    return np.asarray(np.column_stack([places, np.ones(len(places))]) @ motion, np.float32)
