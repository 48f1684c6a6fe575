"""Colors as clauses name them: a name of `barva.color.names`, alone or with light, dark, pale, deep, warm, muted ..."""

from __future__ import annotations

import colorsys
import math
import re
from dataclasses import replace
from functools import lru_cache

from barva.color import names, spaces
from barva.color.hex import hex_to_rgb, rgb_to_hex
from barva.language.clauses import ColorTerm

# Lightness is added, chroma multiplied, and b added, in Lab
_CHANGES = {
    "light": (15.0, 0.75, 0.0),
    "dark": (-18.0, 0.85, 0.0),
    "pale": (22.0, 0.5, 0.0),
    "deep": (-10.0, 1.15, 0.0),
    "warm": (0.0, 1.0, 9.0),
    "cool": (0.0, 1.0, -9.0),
    "muted": (0.0, 0.55, 0.0),
    "bright": (6.0, 1.3, 0.0),
}
MODIFIERS = tuple(_CHANGES)
_PLAIN = ("red", "orange", "yellow", "green", "blue", "purple", "violet", "pink", "brown", "gray", "grey", "beige")
_EQUAL, _TINGED = 0.4, 0.25  # the share of a compound's first color
_ISH = ("увато", "ювато", "аво", "яво")
_ENDING = "(?:ий|ого|ому|им|ім|а|ої|ій|у|ою|е|і|их|ими)"
_TINGE = re.compile(rf"(.{{2,}})(?:[ую]ват|[ая]в|[ая]ст){_ENDING}")
_DIMINUTIVE = re.compile(rf"(.{{2,}}?)(?:ес|іс)?[еі]ньк{_ENDING}")
_ENGLISH_TINGE = re.compile(r"([a-z]{3,})ish")
_NEUTRAL = 12.0  # chroma of what has hardly any hue
_VIOLET_TURN = (270.0, 306.0, 330.0, 26.0)  # where Lab's blues turn violet as they fade: from, most, to, degrees there


def term(text: str, span: tuple[int, int] = (0, 0)) -> ColorTerm | None:
    """The color with this name alone; None where there is none."""
    code = names.code(text)
    if code is None:
        return _tinge(text, span)
    return ColorTerm(_names().get(code.lower(), text), code.lower(), None, span)


def modify(base: ColorTerm, words: str, modifiers: tuple[str, ...], span: tuple[int, int]) -> ColorTerm:
    """A color with modifiers before it.

    Examples:
        >>> modify(term("red"), "pale red", ("pale",), (0, 8)).name
        'pale red'
    """
    known = term(" ".join((*modifiers, base.name))) if base.name.isascii() else None
    if known is not None:  # "pale blue" is a name itself, and "блідо-синій" the same color
        return replace(known, span=span)
    L, a, b = names.lab(base.code)
    for modifier in modifiers:
        plus, times, warmer = _CHANGES[modifier]
        L, a, b = min(max(L + plus, 4.0), 97.0), *_faded(a, b, times)
        # a neutral color gets a tinge alone: a warm gray is no orange
        b += warmer * min(1.0, 0.5 + math.hypot(a, b) / 60)
    return ColorTerm(words, _hex(L, a, b), None, span)


def describe(text: str) -> ColorTerm | None:
    """The color of a name with modifiers that is in no table: "pale navy"; None where it is none."""
    words = text.replace("-", " ").split()
    modifiers = tuple(word for word in words[:-1] if word in MODIFIERS)
    if len(words) == len(modifiers) + 2 and (last := term(words[-1])) and (blend := mixed(words[-2], last, (0, 0))):
        return modify(blend, text, modifiers, (0, 0)) if modifiers else blend
    for at in range(len(modifiers), len(words)):
        base = term(" ".join(words[at:]))
        if base is not None and at == len(modifiers):
            return modify(base, text, modifiers, (0, 0))
    return None


def shade(text: str) -> ColorTerm | None:
    """The color of a description: a name, or one with modifiers; None where it is none."""
    return (term(text) or describe(text)) if text else None


def literal(text: str, span: tuple[int, int]) -> ColorTerm | None:
    """The color of #rrggbb, rgb(...) or lab(...); None where it is none."""
    try:
        L, a, b = names.lab(text)
    except ValueError:
        return None
    return ColorTerm(text, _hex(L, a, b), None, span)


