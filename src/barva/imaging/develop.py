"""From whatever a file holds to what a Photo holds: gamma-encoded sRGB or gray, 8 or 16 bits, alpha last."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from barva.errors import Message, ReadError
from barva.imaging import profiles
from barva.imaging import vips as _vips

_CMYK = "cmyk"  # libvips's built-in profile, for CMYK files that bring none


OVERSHOOT = 0.1
"""How far floats may lie outside 0..1: as far as sharpening and resampling carry them; beyond, the scale is another."""


@dataclass(frozen=True)
class Developed:
    """A libvips image whose layout is known, and what was done to get there."""

    image: Any
    depth: int
    bands: int
    alpha: bool
    notes: tuple[str, ...]


def develop(image: Any, name: str, bits: int | None = None) -> Developed:
    """Bring a freshly opened libvips image to sRGB. Lazy: no pixel is read; `check_floats` is apart.

    `bits` are the real bits of an AVIF sample. ReadError: samples or channels that no photograph has.
    """
    image, depth, notes = _samples(image, name)
    if bits in (10, 12) and depth == 16:
        # libheif's 10 bits come shifted up, so that white is 65472; spread them over the whole range.
        image = image.linear(65535 / ((65535 >> (16 - bits)) << (16 - bits)), 0.5).floor().cast("ushort")
    kind, alpha = _layout(image, name)
    image = image.copy(interpretation=_interpretation(kind, depth))
    if kind == "lab":
        image = image.colorspace("rgb16" if depth == 16 else "srgb").cast("ushort" if depth == 16 else "uchar")
        return Developed(image, depth, 3, alpha, (*notes, Message("converted from CIELAB", code="note.from-lab")))
    image, note = _color(image, kind, alpha, depth)
    return Developed(image, depth, 1 if kind == "grey" else 3, alpha, (*notes, *note))


def _samples(image: Any, name: str) -> tuple[Any, int, tuple[str, ...]]:
    """8 or 16 unsigned bits; floats in 0..1 become 16 bits."""
    if image.interpretation in ("lab", "labs"):
        return image.colorspace("labs") if image.interpretation == "lab" else image, 16, ()
    if image.format == "uchar":
        return image, 8, ()
    if image.format == "ushort":
        return image, 16, ()
    if image.format not in ("float", "double"):
        raise ReadError(
            "{name} holds {kind} numbers; Barva reads 8 and 16 bits, and floats from 0 to 1",
            code="photo.numbers",
            name=name,
            kind=_kind(image.format),
        )
    image = image.linear(65535, 0.5).floor().cast("ushort")
    return image, 16, ("float samples became 16 bits",)


def check_floats(image: Any, name: str) -> tuple[str, ...]:
    """ReadError unless every float of the image lies in 0..1, or hardly outside (`OVERSHOOT`: a note, they are
    clipped). Reads the whole image once."""
    stats = image.stats().numpy()  # one row for all bands, then one for each: min, max, sum, ...
    low, high, total = float(stats[0, 0]), float(stats[0, 1]), float(stats[0, 2])
    if not math.isfinite(total):  # NaN hides from min and max, but not from a sum
        raise ReadError(
            "{name} holds NaN or infinite numbers; Barva reads floats from 0 to 1", code="photo.not-finite", name=name
        )
    if low < -OVERSHOOT or high > 1 + OVERSHOOT:
        raise ReadError(
            "{name} holds floats from {low} to {high}; Barva reads floats from 0 to 1 only",
            code="photo.float-range",
            name=name,
            low=f"{low:.3g}",
            high=f"{high:.3g}",
        )
    if low < 0 or high > 1:
        return (f"floats from {low:.6g} to {high:.6g} were clipped to 0..1",)
    return ()


def _kind(format: str) -> str:
    return {"char": "signed 8-bit", "short": "signed 16-bit", "int": "32-bit", "uint": "32-bit"}.get(format, format)


def _layout(image: Any, name: str) -> tuple[str, bool]:
    """('grey' | 'rgb' | 'cmyk' | 'lab', alpha?) from the interpretation and the number of bands."""
    bands, what = image.bands, image.interpretation
    if what == "cmyk":
        colors, kind = 4, "cmyk"
    elif what == "labs":
        colors, kind = 3, "lab"
    elif bands <= 2:
        colors, kind = 1, "grey"
    else:
        colors, kind = 3, "rgb"
    if bands - colors not in (0, 1):
        raise ReadError(
            "{name} has {count} channels; Barva reads gray, RGB and CMYK, each with or without alpha",
            code="photo.channels-cmyk",
            name=name,
            count=bands,
        )
    return kind, bands > colors


def _interpretation(kind: str, depth: int) -> str:
    if kind == "grey":
        return "grey16" if depth == 16 else "b-w"
    if kind == "rgb":
        return "rgb16" if depth == 16 else "srgb"
    return {"lab": "labs", "cmyk": "cmyk"}[kind]


def _color(image: Any, kind: str, alpha: bool, depth: int) -> tuple[Any, tuple[str, ...]]:
    """Apply the embedded profile, if there is one that fits and says something else than sRGB."""
    profile = _vips.blob(image, "icc-profile-data")
    notes: tuple[str, ...] = ()
    fits = {"grey": ("grey", "rgb"), "rgb": ("rgb",), "cmyk": ("cmyk",)}[kind]
    if profile is not None and (profiles.space(profile) not in fits or not profiles.usable(profile)):
        notes = (Message("its ICC profile cannot be used and was ignored", code="note.profile-ignored"),)
        profile = None
    if kind == "cmyk":
        note = (
            Message("converted from CMYK ({profile})", code="note.from-cmyk", profile=profiles.describe(profile))
            if profile
            else Message("converted from CMYK (no profile in the file)", code="note.from-cmyk-bare")
        )
        return _from_cmyk(image, profile, depth), (*notes, note)
    if profile is None or profiles.is_srgb(profile):
        return image, notes
    note = Message("converted from {profile} to sRGB", code="note.converted", profile=profiles.describe(profile))
    if kind == "grey":
        return _by_table(image, profile, alpha, depth), (*notes, note)
    return profiles.convert(image, profile, depth), (*notes, note)


def _from_cmyk(image: Any, profile: bytes | None, depth: int) -> Any:
    if profile is not None:
        return profiles.convert(image, profile, depth)
    image = image.copy()
    image.remove("icc-profile-data")
    return image.icc_transform("srgb", input_profile=_CMYK, depth=depth, intent="relative")


def _by_table(image: Any, profile: bytes, alpha: bool, depth: int) -> Any:
    vips = _vips.load()
    table = profiles.grey_table(profile, depth)
    lut = vips.Image.new_from_memory(table.tobytes(), len(table), 1, 1, "uchar" if depth == 8 else "ushort")
    what = image.interpretation
    if not alpha:
        return image.maplut(lut).copy(interpretation=what)
    return image[0].maplut(lut).bandjoin(image[1]).copy(interpretation=what)
