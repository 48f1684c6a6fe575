"""The page gets by with what its own server has, and fetches nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image
from studio_hands import drop, saved, spotted, tab

_FOREIGN = """() => new Promise((done) => {
  addEventListener('securitypolicyviolation', (e) => done(e.blockedURI), {once: true});
  document.querySelector('.b-app').style.background = 'url(https://x.example/p.png)';
})"""
_DRAWN = """async () => {
  const image = new Image(), canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  image.src = canvas.toDataURL();
  await image.decode();
}"""


def test_all_that_the_page_does_is_allowed_and_nothing_foreign(studio: Any, photo: Path, tmp_path: Path) -> None:
    page = studio()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.reload()
    page.wait_for_selector(".b-drop")
    drop(page, photo)
    spotted(page, 0.4, 0.75)
    page.get_by_label("Show where it is unsure").check()
    tab(page, "Scene")
    page.locator(".b-node").wait_for()
    assert Image.open(saved(page, "photo", tmp_path)).size == (384, 384)
    page.evaluate(_DRAWN)
    assert not [text for text in said if "Content Security Policy" in text]
    assert "x.example" in page.evaluate(_FOREIGN)
