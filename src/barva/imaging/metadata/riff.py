"""WebP: RIFF chunks, taken as they are and put back as they are. Source: RFC 9649."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import IO

from barva.imaging import exif
from barva.imaging.metadata import splice
from barva.imaging.metadata.parts import MAX_PARTS, Part, Taken

_STORED = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF")
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its content begins, length) of each chunk, as far as the file goes."""
    size = file.seek(0, 2)
    at = 12
    while at + 8 <= size:
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        if at + 8 + length > size:
            return
        yield kind, at + 8, length
        at += 8 + length + (length & 1)


def take(file: IO[bytes]) -> Taken:
    """Every chunk that is not the picture's own."""
    taken = Taken()
    total = 0
    for kind, at, length in chunks(file):
        if kind == b"ANIM":
            taken.left.append("the animation")
        if kind in _STORED:
            continue
        total += length
        if total > MAX_PARTS:
            taken.left.append("chunks of more than 64 MB")
            break
        file.seek(at)
        data = file.read(length)
        if kind == b"EXIF" and taken.exif is None:
            taken.exif = exif.strip_prefix(data)
            taken.parts.append(Part("exif", "EXIF"))
        elif kind == b"XMP " and taken.xmp is None:
            taken.xmp = data
            taken.parts.append(Part("xmp", "XMP "))
        elif kind not in (b"EXIF", b"XMP "):
            taken.parts.append(Part("raw", kind.decode("latin-1"), data))
    return taken


def describe(parts: Sequence[Part]) -> list[str]:
    """What chunks are, in words."""
    return list(dict.fromkeys("the C2PA manifest" if is_manifest(p) else f"the chunk {p.name!r}" for p in parts))


def is_manifest(part: Part) -> bool:
    """Whether it is a C2PA manifest."""
    return part.name == "C2PA"


def put(file: IO[bytes], listed: Sequence[tuple[str, bytes]], size: tuple[int, int], alpha: bool) -> None:
    """Put chunks at the end of a finished WebP, and say in its head that they are there."""
    if not listed:
        return
    new = b""
    flags = 0
    for name, data in listed:
        kind = name.encode("latin-1")
        flags |= {b"EXIF": _EXIF_FLAG, b"XMP ": _XMP_FLAG}.get(kind, 0)
        new += kind + struct.pack("<I", len(data)) + data + bytes(len(data) & 1)
    end = file.seek(0, 2)
    file.write(bytes(end & 1) + new)
    file.seek(12)
    if file.read(4) == b"VP8X":
        file.seek(20)
        flags |= file.read(1)[0]
        file.seek(20)
        file.write(bytes([flags]))
    else:
        flags |= 0x10 if alpha else 0
        w, h = (struct.pack("<I", v - 1)[:3] for v in size)
        splice.replace(file, 12, 12, b"VP8X" + struct.pack("<IBBBB", 10, flags, 0, 0, 0) + w + h)
    end = file.seek(0, 2)
    file.seek(4)
    file.write(struct.pack("<I", end - 8))
