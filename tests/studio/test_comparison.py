"""Methods side by side, without a browser."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from unittest.mock import MagicMock, patch

import pytest

pytest.importorskip("nicegui")

from barva.studio.page import compare
from barva.studio.page import controls as c


@pytest.fixture
def comparison() -> compare.Comparison:
    """Of two methods; what is asked is in `asked`, what is shown in `shown`, and whether the button can be pressed."""
    made = compare.Comparison.__new__(compare.Comparison)
    made.asked, made.shown, made.pressable = [], [], []  # type: ignore[attr-defined]
    made._runs, made.wanted, made.grid = 0, {"guided": True, "levin": True, "gan": False}, MagicMock(is_deleted=False)
    made.button, made.page = MagicMock(), SimpleNamespace(words=MagicMock())  # type: ignore[assignment]
    made._cell = lambda name: name  # type: ignore[assignment, method-assign, return-value]
    made._about = lambda side, seconds: ""  # type: ignore[method-assign]
    made._fill = lambda cell, *rest: made.shown.append(cell)  # type: ignore[attr-defined, method-assign]

    async def paint(name: str) -> compare.Side:
        made.asked.append(name)  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        return compare.Side("data:", None)

    made._paint = paint  # type: ignore[method-assign, assignment]
    return made


def run(comparison: compare.Comparison, *meanwhile: object) -> None:
    """Press the button, and do something while the first method is asked."""

    async def story() -> None:
        first = asyncio.create_task(comparison.run())
        await asyncio.sleep(0)
        for work in meanwhile:
            await work()  # type: ignore[operator]
        await first

    with patch.object(c, "enable", lambda _, yes: comparison.pressable.append(yes)):  # type: ignore[attr-defined]
        asyncio.run(story())


def test_the_button_waits_for_all_methods(comparison: compare.Comparison) -> None:
    run(comparison)
    assert comparison.shown == comparison.asked == ["guided", "levin"]  # type: ignore[attr-defined]
    assert comparison.pressable == [False, True]  # type: ignore[attr-defined]


def test_a_closed_dialog_asks_no_more(comparison: compare.Comparison) -> None:
    async def close() -> None:
        comparison.grid.is_deleted = True  # type: ignore[misc]

    run(comparison, close)
    assert comparison.asked == ["guided"] and not comparison.shown  # type: ignore[attr-defined]


def test_a_second_press_takes_the_place_of_the_first(comparison: compare.Comparison) -> None:
    run(comparison, comparison.run)
    assert comparison.asked == ["guided", "guided", "levin"]  # type: ignore[attr-defined]
    assert comparison.shown == ["guided", "levin"]  # type: ignore[attr-defined]
