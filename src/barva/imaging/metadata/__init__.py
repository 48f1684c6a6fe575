"""The envelope: taken off an opened picture, put on a finished one.

The principle: what a file's container holds travels as it is, byte for byte, and is spliced into the finished file at
the level of the container; only statements that are no longer true are patched where they stand; and what cannot be
kept is named in a note. One file a container; `cargo` decides what travels.
"""

from __future__ import annotations

import contextlib
import io
import mmap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from barva.imaging import exif, sniff, tiff
from barva.imaging import vips as _vips
from barva.imaging.metadata import boxes, exifpatch, isobmff, jpeg, photoshop, png, riff, xmp
from barva.imaging.metadata.parts import Taken
from barva.imaging.photo import Envelope

_TIFF_COMPRESSION = {
    1: "none",
    2: "ccitt",
    3: "ccitt",
    4: "ccitt",
    5: "lzw",
    6: "jpeg",
    7: "jpeg",
    8: "deflate",
    32773: "packbits",
}
_TIFF_COMPRESSION |= {32946: "deflate", 34712: "jp2k", 50000: "zstd", 50001: "webp"}
_SUBS, _LAYERS = 330, 37724


def take(image: Any, format: str, source: Path | bytes, page: int = 1) -> Envelope:
    """The envelope of a just opened libvips image; its container is read from `source`."""
    taken = _take(image, format, source, page)
    return Envelope(
        format,
        exif=taken.exif or None,
        xmp=taken.xmp or None,
        iptc=taken.iptc or None,
        icc=_vips.blob(image, "icc-profile-data"),
        dpi=_dpi(taken, format),
        compression=taken.compression,
        bits=_number(image, "bits-per-sample", 16 if image.format == "ushort" else 8),
        page=page,
        pages=_number(image, "n-pages", 1),
        parts=tuple(taken.parts),
        photoshop=taken.photoshop or None,
        size=(image.width, image.height),
        left=tuple(taken.left),
        companions=taken.companions,
    )


def _number(image: Any, name: str, default: int) -> int:
    """A field of libvips's. Its list of fields is not asked for: pyvips fails at names that are not UTF-8."""
    return int(image.get(name)) if image.get_typeof(name) else default


def orientation(envelope: Envelope) -> int:
    """1 to 8: what EXIF says, else what XMP says, else 1."""
    return exifpatch.orientation(envelope.exif) or xmp.orientation(envelope.xmp)


def orientation_source(envelope: Envelope) -> str:
    """Which of the two stated it."""
    return "EXIF" if envelope.format == "tiff" or exifpatch.orientation(envelope.exif) else "XMP"


def sort_tags(envelope: Envelope) -> Envelope:
    """An envelope whose EXIF block holds all of a TIFF page's tags, as Pillow gives them: without those that say how
    its pixels are stored, and IPTC and Photoshop's resources in their own places."""
    if envelope.exif is None:
        return envelope
    taken = _tiff(io.BytesIO(envelope.exif), 1, envelope.xmp)
    return replace(envelope, exif=taken.exif, xmp=taken.xmp, iptc=taken.iptc, photoshop=taken.photoshop)


def _take(image: Any, format: str, source: Path | bytes, page: int) -> Taken:
    with _open(source) as file:
        if format == "jpeg":
            with _map_file(file) as data:
                return jpeg.take(data)
        if format == "png":
            return png.take(file)
        if format == "tiff":
            return _tiff(file, page, _vips.blob(image, "xmp-data"))
        if format == "webp":
            taken = riff.take(file)
            file.seek(0)
            taken.compression = "lossless" if sniff.webp_lossless(file.read(1 << 20)) else None
            return taken
        if format == "gif":
            return Taken(left=["the comment"] if image.get_typeof("gif-comment") else [])
        taken = isobmff.take(file) if format in ("avif", "heic") else Taken()
        if format == "jp2":
            taken = boxes.take_jpeg2000(file.read())
        elif format == "jxl":
            taken = boxes.take_jpeg_xl(file.read())
        block = _vips.blob(image, "exif-data")
        taken.exif = exif.strip_prefix(block) if block else None
        taken.xmp = _vips.blob(image, "xmp-data")
        return taken


def _tiff(file: IO[bytes], page: int, packet: bytes | None) -> Taken:
    order, tags = tiff.tags_of(file, page)
    taken = Taken(exif=exif.from_tiff(file, page))
    taken.xmp = tags[exif.XMP].value if exif.XMP in tags else packet
    taken.photoshop = tags[exif.PHOTOSHOP].value if exif.PHOTOSHOP in tags else None
    if taken.photoshop and not taken.xmp:
        taken.xmp = photoshop.content(taken.photoshop, photoshop.XMP)
    iptc = tags[exif.IPTC].value if exif.IPTC in tags else b""
    if iptc.startswith(photoshop.HEAD):
        iptc = photoshop.iptc(iptc[len(photoshop.HEAD) :]) or b""
    taken.iptc = photoshop.trim(iptc) or (photoshop.iptc(taken.photoshop) if taken.photoshop else None)
    code = tags[259].value if 259 in tags else b""
    taken.compression = _TIFF_COMPRESSION.get(int.from_bytes(code[:2], "little" if order == "<" else "big"), None)
    taken.resolution = exif.dpi(tags, order)
    taken.left = [w for t, w in ((_SUBS, "smaller copies (SubIFDs)"), (_LAYERS, "Photoshop's layers")) if t in tags]
    return taken


def _open(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


@contextlib.contextmanager
def _map_file(file: IO[bytes]) -> Iterator[Any]:
    """A file's bytes without reading all of them."""
    if isinstance(file, io.BytesIO):
        yield file.getvalue()
        return
    try:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # file systems and pipes that cannot be mapped
        file.seek(0)
        yield file.read()
        return
    try:
        yield mapped
    finally:
        mapped.close()


def _dpi(taken: Taken, format: str) -> tuple[float, float] | None:
    """What the file says of its resolution; None when it says nothing."""
    if format == "tiff":
        return taken.resolution
    dpi = taken.resolution
    if taken.density is not None and format == "jpeg":
        unit, x, y = taken.density
        scale = {1: 1.0, 2: 2.54}.get(unit)
        dpi = (round(x * scale, 2), round(y * scale, 2)) if scale and x and y else None
    elif taken.density is not None and format == "png":
        x, y, unit = taken.density
        dpi = (round(x * 0.0254, 2), round(y * 0.0254, 2)) if unit == 1 and 0 < x < 1e8 and 0 < y < 1e8 else None
    dpi = dpi if dpi is None or min(dpi) > 0 else None
    return dpi or (exif.resolution(taken.exif) if taken.exif else None)
