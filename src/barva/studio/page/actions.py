"""What the person does on the picture, and what becomes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from barva.color import names
from barva.errors import BarvaError, UsageError
from barva.studio.sessions import select
from barva.studio.sessions.document import Item, known_color
from barva.studio.sessions.edit_session import EditSession

if TYPE_CHECKING:
    from barva.studio.page.page import Page

_PLACES = 4000  # of one stroke


async def heard(page: Page, event: str, data: dict[str, Any]) -> None:
    """An event of the picture. What is wrong with it is said, and nothing else happens."""
    act = _ACTS.get(event)
    if act is None or (page.session is None and event not in ("uploading", "uploaded", "waits", "shortcut")):
        return
    try:
        done = act(page, data)
        if asyncio.iscoroutine(done):
            await done
    except BarvaError as error:
        page.complain(error)
    except (KeyError, TypeError, ValueError) as error:  # no browser of ours sends such things
        page.complain(f"{type(error).__name__}")


def _session(page: Page) -> EditSession:
    assert page.session is not None
    return page.session


def _pair(value: Any) -> tuple[float, float]:
    x, y = (float(v) for v in value)
    return x, y


def _pairs(value: Any) -> tuple[tuple[float, float], ...]:
    return tuple(_pair(p) for p in list(value)[:_PLACES])


async def spot(page: Page, data: dict[str, Any]) -> None:
    """The likeliest colours of a place; none where the method does not know, or wants something first. The last place
    asked for counts."""
    session, id = _session(page), str(data["id"])
    page.spotted = turn = page.spotted + 1
    try:
        colors = await session.suggest(session.on_photo(_pair(data["at"])))
    except BarvaError:
        colors = []
    if page.spotted == turn:
        page.picture.call("suggest", id, colors)


def mark(page: Page, data: dict[str, Any]) -> None:
    """A colour for a mark or an object, new or not."""
    session, id, color, final = _session(page), str(data["id"]), str(data["color"]), bool(data.get("final"))
    names.lab(color)
    old = session.now.item(id)
    origin = str(data.get("origin"))
    origin = origin if origin in ("reference", "network") else "user"
    if old is not None:
        new = replace(old, color=color)
    elif data["kind"] == "region":
        if session.selection is None:
            raise UsageError(page.words("trouble.select"))
        new = session.object(id, None, color)
    elif data["kind"] == "point":
        new = Item(id, "point", color, at=session.on_photo(_pair(data["at"])))
    elif data["kind"] == "stroke":
        width = float(data["width"]) if data.get("width") else None
        new = Item(id, "stroke", color, along=tuple(session.on_photo(p) for p in _pairs(data["along"])), width=width)
    else:
        left, top, right, bottom = (float(v) for v in data["box"])
        new = Item(id, "box", color, box=(left, top, right, bottom))
    page.change(session.now.with_item(replace(new, origin=origin)), final)


def move(page: Page, data: dict[str, Any]) -> None:
    """A mark was dragged by its handle. Objects stay where their selection is."""
    session = _session(page)
    old = session.now.item(str(data["id"]))
    if old is not None and old.kind in ("point", "stroke", "box"):
        page.change(session.now.with_item(old.moved(_pair(data["at"]), session.size)), bool(data["final"]))


def remove(page: Page, data: dict[str, Any]) -> None:
    session = _session(page)
    page.change(session.now.without(str(data["id"])))
    page.deselect()


def rename(page: Page, data: dict[str, Any]) -> None:
    session = _session(page)
    old = session.now.item(str(data["id"]))
    text = " ".join(str(data["text"]).split())[:60]
    if old is not None:
        page.change(session.now.with_item(replace(old, name=text)))
    elif session.selection is not None:
        # an object may be named before it has a colour
        page.change(session.now.with_item(replace(session.object(str(data["id"]), None, ""), name=text)))


def named(page: Page, data: dict[str, Any]) -> None:
    """A colour's name, in any of the languages that colours have."""
    try:
        page.picture.call("understood", known_color(str(data["text"])), "")
    except UsageError as error:
        page.picture.call("understood", "", page.words.said(str(error)))


