"""Between marks and scenes: everything that is said of a photo is written into its scene, and what is to be painted is
read from there alone. So a new way of guiding, or a new modality, needs nothing but the scene."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from barva.errors import UsageError
from barva.guidance import resolve
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark, Point, Region, Stroke
from barva.scene import modalities as m
from barva.scene import picture_modalities
from barva.scene.masks import Mask
from barva.scene.modality import Claim, Modality
from barva.scene.model import Scene, Thing
from barva.scene.shapes import Box, Dot, Line, Shape
from barva.scene.things import free_id
from barva.types import Float, Size


@dataclass(frozen=True)
class SceneGuidance:
    """What a scene asks for: `enforced` comes out as it is, `followed` only guides the method."""

    enforced: Guidance | HintMap | None = None
    followed: HintMap | None = None


def guidance_from_scene(scene: Scene) -> SceneGuidance:
    """What all modalities of a scene ask for. UsageError for a claim that makes no sense, or where both marks and
    a `HintMap` are asked for: they say the same thing."""
    marks = Guidance(tuple(mark_of(claim) for claim in scene.claims()))
    modalities = [hints for t in scene.active_things() for hints in t.all(picture_modalities.Hints)]
    enforced = [_hint_map(hints) for hints in modalities if hints.enforced]
    followed = [_hint_map(hints) for hints in modalities if not hints.enforced]
    if len(enforced) + bool(marks.marks) > 1 or len(followed) > 1:
        raise UsageError(
            "the scene has marks and a hint map, and only one of them can be followed: take one out",
            code="scene.marks-and-hints",
        )
    first = next(iter(enforced), None)
    return SceneGuidance(marks if marks.marks else first, next(iter(followed), None))


def _hint_map(hints: picture_modalities.Hints) -> HintMap:
    return HintMap(hints.ab.array(), hints.weight.array())


def mark_of(claim: Claim) -> Mark:
    """The mark that a claim is. UsageError."""
    shape, color = claim.shape, claim.color
    if isinstance(shape, Dot):
        return Point(shape.at, color, claim.unit, strength=claim.strength, vividness=claim.vividness)  # type: ignore[arg-type]  # it checks
    if isinstance(shape, Line):
        manner = {"strength": claim.strength, "vividness": claim.vividness}
        return Stroke(shape.along, color, shape.width, claim.unit, **manner)  # type: ignore[arg-type]
    return Region(shape, color, claim.unit, strength=claim.strength, vividness=claim.vividness)


def region_mark(region: m.Region) -> Mark:
    """The mark that lies where a region does, in gray."""
    return mark_of(Claim(region.shape, "gray", region.unit))


def region_cover(regions: Iterable[m.Region], photo: Size, size: Size) -> Float | None:
    """Where regions lie.

    Args:
        regions: Of one thing or several.
        photo: (height, width) in pixels of the photo that they lie on.
        size: (rows, columns) of the answer.

    Returns:
        (rows, columns) 0..1; None without any region.
    """
    covers = [resolve.coverage(region_mark(region), photo, size) for region in regions]
    return np.maximum.reduce(covers) if covers else None


def scene_with_guidance(scene: Scene, guidance: Guidance | HintMap | None) -> Scene:
    """The scene with what is said in it. A mark is a thing of its own; it takes the place of the things that were at
    exactly its place before, and wins over all others."""
    if guidance is None:
        return scene
    if isinstance(guidance, HintMap):
        return scene_with_hints(scene, guidance)
    before = {_place(t): t for t in scene.things if t.all(m.Region)}
    ids = {t.id for t in scene.things}
    replaced: set[str] = set()
    new: list[Thing] = []
    for mark in guidance.marks:
        region = m.Region(shape(mark), mark.unit)
        old = before.pop((region,), None)
        if old is None:
            id = _unused(scene, mark, ids)
            new.append(Thing(id, modalities=(region, *_mark_modalities(mark))))
        else:
            replaced.add(old.id)
            others = tuple(k for k in old.modalities if not isinstance(k, m.Color | m.Manner))
            new.append(replace(old, modalities=(*others, *_mark_modalities(mark)), on=True))
    return replace(scene, things=(*(t for t in scene.things if t.id not in replaced), *new))


def scene_with_hints(scene: Scene, hints: HintMap, enforced: bool = True) -> Scene:
    """The scene with hints over the whole photo in it, in place of others of their kind."""
    modality = picture_modalities.Hints(
        picture_modalities.Array.of(hints.ab), picture_modalities.Array.of(np.clip(hints.weight, 0, 1)), enforced
    )
    whole, kind = scene.whole, picture_modalities.Hints
    others = tuple(k for k in whole.modalities if not isinstance(k, kind) or k.enforced != enforced)
    return scene.with_thing(replace(whole, modalities=others).with_modalities(modality))


def _place(thing: Thing) -> tuple[m.Region, ...]:
    return tuple(replace(r, extra=()) for r in thing.all(m.Region))


def shape(mark: Mark) -> Shape:
    """Where a mark lies."""
    if isinstance(mark, Point):
        return Dot(mark.at)
    return Line(mark.along, mark.width) if isinstance(mark, Stroke) else mark.where


def _mark_modalities(mark: Mark) -> tuple[Modality, ...]:
    """What a mark says of its place."""
    modalities: tuple[Modality, ...] = () if mark.color is None else (m.Color(mark.color),)
    if mark.strength == 1 and mark.vividness == 1:
        return modalities
    return (*modalities, m.Manner(mark.vividness, mark.strength if mark.color is not None else None))


def _unused(scene: Scene, mark: Mark, ids: set[str]) -> str:
    """An id for a new thing, after what it is: `coat` for `coat.png`, `point-3`."""
    stem = type(mark).__name__.lower()
    if isinstance(mark, Region):
        if isinstance(mark.where, Mask):
            stem = Path(mark.where.path).stem or "mask"
        else:
            stem = "box" if isinstance(mark.where, Box) else "polygon"
    stem = "".join(c if c.isalnum() or c in "_.-" else "-" for c in stem).strip("-")[:60] or "mask"
    id = free_id(stem, ids)
    ids.add(id)
    return id
