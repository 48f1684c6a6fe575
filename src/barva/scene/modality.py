"""What a modality is. Each kind of knowledge about a thing is one class; nothing else knows how many there are.

A new modality is a `Modality` subclass: a frozen dataclass with a `TYPE`, its `KEYS`, `row` and `read`. If it asks
for colors it has `claims`, and every method then follows it. Other packages register theirs as entry points of the
group `barva.modalities` (`Type = "package.module:Class"`), programs with `register`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar

from barva.errors import UsageError
from barva.scene.shapes import Shape, Unit

K = TypeVar("K", bound="Modality")

GROUP = "barva.modalities"
Extra = tuple[tuple[str, str], ...]
"""Keys that this Barva does not know, each with its JSON: kept."""


@dataclass(frozen=True)
class Claim:
    """A color that a modality asks for at a place. `color` as people write it; None asks for `vividness` alone.
    `strength` 0..1, `vividness` 0..2."""

    shape: Shape
    color: str | None
    unit: Unit = "px"
    strength: float = 1.0
    vividness: float = 1.0


class ThingView(Protocol):
    """What a modality sees of the thing that it describes (`barva.scene.things.Thing`)."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def part_of(self) -> str: ...
    @property
    def on(self) -> bool: ...
    def all(self, modality: type[K]) -> tuple[K, ...]:
        """Everything that a modality knows of it."""


class SceneView(Protocol):
    """What a modality sees of the scene around its thing (`barva.scene.model.Scene`)."""

    @property
    def things(self) -> Sequence[ThingView]: ...
    @property
    def whole(self) -> ThingView: ...
    def thing(self, id: str) -> ThingView:
        """The thing with this id. UsageError."""

    def parts(self, id: str) -> Sequence[ThingView]:
        """The things right below this one."""


@dataclass(frozen=True)
class Modality:
    """What one modality knows of one thing."""

    TYPE: ClassVar[str] = ""
    """Its `@type` in JSON-LD."""
    KEYS: ClassVar[tuple[str, ...]] = ()
    """The keys of its JSON that it reads; others are kept in `extra`."""

    extra: Extra = field(default=(), kw_only=True, repr=False)

    def row(self, folder: Path | None) -> dict[str, Any]:
        """Its JSON, without the type. Paths are seen from `folder`, the file's."""
        raise NotImplementedError

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        """From what `row` wrote, or a person. UsageError, which begins with the key that is wrong."""
        raise NotImplementedError

    def claims(self, thing: ThingView, scene: SceneView) -> Iterable[Claim]:
        """The colors that it asks for, of the thing that it describes."""
        return ()

    def text(self) -> str:
        """One short line for people."""
        return ", ".join(f"{key} {value}" for key, value in self.row(None).items())[:100]


@dataclass(frozen=True)
class Unknown(Modality):
    """A modality that this Barva does not know: its JSON, which stays as it is."""

    json: str

    @property
    def type(self) -> str:
        """The `@type` that it came with, empty if it has none."""
        name = json.loads(self.json).get("@type", "")
        return name if isinstance(name, str) else json.dumps(name)

    def row(self, folder: Path | None) -> dict[str, Any]:
        """As it came, with its type."""
        row: dict[str, Any] = json.loads(self.json)
        return row

    def text(self) -> str:
        return "unknown to this Barva, kept as it is"


M = TypeVar("M", bound=type[Modality])
_known: dict[str, type[Modality]] = {}


def register(modality: M) -> M:
    """Make a modality known to the reader of scenes, under its `TYPE`; also a decorator. UsageError if it has none, or
    one that is another's."""
    name = modality.TYPE
    if not name or _known.get(name, modality) is not modality:
        raise UsageError(f"a modality needs a TYPE of its own, and {name!r} is none")
    _known[name] = modality
    return modality


def modality_class(name: str) -> type[Modality] | None:
    """The class of a `@type`, among those that are registered and then among entry points; None for an unknown one."""
    if name not in _known:
        from importlib.metadata import entry_points

        for entry in entry_points(group=GROUP):
            if entry.name == name:
                register(entry.load())
    return _known.get(name)
