"""Targets to things: which things of the scene a clause speaks of, and how sure that is."""

from __future__ import annotations

from dataclasses import replace

from barva.errors import AND, Message, UsageError, join
from barva.language import matching
from barva.language.bonds import Bonds
from barva.language.choice import Grounded
from barva.language.clauses import Target
from barva.language.worn import PAIRS, is_part, is_worn
from barva.scene.model import Thing
from barva.scene.vocabulary import kinds


class Ground(Bonds):
    """Grounds the targets of one text in one scene, in order.

    Args:
        scene: What is known of the photo.
        text: How a span of the text reads, for messages.
    """

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
        grounded = self._pronoun(target) if target.pronoun else self._noun(target)
        if target.without:
            self.context.noun = target if target.sense else self.context.noun  # "all cars but the left one"
            left_out = {t.id for other in target.without for t in self.find(other, inner=True).things}
            kept = tuple(t for t in grounded.things if t.id not in left_out)
            grounded = replace(grounded, things=kept)
            if not kept:
                raise UsageError("'{words}': nothing is left", code="words.nothing-left", words=self.text(target.span))
        if not inner:
            self.context.remember(target, grounded.things)
        else:
            self.context.meet(grounded.things)
        return grounded

    def _pronoun(self, target: Target) -> Grounded:
        word = self.text(target.span)
        if target.pronoun in ("man", "woman", "person"):
            return self._person(target.pronoun, word)
        if not self.context.things:
            raise UsageError(
                "'{words}': nothing was spoken of before; {instead}",
                code="words.nothing-before",
                words=word,
                instead=self._instead(),
            )
        return Grounded(self.context.things, 0.9)

    def _person(self, kind: str, word: str) -> Grounded:
        """A person by pronoun: who was spoken of, else the only or the most visible one."""
        if self.context.people:
            fitting = [t for t in self.context.people if t.kind in (kind, "person", "child") or kind == "person"]
            if fitting:
                return Grounded(tuple(fitting), 0.9)
        people = [t for t in self.scene.active_things() if t.kind in matching.PERSONS]
        fitting = [t for t in people if t.kind == kind] or [t for t in people if t.kind in ("person", "child")]
        if not fitting:
            raise UsageError(
                "'{words}': nobody was found in the photo; {instead}",
                code="words.nobody",
                words=word,
                instead=self._instead(),
            )
        return self._choice.single([(t, 0.9) for t in fitting], word)

    def _noun(self, target: Target) -> Grounded:
        word = self.text(target.span) or target.sense
        if not target.sense:
            target = _with_noun(target, self.context.noun)
        notes: list[str] = []
        options = self._fitting(target, word, notes)
        if not options:
            raise UsageError(
                "'{words}': there is no such thing in the photo; {instead}",
                code="words.no-thing",
                words=word,
                instead=self._instead(),
            )
        if target.shade:
            options = self._choice.apply_shade(options, target.shade, notes)
        if target.aside and len(options) > 1:
            notes.append(
                Message(
                    "'{words}' tells nothing that can be seen: it was not used to choose",
                    code="note.aside-unseen",
                    words=target.aside,
                )
            )
        grounded = self._choice.choose(target, options, word)
        return replace(grounded, notes=(*notes, *_coarser(target, grounded, word), *grounded.notes))

    def _fitting(self, target: Target, word: str, notes: list[str]) -> list[tuple[Thing, float]]:
        """The things that a noun can mean, by its owner, by what was spoken of, and by its relations."""
        options = matching.candidates(target, self.scene)
        if target.owner is not None:
            options = self._resolve_owner(options, target.owner, word, notes)
        elif len(options) > 1 and _may_be_owned(target):
            options = self._of_the_same(options)
        elif len(options) > 1 and is_part(target, self.context.whole):
            options = self._of_the_last(options)
        if target.other:
            before = {t.id for t in self.context.things}
            options = [(t, s) for t, s in options if t.id not in before]
        for how, other in target.relations:
            options = self._resolve_relation(options, how, other, word)
        return options


def _may_be_owned(target: Target) -> bool:
    """Whether a target is worn by one person and nothing else tells which: one thing, or what comes in pairs."""
    told = target.every or target.place or target.ordinal or target.size or target.relations or target.other
    return is_worn(target) and not told and (not target.plural or target.sense in PAIRS)


def _coarser(target: Target, grounded: Grounded, word: str) -> list[Message]:
    """A note on things that are only broadly what the noun says."""
    kept = {matching.title(t) for t in grounded.things if not matching.is_named(target, t)}
    if not kept:
        return []
    return [
        Message(
            "'{words}' is taken as {kinds}: nothing finer is known",
            code="note.coarser",
            words=word,
            kinds=join(sorted(kept), AND),
        )
    ]


def _with_noun(target: Target, noun: Target) -> Target:
    """A target without a noun ("the left one") with the noun that was said before, and its owner if it has none."""
    return replace(target, sense=noun.sense, kind=noun.kind, owner=target.owner or noun.owner)


def is_person(thing: Thing) -> bool:
    """Whether a thing is a person."""
    return thing.kind in matching.PERSONS or "person" in kinds(thing.kind)
