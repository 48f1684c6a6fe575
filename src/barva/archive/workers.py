"""Photos in processes: each keeps its network, and one that ends costs the photo it had, and is replaced.

Processes are spawned, on every system alike. A killed run leaves none behind: they end with it, at once, so that the
next run has the photos for itself. Signals of the terminal go to the run alone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING

from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions
from barva.archive.select import Item
from barva.archive.threads import ends_at_once
from barva.engine.request import Request
from barva.errors import BarvaError
from barva.runtime.worker_process import end_with_parent, exit_reason, start

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from barva.archive.run import Run

BARREN, FATAL = 4, 32
"""Processes that may end in a row before the run gives up: none having loaded its network, or none having colored a
photo (some photos end any process)."""


@dataclass(frozen=True)
class Recipe:
    """All that a process needs to color photos as its run does.

    Args:
        method: the method's name.
        request: what is asked of each photo.
        files: how files are read and written.
        perceive: whether to look for objects.
        observe: whether outcomes hold facts for the index.
        large: the file of the lock that big photos share; None for a lock of the process's own.
        source, target: the places, by URL, of photos and results that are fetched and stored; None for files.
    """

    method: str
    request: Request
    files: FileOptions
    perceive: bool = False
    observe: bool = False
    large: Path | None = None
    source: str | None = None
    target: str | None = None

    def run(self) -> Run:
        """A run that colors single photos with one thread. UsageError, WeightsError."""
        import cv2

        from barva.archive.run import Run
        from barva.engine.colorizer import Colorizer

        cv2.setNumThreads(1)
        colorizer = Colorizer(self.method, threads=1, request=self.request)
        run: Run
        if self.source is None or self.target is None:
            run = Run(colorizer, self.files, 1, perceive=self.perceive, observe=self.observe)
        else:
            from barva.archive.staged import StagedRun

            run = StagedRun(colorizer, self.source, self.target, self.files, 1, perceive=self.perceive)
        run.share(self.large)
        return run


def _work(connection: Connection, make: Callable[[], Run]) -> None:
    """The life of a process."""
    end_with_parent()
    run = make()
    with contextlib.suppress(EOFError, OSError):  # the run has ended
        connection.send(None)  # loaded
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            break
        outcome = run.color_one(*task)
        try:
            connection.send(outcome)
        except OSError:
            break
    os._exit(0)  # as `barva.cli.main`: taking the networks apart takes long


@dataclass
class _Worker:
    """A process, our end of its pipe, and the photo that it has."""

    process: BaseProcess
    connection: Connection
    item: Item | None = None
    is_loaded: bool = False


class Workers:
    """Up to `count` processes; a context, which waits for the photos under way when it ends.

    Args:
        make: makes a process's run; pickled.
        count: processes at most.
    """

    def __init__(self, make: Callable[[], Run], count: int) -> None:
        self._make, self._count = make, count
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._barren = 0

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        for worker in self._workers:
            worker.connection.close()
            if ends_at_once(kind):
                worker.process.kill()
        for worker in self._workers:
            worker.process.join()

    @property
    def is_full(self) -> bool:
        return sum(worker.item is not None for worker in self._workers) >= self._count

    @property
    def is_busy(self) -> bool:
        return any(worker.item is not None for worker in self._workers)

    def submit(self, item: Item, finished: bool) -> None:
        """Give a photo to a process that has none. BarvaError: processes end as soon as they start."""
        idle = next((worker for worker in self._workers if worker.item is None), None) or self._start()
        idle.item = item
        with contextlib.suppress(OSError):  # it has just ended: `take_outcomes` says so
            idle.connection.send((item, finished))

    def take_outcomes(self) -> list[Outcome]:
        """Outcomes that have come since, at least one where a photo is under way. BarvaError as in `submit`."""
        outcomes: list[Outcome] = []
        while not outcomes and self.is_busy:
            busy = [worker for worker in self._workers if worker.item is not None]
            ready = wait([worker.connection for worker in busy], timeout=0.5)  # Windows sees Ctrl-C in between
            received = [self._receive(worker) for worker in busy if worker.connection in ready]
            outcomes += [outcome for outcome in received if outcome is not None]
        return outcomes

    def _receive(self, worker: _Worker) -> Outcome | None:
        """What a process sent; None where it has only loaded its network."""
        assert worker.item is not None
        try:
            outcome: Outcome | None = worker.connection.recv()
        except (EOFError, OSError):
            return self._bury(worker, worker.item)
        if outcome is None:
            worker.is_loaded = True
        else:
            worker.item, self._barren = None, 0
        return outcome

    def _bury(self, worker: _Worker, item: Item) -> Outcome:
        """The outcome of a photo whose process ended."""
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join()
        self._barren += 1
        why = exit_reason(worker.process.exitcode)
        if self._barren >= (FATAL if worker.is_loaded else BARREN):
            raise BarvaError(f"processes end before they color a photo ({why}); -j 1 colors without them")
        return Outcome(item, "failed", (f"{item.source}: the process that colored it ended: {why}",))

    def _start(self) -> _Worker:
        worker = _Worker(*start(self._context, _work, self._make))
        self._workers.append(worker)
        return worker
