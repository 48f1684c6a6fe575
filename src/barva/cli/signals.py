"""Ending a long command from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def stop_gently(first: Callable[[], None] | None = None) -> None:
    """SIGTERM, and SIGINT even where a shell has a background job ignore it, end the command as Ctrl-C does; where
    `first` is given the first of them calls that instead, and the command comes to its end by itself."""
    import signal
    import threading

    def listen(handler: Any) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, handler)

    def gently(number: int, frame: Any) -> None:
        listen(signal.default_int_handler)
        assert first is not None
        first()

    if threading.current_thread() is threading.main_thread():
        listen(gently if first else signal.default_int_handler)


@contextmanager
def stopping(first: Callable[[], None]) -> Iterator[None]:
    """As `stop_gently`, while it lasts; then signals do again what they did before."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    stop_gently(first)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
