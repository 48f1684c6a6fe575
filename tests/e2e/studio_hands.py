"""What a person does in the studio, for the tests in the browser."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

_DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), data = new DataTransfer();
  data.items.add(new File([bytes], name));
  for (const type of ['dragenter', 'dragover', 'drop'])
    document.querySelector('.b-app').dispatchEvent(
      new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def drop(page: Any, path: Path) -> None:
    """Drop a file onto the page and wait until it is shown in colour."""
    page.evaluate(_DROP, [path.name, base64.b64encode(path.read_bytes()).decode()])
    colored(page)


def choose(page: Any, paths: list[Path]) -> None:
    """Choose files in the dialog."""
    page.locator("input[type=file]").set_input_files([str(p) for p in paths])


def shown(page: Any) -> int:
    """The version of the colours that are on the screen; 0 before there are any."""
    return int(page.locator(".b-stage").get_attribute("data-shown") or 0)


def colored(page: Any, version: int = 1) -> None:
    page.wait_for_function(
        f"() => Number(document.querySelector('.b-stage').dataset.shown) >= {version}", timeout=30_000
    )


def click(page: Any, x: float, y: float, **settings: Any) -> None:
    """Click at shares of the photo."""
    box = page.locator(".b-stage").bounding_box()
    side = min(box["width"], box["height"]) - 2 * (12 if min(box["width"], box["height"]) < 500 else 32)
    left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
    page.mouse.click(left + x * side, top + y * side, **settings)


def suggested(page: Any, n: int = 2) -> str:
    """Wait for the likely colours of the open popover and take the n-th."""
    swatch = page.locator(".bp-grid button").nth(n)
    swatch.wait_for()
    before = shown(page)
    color = str(swatch.get_attribute("aria-label")).split(",")[0]
    swatch.click()
    colored(page, before + 1)
    return color


def saved(page: Any, what: str, folder: Path) -> Path:
    """Save by the dialog; the file."""
    page.keyboard.press("Control+s")
    with page.expect_download() as waiting:
        page.locator(f"[data-save={what}]").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    page.keyboard.press("Escape")
    page.wait_for_selector(".q-dialog", state="detached")
    return path
