"""EXIF blocks made true in place: nothing else moves, so that maker's notes with absolute offsets stay readable.

Sources: Exif 3.0 (CIPA DC-008-2023), TIFF 6.0.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from barva.imaging.metadata.change import Change
from barva.imaging.metadata.xmp_geometry import subject

_EXIF, _INTEROP, _NOTE, _SUBS = 0x8769, 0xA005, 0x927C, 0x014A
_ORIENTATION, _X, _Y, _UNIT = 0x0112, 0x011A, 0x011B, 0x0128
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I"}
_OTHER_SPACE = (0x012D, 0x013E, 0x013F, 0xA500)  # transfer function, white point, primaries, gamma

_SRGB = {0x013E: (0.3127, 0.3290), 0x013F: (0.64, 0.33, 0.30, 0.60, 0.15, 0.06), 0xA500: (2.2,)}


@dataclass(frozen=True)
class Entry:
    """A tag's place in the block: `at` its twelve bytes, `where` its value; None when that lies outside."""

    at: int
    tag: int
    type: int
    count: int
    where: int | None

    @property
    def size(self) -> int:
        return _SIZES.get(self.type, 0) * self.count


class Block:
    """An EXIF block that is edited in place. ValueError when it is none."""

    def __init__(self, block: bytes) -> None:
        self.data = bytearray(block)
        if block[:4] not in (b"II*\0", b"MM\0*") or len(block) < 14:
            raise ValueError("no EXIF block")
        self.order = "<" if block[:2] == b"II" else ">"
        self.first = self._unpack("I", 4)
        if not 8 <= self.first <= len(block) - 6:
            raise ValueError("no EXIF block")

    def _unpack(self, code: str, at: int) -> int:
        return int(struct.unpack_from(self.order + code, self.data, at)[0])

    def entries(self, at: int | None) -> list[Entry]:
        """The directory at `at`, as far as it lies inside the block."""
        if at is None or not 8 <= at <= len(self.data) - 2:
            return []
        count = min(self._unpack("H", at), (len(self.data) - at - 2) // 12)
        listed = []
        for place in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, n = struct.unpack_from(self.order + "HHI", self.data, place)
            size = _SIZES.get(kind, 0) * n
            where: int | None = place + 8 if size <= 4 else self._unpack("I", place + 8)
            if not size or where is None or where + size > len(self.data):
                where = None
            listed.append(Entry(place, tag, kind, n, where))
        return listed

    def get(self, at: int | None, tag: int) -> Entry | None:
        """The first entry of that tag."""
        return next((e for e in self.entries(at) if e.tag == tag), None)

    def numbers(self, entry: Entry | None) -> list[int] | None:
        """Its whole numbers, of whatever integer type; None when there are none, or far too many."""
        if entry is None or entry.where is None or entry.type not in _CODES or entry.count > 64:
            return None
        return list(struct.unpack_from(f"{self.order}{entry.count}{_CODES[entry.type]}", self.data, entry.where))

    def set(self, entry: Entry | None, values: Sequence[int]) -> None:
        """Other numbers in the same place; left as they are where they do not fit."""
        if entry is None or entry.where is None or entry.count != len(values):
            return
        try:
            raw = struct.pack(f"{self.order}{entry.count}{_CODES[entry.type]}", *values)
        except (KeyError, struct.error):
            return
        self.data[entry.where : entry.where + len(raw)] = raw

    def directory(self, at: int | None, tag: int) -> int | None:
        """Where a pointer points, whatever integer type it has."""
        numbers = self.numbers(self.get(at, tag))
        return numbers[0] if numbers else None

    def next(self, at: int) -> int | None:
        """Where the offset of the following directory stands."""
        place = at + 2 + 12 * self._unpack("H", at)
        return place if place + 4 <= len(self.data) else None

    def remove(self, at: int, tag: int) -> None:
        """Take an entry out of a directory: those behind it, and the offset of the next directory, move up."""
        entry, count = self.get(at, tag), self._unpack("H", at)
        end = at + 2 + 12 * count + 4
        if entry is None or end > len(self.data):
            return
        self.data[entry.at : end] = self.data[entry.at + 12 : end] + bytes(12)
        struct.pack_into(self.order + "H", self.data, at, count - 1)

    def add(self, entries: dict[int, tuple[int, int, bytes]]) -> None:
        """Tags (type, count, value) for directory 0, which moves to the end of the block; all values stay."""
        listed = {e.tag: bytes(self.data[e.at : e.at + 12]) for e in self.entries(self.first)}
        link = self.next(self.first)
        following = bytes(self.data[link : link + 4]) if link is not None else bytes(4)
        self.data += bytes(len(self.data) & 1)
        at = len(self.data)
        values, place = b"", at + 2 + 12 * len(listed.keys() | entries.keys()) + 4
        for tag, (kind, count, value) in entries.items():
            head = struct.pack(self.order + "HHI", tag, kind, count)
            if len(value) <= 4:
                listed[tag] = head + value.ljust(4, b"\0")
            else:
                listed[tag] = head + struct.pack(self.order + "I", place + len(values))
                values += value + bytes(len(value) & 1)
        self.data += struct.pack(self.order + "H", len(listed))
        self.data += b"".join(listed[t] for t in sorted(listed)) + following + values
        struct.pack_into(self.order + "I", self.data, 4, at)
        self.first = at


def patch(data: bytes, change: Change) -> bytes | None:
    """The block, true for the picture after the change; None when it is no EXIF at all."""
    try:
        block = Block(data)
        _no_thumbnail(block)
        _turn(block, change)
        if change.colored:
            _update_colors(block, change)
    except (ValueError, struct.error):
        return None
    return bytes(block.data)


def orientation(data: bytes | None) -> int | None:
    """1 to 8; None when the block does not say."""
    try:
        block = Block(data or b"")
        numbers = block.numbers(block.get(block.first, _ORIENTATION))
    except (ValueError, struct.error):
        return None
    return numbers[0] if numbers and 1 <= numbers[0] <= 8 else None


def with_resolution(data: bytes | None, dpi: tuple[float, float]) -> bytes:
    """The block with its resolution, if it states none; without a block, one that says that only."""
    empty = b"II*\0\x08\0\0\0" + bytes(6)
    try:
        block = Block(data or empty)
        if block.get(block.first, _X) or block.get(block.first, _Y):
            return bytes(block.data)
        tags = {_UNIT: (3, 1, struct.pack(block.order + "H", 2))}
        for tag, value in zip((_X, _Y), dpi, strict=True):
            ratio = Fraction(value).limit_denominator(1000)
            tags[tag] = (5, 1, struct.pack(block.order + "II", ratio.numerator, ratio.denominator))
        block.add(tags)
    except (ValueError, struct.error):
        return data or empty
    return bytes(block.data)


def _turn(block: Block, change: Change) -> None:
    first = block.first
    block.set(block.get(first, _ORIENTATION), [1])
    exif = block.directory(first, _EXIF)
    places = ((first, 0x0100, 0x0101), (exif, 0xA002, 0xA003), (block.directory(exif, _INTEROP), 0x1001, 0x1002))
    for place, across, down in places:
        items = [block.get(place, t) for t in (across, down)]
        values = [block.numbers(i) for i in items]
        if values[0] and values[1] and len(values[0]) == len(values[1]) == 1:
            for item, value in zip(items, change.extent(values[0][0], values[1][0]), strict=True):
                block.set(item, [int(value)])
    if change.swapped:
        for start, x, y in ((first, _X, _Y), (exif, 0xA20E, 0xA20F)):
            _exchange(block, block.get(start, x), block.get(start, y))
    if change.turn != 1 and change.before is not None:
        for tag in (0x9214, 0xA214):
            item = block.get(exif, tag)
            numbers = block.numbers(item)
            if numbers and 2 <= len(numbers) <= 4:
                block.set(item, [round(v) for v in subject([float(n) for n in numbers], change)])


def _exchange(block: Block, one: Entry | None, two: Entry | None) -> None:
    if one is None or two is None or one.where is None or two.where is None or one.where == two.where:
        return
    if one.type == two.type and one.size == two.size and one.size <= 8:
        here, other = slice(one.where, one.where + one.size), slice(two.where, two.where + two.size)
        block.data[here], block.data[other] = block.data[other], block.data[here]


def _update_colors(block: Block, change: Change) -> None:
    first, exif = block.first, block.directory(block.first, _EXIF)
    interpretation = block.get(first, 0x0106)
    if (numbers := block.numbers(interpretation)) and numbers[0] != 2 and (numbers[0], change.format) != (6, "jpeg"):
        block.set(interpretation, [2])
    block.set(block.get(first, 0x0115), [3])
    bits = block.numbers(block.get(first, 0x0102))
    if bits and len(bits) < 3:
        block.add({0x0102: (3, 3, struct.pack(block.order + "3H", *[min(bits[0], 16)] * 3))})
        first = block.first
    components = block.get(exif, 0x9101)
    if exif is not None and change.format == "tiff" != change.source:
        for tag in (0x9101, 0x9102):  # how a JPEG's samples were ordered and packed
            block.remove(exif, tag)
    elif components is not None and components.where is not None and components.size == 4:
        here = slice(components.where, components.where + 4)
        if block.data[here] == b"\1\0\0\0":
            block.data[here] = b"\1\2\3\0"
    space = block.get(exif, 0xA001)
    numbers = block.numbers(space)
    index = block.get(block.directory(exif, _INTEROP), 0x0001)
    other = index is not None and index.where is not None and bytes(block.data[index.where : index.where + 3]) == b"R03"
    if other and index is not None and index.where is not None:
        block.data[index.where : index.where + 3] = b"R98"
    if numbers and len(numbers) == 1 and numbers[0] != 1:
        block.set(space, [1])
        other = True
    if numbers == [1] and not other and not change.converted:
        return  # sRGB, it says: the rest was not looked at when the photo was read
    for tag in _OTHER_SPACE:
        for at in (first, exif):
            if at is not None and (other or change.converted or not _of_srgb(block, block.get(at, tag))):
                block.remove(at, tag)


def _of_srgb(block: Block, entry: Entry | None) -> bool:
    """Whether a white point, primaries or a gamma are those of sRGB; other statements on tone are not."""
    wanted = _SRGB.get(entry.tag) if entry is not None else None
    if entry is None or entry.where is None or wanted is None or entry.type != 5 or entry.count != len(wanted):
        return entry is None
    numbers = struct.unpack_from(f"{block.order}{2 * entry.count}I", block.data, entry.where)
    pairs = zip(numbers[::2], numbers[1::2], wanted, strict=True)
    return all(b and abs(a / b - value) <= 0.01 * max(1, value) for a, b, value in pairs)


def _no_thumbnail(block: Block) -> None:
    """Take out directory 1, which shows the gray picture; its bytes go where they are its alone."""
    link = block.next(block.first)
    at = block._unpack("I", link) if link is not None else 0
    if link is None or at == 0:
        return
    struct.pack_into(block.order + "I", block.data, link, 0)
    if at == block.first or not 8 <= at <= len(block.data) - 6:
        return
    own = _ranges(block, at)
    start, length = (block.numbers(block.get(at, t)) for t in (0x0201, 0x0202))
    for starts, lengths in ((start, length), *[[block.numbers(block.get(at, t)) for t in (0x0111, 0x0117)]]):
        own += [(a, min(a + n, len(block.data))) for a, n in zip(starts or [], lengths or [], strict=False) if a > 0]
    exif = block.directory(block.first, _EXIF)
    kept = [(0, 8), *_ranges(block, block.first)]
    for tag in (_EXIF, 0x8825):
        kept += _ranges(block, block.directory(block.first, tag))
    kept += _ranges(block, block.directory(exif, _INTEROP))
    own = [(a, b) for a, b in own if a < b and not any(a < d and c < b for c, d in kept)]
    for a, b in own:
        block.data[a:b] = bytes(b - a)
    end = len(block.data)
    cut = True
    while cut:
        cut = False
        for a, b in own:
            if a < end <= b + 1:
                end, cut = a, True
    del block.data[end:]


def _ranges(block: Block, at: int | None) -> list[tuple[int, int]]:
    """What a directory takes of the block: itself and its values."""
    entries = block.entries(at)
    if at is None or not entries:
        return []
    whole = [(at, min(at + 2 + 12 * len(entries) + 4, len(block.data)))]
    return whole + [(e.where, e.where + e.size) for e in entries if e.where is not None and e.size > 4]
