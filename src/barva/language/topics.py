"""Clauses whose things were named first: one of a group, a person and then its clothes, a list of who gets which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from barva.language import meaning
from barva.language.clauses import Clause, ColorTerm, Target
from barva.language.parts import Parts, Pattern
from barva.language.reader import Readings
from barva.language.worn import is_someone

_MOST_RECEIVERS = 12


class Topics(Parts):
    """Patterns that begin with what they speak of."""

    def _topics(self) -> Iterator[Pattern]:
        targets, color, link = self._targets, self._color, self._link
        act, sign = self._verb("paint", "make", "use", "give"), self._sign(",", ":", ".")
        comma, it = self._maybe(self._sign(",")), self._maybe(self._one("pronoun"))
        incolor = self._one("incolor")
        yield Pattern((self._one_of, comma, link, color), lambda t, s, p, c: meaning.color(t, c))
        yield Pattern((self._one_of, link, incolor, sign, act, it, link, color),
                      lambda t, p, n, s, v, i, q, c: meaning.color(t, c))  # fmt: skip
        yield Pattern((self._one_of, link, incolor), lambda t, p, n: Clause("only", t))
        yield Pattern((targets, self._sign(":"), self._received), lambda t, s, r: meaning.handed_out(t, *r))
        yield Pattern((self._maybe(self._one("except")), targets, self._sign(","), self._one("which"), link, color),
                      lambda x, t, s, w, p, c: meaning.color(t, c))  # fmt: skip
        yield Pattern((self._one("which"), link, color), lambda w, p, c: meaning.color((Target(pronoun="it"),), c))
        yield Pattern((self._one("for"), targets, comma, self._verb("use", "make"), link, color),
                      lambda f, t, s, v, p, c: meaning.color(t, c))  # fmt: skip
        yield Pattern((targets, self._one("seem"), link, color, self._maybe(self._one("polite")), self._rather, color),
                      lambda t, s, p, d, o, r, c: meaning.color(t, c))  # fmt: skip
        yield Pattern((targets, link, color, comma, self._one("really"), link, color),
                      lambda t, p, d, s, r, q, c: meaning.color(t, c))  # fmt: skip
        yield Pattern((self._one("relation", values=("upon", "in")), targets, link, color),
                      lambda r, t, p, c: meaning.of_each(t, c))  # fmt: skip

    def _one_of(self, i: int) -> Readings[tuple[Target, ...]]:
        """ "Of the three bicycles only the last", "з трьох роверів розфарбуй останній"."""
        out: Readings[tuple[Target, ...]] = []
        for group, end in (r for _, at in self.phrases.cat(i, "outof") for r in self.phrases.target(at)):
            starts = [end, *(e for _, e in self._verb("paint", "make")(end))]
            starts += [e for at in tuple(starts) for _, e in self.phrases.cat(at, "only")]
            for chosen, last in (r for at in starts for r in self.phrases.target(at)):
                several, named = group.plural or group.count, chosen.sense or chosen.pronoun or chosen.owner
                if group.sense and several and not named:
                    out.append(((replace(chosen, sense=group.sense, kind=group.kind),), last))
        return out

    def _received(self, i: int) -> Readings[tuple[tuple[Target, ...], tuple[ColorTerm, ...]]]:
        """ "Red for the girl, blue for the boy"."""
        waiting: list[tuple[tuple[Target, ...], tuple[ColorTerm, ...], int]] = [
            ((owner,), (term,), end) for owner, term, end in self._receiver(i)
        ]
        out: Readings[tuple[tuple[Target, ...], tuple[ColorTerm, ...]]] = []
        while waiting and len(out) < _MOST_RECEIVERS:
            owners, terms, end = waiting.pop(0)
            out.append(((owners, terms), end))
            after = [at for at in self._behind_comma(end) if at > end]
            after += [e for at in self._behind_comma(end) for _, e in self.phrases.cat(at, "and", "but")]
            waiting += [((*owners, o), (*terms, c), e) for at in after for o, c, e in self._receiver(at)]
        return sorted(out, key=lambda reading: -reading[1])

    def _receiver(self, i: int) -> list[tuple[Target, ColorTerm, int]]:
        colored = [(c, at) for c, end in self.phrases.color(i) for _, at in self.phrases.cat(end, "for")]
        return [(o, c, e) for c, at in colored for o, e in self.phrases.target(at) if is_someone(o)]

    def _introduced(self, i: int) -> Readings[Target]:
        """A person to begin with: "sitting on the steps there's a boy", "на сходах сидить хлопчик"."""
        placed = [(how, place, end) for how, at in self.phrases.cat(i, "relation")
                  for place, end in self.phrases.target(at, 1)]  # fmt: skip
        out: Readings[Target] = []
        for how, place, end in placed:
            starts = [*self._polite(end), *(e for _, e in self.phrases.cat(end, "filler"))]
            for person, last in (r for at in starts for r in self.phrases.target(at)):
                if is_someone(person) and not is_someone(place):
                    out.append((replace(person, relations=((how, place), *person.relations)), last))
        return out

    def _topic(self, i: int) -> Readings[tuple[Target, ...]]:
        introduced: Readings[tuple[Target, ...]] = [((target,), end) for target, end in self._introduced(i)]
        return introduced + [(t, e) for t, e in self._targets(i) if len(t) == 1 and is_someone(t[0])]
