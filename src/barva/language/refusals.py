"""Clauses that are understood and that nobody can act on, so that a person reads why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from barva.language import colors, meaning
from barva.language.clauses import Clause
from barva.language.parts import Parts, Pattern
from barva.language.reader import Readings


class Refusals(Parts):
    """Patterns of what is asked for in vain: more or less of a color, two colors of one thing, a part of a thing."""

    def _refusals(self) -> Iterator[Pattern]:
        targets, link, color = self._targets, self._link, self._color
        acting = self._maybe(self._verb("paint", "make", "keep", "give", "use"))
        some, article, no = self._maybe(targets), self._maybe(self._one("article")), self._one("not")
        several, portion = self._several_in_one, self._one("portion")

        def refuse(reason: str, t: Any, c: Any = ()) -> Clause:
            return Clause("not", t or (meaning.PHOTO,), c, reason=reason)

        yield Pattern((acting, some, link, self._hue, some), lambda v, t, p, h, u: refuse("hue", t or u))
        yield Pattern((targets, link, no, link, color), lambda t, p, n, q, c: meaning.refusal(t, c))
        there = self._maybe(self._one("for"))
        yield Pattern((no, color, there, some), lambda n, c, f, t: meaning.refusal(t or (meaning.PHOTO,), c))
        yield Pattern((acting, targets, link, several), lambda v, t, p, c: self._several_or_one(t, c))
        yield Pattern((acting, article, several, targets), lambda v, a, c, t: refuse("several", t, c))
        of = self._maybe(self._one("of"))
        yield Pattern((acting, article, portion, of, article, some, link, color),
                      lambda v, a, o, f, b, t, p, c: refuse("part", t, c))  # fmt: skip
        touch = self._one("verb", values=("touch", "paint"))
        yield Pattern((portion, of, article, some, no, touch), lambda o, f, a, t, n, v: refuse("part", t))
        yield Pattern((no, touch, article, portion, of, article, some), lambda n, v, b, o, f, a, t: refuse("part", t))
        headed = self._maybe(self._sign(":", ","))
        yield Pattern((acting, targets, headed, portion, link, color), lambda v, t, s, o, p, c: refuse("part", t, c))
        yield Pattern((acting, targets, link, self._halves), lambda v, t, p, c: refuse("part", t, c))
        yield Pattern((acting, targets, link, self._half), lambda v, t, p, c: refuse("part", t, c[1:]))

    def _several_or_one(self, targets: Any, terms: Any) -> Clause | None:
        """Several colors for one thing, or one that was said twice: "лисячий, рудий"."""
        if len({str(term) for term in terms}) == 1:
            return meaning.color(targets, terms[:1])
        return Clause("not", targets, terms, reason="several")

    def _halves(self, i: int) -> Readings[Any]:
        """A color above and another one below: "cream on top and red at the bottom", "знизу синій, зверху білий"."""
        out: Readings[Any] = []
        for (spot, term), end in self._half(i):
            after = [
                e for at in self._behind_comma(end) for e in (at, *(e for _, e in self.phrases.cat(at, "and", "but")))
            ]
            for at in dict.fromkeys(after):
                out += [((term, other), e) for (place, other), e in self._half(at) if place != spot and at > end]
        return out

    def _half(self, i: int) -> Readings[Any]:
        heights = [(v, e) for v, e in self.phrases.cat(i, "spot") if v in ("top", "bottom")]
        before = [((v, c), e) for v, at in heights for p in self._link(at) for c, e in self.phrases.color(p[1])]
        colored = self.phrases.color(i)
        return before + [
            ((v, c), e) for c, at in colored for v, e in self.phrases.cat(at, "spot") if v in ("top", "bottom")
        ]

    def _hue(self, i: int) -> Readings[None]:
        """ "Bluer", "more green", "less red and more yellow"."""
        phrases, out = self.phrases, list[tuple[None, int]]()
        places = [i]
        for at in places:
            starts = [at, *(e for _, e in phrases.cat(at, "degree", "article"))]
            ends = [e for start in starts for _, e in phrases.cat(start, "hue")]
            mores = [e for start in starts for _, e in phrases.cat(start, "more")]
            ends += [e for start in mores for _, e in phrases.names(start)]
            ends += [e + 1 for e in mores if e < len(phrases.words) and colors.is_adverb(phrases.words[e])]
            out += [(None, e) for e in ends]
            places += [e for end in ends for _, e in phrases.cat(end, "and") if e not in places]
        return sorted(out, key=lambda reading: -reading[1])
