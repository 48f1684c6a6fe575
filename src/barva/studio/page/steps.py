"""Undo and redo: of what was done to the open photo, and to the list of photos."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from barva.errors import WriteError
from barva.studio.sessions.document import Item
from barva.studio.sessions.edit_session import EditSession

if TYPE_CHECKING:
    from barva.studio.page.page import Page


class Steps:
    """The open photo has its history in its session; what was done to the list of photos waits here, with its time."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._undos: list[tuple[float, Callable[[], Any]]] = []

    def show(self) -> None:
        """Whether there is something to undo and redo."""
        journal = self.page.session.history if self.page.session is not None else None
        undo = bool(self._undos) or (journal is not None and journal.can_undo)
        self.page.bar.steps(undo, journal is not None and journal.can_redo)

    def offer(self, text: str, undo: Callable[[], Any]) -> None:
        """Say what was done to the photos, and undo it by the button or by the next undo."""
        entry = time.monotonic(), undo
        self._undos.append(entry)

        async def back() -> None:
            if entry in self._undos:
                self._undos.remove(entry)
                await self._take_back(entry)

        self.page.toast.say(text, 12, back)
        self.show()

    async def _take_back(self, entry: tuple[float, Callable[[], Any]]) -> None:
        """Undo what `offer` told of; where that fails, it can be tried again."""
        self.page.toast.clear()
        with self.page.client:
            try:
                done = entry[1]()
                if asyncio.iscoroutine(done):
                    await done
            except WriteError as error:
                self._undos = sorted([*self._undos, entry], key=lambda e: e[0])
                self.page.toast.complain(error)
            self.show()

    async def go(self, steps: int) -> None:
        """Undo (-1) and redo (1): of what was done to the list of photos and to the open one, the last."""
        page, session = self.page, self.page.session
        changed = session.changed if session is not None else 0.0
        if steps < 0 and self._undos and self._undos[-1][0] > changed:
            await self._take_back(self._undos.pop())
        elif session is not None:
            page.selecting += 1
            before = session.now.item(session.selected)
            if page.keep(lambda session: session.step(steps)):
                self._follow_selection(session, before)
                page.picture.call("stepped")

    def _follow_selection(self, session: EditSession, before: Item | None) -> None:
        """After a step of the history the selection is that of its object, which was `before`. One that is no object
        yet stays."""
        item = session.now.item(session.selected)
        if session.selection is None:
            return
        if item is not None and item.mask:
            session.selection = session.files.mask(item.mask).levels().copy()
            self.page.show_selection()
        elif before is not None:
            self.page.deselect()
