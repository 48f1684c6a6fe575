"""The variants that the panel offers, and what they are drawn by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from nicegui import ui
from nicegui.element import Element

from barva.methods.base import MethodCard
from barva.studio.page import controls as c
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession

if TYPE_CHECKING:
    from barva.studio.page.page import Page

COUNT = 6
FAMILY = "diffusion"
"""Its answers hang together better than colors that are drawn for another method: where it is installed it draws."""

_PIXELS = 40_000


def choices(document: Document, cards: Mapping[str, MethodCard]) -> tuple[Document, ...]:
    """A document's variants, its method's own answer first; none where no method draws any.

    Args:
        document: what is asked.
        cards: of all methods, by name.
    """
    own = cards.get(document.method)
    if own is None:
        return ()
    drawer = own.name
    if not own.samples:
        drawers = sorted((n for n, card in cards.items() if card.family == FAMILY), key=lambda name: name != FAMILY)
        drawer = next(iter(drawers), own.name if own.has_distribution else "")
    if not drawer:
        return ()
    first = replace(document, variant=0)
    return (first, *(replace(first, method=drawer, variant=n) for n in range(1, COUNT)))


def address(key: str, choice: Document) -> str:
    """Where a small picture of a choice is, while another one may be shown. It changes with the document, so that no
    browser shows pictures of another one."""
    stamp = replace(choice, method="", variant=0).digest()
    query = urlencode({"pixels": _PIXELS, "method": choice.method, "of": stamp})
    return f"/api/v1/sessions/{key}/variants/{choice.variant}?{query}"


class Variants:
    """A button that makes them, and the pictures, of which one is taken: `take` gets what it sets."""

    def __init__(self, page: Page, cards: Mapping[str, MethodCard], take: Callable[[dict[str, Any]], object]) -> None:
        self.page, self._cards, self._take = page, cards, take
        self._choices: tuple[Document, ...] = ()  # of when the button was pressed
        self._shown: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] | None = None  # what the pictures are of
        self._tiles: list[Element] = []
        self.pictures = ui.element("div").classes("b-variants")
        self.note = c.tag("p", "b-hint")
        self.button = c.button(page.words("variants.make"), self._make, "", "image")

    def _make(self) -> None:
        session = self.page.session
        if session is not None:
            self._choices = choices(session.now, self._cards)
            self.sync(session)

    def sync(self, session: EditSession) -> None:
        """Show them as long as the document is one of them."""
        document, w = session.live, self.page.words
        current, possible = document in self._choices, bool(choices(document, self._cards))
        shown = session.key, document if current else None, possible
        if shown == self._shown:
            return
        self._shown = shown
        c.enable(self.button, possible)
        drawer = self._choices[-1].method if current and self._choices[0].method != self._choices[-1].method else ""
        note = w("variants.drawn", method=w.method(drawer)) if drawer else "" if possible else w("variants.none")
        c.fill(self.note, note)
        self.note.set_visibility(bool(note))
        self.pictures.set_visibility(current)
        self._draw(session.key, self._choices if current else ())
        for element, choice in zip(self._tiles, self._choices, strict=False):
            c.press_in(element, choice == document)

    def _draw(self, key: str, shown: tuple[Document, ...]) -> None:
        """The pictures, anew only where they are others: the one that was taken keeps the keyboard."""
        if self._drawn == (key, shown):
            return
        self._drawn = key, shown
        self.pictures.clear()
        self._tiles = []
        with self.pictures:
            for n, choice in enumerate(shown):
                settings = {"method": choice.method, "variant": choice.variant}
                element = c.button("", partial(self._take, settings), "b-tile", "", self.page.words("variant", n=n + 1))
                with element:
                    image = ui.element("img")
                    image._props.update({"src": address(key, choice), "alt": ""})
                self._tiles.append(element)
