"""Colors as clauses name them: a name of `barva.color.names`, alone or with light, dark, pale, deep, warm, muted ..."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from barva.color import names, spaces
from barva.color.hex import rgb_to_hex
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


def term(text: str, span: tuple[int, int] = (0, 0)) -> ColorTerm | None:
    """The color with this name alone; None where there is none."""
    code = names.code(text)
    return None if code is None else ColorTerm(_names().get(code.lower(), text), code.lower(), None, span)


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
        L, a, b = min(max(L + plus, 4.0), 97.0), a * times, b * times
        # a neutral color gets a tinge alone: a warm gray is no orange
        b += warmer * min(1.0, 0.5 + math.hypot(a, b) / 60)
    code = rgb_to_hex([round(min(max(v, 0.0), 1.0) * 255) for v in spaces.lab_to_rgb([L, a, b]).tolist()])
    return ColorTerm(words, code, None, span)


def describe(text: str) -> ColorTerm | None:
    """The color of a name with modifiers that is in no table: "pale navy"; None where it is none."""
    words = text.split()
    modifiers = tuple(word for word in words[:-1] if word in MODIFIERS)
    for at in range(len(modifiers), len(words)):
        base = term(" ".join(words[at:]))
        if base is not None and at == len(modifiers):
            return modify(base, text, modifiers, (0, 0))
    return None


def literal(text: str, span: tuple[int, int]) -> ColorTerm | None:
    """The color of #rrggbb, rgb(...) or lab(...); None where it is none."""
    try:
        L, a, b = names.lab(text)
    except ValueError:
        return None
    code = rgb_to_hex([round(min(max(v, 0.0), 1.0) * 255) for v in spaces.lab_to_rgb([L, a, b]).tolist()])
    return ColorTerm(text, code, None, span)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """#rrggbb -> the shortest English name that has it, so that a color is one word in both languages."""
    table: dict[str, str] = {}
    for name in sorted(names.names(), key=len):
        code = names.code(name) if name.isascii() else None
        if code is not None:
            table.setdefault(code.lower(), name)
    return table
