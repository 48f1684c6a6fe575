"""`Scene`: what is known about a photo, the multimodal multilevel ontology (source document 000, figure 2).

Macro level: a tree of things, each of a kind. Micro level: for each thing what every modality knows of it. A scene is
data: it can be made without a photo, edited, saved (`barva.scene.io`), and applied to another photo.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from barva.errors import UsageError, shorten, suggestion
from barva.files import read_whole, write_whole
from barva.imaging.photo import Photo
from barva.scene import io
from barva.scene.modalities import Region
from barva.scene.modality import Claim, Modality
from barva.scene.shapes import rescale_shape
from barva.scene.things import WHOLE, SceneData, Source, Thing
from barva.types import Size

__all__ = ["WHOLE", "Scene", "Source", "Thing", "source_of"]


@dataclass(frozen=True)
class Scene(SceneData):
    """Things in order: where they overlap, the colors of later ones win. The whole photo is always among them.

    Raises:
        UsageError: an id is missing or stands twice, or a thing is part of itself.
    """

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
                    raise UsageError(f"{thing.id} speaks of {shorten(other)!r}, and there is no such thing")
        self._refuse_rings(above)

    def _refuse_rings(self, above: dict[str, str]) -> None:
        rooted = {WHOLE}
        for start in above:
            path, at = list[str](), start
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
        raise UsageError(f"there is no thing {shorten(id)!r}{suggestion(id, [t.id for t in self.things])}")

    def parts(self, id: str) -> tuple[Thing, ...]:
        """The things right below this one."""
        return tuple(t for t in self.things if t.part_of == id and t.id != WHOLE)

    def with_thing(self, thing: Thing) -> Scene:
        """The same with `thing` instead of the one with its id, or added at the end."""
        if not any(t.id == thing.id for t in self.things):
            return replace(self, things=(*self.things, thing))
        return replace(self, things=tuple(thing if t.id == thing.id else t for t in self.things))

    def active_things(self) -> tuple[Thing, ...]:
        """The things that are on, and whose wholes are."""
        off = {t.id for t in self.things if not t.on}
        above = {t.id: t.part_of for t in self.things}

        def is_active(at: str) -> bool:
            while at not in off and at != WHOLE:
                at = above[at]
            return at not in off

        return tuple(t for t in self.things if is_active(t.id))

    def claims(self) -> Iterator[Claim]:
        """All colors that are asked for, by whichever modality; later ones win."""
        for thing in self.active_things():
            for modality in thing.known:
                yield from modality.claims(thing, self)

    def scaled(self, new: Size) -> Scene:
        """The same for a photo of size `new` (height, width); as it is where its own size is not known."""
        if self.source is None or (self.source.height, self.source.width) == new:
            return self
        old = self.source.height, self.source.width

        def stretched(known: Modality) -> Modality:
            return (
                replace(known, shape=rescale_shape(known.shape, known.unit, old, new))
                if type(known) is Region
                else known
            )

        things = (replace(t, known=tuple(map(stretched, t.known))) for t in self.things)
        return replace(self, things=tuple(things), source=Source(new[1], new[0]))

    def to_json(self, folder: str | Path | None = None) -> str:
        """As JSON-LD. Paths of references are written as seen from `folder`."""
        return io.to_json(self, None if folder is None else Path(folder))

    @classmethod
    def from_json(cls, text: str | bytes, folder: str | Path = ".") -> Scene:
        """From JSON-LD as `to_json` writes it. UsageError names the place of what is wrong."""
        data = io.from_json(text, Path(folder))
        try:
            return cls(data.things, data.source, data.extra, data.context)
        except UsageError as error:
            raise UsageError(f"things: {error}") from None

    @classmethod
    def load(cls, path: str | Path) -> Scene:
        """From a file. ReadError: it cannot be read; UsageError: its content is wrong."""
        return read_whole(Path(path), "scene", io.LARGEST, cls.from_json)

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Into a file that is whole or absent; an existing one is replaced only with `overwrite`. WriteError."""
        target = Path(path)
        write_whole(target, self.to_json(target.parent).encode(), overwrite)


def source_of(photo: Photo) -> Source:
    """Which photo this is. Two files with the same upright pixels are one photo."""
    return Source(photo.width, photo.height, photo.sha256(), photo.name)
