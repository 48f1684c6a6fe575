"""Points, strokes and boxes; the popover with its colors; undo and redo."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from studio_hands import (
    at,
    becomes,
    click,
    colored,
    drag,
    drop,
    label,
    paint,
    painted,
    pixel,
    relabelled,
    shown,
    spotted,
    spread,
    suggested,
    tab,
    until,
    wait_in_page,
    write,
)

from barva.color import names, spaces

SUIT = 0.35, 0.65


def test_a_click_offers_nine_colors_and_undo_takes_it_back(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, *SUIT)
    page.locator(".bp-grid button").nth(8).wait_for()
    until(lambda: page.locator(".bp-grid button").count() == 9)
    until(lambda: page.get_by_text("Recent").count() == 0 or not page.get_by_text("Recent").is_visible())
    color = suggested(page, 1)
    until(lambda: page.locator(".bm-point").count() == 1 and color in label(page))
    page.keyboard.press("Escape")
    version = shown(page)
    page.keyboard.press("Control+z")
    colored(page, version + 1)
    until(lambda: page.locator(".bm-point").count() == 0)
    page.keyboard.press("Control+Shift+z")
    colored(page, version + 2)
    until(lambda: page.locator(".bm-point").count() == 1)
    click(page, 0.75, 0.2)
    page.get_by_role("group", name="Recent").get_by_role("button", name=color).click()
    wait_in_page(page, "() => document.querySelectorAll('.bm-point').length === 2")
    tab(page, "Scene")
    page.locator(".b-node small").nth(1).wait_for()
    until(
        lambda: [t.split(" · ")[1] for t in page.locator(".b-node small").all_inner_texts()] == ["suggested", "yours"]
    )


def test_the_picture_follows_within_a_quarter_of_a_second(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, *SUIT)
    suggested(page, 0)
    took = [
        page.evaluate(
            """(n) => new Promise((done) => {
              const stage = document.querySelector('.b-stage'), before = Number(stage.dataset.shown);
              const began = performance.now();
              document.querySelectorAll('.bp-grid button')[n].click();
              const look = () => {
                if (Number(stage.dataset.shown) > before) done(performance.now() - began);
                else requestAnimationFrame(look);
              };
              look();
            })""",
            n,
        )
        for n in (3, 5, 1, 7, 2, 6)
    ]
    idle = os.getloadavg()[0] < (os.cpu_count() or 1)  # else others have the same cores
    assert min(took) < (250 if idle else 750), f"from the click to the new colors on the screen: {took} ms"


def test_a_point_is_dragged_recolored_by_name_and_deleted(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, *SUIT)
    point, before = page.locator(".bm-point"), label(page)
    drag(page, [SUIT, (0.45, 0.65)])
    moved = relabelled(page, before)
    assert moved.endswith("173, 250")
    point.click()
    write(page, "navy")
    assert "navy" in relabelled(page, moved)
    page.locator(".bp-hex").fill("no such colour")
    page.keyboard.press("Enter")
    page.locator(".bp-wrong").wait_for()
    page.keyboard.press("Escape")
    point.focus()
    page.keyboard.press("Delete")
    point.wait_for(state="detached")


def test_a_drag_that_the_browser_takes_away_moves_nothing(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, *SUIT)
    before, undo = label(page), page.get_by_role("button", name="Undo")
    for end in ("pointercancel", "lostpointercapture"):
        page.mouse.move(*at(page, *SUIT))
        page.mouse.down()
        page.mouse.move(*at(page, 0.45, 0.65), steps=4)
        relabelled(page, before)  # the server follows
        page.evaluate(
            """(end) => document.querySelector('.bm-point').dispatchEvent(new PointerEvent(end, {pointerId: 1}))""", end
        )
        page.mouse.move(*at(page, 0.55, 0.65), steps=4)
        page.mouse.up()
        wait_in_page(page, "(old) => document.querySelector('.bm-point').ariaLabel === old", arg=before)
    until(lambda: page.evaluate("!sessionStorage['barva-unsent']"))
    undo.click()  # the mark itself was the last step
    page.locator(".bm-point").wait_for(state="detached")


def test_a_spot_that_is_dragged_before_it_has_a_color_gets_it_where_it_lies(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, 0.2, 0.15)
    page.locator(".bp-grid button").nth(8).wait_for()
    before = likely(page)
    drag(page, [(0.2, 0.15), (0.45, 0.65)])
    wait_in_page(page, "(old) => !document.querySelector('.bp-waiting') && (" + _LIKELY + ")() !== old", arg=before)
    page.locator(".bm-point").focus()
    page.keyboard.press("ArrowRight")
    color = suggested(page)
    assert label(page) == f"Spot, {color}, 174, 250"


_LIKELY = "() => [...document.querySelectorAll('.bp-grid button')].map((b) => b.ariaLabel).join()"


def likely(page: Any) -> str:
    """The colors that are suggested."""
    return str(page.evaluate(_LIKELY))


@pytest.mark.parametrize("tool", ["stroke", "box"])
def test_strokes_and_boxes_are_drawn_dragged_recolored_and_deleted(studio: Any, photo: Path, tool: str) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press(tool[0])
    drag(page, [(0.25, 0.7), (0.35, 0.72), (0.45, 0.8)] if tool == "stroke" else [(0.25, 0.7), (0.45, 0.8)])
    page.locator(".bp-title", has_text=tool.capitalize()).wait_for()
    write(page, "#1f3a7a")
    page.keyboard.press("Escape")
    becomes(page, (0.3, 0.735), lambda rgb: rgb[2] > rgb[0])  # blue where it lies
    handle, before = ((0.45, 0.8) if tool == "stroke" else (0.35, 0.75)), label(page)
    assert before.startswith(tool.capitalize())
    version = shown(page)
    drag(page, [handle, (handle[0] - 0.15, handle[1] - 0.1)])
    moved = relabelled(page, before)
    x, y = (float(v) for v in moved.rsplit(", ", 2)[1:])
    assert abs(x / 384 - handle[0] + 0.15) < 0.01 and abs(y / 384 - handle[1] + 0.1) < 0.01
    colored(page, version + 1)
    drag(page, [(handle[0] - 0.15, handle[1] - 0.1), (0.01, 0.01)])
    far = relabelled(page, moved)
    assert far != moved and "-" not in far, "all of it stays on the photo"
    page.locator(".bm-point").click()
    write(page, "olive")
    assert "olive" in relabelled(page, far)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.locator(".bm-point").wait_for(state="detached")


def test_the_wheel_has_the_spots_own_light(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    drop(page, photo)
    light = lightness(photo)
    click(page, *SUIT)
    wheel = page.get_by_role("slider", name="Color wheel")
    box, version = wheel.bounding_box(), shown(page)
    page.mouse.move(box["x"] + 75, box["y"] + 75)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 95, steps=4)
    colored(page, version + 1)  # while it is held
    page.mouse.up()
    painted(page, "#(?!888888)")  # which it has before it has a color
    before = paint(page)
    assert abs(names.lab(before)[0] - light) < 3
    wheel.focus()
    page.keyboard.press("ArrowLeft")
    painted(page, f"#(?!{before[1:]})")
    assert abs(names.lab(paint(page))[0] - light) < 3


def lightness(photo: Path) -> float:
    """L of the photo at the suit."""
    pixels = np.asarray(Image.open(photo).convert("RGB"))
    x, y = (int(v * 384) for v in SUIT)
    return float(spaces.lightness(pixels[y - 1 : y + 2, x - 1 : x + 2]).mean())


def test_the_dropper_takes_colors_from_the_picture_and_from_a_reference(
    studio: Any, photo: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (80, 60), (200, 30, 40)).save(tmp_path / "red.png")
    page = studio()
    drop(page, photo)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a reference").click()
    version = shown(page)
    chooser.value.set_files(str(tmp_path / "red.png"))
    page.get_by_role("img", name="Reference red.png").wait_for()
    colored(page, version + 1)
    click(page, *SUIT)
    page.get_by_role("button", name="Pick from the picture or a reference").click()
    page.get_by_alt_text("Reference red.png").click()
    page.locator(".bm-point").wait_for()
    painted(page, "#c[0-9a-f]")
    tab(page, "Scene")
    page.get_by_text("from a reference").wait_for()
    page.keyboard.press("Escape")
    click(page, 0.75, 0.2)
    page.get_by_role("button", name="Pick from the picture or a reference").click()
    wanted = pixel(page, 0.2, 0.9)
    click(page, 0.2, 0.9)
    wait_in_page(page, "() => document.querySelectorAll('.bm-point').length === 2")
    taken = page.locator(".bp-hex").input_value()
    found = tuple(int(taken[i : i + 2], 16) for i in (1, 3, 5))
    assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 40 and spread(found) > 5  # type: ignore[arg-type]


def test_undo_has_no_end_not_even_after_a_reload(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, *SUIT)
    first = label(page)
    page.locator(".bm-point").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    last = relabelled(page, first)
    wait_in_page(page, "() => document.querySelector('.bm-point').ariaLabel.includes('174,')")
    last = label(page)
    page.reload()
    colored(page)
    page.locator(".bm-point").wait_for()
    undo = page.get_by_role("button", name="Undo")
    for _ in range(40):
        page.keyboard.press("Control+z")
    wait_in_page(page, "(text) => document.querySelector('.bm-point')?.ariaLabel === text", arg=first)
    page.keyboard.press("Control+z")
    page.locator(".bm-point").wait_for(state="detached")
    wait_in_page(page, "() => document.querySelector('[aria-label=Undo]').disabled")
    until(lambda: undo.is_disabled())
    for _ in range(41):
        page.keyboard.press("Control+Shift+z")
    wait_in_page(page, "(text) => document.querySelector('.bm-point')?.ariaLabel === text", arg=last)


def test_closing_without_a_color_leaves_nothing(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, *SUIT)
    page.locator(".bm-point").wait_for()
    page.keyboard.press("Escape")
    page.locator(".bm-point").wait_for(state="detached")
    until(lambda: page.get_by_role("button", name="Undo").is_disabled())
