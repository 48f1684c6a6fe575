"""A selection that grows slowly: the last click counts, and the photo that it was made on."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from barva.studio.page import actions
from barva.studio.sessions.document import Document


class EditSession:
    """Grows when it is told to."""

    size = selection_size = 4, 4
    busy, selection, selected, middle = False, None, "", (1.0, 1.0)
    selection_box = (0.0, 0.0, 1.0, 1.0)
    now = Document()

    def __init__(self) -> None:
        self.growing: list[asyncio.Future[Any]] = []

    async def grow(self, at: tuple[float, float], reach: float, mode: str) -> Any:
        self.growing.append(asyncio.get_running_loop().create_future())
        return await self.growing[-1]


class Page:
    """What `actions` need of one, and what it was told."""

    def __init__(self) -> None:
        self.session: Any = EditSession()
        self.selecting, self.notes, self.shown = 0, list[str](), [False]
        self.tools = SimpleNamespace(reach=1.0)
        self.busy = SimpleNamespace(set_visibility=self.shown.append)
        self.picture = SimpleNamespace(call=lambda name, about: self.notes.append(name))
        self.toast = SimpleNamespace(complain=lambda error: self.notes.append(str(error)))

    def show_selection(self) -> None:
        self.notes.append("selection")


async def clicked(page: Page, mode: str = "new") -> asyncio.Task[None]:
    data = {"op": "grow", "mode": mode, "at": [1, 1]}
    task = asyncio.get_running_loop().create_task(actions.perform(page, "region", data))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    return task


def _plane(level: int) -> Any:
    return np.full((4, 4), level, np.uint8)


def test_the_last_of_two_clicks_counts_whatever_takes_longer() -> None:
    async def story() -> None:
        page = Page()
        first, second = await clicked(page), await clicked(page)
        page.session.growing[1].set_result(_plane(200))
        await second
        page.session.growing[0].set_result(_plane(100))
        await first
        assert page.session.selection[0, 0] == 200 and page.notes == ["selection", "selected"]

    asyncio.run(story())


def test_both_of_two_clicks_that_add_count() -> None:
    async def story() -> None:
        page = Page()
        page.session.selection = _plane(10)
        tasks = [await clicked(page, "add"), await clicked(page, "add")]
        page.session.growing[1].set_result(_plane(100))
        page.session.growing[0].set_result(_plane(200))
        await asyncio.gather(*tasks)
        assert page.session.selection[0, 0] == 200 and page.notes.count("selected") == 2

    asyncio.run(story())


@pytest.mark.parametrize("there", [True, False], ids=["another photo", "the start page"])
def test_a_selection_is_not_shown_on_another_photo(there: bool) -> None:
    async def story() -> None:
        page = Page()
        old, task = page.session, await clicked(page)
        page.session = EditSession() if there else None
        old.growing[0].set_result(_plane(100))
        await task
        assert not page.notes and not page.shown[-1]
        assert page.session is None or page.session.selection is None

    asyncio.run(story())


def test_after_an_error_nothing_is_busy() -> None:
    from barva.errors import UsageError

    async def story() -> None:
        page = Page()
        task = await clicked(page)
        assert page.shown[-1]
        page.session.growing[0].set_exception(UsageError("it does not grow"))
        await task
        assert page.notes == ["it does not grow"] and not page.shown[-1]

    asyncio.run(story())
