"""Extended XMP: a packet in a JPEG whose second part is spread over further segments. XMP part 3, section 1.1.3.1."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from barva.imaging.metadata.xmp import NOTE
from barva.imaging.packet import MAX_PACKET, Packet, PacketError, properties
from barva.imaging.photo import Part

HEAD = b"http://ns.adobe.com/xmp/extension/\0"
_PIECE = 65_000


def is_piece(part: Part) -> bool:
    """Whether a segment is a piece of an extended packet."""
    return part.data.startswith(HEAD)


def join_parts(parts: Sequence[Part]) -> bytes | None:
    """The second part of the packet, when all of its pieces are there and are what their digest says."""
    pieces: dict[bytes, dict[int, bytes]] = {}
    for part in filter(is_piece, parts):
        digest, place = part.data[35:67], part.data[71:75]
        if len(place) == 4:
            pieces.setdefault(digest, {})[struct.unpack(">I", place)[0]] = part.data[75:]
    for digest, listed in pieces.items():
        whole = b"".join(listed[at] for at in sorted(listed))
        if len(whole) <= MAX_PACKET and _digest(whole) == digest.decode("latin-1").upper():
            return whole
    return None


def split(body: bytes) -> tuple[str, list[tuple[int, bytes]]]:
    """(digest, segments) of a packet's second part, without its wrapping."""
    body = re.sub(rb"<\?xpacket[^>]*\?>", b"", body).strip()
    digest = _digest(body)
    pieces = []
    for at in range(0, len(body), _PIECE):
        head = HEAD + digest.encode() + struct.pack(">II", len(body), at)
        pieces.append((0xE1, head + body[at : at + _PIECE]))
    return digest, pieces


def point_to(xmp: bytes, digest: str) -> bytes:
    """The first part, pointing at a second one with another digest. PacketError."""
    packet = Packet(xmp)
    for description in packet.descriptions():
        for uri, name, _, item in properties(description):
            if (uri, name) == (NOTE, "HasExtendedXMP"):
                packet.set(item, digest)
    return packet.apply_edits()


def merge(xmp: bytes, body: bytes) -> bytes | None:
    """Both parts as one packet, for formats without such a limit; None when one of them must not be touched."""
    try:
        packet, second = Packet(xmp), Packet(body)
        if not packet.rdf:
            return None
        for description in packet.descriptions():
            for uri, name, _, item in properties(description):
                if (uri, name) == (NOTE, "HasExtendedXMP"):
                    packet.remove(item)
        for description in second.descriptions():
            raw = second.data[description.start : description.end].decode()
            own = {a.name for a in description.attributes if a.uri == ""}
            tag = f"{description.prefix}:{description.name}" if description.prefix else description.name
            outer = {p: u for p, u in description.spaces.items() if p not in ("xml", "") and p not in own}
            declared = "".join(f" xmlns:{p}={quoteattr(u)}" for p, u in outer.items())
            packet.append(packet.rdf[0], f"<{tag}{declared}{raw[len(tag) + 1 :]}")
        return packet.apply_edits()
    except PacketError:
        return None


def _digest(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest().upper()
