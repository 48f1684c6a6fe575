"""Frames decoded ahead and encoded behind: in order, no more than may wait, and errors arrive."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from barva.film.threads import ahead, behind


class BrokenError(Exception):
    pass


def test_items_come_in_order_and_errors_after_them() -> None:
    def items() -> Iterator[int]:
        yield from range(20)
        raise BrokenError

    got = []
    with pytest.raises(BrokenError):
        for item in ahead(items(), 3):
            got.append(item)
    assert got == list(range(20)) and list(ahead(iter(()), 3)) == []


def test_no_more_is_taken_than_may_wait_and_closing_closes() -> None:
    taken, closed = [], []

    def items() -> Iterator[int]:
        try:
            for n in range(100):
                taken.append(n)
                yield n
        finally:
            closed.append(threading.current_thread())

    with closing(ahead(items(), 3)) as rows:
        assert next(rows) == 0
        time.sleep(0.1)
        assert 2 <= len(taken) <= 5  # given, waiting, and in hand
    assert len(closed) == 1 and not closed[0].is_alive()


def test_calls_are_done_in_order_and_few_wait() -> None:
    done: list[int] = []
    most = 0

    def work(n: int) -> None:
        time.sleep(0.002)
        done.append(n)

    with behind(work, 3) as call:
        for n in range(20):
            call(n)
            most = max(most, n + 1 - len(done))
    assert done == list(range(20)) and most <= 5


def test_an_error_of_a_call_ends_the_work() -> None:
    def work(n: int) -> None:
        if n == 2:
            raise BrokenError

    with pytest.raises(BrokenError), behind(work, 1) as call:
        for n in range(100):
            call(n)
    with pytest.raises(BrokenError), behind(work, 5) as call:
        call(2)
