"""The envelope: taken off an opened picture, put on a finished one."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import IO, Any

from barva.imaging import exif, profiles, sniff, tiff
from barva.imaging import vips as _vips
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
_PHOTOSHOP = b"Photoshop 3.0\0"
_TEXT = "png-comment-"
SEGMENT = 65_400
"""How long EXIF (everywhere but in TIFF), and XMP and IPTC in a JPEG, can be."""


def take(image: Any, format: str, source: Path | bytes, page: int = 1) -> Envelope:
    """The envelope of a just opened libvips image; `source` is looked into for what libvips does not tell."""
    has = set(image.get_fields())
    block = _vips.blob(image, "exif-data")
    compression, iptc = None, _vips.blob(image, "iptc-data")
    if format == "tiff":
        with _open(source) as file:
            block = exif.from_tiff(file, page) or block
            order, tags = tiff.tags_of(file, page)
        iptc = tags[exif.IPTC].value if exif.IPTC in tags else None
        code = tags[259].value if 259 in tags else b""
        compression = _TIFF_COMPRESSION.get(int.from_bytes(code[:2], "little" if order == "<" else "big"), None)
    elif format == "webp":
        with _open(source) as file:
            compression = "lossless" if sniff.webp_lossless(file.read(1 << 20)) else None
    return Envelope(
        format,
        exif=exif.strip_prefix(block) if block else None,
        xmp=_vips.blob(image, "xmp-data"),
        iptc=_bare_iptc(iptc) if iptc else None,
        icc=_vips.blob(image, "icc-profile-data"),
        dpi=_dpi(image, format, block),
        compression=compression,
        bits=int(image.get("bits-per-sample")) if "bits-per-sample" in has else (16 if image.format == "ushort" else 8),
        texts=tuple((n, str(image.get(n))) for n in sorted(has) if n.startswith(_TEXT)),
        page=page,
        pages=int(image.get("n-pages")) if "n-pages" in has else 1,
    )


def put(image: Any, envelope: Envelope, *, format: str) -> tuple[Any, list[str]]:
    """A copy of the image that carries the envelope, made true for an upright sRGB picture, and what to keep when
    saving: libvips's `keep` flags.
    """
    # Without a word from the file, 72 dpi as the custom is; rounded as PNG decoders report "nothing said".
    x, y = (v / 25.4 for v in envelope.dpi) if envelope.dpi else (2.834, 2.834)
    image = image.copy(xres=x, yres=y)
    for name in image.get_fields():
        if name.startswith(("exif-", "png-comment-")) or name in (
            "xmp-data",
            "iptc-data",
            "icc-profile-data",
            "orientation",
        ):
            image.remove(name)
    vips = _vips.load()
    image.set_type(vips.GValue.gstr_type, "resolution-unit", "in")
    keep = ["other"]
    block = exif.refresh(envelope.exif) if envelope.exif else None
    if block is None and envelope.dpi and format in ("jpeg", "webp", "avif"):
        block = exif.minimal()  # the only place where libvips writes the resolution of these formats
    if block and format != "tiff":
        block = exif.shortened(block, SEGMENT)  # libvips drops longer ones as a whole
        _vips.set_blob(image, "exif-data", b"Exif\0\0" + block)
        keep.append("exif")
    packet = envelope.xmp
    if packet and not (format == "jpeg" and len(packet) > SEGMENT):
        _vips.set_blob(image, "xmp-data", upright_xmp(packet))
        keep.append("xmp")
    if envelope.iptc and format != "tiff":  # `exif.into_tiff` does it
        _vips.set_blob(image, "iptc-data", _wrapped_iptc(envelope.iptc) if format == "jpeg" else envelope.iptc)
        keep.append("iptc")
    if (profile := _profile(envelope, image.bands)) is not None:
        _vips.set_blob(image, "icc-profile-data", profile)
        keep.append("icc")
    for name, text in envelope.texts:
        image.set_type(vips.GValue.gstr_type, name, text)
    return image, keep


def spoken(envelope: Envelope, bands: int) -> exif.Spoken:
    """What a TIFF's page of an upright sRGB picture says of this envelope."""
    return exif.Spoken(
        exif.refresh(envelope.exif) if envelope.exif else None,
        envelope.iptc,
        upright_xmp(envelope.xmp) if envelope.xmp else None,
        _profile(envelope, bands),
        envelope.dpi or (72, 72),
    )


def _profile(envelope: Envelope, bands: int) -> bytes | None:
    """The profile of pixels that are sRGB now, if the file had one."""
    if envelope.icc is None or bands < 3:
        return None
    return envelope.icc if profiles.is_srgb(envelope.icc) else profiles.srgb()


def upright_xmp(packet: bytes) -> bytes:
    """The packet with tiff:Orientation 1, if it states one; everything else byte for byte."""
    packet = re.sub(rb"""(\btiff:Orientation\s*=\s*["'])\s*[1-8]\s*(["'])""", rb"\g<1>1\g<2>", packet)
    return re.sub(rb"(<tiff:Orientation>)\s*[1-8]\s*(</tiff:Orientation>)", rb"\g<1>1\g<2>", packet)


def _open(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _dpi(image: Any, format: str, block: bytes | None) -> tuple[float, float] | None:
    """What the file says; None instead of the values that libvips makes up when the file says nothing."""
    if format in ("webp", "avif", "heic", "jp2", "jxl"):
        return exif.resolution(block) if block else None
    silent = {"jpeg": not image.get_typeof("resolution-unit"), "png": abs(image.xres - 2.834) < 1e-6}
    if silent.get(format, abs(image.xres - 1) < 1e-6 and abs(image.yres - 1) < 1e-6):
        return None
    x, y = image.xres * 25.4, image.yres * 25.4
    return (round(x, 2), round(y, 2)) if 0 < x < 1e6 and 0 < y < 1e6 else None


def _bare_iptc(data: bytes) -> bytes | None:
    """IPTC-IIM out of a Photoshop block (resource 0x0404), or the data itself when it is bare already."""
    if not data.startswith(_PHOTOSHOP):
        return data
    pos = len(_PHOTOSHOP)
    while data[pos : pos + 4] == b"8BIM" and pos + 12 <= len(data):
        number, length = struct.unpack_from(">H", data, pos + 4)[0], data[pos + 6]
        at = pos + 6 + (length + 2) // 2 * 2  # the resource's name is padded to an even length
        if at + 4 > len(data):
            break
        size = struct.unpack_from(">I", data, at)[0]
        if number == 0x0404:
            return data[at + 4 : at + 4 + size] or None
        pos = at + 4 + size + (size & 1)
    return None


def _wrapped_iptc(iim: bytes) -> bytes:
    return _PHOTOSHOP + b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(iim)) + iim + bytes(len(iim) & 1)
