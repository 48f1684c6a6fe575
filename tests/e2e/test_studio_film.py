"""A film in the studio: its key frames, one of them edited, and all of it in color."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from studio_hands import choose, click, colored, shown, until, write

pytest.importorskip("av")

sys.path.append(str(Path(__file__).resolve().parents[1] / "film"))
import film_clips as clips


def test_a_film_is_opened_edited_colored_and_found_again(studio: Any, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "newsreel.mp4", clips.frames(((1, 14), (3, 14))))
    page = studio()
    choose(page, [film])
    page.wait_for_url("**film=*")
    colored(page)
    bar, strip = page.get_by_label("newsreel.mp4", exact=True), page.locator(".b-strip .b-thumb")
    bar.get_by_text("Shots: 2. Edited: 0").wait_for()
    until(lambda: strip.count() == 2)
    strip.nth(1).click()
    page.locator(".b-title", has_text="newsreel 0m01.1s").wait_for()
    colored(page)
    click(page, 0.5, 0.5)
    write(page, "navy")
    page.keyboard.press("Escape")
    bar.get_by_text("Edited: 1").wait_for()
    bar.get_by_role("button", name="Color the film").click()
    bar.get_by_text("The film is finished. Save it as newsreel.color.mp4.").wait_for(timeout=120_000)
    with page.expect_download() as waiting:
        bar.get_by_role("link", name="Save the film").click()
    assert waiting.value.suggested_filename == "newsreel.color.mp4"
    waiting.value.save_as(tmp_path / "out.mp4")
    blue = [float(planes[1].mean()) for _, planes in clips.decoded(tmp_path / "out.mp4")]
    assert len(blue) == 28 and min(blue[14:]) > max(blue[:14])
    page.reload()
    page.locator(".b-title", has_text="newsreel 0m01.1s").wait_for()
    page.get_by_role("button", name="Start page").click()
    page.locator(".b-drop").wait_for()
    page.get_by_role("button", name="newsreel.mp4").click()
    colored(page)
    assert shown(page) and "film=" in page.url
    bar.get_by_role("button", name="Delete the film").click()
    page.locator(".b-card").get_by_role("button", name="Delete the film").click()
    page.locator(".b-drop").wait_for()
    assert page.get_by_role("button", name="newsreel.mp4").count() == 0


@pytest.mark.parametrize(
    ("width", "locale", "frame", "film", "shots"),
    [(1366, "en-GB", "Save this frame", "Color the film", "Shots: 1."),
     (360, "uk-UA", "Зберегти цей кадр", "Розфарбувати фільм", "Планів: 1.")],
)  # fmt: skip
def test_one_sees_what_is_saved_and_what_becomes_of_the_film(
    studio: Any, tmp_path: Path, width: int, locale: str, frame: str, film: str, shots: str
) -> None:
    page = studio(width, 800, locale=locale)
    choose(page, [clips.write(tmp_path / "reel.avi", clips.frames(((1, 4),)), codec="mpeg4", sound=False)])
    page.wait_for_url("**film=*")
    colored(page)
    bar = page.get_by_label("reel.avi", exact=True)
    bar.get_by_text("reel.avi → reel.color.avi").wait_for()
    bar.get_by_text(shots).wait_for()
    save, color = bar.get_by_role("button", name=frame), bar.get_by_role("button", name=film)
    assert save.bounding_box()["y"] == color.bounding_box()["y"], "side by side"
    assert page.locator(".b-bar").get_by_text(frame).count() == 0
    save.click()
    page.locator(".b-card h2", has_text=frame).wait_for()
    with page.expect_download() as waiting:
        page.locator("[data-save=photo]").click()
    assert waiting.value.suggested_filename.endswith(".png")


def test_what_is_no_film_is_one_line(studio: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(b"no film")
    page = studio()
    choose(page, [path])
    page.locator(".b-toast").get_by_text("bad.mp4: this file is not a film that can be read").wait_for()
