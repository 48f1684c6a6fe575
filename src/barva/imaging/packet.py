"""XMP packets as documents: read with care, properties listed, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMLNS = "http://www.w3.org/2000/xmlns/"


class PacketError(ValueError):
    """A packet that Barva will not touch: broken, or with a DTD or entities; the text says why, for the notes."""


def parse(xmp: bytes) -> Any:
    """The document. Packets with a DTD are refused: entities can blow up or reach outside."""
    wide = xmp[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in xmp[:4]
    body = xmp if wide else xmp.strip(b"\0 \t\r\n")
    # Without its zeros, a UTF-16 packet cannot hide the word.
    if re.search(rb"<!(DOCTYPE|ENTITY)", body.replace(b"\0", b""), re.IGNORECASE):
        raise PacketError("the XMP packet holds a DTD or entities")
    try:
        return minidom.parseString(body)
    except (ExpatError, ValueError, LookupError, RecursionError) as error:
        raise PacketError(f"the XMP packet is broken ({error})") from error


def descriptions(rdf: Any) -> list[Any]:
    return [n for n in rdf.childNodes if getattr(n, "localName", None) == "Description" and n.namespaceURI == RDF]


def properties(description: Any) -> Iterator[tuple[str, str, str, Any]]:
    """(namespace, name, value, node) of each property, whether it is written as an attribute or as an element."""
    for attribute in list(description.attributes.values()):
        if attribute.namespaceURI and attribute.namespaceURI != XMLNS:
            yield attribute.namespaceURI, attribute.localName, attribute.value, attribute
    for child in list(description.childNodes):
        if child.nodeType == child.ELEMENT_NODE:
            text = "".join(
                n.data for n in child.childNodes if n.nodeType in (n.TEXT_NODE, n.CDATA_SECTION_NODE)
            ).strip()
            yield child.namespaceURI or "", child.localName, text or child.getAttributeNS(RDF, "resource"), child


def packet_trouble(xmp: bytes) -> str | None:
    """Why nothing can be added to the packet, or None."""
    try:
        holds_rdf = parse(xmp).getElementsByTagNameNS(RDF, "RDF")
    except PacketError as error:
        return str(error)
    return None if holds_rdf else "the XMP packet holds no RDF"
