"""All that is wanted of one photo: marks and objects, references, and how it is colored and written.

A `Document` is frozen; every edit makes a new one, so that undo is keeping the old one (see `history`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

import numpy as np

from barva.color import gamut, names
from barva.color.hex import rgb_to_hex
from barva.engine.request import Request
from barva.errors import UsageError
from barva.guidance.marks import Box, Guidance, Mark, Point, Region, Stroke
from barva.methods import catalog
from barva.scene.masks import Mask
from barva.scene.model import Scene
from barva.studio.jobs.output import SETTINGS, Output, plain_request, read_sampling

Kind = Literal["point", "stroke", "box", "object", "group"]
Place = tuple[float, float]

MOST = 5000
"""Items that one document may hold."""


@dataclass(frozen=True)
class Item:
    """One line of the tree: a mark, an object with a selection, or a group of them.

    Places are the photo's pixels. `mask` is the key of an object's selection among the photo's files. `parent` is the
    id of the group or object above, empty at the top. `origin` says where the user took the color from: user, network
    (one of the likeliest) or reference.
    """

    id: str
    kind: Kind
    color: str = ""
    name: str = ""
    parent: str = ""
    off: bool = False
    origin: str = "user"
    at: Place | None = None
    along: tuple[Place, ...] = ()
    width: float | None = None
    box: tuple[float, float, float, float] | None = None
    mask: str = ""

    def marks(self, mask: Callable[[str], Mask]) -> tuple[Mark, ...]:
        """As guidance; nothing for groups and for objects without a color of their own. UsageError."""
        if not self.color:
            return ()
        if self.kind == "point" and self.at is not None:
            return (Point(self.at, self.color),)
        if self.kind == "stroke":
            return (Stroke(self.along, self.color, self.width),)
        if self.kind == "box" and self.box is not None:
            return (Region(Box(*self.box), self.color),)
        if self.kind == "object":
            return (Region(mask(self.mask), self.color),)
        return ()

    @property
    def handle(self) -> Place | None:
        """Where its button lies; objects have theirs in `at`."""
        if self.kind == "stroke":
            return self.along[-1]
        if self.box is not None:
            left, top, right, bottom = self.box
            return (left + right) / 2, (top + bottom) / 2
        return self.at

    def with_handle_at(self, to: Place, size: tuple[int, int]) -> Item:
        """The point, stroke or box with its handle at `to`, or as near as all of it stays on the photo (height, width).
        What has no handle stays."""
        if self.handle is None:
            return self
        (height, width), edge = size, 0.0 if self.box is not None else 1.0
        corners = ((self.box[0], self.box[1]), (self.box[2], self.box[3])) if self.box is not None else self.along
        corners = corners or (self.handle,)
        (xs, ys), (x, y) = zip(*corners, strict=True), self.handle
        dx = min(max(to[0] - x, -min(xs)), width - edge - max(xs))
        dy = min(max(to[1] - y, -min(ys)), height - edge - max(ys))
        if self.box is not None:
            left, top, right, bottom = self.box
            return replace(self, box=(left + dx, top + dy, right + dx, bottom + dy))
        if self.kind == "stroke":
            return replace(self, along=tuple((px + dx, py + dy) for px, py in self.along))
        return replace(self, at=(x + dx, y + dy))


@dataclass(frozen=True)
class Document:
    """One state of a session. Masks, references, hint files and scenes are named by their keys among the session's
    files.

    Args:
        items: the lines of the page's tree; they win over `marks`.
        references: keys of color photos.
        palette: colors as #rrggbb that the answer stays near.
        marks: key of a hint file that came by the API.
        scene: key of a scene that came by the API: what was known before all marks.
        text: what a program asks in words; items and marks win over it.
        skin: whether skin that a method left gray takes the color of its face.
        sampling: JSON of what a program asks of a method that draws its answers.
        format, quality, provenance: how the file is written.
    """

    method: str = catalog.DEFAULT
    vividness: float = 1.0
    strength: float = 1.0
    variant: int = 0
    items: tuple[Item, ...] = ()
    references: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()
    seed: int = 0
    marks: str = ""
    scene: str = ""
    text: str = ""
    skin: bool = True
    sampling: str = ""
    format: str | None = None
    quality: int | None = None
    provenance: bool = True

    @property
    def request(self) -> Request:
        """What is set by values; marks, scene and references are files of the session. `sampling` waits while the
        method is one that draws nothing. UsageError."""
        values = {name: getattr(self, name) for name in SETTINGS if name != "sampling"}
        if self.sampling and catalog.card(self.method).samples:
            values["sampling"] = read_sampling(self.sampling)
        return Request(**values)

    @property
    def output(self) -> Output:
        """The method, and how the file is written. UsageError."""
        return Output(**{f.name: getattr(self, f.name) for f in fields(Output)})

    def with_settings(self, request: Request, output: Output | None = None) -> Document:
        """With what a request sets by values, and another output."""
        values = {name: value for name, value in plain_request(request).items() if value is not None}
        return replace(self, **values, **(asdict(output) if output is not None else {}))

    def with_scene(self, key: str, scene: Scene) -> Document:
        """With a scene in the place of the one before and of all marks, and with the settings that it names."""
        how = scene.whole.manner
        values = {name: value for name in _OF_SCENES if (value := getattr(how, name)) is not None}
        return replace(self, items=(), marks="", palette=(), scene=key, **values)

    def item(self, id: str) -> Item | None:
        return next((i for i in self.items if i.id == id), None)

    def with_item(self, item: Item) -> Document:
        """With this item in the place of the one of its id, or at the end. UsageError where there are too many."""
        if self.item(item.id) is not None:
            return replace(self, items=tuple(item if i.id == item.id else i for i in self.items))
        if len(self.items) >= MOST:
            raise UsageError("there are {most} marks already", code="document.full", most=MOST)
        return replace(self, items=(*self.items, item))

    def without(self, id: str) -> Document:
        """Without the item; what was below it moves up one step."""
        gone = self.item(id)
        if gone is None:
            return self
        rest = (replace(i, parent=gone.parent) if i.parent == id else i for i in self.items if i.id != id)
        return replace(self, items=tuple(rest))

    def with_parent(self, id: str, parent: str) -> Document:
        """With the item below another one, or at the top. UsageError for a place below itself."""
        above = parent
        while above:
            if above == id:
                raise UsageError("a group cannot lie inside itself", code="document.group-in-itself")
            group = self.item(above)
            if group is None:
                raise UsageError("there is no such group", code="document.no-group")
            above = group.parent
        item = self.item(id)
        return self if item is None else self.with_item(replace(item, parent=parent))

    def is_hidden(self, item: Item) -> bool:
        """Whether it, or anything above it, is switched off."""
        seen: Item | None = item
        while seen is not None:
            if seen.off:
                return True
            seen = self.item(seen.parent) if seen.parent else None
        return False

    def color(self, item: Item) -> str:
        """Its color, or the nearest one above it."""
        seen: Item | None = item
        while seen is not None:
            if seen.color:
                return seen.color
            seen = self.item(seen.parent) if seen.parent else None
        return ""

    def guidance(self, mask: Callable[[str], Mask]) -> Guidance:
        """Those items that are switched on, as marks: regions first, so that a point inside an object wins over it.
        UsageError."""
        shown = [replace(i, color=self.color(i)) for i in self.items if not self.is_hidden(i)]
        marks = [mark for item in shown for mark in item.marks(mask)]
        return Guidance(tuple(sorted(marks, key=lambda m: not isinstance(m, Region))))

    def to_json(self) -> dict[str, Any]:
        """As plain data; what is as always is left out."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        if self.items:
            plain["items"] = [_item_row(i) for i in self.items]
        return plain

    def digest(self) -> str:
        """The same for the same document, after a restart too."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:20]

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Document:
        """What `to_json` gave. UsageError."""
        try:
            items = tuple(_item(row) for row in data.get("items", []))
            rest: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k != "items"}
            return cls(items=items, **rest)
        except (TypeError, KeyError, AttributeError) as error:
            raise UsageError("this is no saved work: {problem}", code="open.no-saved-work", problem=error) from None


_OF_SCENES = ("method", "vividness", "strength", "seed", "skin")


def _item_row(item: Item) -> dict[str, Any]:
    blank = Item(item.id, item.kind)
    return {k: v for k, v in asdict(item).items() if k in ("id", "kind") or v != getattr(blank, k)}


def _item(row: dict[str, Any]) -> Item:
    frozen: dict[str, Any] = {
        k: tuple(tuple(p) if isinstance(p, list) else p for p in v) if isinstance(v, list) else v
        for k, v in row.items()
    }
    return Item(**frozen)


def known_color(text: str) -> str:
    """The color as #rrggbb, which every browser knows. UsageError."""
    lab = np.array([[names.lab(text)]], np.float32)
    rgb = gamut.merge(lab[..., 0], lab[..., 1:], 8)[0, 0]
    return rgb_to_hex(rgb)
