"""What is in a photo, as a scene: objects, the parts of people, where they lie, how light, how sure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from barva.perception import network as networks
from barva.perception.edges import refine_mask
from barva.perception.instances import STUFF, Instance, find_instances, parts_of_person
from barva.perception.network import Features, PerceptionNetwork
from barva.scene.detection import Detection
from barva.scene.masks import Mask
from barva.scene.modalities import Light, Region
from barva.scene.model import Scene
from barva.scene.things import WHOLE, Source, Thing, free_id
from barva.types import Float

SHORT = 512
"""Short side, px, of the masks that a scene keeps."""

NEAR = 0.04
"""Two objects are near each other when so small a share of the long side lies between them."""

FAINT = 0.1
"""Coverage below which a mask is 0."""


@dataclass(frozen=True, eq=False)
class _Found:
    """An object with its id, the thing that it is part of, and its mask (H, W) 0..1."""

    id: str
    part_of: str
    instance: Instance
    mask: Float


def perceive(
    light: Float,
    source: Source | None = None,
    network: PerceptionNetwork | None = None,
    features: Features | None = None,
) -> Scene:
    """Find the objects of a photo.

    Args:
        light: (H, W) L 0..100 of the photo; its short side should have 320 to 600 pixels.
        source: Which photo it is; its size scales the masks' boxes.
        network: With other weights; None for the shipped ones.
        features: What the network saw of this light, if it has looked already.

    Returns:
        A scene whose things have a `Region` (a mask), a `Light` and a `Detection`; people have their face, hair, skin
        and clothing as parts. Stuff such as sky and grass comes first. A photo of nothing gives a scene without things.

    Raises:
        WeightsError: The shipped weights are missing or changed.

    Examples:
        >>> scene = perceive(light)
        >>> [thing.kind for thing in scene.things]
        ['picture', 'sky', 'grass', 'person', 'face', 'clothing']
    """
    network = network or networks.shared_network()
    features, light = features or network.features(light), _limit(light)
    found: list[_Found] = []
    for instance in find_instances(features, network):
        mask = _mask(instance, light)
        if mask is None:
            continue
        id = free_id(instance.kind, {f.id for f in found})
        found.append(_Found(id, WHOLE, instance, mask))
        if instance.kind == "person":
            for part in parts_of_person(instance.cells, features.classes):
                own = _mask(part, light)
                if own is not None:
                    found.append(_Found(f"{id}.{part.kind}", id, part, np.minimum(own, mask)))
    relations = _relations([f for f in found if f.part_of == WHOLE])
    stamp = f"perception {network.version}"
    things = tuple(_thing(f, light, relations.get(f.id, ()), stamp) for f in found if f.mask.max() > FAINT)
    return Scene(things, source)


def _limit(light: Float) -> Float:
    """The light with a short side of `SHORT` at most."""
    scale = SHORT / min(light.shape)
    if scale >= 1:
        return light
    size = max(1, round(light.shape[1] * scale)), max(1, round(light.shape[0] * scale))
    resized: Any = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.float32).reshape(size[1], size[0])


def _mask(instance: Instance, light: Float) -> Float | None:
    """(H, W) 0..1 along the edges of the light; None where nothing is left of it."""
    mask = refine_mask(instance.cells.astype(np.float32), light)
    mask[mask < FAINT] = 0
    return mask if mask.max() >= 0.5 else None


def _thing(found: _Found, light: Float, relations: tuple[tuple[str, str], ...], stamp: str) -> Thing:
    inside = light[found.mask >= min(0.5, float(found.mask.max()))]
    low, high = np.percentile(inside, (5, 95))
    stats = (round(float(v), 1) for v in (inside.mean(), inside.std(), low, high))
    known = (
        Region(Mask.of(found.mask, found=found.id)),
        Light(*stats),
        Detection(round(found.instance.confidence, 3), stamp),
    )
    return Thing(found.id, found.instance.kind, found.part_of, known, relations)


def _relations(found: Sequence[_Found]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Id -> relations: `near` the objects that it all but touches, `leftOf` the next one of its kind."""
    objects = [(f, _box(f.mask)) for f in found if f.instance.kind not in STUFF]
    relations: dict[str, list[tuple[str, str]]] = {f.id: [] for f in found}
    for n, (one, box) in enumerate(objects):
        for other, box2 in objects[n + 1 :]:
            if _gap(box, box2) <= NEAR * max(one.mask.shape):
                relations[one.id].append(("near", other.id))
    for kind in {f.instance.kind for f, _ in objects}:
        row = sorted((o for o in objects if o[0].instance.kind == kind), key=lambda o: (o[1][0] + o[1][2]) / 2)
        for (left, _), (right, _) in itertools.pairwise(row):
            relations[left.id].append(("leftOf", right.id))
    return {id: tuple(pairs) for id, pairs in relations.items()}


def _box(mask: Float) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of where the mask is at least half."""
    ys, xs = np.nonzero(mask >= 0.5)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def _gap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """Pixels between two boxes; 0 where they touch."""
    across = max(a[0] - b[2], b[0] - a[2], 0)
    down = max(a[1] - b[3], b[1] - a[3], 0)
    return float(np.hypot(across, down))
