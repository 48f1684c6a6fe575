"""JPEG: the segments before the picture, taken as they are and put back as they are.

Sources: ITU T.81 (markers), JFIF 1.02, Exif 3.0, XMP part 3 (APP1, extended XMP), CIPA DC-007 (MPF), C2PA 2.1 (APP11).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import IO

from barva.imaging.metadata import photoshop, splice
from barva.imaging.metadata.change import Change
from barva.imaging.metadata.extended import is_piece
from barva.imaging.metadata.parts import MAX_PARTS, Part, Taken

_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_ICC, _ADOBE, _JFIF, _JFXX = b"ICC_PROFILE\0", b"Adobe", b"JFIF\0", b"JFXX\0"
_GAIN = b"urn:iso:std:iso:ts:21496:-1\0"
LIMIT = 65_533
"""How long a segment's content can be."""
EXIF_LIMIT, XMP_LIMIT = LIMIT - len(_EXIF), LIMIT - len(_XMP)
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def take(data: bytes) -> Taken:
    """What lies before and behind the picture. Bytes or a memory map; never an error."""
    taken = Taken()
    pictures: list[bytes] = []
    at, total = 2, 0
    while (segment := _segment(data, at)) is not None:
        marker, content, at = segment
        if marker == 0xDA:
            taken.left += _behind(data, at, taken)
            break
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            continue
        part = _part(marker, content, taken, pictures)
        if part is not None and (total := total + len(content)) <= MAX_PARTS:
            taken.parts.append(part)
    if total > MAX_PARTS:
        taken.left.append("segments of more than 64 MB")
    if pictures:
        whole = b"".join(pictures)
        taken.photoshop = whole
        taken.iptc = photoshop.iptc(whole)
        taken.xmp = taken.xmp or photoshop.content(whole, photoshop.XMP)
    return taken


def _segment(data: bytes, at: int) -> tuple[int, bytes, int] | None:
    """(marker, content, where the next one begins); stuffing before a marker is passed over."""
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] == b"\xff":
        at += 1
    if data[at : at + 1] != b"\xff" or at + 4 > len(data):
        return None
    marker = data[at + 1]
    if marker in (0x01, 0xD8, *range(0xD0, 0xD8)):
        return marker, b"", at + 2
    length = struct.unpack_from(">H", data, at + 2)[0]
    if marker == 0xD9 or length < 2 or at + 2 + length > len(data):
        return None
    return marker, bytes(data[at + 4 : at + 2 + length]), at + 2 + length


def _part(marker: int, content: bytes, taken: Taken, pictures: list[bytes]) -> Part | None:
    """One segment, sorted: what the envelope knows, what travels as it is (a Part), and what cannot stay."""
    name = "COM" if marker == 0xFE else f"APP{marker - 0xE0}"
    if name == "APP0" and content.startswith(_JFIF) and taken.density is None and len(content) >= 12:
        taken.density = struct.unpack_from(">BHH", content, 7)
        return Part("jfif", name, content)
    if name == "APP0" and content.startswith(_JFXX):  # a thumbnail of the gray picture
        return None
    if name == "APP1" and content.startswith(_EXIF):
        if taken.exif is None:
            taken.exif = content[6:]
            return Part("exif", name)
        return Part("raw", name, content)
    if name == "APP1" and content.startswith(_XMP) and taken.xmp is None:
        taken.xmp = content[len(_XMP) :]
        return Part("xmp", name)
    if name == "APP2" and content.startswith(_ICC):
        return Part("icc", name)
    if name == "APP2" and content.startswith((b"MPF\0", _GAIN)):
        taken.companions = True
        return None
    if name == "APP8" and content.startswith(b"SPIFF\0"):
        taken.left.append("the SPIFF header")
        return None
    if name == "APP13" and content.startswith(photoshop.HEAD):
        pictures.append(content[len(photoshop.HEAD) :])
        return Part("photoshop", name) if len(pictures) == 1 else None
    if name == "APP14" and content.startswith(_ADOBE):  # how the gray picture's colors were coded
        return None
    return Part("raw", name, content)


