"""What there is to do with a film, as every process needs it, and how one piece is colored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from barva.engine.request import Request
from barva.errors import ReadError
from barva.film import color
from barva.film.color import Look, Painter
from barva.film.encode import Encoding
from barva.film.folder import WorkFolder
from barva.film.frames import Frame, frames_of
from barva.film.onward import Onward
from barva.film.piece_file import PieceWriter
from barva.film.plan import Piece
from barva.film.planes import Coding
from barva.film.source import FilmFacts
from barva.film.threads import ahead, behind
from barva.film.times import Span

AHEAD = 6
"""Frames that are decoded ahead of those that are colored, and colored ahead of those that are encoded, at most."""


@dataclass(frozen=True, eq=False)
class FilmJob:
    """A film that is being colored.

    Args:
        facts: Of the film.
        out: How pixels are written.
        encoding: How pictures are written.
        folder: Where finished pieces lie.
        span: The seconds that are colored.
        guided: What is asked of single frames, by their `pts`.
        salvage: Color what can be decoded.
        keep_color: Shots in color stay as they are.
    """

    facts: FilmFacts
    out: Coding
    encoding: Encoding
    folder: WorkFolder
    span: Span
    guided: Mapping[int, Request]
    salvage: bool = False
    keep_color: bool = False

    def in_span(self, start: int | None = None, *, own: bool = False) -> Iterator[Frame]:
        """The frames of the span, from `start` on."""
        facts, span = self.facts, self.span
        begin = facts.pts_at(span.start) if span.start else None
        begin = max((at for at in (begin, start) if at is not None), default=None)
        end = None if span.end is None else facts.pts_at(span.end)
        for frame in frames_of(facts, begin, salvage=self.salvage, own=own):
            if end is not None and frame.pts >= end:  # the next part begins with it
                return
            yield frame

    def onward(self) -> Onward:
        """The frames of the span by their number, for a reader that goes from piece to piece."""
        return Onward(lambda: self.in_span(own=self.keep_color))

    def frames(self, piece: Piece, onward: Onward | None = None) -> Iterator[Frame]:
        """A piece's frames, after the one before where its shot does not begin with it.

        Args:
            piece: The piece.
            onward: What this reader's earlier pieces were read with; frames that are found by counting come from it.

        Raises:
            ReadError: They are gone.
        """
        wanted = piece.pts if piece.begins or piece.before is None else (piece.before, *piece.pts)
        count = 0
        first = piece.index + len(piece.pts) - len(wanted)
        if piece.exact and (self.facts.timed or onward is None):
            frames = self.in_span(wanted[0], own=piece.kept)
        elif onward is None:
            frames = islice(self.in_span(own=piece.kept), first, None)
        else:
            frames = onward.frames(first)
        for pts, frame in zip(wanted, frames, strict=False):
            if frame.pts != pts:
                break
            count += 1
            yield frame
        if count < len(wanted):
            raise ReadError(
                "{file}: the frame at {seconds} s is not found again",
                code="film.frame-lost",
                file=self.facts.path,
                seconds=f"{self.facts.seconds_of(wanted[count]):.2f}",
            )

    def color(
        self,
        piece: Piece,
        painter: Painter,
        run: Callable[..., Iterable[Any]],
        count: Callable[[], None],
        decoded: Iterable[Frame] | None = None,
        onward: Onward | None = None,
    ) -> None:
        """Color a piece into the folder.

        Args:
            piece: The piece.
            painter: Answers key frames.
            run: `map`, or one that works on several frames at a time.
            count: Called after each frame.
            decoded: What `frames` would give, where it is there already.
            onward: As for `frames`.

        Raises:
            BarvaError: The film cannot be read, its color not be found, or the piece not be written.
        """
        look = Look(painter, self.facts, self.out, self.folder.keys(piece), self.guided, run)
        last = None
        with (
            PieceWriter(self.folder.colored(piece), self.facts, self.out, self.encoding) as writer,
            closing(ahead(self.frames(piece, onward) if decoded is None else iter(decoded), AHEAD)) as frames,
        ):
            with behind(writer.add, AHEAD) as add:
                for frame in color.color_piece(piece, frames, look):
                    add(frame.pts, (frame.luma, frame.cb, frame.cr))
                    last = frame.key if frame.key is not None else last
                    count()
            if last is not None:
                self.folder.save_keys(piece.number, {0: last}, "end.npz")
