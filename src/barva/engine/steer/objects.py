"""A point colors its object: the mask that a click selects bounds where the point's color spreads, and fills it.

Within an object chroma follows the light as in real materials (`color.material`), and a share of the texture that the
method saw there stays. Where clicks select nothing for certain, marks spread as `steering` lets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from barva.color.material import relative_chroma
from barva.engine.prepare.analyze import PreparedPhoto
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark, Point, Stroke
from barva.methods.base import Chroma, Float
from barva.perception import network as networks
from barva.perception.classes import NUMBER, PERSON
from barva.perception.clicks import Click
from barva.perception.edges import refine_mask
from barva.perception.network import Features, PerceptionNetwork
from barva.perception.skin import find_faces, head_cover
from barva.types import Size

FULL, MOST = 2, 6
"""Marks on a photo up to which each is all about its object, and from which on none is: many say more of the photo than
an object each could. Random points of true colors on 24 photos, in dB, with and without objects: one point 25.66 and
25.27, two 25.85 and 25.58, three 26.47 and 26.16, five 27.15 and 26.97; five with objects in full 26.34."""

FILL = 0.9
"""How far an object's chroma goes to the mark's color. `benchmarks/obedience.py`."""

TEXTURE = 0.25
"""Share of the method's own variation of chroma within an object that stays."""

SURE = 0.6
"""Probability at the click below which nothing was selected for certain."""

PART = 0.5
"""Probability of a part of people at the click from which the click means that part."""

EDGE = 0.4, 0.7
"""Where an object begins and is whole, of the refined mask."""

OTHER = 12.0
"""Two marks whose ab is farther apart mean different objects."""

ALONG = 3
"""Clicks along a stroke."""


@dataclass(frozen=True, eq=False)
class MarkedObject:
    """An object that marks of one color mean: `mask` (h, w) 0..1 in the network's cells, `ab`, and the light L 0..100
    at its mark. The marks' strength counts later, where the picture is fitted (`steer.strength`)."""

    mask: Float
    ab: tuple[float, float]
    light: float


def marked_objects(guidance: Guidance, prepared: PreparedPhoto) -> tuple[MarkedObject, ...]:
    """The objects that points and strokes mean.

    Args:
        guidance: The marks; those without a border count.
        prepared: The photo; its `features` are computed when they are needed.

    Returns:
        One object for each color; none where a mark selects nothing for certain, or there are `MOST` marks.
    """
    marks = _spreading(guidance)
    if not 0 < len(marks) < MOST:
        return ()
    features, network = prepared.features, networks.shared_network()
    photo, light = (prepared.photo.height, prepared.photo.width), prepared.light
    places = [_clicks(mark, photo, features.cells) for mark in marks]
    objects = []
    for group in _groups(marks):
        others = [n for n in range(len(marks)) if n not in group]
        inside = [click for n in group for click in places[n]]
        outside = [Click(c.x, c.y, inside=False) for n in others for c in places[n]]
        mask = _select(features, network, inside, outside)
        if mask is None:
            return ()  # its color spreads, and no other object may stop it
        mark, at = marks[group[-1]], inside[-1]
        objects.append(MarkedObject(mask, mark.chroma, _light_at(light, at, features.cells)))
    return tuple(objects)


def color_objects(chroma: Chroma, plain: Chroma, prepared: PreparedPhoto, marks: Guidance | HintMap | None) -> Chroma:
    """`chroma`, the answer to marks, kept within the objects that they mean, and filling them; `plain` is the answer
    without the marks. The answer itself where marks mean no objects."""
    if not isinstance(marks, Guidance):
        return chroma
    objects = marked_objects(marks, prepared)
    if not objects:
        return chroma
    share = min(1.0, (MOST - len(_spreading(marks))) / (MOST - FULL))
    painted = paint_objects(chroma, plain, prepared.light, objects).ab
    spread = _resize(chroma.ab, prepared.light.shape)
    return Chroma(np.asarray(spread + np.float32(share) * (painted - spread), np.float32), chroma.confidence)


