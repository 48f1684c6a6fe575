"""`Service`: the server side in one object, for the API and for the page alike."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

from barva.errors import UsageError
from barva.studio.api.requests import UPLOADS
from barva.studio.films.films import Films
from barva.studio.jobs.colorizers import Colorizers
from barva.studio.jobs.jobs import Jobs
from barva.studio.jobs.priority import PriorityGate
from barva.studio.sessions import disk
from barva.studio.sessions.database import Database
from barva.studio.sessions.store import BusyError, Store
from barva.studio.settings import Settings

T = TypeVar("T")
CLICKS = 8
"""Interactive requests that are computed at a time; more wait, in order."""

PREVIEWS = 2
"""Small pictures of other photos that are made at a time."""


def _alone(state: Path) -> IO[bytes]:
    """Keeps other servers off the state folder, before anything in it is touched. UsageError."""
    try:
        return disk.lock(state / ".lock")
    except BlockingIOError:
        raise UsageError(
            "another server works in {folder}; --state names another folder for this one",
            code="state.in-use",
            folder=state,
        ) from None


class Service:
    """Settings, the database, colorizers, sessions and jobs. `start` and `stop` belong to the event loop's life.
    UsageError where another server works on the state folder, or an older version did."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._alone = _alone(disk.folder(settings.state))
        try:
            self.database = Database(settings.state)
        except BaseException:
            self._alone.close()
            raise
        shutil.rmtree(settings.state / UPLOADS, ignore_errors=True)  # of a server that was killed
        disk.folder(settings.state / UPLOADS)
        self.gate = PriorityGate(settings.workers)
        self.colorizers = Colorizers(settings, self.gate)
        self.jobs = Jobs(settings, self.colorizers, self.database)
        self.store = Store(settings, self.colorizers, self.database)
        self.films = Films(settings, self.store, self.jobs)
        self.waiting = 0
        self._limits: dict[str, Any] = {}

    def start(self) -> None:
        self.sweep()
        self.jobs.start()
        self.films.start()

    def stop(self) -> None:
        self.films.stop()
        self.jobs.stop()
        self.database.close()
        self._alone.close()

    def sweep(self) -> None:
        """Delete what is too old."""
        self.films.sweep()
        self.store.sweep()
        self.jobs.sweep()

    async def click(self, work: Callable[[], T]) -> T:
        """Interactive work in a thread: it goes before whole photos."""

        def run() -> T:
            with self.gate.interactive():
                return work()

        return await self._run(run, "click", CLICKS)

    async def preview(self, work: Callable[[], T]) -> T:
        """Small pictures of other photos in a thread: few at a time, so that clicks do not wait for them."""
        return await self._run(work, "preview", PREVIEWS)

    async def batch(self, work: Callable[[], T]) -> T:
        """Whole photos in a thread, in order of arrival; they take their own places. BusyError."""
        if self.waiting >= self.settings.max_waiting:
            raise BusyError(
                "{count} photos are waiting already; come back later",
                self.colorizers.wait(1),
                code="busy.photos",
                count=self.waiting,
            )
        self.waiting += 1
        try:
            # twice as many threads as places: the next photo starts without asking the event loop
            return await self._run(work, "batch", 2 * self.settings.workers)
        finally:
            self.waiting -= 1

    async def _run(self, work: Callable[[], T], kind: str, places: int) -> T:
        import anyio

        limiter = self._limits.get(kind)
        if limiter is None:
            limiter = self._limits[kind] = anyio.CapacityLimiter(places)
        return await anyio.to_thread.run_sync(work, limiter=limiter)
