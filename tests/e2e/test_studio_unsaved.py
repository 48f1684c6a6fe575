"""What cannot be written is said, and the page shows what is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from studio_hands import at, drop, spotted, until, wait_in_page

_MARKS = "(n) => document.querySelectorAll('.bm-point').length === n"


@contextmanager
def unwritable(state: Path) -> Iterator[None]:
    """No step can be kept: another program holds the database."""
    with closing(sqlite3.connect(state / "studio.db", timeout=10, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def is_told(page: Any, begins: str) -> None:
    """A message that was not there the last time."""
    page.locator(".b-toast > :not([data-old])").get_by_text(begins).wait_for()
    page.evaluate("document.querySelectorAll('.b-toast > *').forEach((e) => (e.dataset.old = 'yes'))")


@pytest.mark.parametrize(("locale", "begins"), [("en-GB", "Not saved:"), ("uk-UA", "Не збережено:")])
def test_an_edit_that_is_not_kept(studio: Any, server: Any, photo: Path, locale: str, begins: str) -> None:
    page = studio(locale=locale)
    drop(page, photo)
    spotted(page, 0.35, 0.65)
    wait_in_page(page, _MARKS, arg=1)
    undo = page.locator("[aria-keyshortcuts='Control+Z']")
    slider = page.locator(".b-panel .b-slider input").first
    with unwritable(server.state):
        undo.click()
        is_told(page, begins)
        page.keyboard.press("Control+z")
        is_told(page, begins)
        slider.focus()
        page.keyboard.press("End")
        is_told(page, begins)
        wait_in_page(page, "() => document.querySelector('.b-panel .b-slider input').value === '1'")
        page.mouse.move(*at(page, 0.35, 0.65))
        page.locator(".bm-point").first.focus()
        page.keyboard.press("Delete")
        is_told(page, begins)
        wait_in_page(page, _MARKS, arg=1)
        until(lambda: undo.is_enabled())
    undo.click()
    wait_in_page(page, _MARKS, arg=0)
