"""A film divided into pieces: a short shot is one, a long one several. A piece is what a process colors at a time and
what a stopped run need not do again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from barva.film import shots
from barva.film.frames import Frame
from barva.film.planes import Coding

LENGTH = 241
"""Frames of a piece at most."""

COLORED = 0.04
"""Mean distance of chroma codes from gray, 0..1, from which a film counts as colored already."""

HOLD = 50_000_000
"""Bytes of luma, at most, of a piece whose frames are kept until it is colored, so that they are decoded once."""


@dataclass(frozen=True)
class Piece:
    """Some frames of a shot.

    Args:
        number: From 0, in the film's order.
        shot: From 0.
        begins: The shot begins with it; else its colors go on from the last frame of the piece before.
        pts: Times of its frames.
        index: Number of its first frame, from the first frame that is colored.
        before: Time of the frame before it; None of the film's first piece.
        exact: Its frames are found by their times; else by counting.
        chroma: Mean distance of its frames' own chroma from gray.
        kept: Its own colors are kept.
        usual: What the search for cuts goes on with.
    """

    number: int
    shot: int
    begins: bool
    pts: tuple[int, ...]
    index: int
    before: int | None
    exact: bool
    chroma: float
    kept: bool
    usual: tuple[float, ...] = ()

    def to_row(self) -> dict[str, Any]:
        """For JSON."""
        return dict(vars(self))

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Piece:
        """What `to_row` gave. TypeError, KeyError: it is no such row."""
        return cls(**{**row, "pts": tuple(row["pts"]), "usual": tuple(row["usual"])})


def pieces_of(
    frames: Iterator[Frame], coding: Coding, keep_color: bool, after: Piece | None = None, hold: int = 0
) -> Iterator[tuple[Piece, Seen]]:
    """The pieces of a film, each as soon as its end is known.

    Args:
        frames: From the first one on, or from the last frame of `after` on.
        coding: How their luma is written.
        keep_color: Pieces of shots that are in color already are `kept`.
        after: The piece before.
        hold: Bytes of luma of a piece whose frames are kept, at most.

    Returns:
        Each piece, with what is kept of its frames.
    """
    last = next(frames, None)
    if last is None:
        return
    if after is None:
        frames, finder = chain([last], frames), shots.CutFinder()
    else:
        finder = shots.CutFinder(thumbnail_of(last, coding), after.usual)
    before, group, begins = after, _Group(hold), False
    for frame in frames:
        starts = finder.begins(thumbnail_of(frame, coding))
        if group.pts and (starts or len(group.pts) == LENGTH):
            before = group.piece(before, begins, keep_color)
            yield before, group.seen
            group = _Group(hold)
        if not group.pts:
            begins = starts
            group.begin(frame if starts else None, None if starts else last)
        group.add(frame, finder.usual)
        last = frame
    if group.pts:
        yield group.piece(before, begins, keep_color), group.seen


@dataclass(frozen=True, eq=False)
class Seen:
    """What is kept of a piece's frames: the first one where a shot begins with it, and all of them, as
    `FilmJob.frames` gives them, where they are few."""

    first: Frame | None
    frames: tuple[Frame, ...] | None = None


class _Group:
    """The frames of a piece as they come, those of the first `hold` bytes kept."""

    def __init__(self, hold: int) -> None:
        self.pts: list[int] = []
        self._first: Frame | None = None
        self._frames: list[Frame] = []
        self._hold = hold
        self._chroma = 0.0
        self._exact = True
        self._usual: tuple[float, ...] = ()

    def begin(self, first: Frame | None, before: Frame | None) -> None:
        """`first` where a shot begins, else the frame `before`."""
        self._first = first
        self._frames = [] if before is None else [before]

    @property
    def seen(self) -> Seen:
        return Seen(self._first, tuple(self._frames) if self._hold > 0 else None)

    def add(self, frame: Frame, usual: tuple[float, ...]) -> None:
        self._hold -= frame.luma.nbytes
        if self._hold > 0:
            self._frames.append(frame)
        else:
            self._frames = []
        self.pts.append(frame.pts)
        self._chroma += frame.chroma
        self._exact = self._exact and frame.exact
        self._usual = usual

    def piece(self, before: Piece | None, begins: bool, keep_color: bool) -> Piece:
        chroma = self._chroma / len(self.pts)
        number, shot, index, exact = 0, 0, 0, True
        if before is not None:
            number, shot = before.number + 1, before.shot + begins
            index, exact = before.index + len(before.pts), before.exact
        last = None if before is None else before.pts[-1]
        kept = keep_color and (chroma > COLORED if begins or before is None else before.kept)
        return Piece(
            number, shot, begins, tuple(self.pts), index, last, exact and self._exact, chroma, kept, self._usual
        )


def thumbnail_of(frame: Frame, coding: Coding) -> shots.Thumbnail:
    """A frame as cuts are looked for."""
    return shots.thumbnail(np.asarray(frame.luma[::2, ::2], np.float32) / np.float32(coding.span[1]))
