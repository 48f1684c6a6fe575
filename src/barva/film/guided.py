"""Guidance on single frames: marks, scenes and words are about one frame, and hold for its shot and for shots of the
same place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from barva.engine.prepare import matching
from barva.engine.prepare.matching import View
from barva.engine.request import Request
from barva.errors import UsageError
from barva.film import carry, color, motion, recall
from barva.film.color import Painter
from barva.film.frames import Frame, frames_of
from barva.film.job import FilmJob
from barva.film.plan import Piece
from barva.film.recall import Remembered
from barva.film.source import FilmFacts
from barva.film.times import Span
from barva.guidance.hintmap import HintMap
from barva.types import Float

BACK = (2, 15)
"""Seconds before a moment from which the frame that is shown then is looked for."""


@dataclass(frozen=True)
class FrameGuidance:
    """What is asked of a frame.

    Args:
        at: Seconds from the film's beginning.
        request: All that is asked of the frame that is shown then; marks are in its pixels when it is upright.
    """

    at: float
    request: Request


def frame_at(facts: FilmFacts, at: float, *, salvage: bool = False) -> Frame:
    """The frame that is shown at `at` seconds. UsageError: the film is shorter."""
    target = facts.pts_at(at)
    for back in (*BACK, None):
        shown: Frame | None = None
        start = None if back is None else max(facts.first, target - round(back / facts.time_base))
        for frame in frames_of(facts, start, salvage=salvage):
            if frame.pts > target:
                if shown is not None:
                    return shown
                break
            shown = frame
        if shown is not None and target < shown.pts + 2 * facts.gap:
            return shown
    raise UsageError(f"--at {at:g}: the film ends before")


def frames_with_guidance(
    facts: FilmFacts, guidance: Iterable[FrameGuidance], span: Span, *, salvage: bool = False
) -> list[tuple[Frame, Request]]:
    """Each frame that is guided, in order. UsageError: one is not in the film or its span, or is named twice."""
    pairs = []
    for row in guidance:
        if row.at < span.start or (span.end is not None and row.at >= span.end):
            raise UsageError(f"--at {row.at:g} is not between --from and --to")
        frame = frame_at(facts, row.at, salvage=salvage)
        if span.start and frame.pts < (begin := facts.pts_at(span.start)):  # what is colored begins with the next one
            frame = next(frames_of(facts, begin, salvage=salvage), frame)
        pairs.append((frame, row.request))
    pairs.sort(key=lambda pair: pair[0].pts)
    if len({frame.pts for frame, _ in pairs}) < len(pairs):
        raise UsageError("two --at name the same frame: put all marks on it into one")
    return pairs


def view_of(frame: Frame, facts: FilmFacts) -> View:
    """A frame as it is matched with others."""
    scale = min(1.0, color.GUIDE / min(facts.height, facts.width))
    size = max(1, round(facts.height * scale)), max(1, round(facts.width * scale))
    return matching.view_of(color.small_light(frame.luma, facts.coding, size))


class Guided:
    """Frames with guidance, in color.

    Args:
        pairs: As `frames_with_guidance` gives them.
        facts: Of the film.
        painter: Answers them.
    """

    def __init__(self, pairs: Sequence[tuple[Frame, Request]], facts: FilmFacts, painter: Painter) -> None:
        self._facts, self._painter = facts, painter
        self._size = motion.size_of(facts.height, facts.width)
        self.requests = {frame.pts: request for frame, request in pairs}
        self.colors: dict[int, Float] = {}
        self.views: list[Remembered] = []
        for frame, request in pairs:
            ab = painter.answer(frame, self._size, None, request)
            self.colors[frame.pts] = ab
            self.views.append(recall.remember(view_of(frame, facts), ab))

    def ahead(self, pts: int) -> bool:
        """Whether a guided frame comes after."""
        return any(at > pts for at in self.requests)

    def first_in(self, piece: Piece) -> int | None:
        """Number of the first guided frame in a piece."""
        return next((n for n, pts in enumerate(piece.pts) if pts in self.requests), None)

    def keys(self, pieces: Sequence[Piece], job: FilmJob) -> list[dict[int, Float]]:
        """Colors of the key frames of a shot up to its first guided frame, which is in the last of its `pieces`: they
        go back along the motion."""
        last = pieces[-1]
        number = self.first_in(last)
        assert number is not None
        ab, rows = self.colors[last.pts[number]], list[dict[int, Float]]()
        stride = color.stride_of(self._facts)
        for piece in reversed(pieces):
            end = number if piece is last else len(piece.pts) - 1
            keys = {0: ab} if end == 0 and piece.begins else self._back(piece, end, ab, stride, job)
            ab = keys.get(-1, ab)
            rows.append({place: value for place, value in keys.items() if place >= 0})
        return rows[::-1]

    def _back(self, piece: Piece, end: int, ab: Float, stride: int, job: FilmJob) -> dict[int, Float]:
        """Keys of a piece up to number `end`, whose color is `ab`."""
        shift = 0 if piece.begins else 1  # the frame before the piece comes first
        places = [place + shift for place in color.key_places(end + 1, piece.begins, stride)]
        lights, shown = list[Float](), dict[int, Frame]()
        for n, frame in zip(range(end + 1 + shift), job.frames(piece), strict=False):
            lights.append(color.small_light(frame.luma, self._facts.coding, self._size))
            if n in places:
                shown[n] = frame

        def answer(place: int, hints: HintMap | None) -> Float:
            return self._painter.answer(shown[place], self._size, hints)

        keys = carry.keys_before(ab, lights, places, answer)
        return {place - shift: value for place, value in keys.items()}
