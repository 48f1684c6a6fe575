"""A run over many photos: several at a time, a bad one does not stop it, and it resumes where it was killed."""

from __future__ import annotations

import itertools
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions
from barva.archive.photo_work import PhotoWork, Task
from barva.archive.select import Item
from barva.archive.threads import Executor, Threads
from barva.engine.colorizer import Colorizer
from barva.runtime.machine import usable_cores

if TYPE_CHECKING:
    from barva.archive.workers import Recipe

WORTH_PHOTOS, WORTH_BYTES = 32, 64_000_000
"""Photos, or bytes of several, from which a run colors in processes: fewer save less than the start takes."""

_LOOK_AHEAD = 500  # photos at most that are looked at before processes or threads are chosen
_FOLDERS = 64  # of results whose names are kept, to see that none comes twice; photos come folder by folder


class Run(PhotoWork):
    """Colors items; iterate over `outcomes()` to make it go.

    Args:
        colorizer: paints; its request is that of every photo.
        files: how files are read and written.
        jobs: photos at a time; None for one a core.
        processes: color in processes where there are enough photos to be worth it; the program's main module must be
            one that can be imported again.
        perceive: look for the objects of each photo, for its facts.
        observe: give outcomes facts for the index.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        files: FileOptions | None = None,
        jobs: int | None = None,
        *,
        processes: bool = False,
        perceive: bool = False,
        observe: bool = False,
    ) -> None:
        super().__init__(colorizer, files, perceive=perceive, observe=observe)
        self.jobs, self.processes = max(1, jobs or usable_cores()), processes
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Begin no other photo: `outcomes` ends after those under way."""
        self._stopped.set()

    def close(self) -> None:
        """Give back what the engine holds."""

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def outcomes(self, items: Iterable[Item]) -> Iterator[Outcome]:
        """One outcome for each item, as they end. Closing the iterator lets what is under way finish.

        Raises:
            BarvaError: processes cannot color here.
        """
        yield from self._color_all(self._tasks(items))

    def _color_all(self, tasks: Iterator[Outcome | Task]) -> Iterator[Outcome]:
        head = self._look_ahead(tasks)
        with self._executor(head) as executor:
            for task in itertools.chain(head, tasks):
                if self.is_stopped:
                    break
                if isinstance(task, Outcome):
                    yield task
                    continue
                while executor.is_full:
                    yield from executor.take_outcomes()
                if not self.is_stopped:
                    executor.submit(*task)
            while executor.is_busy:
                yield from executor.take_outcomes()

    def _tasks(self, items: Iterable[Item]) -> Iterator[Outcome | Task]:
        """What needs no painting has its outcome already."""
        folders = OrderedDict[Path, set[str]]()
        for item in items:
            names = folders.setdefault(item.output.parent, set())
            folders.move_to_end(item.output.parent)
            if len(folders) > _FOLDERS:
                folders.popitem(last=False)
            if item.output.name in names:
                yield Outcome(item, "failed", (f"{item.output} is already another photo's result in this run",))
                continue
            names.add(item.output.name)
            yield self._guard(item, partial(self._check, item))

    def _look_ahead(self, tasks: Iterator[Outcome | Task]) -> list[Outcome | Task]:
        """The first tasks, until it is known whether they are worth processes."""
        head: list[Outcome | Task] = []
        if self.processes and self.jobs > 1:
            while len(head) < _LOOK_AHEAD and not _worth_processes(head):
                task = next(tasks, None)
                if task is None:
                    break
                head.append(task)
        return head

    def _executor(self, head: Sequence[Outcome | Task]) -> Executor:
        if not (_worth_processes(head) or len(head) == _LOOK_AHEAD):
            return Threads(self.color_one, self.jobs)
        from barva.archive.workers import Workers

        return Workers(self.recipe().run, self.jobs)

    def recipe(self) -> Recipe:
        """What another process needs to color photos as this run does."""
        from barva.archive.workers import Recipe

        user = os.getuid() if hasattr(os, "getuid") else ""
        large = Path(tempfile.gettempdir()) / f"barva-large-{user}.lock"
        card, request = self.colorizer.card, self.colorizer.request
        return Recipe(card.name, request, self.files, self.perceive, self.observe, large)


def _worth_processes(head: Sequence[Outcome | Task]) -> bool:
    """Whether these are enough photos to color that processes save more time than their start takes."""
    sources = [task[0].source for task in head if not isinstance(task, Outcome)]
    if len(sources) >= WORTH_PHOTOS:
        return True
    return len(sources) > 1 and sum(map(_size, sources)) >= WORTH_BYTES


def _size(source: Path) -> int:
    try:
        return source.stat().st_size
    except OSError:  # named when it is its turn
        return 0
