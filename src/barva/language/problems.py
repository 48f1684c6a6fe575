"""What is wrong with a text, as one line for a person: the words, why, and what could be meant."""

from __future__ import annotations

import difflib

from barva.color import names
from barva.errors import shorten
from barva.language import grammar
from barva.language.clauses import Clause, Span, Understanding
from barva.language.lexicon import lexicon
from barva.language.tokens import tokenize

EXAMPLE = 'such as "make the car red"'
_SIGNS = (",", ".", ":", "'s")


def of_gap(understanding: Understanding, gap: Span) -> str:
    """Why a part of a text is not understood.

    Args:
        understanding: Of the whole text.
        gap: One of its gaps.

    Returns:
        One line that begins with the words.
    """
    text = understanding.words(gap)
    tokens = tokenize(text)
    phrases = [token for token in tokens if token.word not in _SIGNS]
    if any(token.word == "?" for token in tokens):
        sign = next(text[token.start : token.end] for token in tokens if token.word == "?")
        return f"'{shorten(text)}' is not understood: the sign {sign!r} has no place in an instruction"
    for token in phrases:
        word = text[token.start : token.end]
        if _is_known(token.word):
            continue
        as_color = text[: token.start] + "red" + text[token.end :]
        if not grammar.parse(as_color).gaps:
            return f"there is no color '{shorten(word)}'{_colors_like(token.word)}"
        as_object = text[: token.start] + "car" + text[token.end :]
        what = "no object has this name" if not grammar.parse(as_object).gaps else "no word of this kind is known"
        near = lexicon().nearest(token.word)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return f"'{shorten(word)}' is not understood: {what}{hint}"
    for missing, question in ((" red", "which color"), ("make the car ", "which object")):
        filled = missing + text if missing.endswith(" ") else text.rstrip(" .!?,;:") + missing
        if not grammar.parse(filled).gaps:
            return f"'{shorten(text)}': {question}? A clause names an object and a color, {EXAMPLE}"
    return f"'{shorten(text)}' is not understood; a clause names an object and a color, {EXAMPLE}"


def of_refusal(clause: Clause, words: str) -> str:
    """Why a clause that is understood cannot be done."""
    if clause.look == "light":
        return f"'{shorten(words)}': light is kept exactly, so nothing becomes lighter or darker; colors alone change"
    return f"'{shorten(words)}': say which color it has, not which one it has not"


def _is_known(word: str) -> bool:
    return bool(lexicon().at([word], 0)) or names.code(word) is not None or word.isdigit() or word[0] in "#"


def _colors_like(word: str) -> str:
    near = difflib.get_close_matches(word[:40], names.names(), n=3, cutoff=0.6)
    return (
        f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else "; a name, #rrggbb or rgb(r, g, b) is wanted"
    )
