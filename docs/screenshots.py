"""Screenshots of the studio's main states, for `docs/how-to/studio.md`.

    python docs/screenshots.py [FOLDER]

Needs Playwright and a Chromium (CHROMIUM names one). The pictures are the examples that scikit-image carries.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "studio"


def main(folder: Path = HERE) -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "barva", "studio", "--no-browser", "--port", "0", "--state", state]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stderr is not None
            address = server.stderr.readline().split()[0]
            with sync_playwright() as p:
                browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                _desktop(browser, address, folder)
                _methods(browser, address, folder, Path(state))
                _dark(browser, address, folder)
                _phone(browser, address, folder)
                _film(browser, address, folder, Path(state))
                browser.close()
            _pack(folder)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(15)


def _pack(folder: Path) -> None:
    """WebP is a fifth of PNG, and text stays sharp."""
    from PIL import Image

    for path in folder.glob("*.png"):
        Image.open(path).convert("RGB").save(path.with_suffix(".webp"), quality=90, method=6)
        path.unlink()


def _page(browser: Any, address: str, width: int, height: int, **settings: Any) -> Any:
    page = browser.new_context(viewport={"width": width, "height": height}, **settings).new_page()
    page.goto(address)
    page.wait_for_selector("[data-key=astronaut] img")
    page.wait_for_timeout(700)
    return page


def _open(page: Any, name: str) -> None:
    page.click(f"[data-key={name}]")
    _shown(page)


def _shown(page: Any) -> None:
    page.wait_for_function("() => Number(document.querySelector('.b-stage').dataset.shown) >= 1", timeout=40_000)
    page.wait_for_timeout(400)


def _click(page: Any, x: float, y: float) -> None:
    box = page.locator(".b-stage").bounding_box()
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def _take(page: Any, text: str) -> None:
    page.locator(".bp-grid button").first.wait_for()
    before = page.locator(".b-stage").get_attribute("data-shown")
    page.locator(".bp-hex").fill(text)
    page.keyboard.press("Enter")
    page.wait_for_function("(old) => document.querySelector('.b-stage').dataset.shown !== old", arg=before)
    page.wait_for_timeout(1200)


def _desktop(browser: Any, address: str, folder: Path) -> None:
    page = _page(browser, address, 1520, 950, locale="en-GB", color_scheme="light")
    page.screenshot(path=folder / "start.png")
    _open(page, "astronaut")
    _click(page, 0.43, 0.78)
    _take(page, "#c8692f")
    page.screenshot(path=folder / "point.png")
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    _click(page, 0.72, 0.13)
    page.locator(".bp-name").wait_for()
    page.locator(".bp-name").fill("Fuel tank")
    page.keyboard.press("Enter")
    _take(page, "#b0541c")
    page.wait_for_timeout(500)
    page.get_by_role("tab", name="Scene").click()
    page.get_by_role("button", name="New group").click()
    page.get_by_role("textbox", name="Name of Group 1").fill("Shuttle")
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Group of Fuel tank").select_option(label="Shuttle")
    page.wait_for_timeout(900)
    page.screenshot(path=folder / "object.png")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Color").click()
    page.get_by_role("button", name="Show six variants").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.b-variants img')].filter((i) => i.naturalWidth).length === 6",
        timeout=60_000,
    )
    page.keyboard.press("p")
    page.keyboard.press("c")
    page.wait_for_timeout(500)
    page.screenshot(path=folder / "compare.png")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(700)
    page.screenshot(path=folder / "save.png")
    page.context.close()


def _methods(browser: Any, address: str, folder: Path, state: Path) -> None:
    """Of a photo that has colors, so that there are scores."""
    import skimage.data
    from PIL import Image

    from barva.methods import catalog

    photo, half = state / "coffee.png", state / "left half.png"
    coffee = Image.fromarray(skimage.data.coffee())
    coffee.save(photo)
    coffee.crop((0, 0, coffee.width // 2, coffee.height)).save(half)
    page = _page(browser, address, 1440, 900, locale="en-GB", color_scheme="light")
    page.locator("input[type=file]").set_input_files(str(photo))
    _shown(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a reference").click()
    chooser.value.set_files(str(half))
    page.locator(".b-ref img").wait_for()
    page.get_by_role("button", name="Compare methods").click()
    wanted = ("guided", "regression", "references", "welsh")
    for card in catalog.method_cards():
        page.get_by_role("checkbox", name=f"({card.name})").set_checked(card.name in wanted)
    page.locator(".b-card .b-primary").click()
    done = f"() => document.querySelectorAll('.b-method .b-button').length === {len(wanted)}"
    page.wait_for_function(done, timeout=60_000)
    page.wait_for_timeout(600)
    page.screenshot(path=folder / "methods.png")
    page.context.close()


def _dark(browser: Any, address: str, folder: Path) -> None:
    page = _page(browser, address, 1440, 900, locale="uk-UA", color_scheme="dark")
    for name in ("coffee", "rocket", "chelsea"):
        _open(page, name)
        if name != "chelsea":
            page.locator(".b-brand").click()
            page.wait_for_timeout(500)
    page.locator("#b-tab-photos").click()
    page.locator(".b-panel .b-primary").click()
    page.wait_for_function("() => document.querySelectorAll('[data-state=done]').length === 3", timeout=60_000)
    _click(page, 0.52, 0.45)
    page.locator(".bp-grid button").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=folder / "dark.png")
    page.context.close()


def _film(browser: Any, address: str, folder: Path, state: Path) -> None:
    path = state / "newsreel.mp4"
    _write_film(path)
    page = _page(browser, address, 1520, 950, locale="en-GB", color_scheme="light")
    page.locator("input[type=file]").set_input_files(path)
    page.wait_for_url("**film=*")
    _shown(page)
    page.get_by_text("Shots: 4").wait_for()
    _click(page, 0.5, 0.75)
    _take(page, "#2f6b9a")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Color the film").click()
    page.get_by_text("Coloring the film: 3").wait_for(timeout=180_000)
    page.screenshot(path=folder / "film.png")
    page.context.close()


def _write_film(path: Path) -> None:
    """Pans over the examples, one a shot."""
    import av
    import cv2

    from barva.photos import NAMES, photo

    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 480, 360, "yuv420p"
        for name in NAMES:
            gray = cv2.cvtColor(photo(name), cv2.COLOR_RGB2GRAY)
            scale = max(400 / gray.shape[0], 540 / gray.shape[1])
            gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            for n in range(24):
                part = gray[n : n + 360, 2 * n : 2 * n + 480]
                out.mux(video.encode(av.VideoFrame.from_ndarray(part, format="gray").reformat(format="yuv420p")))
        out.mux(video.encode(None))


def _phone(browser: Any, address: str, folder: Path) -> None:
    page = _page(browser, address, 360, 740, locale="en-GB", has_touch=True, is_mobile=True, device_scale_factor=2)
    page.screenshot(path=folder / "phone-start.png")
    _open(page, "astronaut")
    page.screenshot(path=folder / "phone.png")
    _click(page, 0.4, 0.62)
    page.locator(".bp-grid button").first.wait_for()
    page.wait_for_timeout(600)
    page.screenshot(path=folder / "phone-point.png")
    page.context.close()


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:]))
