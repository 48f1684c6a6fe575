"""Tokens to noun phrases and colors: every reading that can begin at a place, the longest first.

A rule takes a place among the tokens and gives (value, place after it) of each reading. Results are kept, so that no
rule reads a place twice, and of readings that end at one place the first one stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from barva.language.clauses import ColorTerm, Target
from barva.language.lexicon import Noun
from barva.language.prefixes import Prefixes
from barva.language.reader import Readings
from barva.language.worn import PEOPLE, can_relate, is_someone

_DEEPEST = 3  # noun phrases inside of noun phrases: the hat of the man next to the car behind the house
_PREFIXES = 6  # words before a noun that belong to it
_OF_COLOR = ("кольору", "відтінку", "барви", "тону")
_GROUPS = ("picture", "other")


@dataclass(frozen=True)
class _Head:
    """A noun phrase so far, and whether its noun can be a Ukrainian genitive or was left out."""

    target: Target
    end: int
    genitive: bool = False
    elided: bool = False


class Phrases(Prefixes):
    """The noun phrases and colors of a text's tokens."""

    def targets(self, i: int) -> Readings[tuple[Target, ...]]:
        """One noun phrase, or several with commas and "and" between."""
        return self.memoize("targets", i, 0, lambda: self._target_lists(i))

    def _target_lists(self, i: int) -> Readings[tuple[Target, ...]]:
        open_lists: Readings[tuple[Target, ...]] = [((t,), e) for t, e in self.target(i)]
        results = dict[int, tuple[Target, ...]]()
        while open_lists:
            targets, end = open_lists.pop(0)
            if end in results or len(targets) > 12:
                continue
            results[end] = targets
            open_lists += [((*targets, t), e) for after in self._between(end) for t, e in self.target(after)]
        return [(results[end], end) for end in sorted(results, reverse=True)]

    def _between(self, i: int) -> list[int]:
        """Places after a comma, "and", or both."""
        places = [e for _, e in self.cat(i, "and")]
        if i < len(self.words) and self.words[i] == ",":
            places += [i + 1, *(e for _, e in self.cat(i + 1, "and"))]
        return places

    def target(self, i: int, depth: int = 0) -> Readings[Target]:
        """A noun phrase with all that belongs to it."""
        return [(head.target, head.end) for head in self._phrases(i, depth)]

    def _phrases(self, i: int, depth: int) -> list[_Head]:
        return self.memoize("phrase", i, depth, lambda: self._all_phrases(i, depth)) if depth <= _DEEPEST else []

    def _all_phrases(self, i: int, depth: int) -> list[_Head]:
        results: dict[tuple[int, bool, str], _Head] = {}
        waiting = list(self._heads(i, i, Target(), 0))
        while waiting:
            head = waiting.pop(0)
            key = (head.end, head.genitive, head.target.sense)
            if key in results or len(results) > 24:
                continue
            unwrapped = _unwrap(replace(head.target, span=self.span(i, head.end)))
            if unwrapped.sense != "color":
                results[key] = replace(head, target=unwrapped)
            waiting += self._extend(head, depth)
        number = bool(self.cat(i, "ordinal"))  # "друга" is rather the second one than a friend's
        return sorted(results.values(), key=lambda head: (-head.end, number and head.genitive))

    def _heads(self, start: int, i: int, draft: Target, count: int) -> Iterator[_Head]:
        """The words before a noun, and the noun."""
        if i >= len(self.words):
            if not draft.shade and i > start and self._stands_alone(i, draft):
                yield _Head(draft, i, elided=True)
            return
        bare = draft == Target()
        for category, value, end in self.entries[i]:
            if category == "noun" and isinstance(value, Noun):
                plural = value.plural and not value.singular
                target = replace(draft, sense=value.sense, kind=value.kind, plural=plural)
                yield _Head(target, end, value.genitive)
            elif category == "one" and i > start:
                yield _Head(replace(draft, plural=self.words[i] == "ones"), end, elided=True)
            elif category == "pronoun" and i == start:
                yield _Head(replace(draft, pronoun=str(value)), end)
            elif category in ("rest", "everything") and bare:
                yield _Head(replace(draft, pronoun=category), end)
            elif category == "everyone" and bare:
                yield _Head(Target("person", "person", every=True), end, genitive=self._is_cyrillic(i))
        if count < _PREFIXES:
            for changed, end in self.prefixes(i, draft):
                yield from self._heads(start, end, changed, count + 1)
        if not draft.shade and i > start and self._stands_alone(i, draft):
            yield _Head(draft, i, elided=True)

    def _stands_alone(self, i: int, draft: Target) -> bool:
        """Whether the words before can do without a noun: "the left", "the largest", "three of"."""
        if self.cat(i - 1, "article"):
            return False
        superlative = self.words[i - 1].endswith("est") or self.words[i - 1].startswith("най")
        counted = bool(draft.count) and bool(self.cat(i, "outof"))
        return bool(draft.place or draft.ordinal or draft.other or (draft.size and superlative) or counted)

    def _extend(self, head: _Head, depth: int) -> Iterator[_Head]:
        """What may follow a noun: 's and its part, an owner, a place, a number, a relation, an exception."""
        i, target = head.end, head.target
        if i >= len(self.words):
            return
        if self.words[i] == "'s":
            for part in self._heads(i + 1, i + 1, Target(), 0):
                if part.target.owner is None and part.end > i + 1:
                    whole = _unwrap(replace(target, span=self.span(i - 1, i)))
                    yield _Head(replace(part.target, owner=whole), part.end, elided=part.elided)
            return
        if target.pronoun in ("rest", "everything") or target.every or target.plural or target.kind in _GROUPS:
            yield from self._exceptions(head, i, depth)
        yield from self._place(head, i)
        if target.sense and not head.elided:
            yield from (_moved(head, end) for _, end in self.cat(i, "where"))
            yield from self._compound(head, i) if not self._is_cyrillic(i) else self._of_color(head, i)
        if head.elided and not target.sense:
            yield from self._out_of(target, i, depth)
        if target.owner is None and not target.pronoun:
            for _, after in self.cat(i, "of") if target.sense or not target.place else ():
                for owner, end in self.target(after, depth + 1):
                    yield _Head(replace(target, owner=owner), end)
            if self._is_cyrillic(i) and not head.elided:
                for owned in self._phrases(i, depth + 1):
                    if owned.genitive:
                        yield _Head(replace(target, owner=owned.target), owned.end, head.genitive)
            for value, end in self.cat(i, "possessive"):
                if self._is_cyrillic(i):
                    yield _Head(replace(target, owner=Target(pronoun=value, span=self.span(i, end))), end)
        yield from self._relate(head, i, depth)

    def _compound(self, head: _Head, i: int) -> Iterator[_Head]:
        """Nouns beside each other, of which the first is the owner: "church domes", "her coat collar"."""
        target = head.target
        for category, value, end in self.entries[i]:
            if category != "noun" or not isinstance(value, Noun) or self.names(i):
                continue
            if value.sense == "color":  # "the wall color"
                yield _moved(head, end)
            if value.sense == "color" or (target.owner is not None and target.owner.owner is not None):
                continue
            owner = Target(target.sense, target.kind, owner=target.owner, span=self.span(i - 1, i))
            plural = value.plural and not value.singular
            yield _Head(replace(target, sense=value.sense, kind=value.kind, plural=plural, owner=owner), end)

    def _of_color(self, head: _Head, i: int) -> Iterator[_Head]:
        """A color after its noun: "костюм пісочного кольору", "сукня кольору слонової кістки"."""
        if head.target.shade:
            return
        after = [(c, e) for c, at in self.names(i) for _, e in self.cat(at, "colorword")]
        before = [(c, e) for _, at in self.cat(i, "colorword", "like") for c, e in self.names(at)]
        for color, end in after + before:
            if not any(word in _OF_COLOR for word in self.words[i:end]):
                continue  # "пофарбуй стіни цегляним кольором" describes nothing
            yield replace(head, target=replace(head.target, shade=color.name), end=end)

    def _out_of(self, target: Target, i: int, depth: int) -> Iterator[_Head]:
        """ "The largest of the trees", "three of the boats"."""
        for _, after in self.cat(i, "outof"):
            for group, end in self.target(after, depth + 1):
                portion = target.place and not (target.size or target.ordinal or group.plural or group.every)
                if group.sense and not portion and not (group.size or group.ordinal or group.place):
                    own = {"size": target.size, "ordinal": target.ordinal, "place": target.place, "count": target.count}
                    yield _Head(replace(group, plural=False, every=False, side=target.side, **own), end)  # type: ignore[arg-type]

    def _is_cyrillic(self, i: int) -> bool:
        return "\u0400" <= self.words[i][0] <= "\u04ff"

    def _place(self, head: _Head, i: int) -> Iterator[_Head]:
        target = head.target
        if target.ordinal:
            for side, end in self.cat(i, "side"):
                if " " not in side:
                    yield replace(head, target=replace(target, side=side), end=end)
        if self.words[i].isdecimal() and not target.ordinal and 0 < int(self.words[i]) < 100 and target.sense:
            yield replace(head, target=replace(target, ordinal=int(self.words[i])), end=i + 1)
        aside = i + 1 if self.words[i] == "," else i
        if target.sense and not target.ordinal:
            for number, at in self.cat(aside, "ordinal"):
                for side, end in self.cat(at, "side") if number.lstrip("-").isdecimal() else ():
                    if " " not in side:
                        ranked = replace(target, ordinal=int(number), side=side)
                        yield from self._closed(replace(head, target=ranked, end=end), aside > i)
        if len(target.place) < 2 and target.pronoun not in ("rest", "everything"):
            for at in (i, *(e for _, e in self.cat(aside, "filler"))):
                for spot, end in self.cat(at, "spot"):
                    placed = replace(target, place=(*target.place, spot))
                    yield from self._closed(replace(head, target=placed, end=end), at > i)

    def _closed(self, head: _Head, open: bool) -> Iterator[_Head]:
        """A phrase, and where it has a part of its own between commas, the phrase behind the last comma."""
        yield head
        if open and head.end < len(self.words) and self.words[head.end] == ",":
            yield _moved(head, head.end + 1)

    def _exceptions(self, head: _Head, i: int, depth: int) -> Iterator[_Head]:
        at = i + 1 if self.words[i] == "," else i
        for _, after in self.cat(at, "except"):
            for others, end in self.targets(after) if depth == 0 else ():
                excepted = replace(head, target=replace(head.target, without=others), end=end)
                yield excepted
                if at > i and end < len(self.words) and self.words[end] == ",":
                    yield replace(excepted, end=end + 1)

    def _relate(self, head: _Head, i: int, depth: int) -> Iterator[_Head]:
        target = head.target
        # one relation inside of another phrase, where more would be tried again from every place
        if len(target.relations) > (0 if depth else 1) or target.pronoun in ("rest", "everything"):
            return
        at = i + 1 if self.words[i] == "," and self.cat(i + 1, "filler") else i
        for start in (at, *(e for _, e in self.cat(at, "filler"))):
            for how, after in self.cat(start, "relation"):
                if self.cat(after, "colorword"):
                    continue  # "in the color of the roof" is no place
                for other, end in self.target(after, depth + 1):
                    if how == "in" and is_someone(other) and self._is_cyrillic(start) and target.owner is None:
                        yield _Head(replace(target, owner=other), end)  # "очі в дівчини"
                    elif can_relate(how, target, other):
                        related = replace(target, relations=(*target.relations, (how, other)))
                        yield from self._closed(replace(head, target=related, end=end), start > i)
                if how == "wears" and target.kind in PEOPLE:
                    for color, end in self.names(after):
                        worn = Target("clothing", "clothing", shade=color.name, span=self.span(after, end))
                        yield replace(head, target=replace(target, relations=(*target.relations, (how, worn))), end=end)

    def color(self, i: int) -> Readings[ColorTerm]:
        """A color in every way that clauses can name it."""
        return self.memoize("color", i, 0, lambda: _longest_first(self._all_colors(i)))

    def _all_colors(self, i: int) -> Iterator[tuple[ColorTerm, int]]:
        starts = [i]
        if not self.cat(i, "too"):
            starts += [end for _, end in self.cat(i, "article", "polite")]
        starts += [e for at in tuple(starts) for _, e in self.cat(at, "colorword", "shadeof", "colored")]
        for at in starts:
            for _, end in self.cat(at, "gray"):
                yield ColorTerm("gray", "#808080", None, self.span(at, end)), end
            for color, end in self.names(at):
                yield color, end
                yield from ((color, e) for _, e in self.cat(end, "colorword", "colored", "material"))
            for _, after in self.cat(at, "like"):
                yield from ((color, end) for color, end in self.names(after) if end - after > 1)
                for owner, end in self.target(after):
                    yield ColorTerm("", "", owner, self.span(at, end)), end
                yield from self.names(after)


def _longest_first(readings: Iterator[tuple[ColorTerm, int]]) -> Readings[ColorTerm]:
    best: dict[int, ColorTerm] = {}
    for color, end in readings:
        best.setdefault(end, color)
    return [(best[end], end) for end in sorted(best, reverse=True)]


def _moved(head: _Head, end: int) -> _Head:
    return replace(head, end=end)


def _unwrap(target: Target) -> Target:
    """The color of the car is the car, as the goal of a clause; the sky of the photo is the sky."""
    if target.sense == "color":
        if target.owner is not None:
            return replace(target.owner, span=target.span)
        return Target("photo", "picture", span=target.span) if target.plural or target.every else target
    if target.owner is not None and target.owner.kind == "picture":
        return replace(target, owner=None)
    return target
