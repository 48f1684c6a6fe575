"""Pieces in processes, each with its own network. A killed run leaves no process behind: they end with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from barva.engine.request import Request
from barva.errors import BarvaError
from barva.film.job import FilmJob
from barva.film.plan import Piece
from barva.runtime.machine import usable_cores, usable_memory
from barva.runtime.worker_process import end_with_parent, exit_reason, failure, start

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

AHEAD = 8
"""Pieces that are known ahead of those under way, for each process."""

PROCESS = 800_000_000
"""Bytes of memory that one process may need at 1080p, and for smaller frames at most."""

_PIXELS = 1920 * 1080


def usual_jobs(pixels: int) -> int:
    """Processes for what this machine lets us use: each works with two cores, and half of the memory is enough for all.

    Args:
        pixels: Of a frame: larger ones need more memory in each process.
    """
    memory, need = usable_memory(), PROCESS * max(pixels, _PIXELS) // _PIXELS
    return max(1, min(usable_cores() // 2, 2 if memory is None else memory // 2 // need))


@dataclass(frozen=True)
class Recipe:
    """All that a process needs: the method's name, what is asked, the film, and threads."""

    method: str
    request: Request
    job: FilmJob
    threads: int


@contextmanager
def several(threads: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """`map` in threads. OpenCV gets one thread of its own: what it answers depends on their number."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        if threads == 1:
            yield map
            return
        with ThreadPoolExecutor(threads) as pool:
            yield pool.map
    finally:
        cv2.setNumThreads(before)


def _work(connection: Connection, recipe: Recipe, frames: Any) -> None:
    """The life of a process: it takes pieces and gives back None, or the error."""
    from barva.engine.colorizer import Colorizer
    from barva.film.color import Painter

    end_with_parent()

    def count() -> None:
        with frames.get_lock():
            frames.value += 1

    with contextlib.suppress(EOFError, OSError), several(recipe.threads) as run:
        colorizer = Colorizer(recipe.method, threads=recipe.threads, request=recipe.request)
        painter, onward = Painter(colorizer, recipe.job.facts), recipe.job.onward()
        while True:
            piece: Piece = connection.recv()
            try:
                recipe.job.color(piece, painter, run, count, onward=onward)
                connection.send(None)
            except Exception as error:
                connection.send(failure(error, recipe.job.facts.path))
    os._exit(0)


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    piece: Piece | None = None


class Workers:
    """Up to `count` processes; a context, at whose end they are ended."""

    def __init__(self, recipe: Recipe, count: int) -> None:
        self._recipe, self._count = recipe, count
        self._context = multiprocessing.get_context("spawn")
        self._frames = self._context.Value("q", 0)
        self._workers: list[_Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()  # what it has not finished is not there
            worker.process.join()
            worker.connection.close()

    @property
    def frames(self) -> int:
        """Frames that were colored."""
        return int(self._frames.value)

    def color(
        self, pieces: Iterator[Piece], is_done: Callable[[Piece], bool], tell: Callable[[Piece | None], None]
    ) -> None:
        """Color all pieces. One that goes on with a shot waits for the piece before it.

        Args:
            pieces: In order; taken as they are needed.
            is_done: Whether a piece is finished already.
            tell: Called with each piece that is finished, and with None now and then.

        Raises:
            BarvaError: What a process raised, or that one ended.
        """
        waiting: list[Piece] = []
        done: set[int] = set()
        more = True
        while True:
            while more and len(waiting) < AHEAD * self._count:
                piece = next(pieces, None)
                more = piece is not None
                if piece is not None and is_done(piece):
                    done.add(piece.number)
                elif piece is not None:
                    waiting.append(piece)
                    break  # it may begin at once
            self._submit(waiting, done)
            busy = [worker for worker in self._workers if worker.piece is not None]
            if not busy and not waiting and not more:
                return
            full = len(busy) == self._count or not more or len(waiting) >= AHEAD * self._count
            for connection in wait([worker.connection for worker in busy], timeout=0.5 if full else 0):
                worker = next(w for w in busy if w.connection is connection)
                finished, worker.piece = worker.piece, None
                self._receive(worker)
                assert finished is not None
                done.add(finished.number)
                tell(finished)
            tell(None)

    def _submit(self, waiting: list[Piece], done: set[int]) -> None:
        for piece in list(waiting):
            if not piece.begins and not piece.kept and piece.number - 1 not in done:
                continue
            idle = next((worker for worker in self._workers if worker.piece is None), None)
            if idle is None and len(self._workers) == self._count:
                return
            idle = idle or self._start()
            idle.piece = piece
            with contextlib.suppress(OSError):  # it has just ended: `_receive` says so
                idle.connection.send(piece)
            waiting.remove(piece)

    def _receive(self, worker: _Worker) -> None:
        try:
            answer: BarvaError | None = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            raise BarvaError(
                f"a process ended while it colored a shot ({exit_reason(worker.process.exitcode)}); --jobs 1 needs "
                "the least memory, and finished shots are kept"
            ) from None
        if answer is not None:
            raise answer

    def _start(self) -> _Worker:
        worker = _Worker(*start(self._context, _work, self._recipe, self._frames))
        self._workers.append(worker)
        return worker
