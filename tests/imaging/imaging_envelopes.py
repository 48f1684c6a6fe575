"""EXIF blocks and containers as cameras and programs lay them out, drawn here: no file of anybody's is stored."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

Value = bytes | str | Callable[[int], bytes]
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 13: 4, 129: 1}
OWNER = "Anna Kovalenko"


def shorts(order: str, *values: int) -> bytes:
    return struct.pack(f"{order}{len(values)}H", *values)


def longs(order: str, *values: int) -> bytes:
    return struct.pack(f"{order}{len(values)}I", *values)


def block(order: str, dirs: dict[str, list[tuple[int, int, Value]]], places: Sequence[str], gap: int = 0) -> bytes:
    """An EXIF block. A directory's values are bytes, a callable (what it is at an offset), or '@name' for the offset of
    another directory; `places` is their order in the block, `gap` the empty bytes between them."""
    at, starts = 8, {}
    for name in places:
        starts[name] = at
        at += _length(dirs[name]) + gap
        at += at & 1
    out = bytearray(at)
    out[:8] = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, starts["ifd0"])
    for name in places:
        start, entries = starts[name], dirs[name]
        following = starts["ifd1"] if name == "ifd0" and "ifd1" in starts else 0
        body = struct.pack(order + "H", len(entries))
        values, place = b"", start + 2 + 12 * len(entries) + 4
        for tag, kind, value in sorted(entries, key=lambda e: e[0]):
            if isinstance(value, str):
                value = struct.pack(order + ("i" if kind == 9 else "I"), starts[value[1:]])
            elif callable(value):
                value = value(place + len(values))
            body += struct.pack(order + "HHI", tag, kind, len(value) // _SIZES[kind])
            if len(value) <= 4:
                body += value.ljust(4, b"\0")
            else:
                body += struct.pack(order + "I", place + len(values))
                values += value + bytes(len(value) & 1)
        body += struct.pack(order + "I", following) + values
        out[start : start + len(body)] = body
    return bytes(out)


def _length(entries: list[tuple[int, int, Value]]) -> int:
    values = [4 if isinstance(v, str) else len(v(0) if callable(v) else v) for _, _, v in entries]
    return 6 + 12 * len(entries) + sum(n + (n & 1) for n in values if n > 4)


def canon(order: str) -> Callable[[int], bytes]:
    """Offsets from the start of the block, no head."""

    def note(at: int) -> bytes:
        owner = OWNER.encode().ljust(32, b"\0")
        kind = b"Canon EOS 5D\0".ljust(32, b"\0")
        entries = struct.pack(order + "HHII", 6, 2, 32, at + 30) + struct.pack(order + "HHII", 9, 2, 32, at + 62)
        return struct.pack(order + "H", 2) + entries + bytes(4) + kind + owner

    return note


def headed(order: str, head: bytes, tag: int) -> Callable[[int], bytes]:
    """A maker's head, then a directory whose offsets count from the start of the block."""

    def note(at: int) -> bytes:
        start = at + len(head) + 18
        text = b"OUTDOOR PORTRAIT 12 IN THE PARK\0"
        entry = struct.pack(order + "HHII", tag, 2, len(text), start)
        return head + struct.pack(order + "H", 1) + entry + bytes(4) + text

    return note


def nikon(order: str) -> Callable[[int], bytes]:
    """A TIFF of its own inside the note."""
    text = b"FINE   \0"
    inner = struct.pack(order + "H", 1) + struct.pack(order + "HHII", 4, 2, len(text), 26) + bytes(4) + text
    mark = b"II" if order == "<" else b"MM"
    return lambda _: b"Nikon\0\2\x10\0\0" + mark + struct.pack(order + "HI", 42, 8) + inner


def thumbnail() -> bytes:
    """A small gray JPEG."""
    out = io.BytesIO()
    Image.fromarray(np.full((12, 16), 99, np.uint8)).save(out, "JPEG")
    return out.getvalue()


