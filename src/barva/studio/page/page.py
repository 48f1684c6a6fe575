"""The page: NiceGUI around the picture. One `Page` per window; what it shows is the session's, so that a window that is
opened again shows the same."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, ClassVar

from nicegui import ui

from barva.engine.render.preview import TILE
from barva.engine.render.pyramid import level_sizes
from barva.errors import BarvaError, WriteError
from barva.imaging import formats
from barva.methods import catalog
from barva.methods.base import MethodCard
from barva.studio.films.film import Film
from barva.studio.jobs import queue
from barva.studio.locale.messages import Words
from barva.studio.page import actions, picture
from barva.studio.page import controls as c
from barva.studio.page.dialogs import Dialogs
from barva.studio.page.filmstrip import Filmstrip
from barva.studio.page.inbox import Inbox
from barva.studio.page.notice import Notice
from barva.studio.page.panel import Panel
from barva.studio.page.photos import PhotoRows
from barva.studio.page.picture import Picture
from barva.studio.page.start import Start
from barva.studio.page.toolbar import Toolbar
from barva.studio.page.topbar import Topbar
from barva.studio.sessions import trash
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import BASE, EditSession
from barva.studio.sessions.visitors import VisitorSessions


class Page:
    """Builds the page, and carries between the session and the elements."""

    inbox: ClassVar = Inbox()

    def __init__(self, visitor: VisitorSessions, words: Words, theme: str = "auto", film: Film | None = None) -> None:
        """`film`: the visitor's photos are its key frames."""
        self.visitor, self.words, self.film = visitor, words, film
        self.session: EditSession | None = None
        self.confidence = False
        self.selection_shown = self.selecting = self.spotted = 0
        self.opened_film = ""  # the id of one that came in, shown once all that is on its way is there
        self.not_opened: queue.Wrong = []  # files that are on their way and those that failed: name, why
        self._undos: list[tuple[float, Callable[[], Any]]] = []
        self._toast_owner: object = None
        self._state = ""
        self.client = ui.context.client
        self.photos = PhotoRows(self)
        with ui.element("div").classes("b-app b-start") as self.app:
            self.bar = Topbar(self, theme)
            self.tools = Toolbar(self)
            with ui.element("div").classes("b-work"):
                self.picture = Picture(words, self._on_event)
                self.busy = c.tag("div", "b-busy", role="progressbar", aria_label=words("working"))
                self.state = c.tag("p", "b-unseen", role="status")
                with ui.element("div").classes("b-over"):
                    self.tools.build_options()
                    self.notice = Notice(self)
                self.hint = c.either("p", words("coach"), words("coach.touch"), "b-coach")
                self.hint.set_visibility(False)
                self.start = Start(self)
                self.toast = c.tag("div", "b-toast", role="status", aria_live="polite")
            self.panel = Panel(self)
            self.strip = Filmstrip(self)
        self.dialogs = Dialogs(self)
        self.tools.use("point")
        self.bar.look("after")
        self._on_list = visitor.owner, lambda key: key in self.photos.rows
        visitor.sessions.pages.append(self._on_list)
        self.client.on_delete(self._leave)

    @property
    def cards(self) -> tuple[MethodCard, ...]:
        """Of all methods that are installed."""
        return catalog.method_cards()

    def sheet(self) -> None:
        """The panel on narrow windows."""
        self.app.classes(toggle="b-open")

    def say(self, text: str, seconds: float = 4.0, undo: Callable[[], Any] | None = None) -> None:
        """A short message at the bottom, perhaps with a button to undo what it tells of."""
        self.toast.clear()
        with self.toast:
            c.tag("span", "", text)
            if undo is not None:
                c.button(self.words("undo"), undo, "b-toast-undo")
        shown = self._toast_owner = object()

        async def later() -> None:
            await asyncio.sleep(seconds)
            if self._toast_owner is shown and not self.client._deleted:
                self.toast.clear()

        asyncio.get_running_loop().create_task(later())

    def offer(self, text: str, undo: Callable[[], Any]) -> None:
        """Say what was done to the photos, and undo it by the button or by the next undo."""
        entry = time.monotonic(), undo
        self._undos.append(entry)

        async def back() -> None:
            if entry in self._undos:
                self._undos.remove(entry)
                await self._take_back(entry)

        self.say(text, 12, back)
        self._show_steps()

    async def _take_back(self, entry: tuple[float, Callable[[], Any]]) -> None:
        """Undo what `offer` told of; where that fails, it can be tried again."""
        self.toast.clear()
        with self.client:
            try:
                done = entry[1]()
                if asyncio.iscoroutine(done):
                    await done
            except WriteError as error:
                self._undos = sorted([*self._undos, entry], key=lambda e: e[0])
                self.complain(error)
            self._show_steps()

    def complain(self, error: BarvaError | str) -> None:
        """Say what is wrong; of what could not be written, that it is not saved."""
        key = "save.not" if isinstance(error, WriteError) else "trouble"
        why = self.words.translate(error.message if isinstance(error, BarvaError) else error)
        self.say(self.words(key, why=why), 8)

    def change(self, document: Document, final: bool = True) -> bool:
        """Show another document of the open photo, as `EditSession.change`; whether it could be kept. Every edit goes
        this way."""
        return self._kept(lambda session: session.change(document, final))

    def _kept(self, edit: Callable[[EditSession], object]) -> bool:
        """Do something with the history of the open photo. What could not be written is said, and the page
        shows what is in force."""
        if self.session is None:
            return False
        try:
            edit(self.session)
        except WriteError as error:
            self.complain(error)
            self.sync()
            self.picture.update()  # which has drawn the edit already
            return False
        return True

    def add_reference(self) -> None:
        """Have the person choose photos to take colors from."""
        if self.session is not None:
            self.picture.call("open", "reference", formats.accept(), True)

    async def _on_event(self, event: str, data: dict[str, Any]) -> None:
        """An event of the picture; edits come with a number, are done once and answered."""
        if event == "look":
            self.bar.look("after")
            return
        sender = data.pop("sender", None)
        if sender is None:
            await actions.perform(self, event, data)
            return
        if self.session is None or self.session.key != sender["work"]:
            return  # the window sends it again, or says that it is lost
        key, n = str(sender["from"]), int(sender["n"])
        state = self.inbox.take(key, n, int(sender["first"]))
        if state == "new":
            await actions.perform(self, event, data)
        if state != "early":
            self.picture.call("done", key, n)

    # ---- the open photo

    def show(self, key: str | None, all_photos: bool = False, went: bool = False) -> None:
        """Open a photo, or show the start page, or the page of all photos. `went`: the browser is there
        already."""
        if self.session is not None:
            self.session.listeners.remove(self.sync)
            self.session = None
        if key is not None:
            try:
                session = self.visitor.session(key)
                size = session.size
            except BarvaError as error:
                self.complain(error)
                key = None
        if key is None and self.film is not None:  # the start page has the visitor's own photos
            ui.navigate.to("/")
            return
        if key is None:
            self._show_start(all_photos, went)
            return
        self.session = session
        session.listeners.append(self.sync)
        self.app.classes(remove="b-start")
        self.start.show(False)
        photo, upload = _photo(key, *size) | {"version": session.version}, f"/studio/open?work={key}"
        self.picture.show(photo=photo, selection="", overlay="", marks=[], version=session.version, upload=upload)
        self.bar.title(session.name, f"{size[1]} × {size[0]}")
        self.strip.refresh()
        if not went:
            self.strip.list.call("go", "work", key, len(self.photos.rows) > 1)
        self.strip.list.call("title", f"{session.name} – Barva")
        self.tools.use(self.tools.tool)
        session.go()
        self.sync()

    def went(self, level: str, key: str) -> None:
        """Back or Forward was pressed. A photo that was removed meanwhile is not shown again."""
        exists = level == "work" and key in self.photos.rows
        self.show(key if exists else None, all_photos=level == "photos" or (level == "work" and not exists), went=True)

    def _show_start(self, all_photos: bool, went: bool) -> None:
        self.app.classes(add="b-start", remove="b-open")
        self.start.show(True, all_photos)
        self.notice.hide()
        self.bar.title("", "")
        self.picture.show(photo=None, marks=[], overlay="", selection="", version=0, upload="/studio/open?work=")
        self.tools.options.set_visibility(False)
        self.busy.set_visibility(False)
        self.hint.set_visibility(False)
        self.strip.sync()
        self._show_steps()
        if not went:
            self.strip.list.call("go", "photos" if all_photos else "start", "", False)
        self.strip.list.call("title", f"{self.words('tab.photos')} – Barva" if all_photos else "Barva")

    def sync(self) -> None:
        """Show what the session has, where it differs from what is shown."""
        session = self.session
        if session is None or self.client._deleted:
            return
        with self.client:
            self._show_state(session)
            document, journal = session.live, session.history
            self._show_steps()
            self.hint.set_visibility(session.version > 0 and len(journal.states) == 1)
            marks = picture.marks(self.words, document)
            overlay = f"/studio/{session.key}/unsure/{session.version}" if self.confidence and session.version else ""
            version = {"version": session.version} if session.version else {}
            bare = self.notice.sync(session)
            redraw = picture.why_no_redraw(self.words, self.cards, document.method)
            self.picture.show(marks=marks, recent=self.recent(), overlay=overlay, bare=bare, redraw=redraw, **version)
            self.panel.sync(session)
            self.strip.sync()

    def _show_state(self, session: EditSession) -> None:
        """Whether it is being colored, for eyes and for screen readers."""
        self.busy.set_visibility(session.busy)
        text = self.words("working") if session.busy else self.words("worked") if session.version else ""
        if text != self._state:
            self._state = text
            self.state.clear()
            if text:
                with self.state:
                    c.tag("span", "", text)

    def show_selection(self) -> None:
        """The selection's outline changed."""
        self.selection_shown += 1
        session = self.session
        selected = session is not None and session.selection is not None
        self.picture.show(
            selection=f"/studio/{session.key}/selection/{self.selection_shown}" if selected and session else ""
        )

    def deselect(self) -> None:
        """Nothing is selected, nor what grows just now."""
        self.selecting += 1
        if self.session is not None:
            self.session.selection = None
        self.show_selection()

    def recent(self) -> list[str]:
        """The colors used last, the newest first."""
        if self.session is None:
            return []
        colors = [i.color for i in reversed(self.session.now.items) if i.color.startswith("#")]
        return list(dict.fromkeys(colors))[:9]

    def _show_steps(self) -> None:
        """Whether there is something to undo and redo."""
        journal = self.session.history if self.session is not None else None
        undo = bool(self._undos) or (journal is not None and journal.can_undo)
        self.bar.steps(undo, journal is not None and journal.can_redo)

    async def step(self, steps: int) -> None:
        """Undo (-1) and redo (1): of what was done to the list of photos and to the open one, the last."""
        changed = self.session.changed if self.session is not None else 0.0
        if steps < 0 and self._undos and self._undos[-1][0] > changed:
            await self._take_back(self._undos.pop())
        elif self.session is not None:
            self.selecting += 1
            before = self.session.now.item(self.session.selected)
            if self._kept(lambda session: session.step(steps)):
                self._follow_selection(self.session, before)
                self.picture.call("stepped")

    def _follow_selection(self, session: EditSession, before: Item | None) -> None:
        """After a step of the history the selection is that of its object, which was `before`. One that is no object
        yet stays."""
        item = session.now.item(session.selected)
        if session.selection is None:
            return
        if item is not None and item.mask:
            session.selection = session.files.mask(item.mask).levels().copy()
            self.show_selection()
        elif before is not None:
            self.deselect()

    def _leave(self) -> None:
        if self.session is not None and self.sync in self.session.listeners:
            self.session.listeners.remove(self.sync)
        self.session = None
        if self._on_list in self.visitor.sessions.pages:
            self.visitor.sessions.pages.remove(self._on_list)
        if self.photos.removed:  # nothing brings them back any more
            with contextlib.suppress(BarvaError):
                trash.empty(self.visitor, self.photos.removed)


def _photo(key: str, height: int, width: int) -> dict[str, object]:
    """What the picture has to know of a photo: where its tiles are, and how it is divided."""
    base = min(1.0, (BASE / (width * height)) ** 0.5)
    return {
        "key": key, "address": f"/api/v1/sessions/{key}", "width": width, "height": height,
        "base": max(1, round(width * base)), "tile": TILE, "levels": len(level_sizes(height, width)),
    }  # fmt: skip
