"""The table of picture formats: everything that Barva knows of a format stands in its row.

A new format is one row of `FORMATS`. Reading, writing, the endings that folder runs take, help texts, the studio's
types and lists all follow. What a format needs beyond the table is code of its own: a decoder (`decoder`), and a
container in `barva.imaging.metadata` if metadata should travel.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from barva.errors import Message, UsageError

HEAD = 4096
"""How many first bytes of a file `detect` needs."""

EXTRA = "formats"
"""The extra whose libraries decode the formats that need one."""


@dataclass(frozen=True)
class Format:
    """One picture format.

    | field | meaning |
    |---|---|
    | `name` | the word of `--format` and of the API |
    | `title` | how people write it |
    | `suffixes` | endings of file names in lower case; the first one is given to results |
    | `mime` | media type |
    | `matches` | whether a file that begins with these bytes has this format |
    | `loader` | libvips's operation that reads it; empty: `decoder` does |
    | `decoder` | `module:function` that gets (Encoded, check of a size) and gives (Raster, ICC profile or None) |
    | `saver` | libvips's operation that writes it, or `pillow`; empty: it is read only |
    | `options` | the saver's fixed options |
    | `quality` | default quality 1..100 where the saver takes one, else None |
    | `depths` | bits of a sample that a file can hold |
    | `colors` | how many colors a file can hold; 0: all of its depth |
    | `lossy`, `alpha`, `pages` | pixels change when written; transparency; several pictures in one file |
    | `metadata` | results keep metadata |
    | `upright` | its decoder turns pictures by itself, whatever their EXIF data state |
    | `result` | the format of a photo's result unless another is asked for; empty: its own |
    | `pillow` | Pillow's names of the format |
    | `extra` | needs the libraries of the extra `formats` |
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    mime: str
    matches: Callable[[bytes], bool]
    loader: str = ""
    decoder: str = ""
    saver: str = ""
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    quality: int | None = None
    depths: tuple[int, ...] = (8,)
    colors: int = 0
    lossy: bool = False
    alpha: bool = True
    pages: bool = False
    metadata: bool = True
    upright: bool = False
    result: str = ""
    pillow: tuple[str, ...] = ()
    extra: bool = False


