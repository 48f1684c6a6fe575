"""The page: NiceGUI around the picture. One `Page` per window; what it shows is the session's, so that a window that is
opened again shows the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, ClassVar

from nicegui import ui

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
from barva.studio.page.steps import Steps
from barva.studio.page.toast import Toast
from barva.studio.page.toolbar import Toolbar
from barva.studio.page.topbar import Topbar
from barva.studio.sessions import trash
from barva.studio.sessions.database import MissingError
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession
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
        self._state = ""
        self.client = ui.context.client
        self.photos = PhotoRows(self)
        self.steps = Steps(self)
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
                self.toast = Toast(words)
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

    def change(self, document: Document, final: bool = True) -> bool:
        """Show another document of the open photo, as `EditSession.change`; whether it could be kept. Every edit goes
        this way."""
        return self.keep(lambda session: session.change(document, final))

    def keep(self, edit: Callable[[EditSession], object]) -> bool:
        """Do something with the history of the open photo. What could not be written is said, and the page
        shows what is in force."""
        if self.session is None:
            return False
        try:
            edit(self.session)
        except (WriteError, MissingError) as error:
            self.toast.complain(error)
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
                self.toast.complain(error)
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
        photo, upload = picture.photo(key, *size) | {"version": session.version}, f"/studio/open?work={key}"
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
        self.steps.show()
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
            self.steps.show()
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

    def recent(self) -> list[dict[str, str]]:
        """The colors used last, the newest first: `hex`, and `name` for people."""
        if self.session is None:
            return []
        colors = [i.color for i in reversed(self.session.now.items) if i.color.startswith("#")]
        return [{"hex": color, "name": self.words.color(color)} for color in list(dict.fromkeys(colors))[:9]]

    def _leave(self) -> None:
        if self.session is not None and self.sync in self.session.listeners:
            self.session.listeners.remove(self.sync)
        self.session = None
        if self._on_list in self.visitor.sessions.pages:
            self.visitor.sessions.pages.remove(self._on_list)
        if self.photos.removed:  # nothing brings them back any more
            with contextlib.suppress(BarvaError):
                trash.empty(self.visitor, self.photos.removed)
