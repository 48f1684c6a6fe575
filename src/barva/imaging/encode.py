"""One finished libvips image to one encoded file, format by format."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from barva.errors import UsageError
from barva.files import PART
from barva.imaging import sniff
from barva.imaging import vips as _vips
from barva.imaging.canvas import interpretation
from barva.imaging.metadata.cargo import Cargo, name, put
from barva.imaging.photo import Envelope

QUALITY = {"jpeg": 95, "webp": 95, "avif": 85}
"""Default quality of the formats that lose something."""

_CLASSIC = 3_900_000_000  # bytes of samples that a classic TIFF surely holds
_KEEP_ICC = 8
_BLOCKS = ("exif-data", "xmp-data", "iptc-data", "photoshop-data", "icc-profile-data", "orientation")
_LOSSLESS_TIFF = ("none", "lzw", "deflate", "packbits")  # zstd too, but many builds lack it
_SAVERS = {
    "jpeg": "jpegsave",
    "png": "pngsave",
    "tiff": "tiffsave",
    "webp": "webpsave",
    "avif": "heifsave",
    "gif": "gifsave",
}


def fit(image: Any, format: str, envelope: Envelope) -> tuple[Any, int, list[str]]:
    """The image as the format can hold it: (image, bits of a sample in the file, notes on what it could not hold)."""
    notes = []
    wide = image.format == "ushort"
    bits = 16 if wide else 8
    if wide and format in ("jpeg", "webp", "bmp", "gif"):
        image = image.linear(1 / 257, 0.5).floor().cast("uchar")
        notes.append(f"{name(format)} holds 8 bits: the 16-bit result was rounded")
        wide, bits = False, 8
    if wide and format == "avif":
        bits = envelope.bits if envelope.bits in (10, 12) else 12
        top = (1 << bits) - 1
        # libheif takes the upper bits of 16, so the rounding is done here.
        image = (image.linear(top / 65535, 0.5).floor() * (1 << (16 - bits))).cast("ushort")
        if envelope.bits > bits:
            notes.append(f"AVIF holds {bits} bits: the 16-bit result was rounded")
    image = image.copy(interpretation=interpretation(image.bands, 16 if wide else 8))
    if format == "jpeg" and image.bands in (2, 4):
        image = image.flatten(background=[255] * (image.bands - 1)).cast("uchar")
        notes.append("JPEG has no transparency: it was filled with white")
    if format == "gif":
        notes.append("GIF holds 256 colours: light and colour are coarser than the result's")
    if envelope.format in sniff.READ_ONLY:
        notes.append(f"{sniff.title(envelope.format)} is read but not written: the result is {sniff.title(format)}")
    return image, bits, notes


def encode(
    image: Any,
    envelope: Envelope,
    cargoes: Sequence[Cargo],
    target: Path | None,
    format: str,
    *,
    quality: int | None,
    bits: int,
) -> bytes | None:
    """Write a fitted image to `target`, or give its bytes back when that is None. `envelope` says how to encode, a
    cargo for each page what goes with it; pages lie below each other in the image.

    pyvips.Error and OSError go through: `write` gives them words.
    """
    if format == "bmp":
        return _bmp(image, cargoes[0].dpi, target)
    image = _bare(image, cargoes[0].icc)
    options = _options(image, envelope, format, quality, bits)
    options["keep"] = _KEEP_ICC if cargoes[0].icc else 0
    height = image.height // len(cargoes)
    if len(cargoes) > 1:
        options["page_height"] = height
    saver = _SAVERS[format]
    shape: dict[str, Any] = {"size": (image.width, height), "alpha": image.bands in (2, 4), "bits": bits}
    if target is None:
        memory = io.BytesIO(getattr(image, saver + "_buffer")(**options))
        put(memory, cargoes, **shape)
        return memory.getvalue()
    getattr(image, saver)(os.fsencode(target), **options)
    with target.open("r+b") as file:
        put(file, cargoes, **shape)
    return None


def encode_different(
    images: Sequence[Any], envelopes: Sequence[Envelope], cargoes: Sequence[Cargo], target: Path | None, *, bits: int
) -> bytes | None:
    """As `encode`, a TIFF of pages that differ in size or kind: each is encoded alone, then their directories are
    linked and get what goes with them. `bits` are those of the deepest page."""
    from barva.imaging import tiff_pages

    big = sum(map(_raw_size, images)) > _CLASSIC
    last: int | None = None
    with tempfile.TemporaryDirectory(PART, ".", None if target is None else target.parent) as folder:
        one, whole = Path(folder) / f"page{PART}", target or Path(folder) / f"whole{PART}"
        with whole.open("w+b") as out:
            for image, envelope in zip(images, envelopes, strict=True):
                options = _tiff_options(image, envelope) | {"bigtiff": big, "keep": 0}
                _bare(image, None).tiffsave(os.fsencode(one), **options)
                with one.open("rb") as part:
                    last = tiff_pages.join(out, part, last)
                one.unlink()
            put(out, cargoes, size=(images[0].width, images[0].height), alpha=False, bits=bits)
        return whole.read_bytes() if target is None else None


def _bare(image: Any, icc: bytes | None) -> Any:
    """A copy of the image that says nothing but its profile: all else is put in afterwards."""
    image = image.copy()
    for field in _BLOCKS:
        if image.get_typeof(field):
            image.remove(field)
    if icc is not None:
        _vips.set_blob(image, "icc-profile-data", icc)
    return image


def _options(image: Any, envelope: Envelope, format: str, quality: int | None, bits: int) -> dict[str, Any]:
    if quality is not None and not 1 <= quality <= 100:
        raise UsageError(f"quality goes from 1 to 100, not {quality}")
    q = quality if quality is not None else QUALITY.get(format, 95)
    if format == "jpeg":
        # Chroma at full size: halving it moves the light of strong colours.
        return {"Q": q, "subsample_mode": "off"}
    if format == "png":
        return {"compression": 3, "filter": "up"}
    if format == "webp":
        lossless = quality == 100 or (quality is None and envelope.compression == "lossless")
        return {"lossless": True, "effort": 2} if lossless else {"Q": q, "effort": 3}
    if format == "avif":
        return {"compression": "av1", "Q": q, "bitdepth": bits, "effort": 3, "subsample_mode": "off"}
    if format == "tiff":
        return _tiff_options(image, envelope)
    return {}


def _tiff_options(image: Any, envelope: Envelope) -> dict[str, Any]:
    kind = envelope.compression if envelope.compression in _LOSSLESS_TIFF else "deflate"
    options: dict[str, Any] = {"compression": kind, "bigtiff": _raw_size(image) > _CLASSIC}
    if kind in ("lzw", "deflate"):
        options["predictor"] = "horizontal"
    return options


def _raw_size(image: Any) -> int:
    """Bytes of its samples."""
    return int(image.width * image.height * image.bands * (2 if image.format == "ushort" else 1))


def _bmp(image: Any, dpi: tuple[float, float] | None, target: Path | None) -> bytes | None:
    from PIL import Image

    array = image.numpy()
    picture = Image.fromarray(array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array)
    if picture.mode == "LA":
        picture = picture.convert("RGBA")
    options: dict[str, Any] = {"dpi": dpi} if dpi else {}
    if target is not None:
        with target.open("xb") as file:
            picture.save(file, "BMP", **options)
        return None
    memory = io.BytesIO()
    picture.save(memory, "BMP", **options)
    return memory.getvalue()
