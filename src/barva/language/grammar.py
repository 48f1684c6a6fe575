"""A text to clauses: the reading that leaves the fewest words over.

The grammar is closed: a word that is in no table is never guessed at. What no clause takes in is a gap, with its place.
"""

from __future__ import annotations

from dataclasses import dataclass

from barva.language.clauses import Clause, Span, Understanding
from barva.language.connected import connected, singles
from barva.language.patterns import Patterns
from barva.language.phrases import Phrases
from barva.language.tokens import Token, tokenize

_SIGNS = (",", ".", ":")
_PLEASE = (
    *(("будь", "ласка"), ("будь", "ласочка"), ("будьласка",), ("please",), ("kindly",), ("прошу",), ("но",)),
    *(("i", "think"), ("i", "believe"), ("i", "guess"), ("as", "far", "as", "i", "know"), ("probably",)),
    *(("as", "far", "as", "i", "remember"), ("мабуть",), ("напевно",)),
    *(("мені", "здається", ",", "що"), ("мені", "здається"), ("здається", ",", "що"), ("здається",)),
    *(("як", "я", "пам'ятаю"), ("як", "пам'ятаю"), ("я", "пам'ятаю", ",", "що"), ("я", "пам'ятаю", "що")),
    *(("пам'ятаю", ",", "що"), ("пам'ятаю", "що"), ("пам'ятаю",)),
    *(("наскільки", "я", "знаю"), ("наскільки", "я", "пам'ятаю")),
)  # words that may stand anywhere
_CONJUNCTIONS = ("щоб", "як", "що", "хто")
_OPENERS = ("verb", "article", "not", "possessive", "remove", "with")


@dataclass(frozen=True)
class _Best:
    """The best reading from a place on: `left` words in no clause, then as few clauses as can be."""

    left: int
    clauses: tuple[Clause, ...] = ()
    gaps: tuple[int, ...] = ()


def parse(text: str) -> Understanding:
    """Read a text.

    Args:
        text: At most `tokens.LONGEST` characters, in English or Ukrainian or both.

    Returns:
        Its clauses in order, and the spans of what is not understood.

    Raises:
        UsageError: The text is empty or too long.

    Examples:
        >>> [str(clause) for clause in parse("make the car red and leave the sky as it is").clauses]
        ['car = red', 'keep sky']
    """
    phrases = Phrases(_without_please(tokenize(text)))
    patterns, count = Patterns(phrases), len(phrases.words)
    best = [_Best(0)] * (count + 1)
    for i in range(count - 1, -1, -1):
        best[i] = _best_from(i, phrases, patterns, best)
    clauses = tuple(single for clause in connected(best[0].clauses, phrases) for single in singles(clause))
    return Understanding(text, clauses, _spans(phrases, best[0].gaps))


def _without_please(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Without "please" and the commas around it, commas before Ukrainian conjunctions, and words for the third time in
    a row."""
    words, out, i = [token.word for token in tokens], list[Token](), 0
    while i < len(words):
        length = next((len(p) for p in _PLEASE if tuple(words[i : i + len(p)]) == p), 0)
        if length:
            i += length
            if out and out[-1].word == "," and i < len(words) and words[i] == ",":
                i += 1
                out.pop()
            continue
        is_comma = words[i] == "," and words[i + 1 : i + 2] and words[i + 1] in _CONJUNCTIONS
        is_third = words[i].isalpha() and [token.word for token in out[-2:]] == [words[i]] * 2
        if not is_comma and not is_third:  # which says nothing more
            out.append(tokens[i])
        i += 1
    return tuple(out)


def _best_from(i: int, phrases: Phrases, patterns: Patterns, best: list[_Best]) -> _Best:
    skipped, free = best[i + 1], phrases.words[i] in _SIGNS
    if free:
        return skipped
    chosen = _Best(skipped.left + 1, skipped.clauses, (i, *skipped.gaps))
    for end in _after_politeness(i, phrases):
        if best[end].left < chosen.left:
            chosen = best[end]
    for clause, end in patterns.clauses(i):
        for after in _join(end, phrases):
            rest = best[after]
            better = rest.left < chosen.left
            fewer = rest.left == chosen.left and _weight((clause, *rest.clauses)) < _weight(chosen.clauses)
            if better or fewer:
                chosen = _Best(rest.left, (clause, *rest.clauses), rest.gaps)
    return chosen


def _weight(clauses: tuple[Clause, ...]) -> int:
    """How much it takes to read clauses: what nobody can act on is read last of all."""
    return sum(10 if clause.action == "not" else 1 for clause in clauses)


def _after_politeness(i: int, phrases: Phrases) -> list[int]:
    """Places after words that ask for nothing: "please", "thank you", "and"."""
    return [end for _, end in phrases.cat(i, "polite", "and", "but")] + _heading(i, phrases) + _reason(i, phrases)


def _reason(i: int, phrases: Phrases) -> list[int]:
    """Places after a reason that names no thing of a photo: "since it was August", "бо була осінь"."""
    behind = [e for _, at in phrases.cat(i, "because") for _, e in phrases.cat(at, "occasion")]
    return behind + [e for at in behind for _, e in phrases.cat(at, "polite")]


def _heading(i: int, phrases: Phrases) -> list[int]:
    """Places after a heading that names no thing of a photo: "Kitchen:", "Бабусина світлиця:"."""
    starts = [i, *(e for _, e in phrases.cat(i, "article", "possessive", "kin"))]
    ends = [e for at in starts for _, e in phrases.cat(at, "room", "where")]
    return [e + 1 for e in ends if phrases.words[e : e + 1] in ([":"], [","])]


def _join(end: int, phrases: Phrases) -> list[int]:
    """Where the next clause can begin after one: behind a sign, "and", "but"; at a verb or article without any."""
    words = phrases.words
    places = [end]
    for at in places:
        if at < len(words) and words[at] in _SIGNS:
            places.append(at + 1)
        elif at < len(words):
            places += [e for _, e in phrases.cat(at, "and", "but", "polite") if e not in places]
            places += [e for e in _reason(at, phrases) if e not in places]
    if end < len(words) and not phrases.cat(end, *_OPENERS) and end in places:
        places.remove(end)
    return places


def _spans(phrases: Phrases, gaps: tuple[int, ...]) -> tuple[Span, ...]:
    """Words beside each other are one span."""
    spans: list[tuple[int, int]] = []
    for i in gaps:
        if spans and spans[-1][1] == i:
            spans[-1] = (spans[-1][0], i + 1)
        else:
            spans.append((i, i + 1))
    return tuple(phrases.span(start, end) for start, end in spans)