def _begins(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(heads)


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_avif(head: bytes) -> bool:
    brands = _brands(head)
    return bool(brands & {b"avif", b"avis"} or (brands & {b"mif1", b"msf1"} and b"av01" in head))


def _is_heic(head: bytes) -> bool:
    heif = {b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
    return bool(_brands(head) & heif) and not _is_avif(head)


def _is_bmp(head: bytes) -> bool:
    sizes = (12, 16, 40, 52, 56, 64, 108, 124)
    return head[:2] == b"BM" and len(head) >= 26 and struct.unpack_from("<I", head, 14)[0] in sizes


def _brands(head: bytes) -> set[bytes]:
    """The brands of an ISO base media file (ISO/IEC 14496-12), none of any other file."""
    if head[4:8] != b"ftyp":
        return set()
    size = min(struct.unpack_from(">I", head)[0], len(head))
    return {head[8:12], *(head[i : i + 4] for i in range(16, size - 3, 4))}


_TABLE = (
    Format(
        "jpeg", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg", _begins(b"\xff\xd8\xff"),
        loader="jpegload", saver="jpegsave", quality=95, lossy=True, alpha=False, pillow=("JPEG", "MPO"),
        options={"subsample_mode": "off"},  # halving chroma moves the light of strong colors
    ),
    Format(
        "png", "PNG", (".png",), "image/png", _begins(b"\x89PNG\r\n\x1a\n"), depths=(8, 16),
        loader="pngload", saver="pngsave", options={"compression": 3, "filter": "up"}, pillow=("PNG",),
    ),
    Format(
        "tiff", "TIFF", (".tif", ".tiff"), "image/tiff", _begins(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        loader="tiffload", saver="tiffsave", depths=(8, 16), pages=True, pillow=("TIFF",),
    ),
    Format(
        "webp", "WebP", (".webp",), "image/webp", _is_webp,
        loader="webpload", saver="webpsave", quality=95, lossy=True, pillow=("WEBP",),
    ),
    Format(
        "avif", "AVIF", (".avif",), "image/avif", _is_avif, loader="heifload", saver="heifsave", quality=85, lossy=True,
        options={"compression": "av1", "effort": 3, "subsample_mode": "off"}, depths=(8, 10, 12), upright=True,
        pillow=("AVIF",),
    ),
    Format(
        "bmp", "BMP", (".bmp", ".dib"), "image/bmp", _is_bmp, decoder="barva.imaging.bmp:open_bmp", saver="pillow",
        alpha=False, metadata=False, pillow=("BMP",),  # Pillow's header leaves the fourth channel without a meaning
    ),
    Format(
        "gif", "GIF", (".gif",), "image/gif", _begins(b"GIF87a", b"GIF89a"), loader="gifload", saver="gifsave",
        colors=256, metadata=False, result="png", pillow=("GIF",),
    ),
    Format(
        "heic", "HEIC", (".heic", ".heif", ".hif"), "image/heic", _is_heic,
        decoder="barva.imaging.decoders:open_heic", depths=(8, 10, 12), lossy=True, upright=True, result="jpeg",
        extra=True,
    ),
    Format(
        "jp2", "JPEG 2000", (".jp2", ".j2k", ".jpf", ".jpx", ".jpc", ".j2c"), "image/jp2",
        _begins(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
        decoder="barva.imaging.decoders:open_jpeg2000", depths=(8, 16), lossy=True, result="tiff", extra=True,
    ),
    Format(
        "jxl", "JPEG XL", (".jxl",), "image/jxl", _begins(b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"),
        decoder="barva.imaging.decoders:open_jpeg_xl", depths=(8, 16), lossy=True, upright=True, result="tiff",
        extra=True,
    ),
)  # fmt: skip
FORMATS: dict[str, Format] = {row.name: row for row in _TABLE}
"""Every format by its name."""

_ARRAY_RESULT = "png"  # what pictures that came from no file are written as


def writable() -> tuple[Format, ...]:
    """The formats that Barva writes."""
    return tuple(row for row in FORMATS.values() if row.saver)


def lossless() -> tuple[Format, ...]:
    """The formats that keep every pixel of every result."""
    return tuple(row for row in writable() if not row.lossy and not row.colors)


def studio_formats() -> tuple[Format, ...]:
    """The formats that the studio offers for results: those that keep color and metadata."""
    return tuple(row for row in writable() if row.metadata and not row.colors)


def suffixes() -> frozenset[str]:
    """All endings of photos' file names, in lower case."""
    return frozenset(ending for row in FORMATS.values() for ending in row.suffixes)


def title(name: str) -> str:
    """How people write a format's name: 'JPEG', 'WebP', 'JPEG 2000'."""
    return FORMATS[name].title if name in FORMATS else name.upper()


def titles(rows: tuple[Format, ...]) -> str:
    """A list for messages: 'JPEG, PNG, TIFF'."""
    return ", ".join(row.title for row in rows)


def readable_titles() -> Message:
    """All formats that Barva reads, for messages."""
    extra = tuple(row for row in FORMATS.values() if row.extra)
    plain = tuple(row for row in FORMATS.values() if not row.extra)
    return Message(
        "{formats}; with the extra '{extra}' {more}",
        code="formats.with-extra",
        formats=titles(plain),
        extra=EXTRA,
        more=titles(extra),
    )


def names(rows: tuple[Format, ...]) -> str:
    """A list for help texts: 'jpeg, png or tiff'."""
    *first, last = (row.name for row in rows)
    return f"{', '.join(first)} or {last}" if first else last


def accept(*more: str) -> str:
    """What a browser's file dialog offers: pictures, the endings that systems may not know as such, and `more`."""
    return ",".join(["image/*", *(ending for row in FORMATS.values() for ending in row.suffixes), *more])


def detect(head: bytes) -> str | None:
    """The name of the format of a file that begins with `head` (`HEAD` bytes or the whole file), or None."""
    return next((name for name, row in FORMATS.items() if row.matches(head)), None)


def extension(format: str) -> str:
    """The usual ending of a format's file names: '.jpg' for 'jpeg'. UsageError for an unknown format."""
    return FORMATS[format_of(format)].suffixes[0]


def format_of(name: str | Path) -> str:
    """The format that a file name, an ending or a plain word asks for: 'a.JPG', '.jpeg', 'jpg' and 'jpeg' are
    'jpeg'. UsageError where Barva does not write it."""
    text = str(name).lower()
    word = Path(text).suffix or (text if text.startswith(".") else "." + text)
    row = next((row for row in FORMATS.values() if word in row.suffixes or word == "." + row.name), None)
    if row is None:
        raise UsageError(
            "'{name}' names no format that Barva writes ({formats})",
            code="format.unknown",
            name=name,
            formats=titles(writable()),
        )
    if not row.saver:
        raise UsageError(
            "{format} is read but not written; choose one of {formats}",
            code="format.read-only",
            format=row.title,
            formats=titles(writable()),
        )
    return row.name


def readable_format(name: str | Path) -> str | None:
    """The format that a file name's ending promises, read-only ones included; None for an unknown ending."""
    ending = Path(name).suffix.lower()
    return next((row.name for row in FORMATS.values() if ending in row.suffixes), None)


def result_format(format: str) -> str:
    """The format that a photo's result takes unless another is asked for: its own, or one that can hold it."""
    row = FORMATS.get(format)
    return _ARRAY_RESULT if row is None else row.result or format


def of_pillow(name: str | None) -> str:
    """The format that Pillow calls `name`; 'array' where there is none."""
    return next((row.name for row in FORMATS.values() if name in row.pillow), "array")