def _behind(data: bytes, at: int, taken: Taken) -> list[str]:
    """What follows the picture's end: other pictures, films, a maker's trailer."""
    while True:
        match = _MARKER.search(data, at)
        if match is None:
            return []
        at = match.start()
        if data[at + 1] == 0xD9:
            break
        segment = _segment(data, at)
        if segment is None:
            return []
        at = segment[2]
    behind = len(data) - at - 2
    if behind <= 0 or not bytes(data[at + 2 : at + 2 + 4096]).strip(b"\0\xff\r\n \t"):
        return []
    if taken.companions or bytes(data[at + 2 : at + 5]) == b"\xff\xd8\xff":
        taken.companions = True
        return []
    if b"ftyp" in bytes(data[at + 2 : at + 34]) or b"MotionPhoto" in bytes(data[at + 2 : at + 4096]):
        taken.companions = True
        return ["the film behind the picture"]
    return [f"{behind:,} bytes behind the picture"]


def describe(parts: Sequence[Part]) -> list[str]:
    """What segments are, in words."""
    words = []
    for part in parts:
        if part.name == "COM":
            words.append("the JPEG comment")
        elif part.name == "APP11" and part.data[:2] == b"JP":
            words.append("the C2PA manifest")
        elif is_piece(part):
            words.append("extended XMP")
        else:
            tag = re.match(rb"[A-Za-z][\w .:/-]{2,30}", part.data)
            words.append(f"{part.name} ({tag[0].decode().strip()})" if tag else part.name)
    return list(dict.fromkeys(words))


def is_manifest(part: Part) -> bool:
    """Whether it is (a piece of) a C2PA manifest."""
    return part.name == "APP11" and part.data[:2] == b"JP"


def turn_jfif(content: bytes, change: Change) -> bytes:
    """A JFIF header without its thumbnail, its density turned with the picture."""
    head = bytearray(content[:12] + bytes(2))
    if change.swapped:
        head[8:10], head[10:12] = head[10:12], head[8:10]
    return bytes(head)


def jfif(dpi: tuple[float, float] | None) -> bytes:
    """A JFIF header with a resolution, or with square pixels of no known one."""
    unit, x, y = (0, 1, 1) if dpi is None else (1, *(min(max(round(v), 1), 65535) for v in dpi))
    return _JFIF + struct.pack(">HBHHBB", 0x0102, unit, x, y, 0, 0)


def segments(kind: str, value: bytes) -> list[tuple[int, bytes]]:
    """(marker, content) of an EXIF block, an XMP packet, or Photoshop's resources."""
    if kind == "exif":
        return [(0xE1, _EXIF + value)]
    if kind == "xmp":
        return [(0xE1, _XMP + value)]
    room = LIMIT - len(photoshop.HEAD)
    return [(0xED, photoshop.HEAD + value[i : i + room]) for i in range(0, len(value), room)]


def marker(part: Part) -> int:
    """A part's marker: 0xFE for 'COM', 0xE2 for 'APP2'."""
    return 0xFE if part.name == "COM" else 0xE0 + int(part.name[3:])


def put(file: IO[bytes], listed: Sequence[tuple[int, bytes] | None]) -> None:
    """Put segments in front of a finished JPEG's picture, instead of those that the encoder wrote; None stands for its
    ICC profile."""
    file.seek(0)
    head = file.read(1 << 16)
    icc, at = b"", 2
    while True:
        if at + 4 > len(head) or at + 2 + struct.unpack_from(">H", head, at + 2)[0] > len(head):
            more = file.read(1 << 16)
            if not more:
                break
            head += more
            continue
        if not (0xE0 <= head[at + 1] <= 0xEF or head[at + 1] == 0xFE):
            break
        end = at + 2 + struct.unpack_from(">H", head, at + 2)[0]
        if head[at + 1] == 0xE2 and head[at + 4 :].startswith(_ICC):
            icc += head[at:end]
        elif head[at + 1] == 0xEE:  # Adobe: how this picture's colors are coded
            icc = head[at:end] + icc
        at = end
    new = b"\xff\xd8"
    for item in listed:
        new += icc if item is None else struct.pack(">BBH", 0xFF, item[0], len(item[1]) + 2) + item[1]
    splice.replace(file, 0, at, new)
