"""The tools at the left, and the settings of the one in hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from barva.studio.page import controls as c

if TYPE_CHECKING:
    from barva.studio.page.page import Page

TOOLS = {"hand": "H", "point": "P", "stroke": "S", "box": "B", "grow": "O", "lasso": "L", "brush": "R"}
"""Each with its key."""

_SELECTING = ("grow", "lasso", "brush")


class Toolbar:
    """`tool` is in hand; `reach` says how far a selection grows from a click."""

    def __init__(self, page: Page) -> None:
        self.page, self.tool, self.reach = page, "point", 1.0
        w = page.words
        with ui.element("div").classes("b-tools") as bar:
            bar._props.update({"role": "toolbar", "aria-label": w("tools")})
            self._buttons = {}
            for name, key in TOOLS.items():
                if name in ("point", "grow"):
                    ui.element("span").classes("b-gap")
                button = self._buttons[name] = c.ghost(name, w(f"tool.{name}"), partial(self.use, name), key)
                with button:
                    c.tag("small", "", w(f"short.{name}"), aria_hidden="true")

    def build_options(self) -> None:
        """The settings, over the picture."""
        w = self.page.words
        with ui.element("div").classes("b-options") as self.options:
            self.options._props.update({"role": "group", "aria-label": w("mode")})
            modes = {m: w(f"mode.{m}") for m in ("new", "add", "cut")}
            self._modes = c.Segments(w("mode"), modes, "new", self.select_mode)
            self._reach = c.Slider(w("reach"), 0.3, 2.5, 0.1, 1.0, lambda v, final: setattr(self, "reach", v), w.number)
            self._radius = c.Slider(
                w("radius"), 2, 120, 1, 10, lambda v, final: self.page.picture.show(radius=v), w.number
            )

    def use(self, tool: str) -> None:
        """Take a tool."""
        if tool not in TOOLS:
            return
        self.tool = tool
        for name, button in self._buttons.items():
            c.press_in(button, name == tool)
        self.page.picture.show(tool=tool)
        self.options.set_visibility(tool in (*_SELECTING, "stroke") and self.page.session is not None)
        self._modes.element.set_visibility(tool in _SELECTING)
        self._reach.element.set_visibility(tool == "grow")
        self._radius.element.set_visibility(tool in ("stroke", "brush"))

    def select_mode(self, mode: str) -> None:
        """A new selection, add to it, or cut from it."""
        self._modes.show(mode)
        self.page.picture.show(mode=mode)

    def show_radius(self, radius: int) -> None:
        """It was changed at the picture, in CSS pixels."""
        self.page.picture._props["radius"] = radius
        self._radius.show(radius)
