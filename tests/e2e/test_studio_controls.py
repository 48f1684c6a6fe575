"""Every control shows the value in force: what a person chose stays, and what the page sets is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studio_hands import click, colored, drop, shown, spotted, tab, wait_in_page

from barva.methods import catalog

METHODS = [card.name for card in catalog.method_cards() if card.name != catalog.DEFAULT]


def holds(page: Any, selector: str, value: str) -> None:
    """Wait until a field has the value; it keeps it while the page is drawn anew."""
    has = "([selector, value]) => document.querySelector(selector).value === value"
    wait_in_page(page, has, arg=[selector, value])
    for _ in range(2):
        page.evaluate("() => mounted_app.$forceUpdate()")
        page.wait_for_timeout(60)
    assert page.evaluate(has, [selector, value]), page.locator(selector).first.input_value()


@pytest.mark.parametrize("method", METHODS)
def test_the_method_box_shows_the_method_in_force(studio: Any, photo: Path, method: str) -> None:
    page = studio()
    drop(page, photo)
    box = "select[aria-label=Method]"
    version = shown(page)
    page.locator(box).select_option(method)
    page.get_by_role("button", name="Undo").wait_for()
    wait_in_page(page, "() => !document.querySelector('[aria-label=Undo]').disabled")
    holds(page, box, method)
    colored(page, version + 1)
    holds(page, box, method)
    page.locator(box).blur()
    page.keyboard.press("Control+z")
    holds(page, box, catalog.DEFAULT)
    page.keyboard.press("Control+Shift+z")
    holds(page, box, method)


@pytest.mark.parametrize("label", ["Vividness", "Strength of marks"])
def test_sliders_go_both_ways(studio: Any, photo: Path, label: str) -> None:
    page = studio()
    drop(page, photo)
    slider = f"input[aria-label='{label}']"
    version = shown(page)
    page.locator(slider).press("Home")
    colored(page, version + 1)
    holds(page, slider, "0")
    page.keyboard.press("Control+z")
    holds(page, slider, "1")
    page.locator(slider).press("Home")
    holds(page, slider, "0")


def test_the_save_format_is_that_of_the_link(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("Control+s")
    for format in ("png", "tiff", ""):
        page.locator(".b-card select").select_option(format)
        page.locator(f"[data-save=photo][href$='format={format}']").wait_for()
        holds(page, ".b-card select", format)


def test_names_and_groups_in_the_tree_show_what_is_in_force(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, 0.35, 0.65)
    tab(page, "Scene")
    name = ".b-node-name input"
    page.locator(name).click()
    page.locator(name).fill("Half wri")
    holds(page, name, "Half wri")  # nothing takes away what is being written
    page.keyboard.press("Enter")
    page.get_by_role("button", name="On or off: Half wri").wait_for()
    holds(page, name, "Half wri")
    page.locator(name).fill("   ")
    page.keyboard.press("Enter")
    holds(page, name, "Spot 1")
    page.locator(name).fill("  ")
    page.keyboard.press("Enter")
    holds(page, name, "Spot 1")
    page.get_by_role("button", name="New group").click()
    page.get_by_role("combobox", name="Group of Spot 1").select_option(label="Group 1")
    page.locator(".b-node[style*='deep:1'], .b-node[style*='deep: 1']").wait_for()
    group = page.get_by_role("combobox", name="Group of Spot 1").input_value()
    assert group
    page.keyboard.press("Control+z")
    holds(page, "select[aria-label='Group of Spot 1']", "")


def test_the_keyboard_stays_where_it_is_in_the_tree_and_among_variants(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, 0.35, 0.65)
    tab(page, "Scene")
    page.get_by_role("button", name="New group").click()
    page.get_by_role("textbox", name="Name of Group 1").fill("Clothes")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="On or off: Clothes").wait_for()
    assert page.evaluate("document.activeElement.ariaLabel") == "On or off: Clothes"
    assert page.evaluate("document.activeElement.title") == "On or off: Clothes"
    into = page.get_by_role("combobox", name="Group of Spot 1")
    into.select_option(label="Clothes")
    page.locator(".b-node[style*='deep:1'], .b-node[style*='deep: 1']").wait_for()
    page.get_by_role("textbox", name="Name of Spot 1").fill("Coat")
    page.keyboard.press("Tab")
    page.get_by_role("combobox", name="Group of Coat").wait_for()
    page.locator("#b-tab-color").click()
    page.get_by_role("button", name="Show six variants").click()
    third = page.locator(".b-tile").nth(2)
    third.focus()
    page.evaluate("document.activeElement.dataset.old = 'yes'")
    version = shown(page)
    page.keyboard.press("Enter")
    page.locator(".b-tile[data-old][aria-pressed=true]").wait_for()
    colored(page, version + 1)
    assert page.evaluate("document.activeElement.dataset.old") == "yes"
    assert page.locator(".b-tile[aria-pressed=true]").count() == 1


def test_a_color_of_a_group_goes_both_ways(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    tab(page, "Scene")
    page.get_by_role("button", name="New group").click()
    chip = "input[aria-label='Color of Group 1']"
    page.locator(chip).evaluate(
        "(f) => { f.value = '#2f6f3f'; f.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    page.locator(".b-node small", has_text="deep green").wait_for()
    holds(page, chip, "#2f6f3f")
    page.keyboard.press("Control+z")
    holds(page, chip, "#808080")


def test_a_box_that_is_ticked_stays_ticked(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    tick = page.get_by_label("Show where it is unsure")
    ticked = """(yes) => [...document.querySelectorAll('.b-check')].find((label) => label.innerText.includes('unsure'))
      .querySelector('input').checked === yes"""
    for yes in (True, False):
        tick.set_checked(yes)
        wait_in_page(page, ticked, arg=yes)
        page.evaluate("() => mounted_app.$forceUpdate()")
        page.wait_for_timeout(200)
        assert page.evaluate(ticked, yes)
    page.keyboard.press("i")
    wait_in_page(page, ticked, arg=True)
    click(page, 0.35, 0.65)
