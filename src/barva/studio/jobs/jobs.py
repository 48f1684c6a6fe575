"""`Jobs`: photos that wait to be colored, on disk, so that a killed server goes on where it was.

Jobs take turns, photo by photo, so that a long one does not keep short ones waiting. Films have a thread of their own,
one at a time.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from barva.engine.request import Request
from barva.errors import BarvaError, TooLargeError, UsageError, WriteError
from barva.studio import faults
from barva.studio.jobs import film_work
from barva.studio.jobs.colorizers import Colorizers, StoppedError
from barva.studio.jobs.job import CANCELLED, DONE, FAILED, OPEN, RUNNING, WAITING, Item, Job, load_jobs
from barva.studio.jobs.output import Output, guidance_of
from barva.studio.sessions import disk
from barva.studio.sessions.database import Database
from barva.studio.sessions.store import BusyError, MissingError
from barva.studio.settings import Settings

FETCHED = 600.0
"""Seconds after the last question for a finished job for which it makes room for no other: its results are wanted."""

_SHOWN = 0.005  # share of a film from one event of progress to the next
_IDLE = 60.0  # seconds between looks for what is too old


class Jobs:
    """The queue. `start` makes it go, `stop` ends it: what is under way is done again after the next start."""

    def __init__(self, settings: Settings, colorizers: Colorizers, database: Database) -> None:
        self.settings, self.colorizers, self._database = settings, colorizers, database
        self._root = disk.folder(settings.state / "jobs")
        self._jobs = OrderedDict((job.id, job) for job in load_jobs(database, self._root))
        self._changed = threading.Condition(threading.RLock())
        self._ending = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._ending = False
        for n in range(self.settings.workers):
            self._threads.append(threading.Thread(target=self._work, args=(False,), name=f"job-{n}", daemon=True))
        self._threads.append(threading.Thread(target=self._work, args=(True,), name="film", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    def create(
        self,
        photos: Sequence[tuple[str, bytes | Path]],
        request: Request,
        output: Output,
        references: Sequence[bytes | Path] = (),
        order: bytes | None = None,
    ) -> Job:
        """Queue photos (name, file), or a film with its `order`; files are moved. A photo that cannot be read fails
        alone. UsageError, BusyError, TooLargeError, WriteError."""
        if not 1 <= len(photos) <= self.settings.max_photos:
            raise UsageError(
                "a job has 1 to {most} photos, not {count}",
                code="job.photos",
                most=self.settings.max_photos,
                count=len(photos),
            )
        for reference in references:
            self.colorizers.photo(reference)
        with self._changed:
            self._check_room(len(photos))
            items = tuple(Item(name) for name, _ in photos)
            folder = self._root / disk.new_id()
            job = Job(self._database, folder, request, output, items, len(references), time.time())
            files: dict[Path, bytes | Path] = {job.folder / f"in-{n}": data for n, (_, data) in enumerate(photos)}
            files |= {job.folder / f"reference-{n}": data for n, data in enumerate(references)}
            files |= {job.folder / film_work.ORDER: order} if order is not None else {}
            disk.folder(job.folder)
            try:
                disk.put_all(files)
                job.is_film = order is not None
                job.keep(guidance_of(request), request.scene)
            except BarvaError:
                disk.remove(job.folder)
                raise
            self._jobs[job.id] = job
            self._changed.notify_all()
        return job

    def _check_room(self, photos: int) -> None:
        """Let the finished job go that nobody asked for during `FETCHED` seconds and longest, where there are as many
        as may be kept. BusyError, TooLargeError."""
        most, now = self.settings.max_waiting, time.time()
        if photos > most:
            raise TooLargeError(
                "at most {most} photos wait on this server; send fewer at a time",
                code="job.too-many-waiting",
                most=most,
            )
        waiting = sum(item.state in OPEN for job in self._jobs.values() for item in job.items)
        if waiting + photos > most:
            wait = self.colorizers.wait(waiting + photos - most)
            raise BusyError(
                "{count} photos are waiting already; come back later", wait, code="busy.photos", count=waiting
            )
        while len(self._jobs) >= self.settings.max_jobs:
            oldest = min((j for j in self._jobs.values() if j.finished), key=lambda j: j.used, default=None)
            wait = self.colorizers.wait(waiting) if oldest is None else oldest.used + FETCHED - now
            if oldest is None or wait > 0:
                raise BusyError(
                    "there are as many jobs as this server keeps; delete one, or come back later",
                    wait,
                    code="busy.jobs",
                )
            self._jobs.pop(oldest.id).erase()

    def get(self, id_: str) -> Job:
        """MissingError."""
        with self._changed:
            job = self._jobs.get(id_)
            if job is None:
                raise MissingError("there is no such job, or no longer", code="missing.job")
            job.used = time.time()
            return job

    def cancel(self, id_: str) -> Job:
        """What has not ended yet is not done; finished results stay. MissingError."""
        return self._turn(id_, lambda item: item.state in OPEN, CANCELLED)

    def retry(self, id_: str) -> Job:
        """What failed or was cancelled waits again. MissingError."""
        return self._turn(id_, lambda item: item.state in (FAILED, CANCELLED), WAITING)

    def _turn(self, id_: str, which: Callable[[Item], bool], state: str) -> Job:
        with self._changed:
            job = self.get(id_)
            job.set(tuple(Item(item.name, state) if which(item) else item for item in job.items))
            self._changed.notify_all()
            return job

    def delete(self, id_: str) -> None:
        """The job and all its photos. MissingError."""
        with self._changed:
            self.get(id_)
            self._jobs.pop(id_).erase()  # which stops what is under way

    def sweep(self, now: float | None = None) -> int:
        """Delete what ended and was not asked for during `Settings.keep_results`; how many went."""
        limit = (now or time.time()) - self.settings.keep_results
        with self._changed:
            old = [job.id for job in self._jobs.values() if job.finished and job.used < limit]
            for id_ in old:
                self._jobs.pop(id_).erase()
        return len(old)

    def _work(self, films: bool) -> None:
        while (waiting_photo := self._next(films)) is not None:
            self._do(*waiting_photo)

    def _next(self, films: bool) -> tuple[Job, int] | None:
        """Wait for a photo, or a film; None at the end."""
        with self._changed:
            while not self._ending:
                for job, number in self._open(films):
                    self._jobs.move_to_end(job.id)
                    running = replace(job.items[number], state=RUNNING)
                    job.set(job.with_item(number, running), noted=False)  # after a restart it waits again
                    return job, number
                self._changed.wait(_IDLE)
        return None

    def _open(self, films: bool) -> Iterator[tuple[Job, int]]:
        for job in [job for job in self._jobs.values() if job.is_film == films]:
            for number, item in enumerate(job.items):
                if item.state == WAITING:
                    yield job, number

    def _do(self, job: Job, number: int) -> None:
        item, began = job.items[number], time.monotonic()
        try:
            ended = self._do_film(job, item) if job.is_film else self._do_photo(job, number)
        except StoppedError:
            return
        except BarvaError as error:
            tidy = film_work.tidy if job.is_film else disk.tidy
            ended = replace(item, state=FAILED, notes=(tidy(error.message),))
        except Exception as error:  # one photo must never end the queue
            ended = replace(item, state=FAILED, notes=(faults.message_of(error),))
        with self._changed:
            if job.id in self._jobs and job.items[number] is item:
                items = job.with_item(number, replace(ended, seconds=round(time.monotonic() - began, 3)))
                try:
                    job.set(items)
                except WriteError:  # on a full disk the queue goes on; after a restart this photo is done again
                    job.set(items, noted=False)

    def _do_photo(self, job: Job, number: int) -> Item:
        references = [job.folder / f"reference-{n}" for n in range(job.references)]
        written, notes = self.colorizers.paint(
            job.folder / f"in-{number}", job.whole_request(), job.output, references,
            job.folder / f"out-{number}", lambda: self._check(job, number),
        )  # fmt: skip
        return replace(job.items[number], state=DONE, notes=notes, format=written.format, size=written.size)

    def _do_film(self, job: Job, item: Item) -> Item:
        def report(share: float) -> None:
            self._check(job, 0)
            self.colorizers.gate.checkpoint()
            if share - job.share >= _SHOWN or share < job.share:
                job.share, job.version = share, job.version + 1

        job.share = 0.0
        kind, notes = film_work.color(job.folder, job.output.method, self.settings.workers, report)
        size = (job.folder / "out-0").stat().st_size
        return replace(item, state=DONE, notes=notes, format=kind, size=size)

    def _check(self, job: Job, number: int) -> None:
        if self._ending or job.id not in self._jobs or job.items[number].state != RUNNING:
            raise StoppedError
