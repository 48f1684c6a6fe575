"""Colors as people write them, in Lab.

| written | example |
|---|---|
| hex | `#7a1f1f`, `#a33` |
| RGB | `rgb(122, 31, 31)`, `rgb(48%, 12%, 12%)` |
| Lab | `lab(28, 38, 24)`: L 0..100, a and b -128..128 |
| what people name in photographs | `khaki` (a uniform's; CSS's is `pale khaki`), `skin`, `feldgrau`, `oak` |
| CSS names | `navy`, `DarkSeaGreen`, `medium sea green` |
| XKCD names | `dusty rose`, `dark sea green`; `xkcd:navy` (or `css:khaki`) where the plain name means another |
| Ukrainian names | `синій`, `синя`, `синє`, `темно-синього`, `шкіра`, `хакі`: gender, number and case don't matter |

The names lie beside, a file a table: name, tab, #rrggbb. Sources: CSS Color Module Level 4, section 6.1; the 949 names
of the XKCD color survey (2010, CC0); what people name in photographs and the Ukrainian names are ours.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from barva.color.hex import hex_to_rgb
from barva.errors import OR, UsageError, join

Lab = tuple[float, float, float]

_FILES = {
    "en": "english_photographs.tsv",
    "css": "english_css.tsv",
    "xkcd": "english_xkcd.tsv",
    "uk": "ukrainian.tsv",
}

LONGEST = 80
"""Characters that a color may have."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_CALL = re.compile(r"(rgb|lab) ?\(([^()]*)\)", re.ASCII)
_VALUE = re.compile(rf"({_NUMBER})(%?)", re.ASCII)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_APOSTROPHES = re.compile("['`\u2019\u02bc]")
_ENDINGS = re.compile(
    "(?<=..)(?:ього|ьому|ьої|ьою|ого|ому|ими|іми|ої|ою|ий|ій|им|ім|их|іх|ую|ю|у|а|я|е|є|і|ї|и)$"
)  # of adjectives, hard and soft


def lab(text: str) -> Lab:
    """The color that `text` names, as (L, a, b); a gray has a = b = 0 exactly.

    Errors: `UsageError` in one line, with the nearest names where a name is unknown.

    >>> lab("#fff")
    (100.0, 0.0, 0.0)
    >>> lab("червона") == lab("red")
    True
    """
    if len(text) > LONGEST:
        raise UsageError(
            "a color has at most {count} characters, not {number}",
            code="color.too-long",
            count=LONGEST,
            number=len(text),
        )
    plain = _plain(text)
    if not plain:
        raise UsageError(
            "a color is missing: a name, #rrggbb, rgb(r, g, b) or lab(L, a, b) is wanted", code="color.missing"
        )
    if plain.startswith("#"):
        return _of_rgb(hex_to_rgb(plain))
    call = _CALL.fullmatch(plain)
    if call:
        return _of_call(call[1], call[2], plain)
    code = _find_name(plain)
    if code is None:
        raise _unknown_color(plain)
    return _of_rgb(hex_to_rgb(code))


def code(text: str) -> str | None:
    """The #rrggbb of a color's name; None where no color has this name. Quicker than `lab` for a word that may be none.

    >>> code("темно-синього")
    '#00008b'
    """
    plain = _plain(text) if len(text) <= LONGEST else ""
    return _find_name(plain) if plain else None


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Every name that `lab` knows, in the tables' order."""
    return tuple(name for _, name, _ in rows())


@lru_cache(maxsize=1)
def rows() -> tuple[tuple[str, str, str], ...]:
    """(table, name, #rrggbb) of each line of the tables."""
    rows = []
    for table, file in _FILES.items():
        text = files("barva.color.names").joinpath(file).read_text(encoding="utf-8")
        rows += [(table, *line.split("\t")) for line in text.splitlines()]
    return tuple((table, name, code) for table, name, code in rows)


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    """Table -> key -> #rrggbb."""
    tables: dict[str, dict[str, str]] = {"en": {}, "css": {}, "xkcd": {}, "uk": {}}
    for table, name, code in rows():
        plain = _plain(name)
        key = _fold(plain) if table == "uk" else _grey(plain)
        tables[table][key] = code
    for table in ("en", "css", "xkcd"):
        # a name with its spaces left out, where that is no name of its own
        for key, code in list(tables[table].items()):
            tables[table].setdefault(key.replace(" ", ""), code)
    return tables


def _plain(text: str) -> str:
    """One spelling: small letters, single spaces for spaces, hyphens and underscores outside of brackets."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if "(" not in text:
        text = _APOSTROPHES.sub("", re.sub("[-_\u2010\u2011\u2013]", " ", text))
    return " ".join(text.split())


def _fold(plain: str) -> str:
    """The stems of Ukrainian words, so that all forms of an adjective are one key."""
    return " ".join(_ENDINGS.sub("", word) for word in plain.split())


def _find_name(plain: str) -> str | None:
    tables = _tables()
    if _CYRILLIC.search(plain):
        return tables["uk"].get(_fold(plain))
    table, colon, rest = plain.partition(":")
    if colon and table in ("css", "xkcd"):
        return _in(tables[table], rest.strip())
    own, css, xkcd = tables["en"], tables["css"], tables["xkcd"]
    written = _grey(plain)
    return own.get(written) or css.get(written) or xkcd.get(written) or _in(css, plain) or _in(xkcd, plain)


def _in(table: dict[str, str], name: str) -> str | None:
    """As it is written, else with its spaces left out."""
    name = _grey(name)
    return table.get(name) or table.get(name.replace(" ", ""))


def _grey(name: str) -> str:
    return name.replace("gray", "grey")


def _unknown_color(plain: str) -> UsageError:
    """There is no color of this name; the nearest ones that there are."""
    near = difflib.get_close_matches(plain, names(), n=3, cutoff=0.6)
    if not near:
        return UsageError("there is no color '{color}'", code="color.unknown", color=plain)
    return UsageError(
        "there is no color '{color}'; did you mean {near}?",
        code="color.unknown-near",
        color=plain,
        near=join([*dict.fromkeys(near)], OR),
    )


@lru_cache(maxsize=4096)  # archives of scenes name the same colors again and again
def _of_rgb(rgb: tuple[float, ...]) -> Lab:
    from barva.color import spaces

    L, a, b = spaces.rgb_to_lab(rgb).tolist()
    return L, a, b


def _of_call(kind: str, inside: str, plain: str) -> Lab:
    """rgb(...) and lab(...): three numbers, commas or spaces between."""
    parts = [_VALUE.fullmatch(p) for p in re.split(r"\s*,\s*|\s+", inside.strip())]
    values = [float(p[1]) for p in parts if p]
    if len(parts) != 3 or len(values) != 3 or not all(map(math.isfinite, values)):
        raise UsageError(
            "'{color}' is no color: three numbers are wanted in the brackets", code="color.no-numbers", color=plain
        )
    percent = {p[2] for p in parts if p}
    if kind == "lab":
        L, a, b = values
        if percent != {""} or not 0 <= L <= 100 or max(abs(a), abs(b)) > 128:
            raise UsageError(
                "'{color}' is no color: L goes from 0 to 100, a and b from -128 to 128",
                code="color.lab-range",
                color=plain,
            )
        return L, a, b
    top = 100 if percent == {"%"} else 255
    if len(percent) > 1 or not all(0 <= v <= top for v in values):
        raise UsageError(
            "'{color}' is no color: numbers go from 0 to 255, or all from 0% to 100%",
            code="color.rgb-range",
            color=plain,
        )
    return _of_rgb(tuple(v / top for v in values))
