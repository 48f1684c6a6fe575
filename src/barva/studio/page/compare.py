"""Methods side by side: of each a small picture, its seconds, and how far from the truth it is where that is known."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from nicegui import ui
from nicegui.element import Element

from barva.color import difference, spaces
from barva.engine.session import Session
from barva.errors import BarvaError
from barva.imaging import tone
from barva.studio.api import responses
from barva.studio.page import controls as c
from barva.studio.sessions.edit_session import EditSession

if TYPE_CHECKING:
    from barva.studio.page.page import Page

_PIXELS = 250_000
_TRUTH = 256  # short side at which the difference is measured


@dataclass(frozen=True)
class Side:
    """`source` is an address of the picture (data:), `error` the mean CIEDE2000 to the photo's own colors, or None."""

    source: str
    error: float | None


def paint_side(session: EditSession, method: str) -> Side:
    """The open photo by another method, with the same marks. BarvaError."""
    photo = session.service.colorizers.photo(session.stored.photo)
    live = Session(session.service.colorizers.colorizer(method), photo)
    try:
        stored, document = session.stored, replace(session.now, method=method, variant=0)
        live.set_references([session.service.colorizers.photo(path) for path in stored.references(document)])
        live.answer(stored.request(document))
        shown = live.preview(_PIXELS)
    finally:
        live.close()
    error = None
    if photo.bands == 3:
        small = photo.shrink(_TRUTH)
        if tone.measure(small).kind == "color":
            import cv2

            mine = cv2.resize(shown, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
            truth, answer = spaces.fast_rgb_to_lab(small), spaces.fast_rgb_to_lab(np.asarray(mine))
            error = float(difference.ciede2000(truth, answer).mean())
    data = responses.picture(shown).body
    return Side("data:image/jpeg;base64," + base64.b64encode(bytes(data)).decode(), error)


class Comparison:
    """The dialog. It asks one method after the other, until all are there or it is closed."""

    def __init__(self, page: Page, session: EditSession) -> None:
        self.page, self.session, w = page, session, page.words
        self._runs = 0
        with page.app:
            self.dialog, card = page.dialogs.open_card(w("compare.title"), wide=True)
        named = {card.name: card for card in page.cards}
        self.wanted = dict.fromkeys((n for n, m in named.items() if m.weights or n in ("levin",)), True)
        with card:
            with ui.element("div").classes("b-row b-checks"):
                for name in named:
                    choose = partial(self.wanted.__setitem__, name)
                    c.Check(f"{w.method(name)} ({name})", name in self.wanted, choose)
                self.button = c.button(w("compare.run"), self.run, "b-primary")
            self.grid = ui.element("div").classes("b-methods")

    async def run(self) -> None:
        """Ask all that are chosen, in place of what was asked before."""
        self._runs += 1
        mine = self._runs
        c.enable(self.button, False)
        self.grid.clear()
        try:
            for name in [n for n, yes in self.wanted.items() if yes]:
                cell, began = self._cell(name), time.monotonic()
                side = await self._paint(name)
                if not self._goes_on(mine):
                    return
                if isinstance(side, Side):
                    self._fill(cell, name, self._about(side, time.monotonic() - began), side.source)
                else:
                    self._fill(cell, name, side)
        finally:
            if self._goes_on(mine):
                c.enable(self.button, True)

    def _goes_on(self, run: int) -> bool:
        """Whether nobody pressed the button once more, or closed the dialog."""
        return run == self._runs and not self.grid.is_deleted

    async def _paint(self, name: str) -> Side | str:
        """A method's answer, or why there is none."""
        try:
            return await self.session.service.click(partial(paint_side, self.session, name))
        except BarvaError as error:
            return self.page.words.translate(error.message)

    def _about(self, side: Side, seconds: float) -> str:
        w = self.page.words
        score = "" if side.error is None else " · " + w("compare.error", value=w.number(side.error, 1))
        return w("seconds", n=w.number(seconds, 1)) + score

    def _take(self, name: str) -> None:
        self.dialog.close()
        if self.page.session is self.session:
            self.page.change(replace(self.session.now, method=name, variant=0))

    def _cell(self, name: str) -> Element:
        """The place of a method that is being asked."""
        with self.grid, ui.element("div").classes("b-method") as cell:
            c.tag("span", "b-hint", f"{self.page.words.method(name)} …")
        return cell

    def _fill(self, cell: Element, name: str, text: str, source: str = "") -> None:
        """What came of it; with a picture it can be taken."""
        w = self.page.words
        title = w.method(name)
        cell.clear()
        with cell:
            if source:
                image = ui.element("img")
                image._props.update({"src": source, "alt": title})
            with ui.element("div").classes("b-row"):
                with ui.element("div"):
                    c.tag("h3", "b-heading", title)
                    c.tag("p", "b-hint", text)
                if source:
                    button = c.button(w("compare.take"), partial(self._take, name))
                    button._props["aria-label"] = f"{w('compare.take')}: {title}"
