"""What follows a noun in its phrase: its owner, its part, other nouns, relations, and what is excepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from barva.language.clauses import Target
from barva.language.heads import Head, Heads, moved
from barva.language.lexicon import Noun
from barva.language.reader import Readings
from barva.language.worn import PEOPLE, can_relate, has, is_part, is_someone, is_worn

_GROUPS = ("picture", "other")


class Complements(Heads):
    """Noun phrases with all that may stand behind their nouns."""

    def targets(self, i: int) -> Readings[tuple[Target, ...]]:
        """One noun phrase, or several with commas and "and" between."""
        raise NotImplementedError

    def target(self, i: int, depth: int = 0) -> Readings[Target]:
        """A noun phrase with all that belongs to it."""
        raise NotImplementedError

    def _phrases(self, i: int, depth: int) -> list[Head]:
        raise NotImplementedError

    def _extend(self, head: Head, depth: int) -> Iterator[Head]:
        """What may follow a noun: 's and its part, an owner, a place, a number, a relation, an exception."""
        i, target = head.end, head.target
        if i >= len(self.words):
            return
        if self.words[i] == "'s":
            yield from self._possessed(head, i)
            return
        if target.pronoun == "rest":
            yield from self._rest_of(head, i, depth)
        if target.pronoun in ("rest", "everything") or target.every or target.plural or target.kind in _GROUPS:
            yield from self._exceptions(head, i, depth)
        yield from self._place(head, i)
        yield from self._qualified(head, i)
        if head.elided and not target.sense:
            yield from self._out_of(target, i, depth)
        if target.owner is None and not target.pronoun:
            yield from self._owned(head, i, depth)
        yield from self._relate(head, i, depth)

    def _possessed(self, head: Head, i: int) -> Iterator[Head]:
        """What stands behind 's; nothing, where it was named before: "but the middle man's"."""
        whole = unwrap(replace(head.target, span=self.span(i - 1, i)))
        for part in self._heads(i + 1, i + 1, Target(), 0):
            if part.target.owner is None and part.end > i + 1:
                yield Head(replace(part.target, owner=whole), part.end, elided=part.elided)
        if i + 1 >= len(self.words) or self.words[i + 1] in (",", "."):
            yield Head(Target(owner=whole), i + 1, elided=True)

    def _qualified(self, head: Head, i: int) -> Iterator[Head]:
        """A noun with "both", a name, a room, another noun or a color behind it."""
        target = head.target
        if target.sense and target.plural and not target.every:  # "the vases both", "вази обидві"
            yield from (replace(head, target=replace(target, every=True, count=2), end=e)
                        for v, e in self.cat(i, "all") if v == "2")  # fmt: skip
        if target.sense and not head.elided:
            yield from self._given_name(head, i)
            yield from (moved(head, end) for _, end in self.cat(i, "where"))
            yield from self._compound(head, i) if not self._is_cyrillic(i) else self._of_color(head, i)

    def _owned(self, head: Head, i: int, depth: int) -> Iterator[Head]:
        """A noun with its owner behind it: "of the man", a Ukrainian genitive or possessive, "she is holding"."""
        target = head.target
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
        for _, after in self.cat(i, "whose") if target.sense else ():  # "колодки до них"
            for owner, end in self.target(after, depth + 1):
                if owner.pronoun or is_part(target, owner):
                    yield Head(replace(target, owner=owner), end)
        if target.sense and not is_someone(target):
            yield from self._carried(head, i)

    def _carried(self, head: Head, i: int) -> Iterator[Head]:
        """What somebody has: "the book she is holding", "сукня, яку вона носить"."""
        at = i + 1 if self.words[i] == "," else i
        starts = [e for _, e in self.cat(at, "whom")] if at > i or self._is_cyrillic(i) else [i]
        starts += [e for _, e in self.cat(i, "relative")] if at == i else []
        for start in starts:
            for who, after in self.cat(start, "pronoun"):
                owner = Target(pronoun=who, span=self.span(start, after))
                for _, end in self.cat(after, "wear") if is_someone(owner) else ():
                    yield from self._closed(Head(replace(head.target, owner=owner), end), at > i)

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

    def _ends_with_spot(self, start: int, end: int) -> bool:
        return any(e == end for at in range(start + 1, end) for _, e in self.cat(at, "spot"))

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
                    if other.place and how in ("wears", "holds") and self._ends_with_spot(after, end):
                        continue  # "the boy with the cap on the right" stands there
                    if how == "in" and self._is_cyrillic(start) and target.owner is None and has(other, target):
                        yield Head(replace(target, owner=other), end)  # "очі в дівчини", "нашийник у пса"
                    elif can_relate(how, target, other):
                        related = replace(target, relations=(*target.relations, (how, other)))
                        is_clause = start > i or bool(self.cat(start, "relative"))
                        yield from self._closed(replace(head, target=related, end=end), is_clause)
                if how == "wears" and target.kind in PEOPLE:
                    for color, end in self.names(after):
                        worn = Target("clothing", "clothing", shade=color.name, span=self.span(after, end))
                        yield replace(head, target=replace(target, relations=(*target.relations, (how, worn))), end=end)


def unwrap(target: Target) -> Target:
    """The color of the car is the car, as the goal of a clause; the sky of the photo is the sky."""
    if target.sense == "color":
        if target.owner is not None:
            return replace(target.owner, span=target.span)
        return Target("photo", "picture", span=target.span) if target.plural or target.every else target
    if target.owner is not None and target.owner.kind == "picture":
        return replace(target, owner=None)
    return target
