"""What the page says: on its start, of files that it cannot open, and to who hears it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studio_hands import choose, click, colored, drop, until, write


def test_own_work_comes_before_the_examples_which_speak_the_pages_language(studio: Any, photo: Path) -> None:
    page = studio(locale="uk-UA")
    assert page.locator(".b-cardlet[data-key]").all_inner_texts() == ["Астронавтка", "Кава", "Кіт", "Ракета"]
    drop(page, photo)
    page.locator(".b-brand").click()
    page.get_by_text("Продовжити").wait_for()
    until(lambda: page.locator(".b-shelf h2").all_inner_texts() == ["Продовжити", "Або спробуйте приклад"])


def test_all_files_that_failed_are_named_once(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    names = ["a.png", "b.png", "c.png"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    choose(page, [photo, *(tmp_path / name for name in names)])
    toast = page.locator(".b-toast")
    toast.get_by_text("Others that failed").wait_for()
    text = toast.inner_text()
    assert [text.count(name) for name in names] == [1, 1, 1], text
    assert "is empty. Others" in text
    page.get_by_role("button", name="Save").wait_for()


@pytest.mark.parametrize(("locale", "color"), [("en-GB", "red"), ("uk-UA", "червоний")])
def test_colors_are_read_out_by_their_names(studio: Any, photo: Path, locale: str, color: str) -> None:
    page = studio(locale=locale)
    drop(page, photo)
    click(page, 0.5, 0.5)
    page.locator(".bp-grid button").nth(8).wait_for()
    write(page, "#ff0000")
    page.keyboard.press("Escape")
    click(page, 0.2, 0.2)
    page.locator(".bp-grid button").nth(8).wait_for()
    swatches = page.locator(".bp-swatch").evaluate_all("(all) => all.map((b) => b.ariaLabel + b.title)")
    assert len(swatches) == 10 and not any("#" in text for text in swatches)
    assert page.locator(".bp-row button").get_attribute("aria-label") == color
    assert color in str(page.locator(".bm-point").first.get_attribute("aria-label"))
    page.keyboard.press("Escape")
    page.locator("#b-tab-scene").click()
    page.locator(".b-node small", has_text=f"{color} · ").wait_for()


def test_numbers_are_written_as_in_the_pages_language(studio: Any, photo: Path) -> None:
    page = studio(locale="uk-UA")
    drop(page, photo)
    page.get_by_role("slider", name="Насиченість", exact=True).fill("1.35")
    page.locator(".b-slider output").get_by_text("1,35").wait_for()


def test_lists_and_tabs_are_what_they_claim_to_be(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio(390, 844, has_touch=True, is_mobile=True)
    second = tmp_path / "second.jpg"
    second.write_bytes(photo.read_bytes())
    choose(page, [photo, second])
    colored(page)
    strip = page.locator(".b-strip").get_by_role("list")
    until(lambda: strip.get_by_role("listitem").count() == 2)
    assert strip.get_by_role("listitem").first.get_attribute("aria-setsize") == "2"
    assert page.locator(".b-photos button[aria-setsize], .b-photos label[aria-setsize]").count() == 0
    page.get_by_role("button", name="Settings").click()
    tabs = page.get_by_role("tablist")
    until(lambda: tabs.locator("button:not([role=tab])").count() == 0 and tabs.get_by_role("tab").count() == 3)
    page.locator(".b-tabs").get_by_role("button", name="Close").click()
    zoom = page.locator(".b-zoom-now")
    until(lambda: str(zoom.get_attribute("aria-label")).startswith(zoom.inner_text()))


def test_a_gray_reference_is_refused_and_the_photo_stays_as_it_was(studio: Any, photo: Path, tmp_path: Path) -> None:
    from PIL import Image

    gray = tmp_path / "street.png"
    Image.open(photo).convert("RGB").save(gray)  # three channels, all the same
    page = studio(locale="uk-UA")
    drop(page, photo)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Додати зразок").click()
    chooser.value.set_files(str(gray))
    page.locator(".b-toast").get_by_text("street.png: тут усе сіре").wait_for()
    assert page.locator(".b-ref").count() == 0 and page.locator(".b-notice").is_hidden()
    until(page.get_by_role("button", name="Зберегти").is_enabled)
