"""Forms of words: English plurals, Ukrainian cases of nouns and adjectives, by rules.

The forms serve to recognize words, not to write them: where a rule cannot know which of two endings is right it gives
both.
"""

from __future__ import annotations

VOWELS = "аеєиіїоуюя"
_HUSH = "жчшщ"
_SOFTENED = {"к": "ц", "г": "з", "х": "с"}
_HARD_ADJECTIVE = ("ий", "ого", "ому", "им", "ім", "а", "ої", "ій", "у", "ою", "е", "і", "их", "ими")
_POSSESSIVE = ("ого", "ому", "им", "ім", "а", "ої", "ій", "у", "ою", "е", "і", "их", "ими")
_SOFT_ADJECTIVE = ("ій", "ього", "ьому", "ім", "я", "ьої", "ю", "ьою", "є", "і", "іх", "іми")


def english_plural(word: str) -> str:
    """The regular plural of an English noun; of several words that of the last."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def adjective(word: str) -> tuple[str, ...]:
    """All forms of a Ukrainian adjective, given as its masculine nominative: of a possessive one, too ("мамин").

    Examples:
        >>> adjective("лівий")[:3]
        ('лівий', 'лівого', 'лівому')
    """
    if word.endswith("ий"):
        return tuple(word[:-2] + ending for ending in _HARD_ADJECTIVE)
    if word.endswith("ій"):
        return tuple(word[:-2] + ending for ending in _SOFT_ADJECTIVE)
    if word.endswith(("ин", "їн")):
        return (word, *(word + ending for ending in _POSSESSIVE))
    if word.endswith(("ів", "їв")):
        return (word, *(word[:-2] + stem + ending for stem in ("ов", "ев", "єв") for ending in _POSSESSIVE))
    return (word,)


def noun(word: str, declension: str, stem: str = "") -> dict[str, set[str]]:
    """All forms of a Ukrainian noun.

    Args:
        word: Its nominative.
        declension: "m", "f" (-а, -я), "f3" (кров), "n", "p" (plural alone, for one thing: двері), "pp" (plural of
            several), "a" (as an adjective), "0" (no forms).
        stem: Of its other cases, where that is not the nominative's (стіл: стол).

    Returns:
        Form -> what it can be: "sg", "pl" (nominative or another case that is no genitive), "gen".
    """
    forms: dict[str, set[str]] = {word: {"pl" if declension == "pp" else "sg"}}
    if declension == "0":
        forms[word] |= {"pl", "gen"}
        return forms
    if declension == "a":
        for form in _substantive(word):
            genitive = {"gen"} if form.endswith(("ого", "ої", "их")) else set[str]()
            forms.setdefault(form, set()).update(genitive | {"pl" if form.endswith(("их", "ими", "і")) else "sg"})
        return forms
    rows = {"m": _masculine, "f": _feminine, "f3": _third, "n": _neuter, "p": _plural, "pp": _plural}[declension](
        word, stem
    )
    for form, tags in rows:
        # a singular genitive is no singular object of a clause: "машини" alone are several
        kinds = {"pl", "gen"} & set(tags.split()) if "gen" in tags else set(tags.split())
        forms.setdefault(form, set()).update({"sg"} if declension == "p" and kinds == {"pl"} else kinds)
    return forms


def _substantive(word: str) -> tuple[str, ...]:
    """The forms of an adjective that is a noun, of its own gender and the plural: "наречена" is no "наречений"."""
    masculine = word.endswith(("ий", "ій"))
    forms = adjective(word if masculine else word[:-1] + "ий")
    stem = len(word) - (2 if masculine else 1)
    mine = (
        (word[-2:], "ого", "ього", "ому", "ьому", "им", "ім")
        if masculine
        else ("а", "я", "ої", "ьої", "ій", "у", "ою", "ю", "ьою")
    )
    return tuple(form for form in forms if form[stem:] in (*mine, "і", "их", "іх", "ими", "іми"))


Rows = list[tuple[str, str]]


def _masculine(word: str, stem: str) -> Rows:
    if word.endswith("й"):
        base = stem or word[:-1]
        return [
            *_row(base, "sg gen", "я ю"), *_row(base, "sg", "ю єві єм ї"), *_row(base, "pl", "ї ям ями ях"),
            *_row(base, "pl gen", "їв"),
        ]  # fmt: skip
    base = (stem or word).removesuffix("ь")
    if word.endswith("ь"):
        return _soft_masculine(base)
    if word.endswith(("ар", "яр")) or stem.endswith("рь"):  # "кухаря", but "гусара"
        return _soft_masculine(base) + _hard_masculine(base)
    if stem:
        return [*_hard_masculine(base), (base, "pl gen")]  # the stem alone, as people mistype it: "будинк"
    return _hard_masculine(base.removesuffix("о"))


def _soft_masculine(base: str) -> Rows:
    return [
        *_row(base, "sg gen", "я ю"), *_row(base, "sg", "ю еві ем і"), *_row(base, "pl", "і ям ями ях"),
        *_row(base, "pl gen", "ів ей"),
    ]  # fmt: skip


def _hard_masculine(base: str) -> Rows:
    mixed = base[-1] in _HUSH
    softened = [] if base.endswith("ик") else [(_soften(base) + "і", "sg")]  # "на рушнику": "рушниці" are rifles
    return [
        *_row(base, "sg gen", "а у"), *_row(base, "sg", "у еві ем і" if mixed else "у ові ом і"),
        *softened, *_row(base, "pl", ("і" if mixed else "и") + " ам ами ах"), *_row(base, "pl gen", "ів"),
    ]  # fmt: skip


def _feminine(word: str, stem: str) -> Rows:
    base = word[:-1]
    if word.endswith("я") and base[-1] in VOWELS:
        rows = _row(base, "sg", "ю єю ї") + _row(base, "sg pl gen", "ї й") + _row(base, "pl", "ям ями ях")
        return rows
    if word.endswith("я"):
        rows = [*_row(base, "sg pl gen", "і"), *_row(base, "sg", "ю ею єю"), *_row(base, "pl", "ям ями ях")]
        return rows + [(form + "ь", "pl gen") for form in _bare(base, stem)] + _row(base, "pl gen", "ей")
    mixed = base[-1] in _HUSH
    rows = [
        *_row(base, "sg pl gen", "і" if mixed else "и"), *_row(base, "sg", "у ею" if mixed else "у ою"),
        (_soften(base) + "і", "sg"), *_row(base, "pl", "ам ами ах"),
    ]  # fmt: skip
    return rows + [(form, "pl gen") for form in _bare(base, stem)]


def _third(word: str, stem: str) -> Rows:
    base = (stem or word).removesuffix("ь")
    doubled = base + base[-1]
    return [
        *_row(base, "sg pl gen", "і"), (doubled + "ю", "sg"), (base + "ю", "sg"), (base + "'ю", "sg"),
        *_row(base, "pl gen", "ей"), *_row(base, "pl", "ям ями ях ам ами ах"),
    ]  # fmt: skip


def _neuter(word: str, stem: str) -> Rows:
    base = word[:-1]
    if word.endswith("о"):
        rows = [(base + "а", "sg pl gen"), *_row(base, "sg", "у ом і ові"), *_row(base, "pl", "ам ами ах")]
        return rows + [(_soften(base) + "і", "sg")] + [(form, "pl gen") for form in _bare(base, stem)]
    if word.endswith("е"):
        rows = [
            *_row(base, "sg pl gen", "я а"), *_row(base, "sg", "ю у ем і"), *_row(base, "pl", "ям ями ях ам ами ах"),
        ]  # fmt: skip
        return rows + _row(base, "pl gen", "ь ів") + [(form, "pl gen") for form in _bare(base, stem)]
    rows = [(word, "sg pl gen"), *_row(base, "sg", "ю ям і"), *_row(base, "pl", "ям ями ях")]
    return rows + [(form, "pl gen") for form in _bare(base[:-1], stem)] + _row(base[:-1], "pl gen", "ь ів")


def _plural(word: str, stem: str) -> Rows:
    base = word[:-1]
    ends = "ям ями ях ьми" if word.endswith(("і", "ї")) else "ам ами ах"
    rows = [*_row(base, "pl", ends), *_row(base, "pl gen", "ів ей"), *_row(base, "pl", "ам ами ах")]
    return rows + [(form, "pl gen") for form in _bare(base, stem)]


def _row(base: str, tags: str, endings: str) -> Rows:
    return [(base + ending, tags) for ending in endings.split()]


def _soften(base: str) -> str:
    return base[:-1] + _SOFTENED.get(base[-1], base[-1])


def _bare(base: str, stem: str) -> tuple[str, ...]:
    """The genitive plural without ending: as it is given, and else with a vowel between two last consonants."""
    if stem:
        return (stem.removesuffix("ь"),)
    if len(base) > 2 and base[-1] not in VOWELS + "ь" and base[-2] not in VOWELS:
        head = base[:-1].removesuffix("ь").removesuffix("й")
        return (base, head + "о" + base[-1], head + "е" + base[-1])
    return (base,)
