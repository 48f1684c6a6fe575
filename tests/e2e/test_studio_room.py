"""A server that keeps few photos: those on the list that is looked at stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from studio_hands import choose, colored, until, wait_in_page
from studio_server import Server

_FEW = """
from barva.studio import settings
from barva.studio.sessions import store
store.IN_USE = 1.0
checked = settings.Settings.__post_init__
def few(self):
    checked(self)
    object.__setattr__(self, "max_sessions", 4)
settings.Settings.__post_init__ = few
"""
_LISTED = "(count) => document.querySelector('.b-photos-strip > [aria-posinset]')?.ariaSetSize === String(count)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    running = Server(tmp_path_factory.mktemp("studio"), prelude=_FEW)
    yield running
    running.stop()


def test_a_drop_is_refused_before_it_costs_a_photo_of_the_list(
    studio: Any, server: Any, photo: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / f"photo-{n}.jpg" for n in range(7)]
    for n, path in enumerate(paths):
        Image.open(photo).resize((96 + n, 96)).save(path)
    page = studio()
    choose(page, paths[:4])
    wait_in_page(page, _LISTED, arg=4, timeout=30_000)
    colored(page)
    kept = {folder.name for folder in (server.state / "sessions").iterdir()}
    page.wait_for_timeout(1500)
    choose(page, paths[4:])
    page.locator(".b-toast").get_by_text("your list already has all the photos that this server keeps").wait_for()
    until(lambda: all(path.name in page.locator(".b-toast").inner_text() for path in paths[4:]))
    assert {folder.name for folder in (server.state / "sessions").iterdir()} == kept
    wait_in_page(page, _LISTED, arg=4)
    page.reload()
    wait_in_page(page, _LISTED, arg=4)
