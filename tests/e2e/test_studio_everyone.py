"""For everyone: fingers, pens, keyboards, screen readers, small and large windows, dark, Ukrainian."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from studio_hands import (
    at,
    click,
    colored,
    drop,
    label,
    lies,
    painted,
    relabelled,
    shown,
    suggested,
    tab,
    until,
    wait_in_page,
)


def test_a_phone_has_it_all(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio(360, 740, has_touch=True, is_mobile=True)
    until(
        lambda: page.get_by_role("heading", level=1).inner_text() == "Color a photograph", "nothing can be dropped here"
    )
    drop(page, photo)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_text("Tap where a color is wrong").wait_for()
    page.touchscreen.tap(*at(page, 0.5, 0.7))
    suggested(page)
    box = page.locator(".bp").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 741
    point = page.locator(".bm-point").bounding_box()
    assert point["y"] + point["height"] < box["y"], "the spot is seen above the sheet"
    page.get_by_role("button", name="Close").first.click()
    page.get_by_role("button", name="Settings").click()
    tab(page, "Scene")
    page.locator(".b-node").wait_for()
    page.get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save: Photo").click()
    waiting.value.save_as(tmp_path / "a.jpg")
    assert Image.open(tmp_path / "a.jpg").size == (384, 384)


def test_two_fingers_zoom_and_move(studio: Any, photo: Path) -> None:
    page = studio(360, 740, has_touch=True, is_mobile=True)
    drop(page, photo)
    send = page.context.new_cdp_session(page).send
    before, (x, y) = lies(page), at(page, 0.5, 0.5)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": px, "y": py, "id": n} for n, (px, py) in enumerate(places)]
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x - 20, y))
    touch("touchStart", (x - 20, y), (x + 20, y))
    for far in (30, 40, 50, 60):
        touch("touchMove", (x - far, y + far - 20), (x + far, y + far - 20))
    touch("touchEnd")
    page.wait_for_timeout(150)
    left, top, width, _ = lies(page)
    assert abs(width / before[2] - 3) < 0.1, "three times as far apart, three times as large"
    assert abs(left + width / 2 - x) < 6 and abs(top + width / 2 - (y + 40)) < 6, "and it goes with the fingers"
    until(lambda: page.locator(".bm-point").count() == 0, "the first finger drew nothing")


def test_a_finger_drags_a_spot(studio: Any, photo: Path) -> None:
    page = studio(360, 740, has_touch=True, is_mobile=True)
    drop(page, photo)
    page.touchscreen.tap(*at(page, 0.4, 0.3))
    suggested(page)
    page.keyboard.press("Escape")
    before, send = label(page), page.context.new_cdp_session(page).send
    places = [at(page, 0.4, 0.3), at(page, 0.45, 0.35), at(page, 0.55, 0.4), at(page, 0.6, 0.5)]
    for n, (x, y) in enumerate(places):
        kind = "touchMove" if n else "touchStart"
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": 0}]})
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    x, y = (float(v) for v in relabelled(page, before).split(", ")[2:])
    assert abs(x - 0.6 * 384) < 6 and abs(y - 0.5 * 384) < 6
    until(lambda: page.locator(".bm-point").count() == 1)


def test_a_pen_points_strokes_and_drags(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.evaluate(
        "() => addEventListener('pointerdown', (e) => (document.body.dataset.pen = e.pointerType), {capture: true})"
    )
    send = page.context.new_cdp_session(page).send

    def pen(*places: tuple[float, float]) -> None:
        for n, (x, y) in enumerate([*places, places[-1]]):
            kind = "mousePressed" if n == 0 else "mouseReleased" if n == len(places) else "mouseMoved"
            more = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen", "force": 0.5}
            send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})

    pen(at(page, 0.4, 0.75))
    assert page.evaluate("document.body.dataset.pen") == "pen"
    suggested(page)
    page.keyboard.press("Escape")
    before = label(page)
    pen(at(page, 0.4, 0.75), at(page, 0.42, 0.72), at(page, 0.45, 0.65))
    assert relabelled(page, before).endswith("173, 250")
    page.keyboard.press("s")
    pen(at(page, 0.2, 0.8), at(page, 0.25, 0.85), at(page, 0.3, 0.8))
    page.locator(".bp-title", has_text="Stroke").wait_for()
    suggested(page)
    until(lambda: page.locator(".bm-stroke").count() == 1)


def test_a_window_of_4k_is_filled(studio: Any, photo: Path) -> None:
    page = studio(3840, 2160)
    drop(page, photo)
    left, _, width, height = lies(page)
    assert height > 1900 and left > 72 and left + width < 3840 - 420
    assert page.evaluate("document.documentElement.scrollWidth") == 3840
    small = page.evaluate(
        "() => [...document.querySelectorAll('.b-app *')].filter((e) => e.checkVisibility() && e.innerText"
        " && !e.children.length && parseFloat(getComputedStyle(e).fontSize) < 14).map((e) => e.innerText)"
    )
    assert not small, "texts are large enough to be read"
    click(page, 0.4, 0.75)
    suggested(page)


def test_a_photo_is_colored_from_start_to_save_by_keyboard_alone(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    focused = "(wanted) => document.activeElement?.matches(wanted)"

    def go(selector: str, key: str = "Tab") -> None:
        for _ in range(60):
            if page.evaluate(focused, selector):
                return
            page.keyboard.press(key)
        raise AssertionError(f"{selector} is out of reach")

    go(".b-drop .b-primary")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(str(photo))
    colored(page)
    go(".b-stage")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".bp-grid button").first.wait_for()
    wait_in_page(page, "() => document.activeElement.closest('.bp-grid')")
    page.keyboard.press("Tab")
    version = shown(page)
    page.keyboard.press("Enter")
    colored(page, version + 1)
    page.keyboard.press("Escape")
    go(".bm-point")
    before = label(page)
    page.keyboard.press("Shift+ArrowRight")
    relabelled(page, before)
    go("#b-tab-color")
    page.keyboard.press("ArrowRight")
    wait_in_page(page, focused, arg="#b-tab-scene[aria-selected=true]")  # arrow keys go through the tabs
    go(".b-node-name input")
    page.keyboard.type("Suit")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="On or off: Suit").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("Keyboard shortcuts").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector(".q-dialog", state="detached")
    page.keyboard.press("Control+s")
    page.locator("[data-save=photo]").wait_for()
    go("[data-save=photo]")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == "grandmother.color.jpg"


def test_a_screen_reader_hears_what_happens(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.get_by_role("status").get_by_text("Colored").wait_for(state="attached")
    stage = page.get_by_role("application", name="The photograph. Arrow keys move a cross")
    until(lambda: stage.count() == 1)
    click(page, 0.4, 0.75)
    dialog = page.get_by_role("dialog", name="Spot")
    color = suggested(page)
    until(lambda: dialog.get_by_role("group", name="Likely here").get_by_role("button").count() == 9)
    until(lambda: "°" in str(dialog.get_by_role("slider").get_attribute("aria-valuetext")))
    page.keyboard.press("Escape")
    marks = page.get_by_role("group", name="Marks on the photograph")
    until(lambda: marks.get_by_role("button", name=f"Spot, {color}, 154, 288").count() == 1)
    for name in ("Color a spot", "Select an object", "Undo", "Zoom in", "Save"):
        assert page.get_by_role("button", name=name).count() >= 1, name
    until(lambda: page.get_by_role("toolbar", name="Tools").count() == 1)
    until(lambda: page.get_by_role("tabpanel", name="Color").count() == 1)
    nameless = page.evaluate(
        "() => [...document.querySelectorAll('button, input, select, a[href], [role=slider]')]"
        ".filter((e) => e.checkVisibility() && !(e.ariaLabel || e.innerText?.trim() || e.labels?.length || e.title))"
        ".map((e) => e.outerHTML)"
    )
    assert not nameless


def test_dark_and_ukrainian(studio: Any, photo: Path) -> None:
    page = studio(color_scheme="dark", locale="uk-UA")
    until(lambda: page.get_by_role("heading", level=1).inner_text() == "Перетягніть світлину сюди")
    assert page.evaluate("document.documentElement.lang") == "uk"
    assert ground(page) < 60
    drop(page, photo)
    click(page, 0.4, 0.75)
    page.locator(".bp-hex").fill("темно-синя")
    page.keyboard.press("Enter")
    painted(page, "#0")
    assert ", темно-синій, " in label(page)
    page.keyboard.press("Escape")
    for _ in range(2):  # dark, light
        page.get_by_role("button", name="Світла чи темна тема").click()
    wait_in_page(page, "() => !document.body.classList.contains('body--dark')")
    assert ground(page) > 200
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Save").wait_for()
    assert ground(page) > 200 and page.evaluate("document.documentElement.lang") == "en", "both are remembered"
    page.locator(".bm-point").wait_for()


def ground(page: Any) -> int:
    """The lightest of the page's background, 0..255."""
    said = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return max(int(v) for v in said[4:-1].split(","))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(studio: Any, photo: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = studio(color_scheme=scheme)
    _clean(axe.run(page))
    drop(page, photo)
    click(page, 0.4, 0.75)
    suggested(page)
    _clean(axe.run(page))
    page.keyboard.press("Escape")
    tab(page, "Scene")
    page.get_by_role("button", name="New group").click()
    page.get_by_role("combobox", name="Group of Spot 1").wait_for()
    _clean(axe.run(page))
    tab(page, "Photos")
    page.keyboard.press("Control+s")
    page.locator("[data-save=photo]").wait_for()
    page.wait_for_timeout(400)
    _clean(axe.run(page))


def _clean(found: Any) -> None:
    wrong = [f"{v['id']}: {n['html'][:200]}" for v in found.response["violations"] for n in v["nodes"][:3]]
    assert not wrong, "\n".join(wrong)


_BORDER = """() => {
  const share = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = (color) => {
    const [r, g, b] = color.match(/\\d+/g).map((v) => share(Number(v)));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  return [...document.querySelectorAll('.b-select, .b-input, .bp-hex, .bp-name')].map((field) => {
    const style = getComputedStyle(field), [a, b] = [light(style.borderTopColor), light(style.backgroundColor)];
    return Math.max(a, b) / Math.min(a, b);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_borders_of_fields_are_seen(studio: Any, photo: Path, scheme: str) -> None:
    page = studio(color_scheme=scheme)
    drop(page, photo)
    contrasts = page.evaluate(_BORDER)
    assert len(contrasts) >= 4 and min(contrasts) >= 3


def test_a_phone_does_not_zoom_into_fields_and_a_long_offer_stays_in_its_message(studio: Any, photo: Path) -> None:
    page = studio(360, 740, has_touch=True, is_mobile=True)
    drop(page, photo)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.b-select, .b-input, .bp-hex, .bp-name')]
          .map((field) => parseFloat(getComputedStyle(field).fontSize))"""
    )
    assert sizes and min(sizes) >= 16
    over = page.evaluate(
        """() => {
          const toast = document.querySelector('.b-toast'), words = 'make the coat of the man at the left dark green ';
          const button = `<button class="b-button b-toast-button"><span>${words.repeat(3)}</span></button>`;
          toast.innerHTML = `<span>${words}</span>${button}`;
          const [box, own] = [toast, toast.lastChild].map((part) => part.getBoundingClientRect());
          return [box.left, 360 - box.right, own.left - box.left, box.right - own.right, box.bottom - own.bottom,
            toast.clientWidth - toast.scrollWidth];
        }"""
    )
    assert min(over) >= 0
