"""Classes of segments to single objects: connected parts, people divided by their heads, the rest by `select`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.perception.classes import CLASSES, NUMBER, PERSON
from barva.perception.clicks import Click
from barva.perception.network import Features, PerceptionNetwork
from barva.types import Float

Cells = npt.NDArray[np.bool_]

STUFF = frozenset((
    "tree", "grass", "flower", "leaves", "sky", "water", "snow", "sand", "rock", "soil", "mountain", "road", "building",
))  # fmt: skip
"""Classes without single objects: all of a photo's grass is one thing."""

LEAST = 0.004
"""Share of the photo below which a part is no object."""

SURE = 0.3
"""Mean probability of its class below which a thing is not listed."""

LEAST_PART = 0.0008
"""Share of the photo below which a part of a person (a face, hair) is none."""

SURE_PART = 0.6
"""Mean probability, among the parts of people, below which a part is not listed."""

HAIR = 3.0
"""How many times likelier hair is about a face than the network says: it takes what it cannot tell for clothing."""

NOTHING = 0.35
"""Probability of the class "other" from which a click's selection adds nothing to an object."""

HIGH = 0.55
"""Share of a person's height, from above, in which the middle of the face lies."""

TOGETHER = 0.75
"""Share of a part that one click must select for it to be one object."""

COVERED = 0.6
"""Share of an object that a click in its middle must select for the selection to complete it."""

CRUMB = 0.25
"""Share of an object up to which another one that its selection covers is a crumb of it."""

GROWTH = 3.0
"""How many times as large as the object such a selection may be."""

MOST = 12
"""Objects of one class."""

MOST_CLICKS = 3
"""Clicks for dividing objects of a photo, and for completing them: each takes half as long as a look at it."""

SIDEWAYS = 2.0
"""How much more a cell to the side of a head counts than one below it, when people are told apart."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One object: a term of the vocabulary, its cells (h, w) and how sure its class is, 0..1."""

    kind: str
    cells: Cells
    confidence: float


def find_instances(features: Features, network: PerceptionNetwork) -> tuple[Instance, ...]:
    """The objects of a photo.

    Args:
        features: What the network sees in it.
        network: Its `select` part divides objects of one class that touch.

    Returns:
        Stuff first, then objects from large to small; people are whole ("person").
    """
    p = features.classes
    people = p[[NUMBER[part] for part in PERSON]].sum(axis=0)
    groups = {"person": people} | {name: p[n] for n, name in enumerate(CLASSES) if name not in PERSON}
    names = list(groups)
    winner = np.stack(list(groups.values())).argmax(axis=0)
    budget = _Budget(MOST_CLICKS)
    stuff: list[Instance] = []
    objects: list[Instance] = []
    for n, name in enumerate(names):
        cells = winner == n
        if name == "other" or not cells.any():
            continue
        if name in STUFF:
            stuff += _instances(name, [_without_crumbs(cells, LEAST)], groups[name])
        elif name == "person":
            objects += _instances(name, _divide_people(cells, p), people)
        else:
            objects += _instances(name, _divide(cells, features, network, budget), groups[name])
    stuff.sort(key=_area, reverse=True)
    objects.sort(key=_area, reverse=True)
    return (*stuff, *_complete(objects, features, network))


def _complete(objects: list[Instance], features: Features, network: PerceptionNetwork) -> list[Instance]:
    """The objects, large ones first, with what a click in their middle selects beside them.

    `select` knows where an object ends among other things; classes of segments know better what is no thing at all. It
    takes nothing from other large objects, and swallows crumbs.
    """
    budget, completed = _Budget(MOST_CLICKS), list[Instance]()
    nothing = features.classes[NUMBER["other"]]
    taken = np.zeros(features.cells, bool)
    for n, instance in enumerate(objects):
        cells = instance.cells
        area = _area(instance)
        if (cells & taken).sum() > CRUMB * area:
            continue
        if budget.spend():
            depth = _depth(cells)
            y, x = np.unravel_index(int(depth.argmax()), depth.shape)
            selected = network.mask(features, [Click(float(x), float(y))]) > 0.5
            if (selected & cells).sum() >= COVERED * area and selected.sum() <= GROWTH * area:
                for other in objects[n + 1 :]:
                    if _area(other) > CRUMB * area:
                        selected &= ~other.cells
                cells = _with_addition(cells, selected & ~taken & (nothing < NOTHING))
        taken |= cells
        completed.append(Instance(instance.kind, cells, instance.confidence))
    return completed


