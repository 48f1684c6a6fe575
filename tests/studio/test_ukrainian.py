"""The Ukrainian catalog has each text of the page, of cards, and of errors and notes that have a code; no others."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import barva
import barva.studio
from barva.color import names
from barva.errors import BarvaError, Message, UsageError
from barva.language.matching import REMAINDERS, kind_title, thing_title
from barva.methods import catalog as methods
from barva.scene.ranges import check_vividness
from barva.scene.vocabulary import BROADER
from barva.studio.locale.catalog import CARD, MESSAGE, catalog
from barva.studio.locale.messages import ENGLISH, LANGUAGES, Words, language_of

_UNREACHABLE = {"cli", "training", "evaluation", "archive"}
"""Packages whose messages nobody sees who has the page."""

_UNSEEN = {"server.py", "settings.py"}
"""Files of the studio of which the same is true."""

_FEWER = {"note.ambiguous", "extra.missing", "missing.file"}
"""Messages that need fewer of their values in Ukrainian."""

_FAMILY = {
    "BarvaError", "UsageError", "FileError", "ReadError", "TooLargeError", "WriteError", "WeightsError",
    "FullError", "MissingError", "BusyError", "PacketError", "PartlyUnderstoodError",
}  # fmt: skip


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """A text's forms: one, or singular and plurals."""
    return (text,) if isinstance(text, str) else tuple(text)


_UKRAINIAN = catalog("uk")
assert _UKRAINIAN is not None
ALL = [m for m in _UKRAINIAN.po if m.id]
PAGE = [m for m in ALL if m.context not in (CARD, MESSAGE)]
CARDS = {forms(m.id)[0]: m for m in ALL if m.context == CARD}
MESSAGES = {forms(m.id)[0]: m for m in ALL if m.context == MESSAGE}
ROOT = Path(barva.__file__).parent


