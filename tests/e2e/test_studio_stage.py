"""The photo and what lies over it: the popover, the page's shortcuts beside it, and what it leaves to be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studio_hands import (
    at,
    becomes,
    click,
    colored,
    drag,
    drop,
    painted,
    pixel,
    shown,
    spread,
    suggested,
    tab,
    until,
    wait_in_page,
    write,
)

SUIT, WALL = (0.35, 0.65), (0.75, 0.2)


def picked(page: Any, photo: Path, color: str = "#1f3a9a") -> None:
    """A photo with a spot whose popover is open and whose color is taken; the keyboard is in the popover."""
    drop(page, photo)
    click(page, *SUIT)
    page.locator(".bp-grid button").nth(8).wait_for()
    write(page, color)
    page.locator(".bp-grid button").first.focus()


@pytest.mark.parametrize("where", [".bp-grid button", ".bp-hex", ".bp-wheel"])
def test_undo_and_redo_work_while_the_popover_is_open(studio: Any, photo: Path, where: str) -> None:
    page = studio()
    picked(page, photo)
    write(page, "#7a1f1f")
    page.locator(where).first.focus()
    page.keyboard.press("Control+z")
    painted(page, "#1f3a9a")
    wait_in_page(page, "() => document.querySelector('.bp-hex').value === '#1f3a9a'")
    until(lambda: page.locator(".bp").is_visible(), "and goes on with the color that is in force")
    page.keyboard.press("Control+Shift+z")
    painted(page, "#7a1f1f")
    for _ in range(2):
        page.keyboard.press("Control+z")
    page.locator(".bm-point").wait_for(state="detached")
    page.locator(".bp").wait_for(state="hidden")


def test_all_shortcuts_work_while_the_popover_is_open(studio: Any, photo: Path) -> None:
    page = studio()
    picked(page, photo)
    becomes(page, SUIT, lambda rgb: rgb[2] > rgb[0])
    page.keyboard.down("\\")
    becomes(page, SUIT, lambda rgb: spread(rgb) < 3)  # the photo as it was
    page.keyboard.up("\\")
    becomes(page, SUIT, lambda rgb: rgb[2] > rgb[0])
    page.keyboard.press("c")
    page.locator(".bc").wait_for()
    page.keyboard.press("c")
    page.locator(".bc").wait_for(state="hidden")
    page.keyboard.press("s")
    page.wait_for_selector(".b-stage[data-tool=stroke]")
    before = page.locator(".b-zoom-now").inner_text()
    page.keyboard.press("+")
    wait_in_page(page, "(old) => document.querySelector('.b-zoom-now').innerText !== old", arg=before)
    page.keyboard.press("Control+s")
    page.locator("[data-save=photo]").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector(".q-dialog", state="detached")
    until(lambda: page.locator(".bp").is_visible())
    page.locator(".bp-grid button").first.focus()
    page.keyboard.press("Delete")
    page.locator(".bm-point").wait_for(state="detached")
    page.locator(".bp").wait_for(state="hidden")


def test_a_text_field_keeps_the_keys_that_it_needs(studio: Any, photo: Path) -> None:
    page = studio()
    picked(page, photo)
    field = page.locator(".bp-hex")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("sh\\1c")
    until(lambda: field.input_value() == "sh\\1c", "letters are written")
    until(lambda: page.locator(".b-stage").get_attribute("data-tool") == "point")
    page.keyboard.press("Control+z")
    page.wait_for_timeout(300)
    until(lambda: page.locator(".bm-point").count() == 1 and field.input_value() != "sh\\1c", "undo is the field's")
    page.keyboard.press("Control+s")
    page.locator("[data-save=photo]").wait_for()


@pytest.mark.parametrize(
    ("written", "how"), [("#1f3a9a", "tap"), ("navy", "tap"), ("#1f3a9a", "Escape"), ("navy", "Escape")]
)
def test_a_color_that_is_written_is_taken_over_when_the_popover_closes(
    studio: Any, photo: Path, written: str, how: str
) -> None:
    page = studio(has_touch=True)
    drop(page, photo)
    click(page, *SUIT)
    page.locator(".bp-hex").fill(written)
    if how == "tap":
        page.touchscreen.tap(*at(page, 0.9, 0.9))
    else:
        page.keyboard.press(how)
    page.locator(".bp").wait_for(state="hidden")
    painted(page, "#1f3a9a" if written.startswith("#") else "#0")
    until(lambda: page.locator(".bm-point").count() == 1)


def test_a_name_that_is_written_is_taken_over_when_the_popover_closes(studio: Any, photo: Path) -> None:
    page = studio(has_touch=True)
    drop(page, photo)
    page.keyboard.press("o")
    page.wait_for_selector(".b-stage[data-tool=grow]")
    click(page, *SUIT)
    page.locator(".bp-name").wait_for()
    write(page, "#7a1f1f")
    page.locator(".bp-name").fill("Suit")
    page.touchscreen.tap(*at(page, 0.1, 0.95))
    page.locator(".bp").wait_for(state="hidden")
    tab(page, "Scene")
    wait_in_page(page, "() => document.querySelector('.b-node-name input').value === 'Suit'")


def test_the_popover_is_dragged_by_its_head_and_stays_on_the_stage(studio: Any, photo: Path) -> None:
    page = studio()
    picked(page, photo)
    before = page.locator(".bp").bounding_box()
    head = page.locator(".bp-title").bounding_box()
    x, y = head["x"] + 20, head["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 90, y - 60, steps=5)
    page.mouse.up()
    after = page.locator(".bp").bounding_box()
    assert abs(after["x"] - before["x"] + 90) < 2 and abs(after["y"] - before["y"] + 60) < 2
    until(lambda: page.locator(".bm-point").count() == 1 and page.locator(".bp").is_visible())
    page.mouse.move(x - 90, y - 60)
    page.mouse.down()
    page.mouse.move(0, 2000, steps=5)
    page.mouse.up()
    box, stage = page.locator(".bp").bounding_box(), page.locator(".b-stage").bounding_box()
    assert box["x"] >= stage["x"] and box["y"] + box["height"] <= stage["y"] + stage["height"]
    page.set_viewport_size({"width": 1280, "height": 640})
    wait_in_page(
        page,
        "() => document.querySelector('.bp').getBoundingClientRect().bottom"
        " <= document.querySelector('.b-stage').getBoundingClientRect().bottom",
    )


@pytest.mark.parametrize("tool", ["p", "o"])
def test_a_click_beside_the_popover_closes_it_and_does_nothing_else(studio: Any, photo: Path, tool: str) -> None:
    page = studio()
    picked(page, photo)
    selections: list[str] = []
    page.on("request", lambda r: selections.append(r.url) if "/selection/" in r.url else None)
    page.keyboard.press(tool)
    click(page, 0.1, 0.2)
    page.locator(".bp").wait_for(state="hidden")
    page.wait_for_timeout(400)
    until(lambda: page.locator(".bm-point").count() == 1 and not page.locator(".bp").is_visible() and not selections)
    click(page, 0.1, 0.2)
    page.locator(".bp").wait_for()


def test_a_stroke_beside_the_popover_is_drawn(studio: Any, photo: Path) -> None:
    page = studio()
    picked(page, photo)
    page.keyboard.press("s")
    page.wait_for_selector(".b-stage[data-tool=stroke]")
    drag(page, [(0.1, 0.2), (0.15, 0.3), (0.2, 0.35)])
    page.locator(".bp-title", has_text="Stroke").wait_for()


def test_nothing_lies_over_an_object_whose_color_is_judged(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("l")
    drag(page, [(0.6, 0.1), (0.9, 0.1), (0.9, 0.35), (0.6, 0.35), (0.6, 0.12)])
    page.locator(".bp-name").wait_for()
    wait_in_page(page, f"() => {_OVER} > 0")
    x, y = at(page, 0.75, 0.2)
    inside = "([x, y]) => { const c = document.querySelectorAll('.b-canvas')[1], b = c.getBoundingClientRect();"
    inside += " return c.getContext('2d').getImageData(x - b.left, y - b.top, 1, 1).data[3]; }"
    assert page.evaluate(inside, [x, y]) == 0, "its inside is as it is"
    box = page.locator(".bp-wheel").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + 80, steps=3)
    wait_in_page(page, f"() => {_OVER} === 0")  # no outline while colors are compared
    page.mouse.up()
    page.wait_for_timeout(300)
    assert page.evaluate(f"() => {_OVER}") == 0
    page.mouse.move(*at(page, 0.05, 0.9))  # beside the popover
    wait_in_page(page, f"() => {_OVER} > 0")  # it is back for corrections
    page.keyboard.press("c")
    wait_in_page(page, f"() => {_OVER} === 0")


_OVER = """((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data
  .filter((v, i) => i % 4 === 3 && v).length)(document.querySelectorAll('.b-canvas')[1])"""


def test_a_color_picked_in_before_is_seen(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.get_by_role("button", name="Before", exact=True).click()
    becomes(page, SUIT, lambda rgb: spread(rgb) < 3)
    click(page, *SUIT)
    write(page, "#1f3a9a")
    becomes(page, SUIT, lambda rgb: rgb[2] > rgb[0])
    pressed = page.get_by_role("button", name="After", exact=True)
    wait_in_page(page, "(b) => b.ariaPressed === 'true'", arg=pressed.element_handle())


def test_the_wheel_is_whole_on_a_phone_that_lies(studio: Any, photo: Path) -> None:
    page = studio(844, 390, has_touch=True, is_mobile=True)
    drop(page, photo)
    page.touchscreen.tap(*at(page, *SUIT))
    suggested(page)
    for part in (".bp-wheel", ".bp-hex", ".bp-grid", ".bp-head"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 390, part
    sheet = page.locator(".bp").bounding_box()
    assert sheet["y"] + sheet["height"] > 388 and sheet["y"] > 90, "docked at the bottom, and some of the photo is seen"
    point = page.locator(".bm-point").bounding_box()
    assert point["y"] + point["height"] <= sheet["y"]
    assert page.evaluate("document.querySelector('.bp').scrollHeight <= document.querySelector('.bp').clientHeight + 1")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844), (844, 390)])
def test_neither_hint_nor_zoom_cover_the_photo(studio: Any, photo: Path, width: int, height: int) -> None:
    page = studio(width, height)
    drop(page, photo)
    hint, stage = page.locator(".b-coach"), page.locator(".b-stage").bounding_box()
    hint.wait_for()
    _, top, _, tall = map(float, page.locator(".b-stage").get_attribute("data-box").split())
    for part in (hint, page.locator(".b-zoom")):
        assert part.bounding_box()["y"] >= stage["y"] + top + tall


def test_there_is_one_heading_and_no_tab_stop_without_a_photo(studio: Any, photo: Path) -> None:
    page = studio()
    until(lambda: page.get_by_role("heading", level=1).all_inner_texts() == ["Drop a photograph here"])
    stops = []
    for _ in range(30):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.className"))
    assert not any("b-stage" in stop for stop in stops)
    drop(page, photo)
    until(lambda: page.get_by_role("heading", level=1).all_inner_texts() == ["grandmother.jpg384 × 384"])


def test_no_frame_around_the_photo_after_escape_but_for_keys(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, *SUIT)
    page.locator(".bp-grid button").nth(8).wait_for()
    page.keyboard.press("Escape")
    page.locator(".bp").wait_for(state="hidden")
    width = "getComputedStyle(document.querySelector('.b-stage')).outlineStyle"
    assert page.evaluate("document.activeElement.className").startswith("b-stage")
    assert page.evaluate(width) == "none"
    page.keyboard.press("ArrowLeft")
    wait_in_page(page, f"() => {width} !== 'none'")


@pytest.mark.parametrize(("locale", "words"), [("en-US", "Move Spot Stroke Box"), ("uk-UA", "Рух Точка Мазок Рамка")])
def test_the_tools_have_their_names_beside_the_icons(studio: Any, photo: Path, locale: str, words: str) -> None:
    page = studio(360, 740, locale=locale)
    drop(page, photo)
    labels = page.locator(".b-tools button small")
    until(lambda: labels.count() == 7 and " ".join(labels.all_inner_texts()).startswith(words))
    fits = "(b) => b.querySelector('small').offsetWidth <= b.offsetWidth"
    assert page.evaluate(f"[...document.querySelectorAll('.b-tools button')].every({fits})")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_wide_screen_has_a_wide_panel(studio: Any, photo: Path) -> None:
    widths = []
    for width, height in ((1366, 768), (1920, 1080), (2560, 1440)):
        page = studio(width, height)
        drop(page, photo)
        widths.append(page.locator(".b-panel").bounding_box()["width"])
    assert widths[0] == 320 and widths[1] >= 340 and widths[2] >= 420


def test_a_picture_that_waits_for_a_reference_shows_no_other_colors(studio: Any, photo: Path, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (80, 60), (200, 30, 40)).save(tmp_path / "red.png")
    page = studio()
    drop(page, photo)
    assert spread(pixel(page, *SUIT)) > 15
    page.get_by_role("combobox", name="Method").select_option("irony")
    notice, save = page.locator(".b-notice"), page.get_by_role("button", name="Save", exact=True)
    notice.get_by_text("takes its colors from a reference photo").wait_for()
    becomes(page, SUIT, lambda rgb: spread(rgb) < 3)
    until(lambda: save.is_disabled() and "reference" in str(save.get_attribute("title")))
    page.wait_for_timeout(8500)
    until(lambda: notice.is_visible(), "no toast that goes")
    page.keyboard.press("Control+s")
    page.locator(".b-toast").get_by_text("Not saved").wait_for()
    until(lambda: page.locator("[data-save]").count() == 0)
    version = shown(page)
    with page.expect_file_chooser() as chooser:
        notice.get_by_role("button", name="Add a reference").click()
    chooser.value.set_files(str(tmp_path / "red.png"))
    notice.wait_for(state="hidden")
    colored(page, version + 1)
    wait_in_page(page, "(b) => !b.disabled", arg=save.element_handle())
    becomes(page, WALL, lambda rgb: spread(rgb) > 3)
