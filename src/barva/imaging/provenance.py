"""Provenance: which file was coloured by what, in its XMP packet, so that nobody has to take the colours for evidence.

`Iptc4xmpExt:DigitalSourceType` says it in the press's own words; the rest is in a namespace of Barva's. Everything
that the packet held before stays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from barva.imaging import profiles
from barva.imaging.packet import RDF, XMLNS, PacketError, descriptions, parse, properties
from barva.imaging.read import MAX_PIXELS, read

NAMESPACE = "https://barva.dev/ns/1.0/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"

_META = "adobe:ns:meta/"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_TYPE = (_IPTC_EXT, "DigitalSourceType")
_EMPTY = f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{RDF}"></rdf:RDF></x:xmpmeta>'.encode()

_BREAKS = {9: "\ufdd0", 10: "\ufdd1", 13: "\ufdd2"}  # stand-ins that no text holds: Unicode keeps them free


@dataclass(frozen=True)
class Provenance:
    """What produced the colours. Empty fields are left out of the file."""

    method: str
    model_version: str = ""
    weights_sha256: str = ""
    seed: int = 0
    guidance: str = ""
    """Digest of the hints, hexadecimal; empty without hints."""
    barva: str = ""
    """Barva's version."""

    def stamped(self, xmp: bytes | None) -> bytes | None:
        """The packet with these facts. One that must not be touched comes back as it is, and `write` notes it."""
        try:
            return stamp(xmp, self)
        except PacketError:
            return xmp


def stamp(xmp: bytes | None, facts: Provenance) -> bytes:
    """The packet with the facts in it; without a packet, a new one. PacketError (leave the packet as it is and say
    so)."""
    document = parse(xmp or _EMPTY)
    found = document.getElementsByTagNameNS(RDF, "RDF")
    if not found:
        raise PacketError("the XMP packet holds no RDF")
    rdf = found[0]
    about = next((d.getAttributeNS(RDF, "about") for d in descriptions(rdf)), "")
    _clear(rdf)
    # The prefix that the packet itself uses for RDF, which need not be 'rdf'.
    prefix = f"{rdf.prefix}:" if rdf.prefix else ""
    description = document.createElementNS(RDF, f"{prefix}Description")
    description.setAttributeNS(RDF, f"{prefix or 'rdf:'}about", about or "")
    if not prefix:
        description.setAttributeNS(XMLNS, "xmlns:rdf", RDF)
    for name, uri in (("Iptc4xmpExt", _IPTC_EXT), ("barva", NAMESPACE)):
        description.setAttributeNS(XMLNS, f"xmlns:{name}", uri)
    _add(document, description, _IPTC_EXT, "Iptc4xmpExt:DigitalSourceType", SOURCE_TYPE)
    for field in fields(facts):
        value = str(getattr(facts, field.name))
        if value:
            _add(document, description, NAMESPACE, f"barva:{field.name}", value)
    rdf.appendChild(description)
    body = _serialised(document.documentElement)
    return f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{body}\n<?xpacket end="w"?>'.encode()


def _serialised(root: Any) -> str:
    """`toxml`, with line breaks and tabs in attributes, and CR in text, as references: Python before 3.13 writes them
    bare, and the next reader makes spaces of them."""
    for element in (root, *root.getElementsByTagName("*")):
        for attribute in element.attributes.values():
            attribute.value = attribute.value.translate(_BREAKS)
        for child in element.childNodes:
            if child.nodeType == child.TEXT_NODE:
                child.data = child.data.replace("\r", _BREAKS[13])
    text: str = root.toxml()
    for code, stand_in in _BREAKS.items():
        text = text.replace(stand_in, f"&#{code};")
    return text


def _add(document: Any, parent: Any, uri: str, name: str, text: str) -> None:
    element = document.createElementNS(uri, name)
    element.appendChild(document.createTextNode(text))
    parent.appendChild(element)


def facts(xmp: bytes) -> tuple[Provenance | None, str | None]:
    """(Barva's facts, the DigitalSourceType) of a packet; None where there are none. PacketError."""
    found: dict[str, str] = {}
    source: str | None = None
    for rdf in parse(xmp).getElementsByTagNameNS(RDF, "RDF"):
        for description in descriptions(rdf):
            for uri, name, value, _ in properties(description):
                if uri == NAMESPACE:
                    found[name] = value
                elif (uri, name) == _TYPE:
                    source = value
    if not found:
        return None, source
    known: dict[str, Any] = {f.name: found.get(f.name, "") for f in fields(Provenance)}
    known["seed"] = int(known["seed"]) if known["seed"].lstrip("-").isdecimal() else 0
    return Provenance(**known), source


def inspect(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> dict[str, Any]:
    """What a file says of itself: its form, what its envelope holds, and who coloured it. ReadError as for `read`."""
    photo = read(path, max_pixels=max_pixels)
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


def _clear(rdf: Any) -> None:
    """Take out what an earlier run wrote, so that a photo that is coloured twice tells of the last time only."""
    for description in descriptions(rdf):
        removed = False
        for uri, name, _, node in properties(description):
            if uri == NAMESPACE or (uri, name) == _TYPE:
                removed = True
                if node.nodeType == node.ATTRIBUTE_NODE:
                    description.removeAttributeNode(node)
                else:
                    description.removeChild(node)
        left = [p for p in properties(description) if p[:2] != (RDF, "about")]
        if removed and not left:
            rdf.removeChild(description)
