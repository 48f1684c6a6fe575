"""What stands over the picture as long as the photo cannot be colored as it is asked for, with a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from barva.studio.page import controls as c
from barva.studio.sessions.edit_session import EditSession

if TYPE_CHECKING:
    from barva.studio.page.page import Page


class Notice:
    """`text` is what is wrong, empty where nothing is."""

    def __init__(self, page: Page) -> None:
        self.page, self.text = page, ""
        w = page.words
        with ui.element("div").classes("b-notice") as self._element:
            self._line = c.tag("p", role="alert")
            self._add = c.button(w("references.add"), page.add_reference, "b-primary", "plus")
            self._undo = c.button(w("undo"), lambda: page.steps.go(-1), "", "undo")
        self._element.set_visibility(False)

    def sync(self, session: EditSession) -> bool:
        """Show what is wrong with the session's last answer; whether the method waits for a reference, and there are no
        colors of its own to show."""
        document, w = session.live, self.page.words
        card = next((card for card in self.page.cards if card.name == document.method), None)
        # a method that takes its colors from references says so as an error; others that only use them do not
        waiting = bool(session.trouble and card and "reference" in card.needs and not document.references)
        text = w.translate(session.trouble) if session.trouble else ""
        if waiting:
            text = w("notice.reference", method=w.method(document.method))
        elif text:
            text = w("trouble", why=text)
        self._show(text)
        self._add.set_visibility(waiting)
        self._undo.set_visibility(bool(text) and not waiting and session.history.can_undo)
        return waiting

    def hide(self) -> None:
        self._show("")

    def _show(self, text: str) -> None:
        self.page.bar.savable(text)
        if text == self.text:
            return
        self.text = text
        self._element.set_visibility(bool(text))
        self._line.clear()
        with self._line:
            c.tag("span", "", text)
