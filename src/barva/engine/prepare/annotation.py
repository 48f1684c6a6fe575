"""What a painted photo adds to its scene: which photo it is, the light of each thing, and the method's colors of things
that have none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from barva.guidance import scene_bridge
from barva.guidance.marks import Region
from barva.methods.base import Float
from barva.scene import modalities as m
from barva.scene.modality import Modality
from barva.scene.model import WHOLE, Scene, Thing, source_of
from barva.scene.shapes import Box

if TYPE_CHECKING:
    from barva.engine.result import Result

_SURE = 0.5  # coverage from which a pixel belongs to a thing


def annotate_scene(result: Result, scene_before: Scene, guide: Float) -> Scene:
    """The scene with what is known after painting; `guide` (h, w) L 0..100."""
    source = source_of(result.photo)
    extra = scene_before.source.extra if scene_before.source is not None else ()
    scene = replace(scene_before, source=replace(source, extra=extra))
    return replace(scene, things=tuple(_annotate(t, result, guide) for t in scene.things))


def _annotate(thing: Thing, result: Result, guide: Float) -> Thing:
    inside = _pixels_of(thing, result, guide)
    if inside is None or not inside.any():
        return thing
    lit = guide[inside].astype(np.float64)
    low, high = np.percentile(lit, (5, 95))
    light = m.Light(*(round(float(min(max(v, 0), 100)), 2) for v in (lit.mean(), lit.std(), low, high)))
    additions: list[Modality] = [light]
    if thing.id != WHOLE and not any(color.enforced for color in thing.all(m.Color)) and _has_area(thing):
        additions.append(_network_color(result, inside, float(lit.mean())))
    return replace(thing, modalities=(*(k for k in thing.modalities if not _is_measured(k)), *additions))


def _is_measured(modality: Modality) -> bool:
    """Whether painting gave it, so that painting again replaces it."""
    return isinstance(modality, m.Light) or (isinstance(modality, m.Color) and modality.origin == "network")


def _has_area(thing: Thing) -> bool:
    return any(isinstance(scene_bridge.region_mark(r), Region) for r in thing.all(m.Region))


def _pixels_of(thing: Thing, result: Result, guide: Float) -> Any:
    """(h, w) bool: the pixels of the guide where the thing lies; None for one that lies nowhere."""
    photo = result.photo.height, result.photo.width
    regions = list(thing.all(m.Region))
    if thing.id == WHOLE:
        regions = [m.Region(Box(0, 0, 1, 1), "share")]
    cover = scene_bridge.region_cover(regions, photo, (guide.shape[0], guide.shape[1]))
    return None if cover is None else cover >= min(_SURE, float(cover.max()))


def _network_color(result: Result, inside: Any, lightness: float) -> m.Color:
    """The mean color that the method gave to a thing, and how sure it was."""
    size = inside.shape[::-1]
    ab: Any = cv2.resize(result.chroma.ab, size, interpolation=cv2.INTER_LINEAR)
    mean = ab.reshape(*inside.shape, 2)[inside].mean(axis=0, dtype=np.float64)
    a, b = np.clip(mean, -128, 128).tolist()  # what a color can say; answers are fitted into sRGB later
    sure = 1.0
    if result.confidence is not None:
        confidence: Any = cv2.resize(result.confidence, size, interpolation=cv2.INTER_LINEAR)
        sure = round(float(np.clip(confidence.reshape(inside.shape)[inside].mean(dtype=np.float64), 0, 1)), 3)
    return m.Color(f"lab({lightness:.1f}, {a:.1f}, {b:.1f})", "network", sure)
