"""`Desk`: a work that is open. It answers to changes of the document, the latest first and the others not at all."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from barva.engine.colorizer import Colorizer
from barva.engine.live import Session
from barva.engine.result import Result
from barva.errors import BarvaError
from barva.studio import grow
from barva.studio.document import Document, Item
from barva.studio.work import Work

Plane = npt.NDArray[np.uint8]

BASE = 1_000_000
"""Pixels of the small whole that the page shows first."""

_colorizers: dict[str, Colorizer] = {}
_lock = threading.Lock()


def colorizer(method: str) -> Colorizer:
    """One for all desks: networks are loaded once. UsageError."""
    with _lock:
        if method not in _colorizers:
            _colorizers[method] = Colorizer(method)
        return _colorizers[method]


class Desk:
    """What is shown (`version` counts), what is selected, and who wants to hear of changes."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.live = work.journal.now
        self.version = 0
        self.trouble = ""
        self.notes: tuple[str, ...] = ()
        self.busy = False
        self.selection: Plane | None = None
        self.selected = ""
        self.listeners: list[Callable[[], None]] = []
        self.variants: list[Result] = []
        self._session: Session | None = None
        self._answered: Document | None = None
        self._lock = threading.RLock()

    # ---- the document

    @property
    def now(self) -> Document:
        return self.work.journal.now

    def change(self, document: Document, final: bool = True) -> None:
        """Show a document; a final one is a step of the history."""
        self.live = document
        if final:
            self.work.journal.add(document)
        self._go()

    def step(self, steps: int) -> None:
        """Undo and redo."""
        if self.work.journal.go(steps):
            self.live = self.now
            self._go()

    def _go(self) -> None:
        self.tell()
        if not self.busy:
            self.busy = True
            asyncio.get_running_loop().create_task(self._answering())

    def start(self) -> None:
        """Colour it, unless that is done already."""
        if self._answered is None and not self.busy:
            self._go()

    async def _answering(self) -> None:
        """Answer until what is shown is what is wanted; what came in between is left out."""
        try:
            while self._answered != self.live:
                wanted = self.live
                self.tell()
                try:
                    self.notes = await asyncio.to_thread(self._ask, wanted)
                    self.trouble = ""
                except BarvaError as error:
                    self.trouble = str(error)
                self._answered = wanted
                self.version += 1
        finally:
            self.busy = False
        self.tell()

    def tell(self) -> None:
        """Let the pages know."""
        for listener in list(self.listeners):
            listener()

    # ---- the engine; these run in threads

    def session(self, document: Document | None = None) -> Session:
        """The live session of the document's method. BarvaError."""
        document = document or self.live
        with self._lock:
            if self._session is None or self._session.colorizer.card.name != document.method:
                made = Session(colorizer(document.method), self.work.photo)
                if self._session is not None:
                    self._session.close()
                self._session, self._referred = made, None
            if self._referred != (document.references, document.palette):
                self._session.refer([self.work.reference(key) for key in document.references])
                self._referred = document.references, document.palette
            return self._session

    _referred: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def _ask(self, document: Document) -> tuple[str, ...]:
        with self._lock:
            session = self.session(document)
            result = session.ask(
                document.guidance(self.work.mask), vividness=document.vividness, variant=document.variant
            )
            return result.notes

    def ready(self) -> Session:
        """The session, asked at least once."""
        with self._lock:
            if self._answered is None:
                self._ask(self.live)
                self._answered = self.live
            return self.session(self._answered)

    def result(self) -> Result:
        """The answer to the last state of the history. BarvaError."""
        with self._lock:
            if self._answered != self.now:
                self._ask(self.now)
                self._answered = self.now
            return self.session(self.now).result

    def forget(self) -> None:
        """Let go of memory; everything comes back when it is asked for."""
        with self._lock:
            if self._session is not None:
                self._session.close()
            self._session, self._answered, self.variants = None, None, []
            self.work.__dict__.pop("photo", None)

    # ---- selections

    @property
    def selection_size(self) -> tuple[int, int]:
        return grow.size(self.work.photo.height, self.work.photo.width)

    def grow(self, at: tuple[float, float], reach: float) -> Plane:
        """A selection from a click at `at`, in the photo's pixels."""
        session = self.ready()
        return grow.grow(session.preview(400_000), self.share(at), self.selection_size, reach)

    def share(self, at: tuple[float, float]) -> tuple[float, float]:
        photo = self.work.photo
        return min(1.0, max(0.0, at[0] / photo.width)), min(1.0, max(0.0, at[1] / photo.height))

    def object(self, id: str, old: Item | None, color: str) -> Item:
        """The selection as an item, or an item with another selection. UsageError for an empty one."""
        assert self.selection is not None
        x, y = grow.middle(self.selection)
        place = round(x * self.work.photo.width, 1), round(y * self.work.photo.height, 1)
        key = self.work.put_mask(self.selection)
        name = old.name if old else ""
        parent = old.parent if old else ""
        return Item(id, "object", color, name, parent, at=place, mask=key)


class Desks:
    """The open desks of a server, the most recent first; those beyond `most` let go of their memory."""

    def __init__(self, most: int = 6) -> None:
        self._most = most
        self._desks: OrderedDict[Path, Desk] = OrderedDict()

    def open(self, work: Work) -> Desk:
        """The one desk of a work."""
        desk = self._desks.get(work.folder)
        if desk is None:
            desk = self._desks[work.folder] = Desk(work)
        self._desks.move_to_end(work.folder)
        for old in list(self._desks.values())[: -self._most]:
            if not old.listeners and not old.busy:
                old.forget()
                self._desks.pop(old.work.folder)
        return desk

    def at(self, folder: Path) -> Desk | None:
        return self._desks.get(folder)

    def close(self, desk: Desk) -> None:
        self._desks.pop(desk.work.folder, None)
