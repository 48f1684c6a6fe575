"""Targets to things: which things of the scene a clause speaks of, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from barva.color import names
from barva.errors import UsageError
from barva.language import matching
from barva.language.clauses import Target
from barva.language.geometry import Place, places
from barva.scene.modalities import Color, Light
from barva.scene.model import WHOLE, Scene, Thing
from barva.scene.vocabulary import kinds

POINTING = "point at it with --point X,Y=COLOR or --region MASK.png=COLOR"
_SPOTS: dict[str, Callable[[Place], float]] = {
    "left": lambda p: p.x,
    "right": lambda p: -p.x,
    "top": lambda p: p.y,
    "bottom": lambda p: -p.y,
    "front": lambda p: -p.bottom,
    "back": lambda p: p.bottom,
}
_SALIENCE = 0.6  # of an area's exponent: a face twice as large is not twice as likely meant
_ALMOST_TOUCHING = 0.03


@dataclass(frozen=True)
class Grounded:
    """The things that a target is.

    Args:
        things: In the order of the photo, left to right where that was said.
        certainty: 0..1.
        notes: What was not certain, for people.
    """

    things: tuple[Thing, ...]
    certainty: float = 1.0
    notes: tuple[str, ...] = ()


@dataclass
class Context:
    """What was spoken of so far: things of the last clause, the last noun, people."""

    things: tuple[Thing, ...] = ()
    noun: Target = field(default_factory=Target)
    people: tuple[Thing, ...] = ()

    def remember(self, target: Target, things: tuple[Thing, ...]) -> None:
        """Keep a target for the pronouns of later ones."""
        self.things = things
        if target.sense:
            self.noun = target
        self._meet(things)

    def _meet(self, things: Iterable[Thing]) -> None:
        people = tuple(t for t in things if t.kind in matching.PERSONS)
        self.people = people or self.people

    def meet(self, things: Iterable[Thing]) -> None:
        """Keep people that were mentioned on the way: the owner of a coat."""
        self._meet(things)


class Ground:
    """Grounds the targets of one text in one scene, in order.

    Args:
        scene: What is known of the photo.
        text: How a span of the text reads, for messages.
    """

    def __init__(self, scene: Scene, text: Callable[[tuple[int, int]], str]) -> None:
        self.scene = scene
        self.text = text
        self.context = Context()
        self._places = places(scene)

    def find(self, target: Target, inner: bool = False) -> Grounded:
        """The things that a target is.

        Args:
            target: Not the whole photo, nor what is left of it.
            inner: It is spoken of only to tell another one.

        Returns:
            At least one thing.

        Raises:
            UsageError: There is none, with what was found instead.
        """
        if target.pronoun:
            found = self._pronoun(target)
        else:
            found = self._noun(target)
        if target.without:
            left_out = {t.id for other in target.without for t in self.find(other, inner=True).things}
            kept = tuple(t for t in found.things if t.id not in left_out)
            found = replace(found, things=kept)
            if not kept:
                raise UsageError(f"'{self.text(target.span)}': nothing is left")
        if not inner:
            self.context.remember(target, found.things)
        else:
            self.context.meet(found.things)
        return found

    def _pronoun(self, target: Target) -> Grounded:
        word = self.text(target.span)
        if target.pronoun in ("man", "woman", "person"):
            return self._somebody(target.pronoun, word)
        if not self.context.things:
            raise UsageError(f"'{word}': nothing was spoken of before; {self._instead()}")
        return Grounded(self.context.things, 0.9)

    def _somebody(self, kind: str, word: str) -> Grounded:
        """A person by pronoun: who was spoken of, else the only or the most visible one."""
        if self.context.people:
            fitting = [t for t in self.context.people if t.kind in (kind, "person", "child") or kind == "person"]
            if fitting:
                return Grounded(tuple(fitting), 0.9)
        people = [t for t in self.scene.active_things() if t.kind in matching.PERSONS]
        fitting = [t for t in people if t.kind == kind] or [t for t in people if t.kind in ("person", "child")]
        if not fitting:
            raise UsageError(f"'{word}': nobody was found in the photo; {self._instead()}")
        return self._single([(t, 0.9) for t in fitting], word)

    def _noun(self, target: Target) -> Grounded:
        word = self.text(target.span) or target.sense
        if not target.sense:
            target = replace(self.context.noun, **_said(target)) if self.context.noun.sense else target
        options = matching.candidates(target, self.scene)
        notes: list[str] = []
        if target.owner is not None:
            options = self._owned(options, target.owner, word, notes)
        if target.other:
            before = {t.id for t in self.context.things}
            options = [(t, s) for t, s in options if t.id not in before]
        for how, other in target.relations:
            options = self._related(options, how, other, word)
        if not options:
            raise UsageError(f"'{word}': there is no such thing in the photo; {self._instead()}")
        if target.shade:
            options = self._shaded(options, target.shade, notes)
        if target.aside and len(options) > 1:
            notes.append(f"'{target.aside}' tells nothing that can be seen: it was not used to choose")
        found = self._chosen(target, options, word)
        kept = {matching.title(t) for t, s in options if s < 0.9 and t in found.things}
        if kept and target.sense not in kept and target.kind not in kept:
            notes.append(f"'{word}' is taken as {' and '.join(sorted(kept))}: nothing finer is known")
        return replace(found, notes=(*notes, *found.notes))

    def _instead(self) -> str:
        return f"{matching.inventory(self.scene)}; {POINTING}"

    # owners and relations

    def _owned(
        self, options: list[tuple[Thing, float]], owner: Target, word: str, notes: list[str]
    ) -> list[tuple[Thing, float]]:
        if not options:
            return options
        if owner.pronoun in ("it", "them") and not self.context.things and owner.pronoun == "it":
            return options
        found = self.find(owner, inner=True)
        notes += found.notes
        owners = {t.id for t in found.things}
        below = [(t, s) for t, s in options if self._above(t) & owners]
        if below:
            return below
        inside = [
            (t, s * 0.9) for t, s in options
            if any(self._holds(id, t.id) for id in owners) and not self._belongs_elsewhere(t, owners)
        ]  # fmt: skip
        if not inside:
            whose = self.text(owner.span) or matching.title(found.things[0])
            has = ", ".join(sorted({matching.title(p) for t in found.things for p in self.scene.parts(t.id)}))
            known = f"of '{whose}' are known: {has}" if has else f"no parts of '{whose}' are known"
            raise UsageError(f"'{word}': there is no such thing in the photo; {known}; {POINTING}")
        return inside

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

    def _related(
        self, options: list[tuple[Thing, float]], how: str, other: Target, word: str
    ) -> list[tuple[Thing, float]]:
        """Of the options those that stand so to another thing: as the scene says, else by where they lie."""
        if not options:
            return options
        if how == "wears":
            return [(t, s) for t, s in options if self._wears(t, other)] or (options if len(options) == 1 else [])
        others = self.find(other, inner=True).things
        ids = {t.id for t in others}
        stated = [(t, s) for t, s in options if any(h in (how, "upon" if how == "on" else how) and to in ids
                                                     for h, to in t.relations)]  # fmt: skip
        if stated:
            return stated
        scored = [(t, s, min((self._misfit(how, t, o) for o in others if o.id != t.id), default=9.0)) for t, s in options]
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
            best = _by_shade(others, worn.shade)
            return best is None or best in [t for t, _ in own]
        return bool(own)

    # which of them

    def _shaded(self, options: list[tuple[Thing, float]], shade: str, notes: list[str]) -> list[tuple[Thing, float]]:
        """By a color that describes: as was asked before, or light and dark as the photo shows them."""
        asked = [(t, s) for t, s in options if any(_alike(c.color, shade) for c in t.all(Color) if c.asked)]
        if asked or len(options) == 1:
            return asked or options
        best = _by_shade([t for t, _ in options], shade)
        if best is None:
            notes.append(f"'{shade}' tells nothing in a photo without color: it was not used to choose")
            return options
        return [(t, s) for t, s in options if t.id == best.id]

    def _chosen(self, target: Target, options: list[tuple[Thing, float]], word: str) -> Grounded:
        many = target.every or target.plural
        if target.size:
            options = [self._by_size(options, target.size, word)]
        if target.place:
            options = self._by_place(options, target.place, many or bool(target.ordinal) or target.count > 1)
        if target.ordinal:
            return self._by_number(target, options, word)
        wanted = target.count or (0 if many else 1)
        if target.count > 1:
            if len(options) < wanted:
                raise UsageError(f"'{word}': {_count(len(options), options[0][0])} found, not {wanted}")
            notes = () if len(options) == wanted else (f"'{word}': {len(options)} found, the most visible were taken",)
            best = sorted(options, key=lambda option: -self._salience(option))[:wanted]
            return Grounded(self._in_order([t for t, _ in best]), _mean(best) * wanted / len(options), notes)
        owned = target.owner is not None
        stuff = target.kind in matching.STUFF or (target.kind in kinds_of_hair and owned)
        if many or (stuff and not target.place) or (owned and len({self._body(t) for t, _ in options}) < 2):
            return Grounded(self._in_order([t for t, _ in options]), _mean(options))
        return self._single(options, word)

    def _body(self, thing: Thing) -> str:
        return thing.id

    def _single(self, options: list[tuple[Thing, float]], word: str) -> Grounded:
        """The most visible one, and a note where there are others."""
        best = max(options, key=self._salience)
        if len(options) == 1:
            return Grounded((best[0],), _sure(best))
        kind = matching.title(best[0])
        note = (
            f"'{word}' can be {len(options)} things; the most visible was taken ({best[0].id}): "
            f"say 'the left {kind}', 'the second {kind}' or 'all' of them"
        )
        return Grounded((best[0],), _sure(best) * (0.4 + 0.6 / len(options)), (note,))

    def _salience(self, option: tuple[Thing, float]) -> float:
        place = self._places.get(option[0].id)
        return (place.area if place else 0.0) ** _SALIENCE * _sure(option) if place else 0.0

    def _by_size(self, options: list[tuple[Thing, float]], size: str, word: str) -> tuple[Thing, float]:
        if size in ("darkest", "lightest"):
            lit = [(o, o[0].all(Light)[0].mean) for o in options if o[0].all(Light)]
            if not lit and len(options) > 1:
                raise UsageError(f"'{word}': the scene does not say how light its things are")
            sign = 1 if size == "darkest" else -1
            return min(lit, key=lambda pair: sign * pair[1])[0] if lit else options[0]
        sign = -1 if size == "biggest" else 1
        return min(options, key=lambda option: sign * self._area(option[0]))

    def _area(self, thing: Thing) -> float:
        place = self._places.get(thing.id)
        return place.area if place else 0.0

    def _by_place(
        self, options: list[tuple[Thing, float]], spots: tuple[str, ...], many: bool
    ) -> list[tuple[Thing, float]]:
        placed = [(o, self._places[o[0].id]) for o in options if o[0].id in self._places]
        if not placed:
            return options
        if many:
            kept = [o for o, p in placed if all(_lies(p, spot) for spot in spots)]
            return kept or [min(placed, key=lambda pair: _rank(pair[1], spots, placed))[0]]
        return [min(placed, key=lambda pair: _rank(pair[1], spots, placed))[0]]

    def _by_number(self, target: Target, options: list[tuple[Thing, float]], word: str) -> Grounded:
        ordered = sorted(options, key=lambda o: self._places[o[0].id].x if o[0].id in self._places else 0.0)
        if target.side == "right":
            ordered.reverse()
        number = len(ordered) if target.ordinal == -1 else target.ordinal
        if number > len(ordered):
            raise UsageError(f"'{word}': {_count(len(ordered), ordered[0][0])} found")
        note = () if target.side or len(ordered) == 1 else (f"'{word}' is counted from the left",)
        return Grounded((ordered[number - 1][0],), _sure(ordered[number - 1]) * 0.95, note)

    def _in_order(self, things: Iterable[Thing]) -> tuple[Thing, ...]:
        """From left to right."""
        return tuple(sorted(things, key=lambda t: self._places[t.id].x if t.id in self._places else 0.0))


kinds_of_hair = ("hair", "face", "skin", "clothing", "eyes", "lips", "hand")
"""Parts of which one person has one, in one piece or several."""


def _said(target: Target) -> dict[str, object]:
    """All that a target without a noun says, over the noun before."""
    blank = Target()
    said = {
        name: getattr(target, name) for name in vars(blank)
        if name not in ("sense", "kind") and getattr(target, name) != getattr(blank, name)
    }  # fmt: skip
    reset = {"place": (), "ordinal": 0, "side": "", "other": False, "size": "", "every": False, "count": 0, "shade": "",
             "plural": False, "relations": ()}  # fmt: skip
    return {**reset, **said}


def _rank(place: Place, spots: tuple[str, ...], placed: list[tuple[tuple[Thing, float], Place]]) -> float:
    if "middle" in spots:
        xs = sorted(p.x for _, p in placed)
        center = xs[len(xs) // 2] if len(xs) % 2 and len(xs) > 2 else 0.5
        return abs(place.x - center)
    return sum(_SPOTS[spot](place) for spot in spots)


def _lies(place: Place, spot: str) -> bool:
    """Whether one of several things lies in a part of the photo."""
    tests = {
        "left": place.x < 0.5, "right": place.x > 0.5, "top": place.y < 0.5, "bottom": place.y > 0.5,
        "middle": 0.25 < place.x < 0.75, "front": place.bottom > 0.75, "back": place.bottom <= 0.75,
    }  # fmt: skip
    return tests[spot]


def _by_shade(things: list[Thing], shade: str) -> Thing | None:
    """The lightest or darkest of things, for a light or dark shade; None where the shade is neither."""
    lit = [t for t in things if t.all(Light)]
    lightness = {"light": 90.0, "dark": 10.0}.get(shade)
    if lightness is None:
        try:
            lightness, a, b = names.lab(shade)
        except UsageError:
            return None
        if abs(a) + abs(b) > 12 and 15 < lightness < 88:
            return None
    if not lit or 40 < lightness < 65:
        return None
    sign = -1 if lightness > 50 else 1
    return min(lit, key=lambda t: sign * t.all(Light)[0].mean)


def _alike(color: str, shade: str) -> bool:
    try:
        (_, a, b), (_, c, d) = names.lab(color), names.lab(shade)
    except UsageError:
        return False
    return abs(a - c) + abs(b - d) < 40


def _sure(option: tuple[Thing, float]) -> float:
    return option[1] * matching.confidence(option[0])


def _mean(options: list[tuple[Thing, float]]) -> float:
    return sum(map(_sure, options)) / len(options)


def _count(number: int, thing: Thing) -> str:
    kind = matching.title(thing)
    return f"only 1 {kind} was" if number == 1 else f"only {number} of {kind} were"


def is_person(thing: Thing) -> bool:
    """Whether a thing is a person."""
    return thing.kind in matching.PERSONS or "person" in kinds(thing.kind)
