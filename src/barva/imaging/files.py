"""Encoded pictures (a path or bytes) to Photos, by libvips."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from barva.errors import Message, ReadError, TooLargeError
from barva.imaging import decoders, formats, kinds, metadata, oddities, orient, sniff, statements, tiff, tiff_pages
from barva.imaging import vips as _vips
from barva.imaging.develop import Developed, check_floats, develop
from barva.imaging.encoded import SALVAGED, Encoded
from barva.imaging.photo import IN_MEMORY, Envelope, Opener, Photo
from barva.types import Pixels

_OTHER = ("cmyk", "lab", "labs")


def open_photo(encoded: Encoded, path: Path | None, max_pixels: int) -> Photo:
    """A Photo of a picture. ReadError, TooLargeError."""
    with encoded.file() as file:
        claimed = sniff.claimed_size(file.read(formats.HEAD), encoded.format)
    if claimed and encoded.format != "gif":  # a GIF's screen may be 0 x 0, its frame then says the size
        check_size(encoded.name, *claimed, max_pixels)
    number = encoded.page
    encoded, pages, notes = _with_page(encoded)
    encoded, stated = _with_decoder(encoded, max_pixels)
    header = encoded.guard(encoded.header)
    check_size(encoded.name, header.width, header.height, max_pixels)
    envelope = metadata.take(header, encoded.format, encoded.source, encoded.page)
    envelope = replace(envelope, page=number, pages=pages)
    if encoded.raster is not None:
        notes += encoded.raster.notes
    elif encoded.format in ("gif", "webp") and picture_count(header) > 1:
        notes += (sniff.ANIMATION,)
    notes += stated
    encoded, stated = _with_profile(encoded, header, envelope)
    notes += stated
    if header.format in ("float", "double"):
        notes += encoded.guard(lambda: check_floats(encoded.open(), encoded.name))
    developed = _develop(encoded, encoded.guard(encoded.header), envelope)
    turn = orientation(header, envelope)
    envelope = replace(envelope, turn=turn, converted=encoded.profile is not None or header.interpretation in _OTHER)
    notes += developed.notes
    if turn != 1:
        notes += (
            Message(
                "turned upright ({source} orientation {turn})",
                code="note.turned",
                source=metadata.orientation_source(envelope),
                turn=turn,
            ),
        )
    width, height = (header.height, header.width) if orient.swaps(turn) else (header.width, header.height)
    photo = Photo(
        width, height, developed.depth, developed.bands, developed.alpha, encoded.name, path, envelope, notes,
        _opener=_opener(encoded, envelope, turn, width * height > IN_MEMORY),
    )  # fmt: skip
    return _salvage(photo, encoded) if encoded.salvage else photo


def picture_count(header: Any) -> int:
    """How many pictures the file says it holds."""
    return int(header.get("n-pages")) if header.get_typeof("n-pages") else 1


def _with_page(encoded: Encoded) -> tuple[Encoded, int, tuple[str, ...]]:
    """With the directory of the page that was asked for; how many pages there are; notes. ReadError."""
    numbers, others = [1], 0
    if formats.FORMATS[encoded.format].pages:
        with encoded.file() as file:
            numbers, others = tiff_pages.page_numbers(file)
    count = len(numbers)
    if encoded.page > count:
        has = "one page only" if count == 1 else f"{count} pages"
        raise ReadError(
            "{name} has {pages}; page {page} does not exist",
            code="photo.no-page",
            name=encoded.name,
            pages=has,
            page=encoded.page,
        )
    notes = (
        (Message("the TIFF's previews and masks are not pages: they were left out", code="note.previews"),)
        if others
        else ()
    )
    return replace(encoded, page=numbers[encoded.page - 1]), count, notes


def _with_decoder(encoded: Encoded, max_pixels: int) -> tuple[Encoded, tuple[str, ...]]:
    """With the decoder that this kind of file needs, and notes. ReadError for kinds that nothing reads rightly."""

    def check(width: int, height: int) -> None:
        check_size(encoded.name, width, height, max_pixels)

    if decoder := formats.FORMATS[encoded.format].decoder:
        module, _, function = decoder.partition(":")
        raster, profile = getattr(importlib.import_module(module), function)(encoded, check)
        return replace(encoded, raster=raster, profile=profile), ()
    if encoded.format == "png":
        with encoded.file() as file:
            return encoded, (sniff.ANIMATION,) if statements.png_animated(file) else ()
    return _with_tiff_decoder(encoded, max_pixels) if encoded.format == "tiff" else (encoded, ())


def _with_tiff_decoder(encoded: Encoded, max_pixels: int) -> tuple[Encoded, tuple[str, ...]]:
    with encoded.file() as file:
        raw = file.read(10)[8:10] == b"CR"
        order, tags = tiff.tags_of(file, encoded.page)

    def value(tag: int, usual: int = 0) -> int:
        return tiff.number(tags[tag], order) if tag in tags and tags[tag].type in (3, 4, 16) else usual

    width, height = value(256), value(257)
    if width and height:
        check_size(encoded.name, width, height, max_pixels)
    if trouble := kinds.tiff_refusal(value, raw or 50706 in tags):
        raise ReadError("{name} is {kind}", code="photo.in-kind", name=encoded.name, kind=trouble)
    if unusual := decoders.tiff_trouble(tags, order):
        encoded = replace(encoded, raster=decoders.open_tiff(encoded, tags, order, unusual))
    notes: tuple[str, ...] = ()
    if kept := tiff.channels(tags, order):
        encoded = replace(encoded, kept=kept)
        notes = (
            Message("its channels that are neither color nor transparency were left out", code="note.extra-channels"),
        )
    if value(339, 1) == 3:
        return replace(encoded, inverted=value(262, 1) == 0), notes
    white = value(281)
    if value(258, 1) == 16 and value(262, 1) in (1, 2) and white in (1023, 4095, 16383):
        if encoded.guard(lambda: encoded.open().max()) <= white:
            return replace(encoded, white=white), (
                *notes,
                Message("its highest value is {white}: stretched to 16 bits", code="note.stretched", white=white),
            )
        untrue = Message("it says that its highest value is {white}, which is not so", code="note.white", white=white)
        notes = (*notes, untrue)
    return encoded, notes


def _with_profile(encoded: Encoded, header: Any, envelope: Envelope) -> tuple[Encoded, tuple[str, ...]]:
    """With the profile that says what the file states about its tone and colors without one; and notes."""
    grey = header.bands <= 2
    stated, settled = statements.NOTHING, encoded.profile is not None
    if header.interpretation in _OTHER:
        return encoded, ()
    with encoded.file() as file:
        if encoded.format == "png":
            stated, settled = statements.of_png(file, grey)
        elif envelope.icc is None and encoded.format == "tiff":
            order, tags = tiff.tags_of(file, encoded.page)
            stated = statements.of_tiff(tags, order, grey)
        elif envelope.icc is None and encoded.format in ("avif", "heic"):
            stated = statements.of_heif(file, grey)
    settled = settled or stated.profile is not None
    if not settled and envelope.icc is None and envelope.exif:
        by_exif = statements.of_exif(envelope.exif, grey)
        stated = replace(by_exif, notes=(*dict.fromkeys((*stated.notes, *by_exif.notes)),))
    if stated.profile is not None and (envelope.icc is None or stated.overrides):
        encoded = replace(encoded, profile=stated.profile)
    return encoded, stated.notes


def check_size(name: str, width: int, height: int, max_pixels: int) -> None:
    """Refuse pictures without pixels and pictures with more than `max_pixels`."""
    if width < 1 or height < 1:
        raise ReadError(
            "{name} has no pixels ({width} x {height})", code="photo.no-pixels", name=name, width=width, height=height
        )
    if width * height > max_pixels:
        raise TooLargeError(
            "{name} is {width} x {height} pixels, and the limit is {most} megapixels; --max-pixels N raises it",
            code="photo.too-large",
            name=name,
            width=width,
            height=height,
            most=f"{max_pixels / 1e6:g}",
        )


def orientation(image: Any, envelope: Envelope) -> int:
    """1 to 8. Decoders turn HEIF and JPEG XL pictures themselves, whatever their EXIF says."""
    if envelope.format in formats.FORMATS and formats.FORMATS[envelope.format].upright:
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
        except ReadError:
            plain = _without_oddities(encoded)
            if plain is None:
                raise
            chosen = plain  # for this pass, and all that follow
            return encoded.guard(work)

    def decode() -> Pixels:
        stored: Pixels = guard(lambda: _decode(chosen, envelope))
        return orient.upright(stored, turn)

    def stream() -> Any:
        # A turned picture cannot be streamed from the top: libvips then unpacks it to a temporary file of its own.
        access = "sequential" if turn == 1 else "random"
        developed = _develop(chosen, chosen.guard(lambda: chosen.open(access)), envelope)
        return orient.upright_image(developed.image, turn)

    return Opener(decode, stream, guard, reusable=large and turn != 1)


def _decode(encoded: Encoded, envelope: Envelope) -> Pixels:
    developed = _develop(encoded, encoded.guard(encoded.open), envelope)
    pixels = encoded.guard(developed.image.numpy)
    stored: Pixels = pixels.reshape(developed.image.height, developed.image.width, developed.image.bands)
    return stored


def _without_oddities(encoded: Encoded) -> Encoded | None:
    """A JPEG that decoders warn of, without what is harmless; None where nothing is."""
    if encoded.format != "jpeg":
        return None
    with encoded.file() as file:
        data = file.read()
    plain = oddities.without_oddities(data)
    return None if plain is data else replace(encoded, source=plain)


def _salvage(photo: Photo, encoded: Encoded) -> Photo:
    """Find out now whether anything is broken, so that the note is true, and keep what could be read."""
    if not _is_sound(encoded) and ((plain := _without_oddities(encoded)) is None or not _is_sound(plain)):
        photo = replace(photo, notes=(*photo.notes, SALVAGED))
    if photo.in_memory:
        photo.pixels()
    return photo


def _is_sound(encoded: Encoded) -> bool:
    try:
        encoded.open(strict=True).avg()
    except (_vips.load().Error, ReadError):
        return False
    return True
