"""PNG: chunks, taken as they are and put back as they are.

Sources: PNG, third edition (W3C, 2025); the convention of "Raw profile type" texts (ImageMagick).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from barva.imaging import exif
from barva.imaging.metadata import photoshop, splice
from barva.imaging.metadata.change import Change
from barva.imaging.metadata.parts import MAX_PARTS, Part, Taken

_HEAD = 8
_XMP = b"XML:com.adobe.xmp"
# How the pixels are stored, what their values mean, and animations: the encoder's business.
_STORED = frozenset(
    (b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"hIST", b"sPLT", b"cICP", b"mDCV", b"mDCv",
     b"cLLI", b"cLLi", b"acTL", b"fcTL", b"fdAT", b"iDOT")
)  # fmt: skip
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_KEPT = (b"tIME", b"caBX")  # "unsafe to copy", but not because of the pixels' values


def chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its content begins, length) of each chunk, as far as the file goes."""
    size = file.seek(0, 2)
    at = _HEAD
    while at + 12 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if at + 12 + length > size:
            return
        yield kind, at + 8, length
        at += 12 + length


def take(file: IO[bytes]) -> Taken:
    """Every chunk that is not the picture's own."""
    taken = Taken()
    total = 0
    raw: dict[str, bytes] = {}
    for kind, at, length in chunks(file):
        if kind[:1].isupper() or kind in _STORED or not kind.isalpha():
            if kind == b"acTL":
                taken.left.append("the animation")
            continue
        total += length
        if total > MAX_PARTS:
            taken.left.append("chunks of more than 64 MB")
            break
        file.seek(at)
        part = _part(kind, file.read(length), taken, raw)
        if part is not None:
            taken.parts.append(part)
    for name in ("exif", "APP1"):
        if taken.exif is None and _is_exif(raw.get(name, b"")):
            taken.exif = exif.strip_prefix(raw[name])
            taken.parts.append(Part("exif", "eXIf"))
    if taken.xmp is None and "xmp" in raw:
        taken.xmp = raw["xmp"]
        taken.parts.append(Part("xmp", "iTXt"))
    return taken


def _part(kind: bytes, data: bytes, taken: Taken, raw: dict[str, bytes]) -> Part | None:
    name = kind.decode("latin-1")
    if kind == b"eXIf":
        if taken.exif is None:
            taken.exif = exif.strip_prefix(data)
            return Part("exif", name)
        return None
    if kind == b"pHYs" and len(data) == 9:
        taken.density = struct.unpack(">IIB", data)
        return Part("density", name, data)
    if kind in _TEXTS:
        return _text(kind, data, taken, raw)
    if kind[3:].isupper() and kind not in _KEPT:
        taken.left.append(f"the chunk {name}")
        return None
    return Part("raw", name, data)


def _is_exif(data: bytes) -> bool:
    return data[:6] == b"Exif\0\0" or data[:4] in (b"II*\0", b"MM\0*")


def _text(kind: bytes, data: bytes, taken: Taken, raw: dict[str, bytes]) -> Part | None:
    keyword = data.partition(b"\0")[0]
    name = kind.decode()
    if keyword == _XMP and taken.xmp is None and (text := content(kind, data)) is not None:
        taken.xmp = text
        return Part("xmp", "iTXt")
    if keyword.startswith(b"Raw profile type "):
        what = keyword[17:].decode("latin-1")
        value = profile(content(kind, data) or b"")
        if what in ("icc", "icm"):  # the pixels are sRGB now
            return None
        if what in ("exif", "APP1", "xmp") and value:
            if what == "APP1" and value.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
                what, value = "xmp", value.partition(b"\0")[2]
            raw.setdefault(what, value)
            return None if what == "xmp" or _is_exif(value) else Part("raw", name, data)
        if what in ("iptc", "8bim") and value:
            taken.iptc = taken.iptc or (photoshop.iptc(value) or (value if value[:1] == b"\x1c" else None))
    return Part("raw", name, data)


def content(kind: bytes, data: bytes) -> bytes | None:
    """A text's bytes, unpacked (at most 64 MB); None when they are broken."""
    _, _, rest = data.partition(b"\0")
    packed = kind == b"zTXt"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if not packed:
        return rest
    try:
        unpack = zlib.decompressobj()
        text = unpack.decompress(rest, MAX_PARTS)
        return text if not unpack.unconsumed_tail else None
    except zlib.error:
        return None


def profile(text: bytes) -> bytes | None:
    """The bytes of a "Raw profile": a name, a length, hexadecimal digits."""
    match = re.match(rb"\s*(\S*)\s+(\d{1,10})\s+([0-9a-fA-F\s]*)", text)
    if match is None:
        return None
    digits = b"".join(match[3].split())
    try:
        return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())[: int(match[2])] or None
    except ValueError:
        return None


def describe(parts: Sequence[Part]) -> list[str]:
    """What chunks are, in words."""
    texts = [p.data.partition(b"\0")[0].decode("latin-1") for p in parts if p.name.encode("latin-1") in _TEXTS]
    words = []
    if texts:
        named = dict.fromkeys("".join(c for c in t if c.isprintable())[:40] for t in texts)
        words.append(f"PNG texts ({', '.join(named)})")
    for part in parts:
        if is_manifest(part):
            words.append("the C2PA manifest")
        elif part.name.encode("latin-1") not in _TEXTS and part.name != "tIME":
            words.append(f"the chunk {part.name}")
    return list(dict.fromkeys(words))


def is_manifest(part: Part) -> bool:
    """Whether it is a C2PA manifest."""
    return part.name == "caBX"


def turn_density(data: bytes, change: Change) -> bytes:
    """A pHYs chunk, turned with the picture."""
    return data[4:8] + data[:4] + data[8:] if change.swapped else data


def density(dpi: tuple[float, float]) -> bytes:
    """A pHYs chunk's content."""
    return struct.pack(">IIB", *(max(1, round(v / 0.0254)) for v in dpi), 1)


def packet(xmp: bytes) -> bytes:
    """An XMP packet as an iTXt chunk's content."""
    return _XMP + b"\0\0\0\0\0" + xmp


def put(file: IO[bytes], listed: Sequence[tuple[str, bytes]]) -> None:
    """Put chunks before a finished PNG's pixels, and take out the resolution that the encoder wrote."""
    before = None
    for kind, at, length in list(_ahead(file)):
        if kind == b"pHYs":
            splice.replace(file, at - 8, at + length + 4, b"")
            continue
    for kind, at, _ in _ahead(file):
        if kind in (b"PLTE", b"IDAT"):
            before = at - 8
            break
    if before is None:
        return
    new = b""
    for name, data in listed:
        kind = name.encode("latin-1")
        new += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    splice.replace(file, before, before, new)


def _ahead(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """The chunks up to the first of the pixels."""
    for chunk in chunks(file):
        yield chunk
        if chunk[0] == b"IDAT":
            return
