"""What is said of a photo in words becomes items of its document, as if each thing had been selected by hand.

A text is taken in whole or not at all. What a document has no place for is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from barva import language
from barva.engine.prepare import request_scene, worded
from barva.engine.prepare.analyze import PreparedPhoto
from barva.errors import Message, UsageError, shorten
from barva.guidance import scene_bridge
from barva.language import Outcome, Step
from barva.language.bonds import POINTING
from barva.language.matching import REMAINDERS, thing_title
from barva.scene import edit
from barva.scene.modalities import Color, Region, Words
from barva.scene.model import WHOLE, Scene, Thing
from barva.scene.picture_modalities import Palette
from barva.scene.shapes import Box, Shape
from barva.scene.things import free_id
from barva.studio.sessions import select
from barva.studio.sessions.document import MOST, Document, Item, known_color
from barva.studio.sessions.stored_session import StoredSession

_PREFIX = "say-"
"""Begins the ids of items that a text made; the thing's id follows."""


@dataclass(frozen=True)
class Wording:
    """What a text asks for.

    Args:
        painted: Items with their new colors.
        order: Ids of items as the scene has their things, the lowest first.
        freed: Ids of items whose colors are taken back.
        vividness: Of the whole photo; None: as it was.
        notes: What was not certain.
    """

    painted: tuple[Item, ...] = ()
    order: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    vividness: float | None = None
    notes: tuple[str, ...] = ()

    def apply_to(self, document: Document) -> Document:
        """The document with all of it, as one step. UsageError: there are too many marks."""
        for id in self.freed:
            item = document.item(id)
            if item is not None:
                by_words = id.startswith(_PREFIX)
                document = document.without(id) if by_words else document.with_item(replace(item, color=""))
        for item in self.painted:
            old = document.item(item.id)
            item = replace(item, parent="" if old is None else old.parent, name=item.name if old is None else old.name)
            if old is not None:
                document = document.with_item(item)
                if document.is_hidden(item):  # by what it is part of
                    document = document.with_item(replace(item, parent=""))
                continue
            if len(document.items) >= MOST:
                raise UsageError("there are {most} marks already", code="document.full", most=MOST)
            at = self._place(document.items, item)
            document = replace(document, items=(*document.items[:at], item, *document.items[at:]))
        return document if self.vividness is None else replace(document, vividness=self.vividness)

    def _place(self, items: tuple[Item, ...], new: Item) -> int:
        """Below the things that the scene has over it; what is left of the photo lies below everything."""
        ranks = {id: rank for rank, id in enumerate(self.order)}
        others = len(ranks) if new.id.removeprefix(_PREFIX) in REMAINDERS else -1
        return next((i for i, item in enumerate(items) if ranks.get(item.id, others) > ranks[new.id]), len(items))


def understand(stored: StoredSession, document: Document, text: str) -> Wording:
    """What a text asks of a photo as its document is; slow where nobody looked for the photo's things yet.

    Args:
        stored: Whose photo and masks it speaks of.
        document: What was asked before; things have the colors of its items.
        text: In English or Ukrainian.

    Returns:
        What is to be changed.

    Raises:
        PartlyUnderstoodError: Some of it cannot be done.
        UsageError: It is not understood, speaks of a thing that is not there, or asks for what no document holds.
    """
    before, items = _scene(stored, document, stored.live().prepared)
    outcome = language.explain(text, before)
    if (error := replace(outcome, problems=tuple(map(_by_hand, outcome.problems))).error) is not None:
        raise error
    after = outcome.scene
    _refuse_more(before, after, outcome)
    colors = {thing.id: (_color(thing), thing.all(Region)) for thing in before.things}
    painted, freed = list[Item](), list[str]()
    for thing in after.things:
        color, regions = _color(thing), thing.all(Region)
        old_color, old_regions = colors.get(thing.id, ("", ()))
        if thing.id == WHOLE or (color, regions) == (old_color, old_regions):
            continue
        item = items.get(thing.id)
        if not color:
            if item is None:
                raise UsageError(
                    "{thing} has its color from a program; name another color for it",
                    code="words.color-of-program",
                    thing=thing_title(thing.id),
                )
            freed.append(item.id)
        elif item is not None and regions == old_regions:
            painted.append(replace(item, color=known_color(color), origin="user", off=False))
        else:
            painted.append(_item(stored, thing, known_color(color)))
    vividness = after.whole.manner.vividness
    changed = vividness is not None and vividness != document.vividness
    order = tuple(f"{_PREFIX}{thing.id}" for thing in after.things)
    return Wording(tuple(painted), order, tuple(freed), vividness if changed else None, outcome.notes)


