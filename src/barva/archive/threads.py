"""Photos in threads of one process: what a run of few photos takes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, Self

from barva.archive.outcome import Outcome
from barva.archive.select import Item


class Executor(Protocol):
    """Colors several photos at a time; a context, which waits for the photos under way when it ends."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None: ...
    @property
    def is_full(self) -> bool:
        """Whether it cannot take another photo now."""
        ...

    @property
    def is_busy(self) -> bool:
        """Whether a photo is under way."""
        ...

    def submit(self, item: Item, finished: bool) -> None:
        """Begin a photo."""
        ...

    def take_outcomes(self) -> list[Outcome]:
        """Outcomes that have come since, at least one where a photo is under way."""
        ...


def ends_at_once(kind: type[BaseException] | None) -> bool:
    """Whether photos under way are not waited for: at a second Ctrl-C, but not where no more outcomes are wanted."""
    return kind is not None and not issubclass(kind, Exception | GeneratorExit)


class Threads:
    """Up to `count` threads that call `color_one`."""

    def __init__(self, color_one: Callable[[Item, bool], Outcome], count: int) -> None:
        self._color_one, self._count = color_one, count
        self._pool = ThreadPoolExecutor(count)
        self._running: set[Future[Outcome]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        at_once = ends_at_once(kind)
        self._pool.shutdown(wait=not at_once, cancel_futures=at_once)

    @property
    def is_full(self) -> bool:
        return len(self._running) >= self._count

    @property
    def is_busy(self) -> bool:
        return bool(self._running)

    def submit(self, item: Item, finished: bool) -> None:
        self._running.add(self._pool.submit(self._color_one, item, finished))

    def take_outcomes(self) -> list[Outcome]:
        done = set[Future[Outcome]]()
        while self._running and not done:
            done, self._running = wait(self._running, timeout=0.5, return_when=FIRST_COMPLETED)
        return [future.result() for future in done]