def _with_addition(cells: Cells, more: Cells) -> Cells:
    """The cells with those of `more` that hang together with them and are no threads or specks."""
    opened: Any = cv2.morphologyEx((more & ~cells).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, parts = cv2.connectedComponents((cells | (np.asarray(opened) > 0)).astype(np.uint8))
    return np.asarray(np.isin(parts, np.unique(parts[cells])), np.bool_)


def _area(instance: Instance) -> int:
    return int(instance.cells.sum())


def parts_of_person(cells: Cells, classes: Float) -> tuple[Instance, ...]:
    """Face, hair, skin and clothing among the cells (h, w) of a person; `classes` are the photo's probabilities.

    Few of the photos that the network learned from tell clothes from hair, or faces from other skin: what looks like
    hair well below the face is clothing, hair is likelier about a face than elsewhere, and a face need only be sure to
    be skin.
    """
    p = classes[[NUMBER[part] for part in PERSON]]
    p = p / np.maximum(p.sum(axis=0), 1e-6)
    face, hair, skin, clothing = range(len(PERSON))
    faces = _sure_parts(cells & (p.argmax(axis=0) == face), p[face] + p[skin], cells)
    low = _below_head(cells, faces)
    p[clothing] += np.where(low, p[hair], 0)
    p[hair] *= np.where(low, 0, 1 + (HAIR - 1) * _about(faces, cells.shape))
    p = p / np.maximum(p.sum(axis=0), 1e-6)
    winner = p.argmax(axis=0)
    sure = [p[face] + p[skin], p[hair], p[skin], p[clothing]]
    parts: list[Instance] = []
    for n, part in enumerate(PERSON):
        regions = _sure_parts(cells & (winner == n), sure[n], cells if part == "face" else None)
        if regions:
            parts += _instances(part, [np.logical_or.reduce(regions)], sure[n])
    return tuple(parts)


def _sure_parts(cells: Cells, sure: Float, person: Cells | None) -> list[Cells]:
    """The connected parts that are sure; with `person` only those where a head can be."""
    regions = [c for c in _components(cells, LEAST_PART) if sure[c].mean() >= SURE_PART]
    return regions if person is None else [c for c in regions if _is_head(c, person)]


def _below_head(person: Cells, faces: list[Cells]) -> Cells:
    """(h, w) where no hair is: from half a face below the face on, or below the upper quarter of a person."""
    rows = np.nonzero(person.any(axis=1))[0]
    limit = rows.min() + 0.25 * (np.ptp(rows) + 1)
    if faces:
        face = np.nonzero(np.logical_or.reduce(faces).any(axis=1))[0]
        limit = face.max() + 0.5 * (np.ptp(face) + 1)
    return np.asarray(np.broadcast_to(np.arange(person.shape[0])[:, None] > limit, person.shape))


def _about(faces: list[Cells], shape: tuple[int, ...]) -> Cells:
    """(h, w) where hair can be: beside and above the upper half of a face, as far as half of it."""
    about = np.zeros(shape, bool)
    for face in faces:
        rows, columns = np.nonzero(face)
        high, wide = (int(np.ptp(n)) // 2 + 1 for n in (rows, columns))
        about[max(0, rows.min() - high) : round(rows.mean()), max(0, columns.min() - wide) : columns.max() + wide] = (
            True
        )
    return about


def _is_head(face: Cells, person: Cells) -> bool:
    """Whether a face is compact, and as high in its person as heads are."""
    rows, columns = np.nonzero(face)
    height, width = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
    if not 0.5 <= height / width <= 2.5 or face.sum() < 0.45 * height * width:
        return False
    own = np.nonzero(person[:, columns.min() : columns.max() + 1].any(axis=1))[0]
    return bool(rows.mean() <= own.min() + HIGH * (np.ptp(own) + 1))


class _Budget:
    """How many clicks may still be spent on a photo."""

    def __init__(self, clicks: int) -> None:
        self.clicks = clicks

    def spend(self) -> bool:
        self.clicks -= 1
        return self.clicks >= 0


def _instances(name: str, masks: list[Cells], p: Float) -> list[Instance]:
    instances = [Instance(name, m, float(p[m].mean())) for m in masks if m.any()]
    return sorted((i for i in instances if i.confidence >= SURE), key=_area, reverse=True)[:MOST]


def _components(cells: Cells, least: float) -> Iterator[Cells]:
    """Connected parts, of at least a share of the photo."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    for n in range(1, count):
        if stats[n, cv2.CC_STAT_AREA] >= max(2, least * cells.size):
            yield labels == n


def _without_crumbs(cells: Cells, least: float) -> Cells:
    out = np.zeros_like(cells)
    for part in _components(cells, least):
        out |= part
    return out


def _depth(cells: Cells) -> Float:
    """Distance (h, w) of each cell to the border of the part, in cells."""
    padded: Any = np.pad(cells.astype(np.uint8), 1)
    distance: Any = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    return np.asarray(distance[1:-1, 1:-1], np.float32)


def _divide(cells: Cells, features: Features, network: PerceptionNetwork, budget: _Budget) -> list[Cells]:
    """Parts of one class; where a part's form has several middles, a click on the deepest selects an object of it."""
    done: list[Cells] = []
    for part in _components(cells, LEAST):
        rest = part
        while rest.sum() >= LEAST * cells.size and len(done) < MOST:
            depth = _depth(rest)
            if _middles(depth) < 2 or not budget.spend():
                done.append(rest)
                break
            y, x = np.unravel_index(int(depth.argmax()), depth.shape)
            selected = (network.mask(features, [Click(float(x), float(y))]) > 0.5) & rest
            share = selected.sum() / rest.sum()
            if not 1 - TOGETHER <= share <= TOGETHER:
                done.append(rest)
                break
            done.append(_without_crumbs(selected, LEAST_PART))
            rest = _without_crumbs(rest & ~selected, LEAST)
    return done


def _middles(depth: Float) -> int:
    """How many separate middles a part has: places at least six tenths as deep as its deepest."""
    count, _ = cv2.connectedComponents((depth > 0.6 * depth.max()).astype(np.uint8), connectivity=8)
    return int(count) - 1


def _divide_people(cells: Cells, classes: Float) -> list[Cells]:
    """Parts of people; where one has several heads, each cell goes to the nearest, sides counting more than height."""
    p = classes[[NUMBER[part] for part in PERSON]]
    sure = p[PERSON.index("face")] / np.maximum(p.sum(axis=0), 1e-6)
    face = (p.argmax(axis=0) == PERSON.index("face")) & cells
    done: list[Cells] = []
    for part in _components(cells, LEAST):
        heads = [np.argwhere(c).mean(axis=0) for c in _sure_parts(face & part, sure, part)]
        if len(heads) < 2:
            done.append(part)
            continue
        y, x = np.mgrid[: cells.shape[0], : cells.shape[1]].astype(np.float32)
        distance = np.stack([np.hypot(y - hy, SIDEWAYS * (x - hx)) for hy, hx in heads])
        nearest = distance.argmin(axis=0)
        done += [part & (nearest == n) for n in range(len(heads))]
    return done
