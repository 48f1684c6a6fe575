"""Reading, coloring and writing at the same time: frames are decoded in one thread and encoded in another."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")

_END = object()


def ahead(items: Iterator[T], count: int) -> Generator[T, None, None]:
    """The same items, up to `count` of them taken in a thread before they are asked for. Closing it closes `items`."""
    taken: queue.Queue[Any] = queue.Queue(count)
    stopped = threading.Event()

    def put(item: object) -> None:
        while not stopped.is_set():
            with suppress(queue.Full):
                return taken.put(item, timeout=0.1)

    def work() -> None:
        try:
            for item in items:
                put((item, None))
                if stopped.is_set():
                    return
            put(_END)
        except BaseException as error:  # it is the reader's
            put((None, error))
        finally:
            if (close := getattr(items, "close", None)) is not None:
                close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while (row := taken.get()) is not _END:
            item, error = row
            if error is not None:
                raise error
            yield item
    finally:
        stopped.set()
        thread.join()


@contextmanager
def behind(work: Callable[..., None], count: int) -> Iterator[Callable[..., None]]:
    """`work`, done in a thread in order, while up to `count` calls of it wait; their errors come with a later call, or
    at the end."""
    calls: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1) as pool:

        def call(*args: object) -> None:
            while len(calls) > count or (calls and calls[0].done()):
                calls.popleft().result()
            calls.append(pool.submit(work, *args))

        yield call
        for one in calls:
            one.result()
