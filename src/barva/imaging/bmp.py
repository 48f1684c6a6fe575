"""BMP to Photos, by Pillow: libvips's wheels leave that format out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from barva.imaging import sniff
from barva.imaging import vips as _vips
from barva.imaging.files import SALVAGED, Encoded, check_size
from barva.imaging.photo import Envelope, Opener, Photo, Pixels


def open_bmp(encoded: Encoded, path: Path | None, max_pixels: int) -> Photo:
    """A Photo of a BMP, which only Pillow reads. Decoded when first used, like the others."""
    with encoded.file() as file:
        head = file.read(sniff.HEAD)
    width, height = sniff.claimed_size(head, "bmp") or (0, 0)
    check_size(encoded.name, width, height, max_pixels)
    image, cut = _open_bmp(encoded)
    if cut and not encoded.salvage:
        raise encoded.damaged()
    channels = {"RGBA": 4, "L": 1, "1": 1}.get(image.mode, 3)
    dpi = image.info.get("dpi")
    if image.mode == "P":
        channels = 3
    envelope = Envelope("bmp", dpi=dpi if dpi and min(dpi) > 1 else None, bits=8)

    def decode() -> Pixels:
        return _decode_bmp(encoded)

    def stream() -> Any:
        return _vips.load().Image.new_from_array(decode())

    notes = (SALVAGED,) if cut else ()
    photo = Photo(
        image.width, image.height, 8, 1 if channels == 1 else 3, channels == 4, encoded.name, path, envelope, notes,
        _opener=Opener(decode, stream, encoded.guard, reusable=True),
    )  # fmt: skip
    if encoded.salvage:
        photo.pixels()
    return photo


def _open_bmp(encoded: Encoded) -> tuple[Any, bool]:
    """Pillow's image, not decoded yet, and whether the file is too short for it."""
    from PIL import BmpImagePlugin

    with encoded.file() as file:
        data = file.read()
    try:
        # The plugin itself, because Image.open has a size limit of its own, which would overrule --max-pixels.
        image = BmpImagePlugin.BmpImageFile(io.BytesIO(data))
    except Exception as error:  # Pillow's plugins let many kinds of errors through
        raise encoded.damaged() from error
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


def _decode_bmp(encoded: Encoded) -> Pixels:
    image, _ = _open_bmp(encoded)
    try:
        if image.mode not in ("L", "RGB", "RGBA"):
            image = image.convert("L" if image.mode == "1" else "RGB")
        pixels = np.array(image)
    except Exception as error:
        raise encoded.damaged() from error
    return pixels.reshape(image.height, image.width, -1)
