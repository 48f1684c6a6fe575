"""`write`: finished pages to a file that either is complete or does not exist."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from barva.errors import Message, UsageError, WriteError
from barva.files import PART, REFUSALS, reason
from barva.imaging import formats
from barva.imaging import vips as _vips
from barva.imaging.canvas import Canvas, interpretation
from barva.imaging.encode import encode, encode_different, fit
from barva.imaging.formats import extension, format_of
from barva.imaging.metadata.cargo import load
from barva.imaging.packet import EMPTY, PacketError, packet_trouble
from barva.imaging.photo import Envelope
from barva.imaging.provenance import facts, stamp

__all__ = ["PART", "Canvas", "Written", "extension", "format_of", "make_folder", "output_format", "write"]

T = TypeVar("T")


@dataclass(frozen=True)
class Written:
    """What was written: `depth` is bits of a sample in the file, `size` its bytes, `data` the file itself if there
    was no target."""

    path: Path | None
    format: str
    depth: int
    size: int
    notes: tuple[str, ...] = ()
    data: bytes | None = None


def output_format(envelope: Envelope, asked: str | None = None, target: Path | None = None) -> str:
    """The format to write: the one asked for, else what the target's name says, else that of the input.

    A GIF and an array become PNG: 256 colors cannot hold a color photo's light. UsageError for an unknown `asked`.
    """
    if asked is not None:
        return formats.format_of(asked)
    if target is not None:
        with contextlib.suppress(UsageError):
            return formats.format_of(target.name) if target.suffix else output_format(envelope)
    return formats.result_format(envelope.format)


def write(
    pages: Sequence[tuple[Any, Envelope]],
    target: Path | None,
    *,
    format: str | None = None,
    quality: int | None = None,
    overwrite: bool = False,
    xmp: bytes | None = None,
    source: Path | None = None,
) -> Written:
    """Encode pages, (libvips image or (H, W, C) array of uint8 or uint16, Envelope), as one file.

    Several pages need TIFF, and each keeps its own envelope there. `target` None gives bytes. `quality`, 1 to 100, for
    JPEG, WebP (100: lossless) and AVIF. `xmp` replaces the first page's packet. The file is written beside its target
    under another name and renamed when complete. WriteError: the target exists (without `overwrite`), or cannot be
    written; nothing half-written is left then.
    """
    chosen = output_format(pages[0][1], format, target)
    images = [_image(p) for p, _ in pages]
    envelopes = [e for _, e in pages]
    if xmp is not None:
        envelopes[0] = replace(envelopes[0], xmp=xmp)
    differ = _differ(images, chosen)
    fitted, depths, notes = [], [], []
    for image, envelope in zip(images if differ else [_join(images, chosen)], envelopes, strict=False):
        page, depth, more = fit(image, chosen, envelope)
        fitted.append(page)
        depths.append(depth)
        notes += more
    bits = max(depths)
    sizes = [(page.width, page.height) for page in fitted]
    if not differ:
        sizes = [(fitted[0].width, fitted[0].height // len(pages))] * len(pages)
    bands = [page.bands for page in fitted] if differ else [fitted[0].bands] * len(pages)
    rows = zip(envelopes, sizes, bands, strict=True)
    cargoes = [load(e, chosen, size, count, _short_packet(e.xmp)) for e, size, count in rows]
    notes += [n for c in cargoes for n in c.notes]
    troubles = [packet_trouble(e.xmp) for e in envelopes if e.xmp and formats.FORMATS[chosen].metadata]
    notes += [
        Message(
            "{problem}: it was carried over as it is, without provenance", code="note.without-provenance", problem=t
        )
        for t in troubles
        if t
    ]
    notes = [*dict.fromkeys(notes)]

    def save(path: Path | None) -> bytes | None:
        if differ:
            return encode_different(fitted, envelopes, cargoes, path, bits=bits)
        return encode(fitted[0], envelopes[0], cargoes, path, chosen, quality=quality, bits=bits)

    if target is None:
        data = _guard(lambda: save(None), "the result")
        assert data is not None
        return Written(None, chosen, bits, len(data), tuple(notes), data)
    if source is not None and not overwrite and target.exists() and source.exists() and target.samefile(source):
        raise WriteError(f"{target} is the photo itself; choose another name, or --overwrite replaces it")
    length = _beside(target, save, overwrite)
    return Written(target, chosen, bits, length, tuple(notes))


def make_folder(folder: Path) -> None:
    """The folder and those above it, if they are not there yet. WriteError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            "the folder {folder} cannot be made: {problem}",
            code="write.no-folder-made",
            folder=folder,
            problem=error.strerror,
        ) from error


