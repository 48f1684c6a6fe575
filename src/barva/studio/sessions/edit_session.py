"""`EditSession`: a session that is open in a page. It answers to changes of the document, the latest first and those
that came in between not at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import BarvaError, Message, WriteError
from barva.studio import faults
from barva.studio.api import responses
from barva.studio.service import Service
from barva.studio.sessions import select, wording
from barva.studio.sessions.database import MissingError
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.history import History
from barva.studio.sessions.session_files import SessionFiles
from barva.studio.sessions.stored_session import StoredSession

_log = logging.getLogger("barva.studio")
Plane = npt.NDArray[np.uint8]
Place = tuple[float, float]

BASE = 1_000_000
"""Pixels of the small whole that the page shows first."""

_SMALL = 60_000  # pixels of the picture that lists show


class EditSession:
    """What is shown (`version` counts), what is selected, and who is called at changes. Belongs to the event loop;
    what computes goes to the service's threads."""

    def __init__(self, service: Service, stored: StoredSession) -> None:
        self.service, self.stored = service, stored
        self.live = self.now
        self.version = 0
        self.trouble: Message | None = None
        self.notes: tuple[str, ...] = ()
        self.busy = False
        self.selection: Plane | None = None
        self.selected = ""
        self.listeners: list[Callable[[], None]] = []
        self._saying = asyncio.Lock()  # one text after the other
        self._remarks: tuple[Document, tuple[str, ...]] | None = None
        self.changed = 0.0  # when the history changed last, on the monotonic clock
        self._answered: Document | None = None
        self._failed = False  # what was answered is the one before

    @property
    def key(self) -> str:
        return self.stored.id

    @property
    def name(self) -> str:
        return self.stored.name

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the upright photo."""
        return self.stored.size

    @property
    def files(self) -> SessionFiles:
        return self.stored.files

    @property
    def history(self) -> History:
        return self.stored.history

    # ---- the document

    @property
    def now(self) -> Document:
        """The last state of the history."""
        return self.history.now

    def change(self, document: Document, final: bool = True) -> None:
        """Show a document; a final one is a step of the history. WriteError, MissingError, and the last state of the
        history is shown."""
        if final:
            try:
                self.history.add(document)
            except (WriteError, MissingError):
                self.live = self.now  # not what was tried on the way
                self.go()
                raise
            self.changed = time.monotonic()
        self.live = document
        self.go()

    def step(self, steps: int) -> None:
        """Undo and redo. WriteError, and nothing is changed."""
        if self.history.go(steps):
            self.live = self.now
            self.changed = time.monotonic()
            self.go()

    def put(self, document: Document) -> None:
        """Change the document as a step of the history, and answer only where somebody looks at it."""
        if self.listeners:
            self.change(document)
            return
        self.history.add(document)
        self.live = self.now

    def back(self, document: Document) -> None:
        """The state before the last one is `document`: return to it. Its small picture is out of date then."""
        if self.history.before != document:
            self.put(document)
        elif self.listeners:
            self.step(-1)
        else:
            self.history.go(-1)
            self.live = self.now
        if not self.listeners and self.files.thumb_of not in ("", self.now.digest()):
            self.files.forget_thumb()

    def go(self) -> None:
        """Answer what is wanted, unless that is under way or done."""
        self.notify()
        if not self.busy and self._answered != self.live:
            self.busy = True
            asyncio.get_running_loop().create_task(self._answering())

    async def _answering(self) -> None:
        try:
            while self._answered != self.live:
                wanted = self.live
                self.notify()
                self.trouble = await self._answer(wanted)
                self._failed = self.trouble is not None
                self._answered = wanted
                self.version += 1
        finally:
            self.busy = False
            self.notify()
        await self._keep_thumb()

    async def _answer(self, wanted: Document) -> Message | None:
        """Show a document; what is wrong with it, whatever that is: nobody waits for an answer that never comes."""
        try:
            self.notes = await self.service.click(partial(self._ask, wanted))
        except BarvaError as error:
            return error.message
        except Exception as error:
            _log.exception("a photo cannot be shown")
            return faults.message_of(error)
        return None

    async def _keep_thumb(self) -> None:
        """The small picture follows what is shown; it is not worth a complaint."""
        document = self.now
        if self._failed or self._answered != document or self.files.thumb_of == document.digest():
            return
        with contextlib.suppress(BarvaError):
            await self.service.click(partial(self._put_thumb, document))
            self.notify()

    def _put_thumb(self, document: Document) -> None:
        if not self.stored.photo.exists():  # it was deleted meanwhile
            return
        small = responses.picture(self.stored.live().preview(_SMALL))
        self.files.put_thumb(bytes(small.body), document.digest())

    def notify(self) -> None:
        """Let the pages know."""
        for listener in list(self.listeners):
            listener()

    def _ask(self, document: Document) -> tuple[str, ...]:
        return self.stored.show(document).notes

    async def suggest(self, at: Place, count: int = 9) -> list[dict[str, Any]]:
        """The likeliest colors of a place. UsageError for a method that does not know."""
        suggestions = await self.service.click(lambda: self.stored.live().suggest(at, count))
        return [{"hex": s.hex, "probability": round(s.probability, 3)} for s in suggestions]

    async def say(self, text: str) -> tuple[bool, tuple[str, ...]]:
        """Do what a text asks for, as one step of the history; whether something had to be done, and what was not
        certain. UsageError, WriteError, and nothing is changed."""
        async with self._saying:
            asked = await self.service.click(partial(wording.understand, self.stored, self.now, text))
            before, document = self.now, asked.apply_to(self.now)
            self._remarks = document, asked.notes
            self.put(document)
        return document != before, asked.notes

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes on the text that the document in force comes from, and the engine's on what is shown."""
        of_words = self._remarks[1] if self._remarks is not None and self._remarks[0] == self.now else ()
        return (*of_words, *self.notes)

    # ---- selections, which have a size of their own

    @property
    def selection_size(self) -> tuple[int, int]:
        return select.size(*self.size)

    async def grow(self, at: Place, reach: float, mode: select.Mode) -> Plane:
        """What a click at `at`, in the photo's pixels, selects, or adds to or takes off the selection."""
        old = self.selection

        def work() -> Plane:
            return select.grow(self.stored.live(), self.share(at), self.selection_size, reach, mode, old)

        return await self.service.click(work)

    def share(self, at: Place) -> Place:
        height, width = self.size
        return min(1.0, max(0.0, at[0] / width)), min(1.0, max(0.0, at[1] / height))

    def on_photo(self, at: Place) -> Place:
        """The nearest pixel of the photo."""
        height, width = self.size
        return min(max(at[0], 0.0), width - 1.0), min(max(at[1], 0.0), height - 1.0)

    @property
    def middle(self) -> Place:
        """Of the selection, in the photo's pixels. UsageError for an empty one."""
        assert self.selection is not None
        x, y = select.middle(self.selection)
        return round(x * self.size[1], 1), round(y * self.size[0], 1)

    @property
    def selection_box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the selection, in the photo's pixels. UsageError for an empty one."""
        assert self.selection is not None
        (left, top), (right, bottom) = select.corners(self.selection)
        (h, w) = self.size
        return round(left * w, 1), round(top * h, 1), round(right * w, 1), round(bottom * h, 1)

    def object(self, id: str, old: Item | None, color: str) -> Item:
        """The selection as an item; an `old` one keeps what else it was."""
        assert self.selection is not None
        item = old or Item(id, "object")
        return replace(item, color=color, at=self.middle, mask=self.files.put_mask(self.selection))


