"""What the picture sends: one frozen dataclass an event, made of the JSON that the browser gives and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from barva.errors import UsageError

Place = tuple[float, float]
Data = dict[str, Any]

_PLACES = 4000  # of one stroke
_TEXT = 200  # characters of a name or a reason


@dataclass(frozen=True)
class Spot:
    """Somebody points at a place (x, y) and wants its likeliest colors."""

    id: str
    at: Place


@dataclass(frozen=True)
class Mark:
    """A color for a mark or an object, new or not. `final` is a step of the history; places are (x, y)."""

    id: str
    kind: str
    color: str
    final: bool
    origin: Literal["user", "reference", "network"]
    at: Place | None = None
    along: tuple[Place, ...] = ()
    width: float | None = None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Move:
    """A mark is dragged by its handle to `at`."""

    id: str
    at: Place
    final: bool


@dataclass(frozen=True)
class Remove:
    id: str


@dataclass(frozen=True)
class Rename:
    id: str
    text: str


@dataclass(frozen=True)
class Say:
    """Somebody asks for colors in words."""

    text: str


@dataclass(frozen=True)
class ColorName:
    """Somebody wrote a color by its name and wants to see it."""

    text: str


@dataclass(frozen=True)
class Select:
    """A click, a lasso or a brush that selects, adds to the selection, or cuts from it."""

    op: Literal["grow", "lasso", "brush"]
    mode: Literal["new", "add", "cut"]
    at: Place = (0.0, 0.0)
    along: tuple[Place, ...] = ()
    width: float = 1.0


@dataclass(frozen=True)
class OpenMark:
    """A mark was opened: an object's selection is shown and can be corrected."""

    id: str


@dataclass(frozen=True)
class CloseMark:
    """The popover was closed."""


@dataclass(frozen=True)
class DrawAnew:
    """Somebody wants other colors in what is selected, and nowhere else."""


@dataclass(frozen=True)
class NotLoaded:
    """A picture could not be had, such as the veil of a method that does not know how sure it is."""

    name: str


@dataclass(frozen=True)
class Radius:
    """The brush has another radius, CSS pixels."""

    pixels: int


@dataclass(frozen=True)
class Shortcut:
    name: str


@dataclass(frozen=True)
class Saved:
    """A file has gone to the browser's downloads, or not: `error` says why."""

    name: str
    error: str


@dataclass(frozen=True)
class Uploading:
    """File `index` of `count` is on its way, and `share` of it, 0..1, is through."""

    name: str
    index: int
    count: int
    share: float = 0.0


@dataclass(frozen=True)
class File:
    """What became of one file that was sent: the session `key`, and what it was there; or the id of a `film`; or
    `error`."""

    name: str
    key: str
    error: str
    reference: str
    is_scene: bool
    index: int | None
    film: str = ""


@dataclass(frozen=True)
class Uploaded:
    """Files have come in, or not; `left` more are to come."""

    files: tuple[File, ...]
    left: int


@dataclass(frozen=True)
class Waits:
    """A scene came without its photo, whose name may be known."""

    name: str
    photo: str


Event = (
    Spot | Mark | Move | Remove | Rename | Say | ColorName | Select | OpenMark | CloseMark | DrawAnew | NotLoaded
    | Radius | Shortcut | Saved | Uploading | Uploaded | Waits
)  # fmt: skip


def read(name: str, data: Data) -> Event | None:
    """An event by the name that the browser has for it; None for a name that there is not.

    Raises:
        UsageError: something is missing, or is of another kind.

    Examples:
        >>> read("move", {"id": "a", "at": [3, 4], "final": True})
        Move(id='a', at=(3.0, 4.0), final=True)
    """
    reader = _READERS.get(name)
    if reader is None:
        return None
    try:
        return reader(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # no browser of ours sends such things
        raise UsageError(
            "the page sent an event that makes no sense: {event}", code="page.bad-event", event=name
        ) from error


def _pair(value: Any) -> Place:
    x, y = (float(v) for v in value)
    return x, y


def _pairs(value: Any) -> tuple[Place, ...]:
    return tuple(_pair(p) for p in list(value)[:_PLACES])


def _text(data: Data, key: str) -> str:
    return str(data.get(key) or "")[:_TEXT]


def _share(value: Any) -> float:
    share = float(value)
    return share if 0 <= share <= 1 else 0.0


def _mark(data: Data) -> Mark:
    kind, origin, box, width = str(data["kind"]), data.get("origin"), data.get("box"), data.get("width")
    if box is not None:
        left, top, right, bottom = (float(v) for v in box)
        box = left, top, right, bottom
    return Mark(
        str(data["id"]), kind, str(data["color"]), bool(data.get("final")),
        origin if origin in ("reference", "network") else "user",
        None if data.get("at") is None else _pair(data["at"]), _pairs(data.get("along") or ()),
        float(width) if width else None, box,
    )  # fmt: skip


def _select(data: Data) -> Select:
    op, mode = str(data["op"]), str(data.get("mode", "new"))
    if mode not in ("new", "add", "cut"):
        raise UsageError("there is no way '{mode}' to select", code="select.unknown-mode", mode=mode)
    known = cast("Literal['new', 'add', 'cut']", mode)
    if op == "grow":
        return Select("grow", known, at=_pair(data["at"]))
    if op == "lasso":
        return Select("lasso", known, along=_pairs(data["along"]))
    return Select("brush", known, along=_pairs(data["along"]), width=float(data["width"]))


def _file(row: Data) -> File:
    index = row.get("index")
    return File(
        _text(row, "name"), _text(row, "key"), _text(row, "error"), _text(row, "reference"), bool(row.get("scene")),
        None if index is None else int(index), _text(row, "film"),
    )  # fmt: skip


_READERS: dict[str, Callable[[Data], Event]] = {
    "spot": lambda data: Spot(str(data["id"]), _pair(data["at"])),
    "mark": _mark,
    "move": lambda data: Move(str(data["id"]), _pair(data["at"]), bool(data["final"])),
    "remove": lambda data: Remove(str(data["id"])),
    "rename": lambda data: Rename(str(data["id"]), " ".join(str(data["text"]).split())[:60]),
    "say": lambda data: Say(str(data["text"])),
    "named": lambda data: ColorName(str(data["text"])[:_TEXT]),
    "region": _select,
    "select": lambda data: OpenMark(str(data["id"])),
    "untarget": lambda data: CloseMark(),
    "redraw": lambda data: DrawAnew(),
    "not-loaded": lambda data: NotLoaded(str(data["name"])),
    "radius": lambda data: Radius(int(data["radius"])),
    "shortcut": lambda data: Shortcut(str(data["name"])),
    "saved": lambda data: Saved(_text(data, "name"), _text(data, "error")),
    "uploading": lambda data: Uploading(
        str(data["name"])[:60], int(data.get("index", 0)), int(data["count"]), _share(data.get("share") or 0)
    ),
    "uploaded": lambda data: Uploaded(tuple(_file(row) for row in data["files"]), int(data.get("left", 0))),
    "waits": lambda data: Waits(_text(data, "name"), _text(data, "photo")),
}
"""By the names in `web/picture`."""
