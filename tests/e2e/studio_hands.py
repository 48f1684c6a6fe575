"""What a person does in the studio, for the tests in the browser."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_EVENT = """([names, texts, how]) => {
  const data = new DataTransfer();
  names.forEach((name, i) => data.items.add(new File([Uint8Array.from(atob(texts[i]), (c) => c.charCodeAt(0))], name)));
  const on = document.querySelector('.b-app'), more = {bubbles: true, cancelable: true};
  if (how === 'paste') return on.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, ...more}));
  for (const type of ['dragenter', 'dragover', 'drop'])
    on.dispatchEvent(new DragEvent(type, {dataTransfer: data, ...more}));
}"""
_PAINT = """(n) => {
  const rgb = document.querySelectorAll('.bm-point')[n].style.backgroundColor.match(/\\d+/g);
  return '#' + rgb.map((v) => Number(v).toString(16).padStart(2, '0')).join('');
}"""
_PIXEL = """([x, y]) => {
  const canvas = document.querySelector('.b-canvas'), box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const [left, top] = [(x - box.left) * ratio, (y - box.top) * ratio].map(Math.round);
  return [...canvas.getContext('2d').getImageData(left, top, 1, 1).data].slice(0, 3);
}"""


def give(page: Any, paths: Sequence[Path], how: str = "drop") -> None:
    """Drop or paste files."""
    texts = [base64.b64encode(path.read_bytes()).decode() for path in paths]
    page.evaluate(_EVENT, [[path.name for path in paths], texts, how])


def drop(page: Any, path: Path) -> None:
    """Drop a file onto the page and wait until it is shown in color."""
    give(page, [path])
    colored(page)


def choose(page: Any, paths: Sequence[Path]) -> None:
    """Choose files in the dialog."""
    page.locator("input[type=file]").set_input_files([str(p) for p in paths])


def shown(page: Any) -> int:
    """The version of the colors that are on the screen; 0 before there are any."""
    return int(page.locator(".b-stage").get_attribute("data-shown") or 0)


def wait_in_page(page: Any, condition: str, arg: Any = None, timeout: float | None = None) -> None:
    """Wait until a function of the page's JavaScript holds.

    What it looks at may not be there yet, just after the page was loaded: then it does not hold yet.
    """
    page.wait_for_function(
        f"""(arg) => {{
          try {{ return ({condition})(arg); }}
          catch (error) {{ if (error instanceof TypeError) return false; throw error; }}
        }}""",
        arg=arg,
        timeout=timeout,
    )


def colored(page: Any, version: int = 1) -> None:
    wait_in_page(page, f"() => Number(document.querySelector('.b-stage').dataset.shown) >= {version}", timeout=30_000)


def lies(page: Any) -> tuple[float, float, float, float]:
    """Where the photo lies in the window: left, top, width, height in CSS pixels."""
    stage = page.locator(".b-stage").bounding_box()
    left, top, width, height = map(float, page.locator(".b-stage").get_attribute("data-box").split())
    return stage["x"] + left, stage["y"] + top, width, height


def at(page: Any, x: float, y: float) -> tuple[float, float]:
    """A place of the photo, in shares, as CSS pixels of the window."""
    left, top, width, height = lies(page)
    return left + x * width, top + y * height


def click(page: Any, x: float, y: float, **settings: Any) -> None:
    """Click at shares of the photo."""
    page.mouse.click(*at(page, x, y), **settings)


def drag(page: Any, places: Sequence[tuple[float, float]], steps: int = 4) -> None:
    """Drag along shares of the photo."""
    points = [at(page, *place) for place in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=steps)
    page.mouse.up()


def pixel(page: Any, x: float, y: float) -> tuple[int, int, int]:
    """The color that the screen shows at shares of the photo, 0..255."""
    r, g, b = page.evaluate(_PIXEL, list(at(page, x, y)))
    return r, g, b


def becomes(page: Any, place: tuple[float, float], holds: Callable[[tuple[int, int, int]], bool]) -> None:
    """Wait until the color on the screen is so. Needed where it is not known how many answers are still to come."""
    found = pixel(page, *place)
    for _ in range(200):
        if holds(found):
            return
        page.wait_for_timeout(50)
        found = pixel(page, *place)
    raise AssertionError(f"the screen shows {found} at {place}")


def until(holds: Callable[[], bool], what: str = "") -> None:
    """Wait until something is so: the page shows an answer of the server a little after it came."""
    for _ in range(100):
        if holds():
            return
        time.sleep(0.05)
    assert holds(), what


def spread(rgb: tuple[int, int, int]) -> int:
    """How far a color is from gray, 0..255."""
    return max(rgb) - min(rgb)


def suggested(page: Any, n: int = 2) -> str:
    """Wait for the likely colors of the open popover and take the n-th."""
    swatch = page.locator(".bp-grid button").nth(n)
    swatch.wait_for()
    before = shown(page)
    color = str(swatch.get_attribute("aria-label")).split(",")[0]
    swatch.click()
    colored(page, before + 1)
    return color


def spotted(page: Any, x: float, y: float) -> str:
    """Mark a spot with one of its likely colors and close the popover; which color."""
    click(page, x, y)
    color = suggested(page)
    page.keyboard.press("Escape")
    return color


def write(page: Any, text: str) -> None:
    """Write a color into the open popover and wait until the picture has it."""
    before = shown(page)
    page.locator(".bp-hex").fill(text)
    page.keyboard.press("Enter")
    colored(page, before + 1)


def label(page: Any, n: int = 0) -> str:
    """What a screen reader says of a mark. It says #rrggbb until the server has named the color."""
    wait_in_page(page, "(n) => !document.querySelectorAll('.bm-point')[n].ariaLabel.includes('#')", arg=n)
    return str(page.locator(".bm-point").nth(n).get_attribute("aria-label"))


def paint(page: Any, n: int = 0) -> str:
    """The color of a mark, #rrggbb."""
    return str(page.evaluate(_PAINT, n))


def painted(page: Any, wanted: str, n: int = 0) -> None:
    """Wait until a mark has a color like this, a pattern for #rrggbb."""
    wait_in_page(page, f"([wanted, n]) => new RegExp(wanted).test(({_PAINT})(n))", [wanted, n])


def relabelled(page: Any, before: str) -> str:
    """Wait until the first mark is called something else, and no longer changes; what."""
    wait_in_page(page, "(old) => document.querySelector('.bm-point')?.ariaLabel !== old", arg=before)
    now = ""
    while now != label(page):
        now = label(page)
        page.wait_for_timeout(200)
    return now


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def saved(page: Any, what: str, folder: Path, format: str = "") -> Path:
    """Save by the dialog; the file."""
    page.keyboard.press("Control+s")
    link = page.locator(f"[data-save={what}]")
    if format:
        page.locator(".b-card select").select_option(format)
        page.locator(f"[data-save={what}][href$='{format}']").wait_for()
    with page.expect_download() as waiting:
        link.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    page.keyboard.press("Escape")
    page.wait_for_selector(".q-dialog", state="detached")
    return path
