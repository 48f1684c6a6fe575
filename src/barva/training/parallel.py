"""How long work on many photos is done: over threads but in order, and into folders that appear only when whole."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from barva.errors import BarvaError, WriteError
from barva.files import reason
from barva.runtime.machine import usable_cores

T = TypeVar("T")
R = TypeVar("R")

Progress = Callable[[str, int, int], None]
"""Told after each photo: what is being worked on, how many photos of it are done, and of how many."""

_PART = ".part"
_STALE = 3600.0
"""Seconds without a write after which a hidden folder is taken for what a killed run left."""


def silent(what: str, done: int, total: int) -> None:
    """The `Progress` that nobody sees."""


def ordered_map(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """`map` over threads, one a core, in order and with only a few results waiting, so that memory stays small."""
    threads = usable_cores()
    with ThreadPoolExecutor(threads) as pool:
        running = deque[Future[R]]()
        try:
            for item in items:
                running.append(pool.submit(work, item))
                if len(running) > 4 * threads:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def hidden_path(target: Path) -> Path:
    """A name beside `target` that nothing has yet and that no listing of photos, shards or caches takes."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}{_PART}")


@contextlib.contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """A new hidden folder beside `target`, gone at the end unless it was renamed. What the disk refuses is a
    `WriteError`; folders that killed runs left for the same target are removed."""
    part = hidden_path(target)
    try:
        part.mkdir(parents=True)
        for old in part.parent.iterdir():
            if old != part and old.name.startswith(f".{target.name}.") and old.suffix == _PART and _stale(old):
                shutil.rmtree(old, ignore_errors=True)
        yield part
    except OSError as error:
        if isinstance(error, BarvaError):
            raise
        raise WriteError(f"{target} cannot be written: {reason(error)}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _stale(folder: Path) -> bool:
    try:
        return max(p.stat().st_mtime for p in (folder, *folder.iterdir())) < time.time() - _STALE
    except OSError:  # its owner has just renamed it
        return False
