"""Whether the file that a film is to become can hold it: found out before anything is colored."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from barva.errors import UsageError
from barva.film.encode import SUFFIXES, Encoding, add_pictures
from barva.film.planes import Coding
from barva.film.source import FilmFacts, load_av, opened

_SIZE = 128, 96  # pixels of the frame that is tried: a codec goes into a container or not, whatever its size


def check_target(target: Path, facts: FilmFacts, coding: Coding, encoding: Encoding) -> None:
    """Try the film's picture, sound and subtitles, each alone, in a file in memory.

    Args:
        target: The file to write.
        facts: Of the film.
        coding: How pixels are written.
        encoding: How pictures are written.

    Raises:
        ReadError: The film cannot be read.
        UsageError: The target's kind of file does not take one of them.
    """
    ending = target.suffix.lower()
    if not _takes_pictures(ending, facts, coding, encoding):
        raise UsageError(
            "{ending} files cannot hold {codec}; name the result otherwise, such as .mkv",
            code="film.no-place-for-codec",
            ending=ending,
            codec=encoding.codec,
        )
    with opened(facts.path) as source:
        for stream in source.streams:
            if stream.type not in ("audio", "subtitle") or _takes(ending, lambda out: _header(out, stream)):  # noqa: B023
                continue
            if stream.type == "audio":
                raise UsageError(
                    "{ending} files cannot hold this film's sound ({codec}); name the result otherwise, such as .mkv",
                    code="film.no-place-for-sound",
                    ending=ending,
                    codec=_name(stream),
                )
            raise UsageError(
                "{ending} files cannot hold this film's subtitles ({codec}); name the result otherwise, such as .mkv",
                code="film.no-place-for-subtitles",
                ending=ending,
                codec=_name(stream),
            )


def _takes(ending: str, write: Callable[[Any], None]) -> io.BytesIO | None:
    """The file that `write` fills; None where it is refused."""
    av, file = load_av(), io.BytesIO()
    try:
        out = av.open(file, "w", format=SUFFIXES[ending][0])
        try:
            write(out)
        finally:
            out.close()
    except (av.error.FFmpegError, ValueError, OSError):
        return None
    return file


def _header(out: Any, stream: Any) -> None:
    out.add_stream_from_template(stream)
    out.start_encoding()


def _takes_pictures(ending: str, facts: FilmFacts, coding: Coding, encoding: Encoding) -> bool:
    av, small = load_av(), replace(facts, width=_SIZE[0], height=_SIZE[1])

    def write(out: Any) -> None:
        stream = add_pictures(out, small, coding, encoding)
        frame = av.VideoFrame(*_SIZE, coding.pixel_format)
        frame.pts, frame.time_base = 0, facts.time_base
        for packet in [*stream.encode(frame), *stream.encode(None)][:1]:
            packet.pts = packet.dts = 0  # of a single frame x265 leaves its time of decoding open
            out.mux(packet)

    file = _takes(ending, write)
    if file is None:
        return False
    file.seek(0)
    try:
        with av.open(file) as written:  # MPEG-TS takes all, and of some codecs nobody knows later what they were
            return bool(written.streams.video)
    except (av.error.FFmpegError, ValueError, OSError):
        return False


def _name(stream: Any) -> str:
    return "?" if stream.codec_context is None else str(stream.codec_context.name)
