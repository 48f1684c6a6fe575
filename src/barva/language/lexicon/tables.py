"""Reads the tables of words, and finds in them what stands at a place of a text."""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from barva.color import names
from barva.language import looks, morphology, tokens

Key = tuple[str, ...]
Entry = tuple[str, "str | Noun", int]
"""Category, value, and the place after it."""


@dataclass(frozen=True)
class Noun:
    """A noun's form: its sense and kind, whether it can be singular, plural, a genitive, and is a given name."""

    sense: str
    kind: str
    singular: bool = True
    plural: bool = False
    genitive: bool = False
    given: bool = False


class Lexicon:
    """All phrases: the words of each -> what they can be."""

    def __init__(self) -> None:
        self._phrases: dict[Key, list[tuple[str, str | Noun]]] = {}
        self._longest: dict[str, int] = {}
        self.words: set[str] = set()
        for key, noun in itertools.chain(_english(), _ukrainian(), _given_names()):
            self._add(key, "noun", noun)
        for table in ("english_words.tsv", "ukrainian_words.tsv"):
            for category, value, phrases in _rows(table, 3):
                for key in _spell(phrases):
                    self._add(key, category, value)
        for look in looks.looks().values():
            for key in _spell(", ".join(look.names)):
                self._add(key, "lookname", look.names[0])

    def _add(self, key: Key, category: str, value: str | Noun) -> None:
        entries = self._phrases.setdefault(key, [])
        if (category, value) not in entries:
            entries.append((category, value))
            self.words.update(key)
            self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))

    def at(self, words: Sequence[str], start: int) -> list[Entry]:
        """What begins at a word, the longest phrases first."""
        most = min(self._longest.get(words[start], 0), len(words) - start)
        return [
            (category, value, start + length)
            for length in range(most, 0, -1)
            for category, value in self._phrases.get(tuple(words[start : start + length]), ())
        ]

    def noun(self, word: str) -> Noun | None:
        """The noun that a word or phrase is, in any form; None for another word."""
        try:
            key = tokens.words(word)
        except ValueError:
            return None
        entries = self._phrases.get(key, ())
        return next((value for _, value in entries if isinstance(value, Noun)), None)

    def has(self, word: str, category: str) -> bool:
        """Whether a word is of a category of the grammar."""
        return any(known == category for known, _ in self._phrases.get((word,), ()))

    def nearest(self, word: str) -> list[str]:
        """Up to three words that are spelled like this one."""
        alone = [key[0] for key in self._phrases if len(key) == 1 and key[0] != word]
        return difflib.get_close_matches(word[:40], alone, n=3, cutoff=0.78)


def lexicon() -> Lexicon:
    """The lexicon of both languages, read when it is first asked for, with the names of all looks."""
    return _lexicon(os.environ.get(looks.VARIABLE, ""))


@lru_cache(maxsize=2)
def _lexicon(own_looks: str) -> Lexicon:
    return Lexicon()


def _rows(table: str, columns: int) -> Iterator[tuple[str, ...]]:
    text = files("barva.language.lexicon").joinpath(table).read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = line.split("\t")
        yield tuple((cells + [""] * columns)[:columns])


def _spell(phrases: str) -> Iterator[Key]:
    """The words of phrases that commas divide, in all forms of what has a star."""
    for phrase in phrases.split(","):
        phrase = phrase.strip()
        if "*" not in phrase:
            key = tokens.words(phrase)
            yield key
            continue
        forms = [morphology.adjective(p.strip("*")) if "*" in p else (p,) for p in phrase.split()]
        for combination in itertools.product(*forms):
            yield combination if all(map(str.isalpha, combination)) else tokens.words(" ".join(combination))


def _english() -> Iterator[tuple[Key, Noun]]:
    for word, kind, sense, irregular in _rows("english_nouns.tsv", 4):
        plural = irregular or morphology.english_plural(word)
        if plural == word:
            yield tokens.words(word), Noun(sense, kind, True, True)
            continue
        yield tokens.words(word), Noun(sense, kind)
        yield tokens.words(plural), Noun(sense, kind, False, True)


def _ukrainian() -> Iterator[tuple[Key, Noun]]:
    """Nominatives first, and other cases after them: "онука" is a granddaughter rather than of a grandson."""
    others: list[tuple[Key, Noun]] = []
    for word, kind, sense, declension, stem, irregular in _rows("ukrainian_nouns.tsv", 6):
        forms = morphology.noun(word, declension, stem)
        for form in irregular.split():
            tags = {"sg", "pl", "gen"} if form.endswith("*") else {"sg", "pl"}
            forms.setdefault(form.strip("*"), set()).update(tags)
        forms = {form: tags for form, tags in forms.items() if form == word or not _is_color(form)}
        if " " in word:  # a fixed phrase, whose cases are written out
            forms = {word: {"sg"}, **{phrase: {"sg", "gen"} for phrase in _phrases(irregular)}}
        entries = {form: Noun(sense, kind, "sg" in tags, "pl" in tags, "gen" in tags) for form, tags in forms.items()}
        yield _key(word), entries.pop(word)
        others += [(_key(form), noun) for form, noun in entries.items()]
    yield from others


def _given_names() -> Iterator[tuple[Key, Noun]]:
    """People by their first names: "uncle Joe", "тітка Марія"; nominatives first, too: "Богдана" is a woman rather than
    of Bohdan."""
    others: list[tuple[Key, Noun]] = []
    for word, kind, declension, stem in _rows("given_names.tsv", 4):
        yield _key(word), Noun(kind, kind, given=True)
        if not declension:
            continue
        for form, tags in morphology.noun(word, declension, stem).items():
            if form != word and (len(form) >= len(word) or declension == "m"):  # not the genitive plural
                others.append((_key(form), Noun(kind, kind, genitive="gen" in tags, given=True)))
    yield from others


def _key(form: str) -> Key:
    """A form's words; one of letters alone is in the one spelling already, and there are ten thousands of these."""
    return (form,) if form.isalpha() else tokens.words(form)


def _is_color(form: str) -> bool:
    """Whether a rare case of a noun is rather the plural of a color: "сині" are hardly sons, "вороні" no crows."""
    return form.endswith("і") and not _adjectives().isdisjoint((form[:-1] + "ий", form[:-1] + "ій"))


@lru_cache(maxsize=1)
def _adjectives() -> frozenset[str]:
    """The colors that are Ukrainian adjectives."""
    return frozenset(name for name in names.names() if name.endswith(("ий", "ій")))


def _phrases(irregular: str) -> Iterator[str]:
    """Fixed phrases of two words each."""
    words = irregular.replace("*", "").split()
    for first, second in zip(words[::2], words[1::2], strict=True):
        yield f"{first} {second}"
