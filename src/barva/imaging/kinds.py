"""Kinds of files that no decoder at hand reads, named, so that they are not taken for damaged ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

_FRAMES = {
    0xC3: "a lossless JPEG",
    0xC5: "a hierarchical JPEG",
    0xC6: "a hierarchical JPEG",
    0xC7: "a lossless JPEG",
    0xC9: "an arithmetic-coded JPEG",
    0xCA: "an arithmetic-coded JPEG",
    0xCB: "a lossless JPEG",
    0xCD: "a hierarchical JPEG",
    0xCE: "a hierarchical JPEG",
    0xCF: "a lossless JPEG",
    0xF7: "a JPEG-LS picture",
}
_USUAL = (0xC0, 0xC1, 0xC2)
_BARE = (0x01, *range(0xD0, 0xD9))


def jpeg_kind(open_file: Callable[[], IO[bytes]]) -> str | None:
    """What makes a JPEG unreadable although it may be whole ('a 12-bit JPEG'); None for the usual kinds."""
    with open_file() as file:
        if file.read(2) != b"\xff\xd8":
            return None
        while True:
            byte = file.read(1)
            while byte and byte != b"\xff":
                byte = file.read(1)
            while byte == b"\xff":
                byte = file.read(1)
            if not byte or byte in (b"\xd9", b"\xda"):
                return None
            marker = byte[0]
            if marker == 0 or marker in _BARE:
                continue
            if marker in _FRAMES:
                return _FRAMES[marker]
            size = int.from_bytes(file.read(2), "big")
            if marker in _USUAL:
                bits = file.read(1)
                return f"a {bits[0]}-bit JPEG" if bits and bits[0] in (12, 16) else None
            file.seek(max(0, size - 2), 1)


def tiff_refusal(value: Callable[[int], int], raw: bool) -> str | None:
    """Why a TIFF's page must be refused, as the end of 'NAME is ...'; `value(tag)` gives a tag's number, 0 without it.

    These are pages that libvips or libtiff would show wrongly.
    """
    color, packing = value(262), value(259)
    if raw or color in (32803, 34892):
        return "a camera's raw file; develop it to TIFF or JPEG first"
    if packing == 6:
        return "a TIFF of old-style JPEG, which is read wrongly everywhere; convert it with the program that made it"
    if color in (8, 9, 10) or (color == 6 and packing != 7):
        return "a TIFF in YCbCr or Lab, which Barva cannot read; convert it to RGB first"
    return None
