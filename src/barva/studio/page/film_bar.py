"""What stands beside a film's key frames: what becomes of it, how many shots there are, and the job that colors it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui

from barva.errors import BarvaError, Message
from barva.studio.api.responses import colored_name
from barva.studio.films import orders
from barva.studio.films.film import Film
from barva.studio.films.films import Films
from barva.studio.jobs.job import CANCELLED, DONE, FAILED, OPEN, RUNNING, Job
from barva.studio.page import controls as c

if TYPE_CHECKING:
    from barva.studio.page.page import Page

_LOOK = 0.5  # seconds between looks at the search and at the job


class FilmBar:
    """Follows the film as long as something is done with it."""

    def __init__(self, page: Page, film: Film) -> None:
        self.page, self._id = page, film.id
        self._result = colored_name(film.name, film.suffix.removeprefix("."))
        self._films: Films = page.visitor.service.films
        w, self._shown = page.words, len(page.photos.rows)
        with ui.element("section").classes("b-film") as section:
            section._props["aria-label"] = film.name
            with ui.element("div").classes("b-film-text"):
                with ui.element("div").classes("b-film-head"):
                    way = f"{film.name} → {self._result}"
                    c.tag("strong", "", way, title=way)
                    c.ghost("trash", w("film.delete"), self._ask)
                self._shots = c.tag("p", "b-hint", role="status")
                self._state = c.tag("p", "b-hint", role="status")
                with ui.element("div").classes("b-meter") as self._meter:
                    self._bar = ui.element("span")
            with ui.element("div").classes("b-row") as row:
                self._color = c.button(w("film.color"), lambda: self._later(self._films.color), "b-primary", "film")
                self._stop = c.button(w("cancel"), self._cancel)
                self._save = ui.element("a").classes("b-button")
                self._save._props["download"] = ""
                with self._save:
                    c.icon("save")
                    c.tag("span", "", w("film.save"))
            page.bar.save.move(row)  # of a film it saves one frame: beside what does all of it one sees that
        self._timer = ui.timer(_LOOK, self.sync)

    # ---- showing

    def sync(self) -> None:
        """Show the film as it is now."""
        try:
            film = self._films.get(self._id)
        except BarvaError:  # another window has deleted it
            self._timer.active = False
            ui.navigate.to("/")
            return
        job, edited = self._films.job(film), orders.edited(film, self.page.visitor.service.store)
        if len(film.frames) != self._shown:
            self._shown = len(film.frames)
            self.page.strip.refresh()
        w = self.page.words
        if film.problem is not None:
            c.fill(self._shots, w("trouble", why=w.translate(Message.from_json(film.problem))))
        else:
            key = "film.shots" if film.searched else "film.looking"
            c.fill(self._shots, w(key, count=len(film.frames), edited=len(edited)))
        self._show_job(job, orders.digest(edited) != film.colored)
        self._timer.active = not film.searched or (job is not None and not job.finished)

    def _show_job(self, job: Job | None, changed: bool) -> None:
        item = None if job is None else job.items[0]
        state = item.state if item is not None else ""
        self._stop.set_visibility(state in OPEN)
        self._color.set_visibility(state not in OPEN and (changed or state != DONE))
        self._save.set_visibility(state == DONE)
        self._save.classes(**{"remove" if changed else "add": "b-primary"})
        self._meter.set_visibility(state == RUNNING)
        percent = 0 if job is None else int(100 * job.share)
        self._bar.style(f"width:{percent}%")
        if job is not None and state == DONE:
            self._save._props["href"] = f"/api/v1/jobs/{job.id}/results/0"
            self._save.update()
        c.fill(self._state, self._text(state, item.notes if item is not None else (), percent, changed))

    def _text(self, state: str, notes: tuple[str, ...], percent: int, changed: bool) -> str:
        w = self.page.words
        if state == FAILED:
            return w("film.failed", why=w.translate(notes[0]) if notes else "")
        if state == DONE:
            text = w("film.changed") if changed else w("film.done", name=self._result)
            return " ".join([text, *map(w.translate, notes)])
        if state in OPEN:
            return w("film.coloring", percent=percent) if state == RUNNING else w("film.waiting")
        return w("film.cancelled" if state == CANCELLED else "film.hint")

    # ---- acting

    async def _later(self, work: Callable[[str], Any]) -> None:
        """Something with the film, in a thread; what is wrong is said."""
        c.enable(self._color, False)
        try:
            await asyncio.to_thread(work, self._id)
        except BarvaError as error:
            self.page.toast.complain(error)
        c.enable(self._color, True)
        self.sync()

    async def _cancel(self) -> None:
        jobs, film = self.page.visitor.service.jobs, self._films.get(self._id)
        await self._later(lambda _: jobs.cancel(film.job))

    def _ask(self) -> None:
        """Nothing brings a film back."""
        w, page = self.page.words, self.page
        with page.app:
            dialog, card = page.dialogs.open_card(w("film.delete"))

        async def delete() -> None:
            self._timer.active = False
            dialog.close()
            page.show(None)
            await asyncio.to_thread(self._films.delete, self._id)

        with card:
            c.tag("p", "", w("film.delete.text"))
            with ui.element("div").classes("b-row b-card-foot"):
                c.button(w("cancel"), dialog.close)
                c.button(w("film.delete"), delete, "b-primary", "trash")