async def region(page: Page, data: dict[str, Any]) -> None:
    """A click, a lasso or a brush that selects. What grew is of no use any more where the person went on to another
    photo or another selection meanwhile."""
    session, op, mode = _session(page), str(data["op"]), data.get("mode", "new")
    if op == "brush" and mode == "new" and session.selection is not None:
        mode = "add"  # a brush corrects what is there
    if mode not in ("new", "add", "cut"):
        raise UsageError(f"there is no way '{mode}' to select")
    shape = session.selection_size
    if mode == "new":
        page.selecting += 1
    turn = page.selecting
    if op == "grow":
        page.busy.set_visibility(True)
        try:
            plane = await session.grow(_pair(data["at"]), page.tools.reach, mode)
        finally:
            page.busy.set_visibility(page.session is not None and page.session.busy)
        if page.session is not session or page.selecting != turn:
            return
    elif op == "lasso":
        plane = select.lasso([session.share(p) for p in _pairs(data["along"])], shape)
    else:
        scale = shape[1] / session.size[1]
        plane = select.brush([session.share(p) for p in _pairs(data["along"])], float(data["width"]) * scale, shape)
    new = mode == "new" or session.selection is None
    session.selection = select.combined(session.selection, plane, mode)
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
        "color": old.color if old else None,
        "name": old.name if old else "",
    }
    page.picture.call("selected", about | {"kept": old is not None})


def select_mark(page: Page, data: dict[str, Any]) -> None:
    """A mark was opened: an object's selection is shown and can be corrected."""
    session = _session(page)
    found = session.now.item(str(data["id"]))
    if found is not None and found.kind == "object":
        page.selecting += 1
        session.selection, session.selected = session.files.mask(found.mask).levels().copy(), found.id
        page.show_selection()


def untarget(page: Page, data: dict[str, Any]) -> None:
    """The popover was closed: what was tried without being taken is undone, and the selection stays for corrections
    only with the tools that make them."""
    session = _session(page)
    if session.live != session.now:
        page.change(session.now)


def untold(page: Page, data: dict[str, Any]) -> None:
    """There is no veil: the method does not know how sure it is."""
    if data["name"] == "overlay" and page.confidence:
        page.panel.unsure(False)
        page.say(page.words("confidence.none"))


def radius(page: Page, data: dict[str, Any]) -> None:
    page.tools.show_radius(int(data["radius"]))


async def shortcut(page: Page, data: dict[str, Any]) -> None:
    name = str(data["name"])
    if name == "help":
        page.dialogs.help()
    elif name == "open":
        page.picture.choose_photos()
    elif name == "undo":
        await page.step(-1)
    elif page.session is None:
        return
    elif name.startswith("tool:"):
        page.tools.use(name[5:])
    elif name == "redo":
        await page.step(1)
    elif name == "save":
        page.dialogs.save()
    elif name == "compare":
        page.bar.compare()
    elif name == "confidence":
        page.panel.unsure(not page.confidence)
    elif name == "escape":
        page.deselect()
        page.app.classes(remove="b-open")


def uploading(page: Page, data: dict[str, Any]) -> None:
    name, count = str(data["name"])[:60], int(data["count"])
    more = f" ({int(data['index']) + 1}/{count})" if count > 1 else ""
    page.say(page.words("opening", name=name) + more, 20)


def _why(page: Page, data: dict[str, Any]) -> str:
    why = str(data.get("error") or "")
    return page.words("trouble.network") if why == "network" else why


def saved(page: Page, data: dict[str, Any]) -> None:
    """A file has gone to the browser's downloads, or not."""
    page.dialogs.saved(str(data.get("name") or "")[:200], _why(page, data))


def waits(page: Page, data: dict[str, Any]) -> None:
    """A scene came without its photo."""
    page.toast.clear()
    page.dialogs.ask_photo(str(data["name"])[:200], str(data["photo"])[:200])


def uploaded(page: Page, data: dict[str, Any]) -> None:
    """Files have come in, or not; `left` more are to come."""
    for file in list(data["files"]):
        if file.get("error"):
            page.not_opened.append((str(file["name"])[:200], _why(page, file)))
        else:
            try:
                _take(page, file)
            except BarvaError as error:  # the others may be fine
                page.not_opened.append((str(file.get("name", ""))[:200], str(error)))
    page.strip.refresh()
    if not int(data.get("left", 0)):
        page.toast.clear()
        if page.not_opened:
            page.photos.complain(page.not_opened)
            page.not_opened = []


def _take(page: Page, file: dict[str, Any]) -> None:
    key = str(file["key"])
    if file.get("reference"):
        session = page.visitor.session(key)  # another photo may be shown by now
        reference = str(file["reference"])
        if reference not in session.now.references:
            session.change(replace(session.now, references=(*session.now.references, reference)))
    elif file.get("scene"):
        session = page.visitor.session(key)
        session.change(session.now)
        page.show(key)
    elif page.session is None or file.get("index") == 0:
        page.show(key)


_ACTS = {
    f.__name__: f
    for f in (
        spot, mark, move, remove, rename, named, region, untarget, untold, radius, shortcut, saved, uploading, uploaded,
        waits,
    )
} | {"select": select_mark}  # fmt: skip
