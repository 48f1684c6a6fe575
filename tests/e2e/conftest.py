"""A real server and a real browser. Everything here is skipped where Playwright or Chromium is not installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studio_server import Server

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("nicegui")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("there is no Chromium", allow_module_level=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all files of a worker: each test is a visitor of its own."""
    running = Server(tmp_path_factory.mktemp("studio"))
    yield running
    running.stop()


@pytest.fixture(scope="module")  # its event loop would stand in the way of other files' tests
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def studio(server: Server, browser: Any) -> Iterator[Any]:
    """Opens the page in a fresh profile: `studio(width, height, **settings)` gives a page that fails its test on
    errors of scripts."""
    contexts, errors = [], []

    def opened(width: int = 1280, height: int = 800, **settings: Any) -> Any:
        settings.setdefault("locale", "en-GB")
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **settings)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server.address)
        page.wait_for_selector(".b-drop")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory, astronaut: Any) -> Path:
    """A gray JPEG of 384 px."""
    from PIL import Image

    path = tmp_path_factory.mktemp("photos") / "grandmother.jpg"
    Image.fromarray(astronaut).convert("L").resize((384, 384)).save(path, quality=92)
    return path
