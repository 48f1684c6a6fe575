"""The Ukrainian catalog has each text of the page and of cards, and each error that the studio raises; no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import barva.studio
from barva.methods import catalog as methods
from barva.studio.locale.catalog import catalog
from barva.studio.locale.messages import ENGLISH, LANGUAGES, Words
from barva.studio.sessions import disk

_UNSEEN = {"api/routes.py", "api/job_routes.py", "api/session_routes.py", "security.py", "server.py", "settings.py"}
"""Files whose errors nobody sees who has the page."""

_ASSEMBLED = {
    "there is no color '{}'", "there is no color '{}'; did you mean {}?", "turned upright (XMP orientation {})",
    "the mask is {} x {} pixels, the photo {} x {}: it was scaled", "{} lies over {}: the later mark wins",
    "there is no color '{}'; a name, #rrggbb or rgb(r, g, b) is wanted",
    "'{}' is not understood: no object has this name",
    "'{}' is not understood: no object has this name; did you mean {}?",
    "'{}' is not understood: no word of this kind is known",
    "'{}' is not understood: no word of this kind is known; did you mean {}?",
    "vividness: a number from 0 to 2 is wanted, not {}", "strength: a number from 0 to 1 is wanted, not {}",
}  # fmt: skip
"""Texts that no single place of the code has, because it puts them together from parts."""

_UKRAINIAN = catalog("uk")
assert _UKRAINIAN is not None
PAGE = [m for m in _UKRAINIAN.po if m.id and m.context]
OTHERS = [m for m in _UKRAINIAN.po if m.id and not m.context]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """A text's forms: one, or singular and plurals."""
    return (text,) if isinstance(text, str) else tuple(text)


TEXTS = {forms(m.id)[-1] for m in OTHERS}


def templates(root: Path) -> set[str]:
    """All texts in the code below a folder, `{}` for what is put into them; American spelling."""
    texts = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                texts.add("".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values))
    return {text.replace("colour", "color") for text in texts}


def raised() -> Iterator[tuple[str, str]]:
    """Where an error is made, and its text, `{}` for what is put into it."""
    root = Path(barva.studio.__file__).parent
    for path in sorted(root.rglob("*.py")):
        unseen = path.relative_to(root).as_posix() in _UNSEEN
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if unseen or not isinstance(node, ast.Call) or not name.endswith("Error") or not node.args:
                continue
            said = node.args[2 if name == "RefusedError" else 0]  # behind a status and a code
            if isinstance(said, ast.Constant):
                yield f"{path.name}:{node.lineno}", str(said.value)
            elif isinstance(said, ast.JoinedStr):
                parts = (str(v.value) if isinstance(v, ast.Constant) else "{}" for v in said.values)
                yield f"{path.name}:{node.lineno}", "".join(parts)


def test_every_text_of_the_page_has_a_ukrainian_one_and_no_key_is_stale() -> None:
    assert [(m.context, m.id) for m in PAGE] == list(ENGLISH.items())
    for message in PAGE:
        fields = [sorted(re.findall(r"{(\w*)}", text)) for text in (str(message.id), str(message.string))]
        assert fields[0] == fields[1], message.context


def test_every_key_is_used() -> None:
    root = Path(barva.studio.__file__).parent
    used = templates(root / "page") | templates(root / "sessions") | templates(root / "jobs")
    started = ("name.", *(text.removesuffix("{}") for text in used if re.fullmatch(r"[a-z]+\.{}", text)))
    unused = [key for key in ENGLISH if key not in used and not key.startswith(started)]
    assert not unused


def test_every_error_of_the_studio_has_a_ukrainian_text() -> None:
    errors = list(raised())
    assert len(errors) > 40
    missing = [f"{where}: {text}" for where, text in errors if text not in TEXTS]
    assert not missing, "\n".join(missing)
    assert disk.FULL in TEXTS


def test_every_card_has_a_ukrainian_text() -> None:
    for card in methods.method_cards():
        for text in filter(None, (card.title, card.summary, card.caution)):
            assert text in TEXTS, f"{card.name}: {text}"


def test_no_text_is_left_of_what_the_code_no_longer_says() -> None:
    written = templates(Path(barva.__file__).parent)
    stale = [text for text in TEXTS - _ASSEMBLED if text.replace("colour", "color") not in written]
    assert not stale, "\n".join(stale)


def test_ukrainian_texts_are_ukrainian_and_leave_nothing_out() -> None:
    for message in PAGE + OTHERS:
        assert not message.fuzzy, message.id
        for text in forms(message.string):
            english = forms(message.id)[-1]
            assert text.count("{}") <= english.count("{}"), english
            assert english in ("CycleGAN", "ΔE {value}") or re.search("[а-щьюяєіїґ]", text), english
            assert not re.search("[ыэъё]", text), english


def test_counts_have_their_three_forms() -> None:
    assert sum(len(forms(m.string)) == 3 for m in OTHERS) >= 8
    words = Words("uk")
    nouns = {1: "світлина", 2: "світлини", 5: "світлин", 11: "світлин", 21: "світлина", 22: "світлини"}
    for count, noun in nouns.items():
        text = words.translate(f"{count} photos are waiting already; come back later")
        assert text == f"у черзі вже {count} {noun}; поверніться згодом"
    assert (
        words.translate("a photo takes at most 8 references, not 9")
        == "світлина може мати щонайбільше 8 зразків, а не 9"
    )
    assert words.translate("the photo has 2 pages; 1 are the most") == "у світлини 2 сторінки, а можна щонайбільше 1"


def test_every_language_but_english_has_a_catalog() -> None:
    assert catalog("en") is None and all(catalog(language) for language in LANGUAGES if language != "en")


@pytest.mark.parametrize(
    ("english", "ukrainian"),
    [
        ("nothing is selected", "нічого не вибрано"),
        ("a request has at most 5 bytes", "за раз можна надіслати щонайбільше 5 байтів"),
        ("there is no color 'red{}'; did you mean red?", "немає кольору «red{}»; можливо, ви мали на увазі red?"),
        ("this is no saved work: nothing is selected", "це не збережена робота: нічого не вибрано"),
        ("the photo is damaged or cut off", "світлина: файл пошкоджено або обрізано"),
        ("nobody translate this", "nobody translate this"),
    ],
)
def test_texts_are_found_with_what_was_put_into_them(english: str, ukrainian: str) -> None:
    assert Words("uk").translate(english) == ukrainian
    assert Words("en").translate(english) == english
