"""A noun with the words before it, and what it can be told by: a place, a number, a name, a color behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from barva.language.clauses import Target
from barva.language.lexicon import Noun, lexicon
from barva.language.prefixes import Prefixes
from barva.language.worn import PEOPLE

_PREFIXES = 6  # words before a noun that belong to it
_ANYONE = ("person", "child")


@dataclass(frozen=True)
class Head:
    """A noun phrase so far, and whether its noun can be a Ukrainian genitive or was left out."""

    target: Target
    end: int
    genitive: bool = False
    elided: bool = False


class Heads(Prefixes):
    """The heads of noun phrases, without owners and relations."""

    def _heads(self, start: int, i: int, draft: Target, count: int) -> Iterator[Head]:
        """The words before a noun, and the noun."""
        if i >= len(self.words):
            if not draft.shade and i > start and self._stands_alone(i, draft):
                yield Head(draft, i, elided=True)
            return
        bare = draft == Target()
        for category, value, end in self.entries[i]:
            if category == "noun" and isinstance(value, Noun):
                plural = value.plural and not value.singular
                target = replace(draft, sense=value.sense, kind=value.kind, plural=plural)
                yield Head(target, end, value.genitive)
            elif category == "one" and i > start:
                yield Head(replace(draft, plural=self.words[i] == "ones"), end, elided=True)
            elif category == "pronoun" and i == start:
                yield Head(replace(draft, pronoun=str(value)), end)
            elif category in ("rest", "others", "everything") and bare:
                yield Head(replace(draft, pronoun="everything" if category == "everything" else "rest"), end)
            elif category == "someone" and not draft.shade and self._is_alone(i, end):
                noun = lexicon().noun(str(value))
                if noun is not None:
                    genitive = self.words[i].endswith(("ого", "ої", "их"))
                    yield Head(replace(draft, sense=noun.sense, kind=noun.kind), end, genitive)
            elif category == "everyone" and bare:
                yield Head(Target("person", "person", every=True), end, genitive=self._is_cyrillic(i))
        if i == start and bare:
            yield from self._spots(i, draft)
        yield from self._those(i, draft)
        if count < _PREFIXES:
            for changed, end in self.prefixes(i, draft):
                yield from self._heads(start, end, changed, count + 1)
        if not draft.shade and i > start and self._stands_alone(i, draft):
            yield Head(draft, i, elided=True)

    def _is_alone(self, i: int, end: int) -> bool:
        """Whether an adjective is somebody: "у старого", "малій червоні черевички", but no "старий білий дуб"."""
        if end >= len(self.words):
            return True
        return not self.nouns(end) and self.words[i][-1] != self.words[end][-1]

    def _those(self, i: int, draft: Target) -> Iterator[Head]:
        """What is told by its place alone: "той, що коло дверей"."""
        for _, at in self.cat(i, "article") if self._is_cyrillic(i) else ():
            if self.cat(at, "relative"):
                yield Head(draft, at, elided=True)

    def _spots(self, i: int, draft: Target) -> Iterator[Head]:
        """A side that stands for the thing there: "машина праворуч червона, а ліворуч — бежева"."""
        for spot, end in self.cat(i, "spot"):
            colored = end < len(self.words) and (self.words[end] == ":" or bool(self.names(end)))
            if spot in ("left", "right") and colored:
                yield Head(replace(draft, place=(spot,)), end, elided=True)

    def _stands_alone(self, i: int, draft: Target) -> bool:
        """Whether the words before can do without a noun: "the left", "the largest", "three of"."""
        if self.cat(i - 1, "article"):
            return False
        superlative = self.words[i - 1].endswith("est") or self.words[i - 1].startswith("най")
        counted = bool(draft.count) and bool(self.cat(i, "outof"))
        return bool(draft.place or draft.ordinal or draft.other or (draft.size and superlative) or counted)

    def _is_cyrillic(self, i: int) -> bool:
        return "\u0400" <= self.words[i][0] <= "\u04ff"

    def _place(self, head: Head, i: int) -> Iterator[Head]:
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
            told = i > 0 and bool(self.cat(i - 1, "relative"))  # "усі, хто в першому ряду,"
            for at in (i, *(e for _, e in self.cat(aside, "filler"))):
                for spot, end in self.cat(at, "spot"):
                    placed = replace(target, place=(*target.place, spot))
                    yield from self._closed(replace(head, target=placed, end=end), told or at > i)

    def _closed(self, head: Head, open: bool) -> Iterator[Head]:
        """A phrase, and where it has a part of its own between commas, the phrase behind the last comma."""
        yield head
        if open and head.end < len(self.words) and self.words[head.end] == ",":
            yield moved(head, head.end + 1)

    def _given_name(self, head: Head, i: int) -> Iterator[Head]:
        """Who is called so: "uncle Joe", "тітка Марія"."""
        named = [(v, e) for v, e in self.nouns(i) if v.given]
        if head.target.kind in PEOPLE:
            yield from (
                replace(head, end=e) for v, e in named if v.kind == head.target.kind or head.target.kind in _ANYONE
            )

    def _of_color(self, head: Head, i: int) -> Iterator[Head]:
        """A color after its noun: "костюм пісочного кольору", "сукня кольору слонової кістки"."""
        if head.target.shade:
            return
        after = [(c, e) for c, at in self.names(i) for _, e in self.cat(at, "colorword")]
        before = [(c, e) for _, at in self.cat(i, "colorword", "like") for c, e in self.names(at)]
        for color, end in after + before:
            if not any(self.cat(at, "ofcolor") for at in range(i, end)):
                continue  # "пофарбуй стіни цегляним кольором" describes nothing
            yield replace(head, target=replace(head.target, shade=color.name), end=end)


def moved(head: Head, end: int) -> Head:
    """The same phrase with an end further on."""
    return replace(head, end=end)
