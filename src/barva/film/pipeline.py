"""`color_film`: a film in color, shot by shot, so that what is finished survives whatever happens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from barva.engine.colorizer import Colorizer
from barva.errors import ReadError, UsageError, WriteError
from barva.film import encode
from barva.film.color import Painter
from barva.film.fits import check_target
from barva.film.folder import WorkFolder, only_run, top_of
from barva.film.guided import FrameGuidance, Guided, frames_with_guidance
from barva.film.job import FilmJob
from barva.film.join import join
from barva.film.notes import notes_on
from barva.film.piece_file import TornPieceError
from barva.film.plan import HOLD, Piece
from barva.film.planner import Planner
from barva.film.source import facts_of
from barva.film.times import Span
from barva.film.workers import Recipe, Workers, several, usual_jobs
from barva.imaging.write import make_folder
from barva.runtime import weights
from barva.runtime.machine import usable_cores

MOST_THREADS = 4
"""Threads that color the frames between two key frames, at most."""


@dataclass(frozen=True)
class FilmProgress:
    """How far a film is: frames colored, frames in all (about; None where the file does not say), shots finished."""

    frames: int
    total: int | None
    shots: int


@dataclass(frozen=True)
class FilmResult:
    """What came out: the file, its frames and shots, and notes."""

    path: Path
    frames: int
    shots: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilmOptions:
    """How a film is read and written.

    Args:
        codec: One of `encode.CODECS`; None: as the target's suffix has it.
        quality: Constant rate factor, 0 (best) to 51; None: 18.
        lossless: The decoded luma is exactly the film's.
        span: The seconds that are colored.
        salvage: Color what can be decoded of a damaged film.
        overwrite: Replace a file that is there.
        keep_color: Shots that are in color already stay as they are.
        jobs: Processes that color shots side by side; None: as many as the machine is good for.
        patience: Seconds to wait for another run on the same film to end.
    """

    codec: str | None = None
    quality: int | None = None
    lossless: bool = False
    span: Span = field(default_factory=Span)
    salvage: bool = False
    overwrite: bool = False
    keep_color: bool = False
    jobs: int | None = 1
    patience: float = 0.0

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise UsageError(f"jobs must be at least 1, not {self.jobs}")


def color_film(
    source: Path,
    target: Path,
    colorizer: Colorizer,
    options: FilmOptions | None = None,
    progress: Callable[[FilmProgress], None] | None = None,
    guidance: Iterable[FrameGuidance] = (),
) -> FilmResult:
    """Color a film. A run that was stopped goes on after the last finished piece.

    Args:
        source: The film.
        target: The file to write; beside it `.NAME.barva-film` holds finished pieces until all are.
        colorizer: The method, and what is asked of every shot.
        options: How it is read and written.
        progress: Called after each frame, or now and then where there are several processes.
        guidance: What is asked of single frames; it holds for their shots, and for shots of the same place.

    Returns:
        What came out.

    Raises:
        ReadError: No film, or a damaged one.
        WriteError: The target exists or cannot be written.
        UsageError: A codec or container that cannot hold the film, marks that are not on it, or another run that
            writes the same file.

    Examples:
        >>> color_film(Path("newsreel.mp4"), Path("newsreel.color.mp4"), Colorizer())
    """
    options = options or FilmOptions()
    encoding = encode.encoding_for(target, options.codec, options.quality, options.lossless)
    _check_free(target, options)
    facts = facts_of(source)
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the film itself; name another file")
    out = encode.coding_for(facts, encoding)
    check_target(target, facts, out, encoding)
    pairs = frames_with_guidance(facts, guidance, options.span, salvage=options.salvage)
    folder = WorkFolder(top_of(target), container=encode.piece_container(encoding))
    job = FilmJob(facts, out, encoding, folder, options.span,
                  {frame.pts: request for frame, request in pairs}, options.salvage, options.keep_color)  # fmt: skip
    painter = Painter(colorizer, facts)
    guided = Guided(pairs, facts, painter)  # marks that are not on their frame are told before the folder is there
    make_folder(target.parent)  # where it cannot be made, that one is named, and not the working folder in it
    folder = replace(folder, job=_digest(source, colorizer, job)[:16])
    with only_run(target, options.patience):
        _check_free(target, options)  # another run may just have finished it
        pieces = _color_and_join(replace(job, folder=folder), target, painter, guided, options, progress)
        notes = (*facts.notes, *notes_on(pieces, job, target))
        if others := folder.remove_all():
            notes = (*notes, f"finished pieces that were made with other settings: {others}; they were removed")
    return FilmResult(target, sum(len(p.pts) for p in pieces), pieces[-1].shot + 1, notes)


def _check_free(target: Path, options: FilmOptions) -> None:
    if target.exists() and not options.overwrite:
        raise WriteError(f"{target} exists already; --overwrite replaces it")


def _color_and_join(
    job: FilmJob,
    target: Path,
    painter: Painter,
    guided: Guided,
    options: FilmOptions,
    progress: Callable[[FilmProgress], None] | None,
) -> list[Piece]:
    """Color what is left, and write the film; all its pieces."""
    folder, again = job.folder, set[int]()
    jobs = options.jobs or usual_jobs(job.facts.width * job.facts.height)
    folder.open()
    while True:
        try:
            pieces = _color(job, painter, guided, jobs, progress)
        except UsageError:  # the same command would fail again: nothing is kept for it
            if not folder.has_pieces():
                folder.remove()
            raise
        try:
            join(pieces, folder, job.facts, target, job.span, overwrite=options.overwrite, salvage=job.salvage)
            return pieces
        except TornPieceError as torn:
            folder.discard(torn.piece)
            if torn.piece.number in again:
                raise
            again.add(torn.piece.number)


def _digest(source: Path, colorizer: Colorizer, job: FilmJob) -> str:
    """What tells one job from another."""
    stat = source.stat()
    requests = [colorizer.request, *(job.guided[pts] for pts in sorted(job.guided))]
    asked = (str(source.resolve()), stat.st_size, stat.st_mtime_ns, colorizer.card.name, sorted(job.guided),
             [json.dumps(r.to_dict(), sort_keys=True, default=str) for r in requests], repr(job.encoding),
             repr(job.span), job.keep_color, weights.maker(colorizer.card.weights))  # fmt: skip
    return hashlib.sha256(repr(asked).encode()).hexdigest()


def _color(
    job: FilmJob, painter: Painter, guided: Guided, jobs: int, progress: Callable[[FilmProgress], None] | None
) -> list[Piece]:
    """Color what is left; all pieces of the film."""
    planner = Planner(job, painter, guided, HOLD if jobs == 1 else 0)
    total, pieces = _frames_in(job), list[Piece]()
    before = done = shots = 0

    def known() -> Iterator[Piece]:
        nonlocal before, done
        for piece in planner.pieces():
            pieces.append(piece)
            if job.folder.is_done(piece):
                before += len(piece.pts)
                done = before
            yield piece

    def tell(frames: int) -> None:
        if progress is not None:
            progress(FilmProgress(frames, total, shots))

    threads = painter.colorizer.threads or usable_cores()
    if jobs == 1:
        with several(min(threads, MOST_THREADS)) as run, closing(job.onward()) as onward:

            def count() -> None:
                nonlocal done
                done += 1
                tell(done)

            for piece in known():
                shots = piece.shot
                if not job.folder.is_done(piece):
                    job.color(piece, painter, run, count, planner.take_frames(piece), onward)
    else:
        recipe = Recipe(painter.colorizer.card.name, painter.colorizer.request, job, max(1, threads // jobs))
        with several(1), Workers(recipe, jobs) as workers:

            def report(piece: Piece | None) -> None:
                nonlocal shots
                shots = shots if piece is None else max(shots, piece.shot)
                tell(before + workers.frames)

            workers.color(known(), job.folder.is_done, report)
    if not pieces:
        raise ReadError(f"{job.facts.path} has no frame in that span")
    return pieces


def _frames_in(job: FilmJob) -> int | None:
    """About how many frames there are in the span."""
    facts, span = job.facts, job.span
    if facts.duration is None and span.end is None:
        return None
    end = min(at for at in (facts.duration, span.end) if at is not None)
    return max(1, round((end - span.start) * facts.rate))
