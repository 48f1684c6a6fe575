"""Text into tokens in one spelling: small letters, one apostrophe, no stress marks, no look-alike letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from barva.color import names
from barva.errors import UsageError

LONGEST = 2000
"""Characters that an instruction may have."""


@dataclass(frozen=True)
class Token:
    """A word or a sign.

    Args:
        word: In the one spelling; "," between clauses, "." between sentences, "'s" for an English owner, ":" before
            a color, and "?" for a sign that has no place in an instruction.
        start: Where it begins in the text.
        end: Where it ends in the text.
    """

    word: str
    start: int
    end: int


_LETTER = r"[^\W\d_]"
_MARK = "[\u0300-\u036f]"
_APOSTROPHE = "['\u2018\u2019\u02bc\u0060\u00b4\u2032]"
_PATTERN = re.compile(
    rf"""(?P<literal>\#[0-9a-fA-F]{{3,8}}\b|(?:rgb|lab)\ *\([^()]{{0,60}}\))
    |(?P<bullet>(?<!\S)[0-9]{{1,2}}[.)](?=\s))
    |(?P<with>\bw/(?=\s))
    |(?P<number>\d{{1,3}}(?:(?:st|nd|rd|th|-?[а-яіїєґ]{{1,3}})\b)?(?![\w]))
    |(?P<word>(?:{_LETTER}{_MARK}*)+(?:{_APOSTROPHE}(?:{_LETTER}{_MARK}*)+)*)(?:[-\u2010\u2011](?P=word)(?!\w))?
    |(?P<owner>(?<=[sS]){_APOSTROPHE}(?=\s+{_LETTER}))
    |(?P<dash>(?<=\s)[-\u2013\u2014\u2212](?=\s)|\s*[\u2013\u2014]\s*)
    |(?P<stop>[.!?\u2026]+|\n\s*)
    |(?P<comma>[,;])
    |(?P<colon>[:=]|->|\u2192)
    |(?P<and>&|\+)
    |(?P<skip>\s+|[-\u2010\u2011_"\u201c\u201d\u201e\u00ab\u00bb()\u2022]|{_APOSTROPHE}|\u2116)
    |(?P<strange>.)""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS = {
    "with": "with",
    "owner": "'s",
    "dash": ":",
    "stop": ".",
    "comma": ",",
    "colon": ":",
    "and": "and",
    "strange": "?",
}
_LOOK_ALIKE = str.maketrans("aceiopxyk", "асеіорхук")
_PLAIN = re.compile("[a-z]+|[а-щьюяєіїґ]+")
"""Words that are spelled as `normalize` spells them."""
_SPELLINGS = {
    **{"colour": "color", "colours": "colors", "coloured": "colored", "colouring": "coloring", "colourful": "colorful"},
    **{"uncoloured": "uncolored", "grey": "gray", "greyish": "grayish", "greyscale": "grayscale", "pls": "please"},
    **{"jewellery": "jewelry", "theatre": "theater", "moustache": "mustache", "plough": "plow", "tyre": "tire"},
    **{"tyres": "tires"},
}
_WHOLE = ("let's",)
_CONTRACTED = ("it", "that", "there", "here", "he", "she", "who", "what")  # "it's red" is "it is red"
_WRITTEN_TOGETHER = ("темно", "світло", "блідо", "яскраво", "ніжно")  # "темночервоний", which should have a hyphen


def check_length(text: str) -> None:
    """UsageError for a text that is too long for an instruction."""
    if len(text) > LONGEST:
        raise UsageError(
            "an instruction has at most {most} characters, not {count}",
            code="words.too-long",
            most=LONGEST,
            count=len(text),
        )


def tokenize(text: str) -> tuple[Token, ...]:
    """The words and signs of a text, in order.

    Args:
        text: What a person wrote, at most `LONGEST` characters.

    Returns:
        Tokens; line ends count as the ends of sentences.

    Raises:
        UsageError: The text is empty or too long.

    Examples:
        >>> [t.word for t in tokenize("Paint the man’s coat dark-blue!")]
        ['paint', 'the', 'man', "'s", 'coat', 'dark', 'blue', '.']
    """
    check_length(text)
    if not text.strip():
        raise UsageError('the text is empty; say what to color, such as "make the car red"', code="words.empty")
    out: list[Token] = []
    bullet = 0
    for match in _PATTERN.finditer(text):
        kind, start, end = match.lastgroup or "skip", match.start(), match.end()
        if kind == "skip":
            continue
        if kind == "bullet":
            number = int(match[0][:-1])
            if match[0][-1] == ")" or number == bullet + 1 > 1 or not text[:start].rpartition("\n")[2].strip():
                bullet = number  # of a numbered list
                out.append(Token(".", start, end))
            else:
                out += [Token(match[0][:-1], start, end - 1), Token(".", end - 1, end)]
            continue
        if kind == "word":
            out += _words(match["word"], start, end)  # "жовті-жовті" is a word said twice
        elif kind in ("literal", "number"):
            out.append(Token(match[0].casefold(), start, end))
        else:
            out.append(Token(_SIGNS[kind], start, end))
    return tuple(out)


def words(phrase: str) -> tuple[str, ...]:
    """The words of a phrase of the lexicon, as `tokenize` spells them."""
    return tuple(token.word for token in tokenize(phrase))


def _words(text: str, start: int, end: int) -> list[Token]:
    """One word, or two for an English owner: man's. Marks without a letter are a sign."""
    word = normalize(text)
    if word[:1] in ("", "'"):
        return [Token("?", start, end)]
    if word.endswith("'s") and word not in _WHOLE:
        cut = end - 2 if len(text) > 2 else end
        return [Token(word[:-2], start, cut), Token("is" if word[:-2] in _CONTRACTED else "'s", cut, end)]
    for shade in _WRITTEN_TOGETHER:
        if word.startswith(shade) and names.code(word) is None and names.code(word.removeprefix(shade)):
            cut = start + len(shade)
            return [Token(shade, start, cut), Token(word.removeprefix(shade), cut, end)]
    return [Token(word, start, end)]


def normalize(word: str) -> str:
    """One spelling of a word: composed, small letters, without stress marks, Cyrillic throughout if it is at all."""
    if _PLAIN.fullmatch(word):  # as nearly all of the lexicon
        return _SPELLINGS.get(word, word)
    word = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word).casefold())
    word = "".join(c for c in word if unicodedata.category(c) != "Mn")
    word = re.sub(_APOSTROPHE, "'", word).replace("ё", "є")
    if re.search("[\u0400-\u04ff]", word):
        word = word.translate(_LOOK_ALIKE)
    return _SPELLINGS.get(word, word)
