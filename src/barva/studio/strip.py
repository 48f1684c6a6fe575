"""The strip of photos at the bottom, where there are several."""

from __future__ import annotations

from functools import partial
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
        self._images: dict[str, Element] = {}
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
        self._images.clear()
        self.element.set_visibility(len(self._keys) > 1)
        with self.element:
            for key in self._keys:
                name = self.page.shelf.desk(key).name
                label = self.page.words("photos.show", name=name)
                made = c.button("", partial(self.page.show, key), "b-thumb", "", label)
                with made:
                    image = ui.element("img")
                    image._props.update({"src": f"/studio/{key}/thumb", "alt": "", "loading": "lazy"})
                self._buttons[key], self._images[key] = made, image

    def sync(self) -> None:
        desk = self.page.desk
        for key, made in self._buttons.items():
            c.press_in(made, desk is not None and key == desk.key)
        if desk is not None and desk.version and not desk.busy:
            self.changed(desk.key, desk.version)

    def changed(self, key: str, of: object) -> None:
        """A photo has new colours; `of` is another value for others."""
        image, source = self._images.get(key), f"/studio/{key}/thumb?of={of}"
        if image is not None and image._props["src"] != source:
            image._props["src"] = source
            image.update()
