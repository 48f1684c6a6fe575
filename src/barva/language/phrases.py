"""Tokens to noun phrases and colors: every reading that can begin at a place, the longest first.

A rule takes a place among the tokens and gives (value, place after it) of each reading. Results are kept, so that no
rule reads a place twice, and of readings that end at one place the first one stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from barva.language.clauses import ColorTerm, Target
from barva.language.heads import Head, Heads, moved
from barva.language.lexicon import Noun
from barva.language.reader import Readings
from barva.language.worn import PEOPLE, can_relate, is_someone, is_worn

_DEEPEST = 3  # noun phrases inside of noun phrases: the hat of the man next to the car behind the house
_GROUPS = ("picture", "other")
_COLOR_GIVERS = ("flower", "fruit", "food")
_BEFORE_GENITIVE = ("у", "в", "біля", "для", "від", "без")


class Phrases(Heads):
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
            results[end] = _without_both(targets, self.words[i])
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

    def _phrases(self, i: int, depth: int) -> list[Head]:
        return self.memoize("phrase", i, depth, lambda: self._all_phrases(i, depth)) if depth <= _DEEPEST else []

    def _all_phrases(self, i: int, depth: int) -> list[Head]:
        results: dict[tuple[int, bool, str], Head] = {}
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
        owner = i > 0 and self.words[i - 1] in _BEFORE_GENITIVE  # "у Богдана" is at Bohdan's, not at Bohdana's
        return sorted(
            results.values(),
            key=lambda head: (-head.end, number and head.genitive, owner and not head.genitive),
        )

    def _extend(self, head: Head, depth: int) -> Iterator[Head]:
        """What may follow a noun: 's and its part, an owner, a place, a number, a relation, an exception."""
        i, target = head.end, head.target
        if i >= len(self.words):
            return
        if self.words[i] == "'s":
            for part in self._heads(i + 1, i + 1, Target(), 0):
                if part.target.owner is None and part.end > i + 1:
                    whole = _unwrap(replace(target, span=self.span(i - 1, i)))
                    yield Head(replace(part.target, owner=whole), part.end, elided=part.elided)
            return
        if target.pronoun == "rest":
            yield from self._rest_of(head, i, depth)
        if target.pronoun in ("rest", "everything") or target.every or target.plural or target.kind in _GROUPS:
            yield from self._exceptions(head, i, depth)
        yield from self._place(head, i)
        if target.sense and target.plural and not target.every:  # "the vases both", "вази обидві"
            yield from (replace(head, target=replace(target, every=True, count=2), end=e)
                        for v, e in self.cat(i, "all") if v == "2")  # fmt: skip
        if target.sense and not head.elided:
            yield from self._given_name(head, i)
            yield from (moved(head, end) for _, end in self.cat(i, "where"))
            yield from self._compound(head, i) if not self._is_cyrillic(i) else self._of_color(head, i)
        if head.elided and not target.sense:
            yield from self._out_of(target, i, depth)
        if target.owner is None and not target.pronoun:
            for _, after in self.cat(i, "of") if target.sense or not target.place else ():
                for owner, end in self.target(after, depth + 1):
                    yield Head(replace(target, owner=owner), end)
            if self._is_cyrillic(i) and not head.elided:
                for owned in self._phrases(i, depth + 1):
                    if owned.genitive and not (is_someone(target) and is_worn(owned.target)):
                        yield Head(replace(target, owner=owned.target), owned.end, head.genitive)
            for value, end in self.cat(i, "possessive"):
                if self._is_cyrillic(i):
                    yield Head(replace(target, owner=Target(pronoun=value, span=self.span(i, end))), end)
        yield from self._relate(head, i, depth)

    def _compound(self, head: Head, i: int) -> Iterator[Head]:
        """Nouns beside each other, of which the first is the owner: "church domes", "her coat collar"."""
        target = head.target
        for category, value, end in self.entries[i]:
            if category == "one":  # "the attic one"
                yield Head(Target(owner=target, span=self.span(i, end)), end, elided=True)
            if category != "noun" or not isinstance(value, Noun) or self.names(i) or value.given:
                continue
            if value.sense == "color":  # "the wall color"
                yield moved(head, end)
            if value.sense == "color" or (target.owner is not None and target.owner.owner is not None):
                continue
            owner = Target(target.sense, target.kind, owner=target.owner, span=self.span(i - 1, i))
            plural = value.plural and not value.singular
            yield Head(replace(target, sense=value.sense, kind=value.kind, plural=plural, owner=owner), end)

    def _rest_of(self, head: Head, i: int, depth: int) -> Iterator[Head]:
        """ "The rest of the trees", "решта дерев": the others of a kind."""
        groups = [(t, e) for _, after in self.cat(i, "of", "outof") for t, e in self.target(after, depth + 1)]
        if self._is_cyrillic(i):
            groups += [(group.target, group.end) for group in self._phrases(i, depth + 1) if group.genitive]
        for group, end in groups:
            if group.sense and group.plural and group.kind not in _GROUPS and not group.place:
                yield Head(replace(group, every=True, other=True, plural=False), end)

    def _out_of(self, target: Target, i: int, depth: int) -> Iterator[Head]:
        """ "The largest of the trees", "three of the boats"."""
        for _, after in self.cat(i, "outof"):
            for group, end in self.target(after, depth + 1):
                portion = target.place and not (target.size or target.ordinal or group.plural or group.every)
                if group.sense and not portion and not (group.size or group.ordinal or group.place):
                    own = {"size": target.size, "ordinal": target.ordinal, "place": target.place, "count": target.count}
                    yield Head(replace(group, plural=False, every=False, side=target.side, **own), end)  # type: ignore[arg-type]

    def _exceptions(self, head: Head, i: int, depth: int) -> Iterator[Head]:
        at = i + 1 if self.words[i] == "," else i
        for _, after in self.cat(at, "except"):
            for others, end in self.targets(after) if depth == 0 else ():
                excepted = replace(head, target=replace(head.target, without=others), end=end)
                yield excepted
                if at > i and end < len(self.words) and self.words[end] == ",":
                    yield replace(excepted, end=end + 1)

    def _relate(self, head: Head, i: int, depth: int) -> Iterator[Head]:
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
                    if other.place and self.cat(start, "spot") and self.names(end - 1):
                        continue  # "on the left autumn orange" is no orange on the left
                    if how == "in" and is_someone(other) and self._is_cyrillic(start) and target.owner is None:
                        yield Head(replace(target, owner=other), end)  # "очі в дівчини"
                    elif can_relate(how, target, other):
                        related = replace(target, relations=(*target.relations, (how, other)))
                        is_clause = start > i or bool(self.cat(start, "relative"))
                        yield from self._closed(replace(head, target=related, end=end), is_clause)
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
                yield from ((color, e) for _, e in self.cat(end, "colorword", "colored", "material", "so"))
            for after in self._compared(at):
                yield from ((color, end) for color, end in self.names(after) if end - after > 1)
                if self.cat(at, "colorword") and any(noun.kind in _COLOR_GIVERS for noun, _ in self.nouns(after)):
                    yield from self.names(after)  # "кольору бузку" needs no lilac in the photo
                for owner, end in self.target(after):
                    yield ColorTerm("", "", owner, self.span(at, end)), end
                yield from self.names(after)

    def _compared(self, i: int) -> list[int]:
        """Places after "like", "the same color as"; "as well" compares nothing. With the color: "as red as"."""
        longest = max((e for _, e in self.cat(i, "polite")), default=i)
        plain = [e for _, e in self.cat(i, "like") if e >= longest]
        alike = [e for _, at in self.cat(i, "asmuch") for _, end in self.names(at) for _, e in self.cat(end, "like")]
        return plain + alike


def _longest_first(readings: Iterator[tuple[ColorTerm, int]]) -> Readings[ColorTerm]:
    best: dict[int, ColorTerm] = {}
    for color, end in readings:
        best.setdefault(end, color)
    return [(best[end], end) for end in sorted(best, reverse=True)]


def _without_both(targets: tuple[Target, ...], first: str) -> tuple[Target, ...]:
    """ "Both curtains and cushions" are no two curtains."""
    alike = len(targets) == 2 and (not targets[0].plural or targets[0].plural == targets[1].plural)
    if first != "both" or not alike or targets[1].count:
        return targets
    return replace(targets[0], every=False, count=0), targets[1]


def _unwrap(target: Target) -> Target:
    """The color of the car is the car, as the goal of a clause; the sky of the photo is the sky."""
    if target.sense == "color":
        if target.owner is not None:
            return replace(target.owner, span=target.span)
        return Target("photo", "picture", span=target.span) if target.plural or target.every else target
    if target.owner is not None and target.owner.kind == "picture":
        return replace(target, owner=None)
    return target
