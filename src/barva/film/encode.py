"""Writing film: codecs, containers and their settings (`barva.film.piece_file` writes pictures)."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2

from barva.errors import UsageError, suggestion
from barva.film.codes import set_colors
from barva.film.folder import PIECE
from barva.film.planes import Coding
from barva.film.source import FilmFacts, load_av

CODECS = {
    "h264": "libx264", "h265": "libx265", "av1": "libsvtav1", "ffv1": "ffv1", "prores": "prores_ks",
}  # fmt: skip
"""Names that `--codec` takes, and FFmpeg's."""

SUFFIXES = {
    ".mp4": ("mp4", "h264"), ".m4v": ("mp4", "h264"), ".mov": ("mov", "h264"), ".mkv": ("matroska", "h264"),
    ".webm": ("webm", "av1"), ".avi": ("avi", "h264"), ".ts": ("mpegts", "h264"), ".nut": ("nut", "ffv1"),
}  # fmt: skip
"""Suffixes of results: FFmpeg's container, and the codec that each gets by itself."""

QUALITY = 18
"""Constant rate factor where nothing else is asked: visually lossless."""

THREADS = 2
"""Threads of an encoder."""

_AVX512 = 13  # CPU_AVX_512F of OpenCV, which its Python has no name for


@dataclass(frozen=True)
class Encoding:
    """How pictures are written.

    Args:
        codec: One of `CODECS`.
        quality: Constant rate factor, 0 (best) to 51.
        lossless: The decoded luma is exactly the film's.
        in_order: Frames are stored as they are shown, none after a later one that it is made from.
    """

    codec: str = "h264"
    quality: int = QUALITY
    lossless: bool = False
    in_order: bool = False

    def __post_init__(self) -> None:
        if self.codec not in CODECS:
            raise UsageError(f"there is no codec {self.codec}{suggestion(self.codec, CODECS)}")
        if not 0 <= self.quality <= 51:
            raise UsageError(f"quality goes from 0 (best) to 51, not {self.quality}")
        if self.lossless and self.codec == "prores":
            raise UsageError("prores has no lossless form; h264, h265 and ffv1 have")
        if self.lossless and self.codec == "av1":
            raise UsageError("av1 is not written losslessly here; h264, h265 and ffv1 are")


def target_of(source: Path) -> Path:
    """Where a film goes in color unless it is said: beside it, as it is, or as Matroska, which holds what others do."""
    suffix = source.suffix if source.suffix.lower() in SUFFIXES else ".mkv"
    return source.with_name(f"{source.stem}.color{suffix}")


def encoding_for(target: Path, codec: str | None, quality: int | None, lossless: bool) -> Encoding:
    """What a target's name and the options ask for. UsageError."""
    own = SUFFIXES.get(target.suffix.lower())
    if own is None:
        raise UsageError(f"{target.name}: films are written as {', '.join(sorted(SUFFIXES))}")
    # AVI has one time for each frame, that of decoding: players show others at wrong times, and late for the sound
    return Encoding(codec or own[1], QUALITY if quality is None else quality, lossless, own[0] == "avi")


def coding_for(facts: FilmFacts, encoding: Encoding) -> Coding:
    """The pixels that are written: as the film's, as far as the codec has them. UsageError."""
    formats = _formats(encoding.codec)
    tried = [facts.coding, replace(facts.coding, half_width=False, half_height=False)]
    if encoding.codec == "prores":
        tried = [replace(facts.coding, bits=10, half_width=True, half_height=False)]
        if facts.coding.bits == 8:
            raise UsageError("prores has 10 bits, and luma would no longer be the film's; ffv1 and h264 keep it")
        if facts.coding.full:
            raise UsageError("prores cannot say that a film uses all codes: blacks would be crushed; ffv1 and h264 can")
    for coding in tried:
        if coding.pixel_format in formats:
            return coding
    raise UsageError(
        "{codec} cannot hold this film's {bits}-bit luma; ffv1 can",
        code="film.bits",
        codec=encoding.codec,
        bits=facts.coding.bits,
    )


def piece_container(encoding: Encoding) -> str:
    """FFmpeg's name of the container of pieces: NUT does not take ProRes."""
    return "mov" if encoding.codec == "prores" else PIECE


def keeps_colors(target: Path, encoding: Encoding) -> bool:
    """Whether a target says how its codes stand for colors: the codec does, but for FFV1, or the container."""
    return encoding.codec != "ffv1" or SUFFIXES[target.suffix.lower()][0] in ("mp4", "mov", "matroska", "webm")


def keeps_turn(target: Path) -> bool:
    """Whether a target says how players turn its picture. Older PyAV cannot write it."""
    container = SUFFIXES[target.suffix.lower()][0]
    return container in ("mp4", "mov", "matroska", "webm") and hasattr(load_av().VideoStream, "set_display_matrix")


def _formats(codec: str) -> set[str]:
    av = load_av()
    try:
        return {f.name for f in av.codec.Codec(CODECS[codec], "w").video_formats or ()}
    except (av.error.FFmpegError, ValueError):
        raise UsageError("this build of PyAV cannot write {codec}", code="film.no-encoder", codec=codec) from None


def _options(encoding: Encoding, facts: FilmFacts) -> dict[str, str]:
    """FFmpeg's. The number of threads is fixed, because the bytes that come out depend on it."""
    options = {"threads": str(THREADS)}
    if encoding.codec == "h264":
        options |= {"preset": "veryfast"} | ({"qp": "0"} if encoding.lossless else {"crf": str(encoding.quality)})
        options |= {"bf": "0"} if encoding.in_order else {}
        if -(-facts.width // 16) % 8 and cv2.checkHardwareSupport(_AVX512):
            options |= {"x264-params": "asm=avx2"}  # its code for AVX-512 gives other bytes each time at such widths
    elif encoding.codec == "h265":
        params = f"log-level=error:pools={THREADS}" + (":lossless=1" if encoding.lossless else "")
        params += ":bframes=0" if encoding.in_order else ""
        return {"preset": "veryfast", "crf": str(encoding.quality), "x265-params": params}
    elif encoding.codec == "av1":
        os.environ.setdefault("SVT_LOG", "1")  # errors alone: it writes to the terminal past FFmpeg
        return {"preset": "10", "crf": str(min(63, round(encoding.quality * 1.5))), "svtav1-params": f"lp={THREADS}"}
    if facts.field and encoding.codec in ("h264", "prores"):
        options |= {"flags": "+ildct+ilme", "field_order": facts.field}
    return options


def add_pictures(container: Any, facts: FilmFacts, coding: Coding, encoding: Encoding) -> Any:
    """A stream of a container that is written, with its encoder. ValueError: the container does not take the codec."""
    rate = facts.rate.limit_denominator(100_000)
    stream = container.add_stream(CODECS[encoding.codec], rate=rate, options=_options(encoding, facts))
    stream.width, stream.height, stream.pix_fmt = facts.width, facts.height, coding.pixel_format
    stream.codec_context.time_base = facts.time_base
    stream.time_base = facts.time_base
    context = stream.codec_context
    set_colors(context, facts)
    if facts.pixel_aspect:
        context.sample_aspect_ratio = facts.pixel_aspect
    return stream
