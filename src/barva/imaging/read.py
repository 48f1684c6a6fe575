"""`read`: a path, bytes, a Pillow image or an array in, a Photo out; what is wrong is said in one line."""

from __future__ import annotations

import os
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from barva.errors import ReadError, UsageError, kind_of, shorten
from barva.imaging import files, formats
from barva.imaging.encoded import Encoded
from barva.imaging.photo import Pages, Photo
from barva.values import is_whole

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 500_000_000
"""Refuse pictures that claim more pixels than this, unless told otherwise."""


def read(
    source: str | os.PathLike[str] | bytes | Image.Image | np.ndarray[Any, Any],
    *,
    page: int | None = None,
    salvage: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Photo:
    """Open a photo. Its header is checked now, its pixels come when they are first asked for.

    `page` counts from 1 (the first one unless told). `salvage` takes what can be read of a damaged file, and notes it.
    ReadError: missing, empty, of no known format, damaged. TooLargeError: more than `max_pixels`. UsageError: not a
    picture.
    """
    _check_numbers(page, max_pixels)
    if isinstance(source, np.ndarray):
        from barva.imaging import arrays

        return arrays.from_array(source, max_pixels)
    if isinstance(source, (bytes, bytearray, memoryview, str, os.PathLike)):
        encoded, path = _open_encoded(source, page or 1, salvage)
        return files.open_photo(encoded, path, max_pixels)
    if _is_pil(source):
        from barva.imaging import arrays

        return arrays.from_pil(source, max_pixels)
    raise UsageError(
        f"{kind_of(source)} is no picture; Barva takes a path, bytes, a Pillow image or a NumPy array"
        + (": pass what its read() gives" if hasattr(source, "read") else "")
    )


def _check_numbers(page: object, max_pixels: object) -> None:
    if page is not None and not is_whole(page, 1):
        raise UsageError(
            "pages are counted from 1, so there is no page {page}", code="photo.page-number", page=shorten(repr(page))
        )
    if isinstance(max_pixels, bool) or not isinstance(max_pixels, Real) or not float(max_pixels) >= 1:
        raise UsageError(f"max_pixels: a number of at least 1 is wanted, not {shorten(max_pixels)}")


def read_pages(
    source: str | os.PathLike[str] | bytes, *, salvage: bool = False, max_pixels: int = MAX_PIXELS
) -> list[Photo]:
    """Every page of a TIFF; of everything else (animations too) the first picture. Errors as `read`."""
    first = read(source, salvage=salvage, max_pixels=max_pixels)
    if not formats.FORMATS[first.envelope.format].pages:
        return [first]
    pages = Pages()
    rest = (read(source, page=p, salvage=salvage, max_pixels=max_pixels) for p in range(2, first.envelope.pages + 1))
    return [pages.add(first), *(pages.add(photo) for photo in rest)]


def _is_pil(source: object) -> bool:
    """Whether it is a Pillow image, without loading Pillow for things that are not."""
    return any(c.__module__ == "PIL.Image" and c.__name__ == "Image" for c in type(source).__mro__)


def _open_encoded(
    source: bytes | bytearray | memoryview | str | os.PathLike[str], page: int, salvage: bool
) -> tuple[Encoded, Path | None]:
    """The checks that need no decoder: is there a file, does it begin like a picture, does its header make sense."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        path, data, name = None, bytes(source), "<bytes>"
        head = data[: formats.HEAD]
    else:
        path = Path(source)
        name, head, data = path.name or str(path), _head(path), b""
    if not head:
        raise ReadError("{name} is empty", code="photo.empty", name=name)
    format = formats.detect(head)
    if format is None:
        raise ReadError(
            "{name} is not a picture that Barva can read ({formats})",
            code="photo.unknown-format",
            name=name,
            formats=formats.readable_titles(),
        )
    encoded = Encoded(path if path is not None else data, name, format, page, salvage)
    return encoded, path


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ReadError("{file} is a folder, not a file", code="photo.folder", file=path)
        if path.exists() and not path.is_file():  # it is read more than once
            raise ReadError(
                "{file} is a pipe or a device; save the photo as a file first", code="photo.no-plain-file", file=path
            )
        with path.open("rb") as file:
            return file.read(formats.HEAD)
    except FileNotFoundError as error:
        raise ReadError("{file}: there is no such file", code="photo.no-file", file=path) from error
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        why = getattr(error, "strerror", None) or error
        raise ReadError("{file} cannot be read: {problem}", code="file.unreadable", file=path, problem=why) from error
