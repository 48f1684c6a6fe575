"""Clauses of what belongs to a person or thing: what she wears, what is on the table, "man on the left: hat black"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from barva.language import colors, meaning
from barva.language.clauses import ColorTerm, Target
from barva.language.parts import Pattern
from barva.language.reader import Readings
from barva.language.topics import Topics
from barva.language.worn import is_part, is_someone

Items = tuple[tuple[Target, ...], tuple[ColorTerm, ...]]
"""Things, and the color of each."""

_MOST_ITEMS = 30


class Belongings(Topics):
    """Patterns whose things belong to what is named before them."""

    def _wearing(self) -> Iterator[Pattern]:
        """Who wears what, without a verb or with one: "the man on the left in a brown suit"."""
        targets = self._targets
        worn, be = self._one("relation", values=("wears",)), self._maybe(self._one("be"))
        sign = self._maybe(self._sign(",", ":"))
        yield Pattern((targets, sign, be, worn, targets), lambda o, s, b, w, t: meaning.wearing(o, t))

    def _belongings(self) -> Iterator[Pattern]:
        targets, color, link = self._targets, self._color, self._link
        giving, wears = self._verb("give", "make", "use"), self._one("wear")
        upon = self._one(
            "relation", values=("upon", "in", "near", "behind", "front", "above", "below")
        )  # "на жінці зелена сукня", "у хлопчика руде волосся"
        yield Pattern((giving, self._owners, link, color, targets), lambda v, o, p, c, t: meaning.gift(o, t, c))
        yield Pattern((giving, self._owners, targets), lambda v, o, t: meaning.gift(o, t, ()))
        yield Pattern((giving, self._owners, link, targets), lambda v, o, p, t: meaning.gift(o, t, ()))
        yield Pattern((targets, wears, link, color, targets), lambda o, w, p, c, t: meaning.gift(o, t, c))
        yield Pattern((targets, wears, link, targets), lambda o, w, p, t: meaning.gift(o, t, ()))
        yield Pattern((targets, wears, link, targets, link, color), lambda o, w, p, t, q, c: meaning.gift(o, t, c))
        yield Pattern((targets, wears, link, color), lambda o, w, p, c: meaning.dressed(o, c))
        yield Pattern((giving, targets, link, color), lambda v, o, p, c: meaning.dressed(o, c))
        yield Pattern((self._verb("make"), targets, wears, link, targets), lambda v, o, w, p, t: meaning.gift(o, t, ()))
        yield Pattern((targets, self._one("used"), targets), lambda o, d, t: meaning.used(o, t))
        yield Pattern((upon, targets, link, color, targets), lambda u, o, p, c, t: meaning.located(u, o, t, c))
        yield Pattern((upon, targets, link, targets, link, color), lambda u, o, p, t, q, c: meaning.located(u, o, t, c))
        yield Pattern((upon, targets, link, targets), lambda u, o, p, t: meaning.located(u, o, t, ()))
        yield Pattern(
            (self._maybe(giving), color, targets, self._one("for"), targets),
            lambda v, c, t, f, o: meaning.gift(o, t, c),
        )
        it = (Target(pronoun="it"),)  # "a yellow bus with a green stripe"
        yield Pattern((self._one("with"), link, targets), lambda w, p, t: meaning.gift(it, t, ()))
        yield Pattern((self._one("with"), targets, link, color), lambda w, t, p, c: meaning.color(t, c))
        yield Pattern((targets, self._sign(":", ","), self._items), lambda o, s, i: meaning.belongings(o, s, i))
        yield Pattern((self._verb("paint", "make"), targets, self._sign(":"), self._items),
                      lambda v, o, s, i: meaning.belongings(o, s, i))  # fmt: skip
        yield from self._datives()
        sign = self._sign(",", ":", ".")
        act = self._maybe(self._verb("make", "paint", "use", "give"))
        yield Pattern((self._topic, sign, act, self._items), lambda o, s, v, i: meaning.topical(o, v, i))
        yield Pattern((targets, self._one("with"), targets), lambda o, w, t: meaning.fitted(o, t))

    def _datives(self) -> Iterator[Pattern]:
        """Ukrainian clauses that name whom something is given, or who has it."""
        targets, color, link, receivers = self._targets, self._color, self._link, self._receivers
        act, giving = self._verb("make", "paint", "use", "give"), self._verb("give", "make", "use")
        yield Pattern((receivers, self._items), lambda o, i: meaning.belongings(o, ":", i))
        yield Pattern((receivers, act, self._items), lambda o, v, i: meaning.belongings(o, ":", i))
        yield Pattern((targets, receivers), lambda t, o: meaning.gift(o, t, ()))
        yield Pattern((targets, receivers, link, color), lambda t, o, p, c: meaning.gift(o, t, c))
        yield Pattern((targets, giving, link, color), lambda t, v, p, c: meaning.color(t, c))
        yield Pattern((receivers, giving, targets, self._one("with"), targets),
                      lambda o, v, t, w, f: meaning.fitted(t, f, o))  # fmt: skip
        yield Pattern((self._outfitted,), lambda t: meaning.description(t))
        wears = self._one("wear")
        yield Pattern((self._cyrillic, targets, wears, targets), lambda u, t, w, o: meaning.had(t, o))

    def _cyrillic(self, i: int) -> Readings[None]:
        """Nothing, where the next word is Ukrainian."""
        return [(None, i)] if i < len(self.phrases.words) and not self.phrases.words[i].isascii() else []

    def _outfitted(self, i: int) -> Readings[tuple[Target, ...]]:
        """A thing in the dative and a part that it gets: "пароплаву чорну трубу"."""
        if not self._cyrillic(i):
            return []
        out: Readings[tuple[Target, ...]] = []
        for thing, end in self.phrases.target(i):
            starts = [end, *(e for _, e in self._verb("make", "give", "use")(end))]
            if self._is_dative(thing) and not is_someone(thing):
                out += [((replace(part, owner=thing),), e) for at in starts for part, e in self.phrases.target(at)
                        if part.shade and part.owner is None and is_part(part, thing)]  # fmt: skip
        return out

    def _receivers(self, i: int) -> Readings[tuple[Target, ...]]:
        """Whom something is given, in the Ukrainian dative: "солдатам", "жінці позаду", "малій"."""
        if i >= len(self.phrases.words) or self.phrases.words[i].isascii():
            return []
        return [(t, e) for t, e in self._targets(i) if len(t) == 1 and is_someone(t[0]) and self._is_dative(t[0])]

    def _is_dative(self, target: Target) -> bool:
        """By its endings; a plural in -і is no dative: "хлопці"."""
        endings = ("ам", "ям", "ові", "еві", "єві", *(() if target.plural else ("і", "ій", "у", "ю", "ому")))
        endings = endings if not is_someone(target) or target.plural else (*endings[:5], "і", "ій", "ому")
        return any(word.endswith(endings) for word in self.phrases.words_of(target.span))

    def _owners(self, i: int) -> Readings[tuple[Target, ...]]:
        """Whom something is given: rather a person than a thing, where a pronoun can be both ("її")."""
        people = ("man", "woman", "person")
        persons = [(v, e) for v, e in self.phrases.cat(i, "pronoun") if v in people]
        first: Readings[tuple[Target, ...]] = [
            ((Target(pronoun=v, span=self.phrases.span(i, e)),), e) for v, e in persons
        ]
        return [*first, *self._targets(i)]

    def _items(self, i: int) -> Readings[Items]:
        """Things with a color each, with commas and "and" between: "red hat, coat brown and shoes black"."""
        waiting, out = self._item(i), list[tuple[Items, int]]()
        while waiting and len(out) < _MOST_ITEMS:
            (things, terms), end = waiting.pop(0)
            out.append(((things, terms), end))
            after = [e for place in self._behind_comma(end) for _, e in self.phrases.cat(place, "and", "but")]
            after += [at for at in self._behind_comma(end) if at > end]
            waiting += [
                (((*things, *more), (*terms, *colored)), e) for at in after for (more, colored), e in self._item(at)
            ]
        return sorted(out, key=lambda reading: -reading[1])

    def _item(self, i: int) -> Readings[Items]:
        out: Readings[Items] = []
        for things, end in self._targets(i):
            shades = [colors.shade(thing.shade) for thing in things]
            described = tuple(shade for shade in shades if shade is not None)
            if len(described) == len(things):
                out.append(((meaning.bare(things), described), end))
            out += [((things, (c,) * len(things)), e) for _, at in self._link(end) for c, e in self.phrases.color(at)]
        return sorted(out, key=lambda reading: -reading[1])[:8]
