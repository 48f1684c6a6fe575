"""The lists of photos: rows that open, removing with an undo, a scene for others, Back, and scenes without photos."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from studio_hands import choose, click, colored, drop, give, saved, spotted, tab, until, wait_in_page, write
from test_studio_queue import states


def copies(photo: Path, folder: Path, count: int, side: int = 96) -> list[Path]:
    """Small photos, photo-0.jpg and so on."""
    paths = [folder / f"photo-{n}.jpg" for n in range(count)]
    for n, path in enumerate(paths):
        Image.open(photo).resize((side + n, side)).save(path)
    return paths


def several(page: Any, paths: list[Path]) -> None:
    """Open photos and wait until all are listed."""
    choose(page, paths)
    wait_in_page(
        page,
        "(count) => document.querySelector('.b-photos-strip > [aria-posinset]')?.ariaSetSize === String(count)",
        arg=len(paths),
        timeout=60_000,
    )
    colored(page)


def titled(page: Any, name: str) -> None:
    wait_in_page(page, "(name) => document.title.startsWith(name)", arg=name)


def test_many_photos_are_all_listed_and_few_are_in_the_document(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    several(page, copies(photo, tmp_path, 60))
    tab(page, "Photos")
    rows = page.locator(".b-job")
    rows.first.wait_for()
    until(lambda: rows.count() < 30 and page.locator(".b-thumb").count() < 30)
    until(
        lambda: rows.first.locator(".b-job-text span").first.inner_text() == "photo-59.jpg",
        "the newest first, in order",
    )
    page.locator("#b-body-photos").evaluate("(body) => body.scrollTo(0, body.scrollHeight)")
    page.get_by_role("button", name="photo-0.jpg", exact=False).last.wait_for()
    last = page.locator(".b-job-open", has_text="photo-0.jpg")
    last.wait_for()
    until(lambda: page.locator(".b-job").last.get_attribute("aria-posinset") == "60")
    other = page.locator(".b-job-open", has_text="photo-2.jpg")
    other.click()
    titled(page, "photo-2.jpg")
    last.focus()
    page.keyboard.press("Enter")
    titled(page, "photo-0.jpg")
    until(lambda: last.get_attribute("aria-current") == "true")


@pytest.mark.parametrize("how", ["button", "keys"])
def test_a_removed_photo_comes_back(studio: Any, photo: Path, tmp_path: Path, how: str) -> None:
    page = studio()
    several(page, copies(photo, tmp_path, 3))
    page.locator(".b-thumb[aria-label='Show photo-1.jpg']").click()
    titled(page, "photo-1.jpg")
    colored(page)
    click(page, 0.5, 0.5)
    write(page, "#7a1f1f")
    page.keyboard.press("Escape")
    tab(page, "Photos")
    page.get_by_role("button", name="Remove photo-1.jpg").click()
    page.locator(".b-toast").get_by_text("photo-1.jpg was removed").wait_for()
    titled(page, "Barva")
    if how == "button":
        page.locator(".b-toast").get_by_role("button", name="Undo").click()
    else:
        page.keyboard.press("Control+z")
    titled(page, "photo-1.jpg")
    page.locator(".bm-point").wait_for()
    names = [node.get_attribute("aria-label") for node in page.locator(".b-thumb").all()]
    assert names == ["Show photo-2.jpg", "Show photo-1.jpg", "Show photo-0.jpg"]
    page.keyboard.press("Control+z")  # the next step back is the photo's own
    page.locator(".bm-point").wait_for(state="detached")


def test_a_scene_is_seen_on_others_goes_to_the_chosen_and_is_taken_back(
    studio: Any, photo: Path, tmp_path: Path
) -> None:
    page = studio()
    several(page, copies(photo, tmp_path, 3, 128))
    titled(page, "photo-0.jpg")
    color = spotted(page, 0.4, 0.75)
    tab(page, "Photos")
    page.get_by_role("button", name="Apply this scene to all").click()
    page.get_by_text("The scene of photo-0.jpg for other photos").wait_for()
    wait_in_page(page, "() => document.querySelectorAll('.b-applied img.b-here').length === 2", timeout=30_000)
    page.get_by_text("Chosen: 2").wait_for()
    page.get_by_role("checkbox", name="photo-2.jpg").uncheck()
    page.get_by_text("Chosen: 1").wait_for()
    page.get_by_role("button", name="Apply and color").click()
    page.get_by_text("The scene went to other photos: 1").wait_for()
    states(page, "done", 2)
    states(page, "open", 1)
    page.keyboard.press("Control+z")
    states(page, "done", 1)
    page.locator(".bm-point").wait_for()  # its own photo keeps its mark
    page.locator(".b-thumb[aria-label='Show photo-1.jpg']").click()
    titled(page, "photo-1.jpg")
    page.locator(".bm-point").wait_for(state="detached")
    page.keyboard.press("Control+Shift+z")
    page.locator(".bm-point").wait_for()
    until(lambda: color in str(page.locator(".bm-point").get_attribute("aria-label")))


def test_small_pictures_follow_the_colors_and_edits(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    several(page, copies(photo, tmp_path, 2, 128))
    image = page.locator(".b-thumb[aria-pressed=true] img")
    wait_in_page(page, "() => document.querySelector('.b-thumb[aria-pressed=true] img')?.src.includes('?of=')")
    mean = """async (image) => {
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 1;
      const c = canvas.getContext('2d');
      c.drawImage(image, 0, 0, 1, 1);
      return [...c.getImageData(0, 0, 1, 1).data];
    }"""
    before, source = image.evaluate(mean), image.get_attribute("src")
    click(page, 0.4, 0.75)
    write(page, "#1030c0")
    wait_in_page(
        page,
        "(old) => document.querySelector('.b-thumb[aria-pressed=true] img')?.getAttribute('src') !== old",
        arg=source,
    )
    after = image.evaluate(mean)
    assert after[2] - after[0] > before[2] - before[0] + 5
    page.reload()
    wait_in_page(page, "() => document.querySelector('.b-thumb[aria-pressed=true] img')?.src.includes('?of=')")


def test_back_goes_from_the_photo_to_all_photos_to_the_start(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    several(page, copies(photo, tmp_path, 2))
    page.locator(".b-thumb").first.click()
    titled(page, "photo-1.jpg – Barva")
    page.go_back()
    titled(page, "Photos – Barva")
    page.locator(".b-photos-page .b-cardlet", has_text="photo-0.jpg").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator(".b-all").get_by_role("button", name="Add photos").click()
    assert {".tif", ".zip", "video/*"} <= {*chooser.value.element.get_attribute("accept").split(",")}
    page.go_back()
    page.locator(".b-drop").wait_for()
    titled(page, "Barva")
    page.go_forward()
    page.go_forward()
    titled(page, "photo-1.jpg")
    page.reload()
    titled(page, "photo-1.jpg")
    page.go_back()
    titled(page, "Photos – Barva")
    page.locator(".b-photos-page .b-cardlet", has_text="photo-0.jpg").click()
    titled(page, "photo-0.jpg")


def test_a_download_colors_what_was_edited_since(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    several(page, copies(photo, tmp_path, 2))
    tab(page, "Photos")
    page.get_by_role("button", name="Color all").click()
    states(page, "done", 2)
    click(page, 0.5, 0.5)
    write(page, "#7a1f1f")
    page.keyboard.press("Escape")
    states(page, "edited", 1)
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="Download finished").click()
    waiting.value.save_as(tmp_path / "all.zip")
    states(page, "done", 2)
    with zipfile.ZipFile(tmp_path / "all.zip") as whole:
        assert sorted(whole.namelist()) == ["photo-0.color.jpg", "photo-1.color.jpg"]


def test_a_scene_alone_asks_for_its_photo(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, 0.4, 0.75)
    scene = saved(page, "scene", tmp_path)
    other = studio()
    choose(other, [scene])
    other.get_by_text("This scene was made with grandmother.jpg").wait_for()
    with other.expect_file_chooser() as chooser:
        other.get_by_role("button", name="Choose the photo").click()
    chooser.value.set_files(str(photo))
    other.locator(".bm-point").wait_for()
    titled(other, "grandmother.jpg")
    third = studio()
    give(third, [scene, photo])  # dropped together
    third.locator(".bm-point").wait_for()
    colored(third)
    third.get_by_role("button", name="Barva").click()
    choose(third, [scene])  # and its photo is known by then
    titled(third, "grandmother.jpg")
    until(lambda: third.locator(".q-dialog").count() == 0)


def test_what_was_saved_is_said(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("Control+s")
    with page.expect_download():
        page.locator("[data-save=photo]").click()
    page.locator(".b-card").get_by_text("Saved: grandmother.color.jpg").wait_for()


def test_files_that_are_no_photos_are_named_and_the_others_come(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    paths = copies(photo, tmp_path, 2)
    for n in range(2):
        (tmp_path / f"letter-{n}.jpg").write_text("Dear Olha")
        paths.append(tmp_path / f"letter-{n}.jpg")
    choose(page, paths)
    page.locator(".b-toast").get_by_text("not a picture").wait_for()
    until(lambda: all(f"letter-{n}.jpg" in page.locator(".b-toast").inner_text() for n in range(2)))
    until(lambda: page.locator(".b-thumb").count() == 2)
