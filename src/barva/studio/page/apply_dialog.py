"""The question before one photo's scene goes to others: how they would look, and which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from barva.studio.page import controls as c
from barva.studio.page.listing import Listing

if TYPE_CHECKING:
    from barva.studio.page.page import Page


class ApplyDialog:
    """Opens at once. Nothing is changed before its last button."""

    def __init__(self, page: Page) -> None:
        session = page.session
        if session is None:
            return
        self.page, self.session, w = page, session, page.words
        self._count = len(page.photos.rows) - 1
        with page.app:
            self.dialog, card = page.dialogs.open_card(w("apply.title", name=session.name), wide=True)
        with card:
            c.tag("p", "b-hint", w("apply.text"))
            with ui.element("div").classes("b-row"):
                c.button(w("apply.all"), lambda: self.list.call("check", True))
                c.button(w("apply.none"), lambda: self.list.call("check", False))
            with ui.element("div").classes("b-applied-list b-scrolls").props("tabindex=-1"):
                self.list = Listing(w, "choice", self._on_event, source=session.key)
            with ui.element("div").classes("b-row b-card-foot"):
                self.count = c.tag("span", "b-hint", role="status")
                c.button(w("cancel"), self.dialog.close)
                self.apply = c.button(w("apply.do" if page.film is None else "film.apply"), self._apply, "b-primary")
        self._show()

    def _on_event(self, event: str, data: dict[str, Any]) -> None:
        if event == "chosen":
            self._count = int(data["count"])
            self._show()

    def _show(self) -> None:
        self.count.clear()
        with self.count:
            c.tag("span", "", self.page.words("apply.count", count=self._count))
        c.enable(self.apply, self._count > 0)

    async def _apply(self) -> None:
        chosen = await self.list.call("chosen")
        rows = self.page.photos.rows
        keys = [key for key in chosen or () if key in rows and key != self.session.key]
        self.dialog.close()
        await self.page.photos.apply(self.session, keys)
