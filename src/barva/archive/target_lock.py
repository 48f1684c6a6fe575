"""The lock that keeps a second run out of a target."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from barva.archive.places import HIDDEN, Place
from barva.errors import BarvaError, UsageError
from barva.imaging.write import make_folder
from barva.runtime.locks import lock_or_refuse

LOCK = f"{HIDDEN}/lock"

ALIVE, STALE = 20, 90
"""Seconds after which a run on a store renews its lock, and those after which a lock belongs to none."""

SETTLE = 0.5
"""Seconds in which another run that began at the same time writes its lock, too."""


class TargetLock(Protocol):
    """A lock that is held until it is released, or its process ends."""

    def release(self) -> None:
        """Let other runs in."""
        ...


def lock_target(place: Place, lost: Callable[[], None] = lambda: None) -> TargetLock:
    """Take a target for one run.

    Args:
        place: the target.
        lost: called, from a thread, when another run has taken it meanwhile, as it may after this machine slept.

    Raises:
        UsageError: another run has it.
        WriteError: the target cannot be written.
    """
    return _FileOfPlace(place) if place.is_local else _LeaseInStore(place, lost)


class _FileOfPlace:
    """The system takes it from a process that ends, however it ends."""

    def __init__(self, place: Place) -> None:
        path = place.local / LOCK
        make_folder(path.parent)
        self._lock = lock_or_refuse(path, f"writes to {place.url}")

    def release(self) -> None:
        self._lock.release()


class _LeaseInStore:
    """A file that a thread writes again and again while the run lives, for stores that have no locks."""

    def __init__(self, place: Place, lost: Callable[[], None]) -> None:
        self._place, self._name, self._lost = place, secrets.token_hex(8), lost
        if self._holder() not in (None, self._name):
            raise self._taken_error()
        self._renew()
        time.sleep(SETTLE)
        if self._holder() != self._name:  # of two that began together the one that wrote last goes on
            raise self._taken_error()
        self._ended = threading.Event()
        threading.Thread(target=self._stay_alive, daemon=True).start()

    def _taken_error(self) -> UsageError:
        return UsageError(
            f"another run writes to {self._place.bare_url}: wait until it ends; a run that was killed gives it free "
            f"after {STALE} seconds"
        )

    def _holder(self) -> str | None:
        """The run that has the lock, if one lives."""
        if not self._place.exists(LOCK):
            return None
        try:
            row: dict[str, Any] = json.loads(self._place.read(LOCK))
            return str(row.get("run")) if time.time() - float(row["at"]) < STALE else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def _renew(self) -> None:
        self._place.write(LOCK, json.dumps({"at": time.time(), "run": self._name}).encode())

    def _stay_alive(self) -> None:
        while not self._ended.wait(ALIVE):
            with contextlib.suppress(BarvaError):  # a store that is away ends the run where it writes results
                if self._holder() not in (None, self._name):
                    return self._lost()
                self._renew()

    def release(self) -> None:
        self._ended.set()
        with contextlib.suppress(BarvaError):
            if self._holder() == self._name:
                self._place.delete(LOCK)
