"""Oddities that cameras and editors leave in the headers of sound JPEGs, put right.

A JPEG decoder tells of damage only by warnings, and it warns of these as well. A picture whose header was put right is
read once more as strictly as before, so that a warning that stays means lost pixels. Stray bytes among the scans are
no oddity: there they are how a decoder reports lost data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_BARE = (0x01, *range(0xD0, 0xD9))
_ADOBE, _JFIF = b"Adobe", b"JFIF\0"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # the others are tables
_SEQUENTIAL = (0xC0, 0xC1)


def without_oddities(data: bytes) -> bytes:
    """A JPEG without stray bytes between its header's segments, its JFIF revision, Adobe's color transform and a
    sequential scan's parameters being values that decoders know; `data` itself where nothing is odd."""
    segments = list(_segments(data))
    frames = [(data[at + 1], data[at + 9]) for _, at, end in segments if data[at + 1] in _FRAMES and end > at + 9]
    frame, channels = frames[0] if frames else (0, 0)
    fixed, copied, in_header = bytearray(), 0, True
    for behind, start, end in segments:
        if in_header and _is_stray(data[behind:start]):
            fixed += data[copied:behind]
            copied = start
        content = data[start + 4 : end]
        known = _known(data[start + 1], content, channels, frame in _SEQUENTIAL)
        if known != content:
            fixed += data[copied : start + 4] + known
            copied = end
        in_header = in_header and data[start + 1] != 0xDA
    return bytes(fixed) + data[copied:] if copied else data


def _is_stray(between: bytes) -> bool:
    """Whether bytes between two segments are neither stuffing, nor a scan or a segment whose marker is damaged."""
    return bool(between) and b"\xff" not in between and int.from_bytes(between[2:4], "big") != len(between) - 2


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(the end of the one before, where it begins, its end) of each segment up to the picture's end; scans' data is
    passed over."""
    at = 2
    while (match := _MARKER.search(data, at)) is not None:
        before, start = at, match.end() - 2
        marker = data[start + 1]
        if marker == 0xD9:
            return
        if marker in _BARE:
            at = start + 2
            continue
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        at = start + 2 + length
        if length < 2 or at > len(data):
            return
        yield before, start, at


def _known(marker: int, content: bytes, channels: int, sequential: bool) -> bytes:
    """A segment's content, its odd value being the one that decoders take it for."""
    if marker == 0xE0 and content.startswith(_JFIF) and len(content) >= 12 and content[5] != 1:
        return content[:5] + b"\1" + content[6:]
    if marker == 0xEE and content.startswith(_ADOBE) and len(content) >= 12 and content[11] > 2:
        return content[:11] + (b"\2" if channels == 4 else b"\1") + content[12:]
    if marker == 0xDA and sequential and len(content) >= 6:
        return content[:-3] + b"\0\x3f\0"
    return content
