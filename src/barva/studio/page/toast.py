"""Short messages at the bottom of the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from barva.errors import BarvaError, WriteError
from barva.studio.locale.messages import Words
from barva.studio.page import controls as c

_OFFER = 30.0
"""Seconds to read what is wrong and to decide."""

_QUIET = 20.0
"""Seconds without news after which what was under way is not spoken of any more."""


class Toast:
    """Built where the page has it; shows one message at a time."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._element = c.tag("div", "b-toast", role="status", aria_live="polite")
        self._client = self._element.client
        self._owner: object = None
        self._followed = ""  # the text of what is under way and shown
        self._share: Element | None = None  # how much of it is done

    def clear(self) -> None:
        """Take the message away."""
        self._followed = ""
        self._element.clear()

    def say(self, text: str, seconds: float = 4.0, undo: Callable[[], Any] | None = None) -> None:
        """A short message at the bottom, perhaps with a button to undo what it tells of."""
        self._show(text, seconds, None if undo is None else (self.words("undo"), undo))

    def follow(self, text: str, share: float) -> None:
        """Say what is under way, and how much of it is done, 0..1. Screen readers hear the text alone, and once."""
        if text != self._followed or self._share is None:
            self._show(text, _QUIET, None)
            self._followed = text
            with self._element:
                self._share = c.tag("span", "b-share", aria_hidden="true")
        else:
            self._leave_after(_QUIET)
        c.fill(self._share, f"{round(100 * share)} %")

    def offer(self, problem: str, label: str, act: Callable[[], Any]) -> None:
        """Say what is wrong, with a button for what can be done instead."""
        self._show(self._text(problem), _OFFER, (label, act))

    def _show(self, text: str, seconds: float, button: tuple[str, Callable[[], Any]] | None) -> None:
        self.clear()
        with self._element:
            c.tag("span", "", text)
            if button is not None:
                c.button(*button, "b-toast-button")
        self._leave_after(seconds)

    def _leave_after(self, seconds: float) -> None:
        shown = self._owner = object()

        async def later() -> None:
            await asyncio.sleep(seconds)
            if self._owner is shown and not self._client._deleted:
                self.clear()

        asyncio.get_running_loop().create_task(later())

    def complain(self, error: BarvaError | str) -> None:
        """Say what is wrong; of what could not be written, that it is not saved."""
        text = self._text(error)
        self.say(text, max(8, len(text) / 12))  # seconds to read it

    def _text(self, error: BarvaError | str) -> str:
        key = "save.not" if isinstance(error, WriteError) else "trouble"
        return self.words(key, why=self.words.translate(error.message if isinstance(error, BarvaError) else error))
