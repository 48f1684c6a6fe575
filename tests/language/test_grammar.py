"""Texts to clauses: the measured instructions, bad input, any input."""

from __future__ import annotations

import contextlib
import importlib.util
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barva.errors import UsageError
from barva.language import claims, parse
from barva.language.lexicon import lexicon
from barva.language.morphology import adjective, english_plural, noun
from barva.language.tokens import LONGEST, tokenize
from barva.scene.model import Scene
from barva.scene.vocabulary import BROADER

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def _benchmark():
    spec = importlib.util.spec_from_file_location("words_benchmark", BENCHMARKS / "words.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["english", "ukrainian"])
def test_of_the_measured_instructions_98_in_100_are_understood(language):
    words = _benchmark()
    rows = [r.split("\t") for r in (BENCHMARKS / "words" / f"{language}.tsv").read_text("utf-8").splitlines()]
    assert len(rows) >= 250
    misses = [text for text, right in rows if words.understood(text) != words.expected(right)]
    assert len(misses) <= 0.02 * len(rows), misses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("paint the sky sky blue", "sky = sky blue"),
        ("make the orange orange", "orange = orange"),
        ("car red", "car = red"),
        ("Дах буди́нку черво́ний", "roof of (house) = red"),  # with stress marks
        ("зроби мaшину чeрвоною", "car = red"),  # with Latin letters in it
        ("зроби м’яч синім", "ball = blue"),
        ("make the grey wall COLOUR red", "gray-looking wall = red"),
        ("make the car червоною", "car = red"),
    ],
)
def test_hard_spellings_are_understood(text, clauses):
    understanding = parse(text)
    assert not understanding.gaps
    assert " ; ".join(map(str, understanding.clauses)) == clauses


def test_a_span_is_the_clause_as_it_was_written():
    understanding = parse("Make the car red,  and leave the sky  as it is!")
    assert [understanding.words(c.span) for c in understanding.clauses] == [
        "Make the car red",
        "leave the sky as it is",
    ]


def test_what_is_not_understood_is_a_gap_beside_what_is():
    understanding = parse("make the car red. frobnicate the sky")
    assert [str(c) for c in understanding.clauses] == ["car = red"]
    assert [understanding.words(gap) for gap in understanding.gaps] == ["frobnicate the sky"]


@pytest.mark.parametrize("text", ["", "   \n\t ", "x" * 100_000, "make the car red. " * 6000])
def test_empty_and_endless_texts_are_refused_at_once(text):
    begun = time.perf_counter()
    with pytest.raises(UsageError):
        parse(text)
    assert time.perf_counter() - begun < 1


WORDS = [
    "the",
    "car",
    "red",
    "and",
    ",",
    "of",
    "next to",
    "'s",
    "left",
    "all",
    "her",
    "make",
    "in",
    "в",
    "дах",
    "машину",
    "червоною",
    "не",
    "крім",
    "everything",
    "except",
    "color",
    "leave",
    "as it is",
    "дім",
    "як",
    "з",
    "three",
    ".",
]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_text_is_read_or_refused(text):
    try:
        understanding = parse(text)
    except UsageError:
        return
    for clause in understanding.clauses:
        assert 0 <= clause.span[0] < clause.span[1] <= len(text)
    for start, end in understanding.gaps:
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("sign", ["❷", "፩", "⓿", "²", "½", "٣", "\uff9e", "\uff9e's", "'s"])  # U+FF9E: a mark alone
def test_digits_and_marks_of_any_script_are_read_or_refused(sign: str) -> None:
    """Not all that is a digit is a number: int("❷") is an error."""
    for text in (sign, f"make the {sign} cars red", f"make the car {sign} red", f"make the car {sign}", f"{sign} red"):
        with contextlib.suppress(UsageError):
            claims(text, Scene())
    assert str(parse("make the ² cars red").clauses[0].targets[0]) == "2 car"


@pytest.mark.parametrize(
    "words",
    [
        ["the"],
        ["car"],
        ["red"],
        ["the car", "and"],
        ["of the car"],
        ["дах будинку"],
        ["make the car red and"],
        ["next to the car"],
        ["except the"],
        ["left", "red"],
    ],
)
def test_the_longest_texts_are_read_in_time(words):
    text = " ".join(words * (LONGEST // (len(" ".join(words)) + 1)))
    parse("red car")  # reads the lexicon
    begun = time.process_time()
    parse(text)
    assert time.process_time() - begun < 3  # a third of it and less on an idle processor


def test_words_of_both_languages_speak_of_kinds_of_the_vocabulary():
    table = lexicon()
    for word, sense in (
        ("taxi", "car"),
        ("машинами", "car"),
        ("суконь", "dress"),
        ("будинків", "house"),
        ("коней", "horse"),
        ("knives", "knife"),
        ("чоловіків", "man"),
        ("women", "woman"),
        ("дерев", "tree"),
    ):
        assert table.noun(word).sense == sense
        assert table.noun(word).kind in BROADER


def test_forms_of_ukrainian_words():
    assert {"машина", "машини", "машині", "машину", "машиною", "машин", "машинами"} <= set(noun("машина", "f"))
    assert noun("машина", "f")["машини"] == {"pl", "gen"}
    assert noun("будинок", "m", "будинк")["будинку"] == {"sg", "gen"}
    assert "руці" in noun("рука", "f", "рук") and "нозі" in noun("нога", "f", "ніг")
    assert {"синього", "синю", "синьою", "сині"} <= set(adjective("синій"))
    assert [english_plural(w) for w in ("car", "bus", "lady", "toy", "watch")] == [
        "cars",
        "buses",
        "ladies",
        "toys",
        "watches",
    ]


def test_tokens_keep_their_places():
    text = "the man’s dark-blue coat: #7A1f1f"
    assert [(t.word, text[t.start : t.end]) for t in tokenize(text)] == [
        ("the", "the"), ("man", "man"), ("'s", "’s"), ("dark", "dark"), ("blue", "blue"), ("coat", "coat"), (":", ":"),
        ("#7a1f1f", "#7A1f1f"),
    ]  # fmt: skip
