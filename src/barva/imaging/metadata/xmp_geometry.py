"""Places in XMP, turned with the picture: faces and regions, crops, subjects.

Sources: MWG Guidelines 2.0, section 5.9 (regions); Microsoft's people tags (MP:); IPTC Photo Metadata 2023 (image
regions); Camera Raw's settings (crs:); XMP part 2 (exif:).
"""

from __future__ import annotations

from collections.abc import Iterable

from barva.imaging.metadata.change import Change
from barva.imaging.packet import RDF, Attribute, Element, Packet

EXIF = "http://ns.adobe.com/exif/1.0/"
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

Item = Attribute | Element


def regions(packet: Packet, _: object, change: Change) -> None:
    """Regions of the MWG and of ACDSee, and the size that they apply to."""
    for top in packet.elements:
        if top.name not in ("Regions", "RegionInfo") or top.uri not in _REGIONS:
            continue
        area, dimensions = _REGIONS[top.uri]
        applied: tuple[float, float] | None = None
        inside = list(_inside(top))
        for owner in inside:
            w, h = (_field(owner, dimensions, n) for n in ("w", "h"))
            if w and h:
                width, height = number(w.value), number(h.value)
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
    items = [_field(owner, area, n) for n in ("x", "y", "w", "h")]
    values = [number(i.value) if i else None for i in items]
    x, y, w, h = values
    if x is None or y is None:
        return
    unit = _field(owner, area, "unit")
    whole: tuple[float, float] = (1.0, 1.0)
    if unit is not None and unit.value.strip() == "pixel":
        known = applied or change.before
        if known is None:
            return
        whole = known
    _pair(packet, items[:2], change.point(x, y, *whole))
    if change.swapped and w is not None and h is not None:
        _pair(packet, items[2:], (h, w))


def people(packet: Packet, _: object, change: Change) -> None:
    """Microsoft's people: 'left, top, width, height' as parts of the whole."""
    for item in _items(packet):
        if (item.uri, item.name) == (_PEOPLE, "Rectangle"):
            numbers = [number(v) for v in item.value.split(",")]
            if len(numbers) == 4 and (box := [n for n in numbers if n is not None]) and len(box) == 4:
                packet.set(item, ", ".join(text(v) for v in change.box((box[0], box[1], box[2], box[3]))))


def iptc_regions(packet: Packet, _: object, change: Change) -> None:
    """IPTC's image regions: boxes, circles and polygons, in parts or in pixels."""
    for top in packet.elements:
        if (top.uri, top.name) != (_IPTC, "RegionBoundary"):
            continue
        inside = list(_inside(top))
        unit = next((u.value.strip() for o in inside if (u := _field(o, _IPTC, "rbUnit"))), "relative")
        whole = (1.0, 1.0) if unit == "relative" else change.before
        if whole is None:
            continue
        for owner in inside:
            items = [_field(owner, _IPTC, n) for n in ("rbX", "rbY", "rbW", "rbH")]
            x, y, w, h = (number(i.value) if i else None for i in items)
            if x is None or y is None:
                continue
            if w is not None and h is not None:
                box = change.box((x, y, w, h), *whole)
                _pair(packet, items[:2], box[:2])
                _pair(packet, items[2:], box[2:])
            else:
                _pair(packet, items[:2], change.point(x, y, *whole))
            radius = _field(owner, _IPTC, "rbRx")
            if radius and unit == "relative" and change.swapped and change.before:  # relative to the width
                value = number(radius.value)
                if value is not None:
                    packet.set(radius, text(value * change.before[0] / change.before[1]))


def crop(packet: Packet, stated: dict[tuple[str, str], Item], change: Change) -> None:
    """Camera Raw's crop: edges as parts of the whole."""
    items = [stated.get((_RAW, n)) for n in ("CropLeft", "CropTop", "CropRight", "CropBottom")]
    left, top, right, bottom = (number(i.value) if i else None for i in items)
    if left is not None and top is not None and right is not None and bottom is not None:
        x, y, w, h = change.box((left, top, right - left, bottom - top))
        _pair(packet, items[:2], (x, y))
        _pair(packet, items[2:], (x + w, y + h))
    angle = stated.get((_RAW, "CropAngle"))
    if change.mirrored and angle and (value := number(angle.value)):
        packet.set(angle, text(-value))


def subject_area(packet: Packet, stated: dict[tuple[str, str], Item], change: Change) -> None:
    """exif:SubjectArea (a point, a circle, or a box by its middle) and exif:SubjectLocation, in pixels."""
    if change.before is None:
        return
    for name in ("SubjectArea", "SubjectLocation"):
        item = stated.get((EXIF, name))
        entries = list_entries(item) if isinstance(item, Element) else []
        numbers = [n for e in entries if (n := number(e.value)) is not None]
        if entries and len(numbers) == len(entries) and 2 <= len(numbers) <= 4:
            for element, value in zip(entries, subject(numbers, change), strict=True):
                packet.set(element, text(value))


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


def _field(owner: Element, uri: str, name: str) -> Item | None:
    """A field of a structure, as an attribute or as an element."""
    items: list[Item] = [*owner.attributes, *owner.children]
    return next((item for item in items if (item.uri, item.name) == (uri, name)), None)


def list_entries(item: Element) -> list[Element]:
    """The entries of a list."""
    return [e for e in item.children[0].children if (e.uri, e.name) == (RDF, "li")] if item.children else []


def _pair(packet: Packet, items: Iterable[Item | None], values: Iterable[float]) -> None:
    for item, value in zip(items, values, strict=True):
        if item is not None and number(item.value) != value:
            packet.set(item, text(value))


def _lies(size: tuple[float, float]) -> bool:
    return size[0] > size[1]


def number(text: str) -> float | None:
    """Plain numbers and ratios ('72/1'); None for anything else."""
    top, _, bottom = text.strip().partition("/")
    try:
        value = float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return value if abs(value) < 1e9 else None


def text(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
