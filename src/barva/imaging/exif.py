"""EXIF blocks and TIFF directories: the same structure, read and written without third-party code.

An EXIF block is a small TIFF file: a header, directory 0 (camera, date), and directories that it points to (Exif, GPS).
`metadata.exifpatch` makes a block true in place; here blocks are made of a TIFF's tags and the other way round.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import IO

from barva.imaging import tiff

EXIF, GPS, INTEROP = 0x8769, 0x8825, 0xA005
NOTE, _SCHEMA, _COMMENT = 0x927C, 0xEA1D, 0x9286
_X, _Y, _UNIT = 0x011A, 0x011B, 0x0128
IPTC, XMP, ICC, PHOTOSHOP = 0x83BB, 0x02BC, 0x8773, 0x8649
GEO = frozenset((33550, 33920, 33922, 34264, 34735, 34736, 34737, 42112, 42113))
"""Where a TIFF's pixels lie on the Earth, and what GIS programs say of them."""

# Tags that say how a page's pixels are stored, or that something else carries. All others speak of the photograph.
STRUCTURAL = frozenset(
    (
        *range(254, 260), *range(262, 267), 273, 274, *range(277, 282), 284, *range(288, 294), 300, 301,
        *range(317, 329), 330, *range(332, 344), 346, 347, 351, *range(400, 405), *range(433, 436),
        *range(512, 522), *range(529, 533), 559, XMP, *range(32995, 32999), 33421, 33422, IPTC, PHOTOSHOP, ICC,
        37439, 37724, 50255, 50674, *range(50706, 51200),
    )
)  # fmt: skip
RESOLUTION = (_X, _Y, _UNIT)
_MOST_ROOM = 1 << 15


@dataclass
class Block:
    """`order` is '<' or '>'; `main` is directory 0, `sub` those it points to, `interop` the one inside Exif. `note_at`
    is where the maker's note lay when its offsets were right."""

    order: str
    main: tiff.Directory = field(default_factory=dict)
    sub: dict[int, tiff.Directory] = field(default_factory=dict)
    interop: tiff.Directory = field(default_factory=dict)
    note_at: int | None = None


def strip_prefix(blob: bytes) -> bytes:
    """The bare block: without the 'Exif' and two zeros that JPEG puts before it."""
    return blob[6:] if blob[:6] == b"Exif\0\0" else blob


def shorten(data: bytes, limit: int) -> bytes:
    """The block without its longest values (the maker's note, mostly) until it has at most `limit` bytes."""
    block = parse(data)
    data = build(block, room=0)
    while len(data) > limit:
        tags = [(len(t.value), n, d) for d in (block.main, *block.sub.values(), block.interop) for n, t in d.items()]
        _, name, owner = max(tags, key=lambda x: x[0])
        del owner[name]
        data = build(block, room=0)
    return data


def resolution(blob: bytes) -> tuple[float, float] | None:
    """Pixels an inch (x, y) from a block, or None. Exif: without a unit, it counts in inches."""
    try:
        block = parse(blob)
        return dpi(block.main, block.order)
    except tiff.BROKEN:
        return None


def dpi(tags: tiff.Directory, order: str) -> tuple[float, float] | None:
    """The same from a directory."""
    try:
        unit = tiff.number(tags[_UNIT], order) if _UNIT in tags else 2
        pairs = [struct.unpack_from(order + "II", tags[n].value) for n in (_X, _Y)]
        x, y = ((2.54 if unit == 3 else 1.0) * n / d for n, d in pairs)
    except (*tiff.BROKEN, ZeroDivisionError):
        return None
    return (round(x, 2), round(y, 2)) if unit in (2, 3) and 0 < x < 1e6 and 0 < y < 1e6 else None


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

    block.sub = {p: listed for p in (EXIF, GPS) if (listed := sub(block.main, p))}
    if EXIF in block.sub:
        tags = block.sub[EXIF]
        block.interop = sub(tags, INTEROP)
        schema = tags.pop(_SCHEMA, None)
        if NOTE in tags and (at := tags[NOTE].at) is not None:
            moved = tiff.number(schema, layout.order) if schema and schema.type in (4, 9) else 0
            block.note_at = at - moved if at >= moved else at


