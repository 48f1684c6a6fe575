"""The strip of photos at the bottom, where there are several; of a film, its key frames and what is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from barva.studio.page.film_bar import FilmBar
from barva.studio.page.listing import Listing

if TYPE_CHECKING:
    from barva.studio.page.page import Page


class Filmstrip:
    """Feeds all lists of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        photos = page.photos
        with ui.element("footer").classes("b-strip") as self.element:
            self.element._props["aria-label"] = page.words("tab.photos" if page.film is None else "film.frames")
            self.bar = None if page.film is None else FilmBar(page, page.film)
            self.list = Listing(page.words, "strip", photos.on_event, list(photos.rows.values()))
        if page.film is not None:
            self.element.classes("b-strip-film")
            self.list.call("within", page.film.id)
        self.element.set_visibility(page.film is not None or len(photos.rows) > 1)

    def refresh(self) -> None:
        """The list changed."""
        self.page.photos.refresh()
        several = len(self.page.photos.rows) > 1
        self.element.set_visibility(several or self.page.film is not None)
        if several and self.page.film is None:
            self.list.call("several")

    def sync(self) -> None:
        """Another photo is shown."""
        session = self.page.session
        self.list.call("show", session.key if session is not None else "")
        if self.bar is not None:
            self.bar.sync()
