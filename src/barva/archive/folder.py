"""Which photos a run takes, and where each result goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from barva.engine.result import suffixed
from barva.errors import ReadError, UsageError
from barva.imaging.sniff import format_of

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp", ".avif", ".heic", ".heif", ".bmp", ".gif"}
)
MARK = ".color"
_OURS = re.compile(r"\.(color|recolored)(\.\d+)?$")


@dataclass(frozen=True)
class Item:
    """One photo to colour: `output` is where it goes; `swept` when it came from a folder rather than by name."""

    source: Path
    output: Path
    swept: bool


def photos_in(folder: Path, recursive: bool) -> Iterator[Path]:
    """Photos by their suffix, sorted; hidden files and our own results (`NAME.color.EXT`, variants and
    recoloured photos too) are left out."""
    for path in sorted(folder.rglob("*") if recursive else folder.iterdir()):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and not hidden and not _OURS.search(path.stem) and path.is_file():
            yield path


def items(sources: Iterable[Path], output: Path | None, recursive: bool, format_: str | None) -> list[Item]:
    """The run's list. `output` None writes beside each photo; a folder (existing, or named with several photos)
    takes all, sub-folders mirrored; else it names the one result.

    Errors: `ReadError` where nothing lies at a named source; `UsageError` where the request cannot work.
    """
    named = list(sources)
    many = len(named) > 1 or any(p.is_dir() for p in named)
    into = output is not None and (many or output.is_dir())
    if into and output is not None and output.is_file():
        raise UsageError(f"-o {output} is a file; several photos need a folder")
    found: list[Item] = []
    for path in named:
        if path.is_dir():
            inside = list(photos_in(path, recursive))
            if not inside:
                more = "" if recursive else " (--recursive looks into its folders)"
                raise ReadError(f"there is no photo in the folder {path}{more}")
            for photo in inside:
                parent = output / photo.parent.relative_to(path) if output else photo.parent
                found.append(Item(photo, parent / suffixed(photo.name, format_), True))
        elif output is None:
            found.append(Item(path, path.with_name(suffixed(path.name, format_)), False))
        else:
            if not into and format_ is None and output.suffix:
                format_of(output.name)  # an unknown suffix is an error before any work
            found.append(Item(path, output / suffixed(path.name, format_) if into else output, False))
    return found
