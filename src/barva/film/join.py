"""All pieces of a film, with its sound, into one file."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from barva.errors import BarvaError, ReadError, WriteError
from barva.files import reason, replace_whole
from barva.film.codes import set_colors
from barva.film.encode import SUFFIXES, keeps_turn
from barva.film.folder import WorkFolder
from barva.film.piece_file import open_piece, packets_of, places_of
from barva.film.plan import Piece
from barva.film.source import FilmFacts, address_of, load_av, opened, video_of
from barva.film.times import Span

BACK = 10
"""Seconds before a span from which subtitles are looked for that are still shown when it begins."""

_SILENT = ("ffv1", "prores", "prores_ks")
"""Codecs that leave to the container what their codes stand for, or a part of it."""

_OF_FILE = ("DURATION", "ENCODER", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES", "BPS", "ROTATE")
"""Tags of the picture that are written anew, or are no longer true."""


def join(
    pieces: Sequence[Piece],
    folder: WorkFolder,
    facts: FilmFacts,
    target: Path,
    span: Span,
    *,
    overwrite: bool = False,
    salvage: bool = False,
) -> None:
    """Put all pieces into one file, with the film's sound, subtitles, chapters and metadata, nothing encoded again.

    Args:
        pieces: In order.
        folder: Where they lie in color.
        facts: Of the film.
        target: The file to write; it is whole or absent.
        span: What was colored. Sound is cut to it.
        overwrite: Replace a file that is there.
        salvage: End sound and subtitles at damage; without it that is an error.

    Raises:
        TornPieceError: A piece is not whole.
        ReadError: The film's sound is damaged.
        WriteError: The container cannot hold it, or the disk is full, or the file exists.
    """
    if target.exists() and not overwrite:
        raise WriteError(f"{target} exists already; --overwrite replaces it")
    av = load_av()
    container = SUFFIXES[target.suffix.lower()][0]

    def write(path: Path) -> None:
        try:
            with opened(facts.path) as source, av.open(address_of(path), "w", format=container) as out:
                job = _Joined(pieces, folder, facts, span, salvage, keeps_turn(target), container == "avi")
                _join(job, source, out)
        except BarvaError:  # on the film that is read
            raise
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise WriteError(
                "{file} cannot be written: {problem}", code="write.failed", file=target, problem=reason(error)
            ) from None

    replace_whole(target, write, folder.film)


@dataclass(frozen=True)
class _Joined:
    """What is joined; `keeps_turn` as the target does; it `counts` frames in place of times."""

    pieces: Sequence[Piece]
    folder: WorkFolder
    facts: FilmFacts
    span: Span
    salvage: bool
    keeps_turn: bool
    counts: bool

    @property
    def shift(self) -> Fraction:
        """Seconds by which all times move."""
        if self.span == Span():
            return Fraction(0)
        start = Fraction(self.span.start).limit_denominator(1_000_000)
        return self.facts.first * self.facts.time_base + start

    @property
    def end(self) -> Fraction | None:
        """Where sound ends, in the film's own time."""
        if self.span.end is None:
            return None
        return self.facts.first * self.facts.time_base + Fraction(self.span.end).limit_denominator(1_000_000)

    @property
    def time_base(self) -> Fraction:
        """Of the result's picture: where frames are counted, that of the film would make thousands a second of them."""
        facts, step = self.facts, 1 / self.facts.rate
        if not self.counts:
            return facts.time_base
        numbers = [int((p - facts.first) * facts.time_base / step + Fraction(1, 2)) for x in self.pieces for p in x.pts]
        return step if all(one < two for one, two in pairwise(numbers)) else facts.time_base


def _join(job: _Joined, source: Any, out: Any) -> None:
    facts = job.facts
    picture = video_of(source, facts.path)
    out.metadata.update(source.metadata)
    with suppress(AttributeError, ValueError):
        out.set_chapters(list(_chapters(job, source.chapters())))
    with open_piece(job.folder, job.pieces[0]) as first:
        video = _add_copy(out, first.streams.video[0])
    video.time_base = job.time_base
    if video.codec_context.name in _SILENT:
        set_colors(video.codec_context, facts)
    # players would take the units of time for it, such as 1000 frames a second of Matroska
    video.codec_context.framerate = facts.rate.limit_denominator(100_000)
    video.metadata.update({key: value for key, value in picture.metadata.items() if key.upper() not in _OF_FILE})
    if facts.matrix and job.keeps_turn:
        video.set_display_matrix(facts.matrix)
    others = {}
    for stream in source.streams:
        if stream.type in ("audio", "subtitle"):
            others[stream.index] = out.add_stream_from_template(stream)
            others[stream.index].metadata.update(stream.metadata)
    pictures = ((at, 0, None, packet) for at, packet in _pictures(job))
    sounds = ((at, 1, index, packet) for index, at, packet in _sounds(job, source, others))
    for _, _, index, packet in heapq.merge(pictures, sounds, key=lambda row: row[:2]):
        packet.stream = video if index is None else others[index]
        out.mux(packet)


