"""Encoded pictures (a path or bytes) to Photos, by libvips."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from barva.errors import ReadError, TooLargeError
from barva.imaging import metadata, orient, sniff, tiff
from barva.imaging import vips as _vips
from barva.imaging.develop import Developed, check_floats, develop
from barva.imaging.photo import IN_MEMORY, Envelope, Opener, Photo, Pixels

_LOADERS = {
    "jpeg": "jpegload",
    "png": "pngload",
    "tiff": "tiffload",
    "webp": "webpload",
    "avif": "heifload",
    "gif": "gifload",
}
_PAGED = ("tiff",)
SALVAGED = "the file is damaged: only what could be read was coloured"
"""The note of a photo that salvage saved."""
_UNSUPPORTED = ("not configured", "unsupported", "not supported", "samples out of range", "bad labq")
_HARMLESS = (
    "extraneous bytes before marker",
    "unknown JFIF revision",
    "Unknown Adobe color transform",
    "Invalid SOS parameters",
    "Inconsistent progression sequence",
)


@dataclass(frozen=True)
class Encoded:
    """A picture as it lies in a file or in bytes, and how strictly to read it."""

    source: Path | bytes
    name: str
    format: str
    page: int = 1
    salvage: bool = False
    lenient: bool = False

    def open(self, access: str = "sequential", *, strict: bool | None = None) -> Any:
        """The raw libvips image. pyvips.Error when even the header is broken."""
        vips = _vips.load()
        strict = not self.salvage if strict is None else strict
        # JPEG decoders only warn about broken data, everything else knows errors.
        level = "warning" if self.format == "jpeg" and not self.lenient else "error"
        fail_on = level if strict else "none"
        options: dict[str, Any] = {"access": access, "fail_on": fail_on}
        if self.format in _PAGED:
            options["page"] = self.page - 1
        loader = _LOADERS[self.format]
        source = self._padded() if self.format == "webp" and not strict else self.source
        if isinstance(source, bytes):
            return getattr(vips.Image, loader + "_buffer")(source, **options)
        return getattr(vips.Image, loader)(os.fsencode(source), **options)

    def _padded(self) -> bytes:
        """A cut off WebP at the length that it claims: its decoder does not begin before everything is there."""
        with self.file() as file:
            data = file.read()
        missing = int.from_bytes(data[4:8], "little") + 8 - len(data)
        return data + bytes(missing) if 0 < missing < 8 * len(data) else data

    def file(self) -> IO[bytes]:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    def guard(self, work: Callable[[], Any]) -> Any:
        """Run something that reads pixels; damage becomes ReadError."""
        vips = _vips.load()
        try:
            return work()
        except vips.Error as error:
            raise self.damaged(str(error)) from error

    def damaged(self, why: str = "") -> ReadError:
        if "security limit" in why.lower() or "exceeds the maximum" in why.lower():
            return TooLargeError(f"{self.name} claims more than its decoder allows; convert it to TIFF or PNG first")
        if any(word in why.lower() for word in _UNSUPPORTED):
            return ReadError(f"{self.name} is a kind of {self.format.upper()} that Barva cannot read; convert it first")
        if self.salvage:
            return ReadError(f"{self.name} is so damaged that nothing of it can be read")
        return ReadError(f"{self.name} is damaged or cut off; --salvage colours what is left")


def open_photo(encoded: Encoded, path: Path | None, max_pixels: int) -> Photo:
    """A Photo of a libvips-readable picture. ReadError, TooLargeError."""
    with encoded.file() as file:
        claimed = sniff.claimed_size(file.read(sniff.HEAD), encoded.format)
    if claimed and encoded.format != "gif":  # a GIF's screen may be 0 x 0, its frame then says the size
        check_size(encoded.name, *claimed, max_pixels)
    _check_page(encoded)
    _check_kind(encoded, max_pixels)
    header = encoded.guard(encoded.open)
    check_size(encoded.name, header.width, header.height, max_pixels)
    envelope = metadata.take(header, encoded.format, encoded.source, encoded.page)
    if header.format in ("float", "double"):
        encoded.guard(lambda: check_floats(encoded.open(), encoded.name))
    laid = _develop(encoded, header, envelope)
    turn = orientation(header, envelope)
    envelope = replace(envelope, turn=turn)
    notes = laid.notes
    if turn != 1:
        notes += (f"turned upright ({metadata.orientation_source(envelope)} orientation {turn})",)
    width, height = (header.height, header.width) if orient.swaps(turn) else (header.width, header.height)
    photo = Photo(
        width, height, laid.depth, laid.bands, laid.alpha, encoded.name, path, envelope, notes,
        _opener=_opener(encoded, envelope, turn, width * height > IN_MEMORY),
    )  # fmt: skip
    return _salvaged(photo, encoded) if encoded.salvage else photo


def _check_kind(encoded: Encoded, max_pixels: int) -> None:
    """Refuse the TIFFs that libvips would show wrongly: camera raw files, YCbCr without JPEG, Lab."""
    if encoded.format != "tiff":
        return
    with encoded.file() as file:
        raw = file.read(10)[8:10] == b"CR"
        order, tags = tiff.tags_of(file, encoded.page)

    def said(tag: int) -> int:
        return tiff.number(tags[tag], order) if tag in tags and tags[tag].type in (3, 4, 16) else 0

    color, packing, width, height = (said(t) for t in (262, 259, 256, 257))
    if width and height:
        check_size(encoded.name, width, height, max_pixels)
    if raw or 50706 in tags or color in (32803, 34892):
        raise ReadError(f"{encoded.name} is a camera's raw file; develop it to TIFF or JPEG first")
    if color in (8, 9, 10) or (color == 6 and packing not in (6, 7)):
        raise ReadError(f"{encoded.name} is a TIFF in YCbCr or Lab, which Barva cannot read; convert it to RGB first")


def _check_page(encoded: Encoded) -> None:
    if encoded.page == 1:
        return
    count = 1
    if encoded.format in _PAGED:
        first = replace(encoded, page=1)
        header = first.guard(first.open)
        count = int(header.get("n-pages")) if header.get_typeof("n-pages") else 1
    if encoded.page > count:
        has = "one page only" if count == 1 else f"{count} pages"
        raise ReadError(f"{encoded.name} has {has}; page {encoded.page} does not exist")


def check_size(name: str, width: int, height: int, max_pixels: int) -> None:
    """Refuse pictures without pixels and pictures with more than `max_pixels`."""
    if width < 1 or height < 1:
        raise ReadError(f"{name} has no pixels ({width} x {height})")
    if width * height > max_pixels:
        raise TooLargeError(
            f"{name} is {width} x {height} pixels, more than the limit of {max_pixels}; --max-pixels N raises the limit"
        )


def orientation(image: Any, envelope: Envelope) -> int:
    """1 to 8. libheif turns HEIF pictures itself, whatever their EXIF says."""
    if envelope.format == "avif":
        return 1
    if envelope.format == "tiff" and image.get_typeof("orientation"):
        value = int(image.get("orientation"))
        return value if 1 <= value <= 8 else 1
    return metadata.orientation(envelope)


def _develop(encoded: Encoded, image: Any, envelope: Envelope) -> Developed:
    developed: Developed = encoded.guard(
        lambda: develop(image, encoded.name, envelope.bits if envelope.format == "avif" else None)
    )
    return developed


def _opener(encoded: Encoded, envelope: Envelope, turn: int, large: bool) -> Opener:
    chosen = encoded

    def guard(work: Callable[[], Any]) -> Any:
        nonlocal chosen
        try:
            return encoded.guard(work)
        except ReadError as error:
            if encoded.format != "jpeg" or _is_damage(str(error.__cause__)):
                raise
            chosen = replace(encoded, lenient=True)  # for this pass, and all that follow
            return encoded.guard(work)

    def decode() -> Pixels:
        stored: Pixels = guard(lambda: _decoded(chosen, envelope))
        return orient.upright(stored, turn)

    def stream() -> Any:
        # A turned picture cannot be streamed from the top: libvips then unpacks it to a temporary file of its own.
        access = "sequential" if turn == 1 else "random"
        laid = _develop(chosen, chosen.guard(lambda: chosen.open(access)), envelope)
        return orient.upright_image(laid.image, turn)

    return Opener(decode, stream, guard, reusable=large and turn != 1)


def _decoded(encoded: Encoded, envelope: Envelope) -> Pixels:
    laid = _develop(encoded, encoded.guard(encoded.open), envelope)
    pixels = encoded.guard(laid.image.numpy)
    stored: Pixels = pixels.reshape(laid.image.height, laid.image.width, laid.image.bands)
    return stored


def _is_damage(warning: str) -> bool:
    """Whether a JPEG decoder's warning means lost pixels. Cameras and editors leave harmless oddities in many sound
    files."""
    return not any(word in warning for word in _HARMLESS)


def _salvaged(photo: Photo, encoded: Encoded) -> Photo:
    """Find out now whether anything is broken, so that the note is true, and keep what could be read."""
    vips = _vips.load()
    try:
        encoded.open(strict=True).avg()
    except vips.Error as error:
        if encoded.format == "jpeg" and not _is_damage(str(error)):
            return photo
        photo = replace(photo, notes=(*photo.notes, SALVAGED))
    if photo.in_memory:
        photo.pixels()
    return photo