def camera(
    order: str = "<",
    *,
    make: str = "Canon",
    note: Callable[[int], bytes] | None = None,
    places: Sequence[str] = ("ifd0", "exif", "interop", "gps", "ifd1"),
    gap: int = 0,
    orientation: int = 1,
    size: tuple[int, int] = (120, 80),
    grey: bool = False,
    pointer: int = 4,
    utf8: bool = False,
    space: int = 1,
) -> bytes:
    """An EXIF block as a camera writes it."""

    def text(value: str) -> bytes:
        return value.encode() + b"\0"

    ratio = longs(order, 72, 1)
    kind = 129 if utf8 else 2
    ifd0: list[tuple[int, int, Value]] = [
        (0x010E, kind, text("Марія" if utf8 else "Maria at the well")),
        (0x010F, 2, text(make)),
        (0x0110, 2, text(f"{make} 100")),
        (0x0112, 3, shorts(order, orientation)),
        (0x011A, 5, ratio),
        (0x011B, 5, ratio),
        (0x0128, 3, shorts(order, 2)),
        (0x0132, 2, b"2004:05:09 10:00:00\0"),
        (0x0213, 3, shorts(order, 1)),
        (0x4746, 3, shorts(order, 4)),
        (0x8769, pointer, "@exif"),
    ]
    if grey:
        ifd0 += [(0x0102, 3, shorts(order, 8)), (0x0106, 3, shorts(order, 1)), (0x0115, 3, shorts(order, 1))]
    exif: list[tuple[int, int, Value]] = [
        (0x829A, 5, longs(order, 1, 125)),
        (0x829D, 5, longs(order, 28, 10)),
        (0x9000, 7, b"0220"),
        (0x9003, 2, b"2004:05:09 10:00:00\0"),
        (0x9004, 2, b"2004:05:09 10:00:00\0"),
        (0x9101, 7, b"\1\2\3\0"),
        (0x9286, 7, b"ASCII\0\0\0a comment"),
        (0xA000, 7, b"0100"),
        (0xA001, 3, shorts(order, space)),
        (0xA002, 4, longs(order, size[0])),
        (0xA003, 4, longs(order, size[1])),
        (0x9214, 3, shorts(order, 24, 20, 10, 16)),
    ]
    if note is not None:
        exif.append((0x927C, 7, note))
    dirs: dict[str, list[tuple[int, int, Value]]] = {"ifd0": ifd0, "exif": exif}
    if "interop" in places:
        exif.append((0xA005, 4, "@interop"))
        dirs["interop"] = [(1, 2, b"R98\0" if space == 1 else b"R03\0"), (2, 7, b"0100")]
    if "gps" in places:
        ifd0.append((0x8825, pointer, "@gps"))
        dirs["gps"] = [
            (0, 1, b"\2\2\0\0"),
            (1, 2, b"N\0"),
            (2, 5, longs(order, 50, 1, 27, 1, 0, 1)),
            (3, 2, b"E\0"),
            (4, 5, longs(order, 30, 1, 31, 1, 24, 1)),
        ]
    if "ifd1" in places:
        picture = thumbnail()
        where = {}

        def small(at: int) -> bytes:
            return longs(order, where.get("at", 0))

        # The picture lies among the values, behind a tag that exists for it alone.
        dirs["ifd1"] = [
            (0x0103, 3, shorts(order, 6)),
            (0x011A, 5, ratio),
            (0x011B, 5, ratio),
            (0x0128, 3, shorts(order, 2)),
            (0x0201, 4, small),
            (0x0202, 4, longs(order, len(picture))),
        ]
        at = 8
        for name in places:
            if name == "ifd1":
                break
            at += _length(dirs[name]) + gap
            at += at & 1
        where["at"] = at + _length(dirs["ifd1"])
        tail = block(order, dirs, places, gap)
        if places[-1] == "ifd1":
            return tail[: where["at"]] + picture
        return tail
    return block(order, dirs, places, gap)


def jpeg_of(pixels: np.ndarray[Any, Any], *segments: tuple[int, bytes], jfif: bool = True) -> bytes:
    """A JPEG with segments of its own before the picture."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    data = out.getvalue()
    start = 2 + 2 + struct.unpack_from(">H", data, 4)[0]
    new = b"".join(struct.pack(">BBH", 0xFF, m, len(c) + 2) + c for m, c in segments)
    return data[: start if jfif else 2] + new + data[start:]


def png_of(pixels: np.ndarray[Any, Any], *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with chunks of its own before the picture."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    data = out.getvalue()
    new = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return data[:33] + new + data[33:]


def webp_of(pixels: np.ndarray[Any, Any], *chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP in the extended form, with chunks behind the picture."""
    out = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(out, "WEBP", quality=90)
    picture = out.getvalue()[12:]
    h, w = pixels.shape[:2]
    flags = (8 if any(k == b"EXIF" for k, _ in chunks) else 0) | (4 if any(k == b"XMP " for k, _ in chunks) else 0)
    body = b"VP8X" + struct.pack("<IB3x", 10, flags) + struct.pack("<I", w - 1)[:3] + struct.pack("<I", h - 1)[:3]
    body += picture + b"".join(k + struct.pack("<I", len(d)) + d + bytes(len(d) & 1) for k, d in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def xmp_of(body: str, attributes: str = "") -> bytes:
    """An XMP packet with one description."""
    spaces = {
        "tiff": "http://ns.adobe.com/tiff/1.0/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
        "stArea": "http://ns.adobe.com/xmp/sType/Area#",
        "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
        "MP": "http://ns.microsoft.com/photo/1.2/",
        "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
        "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
        "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
        "xmpNote": "http://ns.adobe.com/xmp/note/",
    }
    declared = " ".join(f'xmlns:{p}="{u}"' for p, u in spaces.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'<rdf:Description rdf:about="" {declared} {attributes}>{body}</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n'
        f'{" " * 200}\n<?xpacket end="w"?>'
    ).encode()