def _add_copy(out: Any, picture: Any) -> Any:
    """A picture stream of the same kind. PyAV looks for an encoder of the decoder's name, and AV1's has another."""
    av, name = load_av(), picture.codec_context.codec.name
    try:
        av.codec.Codec(name, "w")
    except ValueError:
        return out.add_stream_from_template(picture, opaque=True)
    return out.add_stream_from_template(picture)


def _chapters(job: _Joined, chapters: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those within the span, with times as in the result."""
    if job.span == Span():
        yield from chapters
        return
    for row in chapters:
        begin, end = (row[at] * row["time_base"] for at in ("start", "end"))
        begin, end = max(begin - job.shift, 0), (end if job.end is None else min(end, job.end)) - job.shift
        if begin < end:
            yield row | {"start": round(begin / row["time_base"]), "end": round(end / row["time_base"])}


def _pictures(job: _Joined) -> Iterator[tuple[float, Any]]:
    """Packets of all pieces, with times as in the film. Decoding times follow the order of all frames, as much earlier
    as any packet is decoded before it is shown, so that they rise from piece to piece."""
    facts, pieces = job.facts, job.pieces
    moved = round(job.shift / facts.time_base)
    shown = [p - moved for piece in pieces for p in piece.pts]
    places = [places_of(job.folder, piece) for piece in pieces]
    delay = max(n - place for own in places for n, place in enumerate(own))
    number, begun = 0, 0
    for piece, own in zip(pieces, places, strict=True):
        for packet, place in packets_of(job.folder, piece, own):
            at, place_shown = number - delay, begun + place
            packet.time_base = facts.time_base
            packet.pts = shown[place_shown]
            packet.dts = shown[at] if at >= 0 else shown[0] + facts.gap * at
            following = place_shown + 1 < len(shown)
            packet.duration = shown[place_shown + 1] - packet.pts if following else facts.gap
            number += 1
            yield float(packet.dts * facts.time_base), packet
        begun += len(piece.pts)


def _sounds(job: _Joined, source: Any, others: Mapping[int, Any]) -> Iterator[tuple[int, float, Any]]:
    """Packets of sound and subtitles within the span: stream, seconds, packet."""
    if not others:
        return
    if job.shift:
        source.seek(max(0, int((job.shift - BACK) * 1_000_000)), backward=True)
    packets, free = source.demux(*(source.streams[index] for index in others)), dict[int, int]()
    while True:
        try:
            packet = next(packets, None)
        except load_av().error.FFmpegError as error:
            if job.salvage:
                return
            raise ReadError(
                "{file}: its sound is damaged ({problem}); --salvage keeps what is whole",
                code="film.sound",
                file=job.facts.path,
                problem=reason(error),
            ) from None
        if packet is None:
            return
        if packet.dts is None or not _is_in_span(job, packet, free):
            continue
        moved = round(job.shift / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - moved
        packet.dts -= moved
        yield packet.stream.index, float(packet.dts * packet.time_base), packet


def _is_in_span(job: _Joined, packet: Any, free: dict[int, int]) -> bool:
    """Whether a packet belongs to the span. A line that is shown already when the span begins is made to begin with it,
    or after other such lines: `free` has for each stream the first time that is left."""
    shift, index = job.shift, packet.stream.index
    if shift and packet.stream.type == "subtitle":
        first = free.get(index, round(shift / packet.time_base))
        if packet.dts < first:
            packet.duration = max(0, packet.dts + (packet.duration or 0) - first)
            if not packet.duration:
                return False
            packet.pts = packet.dts = first
            free[index] = first + 1  # times of packets never fall
    elif shift and packet.dts * packet.time_base < shift:
        return False
    return job.end is None or packet.dts * packet.time_base < job.end
