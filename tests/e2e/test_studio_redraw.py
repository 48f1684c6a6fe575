"""Another one, only here: colors of an object drawn anew, by a method that draws them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studio_hands import becomes, click, colored, drag, drop, pixel, shown, tab, write
from studio_server import Server

INSIDE, OUTSIDE = (0.3, 0.3), (0.8, 0.8)
RING = [(0.15, 0.15), (0.5, 0.15), (0.5, 0.5), (0.15, 0.5), (0.15, 0.17)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a method that draws."""
    tests = Path(__file__).resolve().parents[1]
    prelude = f"import sys; sys.path.insert(0, {str(tests)!r})\nimport drawing_method; drawing_method.install()"
    running = Server(tmp_path_factory.mktemp("studio"), prelude=prelude)
    yield running
    running.stop()


def test_colors_are_drawn_anew_in_a_selection_alone(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    button = page.get_by_role("button", name="Another one, only here")
    page.keyboard.press("l")
    drag(page, RING)
    page.get_by_text("draws nothing at random. For this, choose “drawn”.").wait_for()
    assert button.is_disabled()
    page.keyboard.press("Escape")
    version = shown(page)
    page.get_by_role("combobox", name="Method").select_option("drawn")
    colored(page, version + 1)
    inside, outside = pixel(page, *INSIDE), pixel(page, *OUTSIDE)
    drag(page, RING)
    button.click()
    becomes(page, INSIDE, lambda rgb: rgb != inside)
    first, version = pixel(page, *INSIDE), shown(page)
    button.click()
    colored(page, version + 1)
    becomes(page, INSIDE, lambda rgb: rgb not in (inside, first))
    assert pixel(page, *OUTSIDE) == outside
    page.keyboard.press("Control+z")
    becomes(page, INSIDE, lambda rgb: rgb == first)
    write(page, "navy")  # the object gets a color of its own, which stays
    button.click()
    page.get_by_text("has a color of yours").wait_for()
    page.keyboard.press("Escape")
    tab(page, "Scene")
    page.get_by_text("Drawn anew: 1").wait_for()
    page.get_by_role("button", name="As they were drawn first").click()
    page.get_by_text("Drawn anew: 1").wait_for(state="hidden")


def test_a_point_has_no_such_button_and_variants_are_drawn(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, *INSIDE)
    page.locator(".bp-hex").wait_for()
    assert page.get_by_role("button", name="Another one, only here").count() == 0
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show six variants").click()
    page.get_by_text("All but the first are drawn by").wait_for()
    before = pixel(page, *INSIDE)
    page.get_by_role("button", name="Variant 3").click()
    becomes(page, INSIDE, lambda rgb: rgb != before)
    assert page.get_by_role("combobox", name="Method").input_value() == "drawn"
    page.keyboard.press("Control+z")
    becomes(page, INSIDE, lambda rgb: rgb == before)
