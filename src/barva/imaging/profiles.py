"""ICC profiles: is this one sRGB, and if not, how do its pixels become sRGB."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

import numpy as np

from barva.imaging import vips as _vips

_ICC = "icc-profile-data"
_SPACES = {b"RGB ": "rgb", b"GRAY": "grey", b"CMYK": "cmyk"}


@lru_cache(maxsize=1)
def srgb() -> bytes:
    """The sRGB profile that Barva attaches (libvips's own, 480 bytes)."""
    return bytes(_vips.load().Image.profile_load("srgb"))


def space(profile: bytes) -> str | None:
    """'rgb', 'grey', 'cmyk' from the profile's header; None when it is no ICC profile or of another kind."""
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return None
    if struct.unpack_from(">I", profile)[0] > len(profile) + 3:
        return None
    return _SPACES.get(profile[16:20])


def describe(profile: bytes) -> str:
    """The profile's own name ('Adobe RGB (1998)'), or 'an unnamed profile'."""
    try:
        text = _text(_tags(profile).get(b"desc", b""))
    except struct.error:
        text = ""
    return text or "an unnamed profile"


def _tags(profile: bytes) -> dict[bytes, bytes]:
    """The profile's tags that lie inside it. struct.error when the table itself is cut off."""
    tags = {}
    for i in range(min(struct.unpack_from(">I", profile, 128)[0], 200)):
        tag, at, size = struct.unpack_from(">4sII", profile, 132 + 12 * i)
        if at + size <= len(profile):
            tags[tag] = profile[at : at + size]
    return tags


def _complete(profile: bytes, kind: str) -> bool:
    """Whether the tags that make a profile of this kind are there. Libvips silently takes broken ones for sRGB."""
    try:
        tags = _tags(profile)
    except struct.error:
        return False
    shaper = {"rgb": (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"), "grey": (b"kTRC",)}.get(kind)
    return b"A2B0" in tags or (shaper is not None and all(t in tags for t in shaper))


def _text(tag: bytes) -> str:
    if tag[:4] == b"mluc":
        length, at = struct.unpack_from(">II", tag, 20)
        text = tag[at : at + length].decode("utf-16-be", "replace")
    else:
        length = struct.unpack_from(">I", tag, 8)[0]
        text = tag[12 : 12 + length].decode("latin-1")
    return " ".join("".join(c for c in text if c.isprintable()).split())[:80]


@lru_cache(maxsize=32)
def is_srgb(profile: bytes) -> bool:
    """Whether an RGB profile means what sRGB means: no color moves by more than one of 255 levels."""
    if space(profile) != "rgb" or not _complete(profile, "rgb"):
        return False
    try:
        converted = _transform(_pixels(_GRID), profile, 16).numpy().astype(np.int64)
    except _vips.load().Error:
        return False
    return bool(np.abs(converted.reshape(-1, 3) - _GRID.astype(np.int64) * 257).max() <= 257)


@lru_cache(maxsize=32)
def usable(profile: bytes) -> bool:
    """Whether libvips can convert from the profile at all."""
    kind = space(profile)
    if kind is None or not _complete(profile, kind):
        return False
    bands = {"rgb": 3, "grey": 1, "cmyk": 4}[kind]
    try:
        _transform(_pixels(np.repeat(_GRID[:8, :1], bands, axis=1)), profile, 8).numpy()
    except _vips.load().Error:
        return False
    return True


def convert(image: Any, profile: bytes, depth: int) -> Any:
    """An RGB or CMYK image (8 or 16 bits, alpha allowed) as sRGB of `depth` bits."""
    if depth == 16 or image.hasalpha():
        return _transform(image, profile, depth)
    # Through 16 bits even for 8: lcms's own 8-bit results are up to a level off, these are within rounding.
    return _transform(image, profile, 16).linear(1 / 257, 0.5).floor().cast("uchar").copy(interpretation="srgb")


def grey_table(profile: bytes, depth: int) -> np.ndarray[Any, Any]:
    """Look-up table, 256 or 65536 entries, from gray in `profile` (a gray one, or an RGB one on its neutral axis) to
    sRGB gray.

    Neutral stays neutral in every sane profile, so that one band is enough, and a table is exact and quick.
    """
    # Through 16 bits even for 8: lcms's 8-bit curves are several levels off where a curve is steep.
    ramp = (np.arange(256, dtype=np.uint16) * 257 if depth == 8 else np.arange(65536, dtype=np.uint16))[:, None]
    if space(profile) == "rgb":
        ramp = np.repeat(ramp, 3, axis=1)
    table: np.ndarray[Any, Any] = _transform(_pixels(ramp), profile, 16).numpy().reshape(len(ramp), 3)[:, 1]
    return ((table.astype(np.uint32) + 128) // 257).astype(np.uint8) if depth == 8 else table


def _transform(image: Any, profile: bytes, depth: int) -> Any:
    image = image.copy()
    _vips.set_blob(image, _ICC, profile)
    return image.icc_transform("srgb", embedded=True, depth=depth, intent="relative")


def _pixels(colors: np.ndarray[Any, Any]) -> Any:
    """(n, bands) colors as a libvips image one pixel high."""
    n, bands = colors.shape
    wide = colors.dtype == np.uint16
    names = {1: "grey16" if wide else "b-w", 3: "rgb16" if wide else "srgb", 4: "cmyk"}
    image = _vips.load().Image.new_from_memory(
        np.ascontiguousarray(colors).tobytes(), n, 1, bands, "ushort" if wide else "uchar"
    )
    return image.copy(interpretation=names[bands])


def _grid() -> np.ndarray[Any, Any]:
    steps = np.array([0, 64, 128, 192, 255], np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    greys = np.repeat(np.arange(0, 256, 5, dtype=np.uint8)[:, None], 3, axis=1)
    return np.concatenate([cube, greys])


_GRID = _grid()


def of_measures(
    curve: float | list[float] | list[np.ndarray[Any, Any]] | None, primaries: tuple[float, ...], name: str
) -> bytes:
    """An ICC profile (matrix and curves) that says what was measured; for gray its neutral axis counts.

    `curve` is from samples to light: a gamma, one for each of RGB, tables of 0..65535 (one or three), or None for
    sRGB's. `primaries` are x and y of white, red, green, blue. ValueError where these are no colors.
    Source: ICC.1:2010, sections 8.4 and 9.2; chromatic adaptation by Bradford's matrix.
    """
    each: list[Any] = list(curve) if isinstance(curve, list) else [curve]
    curves = [_curve_tag(one) for one in each]
    curves = curves * 3 if len(curves) == 1 else curves
    text = name.encode("ascii", "replace") + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": _xyz_tag(_D50),
    }
    matrix = _matrix(primaries)
    for i, color in enumerate(b"rgb"):
        tags[bytes([color]) + b"XYZ"] = _xyz_tag(matrix[:, i])
        tags[bytes([color]) + b"TRC"] = curves[i]
    return _assemble(tags)


_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _matrix(primaries: tuple[float, ...]) -> np.ndarray[Any, Any]:
    """(3, 3): linear RGB to XYZ as seen under D50."""
    xy = np.array(primaries, np.float64).reshape(4, 2)
    if not (np.isfinite(xy).all() and (xy[:, 1] > 0.001).all() and (xy >= 0).all() and (xy.sum(1) <= 1.01).all()):
        raise ValueError("no chromaticities")
    xyz = np.stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(1)) / xy[:, 1]])
    white, corners = xyz[:, 0], xyz[:, 1:]
    if abs(np.linalg.det(corners)) < 1e-4:
        raise ValueError("the primaries lie on a line")
    scaled = corners * np.linalg.solve(corners, white)
    if (scaled[1] <= 0).any():
        raise ValueError("white lies outside the primaries")
    cones = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    adapted: np.ndarray[Any, Any] = np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD @ scaled
    return adapted


def _curve_tag(curve: Any) -> bytes:
    """A gamma, a table of 0..65535, or sRGB's curve for None, as a profile's tag."""
    if isinstance(curve, np.ndarray):
        if len(curve) > 4096:  # more entries than a profile needs: every 16th of 65536
            at = np.linspace(0, len(curve) - 1, 4096)
            curve = np.asarray(np.rint(np.interp(at, np.arange(len(curve)), curve)), np.uint16)
        body: bytes = b"curv\0\0\0\0" + struct.pack(">I", len(curve)) + curve.astype(">u2").tobytes()
    elif curve is None:
        numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        body = b"para\0\0\0\0" + struct.pack(">HH5i", 3, 0, *(round(v * 65536) for v in numbers))
    else:
        body = b"para\0\0\0\0" + struct.pack(">HHi", 0, 0, round(curve * 65536))
    return body + bytes(-len(body) % 4)


def _xyz_tag(xyz: np.ndarray[Any, Any]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(v) * 65536) for v in xyz))


def _assemble(tags: dict[bytes, bytes]) -> bytes:
    start = 132 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4xI", start + len(body), 0x02400000) + b"mntrRGB XYZ "
    head += bytes(12) + b"acsp" + bytes(28) + _xyz_tag(_D50)[8:]
    return head.ljust(128, b"\0") + table + body
