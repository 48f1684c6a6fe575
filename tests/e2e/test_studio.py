"""The studio in a real browser, as a person uses it."""

from __future__ import annotations

import signal
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from studio_hands import choose, click, colored, drop, saved, shown, suggested


def test_a_dropped_photo_is_colored_at_once(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    assert page.locator(".b-title").inner_text().startswith("grandmother.jpg")


def test_a_click_offers_nine_colors_and_undo_takes_it_back(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, 0.4, 0.75)
    page.locator(".bp-grid button").nth(8).wait_for()
    color = suggested(page, 1)
    point = page.locator(".bm-point")
    assert point.count() == 1 and color in str(point.get_attribute("aria-label"))
    page.keyboard.press("Escape")
    version = shown(page)
    page.keyboard.press("Control+z")
    colored(page, version + 1)
    assert point.count() == 0
    page.keyboard.press("Control+Shift+z")
    colored(page, version + 2)
    assert point.count() == 1


def test_a_point_is_dragged_recolored_by_name_and_deleted(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, 0.4, 0.75)
    suggested(page)
    page.keyboard.press("Escape")
    point = page.locator(".bm-point")
    box, before = point.bounding_box(), point.get_attribute("aria-label")
    page.mouse.move(box["x"] + 11, box["y"] + 11)
    page.mouse.down()
    page.mouse.move(box["x"] + 70, box["y"] - 40, steps=6)
    page.mouse.up()
    page.wait_for_function(
        "(old) => document.querySelector('.bm-point').getAttribute('aria-label') !== old", arg=before
    )
    point.click()
    page.locator(".bp-hex").fill("navy")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.bm-point').getAttribute('aria-label').includes('#000080')")
    page.locator(".bp-hex").fill("no such colour")
    page.keyboard.press("Enter")
    page.locator(".bp-wrong").wait_for()
    page.keyboard.press("Escape")
    point.focus()
    page.keyboard.press("Delete")
    point.wait_for(state="detached")


def test_a_large_scan_comes_in_tiles(studio: Any, tmp_path: Path, astronaut: Any) -> None:
    path = tmp_path / "scan.png"
    Image.fromarray(astronaut).convert("L").resize((6000, 4000), Image.Resampling.BILINEAR).save(path, compress_level=1)
    page = studio()
    asked: list[str] = []
    page.on("response", lambda r: asked.append(r.url) if "/tiles/color/0/" in r.url and r.ok else None)
    drop(page, path)
    page.keyboard.press("1")
    page.wait_for_function("() => Number(document.querySelector('.b-stage').dataset.tiles) >= 4")
    page.wait_for_timeout(1500)
    assert page.locator(".b-zoom-now").inner_text() == "100 %"
    assert len(asked) >= 4
    page.keyboard.press("0")
    page.wait_for_function("() => document.querySelector('.b-stage').dataset.tiles === '0'")


def test_an_object_is_selected_named_colored_and_switched_off(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("o")
    click(page, 0.4, 0.8)
    page.locator(".bp-name").wait_for()
    version = shown(page)
    page.locator(".bp-hex").fill("#7a1f1f")
    page.keyboard.press("Enter")
    colored(page, version + 1)
    page.locator(".bp-name").fill("Suit")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Scene").click()
    name = page.locator(".b-node input")
    page.wait_for_function("() => document.querySelector('.b-node input').value === 'Suit'")
    assert name.count() == 1
    version = shown(page)
    page.get_by_role("button", name="On or off: Suit").click()
    colored(page, version + 1)
    assert page.locator(".b-node.b-off").count() == 1


def test_the_saved_photo_is_what_the_command_line_makes_of_the_saved_scene(
    studio: Any, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from barva.cli.app import run

    page = studio()
    drop(page, photo)
    click(page, 0.4, 0.75)
    suggested(page)
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    click(page, 0.75, 0.2)
    page.locator(".bp-name").wait_for()
    suggested(page, 1)
    page.keyboard.press("Escape")
    mine, scene = saved(page, "photo", tmp_path), saved(page, "scene", tmp_path)
    theirs = tmp_path / "cli.jpg"
    option = "--scene" if scene.suffix == ".jsonld" else "--guidance"
    assert run(["colorize", str(photo), option, str(scene), "-o", str(theirs)]) == 0, capsys.readouterr().err
    assert mine.name == "grandmother.color.jpg"
    assert np.array_equal(np.asarray(Image.open(mine)), np.asarray(Image.open(theirs)))
    with zipfile.ZipFile(saved(page, "all", tmp_path)) as whole:
        assert len(whole.namelist()) == 3 and whole.read("grandmother.jpg") == photo.read_bytes()


def test_work_survives_a_reload_and_goes_on_from_a_scene_and_a_zip(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, 0.4, 0.75)
    suggested(page)
    page.keyboard.press("Escape")
    scene, everything = saved(page, "scene", tmp_path), saved(page, "all", tmp_path)
    page.reload()
    colored(page)
    page.locator(".bm-point").wait_for()
    page.keyboard.press("Control+z")
    page.locator(".bm-point").wait_for(state="detached")
    page.locator(".b-app").evaluate("() => 0")
    other = studio()
    drop(other, photo)
    choose(other, [scene])
    other.locator(".bm-point").wait_for()
    third = studio()
    choose(third, [everything])
    third.locator(".bm-point").wait_for()


def test_work_survives_the_server(server: Any, studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    click(page, 0.4, 0.75)
    suggested(page)
    where = page.url.partition("?")[2]
    server.stop(signal.SIGKILL)
    server.start()
    page.goto(f"{server.address}?{where}")
    colored(page)
    page.locator(".bm-point").wait_for()


def test_many_photos_wait_in_a_queue_and_come_as_a_zip(studio: Any, photo: Path, tmp_path: Path) -> None:
    copies = []
    for n in range(3):
        copies.append(tmp_path / f"photo-{n}.jpg")
        copies[-1].write_bytes(photo.read_bytes())
    page = studio()
    choose(page, copies)
    page.wait_for_function("() => document.querySelectorAll('.b-thumb').length === 3")
    colored(page)
    page.get_by_role("tab", name="Photos").click()
    page.get_by_role("button", name="Apply this scene to all").click()
    page.wait_for_function("() => document.querySelectorAll('[data-state=done]').length === 3", timeout=60_000)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download finished").click()
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as whole:
        assert sorted(whole.namelist()) == [f"photo-{n}.color.jpg" for n in range(3)]


def test_what_is_no_photo_is_said_in_a_line(studio: Any, tmp_path: Path) -> None:
    path = tmp_path / "letter.jpg"
    path.write_text("Dear Olha")
    page = studio()
    choose(page, [path])
    page.locator(".b-toast").get_by_text("not a picture").wait_for()


def test_variants_references_and_confidence(studio: Any, photo: Path, tmp_path: Path, astronaut: Any) -> None:
    reference = tmp_path / "reference.png"
    Image.fromarray(astronaut).resize((128, 128)).save(reference)
    page = studio()
    drop(page, photo)
    page.get_by_role("button", name="Show six variants").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.b-variants img')].filter((i) => i.naturalWidth).length === 6",
        timeout=60_000,
    )
    version = shown(page)
    page.get_by_role("button", name="Variant 3").click()
    colored(page, version + 1)
    with page.expect_response(lambda r: "/unsure/" in r.url and r.ok):
        page.get_by_label("Show where it is unsure").check()
    version = shown(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a reference").click()
    chooser.value.set_files(str(reference))
    page.locator(".b-ref img").wait_for()
    colored(page, version + 1)


def test_it_is_worked_by_keyboard_alone(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.locator(".b-stage").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".bp-grid button").first.wait_for()
    page.wait_for_function("() => document.activeElement.closest('.bp')")
    page.keyboard.press("Tab")
    version = shown(page)
    page.keyboard.press("Enter")
    colored(page, version + 1)
    page.keyboard.press("Escape")
    assert page.locator(".bm-point").count() == 1
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("Keyboard shortcuts").wait_for()


def test_a_phone_has_it_all(studio: Any, photo: Path) -> None:
    page = studio(360, 740, has_touch=True, is_mobile=True)
    drop(page, photo)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    click(page, 0.5, 0.7)
    suggested(page)
    box = page.locator(".bp").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 741
    page.get_by_role("button", name="Close").first.click()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("tab", name="Scene").click()
    page.locator(".b-node").wait_for()


def test_dark_and_ukrainian(studio: Any, photo: Path) -> None:
    page = studio(color_scheme="dark", locale="uk-UA")
    assert page.locator("h1").inner_text() == "Перетягніть світлину сюди"
    assert page.evaluate("document.documentElement.lang") == "uk"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(v) for v in ground[4:-1].split(",")) < 60
    drop(page, photo)
    click(page, 0.4, 0.75)
    page.locator(".bp-hex").fill("темно-синя")
    page.keyboard.press("Enter")
    page.wait_for_function("() => /#0/.test(document.querySelector('.bm-point').getAttribute('aria-label'))")


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
    page.get_by_role("tab", name="Scene").click()
    _clean(axe.run(page))
    page.get_by_role("tab", name="Photos").click()
    page.keyboard.press("Control+s")
    page.locator("[data-save=photo]").wait_for()
    page.wait_for_timeout(400)
    _clean(axe.run(page))


def _clean(found: Any) -> None:
    wrong = [f"{v['id']}: {n['html'][:200]}" for v in found.response["violations"] for n in v["nodes"][:3]]
    assert not wrong, "\n".join(wrong)
