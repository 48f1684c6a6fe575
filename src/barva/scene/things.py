"""What a scene is made of: the photo that it describes, the things in it, and both together as plain data.

`barva.scene.io` reads and writes these; `barva.scene.model` is what programs use.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from itertools import count
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
    """A thing in the photo, and what each modality knows of it.

    Args:
        id: A name without spaces, unique in its scene.
        kind: Of the vocabulary, such as "person" or "coat", or a term with a prefix.
        part_of: The id of the thing that it is part of.
        modalities: What is known of it: where it lies, its color, its light, words.
        relations: (how, id of the other thing).
        on: False: neither it nor its parts are painted as its `modalities` say.
        extra: Further properties that the file had.

    Raises:
        UsageError: A bad id, an unknown kind or relation.

    Examples:
        >>> barva.Thing("coat", "coat", part_of="photo").on
        True
    """

    id: str
    kind: str = "thing"
    part_of: str = WHOLE
    modalities: tuple[Modality, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()
    on: bool = True
    extra: Extra = ()

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise UsageError(
                "@id: a name without spaces is wanted, not {value}", code="scene.thing-id", value=repr(shorten(self.id))
            )
        if not isinstance(self.kind, str) or (self.kind not in BROADER and ":" not in self.kind):
            raise UsageError(
                "isA: there is no kind {kind}{hint}",
                code="scene.thing-kind",
                kind=repr(shorten(self.kind)),
                hint=suggestion(str(self.kind), BROADER),
            )
        for relation, _ in self.relations:
            if relation not in RELATIONS:
                raise UsageError(
                    "{relation}: there is no such relation{hint}",
                    code="scene.relation",
                    relation=shorten(relation),
                    hint=suggestion(relation, RELATIONS),
                )

    def all(self, modality: type[T]) -> tuple[T, ...]:
        """All that one modality knows of it.

        Args:
            modality: The class, such as `Region`.

        Returns:
            What it knows, in order.
        """
        return tuple(m for m in self.modalities if isinstance(m, modality))

    @property
    def manner(self) -> Manner:
        """How it is painted."""
        return manner_of(self)

    def with_modalities(self, *new: Modality) -> Thing:
        """The same thing with more known of it.

        Args:
            new: What modalities know.

        Returns:
            The thing.
        """
        return replace(self, modalities=(*self.modalities, *new))

    def without(self, *kinds: type[Modality]) -> Thing:
        """The same thing without what some modalities knew.

        Args:
            kinds: The classes.

        Returns:
            The thing.
        """
        return replace(self, modalities=tuple(m for m in self.modalities if not isinstance(m, kinds)))

    def replace_modality(self, new: Modality) -> Thing:
        """The same thing with something instead of all that its modality knew.

        Args:
            new: What the modality knows now.

        Returns:
            The thing.
        """
        return self.without(type(new)).with_modalities(new)


def free_id(stem: str, taken: Container[str]) -> str:
    """An id for a new thing: `car`, then `car-2`, `car-3`.

    Args:
        stem: What it would be called.
        taken: Ids that others have.

    Returns:
        The stem, or the stem with the first number from 2 on that is free.
    """
    if stem not in taken:
        return stem
    return next(id for n in count(2) if (id := f"{stem}-{n}") not in taken)


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
