"""What stands at a place of a text: the entries of the lexicon, and colors by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from barva.language import colors
from barva.language.clauses import Clause, ColorTerm, Span
from barva.language.lexicon import Entry, Noun, lexicon
from barva.language.tokens import Token

T = TypeVar("T")
Readings = list[tuple[T, int]]
"""What can be read at a place, each with the place after it."""

_MOST_WORDS = 4  # of a color


class Reader:
    """The words of a text, and what the tables of words and colors know of them.

    Args:
        tokens: Of the whole text.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tuple(tokens)
        self.words = [token.word for token in tokens]
        table = lexicon()
        self.entries: list[list[Entry]] = [table.at(self.words, i) for i in range(len(self.words))]
        self._memo: dict[tuple[str, int, int], Any] = {}

    def cat(self, i: int, *categories: str) -> Readings[str]:
        """The values of a category's phrases that begin at a place, the longest first."""
        if i >= len(self.words):
            return []
        return [(v, e) for c, v, e in self.entries[i] if c in categories and isinstance(v, str)]

    def nouns(self, i: int) -> Readings[Noun]:
        """The nouns that begin at a place."""
        return [(v, e) for _, v, e in self.entries[i] if isinstance(v, Noun)] if i < len(self.words) else []

    def span(self, start: int, end: int) -> Span:
        """The characters of tokens."""
        return (self.tokens[start].start, self.tokens[end - 1].end) if end > start else (0, 0)

    def within(self, span: Span) -> list[int]:
        """The places of the words of a span."""
        return [i for i, token in enumerate(self.tokens) if span[0] <= token.start < span[1]]

    def words_of(self, span: Span) -> list[str]:
        """The words of a span."""
        return [self.words[i] for i in self.within(span)]

    def has(self, category: str, span: Span) -> bool:
        """Whether a phrase of a category begins in a span."""
        return any(self.cat(i, category) for i in self.within(span))

    def begins_with(self, category: str, span: Span, value: str) -> bool:
        """Whether a span begins with a phrase of a category that has this value."""
        return any(v == value for i in self.within(span)[:1] for v, _ in self.cat(i, category))

    def is_contrast(self, one: Clause, other: Clause) -> bool:
        """Whether the second of two clauses has no verb and stands behind "but" or begins with "not too"."""
        between = (one.span[1], other.span[0])
        first = self.within(other.span)[:1]
        linked = self.has("but", between) or any(self.cat(i, "too") for i in first)
        ends = "." in self.words_of(between)
        return linked and not ends and not self.has("verb", other.span) and not self.has("everything", other.span)

    def memoize(self, rule: str, i: int, depth: int, make: Callable[[], list[Any]]) -> list[Any]:
        """A rule's readings at a place, made once."""
        key = (rule, i, depth)
        if key not in self._memo:
            self._memo[key] = []  # a rule that comes back to its own place reads nothing there
            self._memo[key] = make()
        result: list[Any] = self._memo[key]
        return result

    def names(self, i: int) -> Readings[ColorTerm]:
        """Colors by name, with modifiers before it; no colors of other things."""
        return self.memoize("names", i, 0, lambda: list(self._all_names(i)))

    def _all_names(self, i: int) -> Iterator[tuple[ColorTerm, int]]:
        if i >= len(self.words):
            return
        if self.words[i].startswith(("#", "rgb", "lab")) and (
            color := colors.literal(self.words[i], self.span(i, i + 1))
        ):
            yield color, i + 1
            return
        seen = set[int]()
        for end in range(min(i + _MOST_WORDS, len(self.words)), i, -1):
            words = self.words[i:end]
            if all(word[0].isalpha() for word in words):
                color = colors.term(" ".join(words), self.span(i, end))
                if end == i + 1 and self.cat(i, "relation"):
                    continue  # "біля" is no form of "білий"
                if color is not None:
                    seen.add(end)
                    yield color, end
        if i + 1 < len(self.words) and self.words[i][0].isalpha():
            for base, end in self.names(i + 1):
                blend = colors.mixed(self.words[i], base, self.span(i, end))
                if blend is not None and end not in seen and (end == i + 2 or not self.words[i].isascii()):
                    seen.add(end)
                    yield blend, end
        for modifiers, at in self._modifiers(i, ()):
            for base, end in self.names(at) if at > i and not self._is_lighter_thing(i, at) else ():
                if end not in seen:
                    seen.add(end)
                    name = " ".join((*modifiers, base.name))
                    yield (colors.modify(base, name, modifiers, self.span(i, end)) if modifiers else base), end

    def _is_lighter_thing(self, i: int, at: int) -> bool:
        """ "Lighter skin" asks for light, and is no light skin; "a lighter blue" is a color."""
        return self.words[at - 1] in ("lighter", "darker") and bool(self.nouns(at))

    def pairs(self, i: int) -> Readings[tuple[ColorTerm, ...]]:
        """Two colors side by side in one word: "синьо-жовтий"."""
        bases = self.names(i + 1) if i + 1 < len(self.words) else []
        return [(two, end) for base, end in bases if (two := colors.pair(self.words[i], base))]

    def _modifiers(self, i: int, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
        if len(before) < 3:
            for modifier, end in self.cat(i, "modifier"):
                yield from self._modifiers(end, (*before, modifier))
            for _, end in self.cat(i, "very"):
                yield from self._modifiers(end, before)
        yield before, i
