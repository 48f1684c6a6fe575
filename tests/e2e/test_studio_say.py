"""Colors by words: the text box of the panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studio_hands import becomes, colored, drop, pixel, shown, tab, until, wait_in_page

from barva import photos


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gray photo of a person."""
    from PIL import Image

    path = tmp_path_factory.mktemp("photos") / "portrait.png"
    Image.fromarray(photos.photo("astronaut")).convert("L").save(path)
    return path


SUIT = 0.42, 0.62


def test_a_text_colors_a_person_and_undo_takes_it_back(studio: Any, portrait: Path) -> None:
    page = studio()
    drop(page, portrait)
    before, version = pixel(page, *SUIT), shown(page)
    box = page.get_by_label("Say it in words")
    box.fill("make the big person navy")
    box.press("Enter")
    colored(page, version + 1)
    becomes(page, SUIT, lambda rgb: rgb[2] - rgb[0] > 40)
    until(lambda: box.input_value() == "make the big person navy")
    tab(page, "Scene")
    name = page.locator(".b-node-name input")
    name.wait_for()
    until(lambda: name.count() == 1 and name.input_value().startswith("person"))
    page.get_by_role("button", name="Undo").first.click()
    becomes(page, SUIT, lambda rgb: max(abs(a - b) for a, b in zip(rgb, before, strict=True)) < 8)
    wait_in_page(page, "() => !document.querySelector('.b-node-name')")


def test_what_is_not_there_is_said_in_the_pages_language_and_changes_nothing(studio: Any, portrait: Path) -> None:
    page = studio(locale="uk-UA")
    drop(page, portrait)
    box = page.get_by_label("Скажіть словами")
    box.fill("зроби велосипед червоним")
    box.press("Enter")
    page.get_by_text("«велосипед»: такого на світлині немає").wait_for()
    until(lambda: shown(page) == 1 and page.get_by_role("button", name="Скасувати").first.is_disabled())


def test_what_can_be_done_of_a_text_is_one_click_away(studio: Any, portrait: Path) -> None:
    page = studio()
    drop(page, portrait)
    version = shown(page)
    box = page.get_by_label("Say it in words")
    box.fill("make the dragon green and the big person navy")
    box.press("Enter")
    toast = page.locator(".b-toast")
    toast.get_by_text("'dragon' is not understood").wait_for()
    until(lambda: shown(page) == version)
    toast.get_by_role("button", name="Do the rest: the big person navy").click()
    becomes(page, SUIT, lambda rgb: rgb[2] - rgb[0] > 40)
    wait_in_page(page, "() => !document.querySelector('.b-toast').innerText")
