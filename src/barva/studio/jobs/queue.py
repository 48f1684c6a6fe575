"""Many photos: each waits in a job of its own, so that one can be stopped or tried again without the others."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from barva.errors import BarvaError
from barva.studio.api.requests import UPLOADS
from barva.studio.jobs.job import DONE, OPEN, Job
from barva.studio.sessions import disk
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.store import MissingError
from barva.studio.sessions.visitors import VisitorSessions

EDITED = "edited"
Wrong = list[tuple[str, str]]
"""Names of photos that something went wrong with, and what: a message, or a text in the language of the page."""

_ONE = threading.Lock()  # two windows never queue the same photo twice


def job_of(session: EditSession) -> Job | None:
    """The photo's job, if it has one that is still there."""
    try:
        return session.service.jobs.get(session.files.job)
    except MissingError:
        return None


def state(session: EditSession) -> tuple[str, str, str]:
    """State of the photo's job, "edited" for one that was finished and changed since, or "open"; what was said; the
    job's id."""
    job = job_of(session)
    if job is None:
        return "open", "", ""
    item = job.items[0]
    if item.state == DONE and session.files.colored != session.now.digest():
        return EDITED, "", ""
    return item.state, item.notes[0] if item.notes else "", job.id


def color(session: EditSession) -> None:
    """Queue the photo as it is asked for now. Not for the event loop. UsageError, BusyError."""
    with _ONE:
        old = job_of(session)
        if old is not None and not old.finished:
            return
        document, stored = session.now, session.stored
        with _linked(session, document) as (photo, references):
            job = session.service.jobs.create(
                [(session.name, photo)], stored.request(document), document.output, references
            )
        try:
            session.files.put_job(job.id, document.digest())
        except BarvaError:
            session.service.jobs.delete(job.id)
            raise
        if old is not None:
            session.service.jobs.delete(old.id)


@contextlib.contextmanager
def _linked(session: EditSession, document: Document) -> Iterator[tuple[Path, list[Path]]]:
    """The photo and its references under names that a job may move."""
    folder = disk.folder(session.service.settings.state / UPLOADS / disk.new_id())
    try:
        sources = [session.stored.photo, *session.stored.references(document)]
        names = [folder / f"file-{n}" for n in range(len(sources))]
        for file, name in zip(sources, names, strict=True):
            disk.link(file, name)
        yield names[0], names[1:]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def color_all(own: VisitorSessions, keys: Iterable[str] | None = None) -> Wrong:
    """Queue photos of a visitor, all or those of `keys`, that neither wait already nor are done; what is wrong with
    the others. Not for the event loop."""
    wrong: Wrong = []
    for key in reversed(own.keys if keys is None else list(keys)):
        name = own.name(key)
        try:
            session = own.session(key)
            if state(session)[0] != DONE:
                color(session)
        except BarvaError as error:
            wrong.append((name, error.message))
    return wrong


def stop(own: VisitorSessions, key: str = "") -> None:
    """Cancel one photo's job, or all."""
    for one in [key] if key else own.keys:
        try:
            job = job_of(own.session(one))
        except MissingError:  # one that is gone does not keep the others from being stopped
            continue
        if job is not None and any(i.state in OPEN for i in job.items):
            own.service.jobs.cancel(job.id)


def retry(own: VisitorSessions, key: str) -> None:
    """Try a failed or cancelled one again, as it is asked for now."""
    color(own.session(key))
