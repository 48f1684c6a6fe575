"""A request written into a photo's scene, and a scene's settings read back as a request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from barva.engine.prepare import references
from barva.engine.request import Request
from barva.errors import Message, ReadError
from barva.guidance import scene_bridge
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance
from barva.imaging.photo import Photo
from barva.methods.base import MethodCard, Reference, Swatch
from barva.scene import edit, picture_modalities
from barva.scene import modalities as m
from barva.scene.model import Scene, Source, Thing, source_of
from barva.scene.shapes import Box, Unit

Knowledge = Guidance | HintMap | Scene | None
"""What a scene begins with: itself, or guidance."""


def scene_from_request(
    photo: Photo, knowledge: Knowledge, request: Request, sampled: HintMap | None, method: str
) -> Scene:
    """The scene in which everything is said that is asked for. The photo's pixels are not looked at."""
    if isinstance(knowledge, Scene):
        scene = knowledge
    else:
        scene = scene_bridge.scene_with_guidance(
            Scene(source=Source(photo.width, photo.height, "", photo.name)), knowledge
        )
    if sampled is not None:
        scene = scene_bridge.scene_with_hints(scene, sampled, enforced=False)
    manner = replace(
        scene.whole.manner,
        vividness=request.vividness,
        strength=request.strength,
        method=method,
        seed=request.seed,
        exact=True if request.exact else None,
        skin=None if request.skin else False,
        matching=None if request.matching == "texture" else request.matching,
    )
    return _with_swatches(_with_sources(edit.set_manner(scene, manner), request), request.swatches)


def _with_sources(scene: Scene, request: Request) -> Scene:
    """References and palette."""
    new = tuple(
        picture_modalities.Reference(r.path, r.sha256, None if r.path else picture_modalities.Array.of(r.lab))
        for r in request.references
    )
    whole = scene.whole
    if tuple(replace(r, extra=()) for r in whole.all(picture_modalities.Reference)) != new:
        whole = whole.without(picture_modalities.Reference).with_modalities(*new)
    palette = (picture_modalities.Palette(request.palette),) if request.palette else ()
    if tuple(replace(p, extra=()) for p in whole.all(picture_modalities.Palette)) != palette:
        whole = whole.without(picture_modalities.Palette).with_modalities(*palette)
    return scene.with_thing(whole)


def _with_swatches(scene: Scene, swatches: tuple[Swatch, ...]) -> Scene:
    if _swatches_of(scene) == swatches:
        return scene
    scene = replace(scene, things=tuple(t.without(picture_modalities.Swatch) for t in scene.things))
    ids = {t.id for t in scene.things}
    for n, swatch in enumerate(swatches, 1):
        (top, left, bottom, right), source = swatch.target, swatch.source
        id = next(i for i in (f"swatch-{n + k}" for k in range(len(ids) + 1)) if i not in ids)
        ids.add(id)
        where = m.Region(Box(left, top, right, bottom), "share")
        scene = scene.with_thing(
            Thing(
                id,
                modalities=(
                    where,
                    picture_modalities.Swatch((source[1], source[0], source[3], source[2]), swatch.reference + 1),
                ),
            )
        )
    return scene


def _swatches_of(scene: Scene) -> tuple[Swatch, ...]:
    swatches = []
    for thing in scene.active_things():
        boxes = [_in_shares(r.shape, r.unit, scene) for r in thing.all(m.Region) if isinstance(r.shape, Box)]
        for swatch in thing.all(picture_modalities.Swatch):
            left, top, right, bottom = swatch.source
            swatches += [
                Swatch((top, left, bottom, right), (b.top, b.left, b.bottom, b.right), swatch.reference - 1)
                for b in boxes
            ]
    return tuple(swatches)


def _in_shares(box: Box, unit: Unit, scene: Scene) -> Box:
    """A box of a scene as shares of its photo."""
    if unit == "share" or scene.source is None:
        return box
    width, height = scene.source.width, scene.source.height
    return Box(box.left / width, box.top / height, box.right / width, box.bottom / height)


def request_from_scene(scene: Scene, request: Request) -> tuple[Request, tuple[str, ...]]:
    """The request, what it leaves open filled from the scene; and notes. ReadError: a reference is gone."""
    manner, whole, notes = scene.whole.manner, scene.whole, list[str]()
    request = request.with_settings(
        vividness=manner.vividness if request.vividness is None else None,
        strength=manner.strength if request.strength is None else None,
        seed=manner.seed if request.seed is None else None,
    )
    if not request.references:
        request = replace(
            request, references=tuple(_load_reference(r, notes) for r in whole.all(picture_modalities.Reference))
        )
    if not request.swatches:
        request = replace(request, swatches=_swatches_of(scene))
    if not request.palette:
        request = replace(request, palette=next((p.ab for p in whole.all(picture_modalities.Palette)), ()))
    if manner.exact:
        request = replace(request, exact=True)
    if manner.skin is False:
        request = replace(request, skin=False)
    if manner.matching == "objects":
        request = replace(request, matching="objects")
    return request, tuple(notes)


def _load_reference(modality: picture_modalities.Reference, notes: list[str]) -> Reference:
    if modality.lab is not None:
        return Reference(modality.lab.array())
    if Path(modality.path).is_dir() or not Path(modality.path).exists():
        raise ReadError(
            "{file}: the scene takes colors from this photo, and it is not there",
            code="scene.reference-missing",
            file=modality.path,
        )
    reference = references.load_references([modality.path])[0]
    if modality.sha256 and reference.sha256 != modality.sha256:
        notes.append(
            Message(
                "{name} is not the photo that the scene was made with: colors will differ",
                code="note.other-photo",
                name=Path(modality.path).name,
            )
        )
    return reference


def fit_scene(scene: Scene, photo: Photo) -> tuple[Scene, tuple[str, ...]]:
    """The scene for this photo: scaled where it was another one's, which a note says."""
    source = scene.source
    if source is None:
        return replace(scene, source=Source(photo.width, photo.height, "", photo.name)), ()
    same_size = (source.height, source.width) == (photo.height, photo.width)
    if same_size and (not source.sha256 or source.sha256 == source_of(photo).sha256):
        return scene, ()
    sizes = f"{source.width} x {source.height} px" + ("" if same_size else f", this one {photo.width} x {photo.height}")
    note = f"the scene belongs to another photo ({source.name or 'unnamed'}, {sizes})"
    if not same_size:
        note += ": its places were scaled"
    new = Source(photo.width, photo.height, "", photo.name, source.extra)
    return replace(scene.scale((photo.height, photo.width)), source=new), (note,)


def usable_settings(card: MethodCard, request: Request) -> tuple[Request, tuple[str, ...]]:
    """A request from a scene without what the method does not take, and notes on what was left out."""
    notes = list[str]()
    if request.swatches and "swatches" not in card.native_guidance:
        request = replace(request, swatches=())
        notes.append(
            Message(
                "{method} takes no swatches: those of the scene were left out",
                code="note.scene-swatches",
                method=card.name,
            )
        )
    if request.exact and not card.exact:
        request = replace(request, exact=False)
        notes.append(
            Message(
                "{method} has no exact answer: the scene's wish for one was left out",
                code="note.scene-exact",
                method=card.name,
            )
        )
    if "references" not in card.native_guidance:  # such a method matches objects anyway
        request = replace(request, matching="texture")
    return request, tuple(notes)
