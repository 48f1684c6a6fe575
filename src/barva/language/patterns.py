"""The clauses of the grammar: what may stand in which order, in English and Ukrainian, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from barva.language import meaning
from barva.language.clauses import Clause, ColorTerm, Target
from barva.language.phrases import Phrases
from barva.language.reader import Readings

Part = Callable[[int], Readings[Any]]
_MOST_READINGS = 60


@dataclass(frozen=True)
class Pattern:
    """Parts in order, and the clause of what they read; None where they make no sense together."""

    parts: tuple[Part, ...]
    clause: Callable[..., Clause | None]


class Patterns:
    """All patterns over the phrases of one text.

    Args:
        phrases: Of the text's tokens.
    """

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.all = (*self._looks(), *self._kept_patterns(), *self._colors(), *self._shifts(), *self._only())

    def clauses(self, i: int) -> Readings[Clause]:
        """Every clause that can begin at a place, as the patterns come and the longest of each first."""
        out: list[tuple[Clause, int]] = []
        for start in self._polite(i):
            for pattern in self.all:
                for values, end in self._read(pattern.parts, start):
                    clause = pattern.clause(*values)
                    if clause is not None:
                        out.append((replace(clause, span=self.phrases.span(start, end)), end))
                    if len(out) >= _MOST_READINGS:
                        return out
        return out

    def _read(self, parts: tuple[Part, ...], i: int) -> Iterator[tuple[tuple[Any, ...], int]]:
        if not parts:
            yield (), i
            return
        for value, end in parts[0](i):
            for values, last in self._read(parts[1:], end):
                yield (value, *values), last

    def _polite(self, i: int) -> list[int]:
        """The place itself, and those after polite words."""
        places = [i]
        for at in places:
            places += [e for _, e in self.phrases.cat(at, "polite") if e not in places]
            if (
                len(places) > 1
                and at < len(self.phrases.words)
                and self.phrases.words[at] == ","
                and at + 1 not in places
            ):
                places.append(at + 1)
        return places

    # parts

    def _one(self, *categories: str, values: tuple[str, ...] = ()) -> Part:
        def part(i: int) -> Readings[str]:
            return [
                (v, e) for start in self._polite(i) for v, e in self.phrases.cat(start, *categories)
                if not values or v in values
            ]  # fmt: skip

        return part

    def _verb(self, *values: str) -> Part:
        return self._one("verb", values=values)

    def _maybe(self, *parts: Part) -> Part:
        """What any of the parts reads, or nothing."""

        def part(i: int) -> Readings[Any]:
            return [*(reading for p in parts for reading in p(i)), (None, i)]

        return part

    def _link(self, i: int) -> Readings[str]:
        """What may stand between a thing and its color: "is", "in", "to", a colon, or several of them."""
        places = [i]
        for at in places:
            new = [e for _, e in self.phrases.cat(at, "be", "prep", "colored", "polite")]
            if at < len(self.phrases.words) and self.phrases.words[at] == ":":
                new.append(at + 1)
            places += [e for e in new if e not in places]
        return [("", at) for at in places]

    def _targets(self, i: int) -> Readings[tuple[Target, ...]]:
        return self.phrases.targets(i)

    def _color(self, i: int) -> Readings[tuple[ColorTerm, ...]]:
        return [((color,), end) for color, end in self.phrases.color(i)]

    def _several(self, i: int) -> Readings[tuple[ColorTerm, ...]]:
        """Two colors or more, with commas and "and" between."""
        lists = self._color(i)
        out: Readings[tuple[ColorTerm, ...]] = []
        while lists and len(out) < 40:
            listed, end = lists.pop(0)
            if len(listed) > 1:
                out.append((listed, end))
            after = [e for _, e in self.phrases.cat(end, "and")]
            if end < len(self.phrases.words) and self.phrases.words[end] == ",":
                after += [end + 1, *(e for _, e in self.phrases.cat(end + 1, "and"))]
            lists += [((*listed, c), e) for at in after for c, e in self.phrases.color(at)]
        return sorted(out, key=lambda reading: -reading[1])

    def _exception(self, i: int) -> Readings[tuple[Target, ...]]:
        """What is excepted at a clause's end."""
        at = i + 1 if i < len(self.phrases.words) and self.phrases.words[i] == "," else i
        readings = [r for _, after in self.phrases.cat(at, "except") for r in self.phrases.targets(after)]
        return [*readings, ((), i)]

    def _order(self, i: int) -> Readings[str]:
        return [*((side, e) for side, e in self.phrases.cat(i, "side") if " " in side), ("", i)]

    def _sides(self, i: int) -> Readings[str]:
        return [(side, e) for side, e in self.phrases.cat(i, "side") if " " in side]

    # patterns

    def _colors(self) -> Iterator[Pattern]:
        targets, color, link, except_ = self._targets, self._color, self._link, self._exception
        acting, giving = self._maybe(self._verb("paint", "make", "keep")), self._verb("give", "make", "use")
        act = self._verb("paint", "make")

        def paint(t: Any, c: Any, without: Any = ()) -> Clause | None:
            return meaning.color(t, c, without)

        yield Pattern((self._one("not"), acting, targets, link, color), lambda n, v, t, p, c: meaning.refusal(t, c))
        yield Pattern((acting, targets, link, color, except_), lambda v, t, p, c, x: paint(t, c, x))
        yield Pattern((acting, targets, self._order, link, self._several, self._order), meaning.distribution)
        yield Pattern((targets, act, link, color, except_), lambda t, v, p, c, x: paint(t, c, x))
        yield Pattern((act, link, color, targets, except_), lambda v, p, c, t, x: paint(t, c, x))
        yield Pattern((color, act, targets, except_), lambda c, v, t, x: paint(t, c, x))
        yield Pattern((link, color, link, act, targets), lambda p, c, q, v, t: paint(t, c))
        yield Pattern((self._maybe(giving), color, self._one("for"), targets), lambda v, c, f, t: paint(t, c))
        yield Pattern((giving, targets, link, color, targets), lambda v, o, p, c, t: meaning.gift(o, t, c))
        yield Pattern((giving, targets, targets), lambda v, o, t: meaning.gift(o, t, ()))
        wears = self._one("wear")
        yield Pattern((targets, wears, link, color, targets), lambda o, w, p, c, t: meaning.gift(o, t, c))
        yield Pattern((targets, wears, targets), lambda o, w, t: meaning.gift(o, t, ()))
        upon = self._one("relation", values=("upon", "in"))  # "на жінці зелена сукня", "у хлопчика руде волосся"
        yield Pattern((upon, targets, link, color, targets), lambda u, o, p, c, t: meaning.gift(o, t, c))
        yield Pattern((self._sides, acting, targets, link, self._several),
                      lambda s, v, t, p, c: meaning.distribution(v, t, s, p, c, ""))  # fmt: skip
        yield Pattern((giving, color, targets, self._one("for"), targets), lambda v, c, t, f, o: meaning.gift(o, t, c))
        yield Pattern((acting, targets), lambda v, t: meaning.description(t))
        yield Pattern((giving, targets), lambda v, t: meaning.description(t))

    def _kept_patterns(self) -> Iterator[Pattern]:
        targets, color, link = self._targets, self._color, self._link
        no, asis, keep = self._one("not"), self._one("asis"), self._verb("keep")
        paint, touch = self._verb("paint"), self._one("verb", values=("touch",))
        stay = self._one("stay")
        yield Pattern((no, paint, targets), lambda n, v, t: Clause("gray", t))
        yield Pattern((targets, no, paint), lambda t, n, v: Clause("gray", t))
        yield Pattern((no, touch, targets), lambda n, v, t: Clause("keep", t))
        yield Pattern((targets, no, touch), lambda t, n, v: Clause("keep", t))
        yield Pattern((no, self._one("colorword"), self._one("for"), targets), lambda n, c, f, t: Clause("gray", t))
        yield Pattern((self._one("remove"), targets), lambda r, t: Clause("gray", t))
        yield Pattern((keep, targets, link, asis), lambda v, t, p, a: Clause("keep", t))
        yield Pattern((keep, asis, targets), lambda v, a, t: Clause("keep", t))
        yield Pattern((targets, keep, asis), lambda t, v, a: Clause("keep", t))
        yield Pattern((targets, stay, link, asis), lambda t, v, p, a: Clause("keep", t))
        yield Pattern((targets, link, asis), lambda t, p, a: Clause("keep", t))
        yield Pattern((targets, self._one("stay", "verb", values=("", "keep")), link, color, self._exception),
                      lambda t, v, p, c, x: meaning.color(t, c, x))  # fmt: skip
        yield Pattern((keep, link, color, targets), lambda v, p, c, t: meaning.color(t, c))
        yield Pattern((color, keep, targets), lambda c, v, t: meaning.color(t, c))
        yield Pattern((keep, targets, self._exception), lambda v, t, x: Clause("keep", meaning.without(t, x)))
        yield Pattern((paint, targets, self._exception), lambda v, t, x: Clause("keep", meaning.without(t, x)))
        yield Pattern((targets, paint), lambda t, v: Clause("keep", t))

    def _shifts(self) -> Iterator[Pattern]:
        targets = self._maybe(self._targets)
        degree = self._maybe(self._one("degree"))
        act = self._maybe(self._verb("make", "paint", "use", "give"))
        also = self._also

        def read(i: int) -> Readings[tuple[str, float]]:
            return [
                ((c, float(v)), e) for c in ("warmth", "vividness", "light") for at in self._polite(i)
                for v, e in self.phrases.cat(at, c)
            ]  # fmt: skip

        yield Pattern((act, targets, self._link, degree, read, degree, also(read, degree)),
                      lambda v, t, p, d, s, e, a: meaning.shift(t, [(s, d or e), *a]))  # fmt: skip
        yield Pattern((act, degree, read, also(read, degree), targets, degree),
                      lambda v, d, s, a, t, e: meaning.shift(t, [(s, d or e), *a]))  # fmt: skip
        yield Pattern((targets, act, degree, read, also(read, degree)),
                      lambda t, v, d, s, a: meaning.shift(t, [(s, d), *a]))  # fmt: skip

    def _also(self, read: Part, degree: Part) -> Part:
        """Further shifts after "and" or a comma."""

        def part(i: int) -> Readings[list[Any]]:
            starts = [e for _, e in self.phrases.cat(i, "and")]
            if i < len(self.phrases.words) and self.phrases.words[i] == ",":
                starts += [i + 1, *(e for _, e in self.phrases.cat(i + 1, "and"))]
            found = [([(s, d)], end) for at in starts for d, e in degree(at) for s, end in read(e)]
            return [*found, ([], i)]

        return part

    def _only(self) -> Iterator[Pattern]:
        only, act = self._one("only"), self._maybe(self._verb("paint", "make", "keep"))
        incolor = self._maybe(self._one("incolor", "colored"))
        targets = self._targets
        yield Pattern((only, act, incolor, targets, incolor), lambda o, v, a, t, c: Clause("only", t))
        yield Pattern((act, only, incolor, targets, incolor), lambda v, o, a, t, c: Clause("only", t))
        yield Pattern((only, act, targets, self._link, self._color), lambda o, v, t, p, c: meaning.color(t, c, ()))
        yield Pattern((act, only, targets, self._link, self._color), lambda v, o, t, p, c: meaning.color(t, c, ()))
        yield Pattern((act, targets, only), lambda v, t, o: Clause("only", t))
        kept = self._one("incolor", "colored")
        yield Pattern((only, targets, self._verb("keep"), kept), lambda o, t, v, k: Clause("only", t))

    def _looks(self) -> Iterator[Pattern]:
        name = self._one("lookname")
        before = self._maybe(self._one("article"))
        act = self._maybe(self._verb("make", "give", "use", "paint"))
        like, look = self._maybe(self._one("looklike")), self._maybe(self._one("look"))

        def whole(i: int) -> Readings[Any]:
            return [(t, e) for t, e in self._targets(i) if meaning.is_whole(t)] + [(None, i)]

        yield Pattern((act, whole, self._maybe(self._one("looklike")), like, before, name, look),
                      lambda a, w, s, m, b, n, k: Clause("look", (), look=n))  # fmt: skip
        yield Pattern((act, like, before, self._maybe(self._one("look")), name, whole),
                      lambda a, s, b, k, n, w: Clause("look", (), look=n))  # fmt: skip
