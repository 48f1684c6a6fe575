"""Locks that processes share; the system takes them from a process that ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from barva.errors import UsageError, WriteError
from barva.files import reason

_TRY = 0.05  # seconds between two tries, where the system cannot wait by itself


def _acquire(file: IO[Any], wait: bool) -> bool:
    """Whether the lock of an open file was taken. OSError where its file system has no locks."""
    if sys.platform == "win32":
        import msvcrt

        place = file.tell()
        while True:
            try:
                file.seek(2**40)  # far behind all content: the locked byte itself cannot be read by others
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                return True
            except OSError:
                if not wait:
                    return False
                time.sleep(_TRY)
            finally:
                file.seek(place)
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _release(file: IO[Any]) -> None:
    if sys.platform == "win32":
        import msvcrt

        place = file.tell()
        file.seek(2**40)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        file.seek(place)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)


@contextlib.contextmanager
def hold(file: IO[Any]) -> Iterator[None]:
    """Hold the lock of an open file, waiting for it; on a file system without locks there is none to hold."""
    try:
        taken = _acquire(file, wait=True)
    except OSError:
        taken = False
    try:
        yield
    finally:
        if taken:
            with contextlib.suppress(OSError):
                _release(file)


class FileLock:
    """A lock in a file of its own; `with` waits for it. Several threads use one object each.

    Args:
        path: the file, which is made, and stays.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[Any] | None = None

    def try_acquire(self) -> bool:
        """Whether it is ours now; False while another process holds it. OSError where the file cannot be made."""
        file = self.path.open("ab+")
        try:
            taken = _acquire(file, wait=False)
        except OSError:  # no locks here: better none than no run
            taken = True
        if not taken:
            file.close()
            return False
        self._file = file
        return True

    def is_in_place(self) -> bool:
        """Whether the file that we hold is still the one at its path: a run that ends may remove it meanwhile."""
        try:
            return self._file is not None and os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Give it back; closing the file does."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> FileLock:
        with contextlib.suppress(OSError):  # where there is no lock to hold, the work goes on without one
            self._file = self.path.open("ab+")
            _acquire(self._file, wait=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def lock_or_refuse(path: Path, work: str) -> FileLock:
    """A lock that only one run may have, taken.

    Args:
        path: Its file, in a folder that is there.
        work: What another run does while it has the lock, such as "writes to scans".

    Returns:
        The lock, to be released.

    Raises:
        UsageError: Another run has it.
        WriteError: The file cannot be written.
    """
    lock = FileLock(path)
    try:
        taken = lock.try_acquire()
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {reason(error)}") from None
    if not taken:
        raise UsageError(f"another run {work}: wait until it ends, or end it")
    return lock
