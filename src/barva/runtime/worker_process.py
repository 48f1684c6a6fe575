"""Processes that work for another one: how they start, end, and say what went wrong."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from barva.errors import BarvaError
from barva.files import reason

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext
    from multiprocessing.process import BaseProcess


BLAS = ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "MKL_NUM_THREADS")
"""What tells NumPy's linear algebra how many threads to take, when NumPy is imported."""


def start(context: SpawnContext, work: Callable[..., None], *args: object) -> tuple[BaseProcess, Connection]:
    """Start a process that calls `work` with its end of a pipe and `args`; it never gets the terminal's signals, and
    NumPy has one thread there.

    Returns:
        The process, and our end of its pipe.
    """
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *args), daemon=True)
    with _block_signals(), _one_blas_thread():
        process.start()
    theirs.close()
    return process, ours


def end_with_parent() -> None:
    """Leave the terminal's signals to the parent process, and end, at once, when it ends: however it was killed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_wait_and_end, daemon=True).start()


def failure(error: Exception, path: Path) -> BarvaError:
    """What went wrong with a file, as an error that goes from process to process with its code and values.

    Args:
        error: One of Barva's own, which stays as it is, or any other.
        path: The file.
    """
    if isinstance(error, BarvaError):
        return error
    if isinstance(error, MemoryError):
        return BarvaError("{file} does not fit into this machine's memory", file=path)
    why = reason(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    return BarvaError("{file}: {problem}", file=path, problem=why)


def exit_reason(code: int | None) -> str:
    """Why a process ended, such as "killed by SIGKILL, perhaps for its memory"."""
    if code is None or code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        name = signal.Signals(-code).name
        return f"killed by {name}" + (", perhaps for its memory" if name == "SIGKILL" else "")
    return f"killed by signal {-code}"


def _wait_and_end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def limit_blas() -> None:
    """Give NumPy one thread in this process and in those that it starts, where the user has not said otherwise; before
    NumPy is imported. Photos side by side use the cores better: with two threads each, a fifth of the time was lost."""
    for name in BLAS:
        os.environ.setdefault(name, "1")


@contextlib.contextmanager
def _one_blas_thread() -> Iterator[None]:
    """A process that is started meanwhile has one thread for NumPy."""
    before = {name: os.environ.get(name) for name in BLAS}
    limit_blas()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]


@contextlib.contextmanager
def _block_signals() -> Iterator[None]:
    """A process that is started meanwhile never gets the terminal's signals; ours wait."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # starting it would unblock them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
