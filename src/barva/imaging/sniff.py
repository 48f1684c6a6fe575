"""What a file is, from its first bytes; never from its name."""

from __future__ import annotations

import struct
from pathlib import Path

from barva.errors import UsageError

EXTENSIONS = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif", ".heic", ".heif"),
    "bmp": (".bmp", ".dib"),
    "gif": (".gif",),
}
SUFFIXES = frozenset(ending for endings in EXTENSIONS.values() for ending in endings)
NAMES = "JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF"
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
    raise UsageError(f"'{name}' names no format that Barva writes ({NAMES})")


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
    if head[4:8] == b"ftyp" and _brands(head) & {
        b"avif",
        b"avis",
        b"mif1",
        b"msf1",
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
    }:
        return "avif"
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
        elif format == "avif":
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
