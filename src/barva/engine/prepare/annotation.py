"""What a painted photo adds to its scene: which photo it is, the light of each thing, and the colours that a network
gave to things that nobody had a colour for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from barva.guidance import resolve, scene_bridge
from barva.guidance.marks import Region
from barva.methods.base import Float
from barva.scene import modalities as m
from barva.scene.modality import Claim, Modality
from barva.scene.model import WHOLE, Scene, Thing, source_of
from barva.scene.shapes import Box

if TYPE_CHECKING:
    from barva.engine.result import Result

_SURE = 0.5  # coverage from which a pixel belongs to a thing


def described(result: Result, told: Scene, guide: Float) -> Scene:
    """The scene `told` with what is known after painting; `guide` (h, w) L 0..100."""
    source = source_of(result.photo)
    kept = told.source.extra if told.source is not None else ()
    scene = replace(told, source=replace(source, extra=kept))
    return replace(scene, things=tuple(_described(t, result, guide) for t in scene.things))


def _described(thing: Thing, result: Result, guide: Float) -> Thing:
    here = _where(thing, result, guide)
    if here is None or not here.any():
        return thing
    lit = guide[here].astype(np.float64)
    low, high = np.percentile(lit, (5, 95))
    light = m.Light(*(round(float(min(max(v, 0), 100)), 2) for v in (lit.mean(), lit.std(), low, high)))
    new: list[Modality] = [light]
    if thing.id != WHOLE and not any(color.asked for color in thing.all(m.Color)) and _area(thing):
        new.append(_seen(result, here, float(lit.mean())))
    kept = (k for k in thing.known if not isinstance(k, m.Light) and not (isinstance(k, m.Color) and not _users(k)))
    return replace(thing, known=(*kept, *new))


def _users(color: m.Color) -> bool:
    return color.origin != "network"


def _area(thing: Thing) -> bool:
    return any(isinstance(scene_bridge.mark_of(Claim(r.shape, "grey", r.unit)), Region) for r in thing.all(m.Region))


def _where(thing: Thing, result: Result, guide: Float) -> Any:
    """(h, w) bool: the pixels of the guide where the thing lies; None for one that lies nowhere."""
    photo = result.photo.height, result.photo.width
    regions = list(thing.all(m.Region))
    if thing.id == WHOLE:
        regions = [m.Region(Box(0, 0, 1, 1), "share")]
    covers = [
        resolve.coverage(scene_bridge.mark_of(Claim(r.shape, "grey", r.unit)), photo, (guide.shape[0], guide.shape[1]))
        for r in regions
    ]
    if not covers:
        return None
    cover = np.max(covers, axis=0)
    return cover >= min(_SURE, float(cover.max()))


def _seen(result: Result, here: Any, lightness: float) -> m.Color:
    """The mean colour that the method gave to a thing, and how sure it was."""
    size = here.shape[::-1]
    ab: Any = cv2.resize(result.chroma.ab, size, interpolation=cv2.INTER_LINEAR)
    a, b = ab.reshape(*here.shape, 2)[here].mean(axis=0, dtype=np.float64).tolist()
    sure = 1.0
    if result.confidence is not None:
        known: Any = cv2.resize(result.confidence, size, interpolation=cv2.INTER_LINEAR)
        sure = round(float(np.clip(known.reshape(here.shape)[here].mean(dtype=np.float64), 0, 1)), 3)
    return m.Color(f"lab({lightness:.1f}, {a:.1f}, {b:.1f})", "network", sure)
