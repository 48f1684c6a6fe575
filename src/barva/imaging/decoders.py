"""Kinds of pictures that libvips's wheels do not read, by the libraries of the extra `formats`: HEIC (pi-heif),
JPEG 2000, JPEG XL and TIFFs of unusual bits or layout (imagecodecs, tifffile). BMP is beside, in `bmp`.
"""

from __future__ import annotations

import importlib
import struct
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np

from barva.errors import BarvaError, Message, ReadError
from barva.extras import install_command
from barva.imaging import sniff, tiff
from barva.imaging.encoded import Encoded
from barva.imaging.raster import Raster, once, spread

T = TypeVar("T")
_TIFF_MODES = {0: "minisblack", 1: "minisblack", 2: "rgb", 3: "palette", 5: "separated"}
_EXIF_UUID, _XMP_UUID = b"JpgTiffExif->JP2", bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def _library(module: str, encoded: Encoded, kind: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ReadError(
            "{name} is {kind}, which Barva reads with the extra `formats` ({command}); or convert it to "
            "JPEG, PNG or TIFF first",
            code="photo.extra",
            name=encoded.name,
            kind=kind,
            command=install_command("formats"),
        ) from None


def _guard(encoded: Encoded, work: Callable[[], T]) -> T:
    """What a decoder raises about its data, as ReadError: these libraries use many kinds of errors."""
    try:
        return work()
    except (BarvaError, MemoryError):
        raise
    except Exception as error:
        raise encoded.damage_error(str(error)) from error


def open_heic(encoded: Encoded, check: Callable[[int, int], None]) -> tuple[Raster, bytes | None]:
    """A HEIC or HEIF photo. ReadError."""
    library = _library("pi_heif", encoded, "a HEIC photo")

    def open_file() -> Any:
        with encoded.file() as file:
            data = file.read()
        return library.open_heif(data, convert_hdr_to_8bit=False, hdr_to_16bit=False)

    def load() -> np.ndarray[Any, Any]:
        return spread(_guard(encoded, samples), bits)

    def samples() -> np.ndarray[Any, Any]:
        picture = open_file()
        rows = np.array(picture)  # a copy: views do not keep the picture's memory
        return rows[:, : picture.size[0]]  # libheif pads its rows

    photo = _guard(encoded, open_file)
    info, mode = photo.info, photo.mode.partition(";")[0]
    bits = int(info["bit_depth"])
    # libheif's alpha may be multiplied in; that is its lower-case mode.
    bands = {"L": 1, "I": 1, "LA": 2, "La": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}.get(mode)  # "I" is gray of 10, 12 bits
    if bands is None:
        raise ReadError(
            "{name} holds channels ({kind}) that Barva cannot read; convert it first",
            code="photo.channels-kind",
            name=encoded.name,
            kind=photo.mode,
        )
    blobs = {"exif-data": info.get("exif"), "xmp-data": info.get("xmp"), "icc-profile-data": info.get("icc_profile")}
    notes = (
        (Message("only the first of its pictures was colored", code="note.first-picture"),) if len(photo) > 1 else ()
    )
    width, height = photo.size
    nonempty = {name: bytes(value) for name, value in blobs.items() if value}
    dtype = "uint8" if bits <= 8 else "uint16"
    return Raster(width, height, bands, dtype, load, "", nonempty, bits, notes=notes), None


def open_jpeg2000(encoded: Encoded, check: Callable[[int, int], None]) -> tuple[Raster, bytes | None]:
    """A JPEG 2000 picture, in its box format or bare. `check(width, height)` refuses sizes before they are decoded."""
    library = _library("imagecodecs", encoded, "a JPEG 2000 picture")
    with encoded.file() as file:
        data = file.read()
    at = data.find(b"\xff\x4f\xff\x51")
    if at < 0 or len(data) < at + 46:
        raise encoded.damage_error()
    right, bottom, left, top = struct.unpack_from(">4I", data, at + 8)
    components = struct.unpack_from(">H", data, at + 40)[0]
    depths = data[at + 42 : at + 42 + 3 * components : 3]
    check(right - left, bottom - top)
    if components > 4:
        raise _channels(encoded, components)
    bits = max(((d & 0x7F) + 1 for d in depths), default=8)
    if bits > 16 or any(d & 0x80 for d in depths):
        raise ReadError(
            "{name} is a JPEG 2000 of signed or more than 16-bit samples; convert it first",
            code="photo.jp2-bits",
            name=encoded.name,
        )
    boxes = _jp2_boxes(data)
    if len(bare := boxes.get(b"pclr", b"")) > 3:
        bits = (bare[3] & 0x7F) + 1

    def load() -> np.ndarray[Any, Any]:
        array = _guard(encoded, lambda: library.jpeg2k_decode(data))
        return spread(array if array.ndim == 3 else array[..., None], bits)

    blobs = {"icc-profile-data": b"", "exif-data": boxes.get(_EXIF_UUID, b""), "xmp-data": boxes.get(_XMP_UUID, b"")}
    color, notes = boxes.get(b"colr", b""), ()
    if color[:1] == b"\2":
        blobs["icc-profile-data"] = color[3:]
    coded = int.from_bytes(color[3:7], "big") if color[:1] == b"\1" else 16
    if coded not in (16, 17):
        name = {12: "CMYK", 14: "CIELAB", 18: "YCC"}.get(coded, f"color space {coded}")
        raise ReadError(
            "{name} is a JPEG 2000 in {space}, which Barva cannot read; convert it to RGB first",
            code="photo.jp2-space",
            name=encoded.name,
            space=name,
        )
    first = load()
    return _decode_raster(encoded, first, load, {k: v for k, v in blobs.items() if v}, bits, notes), None


def _jp2_boxes(data: bytes) -> dict[bytes, bytes]:
    """The first box of each kind that matters, and the UUID boxes by their UUID."""
    boxes: dict[bytes, bytes] = {}
    for kind, body in sniff.boxes(data):
        if kind == b"jp2h":
            for inner, value in sniff.boxes(body):
                boxes.setdefault(inner, value)
        elif kind == b"uuid":
            boxes.setdefault(body[:16], body[16:])
    return boxes


def open_jpeg_xl(encoded: Encoded, check: Callable[[int, int], None]) -> tuple[Raster, bytes | None]:
    """A JPEG XL picture, in its box format or bare (of an animation the first picture), and the ICC profile that says
    what its color codes say."""
    from barva.imaging import jxl, statements

    library = _library("imagecodecs", encoded, "a JPEG XL picture")
    with encoded.file() as file:
        data = file.read()
    header = jxl.header(data)
    if header is None:
        raise encoded.damage_error()
    check(header.width, header.height)
    if header.bits > 16 and not header.floats:
        raise ReadError(
            "{name} is a JPEG XL of {bits} bits a sample; Barva reads up to 16",
            code="photo.jxl-bits",
            name=encoded.name,
            bits=header.bits,
        )

    def load() -> np.ndarray[Any, Any]:
        array = _guard(encoded, lambda: library.jpegxl_decode(data, index=0))
        array = array if array.ndim == 3 else array[..., None]
        return array.astype(np.float32) if array.dtype.kind == "f" else spread(array, header.bits)

    blobs = {"exif-data": b"", "xmp-data": b""}
    for kind, body in jxl.boxes(data):
        if kind == b"Exif" and len(body) > 4:
            blobs["exif-data"] = body[4 + struct.unpack_from(">I", body)[0] :]
        elif kind == b"xml ":
            blobs["xmp-data"] = body
    stated = statements.NOTHING
    notes: tuple[str, ...] = (
        Message("its color profile was not read: its colors were taken for sRGB", code="note.profile-unread"),
    )
    if header.colors is not None:
        stated = statements.of_codes(*header.colors, "JPEG XL", False)
        notes = stated.notes
    if header.animated:
        notes = (*notes, sniff.ANIMATION)
    nonempty = {k: v for k, v in blobs.items() if v}
    return _decode_raster(encoded, load(), load, nonempty, header.bits, notes), stated.profile


def _channels(encoded: Encoded, count: int) -> ReadError:
    return ReadError(
        "{name} has {count} channels; Barva reads gray and RGB, each with or without alpha",
        code="photo.channels",
        name=encoded.name,
        count=count,
    )


def _decode_raster(
    encoded: Encoded,
    first: np.ndarray[Any, Any],
    load: Callable[[], np.ndarray[Any, Any]],
    blobs: dict[str, bytes],
    bits: int,
    notes: tuple[str, ...],
) -> Raster:
    """A raster whose channels are only known once it is decoded."""
    height, width, bands = first.shape
    if bands > 4:
        raise _channels(encoded, bands)
    return Raster(width, height, bands, str(first.dtype), once(load, first), "", blobs, bits, notes=notes)


def tiff_trouble(tags: tiff.Directory, order: str) -> str | None:
    """What makes a TIFF's page one that libvips cannot read, in words; None for the usual ones."""

    def value(tag: int, usual: int) -> int:
        return tiff.number(tags[tag], order) if tag in tags and tags[tag].type in (3, 4, 16) else usual

    bits, samples, kind = value(258, 0), value(277, 1), value(339, 1)
    if kind == 3 and bits in (16, 24, 64):
        return f"a TIFF of {bits}-bit floats"
    if kind == 1 and 0 < bits < 17 and (bits not in (1, 2, 4, 8, 16) or (bits < 8 and samples > 1)):
        return f"a TIFF of {bits} bits a sample"
    if value(284, 1) == 2 and 322 in tags and samples > 1:
        return "a tiled TIFF with separate planes"
    return None


def open_tiff(encoded: Encoded, tags: tiff.Directory, order: str, trouble: str) -> Raster:
    """A page of a TIFF that libvips cannot read. ReadError."""
    library = _library("tifffile", encoded, trouble)
    if tiff.number(tags[258], order) not in (8, 16, 32, 64):
        _library("imagecodecs", encoded, trouble)

    def page_facts() -> tuple[int, ...]:
        with encoded.file() as file, library.TiffFile(file) as opened:
            page = opened.pages[encoded.page - 1]
            facts = (page.bitspersample, page.sampleformat, page.photometric, page.samplesperpixel)
            return (*(int(v) for v in facts), int(page.imagewidth), int(page.imagelength))

    bits, sample, color, samples, width, height = _guard(encoded, page_facts)
    floats = sample == 3
    icc = tags[34675].value if 34675 in tags else b""
    if color not in _TIFF_MODES:
        raise ReadError(
            "{name} is {trouble} of an unusual kind, which Barva cannot read; convert it first",
            code="photo.odd-trouble",
            name=encoded.name,
            trouble=trouble,
        )
    bands = 3 if color == 3 else samples
    dtype = "float32" if floats else "uint8" if bits <= 8 and color != 3 else "uint16"
    load = partial(_guard, encoded, lambda: _tiff_samples(library, encoded, dtype, bits))
    blobs = {k: v for k, v in (("icc-profile-data", icc), ("xmp-data", tags[700].value if 700 in tags else b"")) if v}
    turn = tiff.number(tags[274], order) if 274 in tags and tags[274].type == 3 else 1
    kind = "cmyk" if color == 5 else ""
    return Raster(width, height, bands, dtype, load, kind, blobs, bits, dpi=_tiff_dpi(tags, order), turn=turn)


def _tiff_samples(library: Any, encoded: Encoded, dtype: str, bits: int) -> np.ndarray[Any, Any]:
    """(H, W, C) of one page, black at 0 (floats as they are: `files` turns those over)."""
    with encoded.file() as file, library.TiffFile(file) as opened:
        page = opened.pages[encoded.page - 1]
        array = page.asarray()
        color, planar = int(page.photometric), int(page.planarconfig) == 2 and page.samplesperpixel > 1
        colormap = page.colormap
    if planar and array.ndim == 3:
        array = np.moveaxis(array, 0, -1)
    array = array.reshape(*array.shape[:2], -1)
    if dtype == "float32":
        return np.asarray(array, np.float32)
    if color == 3:
        return np.asarray(np.moveaxis(colormap[:, array[..., 0]], 0, -1), np.uint16)
    samples = spread(array, bits)
    if color == 0:
        samples[..., 0] = np.iinfo(samples.dtype).max - samples[..., 0]
    return samples


def _tiff_dpi(tags: tiff.Directory, order: str) -> tuple[float, float] | None:
    unit = tiff.number(tags[296], order) if 296 in tags and tags[296].type == 3 else 2
    if unit not in (2, 3) or any(t not in tags or tags[t].type != 5 for t in (282, 283)):
        return None
    pairs = [struct.unpack_from(order + "2I", tags[t].value) for t in (282, 283)]
    if not all(a and b for a, b in pairs):
        return None
    x, y = (a / b * (2.54 if unit == 3 else 1) for a, b in pairs)
    return x, y
