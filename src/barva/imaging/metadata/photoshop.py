"""Photoshop's image resources ('8BIM'), as JPEG (APP13) and TIFF (tag 34377) hold them.

Source: Adobe Photoshop File Formats Specification, 2019.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from barva.imaging.metadata.change import Change

HEAD = b"Photoshop 3.0\0"
IPTC, XMP, EXIF, EXIF_3 = 0x0404, 0x0424, 0x0422, 0x0423
_THUMBNAILS = (0x0409, 0x040C)
_PATHS, _KNOTS = range(2000, 2999), (1, 2, 4, 5)
_MARKS = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")


@dataclass(frozen=True)
class Resource:
    """`start` to `end` in the block, with its head; `data` is its content."""

    number: int
    start: int
    end: int
    data: bytes


def resources(block: bytes) -> Iterator[Resource]:
    """The resources of a block, as far as they are whole."""
    at = 0
    while block[at : at + 4] in _MARKS and at + 12 <= len(block):
        start = at
        number, length = struct.unpack_from(">H", block, at + 4)[0], block[at + 6]
        at += 6 + (length + 2) // 2 * 2  # the resource's name is padded to an even length
        if at + 4 > len(block):
            return
        size = struct.unpack_from(">I", block, at)[0]
        if at + 4 + size > len(block):
            return
        data = block[at + 4 : at + 4 + size]
        at += 4 + size + (size & 1)
        yield Resource(number, start, min(at, len(block)), data)


def content(block: bytes, number: int) -> bytes | None:
    """The first resource of that number that is not empty, or None."""
    return next((r.data for r in resources(block) if r.number == number and r.data), None)


def iptc(block: bytes) -> bytes | None:
    """IPTC-IIM out of a block, or None."""
    return content(block, IPTC)


def without(block: bytes, numbers: tuple[int, ...]) -> bytes:
    """The block without some resources."""
    for resource in reversed(list(resources(block))):
        if resource.number in numbers:
            block = block[: resource.start] + block[resource.end :]
    return block


def refresh(block: bytes, change: Change) -> bytes:
    """The block without thumbnails of the gray picture, and without EXIF and XMP, which the file holds elsewhere; its
    paths turned with the pixels."""
    block = without(block, (*_THUMBNAILS, XMP, EXIF, EXIF_3))
    if change.turn == 1:
        return block
    edited = bytearray(block)
    for resource in resources(block):
        if resource.number in _PATHS:
            start = resource.end - len(resource.data) - (len(resource.data) & 1)
            edited[start : start + len(resource.data)] = _turn(resource.data, change)
    return bytes(edited)


def _turn(path: bytes, change: Change) -> bytes:
    """A path's records of 26 bytes: those of knots hold three points (y, x) as parts of the whole, in 8.24 bits."""
    turned = bytearray(path)
    for at in range(0, len(path) - 25, 26):
        if struct.unpack_from(">H", path, at)[0] not in _KNOTS:
            continue
        for place in range(at + 2, at + 26, 8):
            y, x = struct.unpack_from(">ii", path, place)
            x, y = change.point(x, y, 1 << 24, 1 << 24)
            limit = (1 << 31) - 1
            struct.pack_into(">ii", turned, place, *(max(-limit, min(limit, int(v))) for v in (y, x)))
    return bytes(turned)


def wrap(iim: bytes) -> bytes:
    """IPTC-IIM as a resource."""
    return b"8BIM" + struct.pack(">HHI", IPTC, 0, len(iim)) + iim + bytes(len(iim) & 1)


def trim(iim: bytes) -> bytes:
    """IPTC-IIM without the zeros that fill it up to whole words in a TIFF. IIM 4.2, section 1.5: datasets."""
    at = 0
    while iim[at : at + 1] == b"\x1c" and at + 5 <= len(iim):
        length = struct.unpack_from(">H", iim, at + 3)[0]
        if length >= 0x8000 or at + 5 + length > len(iim):
            return iim
        at += 5 + length
    return iim[:at] if at and not iim[at:].strip(b"\0") else iim
