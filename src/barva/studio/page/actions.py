"""What the person does on the picture, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from barva.color import names
from barva.errors import BarvaError, UsageError, shorten
from barva.language import PartlyUnderstoodError
from barva.studio.page import events
from barva.studio.page.events import (
    CloseMark,
    ColorName,
    DrawAnew,
    File,
    Mark,
    Move,
    NotLoaded,
    OpenMark,
    Radius,
    Remove,
    Rename,
    Saved,
    Say,
    Select,
    Shortcut,
    Spot,
    Uploaded,
    Uploading,
    Waits,
)  # fmt: skip
from barva.studio.sessions import redraws, select, wording
from barva.studio.sessions.document import Item, known_color
from barva.studio.sessions.edit_session import EditSession

if TYPE_CHECKING:
    from barva.studio.page.page import Page


async def perform(page: Page, name: str, data: dict[str, Any]) -> None:
    """Do what an event of the picture asks for. What is wrong with it is said, and nothing else happens."""
    try:
        event = events.read(name, data)
        if event is None or (page.session is None and not isinstance(event, _WITHOUT_PHOTO)):
            return
        under_way = _ACTIONS[type(event)](page, event)
        if asyncio.iscoroutine(under_way):
            await under_way
    except BarvaError as error:
        page.toast.complain(error)


def _session(page: Page) -> EditSession:
    assert page.session is not None
    return page.session


async def _suggest(page: Page, event: Spot) -> None:
    """The likeliest colors of a place; none where the method does not know, or wants something first. The last place
    asked for counts."""
    session = _session(page)
    page.spotted = turn = page.spotted + 1
    try:
        colors = await session.suggest(session.on_photo(event.at))
    except BarvaError:
        colors = []
    if page.spotted == turn:
        named = [row | {"name": page.words.color(row["hex"])} for row in colors]
        page.picture.call("suggest", event.id, named)


def _mark(page: Page, event: Mark) -> None:
    """A color for a mark or an object, new or not."""
    session = _session(page)
    names.lab(event.color)
    old = session.now.item(event.id)
    new = replace(old, color=event.color) if old is not None else _item(page, session, event)
    page.change(session.now.with_item(replace(new, origin=event.origin)), event.final)


def _item(page: Page, session: EditSession, event: Mark) -> Item:
    """A new line of the tree. UsageError."""
    if event.kind == "region":
        if session.selection is None:
            raise UsageError("select something first", code="page.select-first")
        return session.object(event.id, None, event.color)
    if event.kind == "point" and event.at is not None:
        return Item(event.id, "point", event.color, at=session.on_photo(event.at))
    if event.kind == "stroke" and event.along:
        along = tuple(session.on_photo(place) for place in event.along)
        return Item(event.id, "stroke", event.color, along=along, width=event.width)
    if event.kind == "box" and event.box is not None:
        return Item(event.id, "box", event.color, box=event.box)
    raise UsageError("the page sent an event that makes no sense: {event}", code="page.bad-event", event="mark")


def _move(page: Page, event: Move) -> None:
    """A mark was dragged by its handle. Objects stay where their selection is."""
    session = _session(page)
    old = session.now.item(event.id)
    if old is not None and old.kind in ("point", "stroke", "box"):
        page.change(session.now.with_item(old.with_handle_at(event.at, session.size)), event.final)


def _remove(page: Page, event: Remove) -> None:
    session = _session(page)
    page.change(session.now.without(event.id))
    page.deselect()


def _rename(page: Page, event: Rename) -> None:
    session = _session(page)
    old = session.now.item(event.id)
    if old is not None:
        page.change(session.now.with_item(replace(old, name=event.text)))
    elif session.selection is not None:
        # an object may be named before it has a color
        page.change(session.now.with_item(replace(session.object(event.id, None, ""), name=event.text)))


async def _say(page: Page, event: Say) -> None:
    """Colors by words: one step of the history of the photo that they were said of."""
    session = _session(page)
    page.busy.set_visibility(True)
    try:
        changed, notes = await session.say(event.text)
    except PartlyUnderstoodError as error:
        if page.session is session:
            label = page.words("say.rest", text=shorten(error.rest))
            page.toast.offer(error.problem, label, partial(_say_rest, page, session, error.rest))
        return
    finally:
        page.busy.set_visibility(page.session is not None and page.session.busy)
    if page.session is session and (notes or not changed):
        page.toast.say(page.words.translate(notes[0]) if notes else page.words("say.nothing"), 8)


async def _say_rest(page: Page, session: EditSession, text: str) -> None:
    """What could be done of a text, on the photo that it was said of."""
    page.toast.clear()
    if page.session is session:
        await perform(page, "say", {"text": text})


def _show_color(page: Page, event: ColorName) -> None:
    """A color's name, in any of the languages that colors have."""
    try:
        page.picture.call("understood", known_color(event.text), "")
    except UsageError as error:
        page.picture.call("understood", "", page.words.translate(error.message))


