"""A photo comes into the studio, is looked at, and goes out again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from studio_hands import (
    at,
    becomes,
    choose,
    click,
    colored,
    drop,
    give,
    lies,
    pixel,
    saved,
    spotted,
    spread,
    suggested,
    until,
    wait_in_page,
    write,
)


def test_a_newcomer_corrects_a_dress_with_two_clicks_saves_and_comes_back(
    studio: Any, photo: Path, tmp_path: Path
) -> None:
    page = studio()
    drop(page, photo)
    until(lambda: page.locator(".b-title").inner_text().startswith("grandmother.jpg"))
    assert spread(pixel(page, 0.35, 0.65)) > 15, "colored at once"
    page.get_by_text("Click where a color is wrong").wait_for()
    click(page, 0.4, 0.75)
    suggested(page, 3)
    page.get_by_text("Click where a color is wrong").wait_for(state="hidden")
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save: Photo").click()
    waiting.value.save_as(tmp_path / waiting.value.suggested_filename)
    with Image.open(tmp_path / "grandmother.color.jpg") as result:
        assert result.size == (384, 384) and result.mode == "RGB"
    page.get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Barva").click()
    page.get_by_text("Continue with").wait_for()
    page.locator(".b-cardlet", has_text="grandmother.jpg").click()
    page.locator(".bm-point").wait_for()


def test_photos_are_dropped_pasted_and_taken_from_the_examples(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    page.locator("[data-key=coffee]").click()
    colored(page)
    until(lambda: page.locator(".b-title").inner_text().startswith("coffee.png"))
    pasted = tmp_path / "pasted.png"
    Image.open(photo).resize((64, 64)).save(pasted)
    give(page, [photo, pasted])
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb').length === 3")
    give(page, [pasted], "paste")
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb').length === 4")
    page.get_by_role("button", name="Show grandmother.jpg").click()
    wait_in_page(page, "() => document.querySelector('.b-title').innerText.startsWith('grandmother.jpg')")


def test_a_veil_says_that_a_file_may_be_dropped(studio: Any) -> None:
    page = studio()
    carry = """(type) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["x"], "a.jpg"));
      document.querySelector(".b-app").dispatchEvent(new DragEvent(type, {dataTransfer, bubbles: true}));
    }"""
    veil = page.locator(".b-veil")
    until(lambda: not veil.is_visible())
    page.evaluate(carry, "dragenter")
    veil.get_by_text("Drop").wait_for()
    page.evaluate(carry, "dragleave")
    veil.wait_for(state="hidden")


def test_a_border_between_before_and_after_is_moved(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    place = 0.3, 0.6
    page.keyboard.press("c")
    border = page.get_by_role("slider", name="Border between before and after")
    border.wait_for()
    becomes(page, place, lambda rgb: spread(rgb) <= 2)
    assert spread(pixel(page, 0.62, 0.6)) > 15
    box = border.bounding_box()
    page.mouse.move(box["x"] + 16, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(at(page, 0.1, 0)[0], box["y"] + 100, steps=3)
    page.mouse.up()
    becomes(page, place, lambda rgb: spread(rgb) > 15)
    for _ in range(3):
        page.keyboard.press("PageUp")
    becomes(page, place, lambda rgb: spread(rgb) <= 2)  # and by keyboard
    page.get_by_role("button", name="After", exact=True).click()
    border.wait_for(state="hidden")
    page.keyboard.down("\\")
    becomes(page, place, lambda rgb: spread(rgb) <= 2)  # held, it shows the photo as it was
    page.keyboard.up("\\")
    becomes(page, place, lambda rgb: spread(rgb) > 15)


def test_a_scan_of_24_megapixels_comes_in_tiles_down_to_the_grain(studio: Any, tmp_path: Path, astronaut: Any) -> None:
    path = tmp_path / "scan.png"
    Image.fromarray(astronaut).convert("L").resize((6000, 4000), Image.Resampling.BILINEAR).save(path, compress_level=1)
    page = studio()
    asked: list[str] = []
    page.on("response", lambda r: asked.append(r.url) if "/tiles/color/0/" in r.url and r.ok else None)
    choose(page, [path])
    colored(page)
    assert not asked, "the whole is small"
    page.keyboard.press("1")
    wait_in_page(page, "() => Number(document.querySelector('.b-stage').dataset.tiles) >= 4")
    until(lambda: page.locator(".b-zoom-now").inner_text() == "100 %")
    page.wait_for_timeout(1000)
    assert 4 <= len(asked) <= 12, "what is seen, and no more"
    page.keyboard.press("h")
    before = lies(page)
    page.mouse.move(500, 400)
    page.mouse.down()
    page.mouse.move(400, 350, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert lies(page)[:2] == (before[0] - 100, before[1] - 50)
    left = lies(page)[0]
    for _ in range(4):
        page.mouse.wheel(0, -400)
    page.wait_for_timeout(200)
    zoom = int(page.locator(".b-zoom-now").inner_text().split()[0])
    assert zoom > 800
    # the place under the pointer stays there
    assert abs((400 - lies(page)[0]) / zoom - (400 - left) / 100) < 0.01 * 100
    page.keyboard.press("0")
    wait_in_page(page, "() => document.querySelector('.b-stage').dataset.tiles === '0'")


def test_the_saved_photo_is_what_the_command_line_makes_of_the_saved_scene(
    studio: Any, photo: Path, tmp_path: Path, capsys: Any
) -> None:
    from barva.cli.app import run

    page = studio()
    drop(page, photo)
    spotted(page, 0.4, 0.75)
    page.keyboard.press("o")
    click(page, 0.75, 0.2)
    page.locator(".bp-name").wait_for()
    suggested(page, 1)
    page.keyboard.press("Escape")
    mine, scene = saved(page, "photo", tmp_path), saved(page, "scene", tmp_path)
    theirs = tmp_path / "cli.jpg"
    assert run(["colorize", str(photo), "--scene", str(scene), "-o", str(theirs)]) == 0, capsys.readouterr().err
    assert mine.name == "grandmother.color.jpg" and scene.name == "grandmother.scene.jsonld"
    assert np.array_equal(np.asarray(Image.open(mine)), np.asarray(Image.open(theirs)))


def test_files_keep_their_format_depth_and_what_they_know(studio: Any, tmp_path: Path, astronaut: Any) -> None:
    import cv2

    grey = np.asarray(Image.fromarray(astronaut).convert("L").resize((300, 200)))
    exif = Image.Exif()
    exif[0x010F] = "Zenit"
    Image.fromarray(grey).save(tmp_path / "negative.jpg", exif=exif, dpi=(300, 300))
    cv2.imwrite(str(tmp_path / "scan.tif"), grey.astype(np.uint16) * 257)
    page = studio()
    choose(page, [tmp_path / "negative.jpg"])
    colored(page)
    with Image.open(saved(page, "photo", tmp_path)) as same:
        assert same.format == "JPEG" and same.size == (300, 200)
        assert same.getexif()[0x010F] == "Zenit" and same.info["dpi"] == (300, 300)
    with Image.open(saved(page, "photo", tmp_path, "webp")) as other:
        assert other.format == "WEBP" and other.size == (300, 200)
    page = studio()
    choose(page, [tmp_path / "scan.tif"])
    colored(page)
    click(page, 0.5, 0.5)
    write(page, "#7a1f1f")
    page.keyboard.press("Escape")
    kept = cv2.imread(str(saved(page, "photo", tmp_path)), cv2.IMREAD_UNCHANGED)
    assert kept.dtype == np.uint16 and kept.shape == (200, 300, 3)


def test_what_is_no_photo_is_said_in_a_line(studio: Any, tmp_path: Path) -> None:
    path = tmp_path / "letter.jpg"
    path.write_text("Dear Olha")
    page = studio()
    choose(page, [path])
    page.locator(".b-toast").get_by_text("not a picture").wait_for()


def test_how_much_of_a_large_file_is_through_is_shown_and_its_name_said_once(studio: Any, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (700, 700), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")  # half a megabyte
    page = studio()
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 150_000}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    choose(page, [tmp_path / "noise.png"])
    page.locator(".b-toast .b-share[aria-hidden=true]").wait_for()
    page.evaluate("document.querySelector('.b-toast > span').dataset.old = 'yes'")
    assert "noise.png" in page.locator(".b-toast > span").first.inner_text()
    wait_in_page(page, "() => /^[1-9]\\d? %$/.test(document.querySelector('.b-share').innerText)")
    assert page.locator(".b-toast > [data-old]").count() == 1, "what is read out is not built again"
    colored(page)
    wait_in_page(page, "() => !document.querySelector('.b-toast').innerText")
