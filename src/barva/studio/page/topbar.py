"""The bar at the top: which photo it is, how it is looked at, undo and redo, look and language, save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from barva.studio.locale.messages import LANGUAGES
from barva.studio.page import controls as c

if TYPE_CHECKING:
    from barva.studio.page.page import Page

_SHORT = {"en": "ENG", "uk": "УКР"}
_THEMES = ("auto", "dark", "light")


class Topbar:
    """`view` is what is looked at: after, before, or both with a border between (split)."""

    def __init__(self, page: Page, theme: str) -> None:
        self.page, self.words, self.view = page, page.words, "after"
        self.dark = ui.dark_mode(_dark(theme))
        w = self.words
        with ui.element("header").classes("b-bar"):
            brand = ui.element("button").classes("b-brand").props("type=button")
            brand._props.update({"aria-label": f"Barva – {w('home')}", "title": w("home")})
            brand.on("click", lambda: page.show(None))
            with brand:
                ui.element("span").classes("b-mark")
                c.tag("span", "", "Barva")
            self._title = ui.html("", sanitize=False, tag="h1").classes("b-title")
            with ui.element("div").classes("b-row b-needs-photo"):
                options = {"after": w("view.after"), "split": w("view.split"), "before": w("view.before")}
                self._views = c.Segments(w("view"), options, "after", self.look)
                self._views.element.classes("b-narrow-not")
            self._split = c.ghost("compare", w("view.split"), self.compare, "C")
            self._split.classes("b-needs-photo b-phone-only")
            with ui.element("div").classes("b-row b-needs-photo").style("gap:0;flex-wrap:nowrap"):
                self._undo = c.ghost("undo", w("undo"), lambda: page.steps.go(-1), "Control+Z")
                self._redo = c.ghost("redo", w("redo"), lambda: page.steps.go(1), "Control+Shift+Z")
            c.ghost("open", w("start.choose"), self._open, "Control+O").classes("b-wide-only")
            self._menus()
            c.ghost("help", w("help"), lambda: page.dialogs.help(), "?").classes("b-wide-only")
            c.ghost("sliders", w("panel"), page.sheet).classes("b-sheet-only b-needs-photo")
            saving, look = ("save", "b-primary") if page.film is None else ("film.frame", "")
            self.save = c.button(w(saving), lambda: page.dialogs.save(), f"{look} b-needs-photo", "save")

    def _menus(self) -> None:
        w = self.words
        c.ghost("moon", w("theme"), self._next_theme).classes("b-narrow-not")
        other = next(code for code in LANGUAGES if code != w.language)
        button = c.button(_SHORT[other], lambda: _remember("barva-language", other, True), "b-ghost b-narrow-not")
        button._props.update({"aria-label": LANGUAGES[other], "title": LANGUAGES[other], "lang": other})

    # ---- what it shows

    def title(self, name: str, size: str) -> None:
        """The photo's name and size; empty on the start page."""
        self._title.set_content(f"{c.escape_html(name)}<small>{c.escape_html(size)}</small>" if name else "")
        self._title._props["title"] = name
        self._title.update()

    def steps(self, undo: bool, redo: bool) -> None:
        """Whether there are states before and after."""
        c.enable(self._undo, undo)
        c.enable(self._redo, redo)

    def savable(self, why_not: str) -> None:
        """Whether there is a picture to save, and if not, why."""
        c.enable(self.save, not why_not)
        if self.save._props.get("title", "") != why_not:
            self.save._props.update({"title": why_not, "aria-description": why_not})
            self.save.update()

    # ---- what it does

    def look(self, view: str) -> None:
        """After, before, or both with a border between."""
        self.view = view
        self._views.show(view)
        c.press_in(self._split, view == "split")
        self.page.picture.show(compare=view)

    def compare(self) -> None:
        """Both, or after alone."""
        self.look("after" if self.view == "split" else "split")

    def _open(self) -> None:
        self.page.picture.choose_photos()

    def _next_theme(self) -> None:
        now = {None: "auto", True: "dark", False: "light"}[self.dark.value]
        theme = _THEMES[(_THEMES.index(now) + 1) % 3]
        self.dark.value = _dark(theme)
        _remember("barva-theme", theme)
        self.page.toast.say(self.words(f"theme.{theme}"))


def _dark(theme: str) -> bool | None:
    return {"dark": True, "light": False}.get(theme)


def _remember(name: str, value: str, reload: bool = False) -> None:
    """Keep a setting in the browser."""
    again = "location.reload()" if reload else ""
    ui.run_javascript(f"document.cookie='{name}={value};path=/;max-age=31536000;samesite=strict';{again}")
