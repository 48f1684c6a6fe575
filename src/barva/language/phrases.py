"""Tokens to noun phrases and colors: every reading that can begin at a place, the longest first.

A rule takes a place among the tokens and gives (value, place after it) of each reading. Results are kept, so that no
rule reads a place twice, and of readings that end at one place the first one stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from barva.language.clauses import ColorTerm, Target
from barva.language.complements import Complements, unwrap
from barva.language.heads import Head
from barva.language.reader import Readings
from barva.language.worn import is_part, is_someone

_DEEPEST = 3  # noun phrases inside of noun phrases: the hat of the man next to the car behind the house
_COLOR_GIVERS = ("flower", "fruit", "food")
_BEFORE_GENITIVE = ("у", "в", "біля", "для", "від", "без")


class Phrases(Complements):
    """The noun phrases and colors of a text's tokens."""

    def targets(self, i: int) -> Readings[tuple[Target, ...]]:
        """One noun phrase, or several with commas and "and" between."""
        return self.memoize("targets", i, 0, lambda: self._target_lists(i))

    def _target_lists(self, i: int) -> Readings[tuple[Target, ...]]:
        open_lists: Readings[tuple[Target, ...]] = [((t,), e) for t, e in self.target(i)]
        results = dict[int, tuple[Target, ...]]()
        while open_lists:
            targets, end = open_lists.pop(0)
            if end in results or len(targets) > 12:
                continue
            results[end] = _without_both(targets, self.words[i])
            open_lists += [
                ((*targets, self._of_the_same(targets[-1], t)), e)
                for after in self._between(end)
                for t, e in self.target(after)
            ]
        named = [((t,), e) for t, e in self.target(i) if is_someone(t) and not is_someone(results[e][0])]
        return [(results[end], end) for end in sorted(results, reverse=True)] + named  # Violet is a woman, too

    def _of_the_same(self, before: Target, target: Target) -> Target:
        """Another part of what owns the one before: "the stork's legs and beak"."""
        owner = before.owner
        if owner is None or target.owner is not None or "'s" not in self.words_of(before.span):
            return target
        begins = self.within(target.span)[:1]
        bare = not any(self.cat(at, "article", "all", "possessive") for at in begins)
        return replace(target, owner=owner) if bare and not is_someone(owner) and is_part(target, owner) else target

    def _between(self, i: int) -> list[int]:
        """Places after a comma, "and", or both."""
        places = [e for _, e in self.cat(i, "and")]
        if i < len(self.words) and self.words[i] == ",":
            places += [i + 1, *(e for _, e in self.cat(i + 1, "and"))]
        return places

    def target(self, i: int, depth: int = 0) -> Readings[Target]:
        """A noun phrase with all that belongs to it."""
        return [(head.target, head.end) for head in self._phrases(i, depth)]

    def _phrases(self, i: int, depth: int) -> list[Head]:
        return self.memoize("phrase", i, depth, lambda: self._all_phrases(i, depth)) if depth <= _DEEPEST else []

    def _all_phrases(self, i: int, depth: int) -> list[Head]:
        results: dict[tuple[int, bool, str], Head] = {}
        waiting = list(self._heads(i, i, Target(), 0))
        while waiting:
            head = waiting.pop(0)
            key = (head.end, head.genitive, head.target.sense)
            if key in results or len(results) > 24:
                continue
            unwrapped = unwrap(replace(head.target, span=self.span(i, head.end)))
            if unwrapped.sense == "color" and any(self.cat(at, "whole") for at in range(i, head.end)):
                unwrapped = replace(unwrapped, sense="photo", kind="picture")  # "the overall tone"
            if unwrapped.sense != "color":
                results[key] = replace(head, target=unwrapped)
            waiting += self._extend(head, depth)
        number = bool(self.cat(i, "ordinal"))  # "друга" is rather the second one than a friend's
        owner = i > 0 and self.words[i - 1] in _BEFORE_GENITIVE  # "у Богдана" is at Bohdan's, not at Bohdana's
        return sorted(
            results.values(),
            key=lambda head: (
                -head.end,
                number and head.genitive,
                owner and not head.genitive,
                _owners(head.target),
                head.target.owner is not None and not is_part(head.target, head.target.owner),  # "труба пароплава"
            ),
        )

    def color(self, i: int) -> Readings[ColorTerm]:
        """A color in every way that clauses can name it."""
        return self.memoize("color", i, 0, lambda: _longest_first(self._all_colors(i)))

    def _all_colors(self, i: int) -> Iterator[tuple[ColorTerm, int]]:
        starts = [i]
        if not self.cat(i, "too"):
            starts += [end for _, end in self.cat(i, "article", "polite")]
        starts += [e for at in tuple(starts) for _, e in self.cat(at, "colorword", "shadeof", "colored")]
        for at in starts:
            for _, end in self.cat(at, "gray"):
                yield ColorTerm("gray", "#808080", None, self.span(at, end)), end
            for color, end in self.names(at):
                yield color, end
                yield from ((color, e) for _, e in self.cat(end, "colorword", "colored", "material", "so"))
            for after in self._compared(at):
                yield from ((color, end) for color, end in self.names(after) if end - after > 1)
                if self.cat(at, "colorword") and any(noun.kind in _COLOR_GIVERS for noun, _ in self.nouns(after)):
                    yield from self.names(after)  # "кольору бузку" needs no lilac in the photo
                for owner, end in self.target(after):
                    yield ColorTerm("", "", owner, self.span(at, end)), end
                yield from self.names(after)

    def _compared(self, i: int) -> list[int]:
        """Places after "like", "the same color as"; "as well" compares nothing. With the color: "as red as"."""
        longest = max((e for _, e in self.cat(i, "polite")), default=i)
        plain = [e for _, e in self.cat(i, "like") if e >= longest]
        alike = [e for _, at in self.cat(i, "asmuch") for _, end in self.names(at) for _, e in self.cat(end, "like")]
        return plain + alike


def _owners(target: Target) -> int:
    """How many owners stand behind each other: a door frame is rather one thing than the frame of a door."""
    return 0 if target.owner is None else 1 + _owners(target.owner)


def _longest_first(readings: Iterator[tuple[ColorTerm, int]]) -> Readings[ColorTerm]:
    best: dict[int, ColorTerm] = {}
    for color, end in readings:
        best.setdefault(end, color)
    return [(best[end], end) for end in sorted(best, reverse=True)]


def _without_both(targets: tuple[Target, ...], first: str) -> tuple[Target, ...]:
    """ "Both curtains and cushions" are no two curtains."""
    alike = len(targets) == 2 and (not targets[0].plural or targets[0].plural == targets[1].plural)
    if first != "both" or not alike or targets[1].count:
        return targets
    return replace(targets[0], every=False, count=0), targets[1]
