"""The pages of a TIFF: which directories are pages, and several one-page TIFFs put together as one.

Previews, the smaller levels of pyramids and transparency masks lie among the pages (TIFF 6.0, NewSubfileType).
"""

from __future__ import annotations

import struct
from typing import IO

from barva.imaging import tiff

_MOST = 100_000
_REDUCED, _MASK = 1, 4
_PLACES = (273, 324)
"""Tags that hold offsets: of strips, of tiles."""


def page_numbers(file: IO[bytes]) -> tuple[list[int], int]:
    """The directories (from 1) that are pages, and how many are previews or masks. [1] where nothing else is sure."""
    numbers, others, index, seen = list[int](), 0, 0, set[int]()
    try:
        layout, at = tiff.header(file)
        while at and at not in seen and index < _MOST:
            seen.add(at)
            index += 1
            tags, at = tiff.directory(file, layout, at)
            if _is_page(tags, layout.order):
                numbers.append(index)
            else:
                others += 1
    except (*tiff.BROKEN, OSError):
        pass  # what libvips makes of the broken rest, it says itself
    return (numbers, others) if numbers else ([1], 0)


def _is_page(tags: tiff.Directory, order: str) -> bool:
    try:
        if 254 in tags:
            return not tiff.number(tags[254], order) & (_REDUCED | _MASK)
        return 255 not in tags or tiff.number(tags[255], order) != 2
    except tiff.BROKEN:
        return True


def join(out: IO[bytes], part: IO[bytes], last: int | None) -> int:
    """Put the only page of `part` behind what `out` holds, and link it to the directory at `last` (None: `out` is
    empty and takes `part` as it is). Gives the offset of the page's directory in `out`. ValueError.

    Both files must be of one layout (byte order, and classic or BigTIFF), and `part` as libvips writes it: without
    directories below its own.
    """
    layout, at = tiff.header(part)
    if last is None:
        part.seek(0)
        _copy(part, out)
        return at
    tags, _ = tiff.directory(part, layout, at, whole=True)
    end = out.seek(0, 2)
    out.write(bytes(-end % 16))
    start = end + (-end % 16)
    part.seek(0)
    _copy(part, out)
    for name in set(_PLACES) & tags.keys():
        tag = tags[name]
        code = {3: "H", 4: "I", 16: "Q"}[tag.type]
        moved = [v + start for v in struct.unpack(f"{layout.order}{tag.count}{code}", tag.value)]
        wide = 16 if layout.big else 4
        tags[name] = tiff.Tag(wide, struct.pack(f"{layout.order}{len(moved)}{'Q' if layout.big else 'I'}", *moved))
    place = tiff.append(out, layout, tags)
    count_size, entry = (8, 20) if layout.big else (2, 12)
    out.seek(last)
    count = struct.unpack(layout.order + ("Q" if layout.big else "H"), out.read(count_size))[0]
    out.seek(last + count_size + entry * count)
    out.write(struct.pack(layout.pointer, place))
    return place


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while block := source.read(1 << 20):
        target.write(block)
