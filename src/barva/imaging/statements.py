"""What a file states about its tone and colors other than by an ICC profile, as the profile that says the same.

PNG (third edition): cICP comes before iCCP, that before sRGB, that before gAMA and cHRM. TIFF 6.0, section 20:
TransferFunction, WhitePoint, PrimaryChromaticities. EXIF 2.3 and DCF 2.0: ColorSpace, Gamma, the index R03 (Adobe RGB).
BMP: the endpoints and gammas of a version 4 header. HEIF and AVIF: the code points of ITU-T H.273.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from barva.errors import Message
from barva.imaging import profiles, tiff

Primaries = tuple[float, ...]
"""x and y of white, red, green, blue."""
_D65 = (0.3127, 0.3290)
SRGB: Primaries = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
ADOBE: Primaries = (*_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_CODED: dict[int, tuple[str, Primaries]] = {
    1: ("BT.709", SRGB),
    4: ("BT.470 M", (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08)),
    5: ("BT.470 BG", (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06)),
    6: ("BT.601", (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    7: ("SMPTE 240M", (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    9: ("BT.2020", (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)),
    11: ("DCI-P3", (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
    12: ("Display P3", (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
}
_CODED_GAMMA = {4: 2.2, 5: 2.8, 8: 1.0}
_LIKE_SRGB = (1, 2, 6, 13, 14, 15)
"""Video's curves (BT.709 and its kin) are decoded as sRGB, as browsers do: they describe cameras, not screens."""
_HDR = {16: "PQ", 18: "HLG"}
_USUAL = 0.05
"""A gamma that differs by less from 1 / 2.2 is what files of sRGB say; libpng draws the line at the same place."""


@dataclass(frozen=True)
class Statement:
    """`profile` is the ICC profile that says the same, None where it is sRGB or unknown; `notes` are what could not be
    honored. `overrides` an ICC profile of the file."""

    profile: bytes | None = None
    notes: tuple[str, ...] = ()
    overrides: bool = False

    def __bool__(self) -> bool:
        return self.profile is not None or bool(self.notes)


NOTHING = Statement()


def of_png(file: IO[bytes], grey: bool) -> tuple[Statement, bool]:
    """What the chunks before the pixels say, and whether it settles the matter (the picture may be plain sRGB)."""
    chunks = _png_chunks(file)
    code = chunks.get(b"cICP", b"")
    if len(code) == 4 and (code[0] in _CODED or code[1] in (*_CODED_GAMMA, *_HDR)):
        stated = of_codes(code[0], code[1], "PNG's cICP", grey)
        return Statement(stated.profile, stated.notes, True), True
    if b"iCCP" in chunks or b"sRGB" in chunks:
        return NOTHING, True
    gamma, primaries = None, None
    if len(chunks.get(b"gAMA", b"")) == 4:
        gamma = struct.unpack(">I", chunks[b"gAMA"])[0] / 100_000
    if len(chunks.get(b"cHRM", b"")) == 32:
        primaries = tuple(v / 100_000 for v in struct.unpack(">8I", chunks[b"cHRM"]))
    if gamma is None and primaries is None:
        return NOTHING, False
    if gamma is not None and not 0.01 <= gamma <= 10:
        return Statement(
            notes=(
                Message("its gamma of {gamma} makes no sense and was ignored", code="note.gamma", gamma=f"{gamma:g}"),
            )
        ), True
    screen = None if gamma is None or abs(gamma * 2.2 - 1) <= _USUAL else 1 / gamma
    return _measure(screen, primaries, f"PNG's gamma {gamma:g}" if screen else "PNG's cHRM colors", grey), True


