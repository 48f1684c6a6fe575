"""BMP, by Pillow: libvips's wheels leave that format out. Bit fields that Pillow does not know are taken apart here."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from barva.errors import ReadError
from barva.imaging import statements
from barva.imaging.encoded import SALVAGED, Encoded
from barva.imaging.raster import Raster, spread


def open_bmp(encoded: Encoded, check: Callable[[int, int], None]) -> tuple[Raster, bytes | None]:
    """A BMP that is decoded when it is first used, and the ICC profile that says what its header states. ReadError."""
    with encoded.file() as file:
        data = file.read()
    stated, profile = statements.of_bmp(data[:256], data)
    blobs = {} if profile is None else {"icc-profile-data": profile}
    fields = _fields(data)
    raster = _open_fields(encoded, data, fields) if fields is not None else _open_pillow(encoded, data)
    raster = Raster(
        raster.width, raster.height, raster.bands, raster.dtype, raster.load, "", blobs, raster.bits, raster.dpi,
        (*raster.notes, *stated.notes),
    )  # fmt: skip
    return raster, stated.profile


def _open_pillow(encoded: Encoded, data: bytes) -> Raster:
    image, cut = _open_image(encoded, data)
    if cut and not encoded.salvage:
        raise encoded.damage_error()
    bands = {"RGBA": 4, "L": 1, "1": 1}.get(image.mode, 3)
    dpi = image.info.get("dpi")

    def load() -> np.ndarray[Any, Any]:
        with encoded.file() as file:
            return _decode(encoded, file.read())

    return Raster(
        image.width, image.height, bands, "uint8", load, dpi=dpi if dpi and min(dpi) > 1 else None,
        notes=(SALVAGED,) if cut else (),
    )  # fmt: skip


def _open_image(encoded: Encoded, data: bytes) -> tuple[Any, bool]:
    """Pillow's image, not decoded yet, and whether the file is too short for it."""
    from PIL import BmpImagePlugin

    try:
        # The plugin itself, because Image.open has a size limit of its own, which would overrule --max-pixels.
        image = BmpImagePlugin.BmpImageFile(io.BytesIO(data))
    except Exception as error:  # Pillow's plugins let many kinds of errors through
        if "unsupported" in str(error).lower():
            what = " ".join(str(error).replace("Unsupported BMP", "").split())
            raise ReadError(
                "{name} is a kind of BMP that Barva cannot read ({kind}); convert it to PNG first",
                code="photo.bmp-kind",
                name=encoded.name,
                kind=what,
            ) from error
        raise encoded.damage_error() from error
    tile = image.tile[0]
    if tile[0] != "raw":
        return image, False
    stride = tile[3][1] if isinstance(tile[3], tuple) and len(tile[3]) > 1 else 0
    need = tile[2] + stride * image.height
    if need <= len(data):
        return image, False
    if not encoded.salvage:
        return image, True
    return BmpImagePlugin.BmpImageFile(io.BytesIO(data + bytes(need - len(data)))), True


def _decode(encoded: Encoded, data: bytes) -> np.ndarray[Any, Any]:
    image, _ = _open_image(encoded, data)
    try:
        if image.mode not in ("L", "RGB", "RGBA"):
            image = image.convert("L" if image.mode == "1" else "RGB")
        pixels = np.array(image)
    except Exception as error:
        raise encoded.damage_error() from error
    return pixels.reshape(image.height, image.width, -1)


def _fields(data: bytes) -> tuple[int, ...] | None:
    """The masks of red, green, blue, alpha where Pillow does not know them; None where it does."""
    if len(data) < 70:
        return None
    size, bits, packing = (struct.unpack_from(f, data, at)[0] for f, at in (("<I", 14), ("<H", 28), ("<I", 30)))
    if size < 40 or packing not in (3, 6) or bits not in (16, 32):
        return None
    masks = struct.unpack_from("<4I", data, 54)
    masks = masks if size >= 56 or packing == 6 else (*masks[:3], 0)
    if not all(masks[:3]) or max(masks) >= 1 << bits or any(_gaps(m) for m in masks):
        return None
    whole_bytes = bits == 32 and all(m in (0, 0xFF, 0xFF00, 0xFF0000, 0xFF000000) for m in masks)
    usual = masks in ((0xF800, 0x7E0, 0x1F, 0), (0x7C00, 0x3E0, 0x1F, 0))
    return None if whole_bytes or (bits == 16 and usual) else masks


def _gaps(mask: int) -> bool:
    ones = mask >> _shift(mask) if mask else 0
    return bool(ones & (ones + 1))


def _shift(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def _open_fields(encoded: Encoded, data: bytes, masks: tuple[int, ...]) -> Raster:
    at, (width, height), bits = (
        struct.unpack_from("<I", data, 10)[0],
        struct.unpack_from("<ii", data, 18),
        struct.unpack_from("<H", data, 28)[0],
    )
    rows, stride = abs(height), (width * bits // 8 + 3) // 4 * 4
    cut = len(data) < at + rows * stride
    if cut and not encoded.salvage:
        raise encoded.damage_error()
    deep = max((m >> _shift(m)).bit_length() for m in masks if m)
    if deep > 16:
        raise ReadError(
            "{name} is a BMP of {bits} bits a sample; convert it to PNG first",
            code="photo.bmp-bits",
            name=encoded.name,
            bits=deep,
        )
    used = masks if masks[3] else masks[:3]
    dtype = "uint8" if deep <= 8 else "uint16"

    def load() -> np.ndarray[Any, Any]:
        with encoded.file() as file:
            raw = file.read()[at:].ljust(rows * stride, b"\0")
        lines = np.frombuffer(raw, np.uint8, rows * stride).reshape(rows, stride)[:, : width * bits // 8]
        words = np.ascontiguousarray(lines).view(f"<u{bits // 8}").astype(np.uint32)
        planes = []
        for mask in used:
            own = (mask >> _shift(mask)).bit_length()
            plane = spread((words & mask) >> _shift(mask), own)
            # One type for all: a mask of 2 bits beside three of 10.
            planes.append(plane.astype(np.uint16) * 257 if own <= 8 < deep else plane)
        picture = np.stack(planes, -1).astype(dtype)
        return picture if height < 0 else picture[::-1]

    return Raster(width, rows, len(used), dtype, load, bits=deep, notes=(SALVAGED,) if cut else ())
