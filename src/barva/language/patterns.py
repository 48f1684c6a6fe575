"""The clauses of the grammar: what may stand in which order, in English and Ukrainian, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from barva.language import meaning
from barva.language.belongings import Belongings
from barva.language.clauses import Clause, Target
from barva.language.connected import SAME
from barva.language.painting import Painting
from barva.language.parts import Part, Pattern
from barva.language.phrases import Phrases
from barva.language.reader import Readings
from barva.language.refusals import Refusals

_MOST_READINGS = 60


class Patterns(Painting, Belongings, Refusals):
    """All patterns over the phrases of one text.

    Args:
        phrases: Of the text's tokens.
    """

    def __init__(self, phrases: Phrases) -> None:
        super().__init__(phrases)
        self.all = (
            *self._looks(), *self._complaints(), *self._kept_patterns(), *self._wearing(), *self._colors(),
            *self._belongings(), *self._shifts(), *self._only(), *self._topics(), *self._refusals(),
        )  # fmt: skip

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

    def _kept_patterns(self) -> Iterator[Pattern]:
        targets, color, link = self._targets, self._color, self._link
        no, asis, keep = self._one("not"), self._one("asis"), self._verb("keep")
        paint, touch = self._verb("paint"), self._one("verb", values=("touch",))
        stay, make = self._one("stay"), self._maybe(self._verb("make", "keep"))
        # "don't recolor" keeps the color, and is read before "don't color"
        yield Pattern((no, touch, targets), lambda n, v, t: Clause("keep", t))
        yield Pattern((targets, no, touch), lambda t, n, v: Clause("keep", t))
        yield Pattern((no, paint, targets), lambda n, v, t: Clause("gray", t))
        yield Pattern((targets, no, paint), lambda t, n, v: Clause("gray", t))
        nothing = self._one("norest")
        yield Pattern((nothing, no, touch), lambda n, o, v: Clause("keep", (Target(pronoun="rest"),)))
        yield Pattern((nothing, no, paint), lambda n, o, v: Clause("gray", (Target(pronoun="rest"),)))
        yield Pattern((touch, nothing), lambda v, n: Clause("keep", (Target(pronoun="rest"),)))
        yield Pattern((no, self._one("colorword"), self._one("for"), targets), lambda n, c, f, t: Clause("gray", t))
        yield Pattern((self._one("remove"), targets), lambda r, t: Clause("gray", t))
        yield Pattern((keep, targets, link, asis), lambda v, t, p, a: Clause("keep", t))
        yield Pattern((keep, asis, targets), lambda v, a, t: Clause("keep", t))
        yield Pattern((targets, self._maybe(self._one("aside")), keep, asis), lambda t, d, v, a: Clause("keep", t))
        incolor = self._one("incolor")
        yield Pattern((keep, targets, incolor), lambda v, t, c: Clause("keep", t))
        yield Pattern((targets, keep, incolor), lambda t, v, c: Clause("keep", t))
        yield Pattern((make, targets, stay, link, asis), lambda m, t, v, p, a: Clause("keep", t))
        yield Pattern((targets, link, asis), lambda t, p, a: Clause("keep", t, reason=a and SAME))
        yield Pattern((make, targets, self._one("stay", "verb", values=("", "keep")), link, color, self._exception),
                      lambda m, t, v, p, c, x: meaning.color(t, c, x))  # fmt: skip
        yield Pattern((keep, link, color, targets), lambda v, p, c, t: meaning.color(t, c))
        yield Pattern((color, keep, targets), lambda c, v, t: meaning.color(t, c))
        yield Pattern((keep, targets, self._exception), lambda v, t, x: Clause("keep", meaning.without(t, x)))
        yield Pattern((paint, targets, self._exception), lambda v, t, x: meaning.left_as_it_is(t, x))
        yield Pattern((targets, paint), lambda t, v: meaning.left_as_it_is(t, ()))

    def _shifts(self) -> Iterator[Pattern]:
        targets, particle = self._maybe(self._targets), self._maybe(self._one("particle"))
        degree = self._maybe(self._one("degree"))
        act = self._maybe(self._verb("make", "paint", "use", "give"))
        also = self._also

        read, article = self._change, self._maybe(self._one("article"))
        toned = self._tones_of
        yield Pattern((act, targets, self._link, article, degree, read, degree, also(read, degree)),
                      lambda v, t, p, r, d, s, e, a: meaning.shift(t, [(s, d or e), *a]))  # fmt: skip
        to = self._maybe(self._one("for"))
        yield Pattern((act, article, degree, read, also(read, degree), to, self._maybe(toned, self._targets), particle,
                       degree), lambda v, r, d, s, a, f, t, p, e: meaning.shift(t, [(s, d or e), *a]))  # fmt: skip
        yield Pattern((targets, act, degree, read, also(read, degree)),
                      lambda t, v, d, s, a: meaning.shift(t, [(s, d), *a]))  # fmt: skip

    def _tones_of(self, i: int) -> Readings[tuple[Target, ...]]:
        """ "The red of the carpet"."""
        starts = [i, *(e for _, e in self.phrases.cat(i, "article"))]
        tones = [e for at in starts for _, e in self.phrases.names(at)]
        return [r for at in tones for _, e in self.phrases.cat(at, "of") for r in self._targets(e)]

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
        yield Pattern((only, targets, act, self._link, self._color), lambda o, t, v, p, c: meaning.color(t, c, ()))
        yield Pattern((act, targets, only), lambda v, t, o: Clause("only", t))
        yield Pattern((only, self._one("relation", values=("upon", "in")), targets, self._link, self._color),
                      lambda o, r, t, p, c: meaning.of_each(t, c))  # fmt: skip
        colored = self._maybe(self._one("incolor", "colored", "verb"))
        yield Pattern((act, self._one("norest"), self._link, colored),
                      lambda v, n, p, c: Clause("gray", (Target(pronoun="rest"),)))  # fmt: skip
        kept = self._one("incolor", "colored")
        stay = self._one("stay", "verb", values=("", "keep"))
        yield Pattern((only, targets, stay, kept), lambda o, t, v, k: Clause("only", t))

    def _complaints(self) -> Iterator[Pattern]:
        yield Pattern((self._targets, self._one("state"), self._maybe(self._one("very")), self._complaint),
                      lambda t, b, y, c: meaning.complaint(t, c))  # fmt: skip

    def _looks(self) -> Iterator[Pattern]:
        name = self._one("lookname")
        article, aside = self._maybe(self._one("article")), self._maybe(self._one("aside"))
        act = self._maybe(self._verb("make", "give", "use", "paint", "age"))
        like, look = self._maybe(self._one("looklike")), self._maybe(self._one("look"))

        def whole(i: int) -> Readings[Any]:
            return [(t, e) for t, e in self._targets(i) if meaning.is_whole(t)] + [(None, i)]

        headed = self._maybe(self._sign(":"))
        yield Pattern((act, whole, headed, self._maybe(self._one("looklike")), like, article, aside, name, look),
                      lambda a, w, i, s, m, b, d, n, k: Clause("look", (), look=n))  # fmt: skip
        yield Pattern((act, whole, self._one("be"), self._one("looklike"), article, aside, name, look),
                      lambda a, w, i, s, b, d, n, k: Clause("look", (), look=n))  # fmt: skip
        yield Pattern((act, like, article, self._maybe(self._one("look")), name, whole),
                      lambda a, s, b, k, n, w: Clause("look", (), look=n))  # fmt: skip
