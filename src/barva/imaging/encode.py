"""One finished libvips image to one encoded file, format by format."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from barva.errors import Message, UsageError
from barva.files import PART
from barva.imaging import vips as _vips
from barva.imaging.canvas import interpretation
from barva.imaging.formats import FORMATS, Format, title
from barva.imaging.metadata.cargo import Cargo, put
from barva.imaging.photo import Envelope

_CLASSIC = 3_900_000_000  # bytes of samples that a classic TIFF surely holds
_KEEP_ICC = 8
_BLOCKS = ("exif-data", "xmp-data", "iptc-data", "photoshop-data", "icc-profile-data", "orientation")
_LOSSLESS_TIFF = ("none", "lzw", "deflate", "packbits")  # zstd too, but many builds lack it


def fit(image: Any, format: str, envelope: Envelope) -> tuple[Any, int, list[str]]:
    """The image as the format can hold it: (image, bits of a sample in the file, notes on what it could not hold)."""
    row, notes = FORMATS[format], list[str]()
    wide = image.format == "ushort"
    bits = 16 if wide else 8
    if wide and max(row.depths) == 8:
        image = image.linear(1 / 257, 0.5).floor().cast("uchar")
        notes.append(
            Message("{format} holds 8 bits: the 16-bit result was rounded", code="note.bits-8", format=row.title)
        )
        wide, bits = False, 8
    if wide and max(row.depths) < 16:
        bits = envelope.bits if envelope.bits in row.depths[1:] else max(row.depths)
        top = (1 << bits) - 1
        # libheif takes the upper bits of 16, so the rounding is done here.
        image = (image.linear(top / 65535, 0.5).floor() * (1 << (16 - bits))).cast("ushort")
        if envelope.bits > bits:
            notes.append(
                Message(
                    "{format} holds {bits} bits: the 16-bit result was rounded",
                    code="note.bits",
                    format=row.title,
                    bits=bits,
                )
            )
    image = image.copy(interpretation=interpretation(image.bands, 16 if wide else 8))
    if not row.alpha and image.bands in (2, 4):
        image = image.flatten(background=[255] * (image.bands - 1)).cast("uchar")
        notes.append(
            Message("{format} has no transparency: it was filled with white", code="note.no-alpha", format=row.title)
        )
    if row.colors:
        notes.append(
            Message(
                "{format} holds {count} colors: light and color are coarser than the result's",
                code="note.few-colors",
                format=row.title,
                count=row.colors,
            )
        )
    if envelope.format in FORMATS and not FORMATS[envelope.format].saver:
        notes.append(
            Message(
                "{source} is read but not written: the result is {format}",
                code="note.read-only-format",
                source=title(envelope.format),
                format=row.title,
            )
        )
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
    row = FORMATS[format]
    if row.saver == "pillow":
        return _by_pillow(image, row.pillow[0], cargoes[0].dpi, target)
    image = _bare(image, cargoes[0].icc)
    options = _options(image, envelope, row, quality, bits)
    options["keep"] = _KEEP_ICC if cargoes[0].icc else 0
    height = image.height // len(cargoes)
    if len(cargoes) > 1:
        options["page_height"] = height
    shape: dict[str, Any] = {"size": (image.width, height), "alpha": image.bands in (2, 4), "bits": bits}
    if target is None:
        memory = io.BytesIO(getattr(image, row.saver + "_buffer")(**options))
        put(memory, cargoes, **shape)
        return memory.getvalue()
    getattr(image, row.saver)(os.fsencode(target), **options)
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


def check_quality(quality: int | None) -> None:
    """UsageError for a quality that is not from 1 to 100."""
    if quality is not None and not 1 <= quality <= 100:
        raise UsageError("quality goes from 1 to 100, not {value}", code="setting.quality", value=quality)


def _options(image: Any, envelope: Envelope, row: Format, quality: int | None, bits: int) -> dict[str, Any]:
    """The saver's options: the row's own, and what depends on the picture."""
    check_quality(quality)
    options = dict(row.options)
    if row.quality is not None:
        options["Q"] = row.quality if quality is None else quality
    if row.name == "webp":
        lossless = quality == 100 or (quality is None and envelope.compression == "lossless")
        return {"lossless": True, "effort": 2} if lossless else options | {"effort": 3}
    if row.name == "avif":
        return options | {"bitdepth": bits}
    return options | _tiff_options(image, envelope) if row.name == "tiff" else options


def _tiff_options(image: Any, envelope: Envelope) -> dict[str, Any]:
    kind = envelope.compression if envelope.compression in _LOSSLESS_TIFF else "deflate"
    options: dict[str, Any] = {"compression": kind, "bigtiff": _raw_size(image) > _CLASSIC}
    if kind in ("lzw", "deflate"):
        options["predictor"] = "horizontal"
    return options


def _raw_size(image: Any) -> int:
    """Bytes of its samples."""
    return int(image.width * image.height * image.bands * (2 if image.format == "ushort" else 1))


def _by_pillow(image: Any, name: str, dpi: tuple[float, float] | None, target: Path | None) -> bytes | None:
    """Written by Pillow, which calls the format `name`."""
    from PIL import Image

    array = image.numpy()
    picture = Image.fromarray(array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array)
    if picture.mode == "LA":
        picture = picture.convert("RGBA")
    options: dict[str, Any] = {"dpi": dpi} if dpi else {}
    if target is not None:
        with target.open("xb") as file:
            picture.save(file, name, **options)
        return None
    memory = io.BytesIO()
    picture.save(memory, name, **options)
    return memory.getvalue()