def fields(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Where something is called, the name of what is called, and the call, in the whole package."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", name, node


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def coded() -> dict[str, set[tuple[str, frozenset[str]]]]:
    """Code -> the English texts that have it, each with the values that come with it."""
    codes = defaultdict(set)
    for where, _, call in calls():
        code = keyword(call, "code")
        if not isinstance(code, ast.Constant) or code.value is None or not call.args:
            continue
        text = call.args[0]
        assert isinstance(text, ast.Constant), f"{where}: the text of a message with a code is a template"
        values = {k.arg or "**" for k in call.keywords if k.arg != "code"}
        codes[str(code.value)].add((str(text.value), frozenset(values)))
    return codes


CODES = coded()


def page_templates(*folders: str) -> set[str]:
    """All texts in the studio's code below folders, `{}` for what is put into them."""
    texts = set()
    for folder in folders:
        for path in (ROOT / "studio" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.add(node.value)
                elif isinstance(node, ast.JoinedStr):
                    texts.add("".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values))
    return texts


def test_every_text_of_the_page_has_a_ukrainian_one_and_no_key_is_stale() -> None:
    assert [(m.context, m.id) for m in PAGE] == list(ENGLISH.items())
    for message in PAGE:
        assert fields(str(message.id)) == fields(str(message.string)), message.context


def test_every_key_is_used() -> None:
    used = page_templates("page", "sessions", "jobs")
    started = ("name.", *(text.removesuffix("{}") for text in used if re.fullmatch(r"[a-z]+\.{}", text)))
    unused = [key for key in ENGLISH if key not in used and not key.startswith(started)]
    assert not unused


def test_a_code_is_of_one_message_and_is_written_as_all_are() -> None:
    assert len(CODES) > 300
    for code, texts in CODES.items():
        assert re.fullmatch(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", code), code
        assert len({text for text, _ in texts}) == 1, f"{code}: {texts}"
    english = [text for texts in CODES.values() for text in {text for text, _ in texts}]
    assert len(english) == len(set(english)), "two codes for one message"


def test_a_template_has_the_fields_that_its_values_fill() -> None:
    for code, texts in CODES.items():
        for text, values in texts:
            if values and "**" not in values:
                # values beside a status or a time are for the error, not for its text
                assert fields(text) == values - {"retry"}, code


def test_every_message_that_has_a_code_is_in_the_catalog_with_the_same_fields_and_no_other_is() -> None:
    kinds = {f"kind.{kind}" for kind in (*BROADER, *REMAINDERS)}
    assert set(MESSAGES) == set(CODES) | kinds
    for code, message in MESSAGES.items():
        english = next(iter(CODES[code]))[0] if code in CODES else code.removeprefix("kind.")
        assert message.auto_comments == [english], f"{code}: the English has changed, see whether the Ukrainian fits"
        for text in forms(message.string):
            assert fields(text) == fields(english) or (code in _FEWER and fields(text) < fields(english)), code


def test_what_the_studio_raises_has_a_code() -> None:
    bare = [
        where
        for where, name, call in calls()
        if where.startswith("studio/") and where.split(":")[0].split("/")[-1] not in _UNSEEN
        if name in _FAMILY and keyword(call, "code") is None
        if call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert not bare


def test_codes_are_where_visitors_see_the_message() -> None:
    """Not in packages that the studio never calls: a catalog of what nobody reads grows stale."""
    for where, _, call in calls():
        code = keyword(call, "code")
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            assert where.split("/")[0] not in _UNREACHABLE, where


def test_every_card_has_a_ukrainian_text_of_the_english_that_it_has_now() -> None:
    english = {
        f"{card.name}.{name}": getattr(card, name)
        for card in methods.method_cards()
        for name in ("title", "summary", "caution")
        if getattr(card, name)
    }
    assert {key: m.auto_comments[0] for key, m in CARDS.items()} == english
    words = Words("uk")
    assert words.card(methods.card("guided"), "title") == "Керована класифікація"


def test_ukrainian_texts_are_ukrainian() -> None:
    for message in ALL:
        assert not message.fuzzy, message.id
        for text in forms(message.string):
            bare = re.sub(r"{\w+}|[\W\d]", "", text)
            assert not bare or text in ("CycleGAN", "ΔE {value}") or re.search("[а-щьюяєіїґ]", text), message.id
            assert not re.search("[ыэъё]", text), message.id


def test_counts_have_their_three_forms() -> None:
    assert sum(len(forms(m.string)) == 3 for m in MESSAGES.values()) >= 6
    words = Words("uk")
    nouns = {1: "світлина", 2: "світлини", 5: "світлин", 11: "світлин", 21: "світлина", 22: "світлини"}
    for count, noun in nouns.items():
        text = words.translate(Message("{count} photos wait", code="busy.photos", count=count))
        assert text == f"у черзі вже {count} {noun}; поверніться згодом"


def test_every_language_but_english_has_a_catalog() -> None:
    assert catalog("en") is None and all(catalog(language) for language in LANGUAGES if language != "en")


def error_of(work: object) -> Message:
    with pytest.raises(BarvaError) as error:
        work()  # type: ignore[operator]
    return error.value.message


@pytest.mark.parametrize(
    ("work", "english", "ukrainian"),
    [
        (
            lambda: names.lab("red{}"),
            "there is no color 'red{}'; did you mean red?",
            "немає кольору «red{}»; можливо, ви мали на увазі red?",
        ),
        (
            lambda: check_vividness(3),
            "vividness: a number from 0 to 2 is wanted, not 3",
            "насиченість: тут має бути число від 0 до 2, а не 3",
        ),
        (
            lambda: names.lab("x" * 500),
            "a color has at most 80 characters, not 500",
            "колір має щонайбільше 80 знаків, а не 500",
        ),
    ],
)
def test_errors_are_translated_by_code_and_values(work: object, english: str, ukrainian: str) -> None:
    message = error_of(work)
    assert str(message) == english and Words("en").translate(message) == english
    assert Words("uk").translate(message) == ukrainian
    # and not by their English
    assert Words("uk").translate(str(message)) == english
    other = Message(message.template + "!", code=message.code, **message.values)
    assert Words("uk").translate(other) == ukrainian
    assert Words("uk").translate(Message.from_json(json.loads(json.dumps(message.to_json())))) == ukrainian


def test_a_message_inside_another_is_translated_too() -> None:
    error = UsageError("{place}: {problem}", code="at", place="things[3]", problem=error_of(lambda: names.lab("")))
    assert str(error).startswith("things[3]: a color is missing")
    assert Words("uk").translate(error.message).startswith("things[3]: бракує кольору")


def test_what_has_no_code_stays_as_it_is() -> None:
    assert Words("uk").translate("nothing is selected") == "nothing is selected"
    assert Words("uk").translate(Message("of a plug-in: {n}", code="plugin.odd", n=3)) == "of a plug-in: 3"


def test_what_a_tool_is_called_has_the_word_that_stands_under_it() -> None:
    """Who speaks to the computer says the word that is seen."""
    for language in LANGUAGES:
        words = Words(language)
        for key in [k for k in ENGLISH if k.startswith("short.")]:
            name = words(key.replace("short.", "tool."))
            assert words(key).casefold() in name.casefold().split(), name


def test_numbers_have_the_languages_point() -> None:
    assert [Words(code).number(1.35) for code in LANGUAGES] == ["1.35", "1,35"]
    assert [Words("uk").number(v, 1) for v in (2.0, 10, 0.25)] == ["2", "10", "0,2"]


def test_things_are_called_by_their_ukrainian_kind() -> None:
    words = Words("uk")
    assert words.translate(kind_title("car")) == "машина"
    titles = {
        "car": "машина", "car-2": "машина-2", "everything-else": "усе інше", "person-2.clothing": "одяг (людина-2)",
        "Grandma": "Grandma", "car-x": "car-x", "St. Mary": "St. Mary", "car.": "car.",
    }  # fmt: skip
    assert {id: words.translate(thing_title(id)) for id in titles} == titles
    assert all(thing_title(id) == id for id in titles)


def test_a_visitor_chooses_the_language_and_else_the_browser() -> None:
    assert language_of({}, "uk-UA,uk;q=0.9") == "uk" and language_of({"barva-language": "en"}, "uk") == "en"
    assert language_of({}, "") == "en"