def _short_packet(packet: bytes | None) -> bytes:
    """The packet that goes first where the whole is too long for one segment: the provenance alone, if there is any."""
    try:
        known, _ = facts(packet) if packet else (None, None)
    except PacketError:
        known = None
    return stamp(None, known) if known is not None else EMPTY


def _image(page: Any) -> Any:
    if not isinstance(page, np.ndarray):
        return page
    if page.ndim == 2:
        page = page[..., None]
    if page.dtype not in (np.uint8, np.uint16) or page.ndim != 3 or page.shape[2] not in (1, 2, 3, 4):
        raise UsageError(
            f"an array of {page.dtype} and shape {page.shape} cannot be written; Barva writes uint8 and uint16"
        )
    h, w, c = page.shape
    wide = page.dtype == np.uint16
    image = _vips.load().Image.new_from_memory(np.ascontiguousarray(page), w, h, c, "ushort" if wide else "uchar")
    return image.copy(interpretation=interpretation(c, 16 if wide else 8))


def _join(images: list[Any], format: str) -> Any:
    """All pages below each other, as libvips wants them for a multi-page file."""
    if len(images) == 1:
        return images[0]
    if not formats.FORMATS[format].pages:
        raise UsageError(
            "{format} holds one page, not {count}; choose one with --page, or write TIFF",
            code="format.one-page",
            format=formats.title(format),
            count=len(images),
        )
    return _vips.load().Image.arrayjoin(images, across=1)


def _differ(images: list[Any], format: str) -> bool:
    return format == "tiff" and len({(i.width, i.height, i.bands, i.format) for i in images}) > 1


def _beside(target: Path, save: Any, overwrite: bool) -> int:
    """Run `save` on a name beside the target, then put the file in place. Returns its size."""
    _guard(lambda: _check(target, overwrite), str(target))
    part = target.with_name(f".{target.name[:50]}.{secrets.token_hex(4)}{PART}")
    try:
        _guard(lambda: save(part), str(target))
        _guard(lambda: _settle(part), str(target))
        size = part.stat().st_size
        try:
            _place(part, target, overwrite)
        except FileExistsError as error:
            raise WriteError(f"{target} exists already; --overwrite replaces it") from error
        except OSError as error:
            raise WriteError(
                "{file} cannot be written: {problem}", code="write.failed", file=target, problem=error.strerror
            ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return size


def _settle(part: Path) -> None:
    """Have the bytes on the disk before the name is, so that a power cut leaves no empty file of that name."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())


def _check(target: Path, overwrite: bool) -> None:
    """What can be refused before the work of encoding."""
    if target.is_dir():
        raise WriteError("{file} is a folder, not a file", code="photo.folder", file=target)
    if not overwrite and os.path.lexists(target):
        raise WriteError(f"{target} exists already; --overwrite replaces it")
    if not target.parent.is_dir():
        raise WriteError(f"{target} cannot be written: there is no folder {target.parent}")


def _place(part: Path, target: Path, overwrite: bool) -> None:
    """Rename; without `overwrite`, FileExistsError if something of that name appeared meanwhile."""
    if overwrite:
        part.replace(target)
        return
    if os.name == "nt":
        os.rename(part, target)  # noqa: PTH104 - on Windows it refuses an existing target
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        # File systems without hard links: claim the name first, then replace the claim.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            part.replace(target)
        except OSError:
            target.unlink(missing_ok=True)
            raise


def _guard(work: Callable[[], T], name: str) -> T:
    """Encoders' and the file system's complaints as WriteError."""
    vips = _vips.load()
    try:
        return work()
    except vips.Error as error:
        raise WriteError(
            "{file} cannot be written: {problem}", code="write.failed", file=name, problem=_reason(str(error))
        ) from error
    except OSError as error:
        if isinstance(error, WriteError):
            raise
        raise WriteError(
            "{file} cannot be written: {problem}", code="write.failed", file=name, problem=reason(error)
        ) from error


def _reason(text: str) -> str:
    """The last line of libvips's message that says something, in one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        for known in (*REFUSALS, "Permission denied"):
            if known in line:
                return known
    telling = [line for line in lines if "Unknown error" not in line]  # libvips's text for errors without a number
    return telling[-1] if telling else "the system refused the data; is the disk full?"