def _scene(stored: StoredSession, document: Document, prepared: PreparedPhoto) -> tuple[Scene, dict[str, Item]]:
    """What is known of the photo, its things as the document's items have them; and the items by their things' ids."""
    given = stored.files.scene(document.scene)
    given = None if given is None else request_scene.fit_scene(given, prepared.photo)[0]
    scene = worded.scene_to_speak_of(given, prepared.photo, lambda: prepared.objects)
    if document.text:
        scene = language.claims(document.text, scene)[0]
    scene = edit.set_manner(scene, replace(scene.whole.manner, vividness=document.vividness))
    known, items = {thing.id for thing in scene.things}, dict[str, Item]()
    for item in document.items:
        shape = _shape(item, stored)
        if shape is None:
            continue
        id = item.id.removeprefix(_PREFIX) if item.id.startswith(_PREFIX) else _id_by_name(item, known | {*items})
        thing = scene.thing(id) if id in known else Thing(id)
        others = (
            m for m in thing.modalities if not isinstance(m, Region) and not (isinstance(m, Color) and m.enforced)
        )
        thing = replace(thing, modalities=(Region(shape), *others))
        color = "" if document.is_hidden(item) else document.color(item)
        thing = thing.with_modalities(Color(color)) if color else thing
        items[id] = item
        if id in REMAINDERS and id not in known:
            scene = replace(scene, things=(thing, *scene.things))
            continue
        scene = scene.with_thing(thing.with_modalities(Words(item.name)) if item.name and id not in known else thing)
    return scene, items


def title(item: Item) -> str:
    """What people call an item: its name, in other languages by the kind of a thing that perception named."""
    return thing_title(item.name) if item.id == f"{_PREFIX}{item.name}" else item.name


def _by_hand(problem: Message) -> Message:
    """With what one can do on the page instead of what one can do on the command line."""
    if problem.code == POINTING.code:
        return Message("select it by hand instead", code="words.select-by-hand")
    if problem.code == "words.part":
        words = problem.values["words"]
        return Message(
            "'{words}': words color whole objects; select the part by hand", code="words.part-by-hand", words=words
        )
    values = {name: _by_hand(value) for name, value in problem.values.items() if isinstance(value, Message)}
    return problem.with_values(**values) if values else problem


def _shape(item: Item, stored: StoredSession) -> Shape | None:
    """Where objects and boxes lie; other marks are no things to speak of."""
    if item.kind == "object":
        return stored.files.mask(item.mask)
    return Box(*item.box) if item.kind == "box" and item.box is not None else None


def _id_by_name(item: Item, taken: set[str]) -> str:
    """What messages call an item that was made by hand: its name, if no other thing has it."""
    name = re.sub(r"\W+", "-", item.name).strip("-") or item.kind
    return free_id(name, taken)


def _color(thing: Thing) -> str:
    """The color that is asked of it; empty where none is."""
    return next((c.color for c in reversed(thing.all(Color)) if c.enforced), "")


def _item(stored: StoredSession, thing: Thing, color: str) -> Item:
    """A thing as an item of its own."""
    plane = _plane(thing, stored.size)
    x, y = select.middle(np.where(plane >= min(128, int(plane.max())), np.uint8(255), np.uint8(0)))
    at = round(x * stored.size[1], 1), round(y * stored.size[0], 1)
    id = f"{_PREFIX}{thing.id}"
    return Item(id, "object", color, thing.id[:60], at=at, mask=stored.files.put_mask(plane))


def _plane(thing: Thing, photo: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """A thing's regions as a selection (h, w)."""
    cover = scene_bridge.region_cover(thing.all(Region), photo, select.size(*photo))
    assert cover is not None  # words speak of things that lie somewhere
    return np.asarray(np.rint(np.clip(cover, 0, 1) * 255), np.uint8)


def _refuse_more(before: Scene, after: Scene, outcome: Outcome) -> None:
    """UsageError for what a document has no place for, with the words that ask for it."""

    def words(asks: Callable[[Step], Any]) -> str:
        return shorten(next((step.words for step in outcome.steps if asks(step)), ""))

    old, new = before.whole, after.whole
    if new.all(Palette) != old.all(Palette) or (new.manner.warmth or 0.0) != (old.manner.warmth or 0.0):
        what = words(lambda step: step.clause.look or step.clause.warmth)
        raise UsageError(
            "'{words}': the studio has no warmth and no looks of the whole picture, only vividness",
            code="words.no-looks",
            words=what,
        )
    manners = {thing.id: thing.manner for thing in before.things}
    if any(thing.id != WHOLE and thing.manner != manners.get(thing.id, thing.manner) for thing in after.things):
        what = words(lambda step: step.clause.vividness and step.clause.targets)
        raise UsageError(
            "'{words}': in the studio only the whole picture becomes more vivid or more muted",
            code="words.no-vividness-of-things",
            words=what,
        )
