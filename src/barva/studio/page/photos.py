"""The tab of all photos: the queue with progress, cancel and retry, and what is done with several at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from barva.errors import BarvaError, UsageError, WriteError
from barva.studio.jobs import queue
from barva.studio.jobs.job import CANCELLED, DONE, FAILED, OPEN
from barva.studio.jobs.queue import EDITED
from barva.studio.page import controls as c
from barva.studio.page import thumbs
from barva.studio.page.apply_dialog import ApplyDialog
from barva.studio.page.applying import Applied, apply, undo
from barva.studio.page.listing import Listing, Row
from barva.studio.sessions import trash
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.store import MissingError

if TYPE_CHECKING:
    from barva.studio.page.page import Page

_NAMED = 5  # of photos that failed
_LOOK = 0.5  # seconds between looks at the queue while something waits


class PhotoRows:
    """What the lists of the page show, one row a photo; changes are told to them one by one."""

    def __init__(self, page: Page) -> None:
        self.page, self.visitor = page, page.visitor
        self.rows: dict[str, Row] = {}
        self.removed: list[str] = []
        self._downloads: set[str] = set()  # edited photos that a download waits for
        with contextlib.suppress(WriteError):  # the page opens on a full disk too
            trash.empty(self.visitor)
        self.rows = self._new(self.visitor.keys)

    def _new(self, keys: Iterable[str]) -> dict[str, Row]:
        rows = {}
        for key in keys:
            try:
                rows[key] = self._row(self.visitor.session(key))
            except BarvaError:
                continue
        return rows

    def _row(self, session: EditSession) -> Row:
        state, reason, _ = queue.state(session)
        is_frame = self.page.film is not None and state == "open"  # it waits for nothing
        text = "" if is_frame else self.page.words(f"state.{state}")
        if state == FAILED:
            text = f"{text}: {self.page.words.translate(reason)}"
        return Row(session.key, session.name, state, text, thumbs.version(session), self.page.film is not None)

    # ---- following

    def refresh(self) -> None:
        """The list changed: photos came or went."""
        keys, feed = self.visitor.keys, self.page.strip.list
        gone = [key for key in self.rows if key not in set(keys)]
        new = self._new(key for key in keys if key not in self.rows)
        self.rows = {key: new.get(key) or self.rows[key] for key in keys if key in new or key in self.rows}
        if gone:
            feed.call("drop", gone)
        if new:
            feed.call("add", [[place, asdict(new[key])] for place, key in enumerate(self.rows) if key in new])
        if gone or new:
            self.page.panel.photos.show()

    def update(self, keys: Iterable[str]) -> None:
        """These photos may be in another state, or look otherwise."""
        changes = []
        for key in keys:
            try:
                row = self._row(self.visitor.session(key))
            except BarvaError:
                continue
            if key in self.rows and row != self.rows[key]:
                self.rows[key] = row
                changes.append(asdict(row))
        if changes:
            self.page.strip.list.call("change", changes)
        self.page.panel.photos.show()
        self._end_download()

    def follow(self) -> None:
        """Look at what waits."""
        self.update([key for key, row in self.rows.items() if row.state in OPEN])

    def _state(self, key: str) -> str:
        return self.rows[key].state if key in self.rows else ""

    # ---- acting

    def on_event(self, event: str, data: dict[str, Any]) -> Any:
        """What the person does in a list, or with Back and Forward."""
        key = str(data.get("key", ""))
        if event == "went":
            self.page.went(str(data.get("level", "")), key)
        elif key in self.rows and event == "open":
            self.page.show(key)
        elif key in self.rows and event == "stop":
            self.do(lambda: queue.stop(self.visitor, key), [key])
        elif key in self.rows and event == "retry":
            return self.later(lambda: queue.retry(self.visitor, key), [key])
        elif key in self.rows and event == "remove":
            self.remove(key)
        return None

    def do(self, work: Callable[[], object], keys: Iterable[str] | None = None) -> None:
        """Something with the queue; what is wrong is said."""
        try:
            work()
        except BarvaError as error:
            self.page.toast.complain(error)
        self.update(list(self.rows) if keys is None else keys)

    async def later(self, work: Callable[[], object], keys: Iterable[str] | None = None) -> None:
        """Something longer with the queue, in a thread. Of photos that it gives back as `queue.Wrong` the first is
        said, and which others failed."""
        try:
            wrong = await asyncio.to_thread(work)
            if isinstance(wrong, list) and wrong:
                self.complain(wrong)
        except BarvaError as error:
            self.page.toast.complain(error)
        self.update(list(self.rows) if keys is None else keys)

    def complain(self, wrong: queue.Wrong) -> None:
        """Say what is wrong with photos: with the first, and which others failed."""
        (name, why), *others = wrong
        w, text = self.page.words, self.page.words.translate(why)
        text = text if not name or text.startswith(name) else f"{name}: {text}"
        if names := [name for name, _ in others if name]:
            text = w("trouble.more", why=text, names=_listed(names))
        self.page.toast.complain(text)

    def remove(self, key: str) -> None:
        """Take a photo off the list; its files stay until the page is closed. A film keeps its key frames."""
        if self.page.film is not None:
            error = UsageError("a key frame stays as long as its film", code="film.frame-stays")
            self.page.toast.complain(error)
            return
        name, shown = self.rows[key].name, self.page.session is not None and self.page.session.key == key
        try:
            queue.stop(self.visitor, key)
            trash.put(self.visitor, key)
        except BarvaError as error:
            self.page.toast.complain(error)
            return
        self.removed.append(key)
        if shown:
            self.page.show(None)
        self.page.strip.refresh()
        self.page.steps.offer(self.page.words("photos.removed", name=name), partial(self.restore, key, shown))

    def restore(self, key: str, shown: bool) -> None:
        """Undo `remove`. WriteError, and it can be tried again."""
        try:
            trash.restore(self.visitor, key)
        except MissingError as error:
            self.page.toast.complain(error)
            return
        self.removed.remove(key)
        self.page.strip.refresh()
        if shown:
            self.page.show(key)

    async def apply(self, session: EditSession, others: list[str]) -> None:
        """One photo's scene for others; all of them are colored with it."""
        applied = await apply(self.visitor, session, others)
        keys = [session.key, *applied.keys] if applied.keys else []
        wrong = [*applied.wrong]
        if self.page.film is None:
            wrong += await asyncio.to_thread(queue.color_all, self.visitor, keys)
        self.update(keys)
        if applied.changes:
            text = self.page.words("apply.done", count=len(applied.changes))
            self.page.steps.offer(text, partial(self._take_back, applied))
        if wrong:
            self.complain(wrong)

    async def _take_back(self, applied: Applied) -> None:
        edited = await undo(self.visitor, applied)
        self.update(applied.keys)
        if edited:
            self.page.toast.say(self.page.words("apply.kept", names=", ".join(edited[:3]), count=len(edited)), 8)

    async def download(self) -> None:
        """All finished photos as a zip; those that were edited since are colored first."""
        edited = [key for key, row in self.rows.items() if row.state == EDITED]
        if not edited:
            self._download()
            return
        self.page.toast.say(self.page.words("photos.again", count=len(edited)), 8)
        await self.later(lambda: queue.color_all(self.visitor, edited), edited)
        if any(row.state in (*OPEN, DONE) for row in self.rows.values()):  # else it was said what is wrong
            self._downloads |= set(edited)
            self._end_download()

    def _end_download(self) -> None:
        """Download where none of the edited photos waits any more, unless all of them were cancelled."""
        if not self._downloads or any(self._state(key) in OPEN for key in self._downloads):
            return
        asked, self._downloads = self._downloads, set()
        if any(self._state(key) != CANCELLED for key in asked):
            self._download([row.name for key, row in self.rows.items() if key in asked and row.state != DONE])

    def _download(self, others: Sequence[str] = ()) -> None:
        """What is finished; `others` are named, which should be and are not."""
        count, text = sum(row.state == DONE for row in self.rows.values()), ""
        if count:
            self.page.picture.call("download", "/studio/zip")
            text = self.page.words("photos.loading", count=count)
        if others:
            text = f"{text}. {self.page.words('photos.unfinished', names=_listed(others))}".removeprefix(". ")
        if text:
            self.page.toast.say(text, 8 if others else 4)