def mixed(first: str, base: ColorTerm, span: tuple[int, int]) -> ColorTerm | None:
    """A color that leans to another one: "chestnut brown", "сіро-зелений", "зеленувато-сірий".

    None where the first word is no color, or where the two are colors side by side; see `pair`.

    Examples:
        >>> mixed("сіро", term("зелений"), (0, 0)).code
        '#789b73'
    """
    lean = _leaning(first, base)
    if lean is None or (lean[1] == _EQUAL and _are_apart(lean[0], base.code)):
        return None
    code, share = lean
    grayish = term(f"gray{'ish' if share == _TINGED else ''} {base.name}") if code == "#808080" else None
    if grayish is not None and base.name.isascii():  # people named these, and halfway to gray is too vivid
        return replace(grayish, name=f"{first} {base.name}", span=span)
    one, other = names.lab(code), names.lab(base.code)
    L, a, b = (share * x + (1 - share) * y for x, y in zip(one, other, strict=True))
    if math.hypot(*one[1:]) < _NEUTRAL:
        a, b = _faded(*other[1:], 1 - share)
    elif math.hypot(*other[1:]) < _NEUTRAL:
        a, b = _faded(*one[1:], share)
    return ColorTerm(f"{first} {base.name}", _hex(L, a, b), None, span)


def pair(first: str, base: ColorTerm) -> tuple[ColorTerm, ColorTerm] | None:
    """Two colors side by side in one Ukrainian word: "синьо-жовтий", "червоно-білий"."""
    lean = _leaning(first, base)
    if lean is None or first.isascii() or lean[1] != _EQUAL or not _are_apart(lean[0], base.code):
        return None
    return ColorTerm(first, lean[0]), base


def is_adverb(word: str) -> bool:
    """Whether a Ukrainian word says how a color looks: "жовто", "синьо"."""
    return not word.isascii() and word.endswith("о") and names.code(word[:-1].removesuffix("ь") + "ий") is not None


def _leaning(first: str, base: ColorTerm) -> tuple[str, float] | None:
    """The color of the first part of a compound, and its share."""
    if first.isascii():
        if base.name in (*_PLAIN, "white", "black") and (code := _english_tinged(first)) is not None:
            return code, _TINGED
        code = names.code(first) if base.name in _PLAIN and first != base.name else None
        return None if code is None else (code, _EQUAL)
    for ending, share in (*((ending, _TINGED) for ending in _ISH), ("ьо", _EQUAL), ("о", _EQUAL)):
        if first.endswith(ending) and (code := names.code(first.removesuffix(ending) + "ий")):
            return code, share
    return None


def _are_apart(one: str, other: str) -> bool:
    """Whether two colors make no third one: one is white or black, or their hues are far from each other."""
    for code in (one, other):
        L, a, b = names.lab(code)
        if (L > 92 or L < 12) and math.hypot(a, b) < 12:
            return True
    hues = []
    for code in (one, other):
        L, a, b = names.lab(code)
        if math.hypot(a, b) < 12:
            return False
        hues.append(colorsys.rgb_to_hsv(*hex_to_rgb(code))[0])
    apart = abs(hues[0] - hues[1])
    return min(apart, 1 - apart) > 80 / 360


def _tinge(text: str, span: tuple[int, int]) -> ColorTerm | None:
    """Colors that are not quite one, "whitish", "синюватий", "зеленавий", and diminutives: "біленький"."""
    diminutive = _DIMINUTIVE.fullmatch(text)
    if diminutive and (code := names.code(diminutive[1] + "ий")):
        return ColorTerm(_names().get(code.lower(), text), code.lower(), None, span)
    match = _TINGE.fullmatch(text)
    code = names.code(match[1] + "ий") if match else _english_tinged(text)
    if code is None:
        return None
    L, a, b = names.lab(code)
    return ColorTerm(text, _hex(0.7 * L + 20, *_faded(a, b, 0.4)), None, span)


def _english_tinged(word: str) -> str | None:
    """The color that a word in "-ish" is like: "reddish", "whitish", "purplish"."""
    match = _ENGLISH_TINGE.fullmatch(word)
    if match is None:
        return None
    stems = (match[1], match[1] + "e", match[1][:-1] if match[1][-1] == match[1][-2] else "")
    return next((code for stem in stems if stem in (*_PLAIN, "white", "black") and (code := names.code(stem))), None)


def _faded(a: float, b: float, times: float) -> tuple[float, float]:
    """Chroma times less than 1 with the hue that people see: Lab alone would turn a fading blue violet."""
    start, peak, end, turn = _VIOLET_TURN
    hue, chroma = math.degrees(math.atan2(b, a)) % 360, math.hypot(a, b) * times
    if times < 1 and start < hue < end:
        near = (hue - start) / (peak - start) if hue <= peak else (end - hue) / (end - peak)
        hue -= turn * near * (1 - times)
    return chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def _hex(L: float, a: float, b: float) -> str:
    return rgb_to_hex([round(min(max(v, 0.0), 1.0) * 255) for v in spaces.lab_to_rgb([L, a, b]).tolist()])


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """#rrggbb -> the shortest English name that has it, so that a color is one word in both languages."""
    table: dict[str, str] = {}
    for name in sorted(names.names(), key=len):
        code = names.code(name) if name.isascii() else None
        if code is not None:
            table.setdefault(code.lower(), name)
    return table
