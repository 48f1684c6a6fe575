"""AVIF: metadata items of the 'meta' box. Sources: ISO/IEC 14496-12 (boxes), 23008-12 (HEIF, Exif and XMP items)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from barva.imaging.metadata import splice
from barva.imaging.metadata.parts import Taken

_MAX_META = 16 << 20
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_XMP_TYPE = b"application/rdf+xml"


@dataclass(frozen=True)
class Box:
    """`at` to `end` in the data, with its head; `inner` is where its content begins."""

    kind: bytes
    at: int
    inner: int
    end: int


def boxes(data: bytes, at: int, end: int) -> Iterator[Box]:
    """The boxes in a stretch of data, as far as they are whole."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        inner = at + 8
        if size == 1:
            if at + 16 > end:
                return
            size, inner = struct.unpack_from(">Q", data, at + 8)[0], at + 16
        size = end - at if size == 0 else size
        if size < inner - at or at + size > end:
            return
        yield Box(kind, at, inner, at + size)
        at += size


def _top(file: IO[bytes]) -> Iterator[tuple[bytes, int, int, bytes]]:
    """(kind, where it begins, size, its first bytes) of the file's own boxes; contents are not read."""
    whole = file.seek(0, 2)
    at = 0
    while at + 8 <= whole:
        file.seek(at)
        head = file.read(32)
        size, kind = struct.unpack_from(">I4s", head)
        if size == 1 and len(head) >= 16:
            size = struct.unpack_from(">Q", head, 8)[0]
        size = whole - at if size == 0 else size
        if size < 8 or at + size > whole:
            return
        yield kind, at, size, head
        at += size


def _meta(file: IO[bytes]) -> tuple[int, bytes] | None:
    """(where it begins, the whole box)."""
    for kind, at, size, _ in _top(file):
        if kind == b"meta" and size <= _MAX_META:
            file.seek(at)
            return at, file.read(size)
    return None


def take(file: IO[bytes]) -> Taken:
    """Names what the file holds beside its picture, EXIF and XMP, which the decoder gives."""
    taken = Taken()
    box = _meta(file)
    left: list[str] = []
    if box is not None:
        meta = box[1]
        kinds = [k for _, k, _ in _items(meta)]
        if b"tmap" in kinds or b"urn:com:apple:photo:2020:aux:hdrgainmap" in meta:
            taken.companions = True
        if b"mime" in kinds and any(k == b"mime" and t != _XMP_TYPE for _, k, t in _items(meta)):
            left.append("further items of metadata")
        if b"auxid:2" in meta or b"aux:depth" in meta:
            left.append("the depth map")
    for kind, _, _, head in _top(file):
        if kind == b"uuid" and _C2PA in head:
            left.append("the C2PA manifest")
        if kind == b"moov":
            left.append("the film")
    taken.left = left
    return taken


def _items(meta: bytes) -> list[tuple[int, bytes, bytes]]:
    """(number, kind, content type) of the items that a meta box declares."""
    listed = []
    for box in boxes(meta, 12, len(meta)):
        if box.kind != b"iinf" or box.inner + 8 > box.end:
            continue
        start = box.inner + (6 if meta[box.inner] == 0 else 8)
        for entry in boxes(meta, start, box.end):
            if entry.kind == b"infe" and entry.end - entry.inner >= 12 and meta[entry.inner] in (2, 3):
                wide = meta[entry.inner] == 3
                number = struct.unpack_from(">I" if wide else ">H", meta, entry.inner + 4)[0]
                at = entry.inner + (10 if wide else 8)
                kind = meta[at : at + 4]
                name = meta[at + 4 : entry.end].split(b"\0")
                listed.append((number, kind, name[1] if kind == b"mime" and len(name) > 1 else b""))
    return listed


@dataclass(frozen=True)
class Location:
    """An item of 'iloc': its method, data reference, base, and extents (index, offset, length)."""

    number: int
    method: int
    reference: int
    base: int
    extents: tuple[tuple[int, int, int], ...]


def _locations(meta: bytes, box: Box) -> list[Location]:
    version, at = meta[box.inner], box.inner + 4
    sizes = struct.unpack_from(">H", meta, at)[0]
    offset, length, base, index = (sizes >> s & 15 for s in (12, 8, 4, 0))
    at += 2

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > box.end:
            raise ValueError("a box is cut off")
        return int.from_bytes(meta[at - size : at], "big")

    listed = []
    for _ in range(number(4 if version == 2 else 2)):
        item = number(4 if version == 2 else 2)
        method = number(2) & 15 if version else 0
        reference, start = number(2), number(base)
        extents = [(number(index) if version else 0, number(offset), number(length)) for _ in range(number(2))]
        listed.append(Location(item, method, reference, start, tuple(extents)))
    return listed


