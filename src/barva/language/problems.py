"""What is wrong with a text, as one line for a person: the words, why, and what could be meant."""

from __future__ import annotations

import difflib

from barva.color import names
from barva.errors import OR, Message, join, shorten
from barva.language import grammar
from barva.language.clauses import Clause, Span, Understanding
from barva.language.lexicon import lexicon
from barva.language.tokens import Token, tokenize

EXAMPLE = Message('such as "make the car red"', code="words.example")
_SIGNS = (",", ".", ":", "'s")
_QUESTIONS = (
    *("what", "which", "who", "whose", "why", "when", "where", "how", "did", "does", "was", "were", "is", "are"),
    *("який", "яка", "яке", "які", "якого", "якої", "яким", "якою", "що", "хто", "чий", "чому", "коли", "де", "чи"),
)
_NO_OBJECT = Message("no object has this name", code="words.no-object")
_NO_WORD = Message("no word of this kind is known", code="words.no-word")
_WHICH_COLOR = Message("which color", code="words.which-color")
_WHICH_OBJECT = Message("which object", code="words.which-object")


def of_gap(understanding: Understanding, gap: Span) -> Message:
    """Why a part of a text is not understood.

    Args:
        understanding: Of the whole text.
        gap: One of its gaps.

    Returns:
        One line that begins with the words.
    """
    text = understanding.words(gap)
    tokens = [token for token in tokenize(text) if token.word not in _SIGNS]
    asked = understanding.text[gap[1] :].lstrip().startswith("?")
    return (
        _of_sign(text, tokens)
        or (_of_question(text) if asked and tokens and tokens[0].word in _QUESTIONS else None)
        or _of_unknown_word(text, tokens)
        or _of_missing_part(text)
        or Message(
            "'{words}' is not understood; a clause names an object and a color, {example}",
            code="words.not-understood",
            words=shorten(text),
            example=EXAMPLE,
        )
    )


def _of_sign(text: str, tokens: list[Token]) -> Message | None:
    """A sign that no instruction has."""
    sign = next((text[token.start : token.end] for token in tokens if token.word == "?"), None)
    if sign is None:
        return None
    return Message(
        "'{words}' is not understood: the sign {sign} has no place in an instruction",
        code="words.sign",
        words=shorten(text),
        sign=repr(sign),
    )


def _of_question(text: str) -> Message:
    return Message(
        "'{words}' is a question; an instruction names an object and a color, {example}",
        code="words.question",
        words=shorten(text),
        example=EXAMPLE,
    )


def _of_unknown_word(text: str, tokens: list[Token]) -> Message | None:
    """The first word that no table has: a color, where one would be understood there, or an object."""
    token = next((token for token in tokens if not _is_known(token.word)), None)
    if token is None:
        return None
    word, before, after = text[token.start : token.end], text[: token.start], text[token.end :]
    if not grammar.parse(before + "red" + after).gaps:
        return _no_color(shorten(word), token.word)
    near = lexicon().nearest(token.word)
    return Message(
        "'{words}' is not understood: {reason}{hint}",
        code="words.unknown-word",
        words=shorten(word),
        reason=_NO_OBJECT if not grammar.parse(before + "car" + after).gaps else _NO_WORD,
        hint=Message("; did you mean {word}?", code="did-you-mean", word=join(near, OR)) if near else "",
    )


def _of_missing_part(text: str) -> Message | None:
    """A clause that a color or an object would complete."""
    if not grammar.parse(text.rstrip(" .!?,;:") + " red").gaps:
        return _incomplete(text, _WHICH_COLOR)
    if not grammar.parse("make the car " + text).gaps:
        return _incomplete(text, _WHICH_OBJECT)
    return None


def of_refusal(clause: Clause, words: str) -> Message:
    """Why a clause that is understood cannot be done."""
    if clause.reason == "hue":
        return Message(
            "'{words}': colors become warmer, cooler, more vivid or more muted, not more or less of one color; "
            "name the color it should have",
            code="words.hue",
            words=shorten(words),
        )
    if clause.reason == "thing":
        return _incomplete(words, _WHICH_OBJECT)
    if clause.reason == "several":
        return Message(
            "'{words}': one object gets one color; name one, or say which object gets which",
            code="words.several-colors",
            words=shorten(words),
        )
    if clause.reason == "part":
        return Message(
            "'{words}': words color whole objects; mark the part with --region MASK.png=COLOR",
            code="words.part",
            words=shorten(words),
        )
    if clause.reason == "light":
        return Message(
            "'{words}': light is kept exactly, so nothing becomes lighter or darker; colors alone change",
            code="words.light-is-kept",
            words=shorten(words),
        )
    return Message(
        "'{words}': say which color it has, not which one it has not", code="words.negated", words=shorten(words)
    )


def _incomplete(words: str, question: Message) -> Message:
    return Message(
        "'{words}': {question}? A clause names an object and a color, {example}",
        code="words.incomplete",
        words=shorten(words),
        question=question,
        example=EXAMPLE,
    )


def _is_known(word: str) -> bool:
    return word in lexicon().words or names.code(word) is not None or word.isdecimal() or word.startswith("#")


def _no_color(words: str, word: str) -> Message:
    near = difflib.get_close_matches(word[:40], names.names(), n=3, cutoff=0.6)
    if near:
        return Message(
            "there is no color '{color}'; did you mean {near}?",
            code="color.unknown-near",
            color=words,
            near=join([*dict.fromkeys(near)], OR),
        )
    return Message(
        "there is no color '{color}'; a name, #rrggbb or rgb(r, g, b) is wanted", code="color.no-name", color=words
    )