def of_codes(primaries: int, transfer: int, name: str, grey: bool) -> Statement:
    """Code points of ITU-T H.273, as PNG, AVIF and HEIC hold them."""
    if transfer in _HDR:
        return Statement(
            notes=(
                Message(
                    "its {curve} tone curve (HDR) was not converted: it was taken for sRGB",
                    code="note.hdr",
                    curve=_HDR[transfer],
                ),
            )
        )
    gamma = _CODED_GAMMA.get(transfer)
    notes = (
        ()
        if gamma or transfer in _LIKE_SRGB
        else (Message("its tone curve (code {number}) was taken for sRGB", code="note.curve", number=transfer),)
    )
    label, coded = _CODED.get(primaries, ("", None))
    # BT.601 and its kin differ from sRGB by less than a scan does; the code stands in most old video stills.
    coded = None if primaries in (1, 2, 5, 6, 7) else coded
    if primaries not in _CODED and primaries != 2:
        notes = (
            *notes,
            Message(
                "its primary colors (code {number}) were taken for those of sRGB",
                code="note.primaries",
                number=primaries,
            ),
        )
    tone = {None: "", 1.0: ", linear light"}.get(gamma, f", gamma {gamma:g}" if gamma else "")
    stated = _measure(gamma, coded, f"{label or 'unnamed colors'}{tone} ({name})", grey)
    return Statement(stated.profile, (*notes, *stated.notes))


def of_heif(file: IO[bytes], grey: bool) -> Statement:
    """The code points ('nclx') of an AVIF or HEIC, where no ICC profile stands beside them."""
    head = file.read(1 << 16)
    at = head.find(b"colrnclx")
    if at < 0 or at + 12 > len(head):
        return NOTHING
    primaries, transfer = struct.unpack_from(">HH", head, at + 8)
    return of_codes(primaries, 2 if transfer == 0 else transfer, "its code points", grey)


def of_tiff(tags: tiff.Directory, order: str, grey: bool) -> Statement:
    """TransferFunction, WhitePoint and PrimaryChromaticities, of a TIFF's page or of an EXIF block's first directory;
    what is not honored (response curves, ReferenceBlackWhite) is said."""
    notes = []
    if 291 in tags and grey:
        notes.append(Message("its GrayResponseCurve was ignored", code="note.gray-curve"))
    if 301 not in tags and 318 not in tags and 319 not in tags:
        return Statement(notes=tuple(notes))
    white, corners = _rationals(tags.get(318), order, 2), _rationals(tags.get(319), order, 6)
    primaries: Primaries | None = None
    if corners or white:
        primaries = (*(white or _D65), *(corners or SRGB[2:]))
    curves = _curves(tags[301], order) if 301 in tags else None
    if 301 in tags and curves is None:
        notes.append(Message("its TransferFunction cannot be used and was ignored", code="note.transfer"))
    what = "TransferFunction" if curves is not None else "PrimaryChromaticities" if corners else "WhitePoint"
    stated = _measure(curves, primaries, f"TIFF's {what}", grey)
    return Statement(stated.profile, (*notes, *stated.notes))


def of_exif(block: bytes, grey: bool) -> Statement:
    """EXIF's ColorSpace, its Gamma, and DCF's R03: Adobe RGB."""
    file = io.BytesIO(block)
    try:
        layout, at = tiff.header(file)
        first, _ = tiff.directory(file, layout, at)
        order = layout.order
        sub = _follow(file, layout, first.get(0x8769))
        interop = _follow(file, layout, sub.get(0xA005))
    except (*tiff.BROKEN, OSError):
        return NOTHING
    try:
        space = tiff.number(sub[0xA001], order) if 0xA001 in sub else 0
    except tiff.BROKEN:
        space = 0
    index = interop[1].value[:3] if 1 in interop else b""
    if space == 2 or (index == b"R03" and space != 1):
        return _measure(563 / 256, ADOBE, "Adobe RGB, as its EXIF says", grey)
    if space == 1:
        return NOTHING
    gamma = _rationals(sub.get(0xA500), order, 1)
    stated = of_tiff(first, order, grey) if 301 in first or 319 in first else NOTHING
    if stated.profile is None and gamma and 0.1 <= gamma[0] <= 10 and abs(gamma[0] / 2.2 - 1) > _USUAL:
        return _measure(gamma[0], None, f"EXIF's gamma {gamma[0]:g}", grey)
    return stated


