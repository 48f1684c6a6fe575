"""What of an envelope a file of some format carries: decided before the picture is encoded, put in afterwards."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO

from barva.errors import Message
from barva.imaging import exif, profiles, tiff
from barva.imaging.formats import FORMATS, title
from barva.imaging.metadata import exifpatch, extended, isobmff, jpeg, pages, photoshop, png, riff, xmp
from barva.imaging.metadata.change import Change
from barva.imaging.packet import EMPTY, RDF, Packet, PacketError
from barva.imaging.photo import Envelope, Part

_CONTAINERS = {"jpeg": jpeg, "png": png, "webp": riff}
_ORDER = {"jfif": 0, "density": 0, "exif": 1, "xmp": 2, "photoshop": 3, "icc": 4}


@dataclass(frozen=True)
class Cargo:
    """Everything that is put beside the pixels of one page, true for them; `parts` in the order of the file."""

    format: str
    exif: bytes | None
    xmp: bytes | None
    iptc: bytes | None
    icc: bytes | None
    photoshop: bytes | None
    dpi: tuple[float, float] | None
    parts: tuple[Part, ...]
    more: tuple[tuple[int, bytes], ...] = ()
    """The segments of an XMP packet that is too long for one."""
    notes: tuple[str, ...] = ()


def load(envelope: Envelope, format: str, size: tuple[int, int], bands: int, short: bytes = EMPTY) -> Cargo:
    """What a file of `format` carries of the envelope, for an upright sRGB picture of that size.

    `short` is the packet that stands in a JPEG's first segment when the envelope's own is too long for it.
    """
    change = change_of(envelope, format, size, bands)
    same = envelope.format == format and format in _CONTAINERS
    cargo = Cargo(
        format,
        exif=envelope.exif,
        xmp=envelope.xmp,
        iptc=envelope.iptc,
        icc=_profile(envelope, bands),
        photoshop=envelope.photoshop,
        dpi=envelope.dpi[::-1] if envelope.dpi and change.swapped else envelope.dpi,
        parts=envelope.parts if same else (),
    )
    cargo = replace(cargo, notes=(*_remaining(envelope), *_homeless(envelope, cargo)))
    if not FORMATS[format].metadata:
        return replace(cargo, exif=None, xmp=None, iptc=None, icc=None, photoshop=None)
    cargo = _with_exif(cargo, envelope, change)
    if envelope.xmp:
        cargo = _with_xmp(cargo, envelope, change, short)
    block = photoshop.refresh(envelope.photoshop, change) if envelope.photoshop else b""
    if format == "tiff" != envelope.format:  # it has a tag of its own for IPTC
        block = photoshop.without(block, (photoshop.IPTC,))
    if format == "jpeg":
        if envelope.iptc and photoshop.iptc(block) is None:
            block += photoshop.wrap(envelope.iptc)
        cargo = replace(cargo, parts=tuple(_turned_header(p, cargo, change) for p in _complete(cargo, bool(block))))
    elif format == "png":
        cargo = replace(cargo, parts=tuple(_turned_header(p, cargo, change) for p in _complete(cargo, False)))
    elif format == "webp":
        cargo = replace(cargo, parts=_complete(cargo, False))
    return replace(cargo, photoshop=block or None)


def change_of(envelope: Envelope, format: str, size: tuple[int, int], bands: int) -> Change:
    """What became of a photo that is an upright sRGB picture of that size and number of bands now."""
    converted = envelope.converted or (envelope.icc is not None and not profiles.is_srgb(envelope.icc))
    return Change(envelope.turn, envelope.size, size, bands >= 3, converted, format, envelope.format)


def _profile(envelope: Envelope, bands: int) -> bytes | None:
    """The profile of pixels that are sRGB now, if the file had one."""
    if envelope.icc is None or bands < 3:
        return None
    return envelope.icc if profiles.is_srgb(envelope.icc) else profiles.srgb()


def _remaining(envelope: Envelope) -> list[str]:
    """Notes on what no copy carries."""
    words = [*envelope.left]
    if envelope.companions:
        words.append("the other pictures in the file (such as a gain map)")
    return [Message("left out: {what}", code="note.left-out", what=", ".join(words))] if words else []


def _homeless(envelope: Envelope, cargo: Cargo) -> list[str]:
    """A note on what has no place in the format, and one on a manifest that is carried."""
    format = cargo.format
    words: list[str] = []
    raw = [p for p in envelope.parts if p.kind == "raw"]
    container = _CONTAINERS.get(envelope.format)
    if container and not cargo.parts:
        merges = envelope.format == "jpeg" and FORMATS[format].metadata and extended.join_parts(raw) is not None
        words += container.describe([p for p in raw if not (merges and extended.is_piece(p))])
    resources = photoshop.resources(photoshop.refresh(envelope.photoshop or b"", Change()))
    if format not in ("jpeg", "tiff") and any(r.number != photoshop.IPTC for r in resources):
        words.append("Photoshop's data")
    if not FORMATS[format].metadata:
        blocks = (("EXIF", envelope.exif), ("XMP", envelope.xmp), ("IPTC", envelope.iptc), ("ICC", envelope.icc))
        words = [word for word, block in blocks if block] + words
    elif envelope.iptc and format not in ("jpeg", "tiff") and not cargo.parts:
        words.append("IPTC data")
    notes = list[str]()
    if words:
        what = ", ".join(words)
        notes.append(
            Message("{format} has no place for {what}: left out", code="note.no-place", format=title(format), what=what)
        )
    if container and cargo.parts and any(container.is_manifest(p) for p in raw):
        notes.append(
            Message("the C2PA manifest was carried over as it is: it no longer fits the pixels", code="note.manifest")
        )
    return notes


def _with_exif(cargo: Cargo, envelope: Envelope, change: Change) -> Cargo:
    block, notes = envelope.exif, list(cargo.notes)
    if block and (change.format != "tiff" or change.turn != 1):
        block, dropped = _without_geo(block)
        if dropped:
            where = "a turned picture" if change.format == "tiff" else title(change.format)
            notes.append(
                Message("{format} has no place for GeoTIFF data: left out", code="note.no-geotiff", format=where)
            )
    if block:
        patched = exifpatch.patch(block, change)
        if patched is None:
            notes.append(
                Message("the EXIF block is broken: it was left out", code="note.exif-left-out")
                if change.format == "tiff"
                else Message("the EXIF block is broken: it was carried over as it is", code="note.exif-kept")
            )
            patched = None if change.format == "tiff" else block
        block = patched
    if cargo.dpi and change.format in ("webp", "avif"):  # their only place for a resolution
        block = exifpatch.with_resolution(block, cargo.dpi)
    if block and change.format == "jpeg" and len(block) > jpeg.EXIF_LIMIT:
        notes.append(
            Message(
                "EXIF of more than 64 KB does not fit into JPEG: its longest values were left out",
                code="note.exif-shortened",
            )
        )
        try:
            block = exif.shorten(block, jpeg.EXIF_LIMIT)
        except (*tiff.BROKEN, ValueError):
            block = None
    return replace(cargo, exif=block or None, notes=tuple(notes))


def _without_geo(data: bytes) -> tuple[bytes, bool]:
    try:
        block = exif.parse(data)
        if not exif.GEO & block.main.keys():
            return data, False
        block.main = {n: t for n, t in block.main.items() if n not in exif.GEO}
        return exif.build(block), True
    except (*tiff.BROKEN, struct.error):
        return data, False


def _with_xmp(cargo: Cargo, envelope: Envelope, change: Change, short: bytes) -> Cargo:
    assert envelope.xmp is not None
    container = _CONTAINERS.get(cargo.format)
    raw = [p for p in cargo.parts if p.kind == "raw"]
    second = extended.join_parts(envelope.parts) if envelope.format == "jpeg" else None
    gone = xmp.Parts(
        companions=envelope.companions,
        manifest=container is None or not any(container.is_manifest(p) for p in raw),
        extended=not any(extended.is_piece(p) for p in raw) and second is None,
    )
    packet = xmp.refresh(envelope.xmp, change, gone)
    if second is not None:
        body = xmp.refresh(second, change, gone)
        if cargo.format != "jpeg":
            whole = extended.merge(packet, body)
            if whole is None:
                packet = xmp.refresh(packet, Change(colored=False), xmp.Parts(extended=True))
                note = Message("the extended XMP packet is broken: it was left out", code="note.extended-xmp-broken")
                cargo = replace(cargo, notes=(*cargo.notes, note))
            packet = whole or packet
        elif body != second:  # further pieces, and another digest
            digest, pieces = extended.split(body)
            parts = tuple(p for p in cargo.parts if not extended.is_piece(p))
            cargo = replace(cargo, more=tuple(pieces), parts=parts)
            packet = extended.point_to(packet, digest)
    if cargo.format != "jpeg" or len(packet) <= jpeg.XMP_LIMIT:
        return replace(cargo, xmp=packet)
    return _long(cargo, packet, short)


def _long(cargo: Cargo, whole: bytes, short: bytes) -> Cargo:
    """A packet of more than 64 KB in a JPEG: a short one in the usual segment, and the whole as extended XMP."""
    try:
        Packet(whole)
        first = Packet(short)
        digest, pieces = extended.split(whole)
        first.append(
            first.rdf[0],
            f'<rdf:Description rdf:about="" xmlns:rdf="{RDF}" xmlns:xmpNote="{xmp.NOTE}" '
            f'xmpNote:HasExtendedXMP="{digest}"/>',
        )
        head = first.apply_edits()
    except PacketError:
        note = Message(
            "a broken XMP packet of more than 64 KB does not fit into JPEG: it was left out", code="note.xmp-too-long"
        )
        return replace(cargo, xmp=None, notes=(*cargo.notes, note))
    notes = cargo.notes
    if cargo.more or any(extended.is_piece(p) for p in cargo.parts):
        notes = (
            *notes,
            Message(
                "the file's own extended XMP was left out: its first part has grown too long",
                code="note.extended-xmp-left-out",
            ),
        )
    parts = tuple(p for p in cargo.parts if not extended.is_piece(p))
    return replace(cargo, xmp=head, more=tuple(pieces), parts=parts, notes=notes)


def _complete(cargo: Cargo, resources: bool) -> tuple[Part, ...]:
    """The parts with a place for everything there is: where it was in the file, else in the usual order."""
    parts = list(cargo.parts)
    has = {"exif": cargo.exif, "xmp": cargo.xmp}
    if cargo.format == "jpeg":
        has |= {"photoshop": b"-" if resources else None, "icc": b"-"}
        if not cargo.parts:
            parts.append(Part("jfif", "APP0", jpeg.jfif(cargo.dpi)))
    elif cargo.format == "png" and cargo.dpi and not cargo.parts:
        parts.append(Part("density", "pHYs", png.density(cargo.dpi)))
    names = {"png": {"exif": "eXIf", "xmp": "iTXt"}, "webp": {"exif": "EXIF", "xmp": "XMP "}}.get(cargo.format, {})
    for kind, value in has.items():
        if value and not any(p.kind == kind for p in parts):
            before = [i for i, p in enumerate(parts) if _ORDER.get(p.kind, 9) < _ORDER[kind]]
            parts.insert(max(before, default=-1) + 1, Part(kind, names.get(kind, "")))
    return tuple(parts)


def _turned_header(part: Part, cargo: Cargo, change: Change) -> Part:
    if part.kind == "jfif" and cargo.parts:
        return replace(part, data=jpeg.turn_jfif(part.data, change))
    if part.kind == "density" and cargo.parts:
        return replace(part, data=png.turn_density(part.data, change))
    return part


def put(file: IO[bytes], cargoes: Sequence[Cargo], *, size: tuple[int, int], alpha: bool, bits: int) -> None:
    """Put a cargo for each page into a finished file that is open for reading and writing."""
    cargo = cargoes[0]
    values = {"exif": cargo.exif, "xmp": cargo.xmp, "photoshop": cargo.photoshop}
    if cargo.format == "tiff":
        statements = [pages.Statements(c.exif, c.iptc, c.xmp, c.icc, c.photoshop, c.dpi) for c in cargoes]
        pages.put(file, statements, bits=bits)
    elif cargo.format == "avif":
        isobmff.put(file, cargo.exif, cargo.xmp)
    elif cargo.format == "jpeg":
        listed: list[tuple[int, bytes] | None] = []
        for part in cargo.parts:
            value = values.get(part.kind)
            if part.kind == "icc":
                listed += [None] if None not in listed else []
            elif part.kind in values:
                listed += jpeg.segments(part.kind, value) if value else []
                listed += cargo.more if part.kind == "xmp" else ()
            else:
                listed.append((jpeg.marker(part), part.data))
        jpeg.put(file, listed)
    elif cargo.format in ("png", "webp"):
        chunks = []
        for part in cargo.parts:
            value = values.get(part.kind)
            if part.kind not in values:
                chunks.append((part.name, part.data))
            elif value:
                chunks.append((part.name, png.packet(value) if part.name == "iTXt" else value))
        if cargo.format == "png":
            png.put(file, chunks)
        else:
            riff.put(file, chunks, size, alpha)
