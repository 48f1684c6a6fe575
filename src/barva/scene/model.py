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
    """What is known of a photo: things in order, of which later ones win where their colors overlap.

    The whole photo is always among them.

    Args:
        things: The things, each part of another one or of the photo.
        source: Which photo it is about, or None.
        extra: Further properties that the file had.
        context: JSON where the file had another JSON-LD context than ours.

    Raises:
        UsageError: An id is missing or stands twice, or a thing is part of itself.

    Examples:
        >>> scene = barva.Scene((barva.Thing("coat", "coat"),))
        >>> [thing.id for thing in scene.things]
        ['photo', 'coat']
    """

    def __post_init__(self) -> None:
        if not any(t.id == WHOLE for t in self.things):
            object.__setattr__(self, "things", (Thing(WHOLE, "picture", ""), *self.things))
        above: dict[str, str] = {}
        for thing in self.things:
            if thing.id in above:
                raise UsageError("the id {thing} is there twice", code="scene.id-twice", thing=repr(thing.id))
            above[thing.id] = thing.part_of
        for thing in self.things:
            for other in (*([] if thing.id == WHOLE else [thing.part_of]), *(to for _, to in thing.relations)):
                if other not in above:
                    raise UsageError(
                        "{thing} speaks of {other}, and there is no such thing",
                        code="scene.unknown-other",
                        thing=thing.id,
                        other=repr(shorten(other)),
                    )
        self._refuse_rings(above)

    def _refuse_rings(self, above: dict[str, str]) -> None:
        rooted = {WHOLE}
        for start in above:
            path, at = list[str](), start
            while at not in rooted:
                if at in path:
                    raise UsageError(
                        "{thing} is part of itself, by way of {other}", code="scene.circle", thing=start, other=at
                    )
                path.append(at)
                at = above[at]
            rooted.update(path)

    @classmethod
    def of(cls, photo: Photo) -> Scene:
        """What is known of a photo before anybody looked at it.

        Args:
            photo: Its pixels are read for the digest.

        Returns:
            A scene with the photo alone in it.

        Raises:
            ReadError: The file is damaged.
        """
        return cls(source=source_of(photo))

    @property
    def whole(self) -> Thing:
        """The photo itself."""
        return self.thing(WHOLE)

    def thing(self, id: str) -> Thing:
        """The thing with an id.

        Args:
            id: The id.

        Returns:
            The thing.

        Raises:
            UsageError: There is none; the message names the nearest ids.
        """
        for thing in self.things:
            if thing.id == id:
                return thing
        raise UsageError(
            "there is no thing {thing}{hint}",
            code="scene.no-thing",
            thing=repr(shorten(id)),
            hint=suggestion(id, [t.id for t in self.things]),
        )

    def parts(self, id: str) -> tuple[Thing, ...]:
        """The things right below one.

        Args:
            id: The id of the thing that they are parts of.

        Returns:
            The things, in order.
        """
        return tuple(t for t in self.things if t.part_of == id and t.id != WHOLE)

    def with_thing(self, thing: Thing) -> Scene:
        """The same scene with a thing instead of the one with its id, or added at the end.

        Args:
            thing: The thing.

        Returns:
            The scene.

        Raises:
            UsageError: It is part of nothing that is there.
        """
        if not any(t.id == thing.id for t in self.things):
            return replace(self, things=(*self.things, thing))
        return replace(self, things=tuple(thing if t.id == thing.id else t for t in self.things))

    def active_things(self) -> tuple[Thing, ...]:
        """The things that are on, and whose wholes are.

        Returns:
            The things, in order.
        """
        off = {t.id for t in self.things if not t.on}
        above = {t.id: t.part_of for t in self.things}

        def is_active(at: str) -> bool:
            while at not in off and at != WHOLE:
                at = above[at]
            return at not in off

        return tuple(t for t in self.things if is_active(t.id))

    def claims(self) -> Iterator[Claim]:
        """All colors that are asked for, by whichever modality; later ones win.

        Returns:
            The claims, in order.
        """
        for thing in self.active_things():
            for modality in thing.modalities:
                yield from modality.claims(thing, self)

    def scale(self, new: Size) -> Scene:
        """The same scene for a photo of another size; as it is where its own size is not known.

        Args:
            new: (height, width), px.

        Returns:
            The scene.
        """
        if self.source is None or (self.source.height, self.source.width) == new:
            return self
        old = self.source.height, self.source.width

        def stretch(known: Modality) -> Modality:
            return (
                replace(known, shape=rescale_shape(known.shape, known.unit, old, new))
                if type(known) is Region
                else known
            )

        things = (replace(t, modalities=tuple(map(stretch, t.modalities))) for t in self.things)
        return replace(self, things=tuple(things), source=Source(new[1], new[0]))

    def to_json(self, folder: str | Path | None = None) -> str:
        """As JSON-LD.

        Args:
            folder: Paths of references are written as seen from it; None: as they are.

        Returns:
            The text.
        """
        return io.to_json(self, None if folder is None else Path(folder))

    @classmethod
    def from_json(cls, text: str | bytes, folder: str | Path = ".") -> Scene:
        """From JSON-LD, as `to_json` writes it.

        Args:
            text: The text.
            folder: Where relative paths begin.

        Returns:
            The scene.

        Raises:
            UsageError: Its content is wrong; the message names the place.
        """
        data = io.from_json(text, Path(folder))
        try:
            return cls(data.things, data.source, data.extra, data.context)
        except UsageError as error:
            raise UsageError("{place}: {problem}", code="at", place="things", problem=error) from None

    @classmethod
    def load(cls, path: str | Path) -> Scene:
        """From a file.

        Args:
            path: The file.

        Returns:
            The scene.

        Raises:
            ReadError: It cannot be read.
            UsageError: Its content is wrong.
        """
        return read_whole(Path(path), "scene", io.LARGEST, cls.from_json)

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Into a file that is whole or absent.

        Args:
            path: The file.
            overwrite: Replace an existing one.

        Raises:
            WriteError: It exists or cannot be written.
        """
        target = Path(path)
        write_whole(target, self.to_json(target.parent).encode(), overwrite)


def source_of(photo: Photo) -> Source:
    """Which photo this is. Two files with the same upright pixels are one photo."""
    return Source(photo.width, photo.height, photo.sha256(), photo.name)
