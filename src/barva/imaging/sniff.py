"""What a file's first bytes state beyond its format (`formats.detect`): boxes, claimed sizes, kinds of WebP."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from barva.errors import Message

ANIMATION = Message("only the first picture of the animation was colored", code="note.animation")


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
