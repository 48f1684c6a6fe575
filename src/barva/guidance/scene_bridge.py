"""Between marks and scenes: everything that is said of a photo is written into its scene, and what is to be painted is
read from there alone. So a new way of guiding, or a new modality, needs nothing but the scene."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark, Point, Region, Stroke
from barva.scene import modalities as m
from barva.scene import picture_modalities
from barva.scene.masks import Mask
from barva.scene.modality import Claim, Modality
from barva.scene.model import Scene, Thing
from barva.scene.shapes import Box, Dot, Line, Shape


@dataclass(frozen=True)
class Asked:
    """What a scene asks for: `wanted` must come out, `drawn` need only be heard."""

    wanted: Guidance | HintMap | None = None
    drawn: HintMap | None = None


def asked(scene: Scene) -> Asked:
    """What all modalities of a scene ask for. UsageError for a claim that makes no sense, or where both marks and
    a `HintMap` are asked for: they say the same thing."""
    marks = Guidance(tuple(mark_of(claim) for claim in scene.claims()))
    maps = [
        (h.held, HintMap(h.ab.array(), h.weight.array()))
        for t in scene.active_things()
        for h in t.all(picture_modalities.Hints)
    ]
    held = [hints for is_held, hints in maps if is_held]
    drawn = [hints for is_held, hints in maps if not is_held]
    if len(held) + bool(marks.marks) > 1 or len(drawn) > 1:
        raise UsageError("guidance and hints say the same thing: pass one of them")
    wanted = marks if marks.marks else held[0] if held else None
    return Asked(wanted, drawn[0] if drawn else None)


def mark_of(claim: Claim) -> Mark:
    """The mark that a claim is. UsageError."""
    shape, color = claim.shape, claim.color
    if isinstance(shape, Dot):
        return Point(shape.at, color, claim.unit, strength=claim.strength, vividness=claim.vividness)  # type: ignore[arg-type]  # it checks
    if isinstance(shape, Line):
        manner = {"strength": claim.strength, "vividness": claim.vividness}
        return Stroke(shape.along, color, shape.width, claim.unit, **manner)  # type: ignore[arg-type]
    return Region(shape, color, claim.unit, strength=claim.strength, vividness=claim.vividness)


def into(scene: Scene, guidance: Guidance | HintMap | None) -> Scene:
    """The scene with what is said in it. A mark is a thing of its own; it takes the place of the things that were at
    exactly its place before, and wins over all others."""
    if guidance is None:
        return scene
    if isinstance(guidance, HintMap):
        return hinted(scene, guidance)
    before = {_place(t): t for t in scene.things if t.all(m.Region)}
    taken = {t.id for t in scene.things}
    gone: set[str] = set()
    new: list[Thing] = []
    for mark in guidance.marks:
        region = m.Region(shape(mark), mark.unit)
        old = before.pop((region,), None)
        if old is None:
            id = _unused(scene, mark, taken)
            new.append(Thing(id, known=(region, *_manner(mark))))
        else:
            gone.add(old.id)
            kept = tuple(k for k in old.known if not isinstance(k, m.Color | m.Manner))
            new.append(replace(old, known=(*kept, *_manner(mark)), on=True))
    return replace(scene, things=(*(t for t in scene.things if t.id not in gone), *new))


def hinted(scene: Scene, hints: HintMap, held: bool = True) -> Scene:
    """The scene with hints over the whole photo in it. Hints that are not held are a variant's: they take the place of
    another one's."""
    found = picture_modalities.Hints(
        picture_modalities.Array.of(hints.ab), picture_modalities.Array.of(np.clip(hints.weight, 0, 1)), held
    )
    whole = scene.whole
    if not held:
        kept = tuple(k for k in whole.known if not isinstance(k, picture_modalities.Hints) or k.held)
        whole = replace(whole, known=kept)
    return scene.with_thing(whole.with_known(found))


def _place(thing: Thing) -> tuple[m.Region, ...]:
    return tuple(replace(r, extra=()) for r in thing.all(m.Region))


def shape(mark: Mark) -> Shape:
    """Where a mark lies."""
    if isinstance(mark, Point):
        return Dot(mark.at)
    return Line(mark.along, mark.width) if isinstance(mark, Stroke) else mark.where


def _manner(mark: Mark) -> tuple[Modality, ...]:
    """What a mark says of its place."""
    said: tuple[Modality, ...] = () if mark.color is None else (m.Color(mark.color),)
    if mark.strength == 1 and mark.vividness == 1:
        return said
    return (*said, m.Manner(mark.vividness, mark.strength if mark.color is not None else None))


def _unused(scene: Scene, mark: Mark, taken: set[str]) -> str:
    """An id for a new thing, after what it is: `coat` for `coat.png`, `point-3`."""
    stem = type(mark).__name__.lower()
    if isinstance(mark, Region):
        if isinstance(mark.where, Mask):
            stem = Path(mark.where.path).stem or "mask"
        else:
            stem = "box" if isinstance(mark.where, Box) else "polygon"
    stem = "".join(c if c.isalnum() or c in "_.-" else "-" for c in stem).strip("-")[:60] or "mask"
    n, id = 1, stem
    while id in taken:
        n += 1
        id = f"{stem}-{n}"
    taken.add(id)
    return id
