"""Many photos: each waits in a job of its own, so that one can be stopped or tried again without the others."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from barva.errors import BarvaError
from barva.studio import disk
from barva.studio.desk import Desk
from barva.studio.forms import UPLOADS
from barva.studio.jobs import DONE, OPEN, Job
from barva.studio.store import MissingError
from barva.studio.visitors import Shelf

EDITED = "edited"
Wrong = list[tuple[str, str]]
"""Names of photos that something went wrong with, and what."""

_ONE = threading.Lock()  # two windows never queue the same photo twice


def job_of(desk: Desk) -> Job | None:
    """The photo's job, if it has one that is still there."""
    try:
        return desk.service.jobs.get(str(desk.drawer.about.get("job", "")))
    except MissingError:
        return None


def state(desk: Desk) -> tuple[str, str, str]:
    """State of the photo's job, "edited" for one that was finished and changed since, or "open"; what was said; the
    job's id."""
    job = job_of(desk)
    if job is None:
        return "open", "", ""
    item = job.items[0]
    if item.state == DONE and desk.drawer.about.get("of") != desk.now.digest():
        return EDITED, "", ""
    return item.state, item.said[0] if item.said else "", job.id


def color(desk: Desk) -> None:
    """Queue the photo as it is asked for now. Not for the event loop. UsageError, BusyError."""
    with _ONE:
        old = job_of(desk)
        if old is not None and not old.finished:
            return
        of, marks = desk.now.digest(), desk.now.guidance(desk.drawer.mask)
        with _linked(desk) as (photo, references):
            job = desk.service.jobs.create([(desk.name, photo)], desk.order, marks, references, desk.palette)
        try:
            desk.drawer.tell(job=job.id, of=of)
        except BarvaError:
            desk.service.jobs.delete(job.id)
            raise
        if old is not None:
            desk.service.jobs.delete(old.id)


@contextlib.contextmanager
def _linked(desk: Desk) -> Iterator[tuple[Path, list[Path]]]:
    """The photo and its references under names that a job may move."""
    folder = disk.folder(desk.service.settings.state / UPLOADS / disk.new_id())
    try:
        files = [desk.work.photo, *(desk.drawer.reference_file(key) for key in desk.now.references)]
        names = [folder / f"file-{n}" for n in range(len(files))]
        for file, name in zip(files, names, strict=True):
            disk.link(file, name)
        yield names[0], names[1:]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def color_all(own: Shelf, keys: Iterable[str] | None = None) -> Wrong:
    """Queue photos of a visitor, all or those of `keys`, that neither wait already nor are done; what is wrong with
    the others. Not for the event loop."""
    wrong: Wrong = []
    for key in reversed(own.keys if keys is None else list(keys)):
        desk = own.desk(key)
        try:
            if state(desk)[0] != DONE:
                color(desk)
        except BarvaError as error:
            wrong.append((desk.name, str(error)))
    return wrong


def stop(own: Shelf, key: str = "") -> None:
    """Cancel one photo's job, or all."""
    for one in [key] if key else own.keys:
        job = job_of(own.desk(one))
        if job is not None and any(i.state in OPEN for i in job.items):
            own.service.jobs.cancel(job.id)


def retry(own: Shelf, key: str) -> None:
    """Try a failed or cancelled one again, as it is asked for now."""
    color(own.desk(key))
