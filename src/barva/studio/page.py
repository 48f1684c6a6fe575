"""The page: NiceGUI around the picture. One `Page` per window; what it shows is the desk's, so that a window that is
opened again shows the same."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from nicegui import ui

from barva.engine.live import TILE
from barva.engine.pyramid import SMALLEST
from barva.errors import BarvaError
from barva.methods import catalog
from barva.studio import actions
from barva.studio import controls as c
from barva.studio.desk import BASE, Desk
from barva.studio.dialogs import Dialogs
from barva.studio.document import Item
from barva.studio.messages import LANGUAGES, Words
from barva.studio.panel import Panel
from barva.studio.picture import Picture
from barva.studio.start import Start
from barva.studio.strip import Strip
from barva.studio.visitors import Shelf

TOOLS = {"hand": "H", "point": "P", "stroke": "S", "box": "B", "grow": "O", "lasso": "L", "brush": "R"}
_SELECTING = ("grow", "lasso", "brush")


class Page:
    """Builds the page, and carries between the desk and the elements."""

    def __init__(self, shelf: Shelf, words: Words, theme: str = "auto") -> None:
        self.shelf, self.words = shelf, words
        self.desk: Desk | None = None
        self.tool, self.view, self.mode, self.reach = "point", "after", "new", 1.0
        self.confidence = False
        self.selection_shown = 0
        self.client = ui.context.client
        self.dark = ui.dark_mode(_theme(theme))
        self._build()
        self.client.on_delete(self._leave)

    # ---- building

    def _build(self) -> None:
        w = self.words
        with ui.element("div").classes("b-app b-start") as self.app:
            self._bar()
            with ui.element("div").classes("b-tools") as tools:
                tools._props.update({"role": "toolbar", "aria-label": w("tools")})
                self.tool_buttons = {}
                for name, key in TOOLS.items():
                    if name in ("point", "grow"):
                        ui.element("span").classes("b-gap")
                    label = w(f"tool.{name}")
                    self.tool_buttons[name] = c.ghost(name, label, partial(self.use, name), key)
            with ui.element("div").classes("b-work"):
                self.picture = Picture(w, lambda event, data: actions.heard(self, event, data))
                self.busy = ui.element("div").classes("b-busy")
                self._options()
                self.start = Start(self)
                self.toast = c.tag("div", "b-toast", role="status", aria_live="polite")
            self.panel = Panel(self)
            self.strip = Strip(self)
        self.dialogs = Dialogs(self)
        self.use("point")
        self.look("after")

    def _bar(self) -> None:
        w = self.words
        with ui.element("header").classes("b-bar"):
            brand = ui.element("button").classes("b-brand").props("type=button")
            brand._props.update({"aria-label": f"Barva – {w('home')}", "title": w("home")})
            brand.on("click", lambda: self.show(None))
            with brand:
                ui.element("span").classes("b-mark")
                c.tag("span", "", "Barva")
            self.title = ui.html("", sanitize=False).classes("b-title")
            with ui.element("div").classes("b-row b-needs-photo"):
                options = {"after": w("view.after"), "split": w("view.split"), "before": w("view.before")}
                self.views = c.Segments(w("view"), options, "after", self.look)
                self.views.element.classes("b-narrow-not")
            self.split = c.ghost(
                "compare", w("view.split"), lambda: self.look("after" if self.view == "split" else "split"), "C"
            )
            self.split.classes("b-needs-photo b-phone-only")
            with ui.element("div").classes("b-row b-needs-photo").style("gap:0;flex-wrap:nowrap"):
                self.undo = c.ghost("undo", w("undo"), lambda: self.step(-1), "Control+Z")
                self.redo = c.ghost("redo", w("redo"), lambda: self.step(1), "Control+Shift+Z")
            c.ghost("open", w("start.choose"), lambda: self.picture.call("open", "photo"), "Control+O").classes(
                "b-wide-only"
            )
            self._menus()
            c.ghost("help", w("help"), lambda: self.dialogs.help(), "?").classes("b-wide-only")
            sheet = c.ghost("sliders", w("panel"), self.sheet)
            sheet.classes("b-sheet-only b-needs-photo")
            c.button(w("save"), lambda: self.dialogs.save(), "b-primary b-needs-photo", "save")

    def _menus(self) -> None:
        w = self.words
        c.ghost("moon", w("theme"), self._next_theme).classes("b-narrow-not")
        other = next(code for code in LANGUAGES if code != w.language)
        made = c.button(other.upper(), lambda: self._remember("barva-language", other, True), "b-ghost b-narrow-not")
        made._props.update({"aria-label": LANGUAGES[other], "title": LANGUAGES[other], "lang": other})

    def _options(self) -> None:
        w = self.words
        with ui.element("div").classes("b-options") as self.options:
            self.options._props.update({"role": "group", "aria-label": w("mode")})
            modes = {m: w(f"mode.{m}") for m in ("new", "add", "cut")}
            self.modes = c.Segments(w("mode"), modes, "new", self.select_mode)
            self.reach_slider = c.Slider(w("reach"), 0.3, 2.5, 0.1, 1.0, lambda v, final: setattr(self, "reach", v))
            self.radius = c.Slider(w("radius"), 2, 120, 1, 10, lambda v, final: self.picture.show(radius=v))

    # ---- small settings

    def use(self, tool: str) -> None:
        """Take a tool."""
        if tool not in TOOLS:
            return
        self.tool = tool
        for name, made in self.tool_buttons.items():
            c.press_in(made, name == tool)
        self.picture.show(tool=tool)
        self.options.set_visibility(tool in (*_SELECTING, "stroke") and self.desk is not None)
        self.modes.element.set_visibility(tool in _SELECTING)
        self.reach_slider.element.set_visibility(tool == "grow")
        self.radius.element.set_visibility(tool in ("stroke", "brush"))

    def select_mode(self, mode: str) -> None:
        self.mode = mode
        self.modes.show(mode)
        self.picture.show(mode=mode)

    def look(self, view: str) -> None:
        """After, before, or both with a border between."""
        self.view = view
        self.views.show(view)
        c.press_in(self.split, view == "split")
        self.picture.show(compare=view)

    def sheet(self) -> None:
        """The panel on narrow windows."""
        self.app.classes(toggle="b-open")

    def _next_theme(self) -> None:
        order = ["auto", "dark", "light"]
        now = {None: "auto", True: "dark", False: "light"}[self.dark.value]
        theme = order[(order.index(now) + 1) % 3]
        self.dark.value = _theme(theme)
        self._remember("barva-theme", theme)
        self.say(self.words(f"theme.{theme}"))

    def _remember(self, name: str, value: str, reload: bool = False) -> None:
        again = "location.reload()" if reload else ""
        ui.run_javascript(f"document.cookie='{name}={value};path=/;max-age=31536000;samesite=strict';{again}")

    def say(self, text: str, seconds: float = 4.0) -> None:
        """A short message at the bottom."""
        self.toast.clear()
        with self.toast:
            c.tag("span", "", text)
        shown = self._said = object()

        async def later() -> None:
            await asyncio.sleep(seconds)
            if self._said is shown and not self.client._deleted:
                self.toast.clear()

        asyncio.get_running_loop().create_task(later())

    _said: object = None

    def complain(self, error: object) -> None:
        self.say(self.words("trouble", why=str(error)), 8)

    # ---- the desk

    def show(self, key: str | None) -> None:
        """Put a work on the desk, or the start page."""
        if self.desk is not None:
            self.desk.listeners.remove(self.sync)
            self.desk = None
        if key is not None:
            try:
                desk = self.shelf.desk(key)
                height, width = desk.size
            except BarvaError as error:
                self.complain(error)
                key = None
        if key is None:
            self.app.classes(add="b-start", remove="b-open")
            self.start.show(True)
            self.title.set_content("")
            self.picture.show(photo=None, marks=[], overlay="", selection="", version=0, upload="/studio/open?work=")
            self.options.set_visibility(False)
            self.busy.set_visibility(False)
            ui.run_javascript("history.replaceState(null, '', '/')")
            return
        self.desk = desk
        desk.listeners.append(self.sync)
        self.app.classes(remove="b-start")
        self.start.show(False)
        base = min(1.0, (BASE / (width * height)) ** 0.5)
        levels = 1
        while (max(width, height) - 1 >> levels - 1) + 1 > SMALLEST:
            levels += 1
        photo = {
            "key": key, "address": f"/api/v1/sessions/{key}", "width": width, "height": height,
            "base": max(1, round(width * base)), "tile": TILE, "levels": levels,
        }  # fmt: skip
        upload = f"/studio/open?work={key}"
        self.picture.show(photo=photo, selection="", overlay="", marks=[], version=desk.version, upload=upload)
        self.title.set_content(f"{c.escaped(desk.name)}<small>{width} × {height}</small>")
        ui.run_javascript(f"history.replaceState(null, '', '/?work={key}')")
        self.use(self.tool)
        desk.go()
        self.strip.refresh()
        self.sync()

    def sync(self) -> None:
        """Show what the desk has, where it differs from what is shown."""
        desk = self.desk
        if desk is None or self.client._deleted:
            return
        with self.client:
            self.busy.set_visibility(desk.busy)
            if desk.trouble:
                self.complain(desk.trouble)
                desk.trouble = ""
            document = desk.live
            c.enable(self.undo, desk.drawer.journal.can_undo)
            c.enable(self.redo, desk.drawer.journal.can_redo)
            marks = [
                _mark(self.words, i, document.color(i), document.hidden(i)) for i in document.items if i.kind != "group"
            ]
            shown = {"marks": marks, "recent": self.recent()}
            if desk.version:
                shown["version"] = desk.version
            shown["overlay"] = f"/studio/{desk.key}/unsure/{desk.version}" if self.confidence and desk.version else ""
            self.picture.show(**shown)
            self.panel.sync(desk)
            self.strip.sync()

    def show_selection(self) -> None:
        """The selection's outline changed."""
        self.selection_shown += 1
        desk = self.desk
        there = desk is not None and desk.selection is not None
        self.picture.show(selection=f"/studio/{desk.key}/selection/{self.selection_shown}" if there and desk else "")

    def recent(self) -> list[str]:
        """The colours used last, the newest first."""
        if self.desk is None:
            return []
        colors = [i.color for i in reversed(self.desk.now.items) if i.color.startswith("#")]
        return list(dict.fromkeys(colors))[:9]

    def step(self, steps: int) -> None:
        if self.desk is not None:
            self.desk.selection = None
            self.show_selection()
            self.desk.step(steps)

    def _leave(self) -> None:
        if self.desk is not None and self.sync in self.desk.listeners:
            self.desk.listeners.remove(self.sync)
        self.desk = None

    @property
    def cards(self) -> tuple[Any, ...]:
        return catalog.method_cards()


def _theme(name: str | None) -> bool | None:
    return {"dark": True, "light": False}.get(name or "")


def _mark(words: Words, item: Item, color: str, hidden: bool) -> dict[str, Any]:
    """An item as the picture draws it."""
    kind = words(item.kind)
    handle = list(item.handle) if item.handle else None
    name = item.name or kind
    row: dict[str, Any] = {
        "id": item.id,
        "kind": item.kind,
        "color": color,
        "handle": handle,
        "off": hidden,
        "name": item.name,
    }
    place = f"{item.handle[0]:.0f}, {item.handle[1]:.0f}" if item.handle else ""
    row |= {"label": f"{name}, {color or '–'}, {place}", "title": name, "kept": True}
    if item.kind == "stroke":
        row |= {"along": [list(p) for p in item.along], "width": item.width}
    if item.box:
        row["box"] = list(item.box)
    return row
