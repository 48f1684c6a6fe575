"""What an XMP packet says of the picture, made true again: its turn, sizes, colors, crops, and where faces are.

Sources: XMP part 2 (tiff:, exif:, photoshop:); MWG Guidelines 2.0, section 5.9 (regions); Microsoft's people tags
(MP:); IPTC Photo Metadata 2023 (image regions); Adobe's gain maps; Google's containers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from barva.imaging.metadata.change import Change
from barva.imaging.packet import RDF, Attribute, Element, Packet, PacketError, properties

TIFF = "http://ns.adobe.com/tiff/1.0/"
EXIF = "http://ns.adobe.com/exif/1.0/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"
NOTE = "http://ns.adobe.com/xmp/note/"
_AREA = "http://ns.adobe.com/xmp/sType/Area#"
_REGIONS = {
    "http://www.metadataworkinggroup.com/schemas/regions/": (_AREA, "http://ns.adobe.com/xap/1.0/sType/Dimensions#"),
    "http://ns.acdsee.com/regions/": (
        "http://ns.acdsee.com/sType/Area#",
        "http://ns.acdsee.com/sType/Dimensions#",
    ),
}
_PEOPLE = "http://ns.microsoft.com/photo/1.2/t/Region#"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RAW = "http://ns.adobe.com/camera-raw-settings/1.0/"
# What speaks of a gain map, a film or a second picture behind the first one: none of them is written.
_COMPANIONS = {
    "http://ns.adobe.com/hdr-gain-map/1.0/": None,
    "http://ns.apple.com/HDRGainMap/1.0/": None,
    "http://ns.google.com/photos/1.0/container/": None,
    "http://ns.google.com/photos/1.0/camera/": ("MotionPhoto", "MicroVideo"),
}
_CORE = "http://purl.org/dc/elements/1.1/"
_MIME = {"jpeg": "image/jpeg", "png": "image/png", "tiff": "image/tiff", "webp": "image/webp", "avif": "image/avif"}
_TERMS = "http://purl.org/dc/terms/"
_SIZES = ((TIFF, "ImageWidth", "ImageLength"), (EXIF, "PixelXDimension", "PixelYDimension"))

Item = Attribute | Element


@dataclass(frozen=True)
class Parts:
    """What of the file is no longer there: the pictures behind the first one, the C2PA manifest, extended XMP."""

    companions: bool = False
    manifest: bool = False
    extended: bool = False


def refresh(xmp: bytes, change: Change, gone: Parts | None = None) -> bytes:
    """The packet, true for the picture after the change; everything else byte for byte. One that must not be touched
    comes back as it is."""
    gone = gone or Parts()
    try:
        packet = Packet(xmp)
    except PacketError:
        return xmp
    stated: dict[tuple[str, str], Item] = {}
    for description in packet.descriptions():
        for uri, name, value, item in properties(description):
            stated.setdefault((uri, name), item)
            if (uri, name) == (XMP, "Thumbnails") or _left(uri, name, value, gone):
                packet.remove(item)
    named = stated.get((_CORE, "format"))
    if change.format != change.source and change.format in _MIME and named and named.value.startswith("image/"):
        packet.set(named, _MIME[change.format])
    _turn(packet, stated, change)
    if change.colored:
        _color(packet, stated, change)
    if change.turn != 1:
        for group in (_regions, _people, _iptc, _crop, _subject):
            group(packet, stated, change)
    return packet.edited() if packet.touched else xmp


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


def _left(uri: str, name: str, value: str, gone: Parts) -> bool:
    """Whether a property only points at what was left out."""
    if gone.companions and uri in _COMPANIONS:
        starts = _COMPANIONS[uri]
        return starts is None or name.startswith(starts)
    if gone.manifest and (uri, name) == (_TERMS, "provenance"):
        return "jumbf" in value or value.startswith("self#")
    return gone.extended and (uri, name) == (NOTE, "HasExtendedXMP")


def _turn(packet: Packet, stated: dict[tuple[str, str], Item], change: Change) -> None:
    item = stated.get((TIFF, "Orientation"))
    if item is not None and item.value.strip() != "1":
        packet.set(item, "1")
    for uri, *names in _SIZES:
        items = [stated.get((uri, n)) for n in names]
        values = [_number(i.value) if i else None for i in items]
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
    if isinstance(bits, Element) and len(items := _listed(bits)) in (1, 2):
        one = packet.data[items[0].start : items[0].end].decode()
        for _ in range(3 - len(items)):
            packet.append(bits.children[0], one)


def _regions(packet: Packet, _: object, change: Change) -> None:
    for top in packet.elements:
        if top.name not in ("Regions", "RegionInfo") or top.uri not in _REGIONS:
            continue
        area, dimensions = _REGIONS[top.uri]
        applied: tuple[float, float] | None = None
        inside = list(_inside(top))
        for owner in inside:
            w, h = (_stated(owner, dimensions, n) for n in ("w", "h"))
            if w and h:
                width, height = _number(w.value), _number(h.value)
                if width and height:
                    applied = (width, height)
                    _pair(packet, (w, h), change.extent(width, height))
        # Some writers apply regions to the upright picture: theirs are true already.
        if applied and change.swapped and change.before and _lies(applied) != _lies(change.before):
            continue
        for owner in inside:
            _area(packet, owner, area, applied, change)


def _area(packet: Packet, owner: Element, area: str, applied: tuple[float, float] | None, change: Change) -> None:
    """One area: the middle, and the size, if it has one."""
    items = [_stated(owner, area, n) for n in ("x", "y", "w", "h")]
    values = [_number(i.value) if i else None for i in items]
    x, y, w, h = values
    if x is None or y is None:
        return
    unit = _stated(owner, area, "unit")
    whole: tuple[float, float] = (1.0, 1.0)
    if unit is not None and unit.value.strip() == "pixel":
        known = applied or change.before
        if known is None:
            return
        whole = known
    _pair(packet, items[:2], change.point(x, y, *whole))
    if change.swapped and w is not None and h is not None:
        _pair(packet, items[2:], (h, w))


def _people(packet: Packet, _: object, change: Change) -> None:
    for item in _items(packet):
        if (item.uri, item.name) == (_PEOPLE, "Rectangle"):
            numbers = [_number(v) for v in item.value.split(",")]
            if len(numbers) == 4 and (box := [n for n in numbers if n is not None]) and len(box) == 4:
                packet.set(item, ", ".join(_text(v) for v in change.box((box[0], box[1], box[2], box[3]))))


def _iptc(packet: Packet, _: object, change: Change) -> None:
    for top in packet.elements:
        if (top.uri, top.name) != (_IPTC, "RegionBoundary"):
            continue
        inside = list(_inside(top))
        unit = next((u.value.strip() for o in inside if (u := _stated(o, _IPTC, "rbUnit"))), "relative")
        whole = (1.0, 1.0) if unit == "relative" else change.before
        if whole is None:
            continue
        for owner in inside:
            items = [_stated(owner, _IPTC, n) for n in ("rbX", "rbY", "rbW", "rbH")]
            x, y, w, h = (_number(i.value) if i else None for i in items)
            if x is None or y is None:
                continue
            if w is not None and h is not None:
                box = change.box((x, y, w, h), *whole)
                _pair(packet, items[:2], box[:2])
                _pair(packet, items[2:], box[2:])
            else:
                _pair(packet, items[:2], change.point(x, y, *whole))
            radius = _stated(owner, _IPTC, "rbRx")
            if radius and unit == "relative" and change.swapped and change.before:  # relative to the width
                value = _number(radius.value)
                if value is not None:
                    packet.set(radius, _text(value * change.before[0] / change.before[1]))


def _crop(packet: Packet, stated: dict[tuple[str, str], Item], change: Change) -> None:
    """Camera Raw's crop: edges as parts of the whole."""
    items = [stated.get((_RAW, n)) for n in ("CropLeft", "CropTop", "CropRight", "CropBottom")]
    left, top, right, bottom = (_number(i.value) if i else None for i in items)
    if left is not None and top is not None and right is not None and bottom is not None:
        x, y, w, h = change.box((left, top, right - left, bottom - top))
        _pair(packet, items[:2], (x, y))
        _pair(packet, items[2:], (x + w, y + h))
    angle = stated.get((_RAW, "CropAngle"))
    if change.mirrored and angle and (value := _number(angle.value)):
        packet.set(angle, _text(-value))


