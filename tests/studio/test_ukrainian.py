"""What is written elsewhere in English has a Ukrainian text: cards, and every error that the studio raises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import barva.studio
from barva.methods import catalog
from barva.studio.locale.messages import Words
from barva.studio.locale.ukrainian import TEXTS, translate
from barva.studio.sessions import disk

_UNSEEN = {"api/routes.py", "api/job_routes.py", "api/session_routes.py", "security.py", "server.py", "settings.py"}
"""Files whose errors nobody sees who has the page."""


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


def test_every_error_of_the_studio_has_a_ukrainian_text() -> None:
    found = list(raised())
    assert len(found) > 40
    missing = [f"{where}: {text}" for where, text in found if text not in TEXTS]
    assert not missing, "\n".join(missing)
    assert disk.FULL in TEXTS


def test_every_card_has_a_ukrainian_text() -> None:
    for card in catalog.method_cards():
        for text in filter(None, (card.title, card.summary, card.caution)):
            assert text in TEXTS, f"{card.name}: {text}"


def test_ukrainian_texts_are_ukrainian_and_leave_nothing_out() -> None:
    for english, ukrainian in TEXTS.items():
        assert ukrainian.count("{}") <= english.count("{}"), english
        assert english == "CycleGAN" or re.search("[а-щьюяєіїґ]", ukrainian), english
        assert not re.search("[ыэъё]", ukrainian), english


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
    assert translate(english) == ukrainian == Words("uk").translate(english)
    assert Words("en").translate(english) == english
