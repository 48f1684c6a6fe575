"""Whose part a thing is, and how it stands to others: owners and relations of targets, in one scene."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from barva.errors import SEMICOLON, Message, UsageError, join
from barva.language import matching
from barva.language.choice import Choice, Grounded, by_shade
from barva.language.clauses import Target
from barva.language.geometry import places
from barva.language.worn import is_part
from barva.scene.model import WHOLE, Scene, Thing

POINTING = Message("point at it with --point X,Y=COLOR or --region MASK.png=COLOR", code="words.point-at-it")
_ALMOST_TOUCHING = 0.03


@dataclass
class Context:
    """What was spoken of so far: things of the last clause, the last noun, people, and the last things with parts."""

    things: tuple[Thing, ...] = ()
    noun: Target = field(default_factory=Target)
    people: tuple[Thing, ...] = ()
    whole: Target = field(default_factory=Target)
    wholes: tuple[Thing, ...] = ()

    def remember(self, target: Target, things: tuple[Thing, ...]) -> None:
        """Keep a target for the pronouns of later ones."""
        self.things = things
        if target.sense:
            self.noun = target
            if not is_part(target, self.whole):
                self.whole, self.wholes = target, things
        self.meet(things)

    def meet(self, things: Iterable[Thing]) -> None:
        """Keep people that were mentioned, also on the way: the owner of a coat."""
        self.people = tuple(t for t in things if t.kind in matching.PERSONS) or self.people


class Bonds:
    """Owners and relations of targets in one scene.

    Args:
        scene: What is known of the photo.
        text: How a span of the text reads, for messages.
    """

    def __init__(self, scene: Scene, text: Callable[[tuple[int, int]], str]) -> None:
        self.scene = scene
        self.text = text
        self.context = Context()
        self._places = places(scene)
        self._choice = Choice(self._places)

    def find(self, target: Target, inner: bool = False) -> Grounded:
        """The things that a target is."""
        raise NotImplementedError

    def _instead(self) -> Message:
        return join((matching.inventory(self.scene), POINTING), SEMICOLON)

    def _resolve_owner(
        self, options: list[tuple[Thing, float]], owner: Target, word: str, notes: list[str]
    ) -> list[tuple[Thing, float]]:
        grounded = self._owner(options, owner)
        notes += grounded.notes
        owners = {t.id for t in grounded.things}
        options = [(t, s * grounded.certainty) for t, s in options]
        below = [(t, s) for t, s in options if self._above(t) & owners]
        if below:
            return below
        inside = [
            (t, s * 0.9) for t, s in options
            if any(self._holds(id, t.id) for id in owners) and not self._belongs_elsewhere(t, owners)
        ]  # fmt: skip
        if not inside:
            whose = self.text(owner.span) or matching.title(grounded.things[0])
            has = sorted({matching.title(p) for t in grounded.things for p in self.scene.parts(t.id)})
            known = (
                Message("of '{whose}' are known: {parts}", code="words.known-parts", whose=whose, parts=join(has))
                if has
                else Message("no parts of '{whose}' are known", code="words.no-known-parts", whose=whose)
            )
            raise UsageError(
                "'{words}': there is no such thing in the photo; {instead}",
                code="words.no-thing",
                words=word,
                instead=join((known, POINTING), SEMICOLON),
            )
        return inside

    def _of_the_same(self, options: list[tuple[Thing, float]]) -> list[tuple[Thing, float]]:
        """Parts of the person whose part was spoken of last: "the groom's tie is silver, the suit gray"."""
        if self.context.noun.owner is None:
            return options
        people = {t.id for t in self.context.people}
        return [(t, s) for t, s in options if self._above(t) & people] or options

    def _of_the_last(self, options: list[tuple[Thing, float]]) -> list[tuple[Thing, float]]:
        """Parts of the thing that was spoken of last: "the car is black, the roof too"."""
        ids = {t.id for t in self.context.wholes}
        below = [(t, s) for t, s in options if self._above(t) & ids]
        return below or [(t, s) for t, s in options if any(self._holds(id, t.id) for id in ids)] or options

    def _owner(self, options: list[tuple[Thing, float]], owner: Target) -> Grounded:
        """Whose part it is. Ukrainian possessives speak of things as of people: "будинок білий, його дах червоний"."""
        things = self.context.things
        neutral = owner.pronoun in ("man", "woman") and not self.text(owner.span).isascii()
        if neutral and things and not any(t.kind in matching.PERSONS for t in things):
            ids = {t.id for t in things}
            if any(self._above(t) & ids or any(self._holds(id, t.id) for id in ids) for t, _ in options):
                return Grounded(things, 0.9)
        return self.find(owner, inner=True)

    def _above(self, thing: Thing) -> set[str]:
        """Ids of all that a thing is part of."""
        ids, at = set[str](), thing.part_of
        while at and at != WHOLE:
            ids.add(at)
            at = self.scene.thing(at).part_of
        return ids

    def _belongs_elsewhere(self, thing: Thing, owners: set[str]) -> bool:
        return bool(self._above(thing)) and not self._above(thing) & owners

    def _holds(self, outer: str, inner: str) -> bool:
        a, b = self._places.get(outer), self._places.get(inner)
        return a is not None and b is not None and outer != inner and a.holds(b)

    def _resolve_relation(
        self, options: list[tuple[Thing, float]], how: str, other: Target, word: str
    ) -> list[tuple[Thing, float]]:
        """Of the options those that stand so to another thing: as the scene says, else by where they lie."""
        if not options:
            return options
        if how == "wears":
            return [(t, s) for t, s in options if self._wears(t, other)] or (options if len(options) == 1 else [])
        others = self.find(other, inner=True).things
        ids = {t.id for t in others}
        stated = [(t, s) for t, s in options if any(h == how and to in ids
                                                     for h, to in t.relations)]  # fmt: skip
        if stated:
            return stated
        scored = [
            (t, s, min((self._misfit(how, t, o) for o in others if o.id != t.id), default=9.0)) for t, s in options
        ]
        fitting = [(t, s, m) for t, s, m in scored if m < 1]
        if how in ("near", "left", "right", "front", "behind", "holds") and fitting:
            closest = min(m for _, _, m in fitting)
            fitting = [(t, s, m) for t, s, m in fitting if m <= closest + _ALMOST_TOUCHING]
        return [(t, s * 0.95) for t, s, _ in fitting]

    def _misfit(self, how: str, thing: Thing, other: Thing) -> float:
        """How badly a relation fits two places: 0 well, from 1 on not at all."""
        a, b = self._places.get(thing.id), self._places.get(other.id)
        if a is None or b is None:
            return 9.0
        gap = a.distance(b)
        wrong = {
            "left": a.x >= b.x, "right": a.x <= b.x, "above": a.y >= b.y, "below": a.y <= b.y,
            "behind": a.bottom > b.bottom, "front": a.bottom < b.bottom, "upon": a.y >= b.bottom,
            "in": not b.holds(a), "holds": not gap < 0.05,
        }.get(how, False)  # fmt: skip
        return 9.0 if wrong or (how == "upon" and gap > 0.1) else min(gap, 0.99)

    def _wears(self, person: Thing, worn: Target) -> bool:
        worn_by = {to for how, to in person.relations if how in ("wears", "holds")}
        options = matching.candidates(replace(worn, shade=""), self.scene)
        own = [(t, s) for t, s in options if person.id in self._above(t) or t.id in worn_by]
        if own and worn.shade:
            others = [t for t, _ in options]
            best = by_shade(others, worn.shade)
            return best is None or best in [t for t, _ in own]
        return bool(own)
