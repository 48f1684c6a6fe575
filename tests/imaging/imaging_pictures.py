"""How the imaging tests make encoded pictures and profiles."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    """A picture as Pillow writes it."""
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def every_format(rgb: np.ndarray[Any, Any]) -> dict[str, bytes]:
    """One file of each kind that Barva reads."""
    picture = Image.fromarray(rgb)
    grey = picture.convert("L")
    wide = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "jpeg": saved(picture, "JPEG", quality=90),
        "jpeg-progressive": saved(picture, "JPEG", quality=90, progressive=True),
        "jpeg-grey": saved(grey, "JPEG"),
        "jpeg-cmyk": saved(picture.convert("CMYK"), "JPEG"),
        "png": saved(picture, "PNG"),
        "png-1": saved(picture.convert("1"), "PNG"),
        "png-palette": saved(picture.convert("P"), "PNG"),
        "png-16": saved(wide, "PNG"),
        "tiff": saved(picture, "TIFF"),
        "tiff-deflate": saved(picture, "TIFF", compression="tiff_adobe_deflate"),
        "tiff-lzw": saved(picture, "TIFF", compression="tiff_lzw"),
        "tiff-g4": saved(picture.convert("1"), "TIFF", compression="group4"),
        "webp": saved(picture, "WEBP", quality=90),
        "webp-lossless": saved(picture, "WEBP", lossless=True),
        "avif": saved(picture, "AVIF"),
        "bmp": saved(picture, "BMP"),
        "bmp-palette": saved(picture.convert("P"), "BMP"),
        "gif": saved(picture, "GIF"),
    }


def png_claiming(width: int, height: int) -> bytes:
    """A PNG header without a picture behind it."""
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    idat = b"IDAT" + zlib.compress(b"\0")
    chunks = b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (ihdr, idat, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def _profile(space: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC version 2 profile from its tags."""
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = bytearray(128)
    struct.pack_into(">I", head, 0, at + len(body))
    struct.pack_into(">I", head, 8, 0x02100000)
    head[12:24] = kind + space + b"XYZ "
    head[36:40] = b"acsp"
    struct.pack_into(">iii", head, 68, *(round(v * 65536) for v in (0.9642, 1.0, 0.8249)))
    return bytes(head) + struct.pack(">I", len(tags)) + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in values))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def _desc(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(raw)) + raw + bytes(78)


def grey_profile(gamma: float = 2.2) -> bytes:
    tags = {b"desc": _desc(f"Grey gamma {gamma}"), b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(0.9642, 1, 0.8249)}
    return _profile(b"GRAY", b"mntr", tags | {b"kTRC": _gamma(gamma)})


def adobe_rgb() -> bytes:
    """Adobe RGB (1998): gamma 2.19921875 and the primaries adapted to D50."""
    tags = {b"desc": _desc("Adobe RGB (1998)"), b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(0.9505, 1, 1.0891)}
    tags |= {b"rXYZ": _xyz(0.60974, 0.31111, 0.01947), b"gXYZ": _xyz(0.20528, 0.62567, 0.06087)}
    tags |= {b"bXYZ": _xyz(0.14919, 0.06322, 0.74457)}
    return _profile(b"RGB ", b"mntr", tags | {c: _gamma(2.19921875) for c in (b"rTRC", b"gTRC", b"bTRC")})


def srgb_encode(linear: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
