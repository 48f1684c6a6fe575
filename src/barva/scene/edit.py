"""Changes to a scene, each giving a new one. What they are not about stays as it is. UsageError for things that are not
there, and for changes that make no sense."""

from __future__ import annotations

from dataclasses import replace

from barva.errors import UsageError
from barva.scene.modalities import Color, Manner, Region, Words
from barva.scene.modality import Modality
from barva.scene.model import WHOLE, Scene, Thing
from barva.scene.shapes import Shape, Unit


def add(scene: Scene, id: str, shape: Shape, unit: Unit = "px") -> Scene:
    """A new thing at a place."""
    if any(t.id == id for t in scene.things):
        raise UsageError("there is a thing {thing} already", code="scene.thing-exists", thing=repr(id))
    return scene.with_thing(Thing(id, modalities=(Region(shape, unit),)))


def rename(scene: Scene, id: str, new: str) -> Scene:
    """Another id, for the thing and wherever it is spoken of."""
    _part(scene, id)
    if any(t.id == new for t in scene.things):
        raise UsageError("there is a thing {thing} already", code="scene.thing-exists", thing=repr(new))

    def name(old: str) -> str:
        return new if old == id else old

    def rename_thing(t: Thing) -> Thing:
        relations = tuple((relation, name(to)) for relation, to in t.relations)
        return replace(t, id=name(t.id), part_of=name(t.part_of), relations=relations)

    return replace(scene, things=tuple(map(rename_thing, scene.things)))


def remove(scene: Scene, id: str) -> Scene:
    """Without a thing; its parts become parts of what it was a part of."""
    removed = _part(scene, id)

    def detach(t: Thing) -> Thing:
        relations = tuple((relation, to) for relation, to in t.relations if to != id)
        return replace(t, part_of=removed.part_of if t.part_of == id else t.part_of, relations=relations)

    return replace(scene, things=tuple(detach(t) for t in scene.things if t.id != id))


def move(scene: Scene, id: str, whole: str) -> Scene:
    """Make a thing part of another."""
    scene.thing(whole)
    return scene.with_thing(replace(_part(scene, id), part_of=whole))


def turn(scene: Scene, id: str, on: bool) -> Scene:
    """Switch a thing with its parts on or off: off, it is kept and not painted."""
    return scene.with_thing(replace(scene.thing(id), on=on))


def set_kind(scene: Scene, id: str, kind: str) -> Scene:
    """What a thing is, in a word of the vocabulary."""
    return scene.with_thing(replace(scene.thing(id), kind=kind))


def say(scene: Scene, id: str, words: str) -> Scene:
    """Words about a thing, in the place of those before."""
    return scene.with_thing(_replace_modality(scene.thing(id), Words(words)))


def relate(scene: Scene, id: str, relation: str, other: str) -> Scene:
    """A thing's relation to another."""
    scene.thing(other)
    thing = scene.thing(id)
    return scene.with_thing(replace(thing, relations=tuple(dict.fromkeys((*thing.relations, (relation, other))))))


def paint(
    scene: Scene, id: str, color: str | None, strength: float | None = None, vividness: float | None = None
) -> Scene:
    """A user's color in the place of all that were asked for, and how it is painted; None leaves as it was."""
    thing = scene.thing(id)
    if color is not None:
        if not thing.all(Region):
            raise UsageError(
                "{thing} lies nowhere, so it cannot get a color: it has no region", code="scene.thing-nowhere", thing=id
            )
        others = tuple(m for m in thing.modalities if not (isinstance(m, Color) and m.origin != "network"))
        thing = replace(thing, modalities=(*others, Color(color)))
    if strength is not None or vividness is not None:
        manner = thing.manner
        manner = manner if strength is None else replace(manner, strength=strength)
        thing = _replace_modality(thing, manner if vividness is None else replace(manner, vividness=vividness))
    return scene.with_thing(thing)


def turn_color(scene: Scene, id: str, on: bool) -> Scene:
    """Switch the colors that are asked of a thing on or off."""
    thing = scene.thing(id)
    if not any(c.origin != "network" for c in thing.all(Color)):
        raise UsageError(
            "{thing} has no color to be switched: nobody asked for one", code="scene.no-color-to-switch", thing=id
        )
    known = (replace(m, on=on) if isinstance(m, Color) and m.origin != "network" else m for m in thing.modalities)
    return scene.with_thing(replace(thing, modalities=tuple(known)))


def set_manner(scene: Scene, manner: Manner) -> Scene:
    """How the whole photo is painted."""
    return scene.with_thing(_replace_modality(scene.whole, manner))


def _replace_modality(thing: Thing, new: Words | Manner) -> Thing:
    """`new` where the first of its modality was, in the place of all of them."""
    at = next((i for i, m in enumerate(thing.modalities) if type(m) is type(new)), len(thing.modalities))
    before: tuple[Modality, ...] = thing.modalities[:at]
    after = tuple(m for m in thing.modalities[at:] if type(m) is not type(new))
    if at < len(thing.modalities) and not new.extra:
        new = replace(new, extra=thing.modalities[at].extra)
    return replace(thing, modalities=(*before, new, *after))


def _part(scene: Scene, id: str) -> Thing:
    """A thing other than the photo itself."""
    if id == WHOLE:
        raise UsageError("{thing} is the whole photo: it stays where it is", code="scene.whole-stays", thing=WHOLE)
    return scene.thing(id)
