"""Many photos: the queue with progress, cancel and retry, and one scene for all."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from studio_hands import choose, colored, spotted, tab, wait_in_page


def states(page: Any, state: str, count: int) -> None:
    """Wait until so many photos are in a state."""
    wait_in_page(
        page,
        "([state, count]) => document.querySelectorAll(`[data-state=${state}]`).length === count",
        arg=[state, count],
        timeout=60_000,
    )


def test_one_scene_goes_to_all_and_all_come_as_a_zip(studio: Any, photo: Path, tmp_path: Path) -> None:
    copies = []
    for n in range(3):
        copies.append(tmp_path / f"photo-{n}.jpg")
        Image.open(photo).resize((384 - 96 * n, 384 - 96 * n)).save(copies[-1])
    page = studio()
    choose(page, copies)
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb').length === 3")
    wait_in_page(page, "() => document.querySelector('.b-title').innerText.startsWith('photo-')")
    colored(page)
    color = spotted(page, 0.4, 0.75)
    tab(page, "Photos")
    page.get_by_role("button", name="Apply this scene to all").click()
    page.get_by_role("button", name="Apply and color").click()
    states(page, "done", 3)
    page.get_by_text("3 of 3 finished").wait_for()
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb img[src*=\"?of=\"]').length === 3")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download finished").click()
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as whole:
        assert sorted(whole.namelist()) == [f"photo-{n}.color.jpg" for n in range(3)]
    for n in range(3):
        page.get_by_role("button", name=f"Show photo-{n}.jpg").click()
        wait_in_page(page, f"() => document.querySelector('.b-title').innerText.startsWith('photo-{n}')")
        page.locator(".bm-point").wait_for()
        said = str(page.locator(".bm-point").get_attribute("aria-label"))
        side = 384 - 96 * n
        x, y = (float(v) for v in said.split(", ")[2:])
        assert color in said and abs(x / side - 0.4) < 0.02 and abs(y / side - 0.75) < 0.02, "in proportion"
    page.get_by_role("button", name="Remove photo-1.jpg").click()
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb').length === 2")


def test_the_queue_is_stopped_and_tried_again(studio: Any, tmp_path: Path, astronaut: Any) -> None:
    paths = [tmp_path / f"scan-{n}.jpg" for n in range(4)]
    for path in paths:
        Image.fromarray(astronaut).convert("L").resize((4000, 3000), Image.Resampling.BILINEAR).save(path, quality=80)
    page = studio()
    choose(page, paths)
    wait_in_page(page, "() => document.querySelectorAll('.b-thumb').length === 4", timeout=30_000)
    colored(page)
    tab(page, "Photos")
    page.get_by_role("button", name="Color all").click()
    page.get_by_text("of 4 finished").wait_for()
    page.locator(".b-meter").wait_for()
    page.get_by_role("button", name="Cancel", exact=True).click()
    wait_in_page(
        page,
        "() => document.querySelectorAll('[data-state=waiting], [data-state=running]').length === 0",
        timeout=20_000,
    )
    stopped = page.locator("[data-state=cancelled]").count()
    if not stopped:
        pytest.skip("this machine colors four photos of 12 megapixels before a click arrives")
    page.get_by_role("button", name="Retry: ").first.click()
    states(page, "cancelled", stopped - 1)
    states(page, "done", 4 - stopped + 1)
