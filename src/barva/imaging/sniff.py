"""What a file is, from its first bytes; never from its name."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from barva.errors import UsageError

EXTENSIONS = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif",),
    "bmp": (".bmp", ".dib"),
    "gif": (".gif",),
}
READ_ONLY = {
    "heic": (".heic", ".heif", ".hif"),
    "jp2": (".jp2", ".j2k", ".jpf", ".jpx", ".jpc", ".j2c"),
    "jxl": (".jxl",),
}
"""Formats that are read and not written, with the names of their files."""
TURNED = ("avif", "heic", "jxl")
"""Formats whose decoders turn pictures upright by themselves, whatever EXIF says."""
SUFFIXES = frozenset(ending for endings in (EXTENSIONS | READ_ONLY).values() for ending in endings)
NAMES = "JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF"
READ_NAMES = NAMES + "; with the extra 'formats' HEIC, JPEG 2000, JPEG XL"
_TITLES = {"webp": "WebP", "jp2": "JPEG 2000", "jxl": "JPEG XL"}
_RESULTS = {"gif": "png", "array": "png", "heic": "jpeg", "jp2": "tiff", "jxl": "tiff"}
ANIMATION = "only the first picture of the animation was colored"
HEAD = 4096
"""How many bytes `detect` and `claimed_size` like to see."""


def extension(format: str) -> str:
    """The usual file name ending of a format: '.jpg' for 'jpeg'. UsageError for an unknown format."""
    return EXTENSIONS[format_of(format)][0]


def format_of(name: str | Path) -> str:
    """The format that a file name, an ending or a plain word asks for: 'a.JPG', '.jpeg', 'jpg' and 'jpeg' are
    'jpeg'."""
    text = str(name).lower()
    word = Path(text).suffix or (text if text.startswith(".") else "." + text)
    for known, endings in EXTENSIONS.items():
        if word in endings or word == "." + known:
            return known
    for known, endings in READ_ONLY.items():
        if word in endings or word == "." + known:
            raise UsageError(f"{title(known)} is read but not written; choose one of {NAMES}")
    raise UsageError(f"'{name}' names no format that Barva writes ({NAMES})")


def readable_format(name: str | Path) -> str | None:
    """The format that a file name's ending promises, read-only ones included; None for an unknown ending."""
    ending = Path(name).suffix.lower()
    every = EXTENSIONS | READ_ONLY
    return next((known for known, endings in every.items() if ending in endings), None)


def result_format(format: str) -> str:
    """The format that a photo's result takes unless another is asked for: its own, or one that can hold it."""
    return _RESULTS.get(format, format)


def title(format: str) -> str:
    """How people write a format's name: 'JPEG', 'WebP', 'JPEG 2000'."""
    return _TITLES.get(format, format.upper())


def detect(head: bytes) -> str | None:
    """The format of a file that starts with `head`, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if head[4:8] == b"ftyp":
        brands = _brands(head)
        if brands & {b"avif", b"avis"} or (brands & {b"mif1", b"msf1"} and b"av01" in head):
            return "avif"
        if brands & {b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}:
            return "heic"
    if head[:12] == b"\0\0\0\x0cjP  \r\n\x87\n" or head[:4] == b"\xff\x4f\xff\x51":
        return "jp2"
    if head[:2] == b"\xff\x0a" or head[:12] == b"\0\0\0\x0cJXL \r\n\x87\n":
        return "jxl"
    if (
        head[:2] == b"BM"
        and len(head) >= 26
        and struct.unpack_from("<I", head, 14)[0] in (12, 16, 40, 52, 56, 64, 108, 124)
    ):
        return "bmp"
    return None


def _brands(head: bytes) -> set[bytes]:
    size = min(struct.unpack_from(">I", head)[0], len(head))
    return {head[8:12], *(head[i : i + 4] for i in range(16, size - 3, 4))}


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, contents) of the boxes that lie side by side in a file or a box of ISO/IEC 14496-12."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1 and at + 16 <= len(data):
            size, start = struct.unpack_from(">Q", data, at + 8)[0], at + 16
        end = len(data) if size == 0 else at + size
        if end < start:
            return
        yield kind, data[start:end]
        at = end


def claimed_size(head: bytes, format: str) -> tuple[int, int] | None:
    """(width, height) that the header of a PNG, GIF, BMP or AVIF claims; None when it does not say so near the start.

    Lets bombs and empty pictures be named before any decoder sees them.
    """
    try:
        if format == "png" and head[12:16] == b"IHDR":
            w, h = struct.unpack_from(">II", head, 16)
        elif format == "gif":
            w, h = struct.unpack_from("<HH", head, 6)
        elif format == "bmp":
            core = struct.unpack_from("<I", head, 14)[0] == 12
            w, h = struct.unpack_from("<HH" if core else "<ii", head, 18)
        elif format in ("avif", "heic"):
            return _ispe(head)
        else:
            return None
    except struct.error:
        return None
    return max(0, w), abs(h)


def _ispe(head: bytes) -> tuple[int, int] | None:
    """The largest size among an AVIF's items ('ispe' properties)."""
    sizes = []
    at = head.find(b"ispe")
    while at >= 0 and at + 16 <= len(head):
        sizes.append(struct.unpack_from(">II", head, at + 8))
        at = head.find(b"ispe", at + 4)
    return max(sizes, key=lambda s: s[0] * s[1]) if sizes else None


def webp_lossless(head: bytes) -> bool:
    """Whether a WebP file's (first) picture is stored without loss."""
    pos = 12
    while pos + 8 <= len(head):
        kind, size = head[pos : pos + 4], struct.unpack_from("<I", head, pos + 4)[0]
        if kind in (b"VP8L", b"VP8 "):
            return kind == b"VP8L"
        # Animations hold their pictures inside ANMF chunks, after 16 bytes of frame geometry.
        pos += 24 if kind == b"ANMF" else 8 + size + (size & 1)
    return False
