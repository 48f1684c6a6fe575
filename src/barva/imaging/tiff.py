"""TIFF's structure: header, directories, tags. Read and written without third-party code, because libvips drops tags.

EXIF blocks have the same structure; `exif` builds on this.
"""

from __future__ import annotations

import io
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_WORDS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 1, 7: 1, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_MAX_VALUE, _MAX_DIRECTORY = 16 << 20, 64 << 20  # longer tags, and more of them, are not metadata but a trap

BROKEN = (ValueError, struct.error, KeyError, OverflowError)
"""What reading a broken structure raises."""


@dataclass
class Tag:
    """One entry: TIFF type, and the value's bytes in the order of the block that it came from; `at` is where they lay,
    if not in the directory itself."""

    type: int
    value: bytes
    at: int | None = field(default=None, compare=False)

    @property
    def count(self) -> int:
        return len(self.value) // _SIZES[self.type]

    def swap_bytes(self) -> bytes:
        """The value's bytes in the other byte order."""
        n = _WORDS[self.type]
        if n == 1:
            return self.value
        return b"".join(self.value[i : i + n][::-1] for i in range(0, len(self.value), n))


Directory = dict[int, Tag]


@dataclass(frozen=True)
class Layout:
    """What classic TIFF and BigTIFF do differently."""

    order: str
    big: bool

    @property
    def pointer(self) -> str:
        return self.order + ("Q" if self.big else "I")

    @property
    def width(self) -> int:
        return 8 if self.big else 4


def pointer(layout: Layout, at: int) -> Tag:
    """A tag that points to a directory."""
    return Tag(16 if layout.big else 4, struct.pack(layout.pointer, at))


def number(tag: Tag, order: str) -> int:
    """The tag's first number, of whatever integer type. KeyError for others."""
    code = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}[tag.type]
    return int(struct.unpack_from(order + code, tag.value)[0])


def channels(tags: Directory, order: str) -> tuple[int, ...]:
    """The channels of a page that are color or transparency, where ExtraSamples names one or two others, such as a
    scanner's infrared; else none, as of pages of many channels, which are no photos."""
    try:
        samples, color = number(tags[277], order), number(tags[262], order)
        kinds = struct.unpack(f"{order}{tags[338].count}H", tags[338].value)
        inks = number(tags[334], order) if 334 in tags else 4
    except BROKEN:
        return ()
    colors = {0: 1, 1: 1, 2: 3, 5: inks}.get(color, samples)
    alpha = [colors + n for n, kind in enumerate(kinds) if kind in (1, 2)][:1]
    kept = (*range(colors), *alpha)
    most = 2 if colors == 1 else colors + 2  # gray with two further channels is RGB of a careless writer
    return kept if max(kept) < samples and len(kept) < samples <= most else ()


def header(file: IO[bytes]) -> tuple[Layout, int]:
    """Layout and the offset of the first directory. ValueError when it is no TIFF."""
    file.seek(0)
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        raise ValueError("no TIFF header")
    version = struct.unpack_from(order + "H", head, 2)[0]
    layout = Layout(order, version == 43)
    return layout, struct.unpack_from(layout.pointer, head, 8 if layout.big else 4)[0]


def directory(file: IO[bytes], layout: Layout, at: int, *, whole: bool = False) -> tuple[Directory, int]:
    """The directory at an offset, and the offset of the next one. Broken tags are skipped; with `whole`, ValueError."""
    file.seek(at)
    count_code, entry = ("Q", 20) if layout.big else ("H", 12)
    count = struct.unpack(layout.order + count_code, file.read(8 if layout.big else 2))[0]
    if count > 4096:
        raise ValueError("too many tags")
    raw = file.read(count * entry + layout.width)
    tags: Directory = {}
    total = 0
    for i in range(count):
        name, kind = struct.unpack_from(layout.order + "HH", raw, i * entry)
        n = struct.unpack_from(layout.pointer, raw, i * entry + 4)[0]
        size = n * _SIZES.get(kind, 0)
        if not 0 < size <= _MAX_VALUE:
            if whole:
                raise ValueError("a tag that cannot be carried over")
            continue
        total += size
        if total > _MAX_DIRECTORY:
            raise ValueError("too long values")
        field_at = i * entry + 4 + layout.width
        place = None
        if size <= layout.width:
            value = raw[field_at : field_at + size]
        else:
            place = struct.unpack_from(layout.pointer, raw, field_at)[0]
            file.seek(place)
            value = file.read(size)
        if len(value) == size:
            tags[name] = Tag(kind, value, place)
    return tags, struct.unpack_from(layout.pointer, raw, count * entry)[0]


