"""Writes clauses into a scene, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from barva.color import names
from barva.errors import Message, UsageError, shorten
from barva.language import geometry, matching, problems, shifts
from barva.language.choice import Grounded
from barva.language.clauses import Clause, ColorTerm, Target, Understanding
from barva.language.ground import Ground, is_person
from barva.language.matching import REMAINDERS
from barva.scene import edit
from barva.scene.modalities import Color, Region, Words
from barva.scene.model import WHOLE, Scene, Thing
from barva.scene.vocabulary import kinds

_SMALL = ("hat", "shoes", "scarf")  # clothes that are not what a person is dressed in
_GRAY = ColorTerm("gray", "#808080")


@dataclass(frozen=True)
class Written:
    """What became of one clause.

    Args:
        things: Ids of the things that it is about.
        effect: What is asked of them, for people: "red", "stays gray".
        certainty: How sure it is that these are the things that are meant, 0..1.
        notes: What was not certain.
        problem: Why it cannot be done; None where it can.
    """

    things: tuple[str, ...] = ()
    effect: str = ""
    certainty: float = 0.0
    notes: tuple[str, ...] = ()
    problem: Message | None = None


@dataclass(frozen=True)
class Result:
    """The scene after all clauses, and what became of each."""

    scene: Scene
    parts: tuple[Written, ...]


def write(understanding: Understanding, scene: Scene) -> Result:
    """Write all clauses of a text into a scene.

    Args:
        understanding: Of the text.
        scene: As it was before.

    Returns:
        The scene with all that can be done, and for each clause what was done or why not.
    """
    writer = _Writer(understanding, scene)
    clauses = understanding.clauses
    parts: list[Written] = [Written()] * len(clauses)
    # what is left can be told only when all else is known
    order = sorted(range(len(clauses)), key=lambda i: _waits(clauses[i]))
    for i in order:
        try:
            parts[i] = writer.write(clauses[i])
        except UsageError as error:
            parts[i] = Written(problem=error.message)
    return Result(writer.scene, tuple(parts))


def _waits(clause: Clause) -> bool:
    return any(target.pronoun == "rest" for target in clause.targets)


class _Writer:
    """The scene while clauses are written into it."""

    def __init__(self, understanding: Understanding, scene: Scene) -> None:
        self.understanding = understanding
        self.scene = scene
        self.ground = Ground(scene, understanding.words)
        self._before: dict[str, tuple[str, str]] = {}
        self._named: dict[str, Thing] = {
            t.id: t for t in scene.active_things() if any(c.enforced for c in t.all(Color)) and t.id not in REMAINDERS
        }

    def write(self, clause: Clause) -> Written:
        words = self.understanding.words(clause.span)
        if clause.action == "not":
            raise UsageError(problems.of_refusal(clause, words))
        if clause.action == "look":
            return self._look(clause)
        if clause.action == "shift" and not clause.targets:
            return self._shift_all(clause)
        if clause.action == "only":
            return self._only(clause)
        if len(clause.colors) > 1:
            return self._distribute(clause, words)
        parts, things = list[Written](), list[Thing]()
        for target in clause.targets:
            parts.append(self._one(clause, target, words))
            things += self.ground.context.things
        self.ground.context.things = tuple(dict.fromkeys(things))  # "them" are all of them
        return _join(parts)

    def _one(self, clause: Clause, target: Target, words: str) -> Written:
        """One target of a clause."""
        if clause.action == "keep":
            return self._keep(target, words)
        if clause.action == "shift":
            return self._shift(target, clause, words)
        color = _GRAY if clause.action == "gray" else self._color(clause.colors[0])
        grounded = self._find(target)
        things, notes = (grounded.things, grounded.notes)
        if clause.action == "color":
            things, more = self._clothes(things)
            notes = (*notes, *more)
        return self._paint(things, color, words, replace(grounded, notes=notes))

    # which things

    def _find(self, target: Target) -> Grounded:
        """Things of the scene, or one that is made of what is left of the photo."""
        id = self._remainder_id(target)
        if id is None:
            self.ground.scene = self.scene  # with the colors of the clauses before
            grounded = self.ground.find(target)
            self._named |= {t.id: t for t in grounded.things}
            return grounded
        words = self.understanding.words(target.span) or id
        without = [t for other in target.without for t in self._find(other).things]
        if id == "everything-else":
            without += self._named.values()
        elif id in ("background", "foreground"):
            without += self._foreground()
        if id == "foreground":
            region = geometry.union(self.scene, without)
        else:
            region = geometry.remainder(self.scene, without, words)
        return Grounded((self._add(id, region),), 1.0 if id.startswith("every") else 0.8)

    def _remainder_id(self, target: Target) -> str | None:
        if target.pronoun == "rest":
            return "everything-else"
        if target.pronoun == "everything" or target.kind == "picture":
            return "everything"
        if target.sense in ("background", "foreground") and target.owner is None:
            return None if matching.candidates(target, self.scene) else target.sense
        if target.place in (("back",), ("front",)) and not target.sense and not self.ground.context.noun.sense:
            return {"back": "background", "front": "foreground"}[target.place[0]]
        return None

    def _foreground(self) -> list[Thing]:
        return [
            t for t in self.scene.active_things()
            if t.id not in (WHOLE, *REMAINDERS) and set(kinds(t.kind)) & set(matching.FOREGROUND)
        ]  # fmt: skip

    def _add(self, id: str, region: Region) -> Thing:
        """A thing for what is left: in the place of the one before, else first of all."""
        old = next((t for t in self.scene.things if t.id == id), None)
        if old is not None:
            thing = replace(old.without(Region), modalities=(region, *old.without(Region).modalities))
            self.scene = self.scene.with_thing(thing)
            return thing
        thing = Thing(id, modalities=(region,))
        first = [t for t in self.scene.things if t.id in (WHOLE, *REMAINDERS[: REMAINDERS.index(id)])]
        rest = [t for t in self.scene.things if t not in first]
        self.scene = replace(self.scene, things=(*first, thing, *rest))
        return thing

    def _clothes(self, things: Sequence[Thing]) -> tuple[tuple[Thing, ...], tuple[str, ...]]:
        """The clothes of people, where those are known: nobody means a red face by a red man."""
        out, notes = list[Thing](), list[str]()
        for thing in things:
            parts = self.scene.parts(thing.id) if is_person(thing) else ()
            clothes = [p for p in parts if "clothing" in kinds(p.kind) and p.kind not in _SMALL]
            if clothes:
                notes.append(
                    Message(
                        "the color of {thing} is taken as that of the clothes",
                        code="note.clothes",
                        thing=matching.thing_title(thing.id),
                    )
                )
            out += clothes or [thing]
        return tuple(out), tuple(notes)

    # colors

    def _color(self, term: ColorTerm) -> ColorTerm:
        """A color, looked up where it is another thing's."""
        if term.of is None:
            return term
        words = self.understanding.words(term.span)
        named = names.code(term.of.sense) if term.of.sense else None
        try:
            things = self.ground.find(term.of, inner=True).things
        except UsageError:
            if named is None:
                raise
            things = ()
        for thing in things:
            known = self.scene.thing(thing.id).all(Color)
            best = sorted(known, key=lambda c: (c.enforced, c.confidence))
            if best:
                return ColorTerm(best[-1].color, names.code(best[-1].color) or best[-1].color)
        if named is not None and not term.of.place and term.of.owner is None:
            return ColorTerm(term.of.sense, named)
        raise UsageError(
            "'{words}': {thing} has no color yet; say it first, or name a color",
            code="words.no-color-yet",
            words=words,
            thing=matching.thing_title(things[0].id),
        )

    def _paint(self, things: Sequence[Thing], color: ColorTerm, words: str, grounded: Grounded) -> Written:
        painted, notes = list[str](), list(grounded.notes)
        # an English name or a code, so that one color is one text in both languages and in every form
        text = color.name if color.name.isascii() and names.code(color.name) == color.code else color.code
        effect = "stays gray" if color == _GRAY else color.name or color.code
        for thing in things:
            for id in self._regions(thing):
                notes += self._contradiction(id, effect, words)
                self.scene = edit.paint(self.scene, id, text)
                self._speak(id, words)
                painted.append(id)
        if not painted:
            raise UsageError(
                "'{words}': {thing} lies nowhere; give it a region",
                code="words.no-region",
                words=shorten(words),
                thing=matching.thing_title(things[0].id),
            )
        return Written(tuple(painted), effect, grounded.certainty, tuple(notes))

    def _regions(self, thing: Thing) -> list[str]:
        """The thing itself where it has a region, else its parts that have one."""
        if self.scene.thing(thing.id).all(Region):
            return [thing.id]
        return [id for part in self.scene.parts(thing.id) for id in self._regions(part)]

    def _speak(self, id: str, words: str) -> None:
        thing = self.scene.thing(id)
        if Words(words) not in thing.modalities:
            self.scene = self.scene.with_thing(thing.with_modalities(Words(words)))

    def _contradiction(self, id: str, effect: str, words: str) -> list[str]:
        effect_before, words_before = self._before.get(id, (effect, ""))
        self._before[id] = (effect, words)
        if effect_before == effect:
            return []
        return [
            Message(
                "'{one}' and '{other}' contradict each other ({thing}): the last one counts",
                code="note.contradiction",
                one=shorten(words_before),
                other=shorten(words),
                thing=matching.thing_title(id),
            )
        ]

    def _distribute(self, clause: Clause, words: str) -> Written:
        """Several colors: one for each target, or for each thing of one target in order."""
        terms = [self._color(term) for term in clause.colors]
        if len(clause.targets) == len(terms) > 1:
            return _join(
                [self._one(replace(clause, targets=(t,), colors=(c,)), t, words)
                 for t, c in zip(clause.targets, terms, strict=True)]
            )  # fmt: skip
        grounded = self._find(replace(clause.targets[0], every=True))
        things = grounded.things if clause.order != "right to left" else grounded.things[::-1]
        if len(things) != len(terms):
            raise UsageError(
                "'{words}': {colors} colors for {things} things",
                code="words.color-count",
                words=shorten(words),
                colors=len(terms),
                things=len(things),
            )
        pairs = zip(things, terms, strict=True)
        return _join([self._paint((t,), c, words, replace(grounded, notes=())) for t, c in pairs])

    # keeping and shifting

    def _keep(self, target: Target, words: str) -> Written:
        """Nothing is asked of it, whatever was asked before."""
        if target.pronoun in ("rest", "everything") or target.kind == "picture":
            without = [t for other in target.without for t in self._find(other).things]
            return Written(tuple(t.id for t in without), "as it would be without words", 1.0)
        grounded, notes = self._find(target), list[str]()
        for thing in grounded.things:
            for id in (thing.id, *self._regions(thing)):
                notes += self._contradiction(id, "kept", words) if id in self._before else []
                self._before[id] = ("kept", words)
                known = tuple(
                    m for m in self.scene.thing(id).modalities if not (isinstance(m, Color) and m.origin != "network")
                )
                self.scene = self.scene.with_thing(replace(self.scene.thing(id), modalities=known))
        ids = tuple(t.id for t in grounded.things)
        return Written(ids, "as it would be without words", grounded.certainty, (*grounded.notes, *notes))

    def _only(self, clause: Clause) -> Written:
        """All but the targets stays gray."""
        all_grounded = [self._find(target) for target in clause.targets]
        things = [t for one in all_grounded for t in one.things]
        region = geometry.remainder(self.scene, things, "everything else")
        thing = self._add("everything-else", region)
        words = self.understanding.words(clause.span)
        done = self._paint((thing,), _GRAY, words, Grounded((thing,), min(g.certainty for g in all_grounded)))
        kept = tuple(t.id for t in things)
        notes = tuple(note for g in all_grounded for note in g.notes)
        return replace(done, things=(*kept, thing.id), effect="in color, all else gray", notes=(*notes, *done.notes))

    def _shift(self, target: Target, clause: Clause, words: str) -> Written:
        grounded = self._find(target)
        for thing in grounded.things:
            for id in self._regions(thing):
                self.scene = shifts.shift_thing(self.scene, id, clause, words)
                self._speak(id, words)
        return Written(tuple(t.id for t in grounded.things), shifts.text(clause), grounded.certainty, grounded.notes)

    def _shift_all(self, clause: Clause) -> Written:
        self.scene = shifts.shift_photo(self.scene, clause)
        return Written((WHOLE,), shifts.text(clause), 1.0)

    def _look(self, clause: Clause) -> Written:
        self.scene = shifts.apply_look(self.scene, clause.look)
        effect = f"the look {clause.look}"
        notes = self._contradiction(WHOLE, effect, self.understanding.words(clause.span))
        return Written((WHOLE,), effect, 1.0, tuple(notes))


def _join(parts: Sequence[Written]) -> Written:
    """What became of a clause's targets together."""
    return Written(
        tuple(dict.fromkeys(id for part in parts for id in part.things)),
        ", ".join(dict.fromkeys(part.effect for part in parts)),
        min(part.certainty for part in parts),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )
