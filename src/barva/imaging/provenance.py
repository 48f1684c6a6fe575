"""Provenance: which file was colored by what, in its XMP packet, so that nobody has to take the colors for evidence.

`Iptc4xmpExt:DigitalSourceType` says it in the press's own words; the rest is in a namespace of Barva's. Everything
that the packet held before stays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from barva.imaging import profiles
from barva.imaging.packet import EMPTY, NO_RDF, RDF, Packet, PacketError, properties
from barva.imaging.read import MAX_PIXELS, read

NAMESPACE = "https://barva.dev/ns/1.0/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"

_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_TYPE = (_IPTC_EXT, "DigitalSourceType")


@dataclass(frozen=True)
class Provenance:
    """What produced the colors. Empty fields are left out of the file."""

    method: str
    model_version: str = ""
    weights_sha256: str = ""
    seed: int = 0
    guidance: str = ""
    """Digest of the hints, hexadecimal; empty without hints."""
    barva: str = ""
    """Barva's version."""

    def stamp(self, xmp: bytes | None) -> bytes | None:
        """The packet with these facts. One that must not be touched comes back as it is, and `write` notes it."""
        try:
            return stamp(xmp, self)
        except PacketError:
            return xmp


def stamp(xmp: bytes | None, facts: Provenance) -> bytes:
    """The packet with the facts in it, all else byte for byte; without a packet, a new one.

    PacketError: leave the packet as it is and say so.
    """
    packet = Packet(xmp or EMPTY)
    if not packet.rdf:
        raise PacketError(NO_RDF)
    rdf = packet.rdf[0]
    about = next((d.get(RDF, "about") or d.get("", "about") for d in packet.descriptions()), "")
    _clear(packet)
    quoted = escape(about, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
    lines = [
        f'<rdf:Description rdf:about="{quoted}" xmlns:rdf="{RDF}" xmlns:Iptc4xmpExt="{_IPTC_EXT}" '
        f'xmlns:barva="{NAMESPACE}">',
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>",
    ]
    for field in fields(facts):
        value = str(getattr(facts, field.name))
        if value:
            lines.append(f"<barva:{field.name}>{escape(value)}</barva:{field.name}>")
    packet.append(rdf, "".join(lines) + "</rdf:Description>")
    return packet.apply_edits()


def facts(xmp: bytes) -> tuple[Provenance | None, str | None]:
    """(Barva's facts, the DigitalSourceType) of a packet; None where there are none. PacketError."""
    values: dict[str, str] = {}
    source: str | None = None
    for description in Packet(xmp).descriptions():
        for uri, name, value, _ in properties(description):
            if uri == NAMESPACE:
                values[name] = value
            elif (uri, name) == _TYPE:
                source = value
    if not values:
        return None, source
    known: dict[str, Any] = {f.name: values.get(f.name, "") for f in fields(Provenance)}
    known["seed"] = int(known["seed"]) if known["seed"].lstrip("-").isdecimal() else 0
    return Provenance(**known), source


def inspect(path: str | Path, *, salvage: bool = False, max_pixels: int = MAX_PIXELS) -> dict[str, Any]:
    """What a file says of itself: its form, what its envelope holds, and who colored it. ReadError as for `read`."""
    photo = read(path, salvage=salvage, max_pixels=max_pixels)
    envelope = photo.envelope
    known, source, trouble = None, None, None
    if envelope.xmp:
        try:
            known, source = facts(envelope.xmp)
        except PacketError as error:
            trouble = str(error)
    return {
        "file": photo.name,
        "format": envelope.format,
        "width": photo.width,
        "height": photo.height,
        "depth": photo.depth,
        "bits": envelope.bits,
        "bands": photo.bands,
        "alpha": photo.alpha,
        "pages": envelope.pages,
        "dpi": envelope.dpi,
        "exif": envelope.exif is not None,
        "xmp": envelope.xmp is not None,
        "iptc": envelope.iptc is not None,
        "icc": profiles.describe(envelope.icc) if envelope.icc else None,
        "digital_source_type": source,
        "provenance": {f.name: getattr(known, f.name) for f in fields(known)} if known else None,
        "notes": [*photo.notes, *([trouble] if trouble else [])],
    }


def _clear(packet: Packet) -> None:
    """Take out what an earlier run wrote, so that a photo that is colored twice tells of the last time only."""
    for description in packet.descriptions():
        listed = list(properties(description))
        ours = [i for uri, name, _, i in listed if uri == NAMESPACE or (uri, name) == _TYPE]
        others = [(uri, name) for uri, name, _, i in listed if i not in ours and (uri, name) != (RDF, "about")]
        if ours and not others:
            packet.remove(description)
        else:
            for item in ours:
                packet.remove(item)