def append(
    out: IO[bytes], layout: Layout, tags: Directory, following: int = 0, placed: Mapping[int, int] | None = None
) -> int:
    """Write a directory at the end of the file; gives its offset. `placed` as for `write_directory`."""
    at = out.seek(0, io.SEEK_END)
    if at & 1:
        out.write(b"\0")
        at += 1
    write_directory(out, layout, tags, following, placed)
    return at


def link(layout: Layout, at: int, tags: Directory) -> int:
    """Where a directory that `write_directory` wrote at `at` keeps the offset of the following one."""
    entry, head = (20, 8) if layout.big else (12, 2)
    return at + head + entry * len(tags)


def room(tags: Directory, layout: Layout) -> int:
    """How many bytes `write_directory` will write."""
    entry, head = (20, 8) if layout.big else (12, 2)
    values = sum(len(t.value) + (len(t.value) & 1) for t in tags.values() if len(t.value) > layout.width)
    return head + entry * len(tags) + layout.width + values


def write_directory(
    out: IO[bytes], layout: Layout, tags: Directory, following: int, placed: Mapping[int, int] | None = None
) -> None:
    """Entries, the offset of the following directory, then the values that don't fit into an entry.

    `placed` says where the values of some tags lie in the file already.
    """
    start = out.tell()
    entry, head = (20, 8) if layout.big else (12, 2)
    at = start + head + entry * len(tags) + layout.width
    entries, values = b"", b""
    for name in sorted(tags):
        tag = tags[name]
        entries += struct.pack(layout.order + "HH", name, tag.type) + struct.pack(layout.pointer, tag.count)
        if len(tag.value) <= layout.width:
            entries += tag.value.ljust(layout.width, b"\0")
        elif placed and name in placed:
            entries += struct.pack(layout.pointer, placed[name])
        else:
            entries += struct.pack(layout.pointer, at + len(values))
            values += tag.value + bytes(len(tag.value) & 1)
    out.write(struct.pack(layout.order + ("Q" if layout.big else "H"), len(tags)) + entries)
    out.write(struct.pack(layout.pointer, following) + values)


def page_directory(file: IO[bytes], page: int, *, whole: bool = False) -> tuple[Layout, Directory, int]:
    """Layout, directory and the following directory's offset of a TIFF's page (from 1)."""
    layout, at = header(file)
    for _ in range(page - 1):
        _, at = directory(file, layout, at)
        if at == 0:
            raise ValueError("no such page")
    tags, following = directory(file, layout, at, whole=whole)
    return layout, tags, following


def tags_of(file: IO[bytes], page: int = 1) -> tuple[str, Directory]:
    """(byte order, tags) of one page of a TIFF; no tags when it cannot be read."""
    try:
        layout, tags, _ = page_directory(file, page)
    except (*BROKEN, OSError):
        return "<", {}
    return layout.order, tags


def plain_header(width: int, height: int, bands: int, depth: int) -> bytes:
    """The start of an uncompressed BigTIFF in this machine's byte order, up to its rows.

    What follows is just pixels, so that they can be written in any order, and a decoder that streams can read them.
    """
    layout = Layout("<" if sys.byteorder == "little" else ">", True)
    row = width * bands * depth // 8
    rows = max(1, min(height, (1 << 18) // row))
    strips = -(-height // rows)
    sizes = [row * min(rows, height - i * rows) for i in range(strips)]

    def shorts(*values: int) -> Tag:
        return Tag(3, struct.pack(f"{layout.order}{len(values)}H", *values))

    def longs(values: Sequence[int]) -> Tag:
        return Tag(16, struct.pack(f"{layout.order}{len(values)}Q", *values))

    tags = {256: longs([width]), 257: longs([height]), 258: shorts(*[depth] * bands), 259: shorts(1)}
    tags |= {
        262: shorts(1 if bands <= 2 else 2),
        277: shorts(bands),
        278: longs([rows]),
        279: longs(sizes),
        284: shorts(1),
    }
    if bands in (2, 4):
        tags[338] = shorts(2)  # alpha that is not multiplied in
    tags[273] = longs([0] * strips)
    start = -(-(16 + room(tags, layout)) // 4096) * 4096
    tags[273] = longs([start + i * rows * row for i in range(strips)])
    out = io.BytesIO()
    out.write((b"II" if layout.order == "<" else b"MM") + struct.pack(layout.order + "HHHQ", 43, 8, 0, 16))
    write_directory(out, layout, tags, 0)
    return out.getvalue().ljust(start, b"\0")