def of_bmp(head: bytes, data: bytes) -> tuple[Statement, bytes | None]:
    """The color space of a version 4 or 5 header, and the profile that a version 5 header embeds."""
    size = struct.unpack_from("<I", head, 14)[0]
    if size < 108 or len(head) < 14 + 108:
        return NOTHING, None
    space = head[70:74][::-1]
    if space == b"MBED" and size >= 124 and len(head) >= 14 + 124:
        at, length = struct.unpack_from("<II", head, 14 + 112)
        return NOTHING, data[14 + at : 14 + at + length] or None
    if space == b"LINK":
        return Statement(
            notes=(Message("its color profile lies in another file and was ignored", code="note.profile-elsewhere"),)
        ), None
    if space != bytes(4):
        return NOTHING, None
    points = np.array(struct.unpack_from("<9i", head, 74), np.float64).reshape(3, 3) / (1 << 30)
    gammas = [v / 65536 for v in struct.unpack_from("<3I", head, 110)]
    primaries = None
    if (points.sum(1) > 0).all():
        white = points.sum(0)
        corners = points[:, :2] / points.sum(1, keepdims=True)
        if white.sum() > 0:
            primaries = (*(white[:2] / white.sum()).tolist(), *corners.ravel().tolist())
    usable = all(0.1 <= g <= 10 for g in gammas)
    # Writers put both ways of counting there: 0.45 (of the file) and 2.2 (of the screen).
    screen = [1 / g if g < 1 else g for g in gammas] if usable else None
    if screen is not None and all(abs(g / 2.2 - 1) <= _USUAL for g in screen):
        screen = None
    return _measure(screen, primaries, "its BMP header's calibrated colors", False), None


def _measure(
    curve: float | list[float] | list[np.ndarray[Any, Any]] | None,
    primaries: Primaries | None,
    name: str,
    grey: bool,
) -> Statement:
    """The statement that these tone curves (None: sRGB's) and these primaries (None: sRGB's) make."""
    if primaries is not None and np.allclose(primaries, SRGB, atol=0.003):
        primaries = None
    if curve is None and (primaries is None or grey):
        return NOTHING
    try:
        profile = profiles.of_measures(curve, primaries or SRGB, name)
    except (ValueError, np.linalg.LinAlgError):
        return Statement(
            notes=(
                Message(
                    "the colors that it states ({name}) make no sense and were ignored",
                    code="note.stated-colors",
                    name=name,
                ),
            )
        )
    return Statement(profile)


def _curves(tag: tiff.Tag, order: str) -> list[np.ndarray[Any, Any]] | None:
    """One or three tables of 0..65535, as long as the samples have values. None where they make no sense."""
    if tag.type != 3:
        return None
    table = np.frombuffer(tag.value, order + "u2").astype(np.uint16)
    for count in (1, 3):
        length = len(table) // count
        if length * count == len(table) and length >= 2 and length & (length - 1) == 0:
            parts = np.split(table, count)
            return parts if all(p[-1] > p[0] for p in parts) else None
    return None


def _rationals(tag: tiff.Tag | None, order: str, count: int) -> tuple[float, ...] | None:
    if tag is None or tag.type not in (5, 11) or tag.count < count:
        return None
    if tag.type == 11:
        return struct.unpack_from(f"{order}{count}f", tag.value)
    numbers = struct.unpack_from(f"{order}{2 * count}I", tag.value)
    if not all(numbers[1::2]):
        return None
    return tuple(a / b for a, b in zip(numbers[::2], numbers[1::2], strict=True))


def _follow(file: IO[bytes], layout: tiff.Layout, tag: tiff.Tag | None) -> tiff.Directory:
    return {} if tag is None else tiff.directory(file, layout, tiff.number(tag, layout.order))[0]


def _png_chunks(file: IO[bytes]) -> dict[bytes, bytes]:
    """The chunks that stand before the pixels and are short; long ones by name only."""
    file.seek(8)
    chunks: dict[bytes, bytes] = {}
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if kind in (b"IDAT", b"IEND") or size > 1 << 31:
            break
        chunks[kind] = file.read(size) if size <= 64 else b""
        file.seek((0 if size <= 64 else size) + 4, io.SEEK_CUR)
    return chunks


def png_animated(file: IO[bytes]) -> bool:
    """Whether the PNG is an animation (APNG) of more than one picture."""
    control = _png_chunks(file).get(b"acTL", b"")
    return len(control) == 8 and struct.unpack_from(">I", control)[0] > 1
