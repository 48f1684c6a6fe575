"""`Guidance`: all marks of one photo, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from barva.errors import UsageError
from barva.files import read_whole, write_whole
from barva.guidance import files
from barva.guidance.mark import Mark, Point, Region, Stroke
from barva.scene.masks import Mask, color_masks
from barva.scene.shapes import Box, Place, Polygon, Unit

__all__ = ["Box", "Guidance", "Mark", "Mask", "Place", "Point", "Polygon", "Region", "Stroke", "Unit"]


@dataclass(frozen=True)
class Guidance:
    """All that a person says of one photo: marks, of which later ones win where they overlap."""

    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        for mark in self.marks:
            if not isinstance(mark, Point | Stroke | Region):
                raise UsageError(f"a mark is a Point, a Stroke or a Region, not a {type(mark).__name__}")

    @classmethod
    def of(cls, marks: Guidance | Mark | Iterable[Mark]) -> Guidance:
        """From a mark or several. UsageError."""
        if isinstance(marks, Guidance):
            return marks
        if isinstance(marks, Point | Stroke | Region):
            return cls((marks,))
        if isinstance(marks, str | bytes) or not isinstance(marks, Iterable):
            raise UsageError(f"guidance is a Guidance, marks or a HintMap, not a {type(marks).__name__}")
        return cls(tuple(marks))

    @classmethod
    def from_mask(cls, path: str | Path) -> Guidance:
        """A region for each color of a mask picture that names its colors. ReadError, UsageError."""
        return cls(tuple(Region(mask, color) for mask, color in color_masks(path)))

    @classmethod
    def from_json(cls, text: str | bytes, folder: str | Path = ".") -> Guidance:
        """From a hint file's text; paths of masks are looked up from `folder`. UsageError names the place."""
        return cls(files.from_json(text, Path(folder)))

    def to_json(self, folder: str | Path | None = None) -> str:
        """As a hint file's text. Masks that came from files are named by their path, seen from `folder`, the others
        are put in as PNG; None puts all in."""
        return files.to_json(self.marks, None if folder is None else Path(folder))

    @classmethod
    def load(cls, path: str | Path) -> Guidance:
        """From a hint file. ReadError: it cannot be read; UsageError: its content is wrong."""
        return read_whole(Path(path), "hint file", files.LARGEST, cls.from_json)

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a hint file that is whole or absent; an existing one is replaced only with `overwrite`. WriteError."""
        target = Path(path)
        write_whole(target, self.to_json(target.parent).encode(), overwrite)

    def only(self, *kinds: type[Point] | type[Stroke] | type[Region]) -> Guidance:
        """Only the marks of these kinds."""
        return Guidance(tuple(m for m in self.marks if isinstance(m, kinds)))

    @property
    def coloring(self) -> Guidance:
        """The marks that have a color."""
        return Guidance(tuple(m for m in self.marks if m.color is not None))

    def digest(self) -> str:
        """sha256 of what is asked, hexadecimal; where the masks came from does not count."""
        import hashlib

        digest = hashlib.sha256()
        for mark in self.marks:
            digest.update(repr(mark).encode("utf-8", "backslashreplace"))
            if isinstance(mark, Region) and isinstance(mark.where, Mask):
                digest.update(mark.where.plane)
        return digest.hexdigest()
