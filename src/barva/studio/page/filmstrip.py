"""The strip of photos at the bottom, where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from barva.studio.page.listing import Listing

if TYPE_CHECKING:
    from barva.studio.page.page import Page


class Filmstrip:
    """Feeds all lists of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        photos = page.photos
        with ui.element("footer").classes("b-strip") as self.element:
            self.element._props["aria-label"] = page.words("tab.photos")
            self.list = Listing(page.words, "strip", photos.on_event, list(photos.rows.values()))
        self.element.set_visibility(len(photos.rows) > 1)

    def refresh(self) -> None:
        """The list changed."""
        self.page.photos.refresh()
        several = len(self.page.photos.rows) > 1
        self.element.set_visibility(several)
        if several:
            self.list.call("several")

    def sync(self) -> None:
        """Another photo is shown."""
        session = self.page.session
        self.list.call("show", session.key if session is not None else "")
