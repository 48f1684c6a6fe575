"""Colors as they are read out: a code becomes the nearest name that says what it looks like."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from barva.color.difference import ciede2000
from barva.color.hex import hex_to_rgb
from barva.color.names.lookup import code, rows
from barva.types import Real


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Of the tables' names only those of these words: "macaroni and cheese" says little to who cannot see it.
_BASIC = _words("black blue brown green grey orange pink purple red violet white yellow")
_HUES = _BASIC | _words(
    "amber aqua beige brick burgundy charcoal coral cream crimson cyan emerald gold indigo ivory khaki lavender lemon "
    "lilac magenta maroon mauve mint mustard navy ochre olive peach plum rose rust salmon sand scarlet slate steel "
    "tan teal terracotta turquoise"
)
_SHADES = _words(
    "bright dark deep dull dusty faded light medium muted off pale very "
    "bluish brownish greenish greyish orangish pinkish purplish reddish yellowish forest royal sky"
)
_UKRAINIAN_NOUNS = ("хакі", "індиго", "морська хвиля")
_RARE = _words(
    "бетонний дерев'яний земляний кам'яний твідовий шкіряний кривавий рум'яний медовий лляний хромований чавунний "
    "залізний олов'яний свинцевий бляшаний гранітний мармуровий глиняний крейдяний сажевий смоляний кедровий сосновий "
    "кленовий буковий ясеневий ебеновий житній тютюновий "  # materials
    "білявий русявий русий сивий карий буланий вороний гнідий засмаглий смаглявий "  # faces, hair, eyes, horses
    "перлинний димчастий вогняний сонячний мигдалевий ванільний пудровий трояндовий маковий полуничний чорничний "
    "ожиновий яблучний блаватний шиферний пергаментний лисячий калиновий горобиновий журавлиновий гороховий "
    "маслиновий грушевий слив'яний айвовий воронячий воронований димний імбирний торф'яний вербовий сметанковий "
    "сметанний вершковий житняний русявенький льняний коноплиний крейдовий вапняний пурпурово-червоний "
    "вогнисто-рудий"  # what few people would call a color on its own
)


def name(color: str, language: str = "en") -> str:
    """What a color is called.

    Args:
        color: #rrggbb; anything else is a name already, and stays.
        language: "en" or "uk"; other languages speak English.

    Returns:
        A name that `lab` reads, too.

    Examples:
        >>> name("#00007f"), name("#00007f", "uk")
        ('navy', 'темно-синій')
    """
    return _nearest(color.lower(), "uk" if language == "uk" else "en") if color.startswith("#") else color


@lru_cache(maxsize=1024)
def _nearest(color: str, language: str) -> str:
    from barva.color import spaces

    names, labs = _spoken_names(language)
    lab = np.asarray(spaces.rgb_to_lab(hex_to_rgb(color)))
    return names[int(np.argmin(ciede2000(labs, lab)))]


@lru_cache(maxsize=2)
def _spoken_names(language: str) -> tuple[list[str], Real]:
    """Names that are read out, and their colors (n, 3) in Lab; the first of those with one color."""
    from barva.color import spaces

    found: dict[str, str] = {}
    for table, text, value in rows():
        if _is_spoken(table, text, language) and code(text) == value:
            found.setdefault(value, text.replace("grey", "gray"))
    return list(found.values()), np.asarray([spaces.rgb_to_lab(hex_to_rgb(value)) for value in found])


def _is_spoken(table: str, text: str, language: str) -> bool:
    if language == "uk":
        is_adjective = text.endswith(("ий", "ій")) and text not in _RARE
        return table == "uk" and (is_adjective or text.endswith(_UKRAINIAN_NOUNS))
    *before, last = text.replace("gray", "grey").split()
    rarer = (_HUES | _SHADES) - _BASIC  # "olive green", but no "blue green", for which there is "bluish green"
    return table != "uk" and last in _HUES and rarer.issuperset(before) and len({*before, last}) == len(before) + 1
