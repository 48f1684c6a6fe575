"""Several photos: what belongs to one stays with it, however late it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image
from studio_hands import becomes, colored, drop, give, spread, tab, until, wait_in_page


def show(page: Any, name: str) -> None:
    """Take a photo from the strip."""
    page.get_by_role("button", name=f"Show {name}").click()
    wait_in_page(page, "(name) => document.querySelector('.b-title').innerText.startsWith(name)", arg=name)


def two(page: Any, photo: Path, folder: Path) -> None:
    """grandmother.jpg, and white.png, which has no colors; the first one is shown."""
    Image.new("L", (96, 96), 255).save(folder / "white.png")
    drop(page, photo)
    give(page, [folder / "white.png"])
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb').length === 2")
    show(page, "grandmother.jpg")


def test_a_photo_is_in_color_again_when_one_comes_back_to_it(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    two(page, photo, tmp_path)
    for _ in range(2):
        show(page, "white.png")
        colored(page)
        show(page, "grandmother.jpg")
        becomes(page, (0.35, 0.65), lambda rgb: spread(rgb) > 15)


def test_a_reference_that_arrives_late_goes_to_its_own_photo(
    studio: Any, photo: Path, tmp_path: Path, astronaut: Any
) -> None:
    Image.fromarray(astronaut).resize((64, 64)).save(tmp_path / "late.png")
    page = studio()
    two(page, photo, tmp_path)
    held: list[Any] = []
    page.route("**/studio/open*purpose=reference*", lambda route: held.append(route))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a reference").click()
    chooser.value.set_files(str(tmp_path / "late.png"))
    show(page, "white.png")
    while not held:
        page.wait_for_timeout(20)
    with page.expect_response("**/studio/open*purpose=reference*"):
        held[0].continue_()
    wait_in_page(page, "() => !document.querySelector('.b-toast').innerText")
    until(lambda: page.locator(".b-ref").count() == 0)
    show(page, "grandmother.jpg")
    page.get_by_role("img", name="Reference late.png").wait_for()


def test_a_photo_is_a_photo_after_a_dialog_for_references_was_closed(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    with page.expect_file_chooser():
        page.get_by_role("button", name="Add a reference").click()
    with page.expect_request("**/studio/open*") as sent:
        give(page, [photo])
    assert "purpose=photo" in sent.value.url
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb').length === 2")


def test_what_goes_wrong_is_said_in_ukrainian(studio: Any, photo: Path) -> None:
    page = studio(locale="uk-UA")
    drop(page, photo)
    menu = page.get_by_role("combobox", name="Метод")
    menu.select_option("welsh")
    page.locator(".b-notice").get_by_text("Додайте зразок").wait_for()
    page.locator(".b-hint").get_by_text("Бере кольори зі зразків за світлістю").wait_for()
    menu.select_option("guided")
    page.locator(".b-hint").get_by_text("Звичайний метод").wait_for()
    # the server answers in the page's language
    wrong = {"error": {"code": "missing", "message": "такої роботи немає або вже немає", "reason": "missing.session"}}
    page.route("**/save/photo*", lambda route: route.fulfill(status=404, json=wrong))
    tab(page, "Колір")
    page.keyboard.press("Control+s")
    page.locator("[data-save=photo]").click()
    page.locator(".b-card").get_by_text("Не вдалося: такої роботи немає або вже немає").wait_for()
