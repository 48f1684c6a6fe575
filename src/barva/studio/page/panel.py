"""The panel at the side: how the photo is colored, what is in its scene, and the other photos."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui
from nicegui.element import Element

from barva.studio.page import controls as c
from barva.studio.page.photos import Photos
from barva.studio.page.tree import Tree
from barva.studio.page.variants import Variants
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession

if TYPE_CHECKING:
    from barva.studio.page.page import Page

TABS = ("color", "scene", "photos")
_ARROWS = "(e) => ['ArrowLeft', 'ArrowRight'].includes(e.key) && emit(e.key)"
_ENTER = """(e) => e.key === "Enter" && !e.isComposing
    && window.dispatchEvent(new CustomEvent("barva-say", { detail: e.target.value.slice(0, 100000) }))"""
"""To the picture, which keeps edits until the server has them."""
_KINDS = ("points", "strokes", "regions", "references", "swatches", "palette")


class Panel:
    """Three tabs. `sync` shows what the session has without disturbing what is being moved."""

    def __init__(self, page: Page) -> None:
        self.page, self.words = page, page.words
        w = page.words
        self.tabs: dict[str, Element] = {}
        self.bodies: dict[str, Element] = {}
        self._references: tuple[str, ...] | None = None
        self._palette: tuple[str, ...] | None = None
        self._notes: tuple[str, ...] | None = None
        with ui.element("aside").classes("b-panel") as aside:
            aside._props["aria-label"] = w("panel")
            with ui.element("div").classes("b-tabs"):
                with ui.element("div").classes("b-tablist") as bar:
                    bar._props.update({"role": "tablist", "aria-label": w("panel")})
                    for name in TABS:
                        self._tab(name)
                c.ghost("close", w("close"), page.sheet).classes("b-sheet-only")
            for name, build in (("color", self._color), ("scene", self._scene), ("photos", self._photos)):
                with ui.element("div").classes("b-panel-body b-scrolls") as body:
                    body._props.update(
                        {
                            "role": "tabpanel",
                            "id": f"b-body-{name}",
                            "aria-labelledby": f"b-tab-{name}",
                            "tabindex": "0",
                        }
                    )
                    self.bodies[name] = body
                    build()
        self.open("color")

    def _tab(self, name: str) -> None:
        title = self.words("film.frames" if name == "photos" and self.page.film is not None else f"tab.{name}")
        element = self.tabs[name] = c.button(title, partial(self.open, name))
        element._props.update({"role": "tab", "id": f"b-tab-{name}", "aria-controls": f"b-body-{name}"})
        element.on("keydown", lambda e: self._beside(name, str(e.args)), js_handler=_ARROWS)

    def _beside(self, name: str, key: str) -> None:
        """Arrow keys go through the tabs."""
        step = {"ArrowLeft": -1, "ArrowRight": 1}.get(key, 0)
        name = TABS[(TABS.index(name) + step) % len(TABS)]
        self.open(name)
        ui.run_javascript(f"document.getElementById('b-tab-{name}').focus()")

    def open(self, name: str) -> None:
        """Show a tab."""
        for key, element in self.tabs.items():
            element._props.update({"aria-selected": str(key == name).lower(), "tabindex": "0" if key == name else "-1"})
            element.update()
            self.bodies[key].set_visibility(key == name)

    # ---- building

    def _color(self) -> None:
        w, page = self.words, self.page
        self._cards = {card.name: card for card in page.cards}
        with c.Heading(w("say")) as section:
            section.classes("b-say")  # usable while the server is away: what is said waits as edits do
            line = c.Field(
                "input",
                type="text",
                placeholder=w("say.example"),
                autocomplete="off",
                enterkeyhint="go",
                aria_label=w("say"),
            ).classes("b-input")
            line.on("keydown", js_handler=_ENTER)
        with c.Heading(w("method")):
            options = {name: f"{w.method(name)} ({name})" for name in self._cards}
            self.method = c.Select(
                w("method"), options, "guided", lambda v: self._set(True, method=v, variant=0), hide=True
            )
            self.about = ui.element("p").classes("b-hint")
            self.vividness = c.Slider(
                w("vividness"), 0, 2, 0.05, 1.0, lambda v, final: self._set(final, vividness=v), w.number
            )
            self.strength = c.Slider(
                w("strength"), 0, 1, 0.05, 1.0, lambda v, final: self._set(final, strength=v), w.number
            )
            self.skin = c.Check(w("skin"), True, lambda ticked: self._set(True, skin=ticked))
            c.button(w("methods.compare"), lambda: page.dialogs.methods(), "", "compare")
        with c.Heading(w("variants")):
            self.variants = Variants(page, self._cards, lambda choice: self._set(True, **choice))
            self.sure = c.Check(w("confidence"), False, self.unsure)
        with c.Heading(w("references")):
            c.tag("p", "b-hint", w("references.text"))
            self.references = ui.element("div").classes("b-refs")
            c.button(w("references.add"), page.add_reference, "", "plus")
        with c.Heading(w("palette")):
            c.tag("p", "b-hint", w("palette.text"))
            self.palette = ui.element("div").classes("b-swatches")
        with c.Heading(w("notes")) as self.notes_section:
            self.notes = ui.element("ul").classes("b-list b-hint")

    def _scene(self) -> None:
        self.tree = Tree(self.page)

    def _photos(self) -> None:
        self.photos = Photos(self.page)

    # ---- changing

    def _set(self, final: bool, **values: Any) -> None:
        session = self.page.session
        if session is not None:
            self.page.change(replace(session.now, **values), final)

    def unsure(self, shown: bool) -> None:
        """The confidence as an overlay."""
        self.page.confidence = shown
        self.sure.show(shown)
        self.page.sync()

    # ---- showing

    def sync(self, session: EditSession) -> None:
        document = session.live
        self.method.show(document.method)
        self.vividness.show(document.vividness)
        self.strength.show(document.strength)
        self.skin.show(document.skin)
        card = self._cards.get(document.method)
        self.skin.element.set_visibility(card is not None and card.learned)  # others do nothing about skin
        if card is not None:
            summary, caution = self.words.card(card, "summary"), self.words.card(card, "caution")
            kinds = [self.words(f"kind.{k}") for k in _KINDS if k in card.native_guidance]
            how = self.words("method.follows", kinds=", ".join(kinds)) if kinds else self.words("method.nothing")
            sentences = ". ".join(text[:1].upper() + text[1:] for text in (summary, caution, how) if text)
            c.fill(self.about, f"{sentences}.")
        self._show_references(session, document)
        self._show_palette(document)
        self.variants.sync(session)
        if (notes := session.remarks) != self._notes:
            self._notes = notes
            self.notes.clear()
            with self.notes:
                for note in notes:
                    c.tag("li", "", self.words.translate(note))
            self.notes_section.set_visibility(bool(notes))
        self.tree.sync(session)
        self.photos.update(session)

    def _show_references(self, session: EditSession, document: Document) -> None:
        if document.references == self._references:
            return
        self._references = document.references
        self.references.clear()
        self.references.set_visibility(bool(document.references))
        with self.references:
            for key in document.references:
                name = session.files.reference_name(key)
                with ui.element("div").classes("b-ref"):
                    image = ui.element("img")
                    image._props.update(
                        {
                            "src": f"/studio/{session.key}/reference/{key}",
                            "alt": self.words("reference", name=name),
                            "data-pick": "",
                        }
                    )
                    rest = tuple(k for k in document.references if k != key)
                    c.ghost("close", f"{self.words('remove')}: {name}", partial(self._set, True, references=rest))

    def _show_palette(self, document: Document) -> None:
        if document.palette == self._palette:
            return
        self._palette = document.palette
        self.palette.clear()
        with self.palette:
            for color in document.palette:
                rest = tuple(k for k in document.palette if k != color)
                element = c.button(
                    "",
                    partial(self._set, True, palette=rest),
                    "b-swatch",
                    "",
                    f"{self.words('remove')}: {self.words.color(color)}",
                )
                element.style(f"background:{color}")
            with ui.element("label").classes("b-button b-add"):
                c.icon("plus")
                c.tag("span", "", self.words("palette.add"))
                field = c.Field("input", "#7a5c3e", type="color", aria_label=self.words("palette.add"))
                field.classes("b-unseen")
                field.on("change", lambda e: self._add_color(str(e.args)), js_handler="(e) => emit(e.target.value)")

    def _add_color(self, color: str) -> None:
        session = self.page.session
        if session is not None and color not in session.now.palette:
            self._set(True, palette=(*session.now.palette, color))
