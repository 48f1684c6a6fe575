"""Objects and the tree of the scene; work that is kept, saved and taken up again."""

from __future__ import annotations

import io
import json
import signal
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage
from studio_hands import (
    becomes,
    choose,
    click,
    colored,
    drag,
    drop,
    pixel,
    saved,
    shown,
    spotted,
    suggested,
    tab,
    until,
    wait_in_page,
    write,
)


def test_an_object_is_selected_named_colored_and_switched_off(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("o")
    click(page, 0.4, 0.8)
    page.locator(".bp-name").wait_for()
    write(page, "#7a1f1f")
    page.locator(".bp-name").fill("Suit")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    tab(page, "Scene")
    wait_in_page(page, "() => document.querySelector('.b-node-name input').value === 'Suit'")
    until(lambda: page.locator(".b-node small").inner_text() == "maroon · yours")
    version = shown(page)
    page.get_by_role("button", name="On or off: Suit").click()
    colored(page, version + 1)
    until(lambda: page.locator(".b-node.b-off").count() == 1)


def test_lasso_and_brush_select_and_correct(studio: Any, photo: Path) -> None:
    page = studio()
    masks: list[Any] = []
    page.on("response", lambda r: masks.append(r) if "/selection/" in r.url and r.ok else None)

    def selected(count: int) -> int:
        """Wait for the n-th selection that is shown; its pixels."""
        for _ in range(50):
            if len(masks) >= count:
                found = page.request.get(masks[-1].url).body()
                outline = np.asarray(Image.open(io.BytesIO(found)))[..., 3] > 0
                return int(ndimage.binary_fill_holes(outline).sum())
            page.wait_for_timeout(100)
        raise AssertionError("no selection is shown")

    drop(page, photo)
    page.keyboard.press("l")
    drag(page, [(0.2, 0.7), (0.5, 0.7), (0.5, 0.9), (0.2, 0.9), (0.2, 0.72)])
    page.locator(".bp-name").wait_for()
    first = selected(1)
    assert first > 0
    write(page, "#1f3a7a")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    drag(page, [(0.55, 0.72), (0.65, 0.8)])  # the brush adds to what is selected
    wider = selected(2)
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.keyboard.down("Alt")
    drag(page, [(0.15, 0.65), (0.35, 0.65), (0.35, 0.95), (0.15, 0.95), (0.15, 0.67)])
    page.keyboard.up("Alt")
    less = selected(3)
    assert wider > first * 1.03 and less < wider * 0.8
    page.locator(".bp-name").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add", exact=True).click()
    drag(page, [(0.15, 0.65), (0.3, 0.65), (0.3, 0.95), (0.15, 0.95), (0.15, 0.67)])
    more = selected(4)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cut", exact=True).click()
    version = shown(page)
    drag(page, [(0.15, 0.65), (0.35, 0.65), (0.35, 0.95), (0.15, 0.95), (0.15, 0.67)])
    assert more > less * 1.2 and selected(5) < more * 0.9
    colored(page, version + 1)
    page.keyboard.press("Escape")
    becomes(page, (0.6, 0.76), lambda rgb: rgb[2] > rgb[0])  # the object's color went with its selection
    becomes(page, (0.25, 0.8), lambda rgb: rgb[0] >= rgb[2])
    tab(page, "Scene")
    until(lambda: page.locator(".b-node").count() == 1)
    page.keyboard.press("Escape")  # nothing is selected any more: the brush begins anew
    page.keyboard.press("r")
    page.get_by_role("button", name="New", exact=True).click()
    drag(page, [(0.7, 0.2), (0.74, 0.2)])
    page.locator(".bp-name").wait_for()
    assert selected(6) < first


def test_the_tree_groups_renames_recolors_and_deletes(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    for x, y in ((0.4, 0.75), (0.75, 0.2)):
        click(page, x, y)
        suggested(page)
        page.keyboard.press("Escape")
    tab(page, "Scene")
    page.get_by_role("textbox", name="Name of Spot 1").fill("Sleeve")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="On or off: Sleeve").wait_for()
    page.get_by_role("button", name="New group").click()
    page.get_by_role("combobox", name="Group of Sleeve").wait_for()
    page.get_by_role("combobox", name="Group of Sleeve").select_option(label="Group 1")
    page.locator(".b-node[style*='deep:1'], .b-node[style*='deep: 1']").wait_for()
    order = [i.input_value() for i in page.locator(".b-node-name input").all()]
    assert order == ["Spot 2", "Group 1", "Sleeve"]
    version = shown(page)
    page.get_by_role("button", name="On or off: Group 1").click()
    colored(page, version + 1)
    until(lambda: page.locator(".b-node.b-off").count() == 2, "a group hides its parts")
    until(lambda: page.locator(".bm-point:visible").count() == 1)
    page.get_by_role("button", name="On or off: Group 1").click()
    colored(page, version + 2)
    page.get_by_role("button", name="Color of Sleeve").click()
    write(page, "#112233")
    page.keyboard.press("Escape")
    page.locator(".b-node small", has_text="navy blue").wait_for()
    page.get_by_role("button", name="Delete: Group 1").click()
    page.get_by_role("button", name="Delete: Group 1").wait_for(state="detached")
    until(lambda: page.locator(".b-node").count() == 2, "its parts stay")
    page.get_by_role("button", name="Delete: Sleeve").click()
    page.get_by_role("button", name="Delete all").click()
    page.get_by_text("Nothing is marked yet").wait_for()
    until(lambda: page.locator(".bm-point").count() == 0)


def test_an_object_has_parts_that_take_its_color(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    page.keyboard.press("l")
    for left, top, name in ((0.2, 0.7, "Coat"), (0.6, 0.12, "Pocket")):  # the second lies on the even wall
        right, bottom = left + 0.1, top + 0.2
        drag(page, [(left, top), (right, top), (right, bottom), (left, bottom), (left, top + 0.02)])
        page.locator(".bp-name").wait_for()
        page.locator(".bp-name").fill(name)
        page.keyboard.press("Enter")
        if name == "Coat":
            write(page, "#1f3a7a")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    tab(page, "Scene")
    r, _, b = pixel(page, 0.65, 0.22)
    assert b - r < 20
    page.get_by_role("combobox", name="Group of Pocket").select_option(label="Coat")
    becomes(page, (0.65, 0.22), lambda rgb: rgb[2] - rgb[0] > 40)


def test_work_survives_a_reload_and_goes_on_from_a_scene_and_a_zip(studio: Any, photo: Path, tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), (200, 30, 40)).save(tmp_path / "aunt Olha.png")
    page = studio()
    drop(page, photo)
    spotted(page, 0.4, 0.75)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a reference").click()
    chooser.value.set_files(str(tmp_path / "aunt Olha.png"))
    page.get_by_role("img", name="Reference aunt Olha.png").wait_for()
    scene, everything = saved(page, "scene", tmp_path), saved(page, "all", tmp_path)
    assert json.loads(scene.read_text(encoding="utf-8"))["photo"]["name"] == "grandmother.jpg"
    with zipfile.ZipFile(everything) as whole:
        assert sorted(whole.namelist()) == ["grandmother.color.jpg", "grandmother.jpg", "grandmother.scene.jsonld"]
        assert whole.read("grandmother.jpg") == photo.read_bytes()
        assert whole.read("grandmother.scene.jsonld") == scene.read_bytes()
    page.reload()
    colored(page)
    page.locator(".bm-point").wait_for()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.locator(".bm-point").wait_for(state="detached")
    other = studio()
    drop(other, photo)
    choose(other, [scene])
    other.locator(".bm-point").wait_for()
    other.get_by_role("img", name="Reference aunt Olha.png").wait_for()
    tab(other, "Scene")
    other.get_by_text("suggested").wait_for()
    third = studio()
    choose(third, [everything])
    third.locator(".bm-point").wait_for()
    third.get_by_role("img", name="Reference aunt Olha.png").wait_for()


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
    page.keyboard.press("Control+z")
    page.locator(".bm-point").wait_for(state="detached")
