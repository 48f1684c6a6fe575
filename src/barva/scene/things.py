"""What a scene is made of: the photo that it describes, the things in it, and both together as plain data.

`barva.scene.io` reads and writes these; `barva.scene.model` is what programs use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeVar

from barva.errors import UsageError, shorten, suggestion
from barva.scene.modalities import Manner, manner_of
from barva.scene.modality import Extra, Modality
from barva.scene.vocabulary import BROADER, RELATIONS

WHOLE = "photo"
"""The id of the thing that all others are parts of: the photo itself."""

_ID = re.compile(r"[^\s<>\"{}|\\^`#%?\[\]]{1,120}")
T = TypeVar("T", bound=Modality)


@dataclass(frozen=True)
class Source:
    """Which photo a scene is about: its size, sha256 of its upright pixels, and name; empty where it is not known."""

    width: int
    height: int
    sha256: str = ""
    name: str = ""
    extra: Extra = ()


@dataclass(frozen=True)
class Thing:
    """A thing in the photo: `part_of` the thing with that id, and a `kind` of the vocabulary. `on` False: neither it
    nor its parts are painted as `known` says. `relations` are (how, id of the other)."""

    id: str
    kind: str = "thing"
    part_of: str = WHOLE
    known: tuple[Modality, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()
    on: bool = True
    extra: Extra = ()

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise UsageError(f"@id: a name without spaces is wanted, not {shorten(self.id)!r}")
        if not isinstance(self.kind, str) or (self.kind not in BROADER and ":" not in self.kind):
            raise UsageError(f"isA: there is no kind {shorten(self.kind)!r}{suggestion(str(self.kind), BROADER)}")
        for relation, _ in self.relations:
            if relation not in RELATIONS:
                raise UsageError(f"{shorten(relation)}: there is no such relation{suggestion(relation, RELATIONS)}")

    def all(self, modality: type[T]) -> tuple[T, ...]:
        """All that a modality knows of it."""
        return tuple(m for m in self.known if isinstance(m, modality))

    @property
    def manner(self) -> Manner:
        """How it is painted."""
        return manner_of(self)

    def with_known(self, *new: Modality) -> Thing:
        """The same with more known of it."""
        return replace(self, known=(*self.known, *new))

    def without(self, *kinds: type[Modality]) -> Thing:
        """The same without what these modalities knew."""
        return replace(self, known=tuple(m for m in self.known if not isinstance(m, kinds)))

    def replace_modality(self, new: Modality) -> Thing:
        """The same with `new` instead of all that its modality knew."""
        return self.without(type(new)).with_known(new)


@dataclass(frozen=True)
class SceneData:
    """A scene as it lies in a file, not yet checked as a whole.

    `things` are in order: where they overlap, the colors of later ones win. `context` is JSON where the file had
    another JSON-LD context than ours.
    """

    things: tuple[Thing, ...] = ()
    source: Source | None = None
    extra: Extra = ()
    context: str = ""
