"""Words before a noun: "the three left", "her", "his father's", "the largest", "red"."""

from __future__ import annotations

from dataclasses import replace

from barva.language.clauses import Target
from barva.language.lexicon import lexicon
from barva.language.reader import Reader, Readings

_STUFF = ("sky", "sea", "water", "grass", "leaves", "sand", "snow", "soil", "ground", "rock", "skin", "plant")


class Prefixes(Reader):
    """What the words before a noun say of it."""

    def prefixes(self, i: int, draft: Target) -> Readings[Target]:
        """What one more word or phrase at a place adds to a noun phrase that has no noun yet."""
        out: Readings[Target] = []
        for category, value, end in self.entries[i]:
            if not isinstance(value, str):
                continue
            if category in ("article", "whole"):
                out.append((draft, end))
            elif category == "aside":
                out.append((replace(draft, aside=self.words[i]), end))
            elif category == "all":
                out.append((replace(draft, every=True, count=int(value) if value.isdigit() else draft.count), end))
            elif category == "count":
                out.append((replace(draft, count=int(value)), end))
            elif category == "kin" and draft.owner is None and self._is_of_several(i, end):
                noun = lexicon().noun(value)
                if noun is None:
                    continue
                out.append((replace(draft, owner=Target(noun.sense, noun.kind, span=self.span(i, end))), end))
            elif category == "possessive" and draft.owner is None:
                out.append((replace(draft, owner=Target(pronoun=value, span=self.span(i, end))), end))
            elif category == "place" and len(draft.place) < 2:
                out.append((replace(draft, place=(*draft.place, value)), end))
            elif category == "spot" and draft == Target() and value in ("left", "right"):
                out.append((replace(draft, place=(value,)), end))
            elif category == "ordinal":
                number = {"last": -1, "other": 0}.get(value)
                changed = replace(draft, ordinal=int(value) if number is None else number, other=value == "other")
                out.append((changed, end))
            elif category == "size" and not draft.size and self._is_of_noun(i, end):
                out.append((replace(draft, size=value), end))
        if self.words[i].isdecimal() and not draft.count and int(self.words[i]) > 0:
            out.append((replace(draft, count=int(self.words[i])), i + 1))
        return out if draft.shade else out + self._shades(i, draft)

    def _shades(self, i: int, draft: Target) -> Readings[Target]:
        """Colors that describe the noun behind them."""
        stuff = [v for v, e in self.nouns(i) if v.kind in _STUFF and e == i + 1]
        own = any(v.sense == self.words[i] or not self.words[i].isascii() for v in stuff)
        first = i + 2 if stuff else i + 1  # "moss green" is a color, moss a thing
        named = [(c, e) for c, e in self.names(i) if e >= first and not own]
        shades = [(c, e) for c, e in named if not self._is_thing_with_color(i, e)]
        shades += [(name, e) for name, end in shades for _, e in self.cat(end, "colored", "colorword")]
        out = [(replace(draft, shade=name.name), end) for name, end in shades]
        return out + [(replace(draft, shade=v), e) for v, e in self.cat(i, "modifier") if v in ("light", "dark")]

    def _is_of_noun(self, i: int, end: int) -> bool:
        """Whether a size is one of the thing: no "lighter blue", and no Ukrainian case before another one."""
        word, after = self.words[i], self.words[end] if end < len(self.words) else ""
        agrees = not after or not word.endswith("ій") or after.endswith("ій")
        agrees = agrees or (after.endswith(("і", "ї")) and bool(self.nouns(end)) and not self.names(end))
        agrees = agrees and not (word.endswith("а") and len(after) > 2 and after.endswith(("у", "ю")))  # "мала сукню"
        return agrees and not any(e > end for _, e in self.names(i))

    def _is_of_several(self, i: int, end: int) -> bool:
        """Whether a word is no plural possessive, or of several things: "хлопцеві светр" is a dative."""
        if not self.words[i].endswith(("ові", "еві", "єві")):
            return True
        return any(noun.plural for noun, _ in self.nouns(end)) or not self.nouns(end)

    def _is_thing_with_color(self, i: int, end: int) -> bool:
        """Whether a word that is a thing and a color stands before the color of that thing: "lipstick cherry red"."""
        is_noun = any(e == end for _, e in self.nouns(i))
        return is_noun and bool(self.nouns(end)) and any(e > end + 1 for _, e in self.names(end))
