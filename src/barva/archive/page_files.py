"""How a photo's file is read and its result written: options, pages, and all that can be refused before painting."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barva.engine.result import Result, save_pages
from barva.errors import UsageError, WriteError
from barva.files import reason
from barva.imaging import formats, tone
from barva.imaging.photo import Photo
from barva.imaging.read import read, read_pages
from barva.imaging.write import Written, output_format


@dataclass(frozen=True)
class FileOptions:
    """How files are read and written; what is painted is the `Request`'s.

    Args:
        format: of the results, such as "png"; None for the photo's own.
        quality: 1..100, of formats that have one.
        page: the one page of a file that is colored, from 1; None for all.
        salvage: take what is left of a damaged file.
        max_pixels: largest width x height accepted.
        provenance: write into a result how it was colored.
        overwrite: replace results that exist.
        skip_color: leave photos that are in color already.
        keep_times: give results their photos' times.
        scenes: the folder for a scene of each photo.
    """

    format: str | None = None
    quality: int | None = None
    page: int | None = None
    salvage: bool = False
    max_pixels: int | None = None
    provenance: bool = True
    overwrite: bool = False
    skip_color: bool = False
    keep_times: bool = False
    scenes: Path | None = None

    def content(self) -> dict[str, Any]:
        """The options that change a result's bytes: what a manifest remembers. Whether damaged or larger photos are
        taken changes no other photo's result."""
        names = ("format", "quality", "page", "provenance")
        return {name: getattr(self, name) for name in names} | {"salvage": False, "max_pixels": None}


def pages(source: Path | bytes, files: FileOptions) -> list[Photo]:
    """Every page of a photo's file, or the one that the options name."""
    limit = {} if files.max_pixels is None else {"max_pixels": files.max_pixels}
    if files.page is not None:
        return [read(source, page=files.page, salvage=files.salvage, **limit)]
    return read_pages(source, salvage=files.salvage, **limit)


def save(results: Sequence[Result], target: Path | None, files: FileOptions, *, to_bytes: bool = False) -> Written:
    """Write the pages of one photo as the options say; see `save_pages`."""
    return save_pages(
        results,
        target,
        format=files.format,
        quality=files.quality,
        overwrite=files.overwrite,
        provenance=files.provenance,
        to_bytes=to_bytes,
    )


def in_color(photos: Sequence[Photo]) -> bool:
    """Whether every page is a color photo; toned prints are none."""
    from barva.engine.prepare.plan import GUIDE_SHORT

    return all(p.bands == 3 and tone.measure(p.shrink(GUIDE_SHORT)).kind == "color" for p in photos)


def check_target(target: Path | None, photos: Sequence[Photo], format_: str | None, overwrite: bool) -> None:
    """All that can be refused of a result before the work of painting. WriteError, UsageError."""
    if target is not None:
        if format_ is None:
            formats.format_of(target.name)  # an unknown ending is an error before any work
        check_place(target, overwrite)
    chosen = output_format(photos[0].envelope, format_, target)
    if len(photos) > 1 and not formats.FORMATS[chosen].pages:
        raise UsageError(
            f"{formats.title(chosen)} holds one page, not {len(photos)}; choose one with --page, or write TIFF"
        )


def check_place(target: Path, overwrite: bool) -> None:
    """Whether a file can be put there. WriteError."""
    if target.is_dir():
        raise WriteError(f"{target} is a folder, not a file")
    if os.path.lexists(target) and not overwrite:
        raise WriteError(f"{target} exists; --overwrite replaces it")
    check_folder(target)


def check_folder(target: Path) -> None:
    """Whether there is a folder for a file, and files can be put into it. WriteError."""
    if not target.parent.is_dir():
        raise WriteError(f"{target} cannot be written: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise WriteError(f"{target} cannot be written: {_refusal(target.parent)}")


def _refusal(folder: Path) -> str:
    """Why nothing can be put into a folder, as the system says it."""
    try:
        read_only = bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except (OSError, AttributeError):  # Windows has neither
        read_only = False
    return os.strerror(errno.EROFS if read_only else errno.EACCES)


def keep_times(source: Path, output: Path) -> tuple[str, ...]:
    """Give `output` the times of `source`; a note where the file system refuses."""
    try:
        stat = source.stat()
        os.utime(output, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    except OSError as error:
        return (f"the photo's time was not kept: {reason(error)}",)
    return ()