async def _select(page: Page, event: Select) -> None:
    """A click, a lasso or a brush that selects. What grew is of no use any more where the person went on to another
    photo or another selection meanwhile."""
    session, op, mode = _session(page), event.op, event.mode
    if op == "brush" and mode == "new" and session.selection is not None:
        mode = "add"  # a brush corrects what is there
    shape = session.selection_size
    if mode == "new":
        page.selecting += 1
    turn = page.selecting
    if op == "grow":
        page.busy.set_visibility(True)
        try:
            plane = await session.grow(event.at, page.tools.reach, mode)
        finally:
            page.busy.set_visibility(page.session is not None and page.session.busy)
        if page.session is not session or page.selecting != turn:
            return
    elif op == "lasso":
        plane = select.lasso([session.share(p) for p in event.along], shape)
    else:
        scale = shape[1] / session.size[1]
        plane = select.brush([session.share(p) for p in event.along], event.width * scale, shape)
    new = mode == "new" or session.selection is None
    session.selection = select.combine(session.selection, plane, mode)
    if not session.selection.any():
        session.selection = None
        page.show_selection()
        return
    if new:
        import secrets

        session.selected = secrets.token_hex(6)
    page.show_selection()
    old = session.now.item(session.selected)
    if old is not None:
        page.change(session.now.with_item(session.object(old.id, old, old.color)))
    about = {
        "id": session.selected,
        "at": list(session.middle),
        "box": list(session.selection_box),
        "color": old.color if old else None,
        "name": page.words.translate(wording.title(old)) if old else "",
    }
    page.picture.call("selected", about | {"kept": old is not None})


def _open_mark(page: Page, event: OpenMark) -> None:
    """A mark was opened: an object's selection is shown and can be corrected."""
    session = _session(page)
    item = session.now.item(event.id)
    if item is not None and item.kind == "object":
        page.selecting += 1
        session.selection, session.selected = session.files.mask(item.mask).levels().copy(), item.id
        page.show_selection()


def _close_mark(page: Page, event: CloseMark) -> None:
    """The popover was closed: what was tried without being taken is undone, and the selection stays for corrections
    only with the tools that make them."""
    session = _session(page)
    if session.live != session.now:
        page.change(session.now)


async def _draw_anew(page: Page, event: DrawAnew) -> None:
    """Other colors in what is selected: one step of the history of the photo that it was selected on."""
    session = _session(page)
    document = await redraws.draw_anew(session)
    if page.session is session:
        page.change(document)


def _no_veil(page: Page, event: NotLoaded) -> None:
    """There is no veil: the method does not know how sure it is."""
    if event.name == "overlay" and page.confidence:
        page.panel.unsure(False)
        page.toast.say(page.words("confidence.none"))


def _radius(page: Page, event: Radius) -> None:
    page.tools.show_radius(event.pixels)


async def _shortcut(page: Page, event: Shortcut) -> None:
    name = event.name
    if name == "help":
        page.dialogs.help()
    elif name == "open":
        page.picture.choose_photos()
    elif name == "undo":
        await page.steps.go(-1)
    elif page.session is None:
        return
    elif name.startswith("tool:"):
        page.tools.use(name[5:])
    elif name == "redo":
        await page.steps.go(1)
    elif name == "save":
        page.dialogs.save()
    elif name == "compare":
        page.bar.compare()
    elif name == "confidence":
        page.panel.unsure(not page.confidence)
    elif name == "escape":
        page.deselect()
        page.app.classes(remove="b-open")


def _uploading(page: Page, event: Uploading) -> None:
    more = f" ({event.index + 1}/{event.count})" if event.count > 1 else ""
    page.toast.follow(page.words("opening", name=event.name) + more, event.share)


def _why(page: Page, error: str) -> str:
    return page.words("trouble.network") if error == "network" else error


def _report_save(page: Page, event: Saved) -> None:
    page.dialogs.show_saved(event.name, _why(page, event.error))


def _ask_photo(page: Page, event: Waits) -> None:
    page.toast.clear()
    page.dialogs.ask_photo(event.name, event.photo)


def _take_uploads(page: Page, event: Uploaded) -> None:
    for file in event.files:
        if file.error:
            page.not_opened.append((file.name, _why(page, file.error)))
            continue
        try:
            _take(page, file)
        except BarvaError as error:  # the others may be fine
            page.not_opened.append((file.name, error.message))
    page.strip.refresh()
    if event.left:
        return
    film, page.opened_film = page.opened_film, ""
    if film and not page.not_opened:
        ui.navigate.to(f"/?film={film}")
    else:
        if film and page.session is None:
            page.show(None)  # which lists it
        page.toast.clear()
        if page.not_opened:
            page.photos.complain(page.not_opened)
            page.not_opened = []


def _take(page: Page, file: File) -> None:
    if file.reference:
        session = page.visitor.session(file.key)  # another photo may be shown by now
        if file.reference not in session.now.references:
            session.change(replace(session.now, references=(*session.now.references, file.reference)))
    elif file.is_scene:
        session = page.visitor.session(file.key)
        session.change(session.now)
        page.show(file.key)
    elif file.film:
        page.opened_film = file.film
    elif page.film is not None:  # whose list has key frames alone
        ui.navigate.to(f"/?work={file.key}")
    elif page.session is None or file.index == 0:
        page.show(file.key)


_WITHOUT_PHOTO = (Uploading, Uploaded, Waits, Shortcut)
_ACTIONS: dict[type[Any], Callable[[Page, Any], Any]] = {
    Spot: _suggest, Mark: _mark, Move: _move, Remove: _remove, Rename: _rename, Say: _say, ColorName: _show_color,
    Select: _select, OpenMark: _open_mark, CloseMark: _close_mark, DrawAnew: _draw_anew, NotLoaded: _no_veil,
    Radius: _radius, Shortcut: _shortcut, Saved: _report_save, Uploading: _uploading, Uploaded: _take_uploads,
    Waits: _ask_photo,
}  # fmt: skip
