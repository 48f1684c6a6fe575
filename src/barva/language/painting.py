"""Clauses that give things a color: "make the car red", "red for the car", "the car is not blue but red"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from barva.language import meaning
from barva.language.clauses import Clause, Target
from barva.language.connected import SAME
from barva.language.parts import Parts, Pattern


class Painting(Parts):
    """Patterns of things and their colors."""

    def _colors(self) -> Iterator[Pattern]:
        yield from self._painted()
        yield from self._corrected()
        yield from self._remarked()
        yield from self._described()

    def _paint(self, targets: Any, terms: Any, without: Any = (), verb: Any = "paint") -> Clause | None:
        """A color for things; None without a verb for a list of which each thing has its own."""
        mixed = verb is None and (meaning.is_mixed_list(targets) or self._is_headed(targets))
        return None if mixed or meaning.is_dressed_apart(targets) else meaning.color(targets, terms, without)

    def _is_headed(self, targets: tuple[Target, ...]) -> bool:
        """Whether a list is a person and, behind a comma, what it wears: "man in the hat, waistcoat rust"."""
        between = self.phrases.words_of((targets[0].span[1], targets[1].span[0])) if len(targets) > 1 else []
        again = len(targets) > 1 and targets[-1].pronoun in ("it", "them")  # "the dog, it was black"
        return "," in between and (again or meaning.is_dressed(targets))

    def _painted(self) -> Iterator[Pattern]:
        """Things and colors in every order."""
        targets, color, link, except_ = self._targets, self._color, self._link, self._exception
        acting, giving = self._maybe(self._verb("paint", "make", "keep")), self._verb("give", "make", "use")
        act, paint = self._verb("paint", "make"), self._paint
        yield Pattern((self._one("not"), acting, targets, link, color), lambda n, v, t, p, c: meaning.refusal(t, c))
        yield Pattern((acting, targets, link, color, self._instead, except_),
                      lambda v, t, p, c, i, x: paint(t, c, x, v))  # fmt: skip
        yield Pattern((acting, targets, self._order, link, self._several, self._order), meaning.distribution)
        yield Pattern((targets, act, link, color, except_), lambda t, v, p, c, x: paint(t, c, x))
        yield Pattern((act, link, color, targets, except_), lambda v, p, c, t, x: paint(t, c, x))
        yield Pattern((color, act, targets, except_), lambda c, v, t, x: paint(t, c, x))
        yield Pattern((link, color, link, act, targets), lambda p, c, q, v, t: paint(t, c))
        yield Pattern((self._maybe(giving), color, self._one("for"), targets), lambda v, c, f, t: paint(t, c))
        yield Pattern((self._sides, acting, targets, link, self._several),
                      lambda s, v, t, p, c: meaning.distribution(v, t, s, p, c, ""))  # fmt: skip

    def _corrected(self) -> Iterator[Pattern]:
        """A color that takes the place of another one: "not blue but red", "from blue to red"."""
        targets, color, link, no = self._targets, self._color, self._link, self._one("not")
        acting, act = self._maybe(self._verb("paint", "make", "keep")), self._verb("paint", "make")
        one, paint = self._maybe(self._one("one")), self._paint
        yield Pattern((targets, link, no, link, color, self._rather, color), lambda t, p, n, q, d, r, c: paint(t, c))
        yield Pattern((act, targets, self._one("from"), color, link, color), lambda v, t, f, d, p, c: paint(t, c))
        yield Pattern((acting, targets, link, self._sign(","), color, self._end),
                      lambda v, t, p, s, c, e: paint(t, c, (), v))  # fmt: skip
        yield Pattern((no, targets, self._rather, color, one), lambda n, t, r, c, o: meaning.corrected(t, c))

    def _remarked(self) -> Iterator[Pattern]:
        """A color behind a remark: "the sky cooler, pale blue", "the leaves are autumnal, orange"."""
        targets, link, paint = self._targets, self._link, self._paint
        acting, degree = self._maybe(self._verb("paint", "make", "keep")), self._maybe(self._one("degree"))
        behind = (self._sign(","), link, self._bare_color)
        yield Pattern((acting, targets, link, degree, self._change, *behind),
                      lambda v, t, p, d, w, s, q, c: paint(t, c))  # fmt: skip
        yield Pattern((targets, link, self._one("aside"), *behind), lambda t, p, a, s, q, c: paint(t, c))

    def _described(self) -> Iterator[Pattern]:
        """A color behind or before its thing, and what has the color of what was named before."""
        targets, color, link = self._targets, self._color, self._link
        acting, giving = self._maybe(self._verb("paint", "make", "keep")), self._verb("give", "make", "use")
        yield Pattern((targets, link, color, self._verb("paint", "make")), lambda t, p, c, v: self._paint(t, c))
        yield Pattern((targets, link, self._one("modifier")), lambda t, p, m: meaning.hair_tone(t, m))
        yield Pattern((targets, link, self._one("as-before")), lambda t, p, a: Clause("keep", t, reason=SAME))
        yield Pattern((acting, targets), lambda v, t: meaning.description(t))
        yield Pattern((giving, targets), lambda v, t: meaning.description(t))
