"""Dialogs: save, shortcuts, and methods side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from barva.imaging import formats
from barva.imaging.formats import studio_formats, title
from barva.studio.page import compare
from barva.studio.page import controls as c

if TYPE_CHECKING:
    from barva.studio.page.page import Page

_KEYS = (
    ("help.zoom", ("+", "−")), ("help.fit", ("0",)), ("help.full", ("1",)), ("help.space", ("Space",)),
    ("help.peek", ("\\",)), ("view.split", ("C",)), ("confidence", ("I",)), ("undo", ("Ctrl Z",)),
    ("redo", ("Ctrl Shift Z",)), ("save", ("Ctrl S",)), ("open", ("Ctrl O",)), ("remove", ("Del",)),
    ("help.size", ("[", "]")), ("help.modifiers", ("Shift", "Alt")), ("help.aim", ("← → ↑ ↓", "Enter")),
    ("help.draw", ("Enter", "← → ↑ ↓", "Enter")),
    ("help.escape", ("Esc",)), ("help", ("?",)),
)  # fmt: skip
_FOLLOW = (
    "(e) => { e.preventDefault(); emit(e.currentTarget.href); }"  # the picture saves, which gets to know what is wrong
)


class Dialogs:
    def __init__(self, page: Page) -> None:
        self.page = page
        self._saving: Element | None = None

    def open_card(self, title: str, wide: bool = False) -> tuple[ui.dialog, Element]:
        """An empty dialog; it is deleted when it closes."""
        dialog = ui.dialog()
        dialog._props.update({"aria-labelledby": "b-dialog-title", "role": "dialog"})
        dialog.on("hide", dialog.delete)
        with dialog, ui.element("div").classes("b-card") as card:
            if wide:
                card.classes("b-wide")
            with ui.element("div").classes("b-card-head"):
                c.tag("h2", "", title, id="b-dialog-title")
                c.ghost("close", self.page.words("close"), dialog.close)
        dialog.open()
        return dialog, card

    def help(self) -> None:
        from barva.studio.page.toolbar import TOOLS

        w = self.page.words
        with self.page.app:
            _, card = self.open_card(w("help.title"))
        keys = [(f"tool.{name}", (key,)) for name, key in TOOLS.items()] + list(_KEYS)
        with card, ui.element("dl").classes("b-keys"):
            for text, pressed in keys:
                c.tag("dt", "", w(text))
                with ui.element("dd"):
                    for key in pressed:
                        c.tag("kbd", "", key)

    def save(self) -> None:
        session = self.page.session
        if session is None:
            return
        if self.page.notice.text:
            self.page.toast.say(self.page.words("save.not", why=self.page.notice.text), 8)
            return
        w, links = self.page.words, list[tuple[str, Element]]()
        with self.page.app:
            _, card = self.open_card(w("save.title" if self.page.film is None else "film.frame"))
        own = session.service.colorizers.photo(session.stored.photo).envelope.format

        def choose(format: str) -> None:
            for what, link in links:
                link._props["href"] = f"/studio/{session.key}/save/{what}?format={format}"
                link.update()

        with card:
            if self.page.film is not None:
                c.tag("p", "b-hint", w("film.frame.text"))
            choices = {
                "": w("save.same", format=title(own)),
                **{f.name: f.title for f in studio_formats() if f.name != own},
            }
            c.Select(w("save.format"), choices, "", choose)
            with ui.element("div"):
                for what in ("photo", "scene", "all"):
                    with ui.element("div").classes("b-choice"):
                        c.tag("h3", "", w(f"save.{what}"))
                        c.tag("p", "", w(f"save.{what}.text"))
                        link = ui.element("a").classes(f"b-button {'b-primary' if what == 'photo' else ''}")
                        link._props.update(
                            {"href": f"/studio/{session.key}/save/{what}", "download": "", "data-save": what}
                        )
                        link._props["aria-label"] = f"{w('save')}: {w(f'save.{what}')}"
                        with link:
                            c.icon("save")
                            c.tag("span", "", w("save"))
                        link.on("click", lambda e: self._save(str(e.args)), js_handler=_FOLLOW)
                        if what != "scene":
                            links.append((what, link))
            self._saving = c.tag("p", role="status")
            c.tag("p", "b-hint", w("autosaved"))

    def _save(self, address: str) -> None:
        self._show_saving(self.page.words("saving"))
        self.page.picture.call("save", address)

    def show_saved(self, name: str, why: str) -> None:
        """A file was given to the browser's downloads, or why not."""
        w = self.page.words
        if not self._show_saving(w("trouble", why=why) if why else w("saved", name=name)):
            if why:
                self.page.toast.complain(why)
            else:
                self.page.toast.say(w("saved", name=name))

    def _show_saving(self, text: str) -> bool:
        """A line in the dialog that saves; whether it is still open."""
        line = self._saving
        if line is None or line.is_deleted:
            return False
        line.clear()
        if text:
            with line:
                c.tag("span", "", text)
        return True

    def ask_photo(self, scene: str, photo: str) -> None:
        """A scene came without its photo, whose name it may know."""
        w = self.page.words
        with self.page.app:
            dialog, card = self.open_card(w("waits.title", name=scene))

        def choose() -> None:
            self.page.picture.call("open", "photo", formats.accept(), False)
            dialog.close()

        def cancel() -> None:
            self.page.picture.call("forget")
            dialog.close()

        with card:
            c.tag("p", "", w("waits.text", name=photo) if photo else w("waits.any"))
            with ui.element("div").classes("b-row b-card-foot"):
                c.button(w("cancel"), cancel)
                c.button(w("waits.choose"), choose, "b-primary", "plus")

    def methods(self) -> None:
        """Methods side by side, with their seconds, and scores where the photo was in color."""
        if self.page.session is not None:
            compare.Comparison(self.page, self.page.session)