def _listed(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f", +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


class Photos:
    """The tab: buttons, progress and the list."""

    def __init__(self, page: Page) -> None:
        self.page, rows = page, page.photos
        w = page.words
        with ui.element("section").classes("b-section"):
            with ui.element("div").classes("b-row") as adding:
                adding.set_visibility(page.film is None)  # a film is colored as a whole
                c.button(w("photos.add"), lambda: page.picture.choose_photos(), "", "plus")
                self.color = c.button(
                    w("photos.color"), lambda: rows.later(lambda: queue.color_all(page.visitor)), "b-primary"
                )
            with ui.element("div").classes("b-row"):
                self.apply = c.button(w("photos.apply"), lambda: ApplyDialog(page))
                self.stop = c.button(w("photos.stop"), lambda: rows.do(lambda: queue.stop(page.visitor)))
            self.progress = c.tag("p", "b-hint", role="status")
            with ui.element("div").classes("b-meter") as self.meter:
                self.bar = ui.element("span")
            Listing(w, "list", rows.on_event)
            self.zip = c.button(w("photos.zip"), rows.download, "", "save")
        self.timer = ui.timer(_LOOK, rows.follow, active=False)
        self._shown: tuple[object, ...] = ()
        self.show()

    def show(self) -> None:
        """How far the queue is."""
        states = [row.state for row in self.page.photos.rows.values()]
        ended = sum(s in (DONE, FAILED, CANCELLED) for s in states)
        waiting, done = sum(s in OPEN for s in states), sum(s == DONE for s in states)
        now = len(states), ended, waiting, done, EDITED in states
        if now == self._shown:
            return
        self._shown = now
        self.timer.active = waiting > 0
        self.stop.set_visibility(waiting > 0)
        self.zip.set_visibility(done > 0 or EDITED in states)
        self.apply.set_visibility(len(states) > 1)
        self.meter.set_visibility(waiting > 0)
        self.bar.style(f"width:{100 * ended / max(1, ended + waiting):.0f}%")
        self.progress.clear()
        if waiting or done:
            with self.progress:
                c.tag("span", "", self.page.words("photos.progress", done=done, count=len(states)))

    def update(self, session: EditSession) -> None:
        """A photo's document is another one: what was finished is no longer, or again."""
        self.page.photos.update([session.key])
