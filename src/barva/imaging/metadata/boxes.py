"""What the boxes of JPEG 2000 and JPEG XL files hold beside the pixels. Neither is written: results are other files.

Sources: ISO/IEC 15444-1 annex I (resolution, XML, UUID), 18181-2 (JPEG XL's boxes), 19566-5 (JUMBF).
"""

from __future__ import annotations

import struct

from barva.imaging import jxl, sniff
from barva.imaging.metadata.parts import Taken

_EXIF, _XMP = b"JpgTiffExif->JP2", bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_IPTC, _GEO = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"), bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")
_JUMBF = "JUMBF data (such as a C2PA manifest)"


def take_jpeg2000(data: bytes) -> Taken:
    """IPTC, the resolution, and what is left; EXIF and XMP come with the pixels."""
    taken = Taken()
    for kind, body in sniff.boxes(data):
        if kind == b"jp2h":
            taken.resolution = _resolution(body) or taken.resolution
        elif kind == b"uuid" and body[:16] == _IPTC:
            taken.iptc = taken.iptc or body[16:]
        elif kind == b"uuid" and body[:16] not in (_EXIF, _XMP):
            taken.left.append("GeoTIFF data" if body[:16] == _GEO else "UUID boxes")
        elif kind in (b"xml ", b"jp2i", b"jumb"):
            taken.left.append({b"xml ": "XML boxes", b"jp2i": "the rights box"}.get(kind, _JUMBF))
    taken.left = list(dict.fromkeys(taken.left))
    return taken


def take_jpeg_xl(data: bytes) -> Taken:
    """What is left; EXIF and XMP come with the pixels."""
    names = {b"jumb": _JUMBF, b"brob": "compressed metadata"}
    left = [names[kind] for kind, _ in jxl.boxes(data) if kind in names]
    return Taken(left=list(dict.fromkeys(left)))


def _resolution(header: bytes) -> tuple[float, float] | None:
    """Pixels an inch (x, y) from a JP2 header: of the scan, or else for display."""
    stated = next((dict(sniff.boxes(body)) for kind, body in sniff.boxes(header) if kind == b"res "), {})
    for kind in (b"resc", b"resd"):
        try:
            up, below_up, across, below, power_up, power = struct.unpack_from(">4H2b", stated.get(kind, b""))
            x, y = across / below * 10.0**power * 0.0254, up / below_up * 10.0**power_up * 0.0254
        except (struct.error, ZeroDivisionError):
            continue
        if 0 < x < 1e6 and 0 < y < 1e6:
            return round(x, 2), round(y, 2)
    return None
