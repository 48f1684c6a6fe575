"""The strip of photos at the bottom, where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from barva.studio import controls as c

if TYPE_CHECKING:
    from barva.studio.page import Page

MOST = 200


class Strip:
    def __init__(self, page: Page) -> None:
        self.page = page
        self._keys: list[str] = []
        self._buttons: dict[str, Element] = {}
        with ui.element("footer").classes("b-strip") as self.element:
            self.element._props["aria-label"] = page.words("tab.photos")
        self.element.set_visibility(False)

    def refresh(self) -> None:
        """The shelf changed."""
        keys = self.page.shelf.keys[:MOST]
        if keys != self._keys:
            self._keys = keys
            self._build()
        self.page.panel.photos.refresh(keys)
        self.sync()

    def _build(self) -> None:
        self.element.clear()
        self._buttons.clear()
        self.element.set_visibility(len(self._keys) > 1)
        with self.element:
            for key in self._keys:
                name = self.page.shelf.desk(key).name
                label = self.page.words("photos.show", name=name)
                made = c.button("", lambda key=key: self.page.show(key), "b-thumb", "", label)  # type: ignore[misc]
                with made:
                    image = ui.element("img")
                    image._props.update({"src": f"/studio/{key}/thumb", "alt": "", "loading": "lazy"})
                self._buttons[key] = made

    def sync(self) -> None:
        now = self.page.desk.key if self.page.desk else ""
        for key, made in self._buttons.items():
            c.press_in(made, key == now)
