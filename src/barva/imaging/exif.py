"""EXIF blocks and TIFF directories: the same structure, read and written without third-party code.

An EXIF block is a small TIFF file: a header, directory 0 (camera, date), and directories that it points to (Exif, GPS).
libvips carries EXIF blocks as they are for every format except TIFF, whose tags it drops; `from_tiff` and
`into_tiff` fill that gap. `refresh` makes a block true again after the picture was turned upright and recoloured.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import IO

from barva.imaging import tiff

_EXIF, _GPS, _INTEROP = 0x8769, 0x8825, 0xA005
_ORIENTATION, _COLOR_SPACE = 0x0112, 0xA001
_X, _Y, _UNIT = 0x011A, 0x011B, 0x0128
IPTC = 0x83BB
"""The TIFF tag of IPTC-IIM. libvips cuts it to a quarter of its length when it writes one."""
_XMP, _ICC = 0x02BC, 0x8773
_OWN = {IPTC, _XMP, _ICC, _X, _Y, _UNIT}  # where libvips writes the first page's on every page

# Tags of a TIFF page that speak of the photograph and not of how its pixels are stored.
_DESCRIPTIVE = {0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x8298, *range(0x9C9B, 0x9CA0)}


@dataclass
class Block:
    """`order` is '<' or '>'; `main` is directory 0, `sub` those it points to, `interop` the one inside Exif."""

    order: str
    main: tiff.Directory = field(default_factory=dict)
    sub: dict[int, tiff.Directory] = field(default_factory=dict)
    interop: tiff.Directory = field(default_factory=dict)


def strip_prefix(blob: bytes) -> bytes:
    """The bare block: without the 'Exif' and two zeros that JPEG puts before it."""
    return blob[6:] if blob[:6] == b"Exif\0\0" else blob


def refresh(blob: bytes) -> bytes | None:
    """The block of an upright sRGB picture: orientation 1, colour space sRGB, no thumbnail (it shows the grey photo).

    None when the block is no EXIF at all.
    """
    try:
        block = parse(blob)
    except tiff.BROKEN:
        return None
    if _ORIENTATION in block.main:
        block.main[_ORIENTATION] = tiff.Tag(3, struct.pack(block.order + "H", 1))
    if _EXIF in block.sub:
        block.sub[_EXIF][_COLOR_SPACE] = tiff.Tag(3, struct.pack(block.order + "H", 1))
    return build(block)


def shortened(block: bytes, limit: int) -> bytes:
    """The block without its longest values (the maker's note, mostly) until it has at most `limit` bytes."""
    parsed = parse(block)
    while len(block) > limit:
        tags = [(len(t.value), n, d) for d in (parsed.main, *parsed.sub.values(), parsed.interop) for n, t in d.items()]
        _, name, owner = max(tags, key=lambda x: x[0])
        del owner[name]
        block = build(parsed)
    return block


def orientation(blob: bytes) -> int:
    """1 to 8; 1 when the block does not say."""
    try:
        block = parse(blob)
        tag = block.main.get(_ORIENTATION)
        value = struct.unpack_from(block.order + "H", tag.value)[0] if tag and tag.type == 3 else 1
    except tiff.BROKEN:
        return 1
    return int(value) if 1 <= value <= 8 else 1


def resolution(blob: bytes) -> tuple[float, float] | None:
    """Pixels an inch (x, y) from a block, or None."""
    try:
        block = parse(blob)
        unit = block.main.get(_UNIT)
        scale = 2.54 if unit and struct.unpack_from(block.order + "H", unit.value)[0] == 3 else 1.0
        pairs = [struct.unpack_from(block.order + "II", block.main[n].value) for n in (_X, _Y)]
        x, y = (scale * n / d for n, d in pairs)
    except (*tiff.BROKEN, ZeroDivisionError):
        return None
    return (round(x, 2), round(y, 2)) if 0 < x < 1e6 and 0 < y < 1e6 else None


def minimal() -> bytes:
    """A block that only says sRGB; libvips adds the resolution."""
    return build(Block("<", sub={_EXIF: {_COLOR_SPACE: tiff.Tag(3, b"\1\0")}}))


def parse(blob: bytes) -> Block:
    """ValueError or struct.error when it is no EXIF block."""
    file = io.BytesIO(strip_prefix(blob))
    layout, first = tiff.header(file)
    block = Block(layout.order)
    block.main, _ = tiff.directory(file, layout, first)
    _follow(file, layout, block)
    return block


def _follow(file: IO[bytes], layout: tiff.Layout, block: Block) -> None:
    """Read the directories that directory 0 points to, and replace the pointers by them. Broken ones are left out."""

    def sub(tags: tiff.Directory, pointer: int) -> tiff.Directory:
        tag = tags.pop(pointer, None)
        if tag is None:
            return {}
        try:
            return tiff.directory(file, layout, tiff.number(tag, layout.order))[0]
        except tiff.BROKEN:
            return {}

    block.sub = {p: found for p in (_EXIF, _GPS) if (found := sub(block.main, p))}
    if _EXIF in block.sub:
        block.interop = sub(block.sub[_EXIF], _INTEROP)


def build(block: Block) -> bytes:
    """The block as bytes, without any prefix."""
    out = io.BytesIO()
    layout = tiff.Layout(block.order, False)
    out.write((b"II" if block.order == "<" else b"MM") + struct.pack(block.order + "HI", 42, 8))
    # Directory 0 must come first, but holds offsets of the others: leave room, write the others, then return.
    main = dict(block.main) | {p: tiff.Tag(4, bytes(4)) for p in block.sub}
    out.write(bytes(tiff.room(main, layout)))
    main |= _write_subs(out, layout, block)
    out.seek(8)
    tiff.write_directory(out, layout, main, 0)
    return out.getvalue()


def _write_subs(out: IO[bytes], layout: tiff.Layout, block: Block) -> tiff.Directory:
    """Write Exif, GPS and Interop directories at the end; returns the tags that point to the first two."""
    pointers: tiff.Directory = {}
    for number, sub in block.sub.items():
        tags = dict(sub)
        if number == _EXIF and block.interop:
            tags[_INTEROP] = tiff.pointer(layout, tiff.append(out, layout, block.interop))
        pointers[number] = tiff.pointer(layout, tiff.append(out, layout, tags))
    return pointers


def from_tiff(file: IO[bytes], page: int = 1) -> bytes | None:
    """An EXIF block made of a TIFF page's descriptive, Exif and GPS tags; None when it has none."""
    try:
        layout, tags, _ = tiff.page_directory(file, page)
        keep = {n: t for n, t in tags.items() if n in _DESCRIPTIVE or n in (_EXIF, _GPS)}
        block = Block(layout.order, keep)
        _follow(file, layout, block)
    except (*tiff.BROKEN, OSError):
        return None
    return build(block) if block.main or block.sub else None


@dataclass(frozen=True)
class Spoken:
    """What a page of a TIFF says beside its pixels: an EXIF block, and the page's own IPTC, XMP, ICC and dpi."""

    exif: bytes | None
    iptc: bytes | None
    xmp: bytes | None
    icc: bytes | None
    dpi: tuple[float, float]

    def tags(self) -> Block:
        """As little-endian tags, broken EXIF left out."""
        try:
            block = parse(self.exif) if self.exif else Block("<")
        except tiff.BROKEN:
            block = Block("<")
        block = _swap(block, "<") if block.order != "<" else block
        block.main = {n: t for n, t in block.main.items() if n in _DESCRIPTIVE}
        for name, kind, value in ((IPTC, 7, self.iptc), (_XMP, 1, self.xmp), (_ICC, 7, self.icc)):
            if value:
                block.main[name] = tiff.Tag(kind, value)
        for name, dpi in zip((_X, _Y), self.dpi, strict=True):
            ratio = Fraction(dpi).limit_denominator(1000)
            block.main[name] = tiff.Tag(5, struct.pack("<II", ratio.numerator, ratio.denominator))
        block.main[_UNIT] = tiff.Tag(3, struct.pack("<H", 2))
        return block


def into_tiff(file: IO[bytes], pages: Sequence[Spoken]) -> None:
    """Have each page of a finished TIFF (opened 'r+b') say its own; tags of how its pixels are stored stay.

    New directories go to the end of the file, and what pointed at the old ones points at them: no pixel moves.
    """
    try:
        layout, at = tiff.header(file)
        link = 8 if layout.big else 4
        for page in pages:
            old, following = tiff.directory(file, layout, at, whole=True)
            block = page.tags()
            block = _swap(block, layout.order) if layout.order != "<" else block
            new = block.main | _write_subs(file, layout, block)
            tags = new | {n: t for n, t in old.items() if n not in _OWN}
            at = tiff.append(file, layout, tags, following)
            file.seek(link)
            file.write(struct.pack(layout.pointer, at))
            link, at = tiff.link(layout, at, tags), following
    except tiff.BROKEN:
        return


def _swap(block: Block, order: str) -> Block:
    def turned(tags: tiff.Directory) -> tiff.Directory:
        return {n: tiff.Tag(t.type, t.swapped()) for n, t in tags.items()}

    return Block(order, turned(block.main), {p: turned(t) for p, t in block.sub.items()}, turned(block.interop))
