"""Writing film: codecs and containers, and a piece's pictures into a file of its own."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.errors import UsageError, WriteError, suggestion
from barva.files import reason, sync, write_whole
from barva.film.folder import PIECE, UNFINISHED
from barva.film.planes import Codes, Coding
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
_TAGS = {"bt601": (6, 6, 6), "bt709": (1, 1, 1), "bt2020": (9, 14, 9)}  # AVColor: primaries, transfer, matrix


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


class PieceWriter:
    """Encodes the frames of one piece. Use as a context manager: the file is whole or absent, and beside it lies the
    order of its packets."""

    def __init__(self, path: Path, facts: FilmFacts, coding: Coding, encoding: Encoding) -> None:
        av = load_av()
        self.path = path
        # a name that no other run takes, should it be where no locks are
        self.part = path.with_suffix(f".{secrets.token_hex(4)}{UNFINISHED}")
        self.coding = coding
        self._av = av
        self._order: list[int] = []
        self._container = av.open(str(self.part), "w", format=piece_container(encoding))
        rate = facts.rate.limit_denominator(100_000)
        options = _options(encoding, facts)
        self._stream = self._container.add_stream(CODECS[encoding.codec], rate=rate, options=options)
        stream = self._stream
        stream.width, stream.height, stream.pix_fmt = facts.width, facts.height, coding.pixel_format
        stream.codec_context.time_base = facts.time_base
        stream.time_base = facts.time_base
        context = stream.codec_context
        primaries, transfer, matrix = _TAGS[coding.matrix]
        context.color_primaries, context.color_trc, context.colorspace = primaries, transfer, matrix
        context.color_range = 2 if coding.full else 1
        if facts.pixel_aspect:
            context.sample_aspect_ratio = facts.pixel_aspect
        self._time_base = facts.time_base
        self._first: int | None = None

    def add(self, pts: int, planes: tuple[Codes, Codes, Codes]) -> None:
        """One frame: luma, Cb and Cr. Times in the piece begin at 0. WriteError: the disk is full."""
        self._first = pts if self._first is None else self._first
        frame = self._av.VideoFrame(planes[0].shape[1], planes[0].shape[0], self.coding.pixel_format)
        for plane, values in zip(frame.planes, planes, strict=True):
            _fill(plane, values)
        frame.pts, frame.time_base = pts - self._first, self._time_base
        frame.color_range = 2 if self.coding.full else 1
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._order.append(packet.pts)
                self._container.mux(packet)
        except (self._av.error.FFmpegError, OSError) as error:
            raise self._failed(error) from None

    def __enter__(self) -> PieceWriter:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        whole = False
        try:
            if kind is None:
                self._mux(None)
                self._close()
                write_whole(self.path.with_suffix(".order.json"), json.dumps(self._order).encode(), True)
                self._put_in_place()
                whole = True
        finally:
            if not whole:
                with suppress(self._av.error.FFmpegError, OSError):
                    self._container.close()
                self.part.unlink(missing_ok=True)

    def _put_in_place(self) -> None:
        try:
            sync(self.part)
            self.part.replace(self.path)
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> WriteError:
        return WriteError(
            "{file} cannot be written: {problem}", code="write.failed", file=self.part.parent, problem=reason(error)
        )

    def _close(self) -> None:
        try:
            self._container.close()
        except (self._av.error.FFmpegError, OSError) as error:
            raise self._failed(error) from None


def _fill(plane: Any, values: Codes) -> None:
    """Copy rows into a plane, whose rows may be longer."""
    step = plane.line_size // values.itemsize
    rows = np.frombuffer(plane, values.dtype)[: plane.height * step].reshape(plane.height, step)
    rows[: values.shape[0], : values.shape[1]] = values
