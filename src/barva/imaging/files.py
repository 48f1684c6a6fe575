"""Encoded pictures (a path or bytes) to Photos, by libvips; BMP by Pillow, which libvips's wheels leave out."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from barva.errors import ReadError, TooLargeError
from barva.imaging import exif, metadata, orient, sniff
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
        return getattr(vips.Image, loader)(str(source), **options)

    def _padded(self) -> bytes:
        """A cut off WebP at the length that it claims: its decoder does not begin before everything is there."""
        with self.file() as file:
            data = file.read()
        claimed = int.from_bytes(data[4:8], "little") + 8
        return data + bytes(max(0, min(claimed - len(data), 1 << 26)))

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
    header = encoded.guard(encoded.open)
    check_size(encoded.name, header.width, header.height, max_pixels)
    envelope = metadata.take(header, encoded.format, encoded.source, encoded.page)
    if header.format in ("float", "double"):
        encoded.guard(lambda: check_floats(encoded.open(), encoded.name))
    laid = _develop(encoded, header, envelope)
    turn = orientation(header, envelope)
    notes = laid.notes
    if turn != 1:
        notes += (f"turned upright (EXIF orientation {turn})",)
    width, height = (header.height, header.width) if orient.swaps(turn) else (header.width, header.height)
    photo = Photo(
        width, height, laid.depth, laid.bands, laid.alpha, encoded.name, path, envelope, notes,
        _opener=_opener(encoded, envelope, turn, width * height > IN_MEMORY),
    )  # fmt: skip
    return _salvaged(photo, encoded) if encoded.salvage else photo


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
    if image.get_typeof("orientation"):
        value = int(image.get("orientation"))
        return value if 1 <= value <= 8 else 1
    return exif.orientation(envelope.exif) if envelope.exif and envelope.format != "tiff" else 1


def _develop(encoded: Encoded, image: Any, envelope: Envelope) -> Developed:
    developed: Developed = encoded.guard(
        lambda: develop(image, encoded.name, envelope.bits if envelope.format == "avif" else None)
    )
    return developed


def _opener(encoded: Encoded, envelope: Envelope, turn: int, large: bool) -> Opener:
    def decode() -> Pixels:
        try:
            stored = _decoded(encoded, envelope)
        except ReadError as error:
            if encoded.format != "jpeg" or _is_damage(str(error.__cause__)):
                raise
            stored = _decoded(replace(encoded, lenient=True), envelope)
        return orient.upright(stored, turn)

    def stream() -> Any:
        # A turned picture cannot be streamed from the top: libvips then unpacks it to a temporary file of its own.
        access = "sequential" if turn == 1 else "random"
        laid = _develop(encoded, encoded.guard(lambda: encoded.open(access)), envelope)
        return orient.upright_image(laid.image, turn)

    return Opener(decode, stream, encoded.guard, reusable=large and turn != 1)


def _decoded(encoded: Encoded, envelope: Envelope) -> Pixels:
    laid = _develop(encoded, encoded.guard(encoded.open), envelope)
    pixels = encoded.guard(laid.image.numpy)
    stored: Pixels = pixels.reshape(laid.image.height, laid.image.width, laid.image.bands)
    return stored


def _is_damage(warning: str) -> bool:
    """Whether a JPEG decoder's warning means lost pixels. Cameras and editors leave harmless oddities in many sound files."""
    return not any(word in warning for word in _HARMLESS)


def _salvaged(photo: Photo, encoded: Encoded) -> Photo:
    """Find out now whether anything is broken, so that the note is true, and keep what could be read."""
    vips = _vips.load()
    try:
        encoded.open(strict=True).avg()
    except vips.Error as error:
        if encoded.format == "jpeg" and not _is_damage(str(error)):
            return photo
        photo = replace(photo, notes=(*photo.notes, "the file is damaged: only what could be read was coloured"))
    if photo.in_memory:
        photo.pixels()
    return photo


def open_bmp(encoded: Encoded, path: Path | None, max_pixels: int) -> Photo:
    """A Photo of a BMP, which only Pillow reads. Decoded when first used, like the others."""
    with encoded.file() as file:
        head = file.read(sniff.HEAD)
    width, height = sniff.claimed_size(head, "bmp") or (0, 0)
    check_size(encoded.name, width, height, max_pixels)
    image, cut = _open_bmp(encoded)
    if cut and not encoded.salvage:
        raise encoded.damaged()
    channels = {"RGBA": 4, "L": 1, "1": 1}.get(image.mode, 3)
    dpi = image.info.get("dpi")
    if image.mode == "P":
        channels = 3
    envelope = Envelope("bmp", dpi=dpi if dpi and min(dpi) > 1 else None, bits=8)

    def decode() -> Pixels:
        return _decode_bmp(encoded)

    def stream() -> Any:
        return _vips.load().Image.new_from_array(decode())

    notes = ("the file is damaged: only what could be read was coloured",) if cut else ()
    photo = Photo(
        image.width, image.height, 8, 1 if channels == 1 else 3, channels == 4, encoded.name, path, envelope, notes,
        _opener=Opener(decode, stream, encoded.guard, reusable=True),
    )  # fmt: skip
    if encoded.salvage:
        photo.pixels()
    return photo


def _open_bmp(encoded: Encoded) -> tuple[Any, bool]:
    """Pillow's image, not decoded yet, and whether the file is too short for it."""
    from PIL import BmpImagePlugin

    with encoded.file() as file:
        data = file.read()
    try:
        # The plugin itself, because Image.open has a size limit of its own, which would overrule --max-pixels.
        image = BmpImagePlugin.BmpImageFile(io.BytesIO(data))
    except Exception as error:  # Pillow's plugins let many kinds of errors through
        raise encoded.damaged() from error
    tile = image.tile[0]
    if tile[0] != "raw":
        return image, False
    stride = tile[3][1] if isinstance(tile[3], tuple) and len(tile[3]) > 1 else 0
    need = tile[2] + stride * image.height
    if need <= len(data):
        return image, False
    if not encoded.salvage:
        return image, True
    return BmpImagePlugin.BmpImageFile(io.BytesIO(data + bytes(need - len(data)))), True


def _decode_bmp(encoded: Encoded) -> Pixels:
    image, _ = _open_bmp(encoded)
    try:
        if image.mode not in ("L", "RGB", "RGBA"):
            image = image.convert("L" if image.mode == "1" else "RGB")
        pixels = np.array(image)
    except Exception as error:
        raise encoded.damaged() from error
    return pixels.reshape(image.height, image.width, -1)
