"""`Guidance`: all marks of one photo, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from barva.errors import UsageError, kind_of
from barva.files import read_whole, write_whole
from barva.guidance import files
from barva.guidance.mark import Mark, Point, Region, Stroke
from barva.scene.masks import Mask, color_masks
from barva.scene.shapes import Box, Place, Polygon, Unit

__all__ = ["Box", "Guidance", "Mark", "Mask", "Place", "Point", "Polygon", "Region", "Stroke", "Unit"]


@dataclass(frozen=True)
class Guidance:
    """All that a person says of one photo: marks, of which later ones win where they overlap.

    Args:
        marks: `Point`, `Stroke` and `Region`.

    Raises:
        UsageError: Something else among them.

    Examples:
        >>> sky = barva.Region(barva.Box(0, 0, 64, 10), "sky blue")
        >>> guidance = barva.Guidance((barva.Point((20, 12), "navy"), sky))
        >>> len(guidance.only(barva.Point).marks)
        1
    """

    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.marks, str | bytes) or not isinstance(self.marks, Iterable):
            raise UsageError(f"marks: several are wanted, in order, not {kind_of(self.marks)}")
        object.__setattr__(self, "marks", tuple(self.marks))
        for mark in self.marks:
            if not isinstance(mark, Point | Stroke | Region):
                raise UsageError(
                    "a mark is a Point, a Stroke or a Region, not a {kind}", code="mark.kinds", kind=type(mark).__name__
                )

    @classmethod
    def of(cls, marks: Guidance | Mark | Iterable[Mark]) -> Guidance:
        """From a mark or several.

        Args:
            marks: One mark, several, or a `Guidance`, which is returned as it is.

        Returns:
            The guidance.

        Raises:
            UsageError: Something that is no mark.
        """
        if isinstance(marks, Guidance):
            return marks
        if isinstance(marks, Point | Stroke | Region):
            return cls((marks,))
        if isinstance(marks, str | bytes) or not isinstance(marks, Iterable):
            raise UsageError(f"guidance is a Guidance, marks or a HintMap, not {kind_of(marks)}")
        return cls(tuple(marks))

    @classmethod
    def from_mask(cls, path: str | Path) -> Guidance:
        """A region for each color of a mask picture that names its colors.

        Args:
            path: A picture: each color but black is a region of that color.

        Returns:
            The guidance.

        Raises:
            ReadError: The picture cannot be read.
            UsageError: No color in it, or more than 255.
        """
        return cls(tuple(Region(mask, color) for mask, color in color_masks(path)))

    @classmethod
    def from_json(cls, text: str | bytes, folder: str | Path = ".") -> Guidance:
        """From a hint file's text.

        Args:
            text: JSON, as `to_json` writes it.
            folder: Where relative paths of masks begin.

        Returns:
            The guidance.

        Raises:
            UsageError: Its content is wrong; the message names the place.
            ReadError: A mask cannot be read.
        """
        return cls(files.from_json(text, Path(folder)))

    def to_json(self, folder: str | Path | None = None) -> str:
        """As a hint file's text.

        Args:
            folder: Masks that came from files are named by their path as seen from it, the others are put in as PNG.
                None puts all in.

        Returns:
            JSON.
        """
        return files.to_json(self.marks, None if folder is None else Path(folder))

    @classmethod
    def load(cls, path: str | Path) -> Guidance:
        """From a hint file.

        Args:
            path: The file.

        Returns:
            The guidance.

        Raises:
            ReadError: It cannot be read.
            UsageError: Its content is wrong.
        """
        return read_whole(Path(path), "hint file", files.LARGEST, cls.from_json)

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a hint file that is whole or absent.

        Args:
            path: The file.
            overwrite: Replace an existing one.

        Raises:
            WriteError: It exists or cannot be written.
        """
        target = Path(path)
        write_whole(target, self.to_json(target.parent).encode(), overwrite)

    def only(self, *kinds: type[Point] | type[Stroke] | type[Region]) -> Guidance:
        """Only the marks of these kinds.

        Args:
            kinds: `Point`, `Stroke`, `Region`.

        Returns:
            The guidance, in the same order.
        """
        return Guidance(tuple(m for m in self.marks if isinstance(m, kinds)))

    @property
    def coloring(self) -> Guidance:
        """The marks that have a color."""
        return Guidance(tuple(m for m in self.marks if m.color is not None))

    def digest(self) -> str:
        """A fingerprint of what is asked; where masks came from does not count.

        Returns:
            sha256, hexadecimal.
        """
        import hashlib

        digest = hashlib.sha256()
        for mark in self.marks:
            digest.update(repr(mark).encode("utf-8", "backslashreplace"))
            if isinstance(mark, Region) and isinstance(mark.where, Mask):
                digest.update(mark.where.plane)
        return digest.hexdigest()
