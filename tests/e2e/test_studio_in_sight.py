"""What is colored stays in sight: beside the popover, and above the sheet of a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studio_hands import at, click, drag, drop, lies, until


def edges(page: Any, selector: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, CSS pixels of the window."""
    box = page.locator(selector).bounding_box()
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


@pytest.mark.parametrize(("key", "left", "right"), [("s", 0.75, 0.95), ("b", 0.75, 0.95), ("b", 0.1, 0.4)])
def test_the_popover_lies_beside_what_was_drawn(studio: Any, photo: Path, key: str, left: float, right: float) -> None:
    page = studio(1000, 700)
    drop(page, photo)
    page.keyboard.press(key)
    drag(page, [(left, 0.4), (right, 0.6)])
    page.locator(".bp").wait_for()
    start, _, end, _ = edges(page, ".bp")
    assert end <= at(page, left, 0.4)[0] or start >= at(page, right, 0.6)[0]


def test_the_popover_lies_beside_an_object(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("l")
    drag(page, [(0.6, 0.1), (0.9, 0.1), (0.9, 0.3), (0.6, 0.3), (0.6, 0.1)])
    page.locator(".bp-name").wait_for()
    start, _, end, _ = edges(page, ".bp")
    assert end <= at(page, 0.6, 0.2)[0] or start >= at(page, 0.9, 0.2)[0]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390)])
def test_the_photo_is_seen_whole_while_the_sheet_is_open(studio: Any, photo: Path, width: int, height: int) -> None:
    page = studio(width, height, has_touch=True, is_mobile=True)
    drop(page, photo)
    before = lies(page)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("slider", name="Vividness").wait_for()

    def whole() -> bool:
        left, top, wide, high = lies(page)
        sheet = edges(page, ".b-panel")
        return top + high <= sheet[1] or left + wide <= sheet[0]

    until(whole, "the sheet covers the photo")
    assert lies(page)[3] > 150, "and it is not tiny"
    page.locator(".b-tabs").get_by_role("button", name="Close").click()
    until(lambda: lies(page) == before, "closed, it has its old place")


def test_the_settings_of_a_tool_leave_the_room_to_the_popover_of_a_phone(studio: Any, photo: Path) -> None:
    page = studio(390, 844, has_touch=True, is_mobile=True)
    drop(page, photo)
    page.locator(".b-tools").get_by_role("button", name="Select an object").click()
    page.locator(".b-options").wait_for()
    click(page, 0.4, 0.3)
    page.locator(".bp-name").wait_for()
    page.locator(".b-options").wait_for(state="hidden")
    assert edges(page, ".bp-hex")[3] <= edges(page, ".bp-region")[1], "first what always helps"
    assert edges(page, ".bp-hex")[3] <= 844
    page.keyboard.press("Escape")
    page.locator(".b-options").wait_for()


def test_all_of_a_selection_is_seen_above_the_popover_of_a_phone(studio: Any, photo: Path) -> None:
    page = studio(390, 844, has_touch=True, is_mobile=True)
    drop(page, photo)
    page.locator(".b-tools").get_by_role("button", name="Lasso").click()
    drag(page, [(0.3, 0.2), (0.6, 0.2), (0.6, 0.6), (0.3, 0.6), (0.3, 0.2)])
    page.locator(".bp-name").wait_for()
    until(lambda: at(page, 0.5, 0.6)[1] <= edges(page, ".bp")[1] and at(page, 0.5, 0.2)[1] >= edges(page, ".b-bar")[3])
