"""The parts that the clauses of the grammar are made of: verbs, links, lists of things and of colors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from barva.language.clauses import Clause, ColorTerm, Target
from barva.language.phrases import Phrases
from barva.language.reader import Readings

_MOST_SKIPPED = 7  # places behind polite words and links: "hello, could you please now also just ..."
Part = Callable[[int], Readings[Any]]


@dataclass(frozen=True)
class Pattern:
    """Parts in order, and the clause of what they read; None where they make no sense together."""

    parts: tuple[Part, ...]
    clause: Callable[..., Clause | None]


class Parts:
    """All parts over the phrases of one text.

    Args:
        phrases: Of the text's tokens.
    """

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self._after_polite: dict[int, list[int]] = {}

    def _polite(self, i: int) -> list[int]:
        """The place itself, and those after polite words."""
        if i not in self._after_polite:
            self._after_polite[i] = self._skip_courtesies(i)
        return self._after_polite[i]

    def _skip_courtesies(self, i: int) -> list[int]:
        def onward(at: int) -> list[int]:
            is_comma = at > i and at < len(self.phrases.words) and self.phrases.words[at] == ","
            return [*self._courtesies(at), *([at + 1] if is_comma else [])]

        return self._reached(i, onward)

    def _reached(self, i: int, onward: Callable[[int], list[int]]) -> list[int]:
        """A place and those that are reached from it step by step, a few at most."""
        places = [i]
        for at in places:
            if len(places) > _MOST_SKIPPED:
                break
            places += [e for e in dict.fromkeys(onward(at)) if e not in places]
        return places

    def _courtesies(self, i: int) -> list[int]:
        """Places after polite words; "too" before a color or a change is none: "too orange"."""
        return [e for _, e in self.phrases.cat(i, "polite") if not self.phrases.cat(i, "too")]

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

        def onward(at: int) -> list[int]:
            is_colon = at < len(self.phrases.words) and self.phrases.words[at] == ":"
            words = [e for _, e in self.phrases.cat(at, "be", "prep", "colored", "material")]
            is_short = at < len(self.phrases.words) and self.phrases.words[at] == "'s" and self.phrases.names(at + 1)
            return [*words, *self._courtesies(at), *([at + 1] if is_colon or is_short else [])]  # "the car's black"

        return [("", at) for at in self._reached(i, onward)]

    def _targets(self, i: int) -> Readings[tuple[Target, ...]]:
        return self.phrases.targets(i)

    def _color(self, i: int) -> Readings[tuple[ColorTerm, ...]]:
        return [((color,), end) for color, end in self.phrases.color(i)]

    def _bare_color(self, i: int) -> Readings[tuple[ColorTerm, ...]]:
        """A color alone, whose first word is no thing: "the sky cooler, the grass green" has none for the sky."""
        begins = self.phrases.cat(i, "article") or self.phrases.nouns(i)
        return [] if begins else [((color,), end) for color, end in self.phrases.names(i)]

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

    def _several_in_one(self, i: int) -> Readings[tuple[ColorTerm, ...]]:
        """Several colors, also in one word: "синьо-жовтий"."""
        return [*self._several(i), *self.phrases.pairs(i)]

    def _sign(self, *signs: str) -> Part:
        """A sign that must be there."""

        def part(i: int) -> Readings[str]:
            return [(s, i + 1) for s in signs if i < len(self.phrases.words) and self.phrases.words[i] == s]

        return part

    def _instead(self, i: int) -> Readings[None]:
        """What a color is not, or nearly is, behind it: "blue, not green", "бордові, майже чорні"; or nothing."""
        colored = [(None, e) for at in self._afterthoughts(i) for _, e in self._color(at)]
        return [*colored, *((None, e) for e in self._material_ends(i)), (None, i)]

    def _material_ends(self, i: int) -> list[int]:
        """Places after a material behind a comma: "червоні, сап'янові"."""
        words = self.phrases.words
        ends = [e for at in self._behind_comma(i) if at > i for _, e in self.phrases.cat(at, "material")]
        return [e for e in ends if e >= len(words) or words[e] in (",", ".")]

    def _afterthoughts(self, i: int) -> list[int]:
        """Places of colors behind a color that add nothing to it: "not green", ", almost black", ", like the chair"."""
        aside = [at for at in self._behind_comma(i) if at > i]
        nearly = [e for at in aside for _, e in self.phrases.cat(at, "nearly")]
        return [*self._negated(i), *nearly, *(at for at in (i, *aside) if self._is_like(at))]

    def _is_like(self, i: int) -> bool:
        """Whether a comparison begins here, and no "as well"."""
        return bool(self.phrases.cat(i, "like")) and not self.phrases.cat(i, "polite")

    def _negated(self, i: int) -> list[int]:
        at = self._behind_comma(i)
        starts = [*at, *(e for place in at for _, e in self.phrases.cat(place, "and", "but"))]
        behind = [e for place in starts for _, e in self.phrases.cat(place, "instead")]
        return [end for place in behind for _, end in self._link(place)]

    def _rather(self, i: int) -> Readings[None]:
        """What stands between a color that it is not, and its color: ", but", ", it's", ", а"."""
        places = [e for place in self._behind_comma(i) for _, e in self.phrases.cat(place, "and", "but")]
        places += [at for at in self._behind_comma(i) if at > i]
        subjects = [e for place in places for _, e in self.phrases.cat(place, "pronoun")]
        return [(None, end) for place in (*places, *subjects) for _, end in self._link(place)]

    def _behind_comma(self, i: int) -> list[int]:
        is_comma = i < len(self.phrases.words) and self.phrases.words[i] in (",", ".")
        return [i, i + 1] if is_comma else [i]

    def _end(self, i: int) -> Readings[None]:
        """The end of the text or of a sentence, where nothing else can follow."""
        return [(None, i)] if i >= len(self.phrases.words) or self.phrases.words[i] == "." else []

    def _change(self, i: int) -> Readings[tuple[str, float]]:
        """Warmer, more vivid ...; "too warm", "not so bright" ask for the contrary."""
        what = ("warmth", "vividness", "light")
        phrases = self.phrases
        too = [e for _, e in phrases.cat(i, "too")]
        contrary = [mended for at in too for mended in self._complaint(at)]
        contrary += [((c, -float(v)), e) for at in too for c in what for v, e in phrases.cat(at, c)]
        contrary += [(("light", 1.0), e) for at in too for _, e in phrases.cat(at, "dim")]
        plain = [
            ((c, float(v)), e) for c in what for at in self._polite(i)
            if not (at and phrases.cat(at - 1, "too")) for v, e in phrases.cat(at, c)
        ]  # fmt: skip
        return [*contrary, *plain]

    def _complaint(self, i: int) -> Readings[tuple[str, float]]:
        """What is wrong with colors, as the contrary change: "loud", "flat", "cold"."""
        found = [(v.split(), e) for at in self._polite(i) for v, e in self.phrases.cat(at, "complaint")]
        return [((what, -float(amount)), e) for (what, amount), e in found]