def _full(kind: bytes, version: int, flags: int, body: bytes) -> bytes:
    return struct.pack(">I4sI", 12 + len(body), kind, version << 24 | flags) + body


def _iloc(listed: list[Location]) -> bytes:
    """Version 2 with offsets and lengths of 8 bytes: room for everything."""
    indexed = any(e[0] for item in listed for e in item.extents)
    body = struct.pack(">HI", 0x8888 if indexed else 0x8880, len(listed))
    for item in listed:
        body += struct.pack(">IHHQH", item.number, item.method, item.reference, item.base, len(item.extents))
        for extent in item.extents:
            body += struct.pack(">QQQ", *extent) if indexed else struct.pack(">QQ", *extent[1:])
    return _full(b"iloc", 2, 0, body)


def put(file: IO[bytes], exif: bytes | None, xmp: bytes | None) -> None:
    """Add an EXIF block and an XMP packet to a finished AVIF as items that describe its picture."""
    original = _meta(file)
    if original is None or (exif is None and xmp is None):
        return
    at, meta = original
    children = list(boxes(meta, 12, len(meta)))
    by_kind = {b.kind: b for b in children}
    if not {b"iloc", b"iinf", b"pitm"} <= by_kind.keys():
        return
    pitm = by_kind[b"pitm"]
    primary = struct.unpack_from(">I" if meta[pitm.inner] else ">H", meta, pitm.inner + 4)[0]
    number = max((n for n, _, _ in _items(meta)), default=0) + 1
    entries, values = [], []
    if exif is not None:
        entries.append(_full(b"infe", 2, 0, struct.pack(">HH4s", number, 0, b"Exif") + b"\0"))
        values.append((number, struct.pack(">I", 0) + exif))
        number += 1
    if xmp is not None:
        entries.append(_full(b"infe", 2, 0, struct.pack(">HH4s", number, 0, b"mime") + b"\0" + _XMP_TYPE + b"\0"))
        values.append((number, xmp))
    end = file.seek(0, 2)
    file.write(struct.pack(">I4s", 8 + sum(len(v) for _, v in values), b"mdat") + b"".join(v for _, v in values))

    def box(offset: int) -> bytes:
        """The meta box when everything behind it lies `offset` further on."""
        listed = [_move(item, at, offset) for item in _locations(meta, by_kind[b"iloc"])]
        place = end + offset + 8
        for n, value in values:
            listed.append(Location(n, 0, 0, 0, ((0, place, len(value)),)))
            place += len(value)
        return _assemble(meta, children, listed, entries, [n for n, _ in values], primary)

    splice.replace(file, at, at + len(meta), box(len(box(0)) - len(meta)))


def _move(item: Location, meta: int, offset: int) -> Location:
    """Offsets into the file beyond the meta box, after that has grown."""
    if item.method != 0 or item.reference != 0:
        return item
    if item.base > meta:
        return Location(item.number, 0, 0, item.base + offset, item.extents)
    extents = tuple((i, o + offset if item.base + o > meta else o, n) for i, o, n in item.extents)
    return Location(item.number, 0, 0, item.base, extents)


def _assemble(
    meta: bytes, children: list[Box], listed: list[Location], entries: list[bytes], added: list[int], primary: int
) -> bytes:
    """The meta box with further items."""
    body = b""
    described = False
    for child in children:
        raw = meta[child.at : child.end]
        if child.kind == b"iloc":
            raw = _iloc(listed)
        elif child.kind == b"iinf":
            version = meta[child.inner]
            start = child.inner + (6 if version == 0 else 8)
            count = int.from_bytes(meta[child.inner + 4 : start], "big") + len(entries)
            head = struct.pack(">H" if version == 0 else ">I", count)
            raw = _full(b"iinf", version, 0, head + meta[start : child.end] + b"".join(entries))
        elif child.kind == b"iref":
            described = True
            raw = _full(b"iref", meta[child.inner], 0, meta[child.inner + 4 : child.end] + _refs(
                added, primary, meta[child.inner] == 1))  # fmt: skip
        body += raw
    if not described:
        body += _full(b"iref", 0, 0, _refs(added, primary, False))
    return _full(b"meta", 0, 0, body)


def _refs(added: list[int], primary: int, wide: bool) -> bytes:
    code, size = (">I4sIHI", 18) if wide else (">I4sHHH", 14)
    return b"".join(struct.pack(code, size, b"cdsc", n, 1, primary) for n in added)
