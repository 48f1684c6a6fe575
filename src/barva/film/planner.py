"""What there is to color, piece by piece: shots found, and the first frame of each colored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from barva.film import motion, recall
from barva.film.color import Painter
from barva.film.frames import Frame
from barva.film.guided import Guided, view_of
from barva.film.job import FilmJob
from barva.film.plan import Piece, pieces_of
from barva.film.recall import Remembered
from barva.types import Float


class Planner:
    """Finds the pieces of a film, and colors the first frame of each shot: of a place that was seen before, or that has
    guidance, as it is known; so that pieces do not depend on when others are colored.

    Args:
        job: The film.
        painter: Answers first frames.
        guided: Frames with guidance.
        hold: Bytes of luma of a piece whose frames are kept for `take_frames`, at most.
    """

    def __init__(self, job: FilmJob, painter: Painter, guided: Guided, hold: int = 0) -> None:
        self._job, self._painter, self._guided = job, painter, guided
        self._size = motion.size_of(job.facts.height, job.facts.width)
        self._earlier: list[Remembered] = []
        self._hold = 0 if job.keep_color else hold  # frames have no color of their own here
        self._frames: tuple[Frame, ...] | None = None

    def pieces(self) -> Iterator[Piece]:
        """Those that an earlier run noted, then all others. Each is noted in the folder, with the colors of its first
        frame, before it is given."""
        job, last = self._job, None
        for last in job.folder.pieces():
            view = job.folder.file(last.number, "view.npz")
            if view.is_file():
                self._remember(Remembered.load(view))
            yield last
        frames = job.in_span() if last is None else self._frames_after(last)
        held, open_shot = list[tuple[Piece, Frame | None]](), last is not None
        for piece, seen in pieces_of(frames, job.facts.coding, job.keep_color, last, self._hold):
            if piece.begins:
                yield from self._noted(held)
                held, open_shot = [], False
            held.append((piece, seen.first))
            self._frames = seen.frames
            marked = self._guided.first_in(piece) is not None
            if marked and not open_shot and not piece.kept:
                yield from self._noted(held, self._guided.keys([p for p, _ in held], job))
                held, open_shot = [], True
            elif open_shot or not self._guided.ahead(piece.pts[-1]):
                yield from self._noted(held)
                held, open_shot = [], True
        yield from self._noted(held)

    def take_frames(self, piece: Piece) -> tuple[Frame, ...] | None:
        """The frames of the piece that was given last, as `FilmJob.frames` gives them; None where they are not kept."""
        frames, self._frames = self._frames, None
        return frames if frames and frames[-1].pts == piece.pts[-1] else None

    def _frames_after(self, piece: Piece) -> Iterator[Frame]:
        """From a piece's last frame on."""
        if piece.exact:
            return self._job.in_span(piece.pts[-1])
        return islice(self._job.in_span(), piece.index + len(piece.pts) - 1, None)

    def _noted(
        self, held: Sequence[tuple[Piece, Frame | None]], known: Sequence[dict[int, Float]] | None = None
    ) -> Iterator[Piece]:
        folder = self._job.folder
        for n, (piece, first) in enumerate(held):
            keys = {} if known is None else known[n]
            if first is not None and not piece.kept:
                view = view_of(first, self._job.facts)
                if 0 not in keys:
                    hints = recall.hints_from(view, [*self._earlier, *self._guided.views], self._size)
                    keys = {0: self._painter.answer(first, self._size, hints)}
                seen = recall.remember(view, keys[0])
                seen.save(folder.file(piece.number, "view.npz"))
                self._remember(seen)
            if keys:
                folder.save_keys(piece.number, keys)
        # all of them before one is colored, and the first one last: a run that is stopped in between finds all of
        # them later, or none, and the rest of a shot is not colored without what goes back from its mark
        for piece, _ in reversed(held):
            folder.add(piece)
        yield from (piece for piece, _ in held)

    def _remember(self, seen: Remembered) -> None:
        self._earlier = [*self._earlier, seen][-recall.SHOTS :]