def build(block: Block, *, room: int = _MOST_ROOM) -> bytes:
    """The block as bytes, without any prefix.

    The maker's note comes to lie where it lay, if that takes at most `room` empty bytes before it; elsewhere, Exif's
    OffsetSchema says how far it was moved.
    """
    out = io.BytesIO()
    layout = tiff.Layout(block.order, False)
    out.write((b"II" if block.order == "<" else b"MM") + struct.pack(block.order + "HI", 42, 8))
    note = block.sub.get(EXIF, {}).get(NOTE)
    at, first = None, 8
    if note is not None and block.note_at is not None and len(note.value) > 4:
        at = block.note_at if 8 <= block.note_at <= 8 + room else 8
        out.seek(at)
        out.write(note.value + bytes(len(note.value) & 1))
        first = out.tell() + (out.tell() & 1)
    # Directory 0 holds offsets of the others: leave room, write the others, then return.
    main = dict(block.main) | {p: tiff.Tag(4, bytes(4)) for p in block.sub}
    out.seek(first)
    out.write(bytes(tiff.room(main, layout)))
    main |= write_subs(out, layout, block, at)
    out.seek(4)
    out.write(struct.pack(block.order + "I", first))
    out.seek(first)
    tiff.write_directory(out, layout, main, 0)
    return out.getvalue()


def write_subs(out: IO[bytes], layout: tiff.Layout, block: Block, note: int | None = None) -> tiff.Directory:
    """Write Exif, GPS and Interop directories at the end; returns the tags that point to the first two. `note` is where
    the maker's note lies already."""
    pointers: tiff.Directory = {}
    for number, sub in block.sub.items():
        tags = dict(sub)
        placed = {}
        if number == EXIF and block.interop:
            tags[INTEROP] = tiff.pointer(layout, tiff.append(out, layout, block.interop))
        if number == EXIF and note is not None and block.note_at is not None:
            placed[NOTE] = note
            if note != block.note_at and abs(note - block.note_at) < 1 << 31:
                tags[_SCHEMA] = tiff.Tag(9, struct.pack(layout.order + "i", note - block.note_at))
        pointers[number] = tiff.pointer(layout, tiff.append(out, layout, tags, placed=placed))
    return pointers


def from_tiff(file: IO[bytes], page: int = 1) -> bytes | None:
    """An EXIF block made of a TIFF page's own tags, all but those that say how its pixels are stored; None when it has
    none."""
    try:
        layout, tags, _ = tiff.page_directory(file, page)
        block = Block(layout.order, {n: t for n, t in tags.items() if n not in STRUCTURAL})
        _follow(file, layout, block)
        block = _classic(block) if layout.big else block
        stated = block.main.keys() - set(RESOLUTION)
        return build(block) if stated or block.sub else None
    except (*tiff.BROKEN, OSError):
        return None


def _classic(block: Block) -> Block:
    """Without BigTIFF's own types, which an EXIF block cannot hold."""

    def keep(tags: tiff.Directory) -> tiff.Directory:
        return {n: t for n, t in tags.items() if t.type not in (16, 17, 18)}

    subs = {p: keep(t) for p, t in block.sub.items()}
    return Block(block.order, keep(block.main), subs, keep(block.interop), block.note_at)


def swap(block: Block) -> Block:
    """The block in the other byte order."""

    def turn(tags: tiff.Directory) -> tiff.Directory:
        return {n: tiff.Tag(t.type, _turn(n, t), t.at) for n, t in tags.items()}

    order = ">" if block.order == "<" else "<"
    subs = {p: turn(t) for p, t in block.sub.items()}
    return Block(order, turn(block.main), subs, turn(block.interop), block.note_at)


def _turn(name: int, tag: tiff.Tag) -> bytes:
    """A value in the other byte order; Unicode in a UserComment has the order of its block."""
    if name == _COMMENT and tag.value[:8] == b"UNICODE\0":
        text = tag.value[8 : len(tag.value) // 2 * 2]
        return tag.value[:8] + tiff.Tag(3, text).swap_bytes()
    return tag.swap_bytes()
