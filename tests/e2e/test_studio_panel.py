"""How a photo is colored: methods, sliders, palette, references, variants, confidence, methods side by side."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PIL import Image
from studio_hands import becomes, choose, click, colored, drop, pixel, shown, spread, until, wait_in_page, write

from barva.methods import catalog

SUIT = 0.35, 0.65


def test_the_menu_of_methods_says_what_each_accepts(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    menu, hint = page.get_by_role("combobox", name="Method"), page.locator(".b-hint").first
    cards = {card.name: card for card in catalog.method_cards()}
    until(lambda: [o.get_attribute("value") for o in menu.locator("option").all()] == list(cards))
    until(lambda: "Follows: points" in hint.inner_text())
    version = shown(page)
    menu.select_option("welsh")
    colored(page, version + 1)
    text = hint.inner_text()
    assert "references" in text and "matched areas" in text and cards["welsh"].summary[1:30] in text
    page.locator(".b-notice").get_by_text("Add one to color this photo").wait_for()
    menu.select_option("levin")
    colored(page, version + 2)
    click(page, *SUIT)
    page.get_by_text("This method suggests no colors").wait_for()


def test_vividness_strength_and_palette(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, *SUIT)
    write(page, "#1f3a9a")
    page.keyboard.press("Escape")
    blue = pixel(page, *SUIT)
    assert blue[2] > blue[0]
    page.get_by_role("slider", name="Strength").press("Home")
    becomes(page, SUIT, lambda rgb: rgb[2] < rgb[0])  # not held any more
    usual = spread(pixel(page, *SUIT))
    page.get_by_role("slider", name="Vividness").press("Home")
    wait_in_page(page, "() => document.querySelector('.b-panel .b-slider output').innerText === '0'")
    becomes(page, SUIT, lambda rgb: spread(rgb) < 0.8 * usual)  # muted
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    wait_in_page(page, "() => document.querySelectorAll('.b-panel .b-slider input')[1].value === '1'")
    becomes(page, SUIT, lambda rgb: rgb == blue)
    places = [(x / 10, y / 10) for x in (1, 5, 9) for y in (1, 3, 5, 9)]
    green = sum(greenness(pixel(page, *place)) for place in places)
    page.get_by_label("Add a color").evaluate(
        "(field) => { field.value = '#2f6f3f'; field.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    page.get_by_role("button", name="Delete: deep green").wait_for()
    # the palette has one green
    becomes(page, SUIT, lambda _: sum(greenness(pixel(page, *place)) for place in places) > green)
    page.get_by_role("button", name="Delete: deep green").click()
    page.get_by_role("button", name="Delete: deep green").wait_for(state="detached")


def greenness(rgb: tuple[int, int, int]) -> float:
    return rgb[1] - (rgb[0] + rgb[2]) / 2


def test_variants_references_and_confidence(studio: Any, photo: Path, tmp_path: Path, astronaut: Any) -> None:
    reference = tmp_path / "reference.png"
    Image.fromarray(astronaut).resize((128, 128)).save(reference)
    page = studio()
    drop(page, photo)
    page.get_by_role("button", name="Show six variants").click()
    wait_in_page(
        page,
        "() => [...document.querySelectorAll('.b-variants img')].filter((i) => i.naturalWidth).length === 6",
        timeout=60_000,
    )
    before, version = pixel(page, *SUIT), shown(page)
    page.get_by_role("button", name="Variant 3").click()
    colored(page, version + 1)
    until(lambda: page.get_by_role("button", name="Variant 3").get_attribute("aria-pressed") == "true")
    becomes(page, SUIT, lambda rgb: rgb != before)
    page.keyboard.press("Control+z")  # the variant is drawn by a method that does not know how sure it is
    becomes(page, SUIT, lambda rgb: rgb == before)
    with page.expect_response(lambda r: "/unsure/" in r.url and r.ok):
        page.get_by_label("Show where it is unsure").check()
    page.get_by_label("Show where it is unsure").uncheck()
    version = shown(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a reference").click()
    chooser.value.set_files(str(reference))
    page.locator(".b-ref img").wait_for()
    colored(page, version + 1)
    page.get_by_role("button", name="Delete: reference.png").click()
    page.locator(".b-ref img").wait_for(state="detached")
    colored(page, version + 2)


def test_a_method_that_does_not_know_how_sure_it_is_says_so(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    box = page.get_by_label("Show where it is unsure")
    box.check()
    wait_in_page(page, f"() => {_VEIL} > 0")
    page.get_by_role("combobox", name="Method").select_option("regression")
    page.locator(".b-toast").get_by_text("does not say where it is unsure").wait_for()
    wait_in_page(page, f"() => {_VEIL} === 0")
    until(lambda: not box.is_checked())
    box.click()
    until(lambda: not box.is_checked())


_VEIL = """((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v) => v).length)(
  document.querySelectorAll('.b-canvas')[1])"""


def test_methods_side_by_side_with_seconds_and_scores(studio: Any, tmp_path: Path, astronaut: Any) -> None:
    path = tmp_path / "slide.png"
    Image.fromarray(astronaut).resize((256, 256)).save(path)
    page = studio()
    choose(page, [path])
    colored(page)
    page.get_by_role("button", name="Compare methods").click()
    for name in [c.name for c in catalog.method_cards()]:
        page.get_by_role("checkbox", name=f"({name})").set_checked(name in ("guided", "regression"))
    page.get_by_role("button", name="Compare", exact=True).last.click()
    page.get_by_role("button", name="Use: Automatic, muted").wait_for(timeout=30_000)
    said = page.locator(".b-method .b-hint").all_inner_texts()
    assert len(said) == 2
    for text in said:
        seconds, error = re.fullmatch(r"([\d.]+) s · ΔE ([\d.]+)", text).groups()  # type: ignore[union-attr]
        assert 0 < float(seconds) < 60 and 1 < float(error) < 40
    version = shown(page)
    page.get_by_role("button", name="Use: Automatic, muted").click()
    colored(page, version + 1)
    until(lambda: page.get_by_role("combobox", name="Method").input_value() == "regression")


def test_gray_skin_is_left_or_colored_by_a_box(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    box, version = page.get_by_role("checkbox", name="Give gray skin"), shown(page)
    assert box.is_checked()
    box.uncheck()
    colored(page, version + 1)
    page.keyboard.press("Control+z")
    until(box.is_checked)
    page.get_by_role("combobox", name="Method").select_option("levin")
    box.wait_for(state="hidden")  # it invents no colors, so that no face has any
