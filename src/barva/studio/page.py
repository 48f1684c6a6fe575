"""The page: NiceGUI around the picture. One `Page` per window; what it shows is the desk's, so that a window that is
opened again shows the same."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from nicegui import ui

from barva.engine.live import TILE
from barva.engine.pyramid import level_sizes
from barva.errors import BarvaError
from barva.methods import catalog
from barva.methods.base import MethodCard
from barva.studio import actions, picture
from barva.studio import controls as c
from barva.studio.bar import Bar
from barva.studio.desk import BASE, Desk
from barva.studio.dialogs import Dialogs
from barva.studio.inbox import Inbox
from barva.studio.messages import Words
from barva.studio.notice import Notice
from barva.studio.panel import Panel
from barva.studio.picture import Picture
from barva.studio.start import Start
from barva.studio.strip import Strip
from barva.studio.toolbar import Toolbar
from barva.studio.visitors import Shelf


class Page:
    """Builds the page, and carries between the desk and the elements."""

    inbox: ClassVar = Inbox()

    def __init__(self, shelf: Shelf, words: Words, theme: str = "auto") -> None:
        self.shelf, self.words = shelf, words
        self.desk: Desk | None = None
        self.confidence = False
        self.selection_shown = self.selecting = self.spotted = 0
        self._said: object = None
        self._state = ""
        self.client = ui.context.client
        with ui.element("div").classes("b-app b-start") as self.app:
            self.bar = Bar(self, theme)
            self.tools = Toolbar(self)
            with ui.element("div").classes("b-work"):
                self.picture = Picture(words, self._heard)
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
            self.strip = Strip(self)
        self.dialogs = Dialogs(self)
        self.tools.use("point")
        self.bar.look("after")
        self.client.on_delete(self._leave)

    @property
    def cards(self) -> tuple[MethodCard, ...]:
        """Of all methods that are installed."""
        return catalog.method_cards()

    def sheet(self) -> None:
        """The panel on narrow windows."""
        self.app.classes(toggle="b-open")

    def say(self, text: str, seconds: float = 4.0) -> None:
        """A short message at the bottom."""
        self.toast.clear()
        with self.toast:
            c.tag("span", "", text)
        shown = self._said = object()

        async def later() -> None:
            await asyncio.sleep(seconds)
            if self._said is shown and not self.client._deleted:
                self.toast.clear()

        asyncio.get_running_loop().create_task(later())

    def complain(self, error: object) -> None:
        """Say what is wrong."""
        self.say(self.words("trouble", why=self.words.said(str(error))), 8)

    def add_reference(self) -> None:
        """Have the person choose photos to take colors from."""
        if self.desk is not None:
            self.picture.call("open", "reference", "image/*,.tif,.tiff,.avif", True)

    async def _heard(self, event: str, data: dict[str, Any]) -> None:
        """An event of the picture; edits come with a number, are done once and answered."""
        if event == "look":
            self.bar.look("after")
            return
        sender = data.pop("sender", None)
        if sender is None:
            await actions.heard(self, event, data)
            return
        if self.desk is None or self.desk.key != sender["work"]:
            return  # the window sends it again, or says that it is lost
        key, n = str(sender["from"]), int(sender["n"])
        state = self.inbox.take(key, n, int(sender["first"]))
        if state == "new":
            await actions.heard(self, event, data)
        if state != "early":
            self.picture.call("done", key, n)

    # ---- the desk

    def show(self, key: str | None) -> None:
        """Put a work on the desk, or the start page."""
        if self.desk is not None:
            self.desk.listeners.remove(self.sync)
            self.desk = None
        if key is not None:
            try:
                desk = self.shelf.desk(key)
                size = desk.size
            except BarvaError as error:
                self.complain(error)
                key = None
        if key is None:
            self._show_start()
            return
        self.desk = desk
        desk.listeners.append(self.sync)
        self.app.classes(remove="b-start")
        self.start.show(False)
        photo, upload = _photo(key, *size) | {"version": desk.version}, f"/studio/open?work={key}"
        self.picture.show(photo=photo, selection="", overlay="", marks=[], version=desk.version, upload=upload)
        self.bar.title(desk.name, f"{size[1]} × {size[0]}")
        ui.run_javascript(f"history.replaceState(null, '', '/?work={key}')")
        self.tools.use(self.tools.tool)
        desk.go()
        self.strip.refresh()
        self.sync()

    def _show_start(self) -> None:
        self.app.classes(add="b-start", remove="b-open")
        self.start.show(True)
        self.notice.hide()
        self.bar.title("", "")
        self.picture.show(photo=None, marks=[], overlay="", selection="", version=0, upload="/studio/open?work=")
        self.tools.options.set_visibility(False)
        self.busy.set_visibility(False)
        self.hint.set_visibility(False)
        ui.run_javascript("history.replaceState(null, '', '/')")

    def sync(self) -> None:
        """Show what the desk has, where it differs from what is shown."""
        desk = self.desk
        if desk is None or self.client._deleted:
            return
        with self.client:
            self._tell_state(desk)
            document, journal = desk.live, desk.drawer.journal
            self.bar.steps(journal.can_undo, journal.can_redo)
            self.hint.set_visibility(desk.version > 0 and len(journal.states) == 1)
            marks = picture.marks(self.words, document)
            overlay = f"/studio/{desk.key}/unsure/{desk.version}" if self.confidence and desk.version else ""
            version = {"version": desk.version} if desk.version else {}
            bare = self.notice.sync(desk)
            self.picture.show(marks=marks, recent=self.recent(), overlay=overlay, bare=bare, **version)
            self.panel.sync(desk)
            self.strip.sync()

    def _tell_state(self, desk: Desk) -> None:
        """Whether it is being coloured, for eyes and for screen readers."""
        self.busy.set_visibility(desk.busy)
        text = self.words("working") if desk.busy else self.words("worked") if desk.version else ""
        if text != self._state:
            self._state = text
            self.state.clear()
            if text:
                with self.state:
                    c.tag("span", "", text)

    def show_selection(self) -> None:
        """The selection's outline changed."""
        self.selection_shown += 1
        desk = self.desk
        there = desk is not None and desk.selection is not None
        self.picture.show(selection=f"/studio/{desk.key}/selection/{self.selection_shown}" if there and desk else "")

    def deselect(self) -> None:
        """Nothing is selected, nor what grows just now."""
        self.selecting += 1
        if self.desk is not None:
            self.desk.selection = None
        self.show_selection()

    def recent(self) -> list[str]:
        """The colours used last, the newest first."""
        if self.desk is None:
            return []
        colors = [i.color for i in reversed(self.desk.now.items) if i.color.startswith("#")]
        return list(dict.fromkeys(colors))[:9]

    def step(self, steps: int) -> None:
        """Undo (-1) and redo (1)."""
        if self.desk is not None:
            self.deselect()
            self.desk.step(steps)
            self.picture.call("stepped")

    def _leave(self) -> None:
        if self.desk is not None and self.sync in self.desk.listeners:
            self.desk.listeners.remove(self.sync)
        self.desk = None


def _photo(key: str, height: int, width: int) -> dict[str, object]:
    """What the picture has to know of a photo: where its tiles are, and how it is divided."""
    base = min(1.0, (BASE / (width * height)) ** 0.5)
    return {
        "key": key, "address": f"/api/v1/sessions/{key}", "width": width, "height": height,
        "base": max(1, round(width * base)), "tile": TILE, "levels": len(level_sizes(height, width)),
    }  # fmt: skip
