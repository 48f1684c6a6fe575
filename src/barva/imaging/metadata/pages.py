"""TIFF: each page of a finished file says its own. New directories go to the end, and no pixel is encoded again."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import IO

from barva.imaging import exif, tiff
from barva.imaging.exif import Block

_PAGE_NUMBER = 297
# Where libvips writes the first page's on every page, or what no page said.
_OWN = {exif.IPTC, exif.XMP, exif.ICC, *exif.RESOLUTION, _PAGE_NUMBER}
_GAP = 1 << 16
_ASCII, _UTF8 = 2, 129  # TIFF knows no type for UTF-8, and writes it as ASCII
_STRIPS = ((273, 279), (324, 325))


@dataclass(frozen=True)
class Statements:
    """What a page of a TIFF says beside its pixels: an EXIF block, and the page's own IPTC, XMP, ICC, Photoshop
    resources and dpi."""

    exif: bytes | None
    iptc: bytes | None = None
    xmp: bytes | None = None
    icc: bytes | None = None
    photoshop: bytes | None = None
    dpi: tuple[float, float] | None = None

    def block(self) -> Block:
        """As tags, in the byte order of its EXIF block; a broken one is left out."""
        try:
            block = exif.parse(self.exif) if self.exif else Block("<")
        except tiff.BROKEN:
            block = Block("<")
        own = block.main
        block.main = {n: t for n, t in own.items() if n not in exif.STRUCTURAL}
        for name, kind, value in (
            (exif.XMP, 1, self.xmp),
            (exif.ICC, 7, self.icc),
            (exif.PHOTOSHOP, 1, self.photoshop),
        ):
            if value:
                block.main[name] = tiff.Tag(kind, value)
        across, down, unit = exif.RESOLUTION
        complete = all(n in own for n in exif.RESOLUTION)
        if not complete or (self.dpi and exif.dpi(own, block.order) != self.dpi):
            # TIFF wants a resolution; 1 without a unit says nothing but that pixels are square.
            for name, dpi in zip((across, down), self.dpi or (1, 1), strict=True):
                ratio = Fraction(dpi).limit_denominator(1000)
                block.main[name] = tiff.Tag(5, struct.pack(block.order + "II", ratio.numerator, ratio.denominator))
            block.main[unit] = tiff.Tag(3, struct.pack(block.order + "H", 2 if self.dpi else 1))
        return block


def put(file: IO[bytes], pages: Sequence[Statements], *, bits: int) -> None:
    """Have each page of a finished TIFF (open for reading and writing) say its own; tags of how its pixels are stored
    stay."""
    layout, at = tiff.header(file)
    blocks = [page.block() for page in pages]
    written = layout
    if bits == 8 and pages[0].exif:
        # Maker's notes and Unicode comments are in the order of their file, and pixels of one byte have none.
        written = tiff.Layout(blocks[0].order, layout.big)
    link = 8 if layout.big else 4
    if written != layout:
        _head(file, written)
    for page, block in zip(pages, blocks, strict=True):
        old, following = tiff.directory(file, layout, at, whole=True)
        if written != layout:
            old = {n: tiff.Tag(t.type, t.swap_bytes(), t.at) for n, t in old.items()}
        tags = {n: t for n, t in old.items() if n not in _OWN}
        block = exif.swap(block) if block.order != written.order else block
        for listed in (block.main, *block.sub.values()):
            listed |= {n: tiff.Tag(_ASCII, t.value) for n, t in listed.items() if t.type == _UTF8}
        if page.iptc:  # by custom of type LONG, and yet never swapped
            block.main[exif.IPTC] = tiff.Tag(4, page.iptc + bytes(-len(page.iptc) % 4))
        note = _place_note(file, written, block, tags, alone=len(blocks) == 1)
        tags |= block.main | exif.write_subs(file, written, block, note)
        at = tiff.append(file, written, tags, following)
        file.seek(link)
        file.write(struct.pack(written.pointer, at))
        link, at = tiff.link(written, at, tags), following


def _head(file: IO[bytes], layout: tiff.Layout) -> None:
    """A header in another byte order; the offset of the first directory comes later."""
    file.seek(0)
    file.write(b"II" if layout.order == "<" else b"MM")
    file.write(struct.pack(layout.order + ("HHH" if layout.big else "H"), *((43, 8, 0) if layout.big else (42,))))


def _place_note(file: IO[bytes], layout: tiff.Layout, block: Block, tags: tiff.Directory, *, alone: bool) -> int | None:
    """Write the maker's note, where it lay in its first file if that can be had: its offsets may count from there."""
    note = block.sub.get(exif.EXIF, {}).get(exif.NOTE)
    if note is None or block.note_at is None or len(note.value) <= layout.width:
        return None
    at, length = block.note_at, len(note.value)
    end = file.seek(0, io.SEEK_END)
    if at > end + _GAP or not _clear(file, layout, tags, at, at + length, alone=alone):
        at = end + (end & 1)
    file.seek(at)
    file.write(note.value)
    return at


def _clear(file: IO[bytes], layout: tiff.Layout, tags: tiff.Directory, start: int, end: int, *, alone: bool) -> bool:
    """Move the strips that lie in a stretch of the file to its end. False when something else lies there.

    In a file of one page (`alone`) there is nothing but its strips and the directory that is about to be replaced.
    """
    names = next((n for n in _STRIPS if n[0] in tags and n[1] in tags), None)
    if names is None or start < 16:
        return False
    places, sizes = (_all(tags[n], layout) for n in names)
    here = sorted((p, s, i) for i, (p, s) in enumerate(zip(places, sizes, strict=False)) if p < end and start < p + s)
    size = file.seek(0, io.SEEK_END)
    if not alone and start < size:
        reached = start
        for place, length, _ in here:
            if place > reached + 1:
                return False
            reached = place + length
        if reached < end:
            return False
    if size < end:
        file.write(bytes(end - size))
    for place, length, i in here:
        file.seek(place)
        strip = file.read(length)
        places[i] = file.seek(0, io.SEEK_END)
        file.write(strip + bytes(len(strip) & 1))
    if here:
        code = "Q" if layout.big else "I"
        raw = struct.pack(f"{layout.order}{len(places)}{code}", *places)
        tags[names[0]] = tiff.Tag(16 if layout.big else 4, raw)
    return True


def _all(tag: tiff.Tag, layout: tiff.Layout) -> list[int]:
    code = {3: "H", 4: "I", 16: "Q"}[tag.type]
    return list(struct.unpack(f"{layout.order}{tag.count}{code}", tag.value))
