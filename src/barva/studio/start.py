"""The start page: a place to drop photos, examples, and the works of before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from barva.errors import BarvaError
from barva.studio import controls as c
from barva.studio import examples

if TYPE_CHECKING:
    from barva.studio.page import Page

_RECENT = 5


class Start:
    def __init__(self, page: Page) -> None:
        self.page = page
        w = page.words
        with ui.element("div").classes("b-welcome") as self.element, ui.element("div").classes("b-welcome-in"):
            with ui.element("div").classes("b-drop"):
                c.tag("p", "b-eyebrow b-mouse-only", w("tagline"))
                c.either("h1", w("start.title"), w("start.title.touch"))
                c.either("p", w("start.text"), w("start.text.touch"))
                with ui.element("div").classes("b-row"):
                    c.button(w("start.choose"), lambda: page.picture.choose_photos(), "b-primary", "plus")
                    c.button(
                        w("start.scene"), lambda: page.picture.call("open", "photo", ".zip,.jsonld", False), "", "open"
                    )
            with ui.element("section").classes("b-shelf"):
                c.tag("h2", "", w("start.examples"))
                with ui.element("div").classes("b-cards"):
                    for name in examples.NAMES:
                        self._card(name, f"/studio/example/{name}", name.capitalize(), partial(self._try, name))
            with ui.element("section").classes("b-shelf") as self.before:
                c.tag("h2", "", w("start.recent"))
                self.recent = ui.element("div").classes("b-cards")

    def _card(self, key: str, source: str, text: str, press: c.Press) -> None:
        made = c.button("", press, "b-cardlet")
        made._props["data-key"] = key
        with made:
            image = ui.element("img")
            image._props.update({"src": source, "alt": ""})
            c.tag("span", "", text)

    def show(self, yes: bool) -> None:
        self.element.set_visibility(yes)
        if not yes:
            return
        keys = self.page.shelf.keys[:_RECENT]
        self.before.set_visibility(bool(keys))
        self.recent.clear()
        with self.recent:
            for key in keys:
                name = self.page.shelf.desk(key).name
                self._card(key, f"/studio/{key}/thumb", name, partial(self.page.show, key))

    async def _try(self, name: str) -> None:
        try:
            shelf = self.page.shelf
            key = await shelf.service.click(lambda: shelf.add(f"{name}.png", examples.png(name)))
        except BarvaError as error:
            self.page.complain(error)
            return
        self.page.show(key)
