"""Short messages at the bottom of the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from barva.errors import BarvaError, WriteError
from barva.studio.locale.messages import Words
from barva.studio.page import controls as c


class Toast:
    """Built where the page has it; shows one message at a time."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._element = c.tag("div", "b-toast", role="status", aria_live="polite")
        self._client = self._element.client
        self._owner: object = None

    def clear(self) -> None:
        """Take the message away."""
        self._element.clear()

    def say(self, text: str, seconds: float = 4.0, undo: Callable[[], Any] | None = None) -> None:
        """A short message at the bottom, perhaps with a button to undo what it tells of."""
        self.clear()
        with self._element:
            c.tag("span", "", text)
            if undo is not None:
                c.button(self.words("undo"), undo, "b-toast-undo")
        shown = self._owner = object()

        async def later() -> None:
            await asyncio.sleep(seconds)
            if self._owner is shown and not self._client._deleted:
                self.clear()

        asyncio.get_running_loop().create_task(later())

    def complain(self, error: BarvaError | str) -> None:
        """Say what is wrong; of what could not be written, that it is not saved."""
        key = "save.not" if isinstance(error, WriteError) else "trouble"
        why = self.words.translate(error.message if isinstance(error, BarvaError) else error)
        text = self.words(key, why=why)
        self.say(text, max(8, len(text) / 12))  # seconds to read it
