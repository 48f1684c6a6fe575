"""`Scene`: what is known about a photo, the multimodal multilevel ontology (source document 000, figure 2).

Macro level: a tree of things, each of a kind. Micro level: for each thing what every modality knows of it. A scene is
data: it can be made without a photo, edited, saved (`barva.scene.jsonld`), and applied to another photo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from barva.errors import UsageError
from barva.imaging.photo import Photo
from barva.scene.modalities import Manner, Region
from barva.scene.modality import Claim, Extra, Modality
from barva.scene.shapes import Size, scaled
from barva.scene.vocabulary import BROADER, RELATIONS
from barva.scene.written import near, short

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
            raise UsageError(f"@id: a name without spaces is wanted, not {short(self.id)!r}")
        if not isinstance(self.kind, str) or (self.kind not in BROADER and ":" not in self.kind):
            raise UsageError(f"isA: there is no kind {short(self.kind)!r}{near(str(self.kind), tuple(BROADER))}")
        for how, _ in self.relations:
            if how not in RELATIONS:
                raise UsageError(f"{short(how)}: there is no such relation{near(how, RELATIONS)}")

    def all(self, modality: type[T]) -> tuple[T, ...]:
        """All that a modality knows of it."""
        return tuple(m for m in self.known if isinstance(m, modality))

    @property
    def manner(self) -> Manner:
        """How it is painted."""
        return next(iter(self.all(Manner)), Manner())

    def knowing(self, *new: Modality) -> Thing:
        """With more known of it."""
        return replace(self, known=(*self.known, *new))

    def without(self, *kinds: type[Modality]) -> Thing:
        """Without what these modalities knew."""
        return replace(self, known=tuple(m for m in self.known if not isinstance(m, kinds)))

    def said(self, new: Modality) -> Thing:
        """With `new` in the place of all that its modality knew."""
        return self.without(type(new)).knowing(new)


@dataclass(frozen=True)
class Scene:
    """Things in order: where they overlap, the colours of later ones win. The whole photo is always the first.

    `context` is JSON where the file that was read had another context than ours. UsageError: an id that is missing,
    or there twice, or a thing that is part of itself.
    """

    things: tuple[Thing, ...] = ()
    source: Source | None = None
    extra: Extra = ()
    context: str = ""

    def __post_init__(self) -> None:
        if not any(t.id == WHOLE for t in self.things):
            object.__setattr__(self, "things", (Thing(WHOLE, "picture", ""), *self.things))
        above: dict[str, str] = {}
        for thing in self.things:
            if thing.id in above:
                raise UsageError(f"the id {thing.id!r} is there twice")
            above[thing.id] = thing.part_of
        for thing in self.things:
            for other in (*([] if thing.id == WHOLE else [thing.part_of]), *(to for _, to in thing.relations)):
                if other not in above:
                    raise UsageError(f"{thing.id} speaks of {short(other)!r}, and there is no such thing")
        self._no_rings(above)

    def _no_rings(self, above: dict[str, str]) -> None:
        rooted = {WHOLE}
        for start in above:
            path, at = [], start
            while at not in rooted:
                if at in path:
                    raise UsageError(f"{start} is part of itself, by way of {at}")
                path.append(at)
                at = above[at]
            rooted.update(path)

    @classmethod
    def of(cls, photo: Photo) -> Scene:
        """What is known of a photo before anybody looked at it. Its pixels are read for the digest."""
        return cls(source=source_of(photo))

    @property
    def whole(self) -> Thing:
        """The photo itself."""
        return self.thing(WHOLE)

    def thing(self, id: str) -> Thing:
        """The thing with this id. UsageError, with the nearest ids."""
        for thing in self.things:
            if thing.id == id:
                return thing
        raise UsageError(f"there is no thing {short(id)!r}{near(id, [t.id for t in self.things])}")

    def parts(self, id: str) -> tuple[Thing, ...]:
        """The things right below this one."""
        return tuple(t for t in self.things if t.part_of == id and t.id != WHOLE)

    def replacing(self, thing: Thing) -> Scene:
        """With `thing` in the place of the one with its id, or at the end."""
        if not any(t.id == thing.id for t in self.things):
            return replace(self, things=(*self.things, thing))
        return replace(self, things=tuple(thing if t.id == thing.id else t for t in self.things))

    def living(self) -> tuple[Thing, ...]:
        """The things that are on, and whose wholes are."""
        off = {t.id for t in self.things if not t.on}
        above = {t.id: t.part_of for t in self.things}

        def alive(at: str) -> bool:
            while at not in off and at != WHOLE:
                at = above[at]
            return at not in off

        return tuple(t for t in self.things if alive(t.id))

    def claims(self) -> Iterator[Claim]:
        """All colours that are wished for, whichever modality says so; later ones win."""
        for thing in self.living():
            for modality in thing.known:
                yield from modality.claims(thing, self)

    def scaled(self, new: Size) -> Scene:
        """The same for a photo of size `new` (height, width); as it is where its own size is not known."""
        if self.source is None or (self.source.height, self.source.width) == new:
            return self
        old = self.source.height, self.source.width

        def moved(known: Modality) -> Modality:
            return replace(known, shape=scaled(known.shape, known.unit, old, new)) if type(known) is Region else known

        things = (replace(t, known=tuple(map(moved, t.known))) for t in self.things)
        return replace(self, things=tuple(things), source=Source(new[1], new[0]))

    def to_json(self, folder: str | Path | None = None) -> str:
        """As JSON-LD. Paths of references are written as seen from `folder`."""
        from barva.scene import jsonld

        return jsonld.to_json(self, None if folder is None else Path(folder))

    @classmethod
    def from_json(cls, text: str | bytes, folder: str | Path = ".") -> Scene:
        """From JSON-LD as `to_json` writes it. UsageError names the place of what is wrong."""
        from barva.scene import jsonld

        return jsonld.from_json(text, Path(folder))

    @classmethod
    def load(cls, path: str | Path) -> Scene:
        """From a file. ReadError, UsageError."""
        from barva.scene import jsonld

        return jsonld.load(Path(path))

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Into a file. WriteError."""
        from barva.scene import jsonld

        jsonld.save(self, Path(path), overwrite)


def source_of(photo: Photo) -> Source:
    """Which photo this is. Two files with the same upright pixels are one photo."""
    return Source(photo.width, photo.height, photo.sha256(), photo.name)
