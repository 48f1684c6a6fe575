"""The tree of a scene: marks, objects and groups, each with its color, its name, where the color came from, and
whether it is on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from barva.errors import UsageError
from barva.studio.page import controls as c
from barva.studio.sessions import redraws
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.wording import title

if TYPE_CHECKING:
    from barva.studio.page.page import Page


_WHOLES = ("group", "object")  # what may have parts


class _Row:
    """One line; `show` changes what differs. It may go into `wholes` (id -> name); `crowded` keeps room for that button
    where other lines have it."""

    def __init__(self, tree: Tree, item: Item, deep: int, called: str, wholes: dict[str, str], crowded: bool) -> None:
        self.tree, self.id, self.kind = tree, item.id, called
        self.into: c.Select | None = None
        self._choice: Element | None = None  # holds it
        w = tree.page.words
        name = self._title(item) or called
        with ui.element("li") as self.line:
            self.line.classes("b-node").style(f"--deep:{deep}")
            label = w("scene.recolor", name=name)
            if item.kind == "group":  # it lies nowhere, so there is no place for the popover
                self.chip: Element = c.Field("input", "#808080", type="color", aria_label=label).classes("b-chip")
                self.chip.on(
                    "change", lambda e: tree.paint(self.id, str(e.args)), js_handler="(e) => emit(e.target.value)"
                )
            else:
                self.chip = c.button("", lambda: tree.recolor(self.id), "b-chip", "", label)
            with ui.element("div").classes("b-node-name"):
                self.name = c.Field("input", type="text", maxlength=60, aria_label=w("scene.rename", name=name))
                self.name.on("change", lambda e: self._rename(str(e.args)), js_handler="(e) => emit(e.target.value)")
                self.from_ = c.tag("small", "", "")
            self.eye = c.ghost("eye", w("scene.show", name=name), lambda: tree.toggle(self.id))
            with ui.element("div").classes("b-row").style("gap:0;flex-wrap:nowrap"):
                if wholes:
                    self._into(item, wholes, name)
                elif crowded:
                    ui.element("span").classes("b-into")
                self.bin = c.ghost("trash", f"{w('remove')}: {name}", lambda: tree.remove(self.id))
        self._shown: tuple[object, ...] = ()

    def _title(self, item: Item) -> str:
        return self.tree.page.words.translate(title(item))

    def _call(self, name: str) -> None:
        """Labels that say what the line is called now."""
        w = self.tree.page.words
        for button, label in (
            (self.chip, w("scene.recolor", name=name)),
            (self.name, w("scene.rename", name=name)),
            (self.eye, w("scene.show", name=name)),
            (self.bin, f"{w('remove')}: {name}"),
        ):
            button._props["aria-label"] = label
            if "title" in button._props:
                button._props["title"] = label
            button.update()
        for part in self._choice.descendants() if self._choice is not None else ():
            if part._props.get("tag") == "select":
                part._props["aria-label"] = w("scene.into", name=name)
                part.update()

    def offer(self, wholes: dict[str, str]) -> None:
        """What it may go into is called otherwise now."""
        for option in self._choice.descendants() if self._choice is not None else ():
            text = wholes.get(option._props.get("value", "")) if option.tag == "option" else None
            if text is not None and option._props["label"] != text:
                option._props["label"] = text
                option.update()

    def _rename(self, text: str) -> None:
        """Also what was written in vain (spaces, nothing) is replaced by the name in force."""
        self.tree.rename(self.id, text)
        if pair := self.tree.find(self.id):
            self.name.set(self._title(pair[1]) or self.kind)

    def _into(self, item: Item, wholes: dict[str, str], name: str) -> None:
        w = self.tree.page.words
        self._choice = ui.element("span").classes("b-into")
        with self._choice:
            c.icon("group")
            label, options = w("scene.into", name=name), {"": w("scene.top"), **wholes}
            self.into = c.Select(label, options, item.parent, lambda to: self.tree.move(item.id, to), hide=True)

    def again(self, document: Document, item: Item) -> None:
        """Show everything anew: the person put in what is not in force."""
        self._shown = ()
        self.show(document, item)

    def show(self, document: Document, item: Item) -> None:
        if self.into is not None:
            self.into.show(item.parent)
        color = document.color(item)
        shown = (item.name, color, item.color, item.off, document.is_hidden(item), item.origin)
        if shown == self._shown:
            return
        w = self.tree.page.words
        self.chip.style(f"background:{color or 'transparent'}")
        if isinstance(self.chip, c.Field):
            self.chip.set(color if color.startswith("#") else "#808080")
        self.chip.classes(add="b-none" if not color else "", remove="" if not color else "b-none")
        if not self._shown or self._shown[0] != item.name:
            name = self._title(item) or self.kind
            self.name.set(name)
            self._call(name)
        if item.color:
            label = f"{w.color(item.color)} · {w(f'origin.{item.origin}')}"
        else:
            label = w.color(color) or w("group") if item.kind == "group" else "–"
        self.from_.clear()
        with self.from_:
            c.tag("span", "", label, title=color)
        c.press_in(self.eye, not item.off)
        self.line.classes(
            add="b-off" if document.is_hidden(item) else "", remove="" if document.is_hidden(item) else "b-off"
        )
        self._shown = shown


class Tree:
    """All rows, rebuilt only where lines came, went or moved: what is renamed keeps the keyboard where it is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        w = page.words
        self._rows: dict[str, _Row] = {}
        self._order: list[tuple[str, ...]] | None = None
        self._wholes: dict[str, str] = {}
        with ui.element("section").classes("b-section"):
            with ui.element("div").classes("b-row").style("justify-content:space-between"):
                c.tag("h2", "b-heading", w("tab.scene"))
                self.group = c.button(w("scene.group"), self._new_group, "b-quiet", "group")
            self.empty = c.tag("p", "b-hint", w("scene.empty"))
            self.list: Element = ui.element("ul").classes("b-tree")
            self.list._props["aria-label"] = w("tab.scene")
            with ui.element("div").classes("b-row") as self.redraws:
                self.redraws.style("justify-content:space-between")
                self._redrawn = c.tag("p", "b-hint")
                c.button(w("redraw.undo"), self._undo_redraws, "b-quiet", "undo")
            self.clear = c.button(w("scene.clear"), self._clear, "b-quiet", "trash")

    def sync(self, session: EditSession) -> None:
        document = session.live
        rows = list(_in_order(document, "", 0))
        order: list[tuple[str, ...]] = [(i.id, i.parent, i.kind) for i, _ in rows]
        called = self._called(document)
        w = self.page.words
        wholes = {i.id: w.translate(title(i)) or called[i.id] for i in document.items if i.kind in _WHOLES}
        if order != self._order:
            self._order = order
            self._build(document, rows, called, wholes)
        elif wholes != self._wholes:
            for row in self._rows.values():
                row.offer(wholes)
        self._wholes = wholes
        for item, _ in rows:
            self._rows[item.id].show(document, item)
        self.empty.set_visibility(not rows)
        self.clear.set_visibility(bool(rows))
        self._show_redraws(redraws.count(document))

    def _show_redraws(self, count: int) -> None:
        """How many regions are drawn anew."""
        self.redraws.set_visibility(count > 0)
        c.fill(self._redrawn, self.page.words("redraw.count", count=count))

    def _undo_redraws(self) -> None:
        session = self.page.session
        if session is not None:
            self.page.change(redraws.without(session.now))

    def _called(self, document: Document) -> dict[str, str]:
        """What lines without a name are called, by id."""
        counts: dict[str, int] = {}
        called: dict[str, str] = {}
        for item in document.items:
            counts[item.kind] = counts.get(item.kind, 0) + 1
            called[item.id] = f"{self.page.words(item.kind)} {counts[item.kind]}"
        return called

    def _build(
        self, document: Document, rows: list[tuple[Item, int]], called: dict[str, str], wholes: dict[str, str]
    ) -> None:
        self._rows.clear()
        self.list.clear()
        with self.list:
            for item, deep in rows:
                below = {i.id for i, _ in _in_order(document, item.id, 0)}
                others = {k: v for k, v in wholes.items() if k != item.id and k not in below}
                self._rows[item.id] = _Row(self, item, deep, called[item.id], others, bool(wholes))

    # ---- edits

    def find(self, id: str) -> tuple[EditSession, Item] | None:
        session = self.page.session
        item = session.now.item(id) if session is not None else None
        return None if session is None or item is None else (session, item)

    def toggle(self, id: str) -> None:
        if pair := self.find(id):
            session, item = pair
            self.page.change(session.now.with_item(replace(item, off=not item.off)))

    def paint(self, id: str, color: str) -> None:
        """A group's color, which its parts without one of their own take."""
        if pair := self.find(id):
            session, item = pair
            if not self.page.change(session.now.with_item(replace(item, color=color))):
                self._rows[id].again(session.now, item)

    def rename(self, id: str, text: str) -> None:
        if pair := self.find(id):
            session, item = pair
            self.page.change(session.now.with_item(replace(item, name=" ".join(text.split())[:60])))

    def remove(self, id: str) -> None:
        if pair := self.find(id):
            self.page.change(pair[0].now.without(id))

    def move(self, id: str, parent: str) -> None:
        if pair := self.find(id):
            try:
                self.page.change(pair[0].now.with_parent(id, parent))
            except UsageError as error:
                self.page.toast.complain(error)
                self.sync(pair[0])  # the choice goes back to what is in force

    def recolor(self, id: str) -> None:
        self.page.app.classes(remove="b-open")
        self.page.picture.call("edit", id)

    def _new_group(self) -> None:
        session = self.page.session
        if session is not None:
            count = sum(i.kind == "group" for i in session.now.items) + 1
            name = f"{self.page.words('group')} {count}"
            self.page.change(session.now.with_item(Item(secrets.token_hex(6), "group", name=name)))

    def _clear(self) -> None:
        session = self.page.session
        if session is not None:
            self.page.change(replace(session.now, items=(), marks="", scene=""))


def _in_order(document: Document, parent: str, deep: int) -> Iterator[tuple[Item, int]]:
    """Items below `parent`, each followed by its own."""
    known = {i.id for i in document.items}
    for item in document.items:
        if item.parent == parent or (not parent and item.parent not in known and item.parent):
            yield item, deep
            if deep < 20:
                yield from _in_order(document, item.id, deep + 1)
