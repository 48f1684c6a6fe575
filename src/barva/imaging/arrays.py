"""NumPy arrays and Pillow images to Photos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from barva.errors import Message, ReadError, UsageError
from barva.imaging import exif, formats, metadata, orient
from barva.imaging import vips as _vips
from barva.imaging.develop import OVERSHOOT, develop
from barva.imaging.files import check_size
from barva.imaging.photo import Envelope, Opener, Photo
from barva.types import Pixels

_SHAPES = "(H, W), (H, W, 1), (H, W, 2), (H, W, 3) or (H, W, 4)"
_WIDE = ("I;16", "I;16L", "I;16B", "I;16N")


def from_array(array: np.ndarray[Any, Any], max_pixels: int) -> Photo:
    """Gray, gray + alpha, RGB or RGBA; uint8, uint16, bool, or floats in 0..1 (16 bits then). UsageError otherwise.

    The array is copied only when it has to be changed; don't write to it while the Photo is in use.
    """
    if array.ndim == 4:
        one = "; take array[0] of a batch of one" if array.shape[0] == 1 else "; give its pictures one by one"
        raise UsageError(f"an array of shape {array.shape} is a batch of pictures{one}")
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] > 4:
        raise UsageError(
            f"an array of shape {array.shape} has its channels first; Barva takes {_SHAPES}: "
            "array.transpose(1, 2, 0), of a tensor permute(1, 2, 0).numpy()"
        )
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 2, 3, 4)):
        raise UsageError(f"an array of shape {array.shape} is no picture; Barva takes {_SHAPES}")
    if 0 in array.shape:
        raise UsageError(f"an array of shape {array.shape} has no pixels")
    pixels, notes = _integers(array)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    check_size("<array>", pixels.shape[1], pixels.shape[0], max_pixels)
    whole: Any = np.ascontiguousarray(pixels)
    return _photo_in_memory(whole, Envelope("array", bits=8 * pixels.dtype.itemsize), "<array>", notes)


def _integers(array: np.ndarray[Any, Any]) -> tuple[Pixels, tuple[str, ...]]:
    """uint8 and uint16 as they are; bool as 0 and 255; floats in 0..1 as uint16, clipped with a note where they lie
    hardly outside."""
    if array.dtype in (np.dtype(np.uint8), np.dtype(np.uint16)):
        return array, ()
    if array.dtype == np.dtype(bool):
        return array.astype(np.uint8) * np.uint8(255), ()
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:  # the other byte order
        return array.astype(np.uint16), ()
    if array.dtype.kind != "f":
        raise UsageError(
            f"an array of {array.dtype} is no picture; Barva takes uint8, uint16, bool, or floats from 0 to 1"
        )
    if not np.isfinite(array).all():
        raise UsageError("the array holds NaN or infinite numbers; Barva takes floats from 0 to 1")
    low, high = float(array.min()), float(array.max())
    if low < -OVERSHOOT or high > 1 + OVERSHOOT:
        raise UsageError(f"the array holds floats from {low:.4g} to {high:.4g}; Barva takes floats from 0 to 1")
    notes = (f"floats from {low:.6g} to {high:.6g} were clipped to 0..1",) if low < 0 or high > 1 else ()
    return np.floor(np.clip(array.astype(np.float64), 0, 1) * 65535 + 0.5).astype(np.uint16), notes


def _photo_in_memory(pixels: Pixels, envelope: Envelope, name: str, notes: tuple[str, ...] = ()) -> Photo:
    """A Photo of an (H, W, C) array that is in memory already."""
    # A view of our own, so that closing it for writing does not close the caller's array.
    pixels = pixels.view()
    pixels.flags.writeable = False

    h, w, c = pixels.shape
    photo = Photo(
        w,
        h,
        8 * pixels.dtype.itemsize,
        1 if c < 3 else 3,
        c in (2, 4),
        name,
        None,
        envelope,
        notes,
        _opener=Opener.of_array(pixels),
    )
    photo._cache.pixels = pixels
    return photo


def from_pil(image: Any, max_pixels: int) -> Photo:
    """A Pillow image with the EXIF, XMP, ICC profile and dpi that it carries; turned upright if its EXIF says so."""
    name = str(getattr(image, "filename", "") or "<image>")
    check_size(name, image.width, image.height, max_pixels)
    try:
        array, interpretation = _pil_array(image)
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise ReadError("{name} is damaged or cut off", code="photo.damaged", name=name) from error
    envelope = _pil_envelope(image, array)
    vips = _vips.load()
    h, w, c = array.shape
    raw = vips.Image.new_from_memory(
        np.ascontiguousarray(array), w, h, c, "uchar" if array.dtype == np.uint8 else "ushort"
    ).copy(interpretation=interpretation)
    if envelope.icc:
        _vips.set_blob(raw, "icc-profile-data", envelope.icc)
    developed = develop(raw, name)
    turn = metadata.orientation(envelope)
    if envelope.format == "tiff":
        envelope = metadata.sort_tags(envelope)
    envelope = replace(envelope, turn=turn, size=(w, h))
    pixels = orient.upright(developed.image.numpy().reshape(h, w, -1), turn)
    notes = developed.notes + (
        (Message("turned upright ({source} orientation {turn})", code="note.turned", source="EXIF", turn=turn),)
        if turn != 1
        else ()
    )
    return _photo_in_memory(pixels, envelope, name, notes)


def _pil_array(image: Any) -> tuple[Pixels, str]:
    """(H, W, C) and libvips's word for what the channels are."""
    mode = image.mode
    if mode in _WIDE:
        return np.asarray(image).astype(np.uint16)[..., None], "grey16"
    if mode == "I":
        array = np.asarray(image)
        if array.min() < 0 or array.max() > 65535:
            raise UsageError("a Pillow image of mode I must hold 0 to 65535; scale it first")
        return array.astype(np.uint16)[..., None], "grey16"
    if mode == "F":
        return _integers(np.asarray(image))[0][..., None], "grey16"
    if mode == "CMYK":
        return np.asarray(image), "cmyk"
    if mode == "1":
        image = image.convert("L")
    elif mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif mode in ("PA", "RGBa"):
        image = image.convert("RGBA")
    elif mode == "La":
        image = image.convert("LA")
    elif mode in ("RGBX", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        raise UsageError(f"a Pillow image of mode {mode} is not supported; convert it to L, RGB or RGBA first")
    array = np.asarray(image)
    return (array[..., None], "b-w") if array.ndim == 2 else (array, "srgb" if array.shape[2] >= 3 else "b-w")


def _pil_envelope(image: Any, array: Pixels) -> Envelope:
    block = image.getexif().tobytes() if len(image.getexif()) else image.info.get("exif")
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    dpi = image.info.get("dpi")
    return Envelope(
        formats.of_pillow(image.format),
        exif=exif.strip_prefix(block) if block else None,
        xmp=xmp.encode() if isinstance(xmp, str) else xmp,
        icc=image.info.get("icc_profile") or None,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and min(dpi) > 0 else None,
        bits=8 * array.dtype.itemsize,
    )
