"""The picture as an element of the page: properties in, `act` events out; the rest is in `web/picture`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui.element import Element

from barva.engine.render.preview import TILE
from barva.engine.render.pyramid import level_sizes
from barva.errors import UsageError
from barva.film.encode import SUFFIXES
from barva.film.source import load_av
from barva.imaging import formats
from barva.methods.base import MethodCard
from barva.studio.locale.messages import Words
from barva.studio.page import assets
from barva.studio.sessions import wording
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import BASE

_WORDS = (
    "stage", "points", "pending", "point", "stroke", "box", "object", "zoom", "zoomIn", "zoomOut", "fit", "compare",
    "before", "after", "likely", "recent", "wheel", "redraw", "hex", "dropper", "remove", "close", "name", "none",
    "drop", "connection", "connection.kept", "connection.needed", "connection.sent", "connection.lost",
)  # fmt: skip


class Picture(Element, component=assets.FOLDER / "picture.js", esm={"barva-picture": str(assets.FOLDER / "picture")}):
    """`words` are those of the page's language; `act(event, data)` is called with what the person does."""

    def __init__(self, words: Words, act: Callable[[str, dict[str, Any]], Any]) -> None:
        super().__init__()
        self._props["words"] = words.subset(*_WORDS)
        self._props["upload"] = "/studio/open?work="
        self._props["films"] = _why_no_films(words)

        def on_event(event: Any) -> Any:
            data = dict(event.args)
            return act(str(data.pop("event", "")), data)

        self.on("act", on_event)

    def show(self, **values: Any) -> None:
        """Set properties; only what changed goes over the wire."""
        changed = {k: v for k, v in values.items() if self._props.get(k) != v}
        if changed:
            self._props.update(changed)
            self.update()

    def call(self, name: str, *values: Any) -> None:
        """Call one of the picture's methods."""
        self.run_method("act", name, *values)

    def choose_photos(self) -> None:
        """The browser's dialog for photos, scenes and archives of sessions."""
        self.call("open", "photo", formats.accept(".jsonld", ".json", ".zip", "video/*", *sorted(SUFFIXES)), True)


def _why_no_films(words: Words) -> str:
    """Why films cannot be opened, empty where they can."""
    try:
        load_av()
    except UsageError as error:
        return words.translate(error.message)
    return ""


def photo(key: str, height: int, width: int) -> dict[str, object]:
    """What the picture has to know of a photo: where its tiles are, and how it is divided."""
    base = min(1.0, (BASE / (width * height)) ** 0.5)
    return {
        "key": key, "address": f"/api/v1/sessions/{key}", "width": width, "height": height,
        "base": max(1, round(width * base)), "tile": TILE, "levels": len(level_sizes(height, width)),
    }  # fmt: skip


def marks(words: Words, document: Document) -> list[dict[str, Any]]:
    """A document's items as the picture draws them; groups lie nowhere."""
    return [_mark(words, i, document.color(i), document.is_hidden(i)) for i in document.items if i.kind != "group"]


def why_no_redraw(words: Words, cards: Sequence[MethodCard], method: str) -> str | None:
    """Why a method cannot draw a region anew, empty where it can; None where no method of `cards` can."""
    names = [card.name for card in cards if card.samples]
    if not names or method in names:
        return "" if names else None
    return words("redraw.off", method=words.method(method), others=" / ".join(map(words.method, names)))


def _mark(words: Words, item: Item, color: str, hidden: bool) -> dict[str, Any]:
    own = words.translate(wording.title(item))
    name = own or words(item.kind)
    handle = item.handle
    place = f"{handle[0]:.0f}, {handle[1]:.0f}" if handle else ""
    row: dict[str, Any] = {
        "id": item.id, "kind": item.kind, "color": color, "handle": list(handle) if handle else None, "off": hidden,
        "name": own, "label": f"{name}, {words.color(color) or '–'}, {place}", "title": name, "kept": True,
    }  # fmt: skip
    if item.kind == "stroke":
        row |= {"along": [list(p) for p in item.along], "width": item.width}
    if item.box:
        row["box"] = list(item.box)
    return row