def paint_objects(chroma: Chroma, plain: Chroma, light: Float, objects: Sequence[MarkedObject]) -> Chroma:
    """`chroma` with marks' colors kept within their objects, and filling them.

    Args:
        chroma: The answer to the marks (h, w, 2).
        plain: The answer without them.
        light: (H, W) L 0..100 at the working size.
        objects: Of all marks that spread; later ones win where two overlap.

    Returns:
        Chroma (H, W, 2).
    """
    ab, rest = (_resize(c.ab, light.shape) for c in (chroma, plain))
    masks = [np.clip((refine_mask(o.mask, light) - EDGE[0]) / (EDGE[1] - EDGE[0]), 0, 1) for o in objects]
    bound = np.max(masks, axis=0)[..., None]
    ab = rest + bound * (ab - rest)
    for marked, mask in zip(objects, masks, strict=True):
        inside = mask[..., None]
        target = np.array(marked.ab, np.float32) * relative_chroma(light, marked.light)[..., None]
        total = max(float(inside.sum()), 1e-6)
        target += np.float32(TEXTURE) * (rest - (inside * rest).sum(axis=(0, 1)) / np.float32(total))
        ab += inside * np.float32(FILL) * (target - ab)
    return Chroma(np.asarray(ab, np.float32), chroma.confidence)


def _spreading(guidance: Guidance) -> list[Point | Stroke]:
    """The marks that have a color and no border."""
    return [mark for mark in guidance.coloring.marks if isinstance(mark, Point | Stroke)]


def _clicks(mark: Point | Stroke, photo: Size, cells: Size) -> list[Click]:
    """Where a mark lies, in cells."""
    along = (mark.at,) if isinstance(mark, Point) else mark.along
    picked = [along[round(n)] for n in np.linspace(0, len(along) - 1, min(ALONG, len(along)))]
    height, width = (1, 1) if mark.unit == "share" else photo
    middle = 0.0 if mark.unit == "share" else 0.5
    down, across = cells[0] / height, cells[1] / width
    return [Click((x + middle) * across - 0.5, (y + middle) * down - 0.5) for x, y in picked]


def _groups(marks: Sequence[Mark]) -> list[list[int]]:
    """The marks' numbers by color: marks of like color mean one object."""
    groups: list[list[int]] = []
    for n, mark in enumerate(marks):
        for group in groups:
            if np.hypot(*np.subtract(marks[group[0]].chroma, mark.chroma)) <= OTHER:
                group.append(n)
                break
        else:
            groups.append([n])
    return groups


def _select(
    features: Features, network: PerceptionNetwork, inside: Sequence[Click], outside: Sequence[Click]
) -> Float | None:
    """The mask that all clicks inside belong to; None where the network is not sure of them."""
    mask = network.mask(features, [*inside, *outside]) * _same_part(features, inside)
    sure = min(float(mask[_cell(click, features.cells)]) for click in inside)
    return mask if sure >= SURE else None


def _same_part(features: Features, clicks: Sequence[Click]) -> Float:
    """(h, w) 0..1: the part of a person that the clicks lie on, such as hair or clothing; 1 off people.

    The network tells hair from clothes badly, and faces from both well: off a head, hair is clothing, and the head is
    left out with all that is about the face.
    """
    cells = [_cell(click, features.cells) for click in clicks]
    people = features.classes[[NUMBER[part] for part in PERSON]]
    heads = [head_cover(face) for face in find_faces(features, features.cells)]
    off = bool(heads) and not any(head[cell] >= 0.5 for head in heads for cell in cells)
    face, hair, skin, clothing = people
    groups = np.stack([face + skin, hair + clothing] if off else [face + skin, hair, clothing]) if heads else people
    at = np.mean([groups[:, *cell] for cell in cells], axis=0)
    if at.max() < PART:
        return np.ones(features.cells, np.float32)
    likeness = np.where(people.sum(axis=0) > 0.5, groups[int(at.argmax())] / np.maximum(groups.max(axis=0), 1e-6), 1)
    return np.asarray(likeness * (1 - np.max(heads, axis=0)) if off else likeness, np.float32)


def _cell(click: Click, cells: Size) -> tuple[int, int]:
    """(row, column) of a click, within the cells."""
    return min(max(round(click.y), 0), cells[0] - 1), min(max(round(click.x), 0), cells[1] - 1)


def _light_at(light: Float, click: Click, cells: Size) -> float:
    """L 0..100 around a click."""
    y = int((click.y + 0.5) / cells[0] * light.shape[0])
    x = int((click.x + 0.5) / cells[1] * light.shape[1])
    y, x = min(max(y, 0), light.shape[0] - 1), min(max(x, 0), light.shape[1] - 1)
    return float(np.median(light[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2]))


def _resize(x: Float, size: tuple[int, ...]) -> Float:
    resized: Any = cv2.resize(x, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32).reshape(*size[:2], *x.shape[2:])