class EditSessions:
    """The open sessions of a server, the most recent last; those beyond `most` that nobody looks at are closed. Safe
    to use from several threads."""

    def __init__(self, service: Service, most: int = 64) -> None:
        self.service, self._most = service, most
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, EditSession] = OrderedDict()
        self.arrivals: dict[str, tuple[str, int]] = {}  # of photos that came together: the drop, and the place in it
        self.pages: list[tuple[str, Callable[[str], bool]]] = []
        """Open pages: whose, and whether a session is on the page's list."""

    def open(self, key: str) -> EditSession:
        """The one object of a session that is open. MissingError."""
        stored = self.service.store.get(key)
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                session = self._sessions[key] = EditSession(self.service, stored)
            session.stored = stored
            self._sessions.move_to_end(key)
            idle = [d for d in self._sessions.values() if not d.listeners and not d.busy and d is not session]
            for old in idle[: max(0, len(self._sessions) - self._most)]:
                self._sessions.pop(old.key)
        return session

    def in_use(self, key: str) -> bool:
        """Whether somebody looks at it, or it is at work."""
        session = self._sessions.get(key)
        return session is not None and (session.busy or bool(session.listeners))

    def on_list(self, key: str, owner: str) -> bool:
        """Whether it is on the list of a page that its visitor has open."""
        return any(whose == owner and lists(key) for whose, lists in tuple(self.pages))

    def close(self, key: str) -> None:
        with self._lock:
            self._sessions.pop(key, None)
        self.arrivals.pop(key, None)
