"""Drawing and picking colors with keys alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from studio_hands import (
    becomes,
    click,
    colored,
    drag,
    drop,
    label,
    paint,
    painted,
    relabelled,
    spotted,
    spread,
    suggested,
    until,
    wait_in_page,
)


def draw(page: Any, keys: list[str]) -> None:
    """Take the keyboard to the photo, begin in its middle, draw and end."""
    page.locator(".b-stage").focus()
    for key in ["Enter", *keys, "Enter"]:
        page.keyboard.press(key)


@pytest.mark.parametrize("tool", ["stroke", "box"])
def test_strokes_and_boxes_are_drawn_with_arrow_keys(studio: Any, photo: Path, tool: str) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press(tool[0])
    page.wait_for_selector(f".b-stage[data-tool={tool}]")
    draw(page, ["Shift+ArrowLeft", "Shift+ArrowDown", "Shift+ArrowDown"])
    page.locator(".bp-title", has_text=tool.capitalize()).wait_for()
    suggested(page)
    x, y = (float(v) for v in label(page).split(", ")[2:])
    scale = float(page.locator(".b-stage").get_attribute("data-box").split()[2]) / 384
    # a stroke's handle is at its end, a box's in its middle
    far = 1.0 if tool == "stroke" else 0.5
    assert abs(x - (192 - far * 40 / scale)) < 1.5 and abs(y - (192 + far * 80 / scale)) < 1.5


def test_an_arrow_key_that_is_held_makes_two_steps_of_the_history(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, 0.35, 0.65)
    first, point = label(page), page.locator(".bm-point")
    point.focus()
    hold(page, "ArrowRight")
    moved = relabelled(page, first)
    assert moved.endswith(", 144, 250")
    point.click()
    before = paint(page)
    page.locator(".bp-wheel").focus()
    hold(page, "ArrowLeft")
    painted(page, f"#(?!{before[1:]})")
    page.locator(".bp-grid button").first.focus()
    for wanted in (moved, first):  # the key's first step, and all that followed while it was held
        for _ in range(2):
            page.keyboard.press("Control+z")
        wait_in_page(page, "(text) => document.querySelector('.bm-point').ariaLabel === text", arg=wanted)


def hold(page: Any, key: str) -> None:
    """Hold a key until it has come ten times."""
    for _ in range(10):
        page.keyboard.down(key)
    page.keyboard.up(key)


def test_keys_that_another_window_sees_let_go_are_not_held(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    becomes(page, (0.35, 0.65), lambda rgb: spread(rgb) > 10)
    page.keyboard.down("\\")
    becomes(page, (0.35, 0.65), lambda rgb: spread(rgb) < 3)
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    becomes(page, (0.35, 0.65), lambda rgb: spread(rgb) > 10)
    page.locator(".b-stage").focus()
    page.keyboard.down(" ")
    page.evaluate("document.querySelector('.b-stage').dispatchEvent(new FocusEvent('blur'))")  # as with the window's
    before = page.locator(".b-stage").get_attribute("data-box")
    page.keyboard.press("s")
    page.wait_for_selector(".b-stage[data-tool=stroke]")
    drag(page, [(0.3, 0.6), (0.4, 0.7)])
    page.locator(".bp-title", has_text="Stroke").wait_for()
    assert page.locator(".b-stage").get_attribute("data-box") == before


def test_escape_cancels_what_keys_draw(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("b")
    page.wait_for_selector(".b-stage[data-tool=box]")
    page.locator(".b-stage").focus()
    for key in ("Enter", "Shift+ArrowLeft", "Shift+ArrowDown", "Escape", "Enter", "Enter"):
        page.keyboard.press(key)  # the last two begin and end a box without a size
    until(lambda: page.locator(".bm-point").count() == 0 and not page.locator(".bp").is_visible())


def test_a_lasso_is_drawn_with_arrow_keys(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("l")
    page.wait_for_selector(".b-stage[data-tool=lasso]")
    draw(page, ["Shift+ArrowLeft", "Shift+ArrowDown", "Shift+ArrowRight"])
    page.locator(".bp-title", has_text="Object").wait_for()
    suggested(page)
    x, y = (float(v) for v in label(page).split(", ")[2:])
    assert x < 192 < y, "left of the middle and below it"


def test_the_dropper_reaches_a_reference(studio: Any, photo: Path, tmp_path: Path) -> None:
    picture = Image.new("RGB", (80, 80), (200, 30, 40))
    picture.paste((20, 60, 200), (64, 0, 80, 80))
    picture.save(tmp_path / "red-blue.png")
    page = studio()
    drop(page, photo)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a reference").click()
    chooser.value.set_files(str(tmp_path / "red-blue.png"))
    page.get_by_role("img", name="Reference red-blue.png").wait_for()
    colored(page, 2)
    click(page, 0.35, 0.65)
    dropper = page.get_by_role("button", name="Pick from the picture or a reference")
    dropper.focus()
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('img[data-pick]')"):
            break
    wait_in_page(page, "() => document.querySelector('img[data-pick]').naturalWidth")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    painted(page, "#1[0-9a-f]{3}c[0-9a-f]")  # the blue
    until(lambda: page.locator("img[data-pick][tabindex]").count() == 0, "nothing to do there without the dropper")
    assert page.evaluate("document.activeElement.closest('.bp') !== null"), "and it goes on in the popover"
