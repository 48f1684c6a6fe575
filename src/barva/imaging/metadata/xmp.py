"""What an XMP packet says of the picture, made true again: its turn, sizes, colors, crops, and where faces are.

Sources: XMP part 2 (tiff:, exif:, photoshop:); Adobe's gain maps; Google's containers. Places are `xmp_geometry`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from barva.imaging.formats import FORMATS
from barva.imaging.metadata.change import Change
from barva.imaging.metadata.xmp_geometry import (
    EXIF,
    Item,
    crop,
    iptc_regions,
    list_entries,
    number,
    people,
    regions,
    subject_area,
)
from barva.imaging.packet import Element, Packet, PacketError, properties

TIFF = "http://ns.adobe.com/tiff/1.0/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"
NOTE = "http://ns.adobe.com/xmp/note/"
# What speaks of a gain map, a film or a second picture behind the first one: none of them is written.
_COMPANIONS = {
    "http://ns.adobe.com/hdr-gain-map/1.0/": None,
    "http://ns.apple.com/HDRGainMap/1.0/": None,
    "http://ns.google.com/photos/1.0/container/": None,
    "http://ns.google.com/photos/1.0/camera/": ("MotionPhoto", "MicroVideo"),
}
_CORE = "http://purl.org/dc/elements/1.1/"
_TERMS = "http://purl.org/dc/terms/"
_EXIF_EX = "http://cipa.jp/exif/1.0/"
_INDEX = (_EXIF_EX, "InteroperabilityIndex")
# What describes another color space than sRGB.
_SPACE = (
    (TIFF, "TransferFunction"), (TIFF, "WhitePoint"), (TIFF, "PrimaryChromaticities"), (EXIF, "Gamma"),
    (_EXIF_EX, "Gamma"),
)  # fmt: skip
_SIZES = ((TIFF, "ImageWidth", "ImageLength"), (EXIF, "PixelXDimension", "PixelYDimension"))


@dataclass(frozen=True)
class Parts:
    """What of the file is no longer there: the pictures behind the first one, the C2PA manifest, extended XMP."""

    companions: bool = False
    manifest: bool = False
    extended: bool = False


def refresh(xmp: bytes, change: Change, gone: Parts | None = None, upright: int = 1) -> bytes:
    """The packet, true for the picture after the change; everything else byte for byte. One that must not be touched
    comes back as it is. `upright` is the orientation that a stated one becomes."""
    gone = gone or Parts()
    try:
        packet = Packet(xmp)
    except PacketError:
        return xmp
    stated: dict[tuple[str, str], Item] = {}
    for description in packet.descriptions():
        for uri, name, value, item in properties(description):
            stated.setdefault((uri, name), item)
            if (uri, name) == (XMP, "Thumbnails") or _remaining(uri, name, value, gone):
                packet.remove(item)
    named = stated.get((_CORE, "format"))
    if change.format != change.source and change.format in FORMATS and named and named.value.startswith("image/"):
        packet.set(named, FORMATS[change.format].mime)
    _turn(packet, stated, change, upright)
    if change.colored:
        _color(packet, stated, change)
    if change.turn != 1:
        for group in (regions, people, iptc_regions, crop, subject_area):
            group(packet, stated, change)
    return packet.apply_edits() if packet.touched else xmp


def orientation(xmp: bytes | None) -> int:
    """1 to 8 as tiff:Orientation says; 1 when it does not."""
    try:
        packet = Packet(xmp) if xmp else None
    except PacketError:
        return 1
    for description in packet.descriptions() if packet else ():
        for uri, name, value, _ in properties(description):
            if (uri, name) == (TIFF, "Orientation") and value.strip() in tuple("12345678"):
                return int(value)
    return 1


def _remaining(uri: str, name: str, value: str, gone: Parts) -> bool:
    """Whether a property only points at what was left out."""
    if gone.companions and uri in _COMPANIONS:
        starts = _COMPANIONS[uri]
        return starts is None or name.startswith(starts)
    if gone.manifest and (uri, name) == (_TERMS, "provenance"):
        return "jumbf" in value or value.startswith("self#")
    return gone.extended and (uri, name) == (NOTE, "HasExtendedXMP")


def _turn(packet: Packet, stated: dict[tuple[str, str], Item], change: Change, upright: int) -> None:
    item = stated.get((TIFF, "Orientation"))
    if item is not None and item.value.strip() != str(upright):
        packet.set(item, str(upright))
    for uri, *names in _SIZES:
        items = [stated.get((uri, n)) for n in names]
        values = [number(i.value) if i else None for i in items]
        for i, (item, value) in enumerate(zip(items, _extent(values, change), strict=True)):
            if item is not None and value is not None and value != values[i]:
                packet.set(item, f"{value:g}" if value < 1e5 else str(round(value)))
    across, down = (stated.get((TIFF, n)) for n in ("XResolution", "YResolution"))
    if change.swapped and across and down and across.value != down.value:
        packet.set(across, down.value)
        packet.set(down, across.value)


def _extent(values: list[float | None], change: Change) -> list[float | None]:
    """A stated width and height after the change; one of them may be missing."""
    width, height = values
    if width is not None and height is not None:
        return list(change.extent(width, height))
    if change.before is None or change.after is None:
        return values
    return [
        float(new) if value == old else value
        for value, old, new in zip(values, change.before, change.after, strict=True)
    ]


def _color(packet: Packet, stated: dict[tuple[str, str], Item], change: Change) -> None:
    space = stated.get((EXIF, "ColorSpace"))
    index = stated.get(_INDEX)
    other = index is not None and index.value.strip() == "R03"
    if change.converted or other or (space is not None and space.value.strip() not in ("", "1")):
        for name in _SPACE:
            if (item := stated.get(name)) is not None:
                packet.remove(item)
    if index is not None and other:
        packet.set(index, "R98")
    wanted = {
        (PHOTOSHOP, "ColorMode"): "3",
        (TIFF, "SamplesPerPixel"): "3",
        (EXIF, "ColorSpace"): "1",
    }
    grey = (TIFF, "PhotometricInterpretation")
    if (item := stated.get(grey)) and not (item.value.strip() == "6" and change.format == "jpeg"):
        wanted[grey] = "2"
    for name, value in wanted.items():
        item = stated.get(name)
        if item is not None and item.value.strip() not in ("", value):
            packet.set(item, value)
    profile = stated.get((PHOTOSHOP, "ICCProfile"))
    if profile is not None and change.converted:
        packet.set(profile, "sRGB IEC61966-2.1")
    bits = stated.get((TIFF, "BitsPerSample"))
    if isinstance(bits, Element) and len(items := list_entries(bits)) in (1, 2):
        one = packet.data[items[0].start : items[0].end].decode()
        for _ in range(3 - len(items)):
            packet.append(bits.children[0], one)
