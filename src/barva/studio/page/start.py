"""The start page: a place to drop photos, examples, and the works of before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from barva.errors import BarvaError
from barva.studio.films.film import Film
from barva.studio.page import controls as c
from barva.studio.page import examples, thumbs
from barva.studio.page.listing import Listing

if TYPE_CHECKING:
    from barva.studio.page.page import Page

_RECENT = 5  # photos; the page of all photos has the others


class Start:
    def __init__(self, page: Page) -> None:
        self.page = page
        w = page.words
        with (
            ui.element("div").classes("b-welcome b-scrolls") as self.element,
            ui.element("div").classes("b-welcome-in"),
        ):
            with ui.element("div").classes("b-drop") as self.drop:
                c.tag("p", "b-eyebrow b-mouse-only", w("tagline"))
                c.either("h1", w("start.title"), w("start.title.touch"))
                c.either("p", w("start.text"), w("start.text.touch"))
                with ui.element("div").classes("b-row"):
                    c.button(w("start.choose"), lambda: page.picture.choose_photos(), "b-primary", "plus")
                    c.button(
                        w("start.scene"), lambda: page.picture.call("open", "photo", ".zip,.jsonld", False), "", "open"
                    )
            with ui.element("section").classes("b-shelf") as self.before:
                c.tag("h2", "", w("start.recent"))
                self.recent = ui.element("div").classes("b-cards")
                self.more = ui.element("div").classes("b-row b-middle")
            with ui.element("section").classes("b-shelf") as self.examples:
                c.tag("h2", "", w("start.examples"))
                with ui.element("div").classes("b-cards"):
                    for name in examples.NAMES:
                        self._card(name, f"/studio/example/{name}", w(f"example.{name}"), partial(self._try, name))
            with ui.element("section").classes("b-all") as self.all:
                with ui.element("div").classes("b-row b-all-head"):
                    c.ghost("home", w("home"), lambda: page.show(None))
                    c.tag("h1", "", w("tab.photos"))
                    c.button(w("photos.add"), lambda: page.picture.choose_photos(), "", "plus")
                Listing(w, "page", page.photos.on_event)

    def _card(self, key: str, source: str, text: str, press: c.Press) -> None:
        button = c.button("", press, "b-cardlet")
        button._props["data-key"] = key
        with button:
            image = ui.element("img")
            image._props.update({"src": source, "alt": ""})
            c.tag("span", "", text)

    def show(self, yes: bool, all_photos: bool = False) -> None:
        """Show the start page, or all photos in its place, or neither."""
        self.element.set_visibility(yes)
        if not yes:
            return
        rows = list(self.page.photos.rows.values())
        all_photos = all_photos and bool(rows)
        self.all.set_visibility(all_photos)
        for part in (self.drop, self.examples):
            part.set_visibility(not all_photos)
        films = self._films()
        self.before.set_visibility(bool(rows or films) and not all_photos)
        self.recent.clear()
        with self.recent:
            for film, frame in films:  # all: they are on no other page
                source = f"/studio/{frame}/thumb"
                self._card(film.id, source, film.name, partial(ui.navigate.to, f"/?film={film.id}"))
            for row in rows[:_RECENT]:
                source = f"/studio/{row.key}/thumb" + (f"?of={row.thumb}" if row.thumb else "")
                self._card(row.key, source, row.name, partial(self.page.show, row.key))
        self.more.clear()
        if len(rows) > _RECENT:
            with self.more:
                text = self.page.words("start.all", count=len(rows))
                c.button(text, lambda: self.page.show(None, all_photos=True), "", "photos")

    def _films(self) -> list[tuple[Film, str]]:
        """The visitor's own, each with the session of the first key frame that is still there; none without one."""
        visitor = self.page.visitor
        films = list[tuple[Film, str]]()
        for film in visitor.service.films.of(visitor.owner):
            there = [frame.session for frame in film.frames if visitor.service.store.has(frame.session)]
            films += [(film, there[0])] if there else []
        return films

    async def _try(self, name: str) -> None:
        try:
            visitor = self.page.visitor
            check = partial(thumbs.check, visitor.service)
            key = await visitor.service.click(lambda: visitor.add(f"{name}.png", examples.png(name), check))
        except BarvaError as error:
            self.page.toast.complain(error)
            return
        self.page.show(key)