def _subject(packet: Packet, stated: dict[tuple[str, str], Item], change: Change) -> None:
    """exif:SubjectArea (a point, a circle, or a box by its middle) and exif:SubjectLocation, in pixels."""
    if change.before is None:
        return
    for name in ("SubjectArea", "SubjectLocation"):
        item = stated.get((EXIF, name))
        listed = _listed(item) if isinstance(item, Element) else []
        numbers = [n for e in listed if (n := _number(e.value)) is not None]
        if listed and len(numbers) == len(listed) and 2 <= len(numbers) <= 4:
            for element, value in zip(listed, subject(numbers, change), strict=True):
                packet.set(element, _text(value))


def subject(numbers: list[float], change: Change) -> list[float]:
    """EXIF's SubjectArea or SubjectLocation, two to four numbers of pixels, after the turn."""
    assert change.before is not None
    x, y = change.point(numbers[0], numbers[1], *change.before)
    rest = numbers[2:]
    return [max(x, 0), max(y, 0), *(rest[::-1] if len(rest) == 2 and change.swapped else rest)]


def _items(packet: Packet) -> Iterable[Item]:
    for element in packet.elements:
        yield from element.attributes
        if not element.children:
            yield element


def _inside(top: Element) -> Iterable[Element]:
    waiting = [top]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += element.children


def _stated(owner: Element, uri: str, name: str) -> Item | None:
    """A field of a structure, as an attribute or as an element."""
    items: list[Item] = [*owner.attributes, *owner.children]
    return next((item for item in items if (item.uri, item.name) == (uri, name)), None)


def _listed(item: Element) -> list[Element]:
    """The entries of a list."""
    return [e for e in item.children[0].children if (e.uri, e.name) == (RDF, "li")] if item.children else []


def _pair(packet: Packet, items: Iterable[Item | None], values: Iterable[float]) -> None:
    for item, value in zip(items, values, strict=True):
        if item is not None and _number(item.value) != value:
            packet.set(item, _text(value))


def _lies(size: tuple[float, float]) -> bool:
    return size[0] > size[1]


def _number(text: str) -> float | None:
    """Plain numbers and ratios ('72/1'); None for anything else."""
    top, _, bottom = text.strip().partition("/")
    try:
        value = float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return value if abs(value) < 1e9 else None


def _text(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
