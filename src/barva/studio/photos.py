"""The tab of all photos: the queue with progress, cancel and retry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui
from nicegui.element import Element

from barva.errors import BarvaError
from barva.studio import controls as c
from barva.studio import queue
from barva.studio.desk import Desk
from barva.studio.jobs import CANCELLED, DONE, FAILED, OPEN

if TYPE_CHECKING:
    from barva.studio.page import Page

_LOOK = 0.5  # seconds between looks at the queue while something waits


class _Row:
    def __init__(self, photos: Photos, key: str, name: str) -> None:
        w = photos.page.words
        with ui.element("li").classes("b-job"):
            self.image = ui.element("img")
            self.image._props.update({"src": f"/studio/{key}/thumb", "alt": "", "loading": "lazy"})
            with ui.element("div").style("min-width:0"):
                c.tag("span", "", name)
                self.state = ui.element("small")
            self.stop = c.ghost(
                "close", f"{w('photos.stop')}: {name}", lambda: photos.do(lambda: queue.stop(photos.shelf, key))
            )
            self.retry = c.ghost(
                "retry", f"{w('photos.retry')}: {name}", lambda: photos.later(lambda: queue.retry(photos.shelf, key))
            )
            self.remove = c.ghost("trash", w("photos.remove", name=name), lambda: photos.remove(key))
        self.shown: tuple[str, str, str] | None = None
        self.colored = partial(photos.page.strip.changed, key)

    def show(self, state: tuple[str, str, str], text: str) -> None:
        if state == self.shown:
            return
        self.shown = state
        self.state.clear()
        with self.state:
            c.tag("span", "", text)
        self.state._props["data-state"] = state[0]
        if state[0] == DONE:
            self.image._props["src"] = f"{self.image._props['src'].partition('?')[0]}?of={state[2]}"
            self.image.update()
            self.colored(state[2])
        self.stop.set_visibility(state[0] in OPEN)
        self.retry.set_visibility(state[0] in (FAILED, CANCELLED))
        self.remove.set_visibility(state[0] not in OPEN)


class Photos:
    def __init__(self, page: Page) -> None:
        self.page = page
        w = page.words
        self._rows: dict[str, _Row] = {}
        with ui.element("section").classes("b-section"):
            with ui.element("div").classes("b-row"):
                c.button(w("photos.add"), lambda: page.picture.choose_photos(), "", "plus")
                self.color = c.button(
                    w("photos.color"), lambda: self.later(lambda: queue.color_all(self.shelf)), "b-primary"
                )
            with ui.element("div").classes("b-row"):
                self.apply = c.button(w("photos.apply"), self._apply)
                self.stop = c.button(w("photos.stop"), lambda: self.do(lambda: queue.stop(self.shelf)))
            self.said = c.tag("p", "b-hint", role="status")
            with ui.element("div").classes("b-meter") as self.meter:
                self.bar = ui.element("span")
            self.list: Element = ui.element("ul").classes("b-list")
            self.zip = ui.element("a").classes("b-button").props('href="/studio/zip" download')
            with self.zip:
                c.icon("save")
                c.tag("span", "", w("photos.zip"))
        self.timer = ui.timer(_LOOK, self.sync, active=False)

    @property
    def shelf(self) -> Any:
        return self.page.shelf

    def refresh(self, keys: list[str]) -> None:
        """The shelf changed."""
        if list(self._rows) != keys:
            self._rows.clear()
            self.list.clear()
            with self.list:
                for key in keys:
                    self._rows[key] = _Row(self, key, self.shelf.desk(key).name)
        self.sync()

    def sync(self) -> None:
        """Show how far each photo is."""
        states = {}
        for key, row in list(self._rows.items()):
            try:
                state = states[key] = queue.state(self.shelf.desk(key))
            except BarvaError:
                continue
            text = self.page.words(f"state.{state[0]}")
            row.show(state, f"{text}: {self.page.words.said(state[1])}" if state[0] == FAILED else text)
        ended = sum(s in (DONE, FAILED, CANCELLED) for s, *_ in states.values())
        waiting = sum(s in OPEN for s, *_ in states.values())
        done = sum(s == DONE for s, *_ in states.values())
        self.timer.active = waiting > 0
        self.stop.set_visibility(waiting > 0)
        self.zip.set_visibility(done > 0)
        self.apply.set_visibility(len(states) > 1)
        self.meter.set_visibility(waiting > 0)
        self.bar.style(f"width:{100 * ended / max(1, ended + waiting):.0f}%")
        self.said.clear()
        if waiting or done:
            with self.said:
                c.tag("span", "", self.page.words("photos.progress", done=done, count=len(states)))

    def do(self, work: Callable[[], object]) -> None:
        """Something with the queue; what is wrong is said."""
        try:
            work()
        except BarvaError as error:
            self.page.complain(error)
        self.sync()

    async def later(self, work: Callable[[], object]) -> None:
        """Something longer with the queue, in a thread. Of photos that it gives back as `queue.Wrong` the first is
        said, and how many more there are."""
        try:
            wrong = await asyncio.to_thread(work)
            if isinstance(wrong, list) and wrong:
                name, why = wrong[0]
                more = f" (+{len(wrong) - 1})" if wrong[1:] else ""
                self.page.complain(f"{name}: {self.page.words.said(why)}{more}")
        except BarvaError as error:
            self.page.complain(error)
        self.sync()

    def edited(self, desk: Desk) -> None:
        """A photo's document is another one: what was finished is no longer, or again."""
        row = self._rows.get(desk.key)
        if row is not None and row.shown is not None and row.shown != queue.state(desk):
            self.sync()

    def remove(self, key: str) -> None:
        gone = self.page.desk is not None and self.page.desk.key == key
        self.do(lambda: self.shelf.remove(key))
        if gone:
            self.page.show(None)
        self.page.strip.refresh()

    async def _apply(self) -> None:
        desk = self.page.desk
        if desk is not None:
            wrong = await queue.apply(self.shelf, desk)
            await self.later(lambda: [*wrong, *queue.color_all(self.shelf)])
