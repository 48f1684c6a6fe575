"""`Films`: films that are worked on by their key frames, one a shot, each a session of its own.

STATE/films/ID/film        as it was uploaded
               film.json   see `film.Film`
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from barva.errors import BarvaError, Message, ReadError, WriteError
from barva.film.encode import SUFFIXES
from barva.studio.api.requests import UPLOADS
from barva.studio.films import orders
from barva.studio.films.film import FILE, Film, KeyFrame
from barva.studio.films.frames import clock, key_photos, open_film
from barva.studio.jobs.film_work import tidy
from barva.studio.jobs.job import CANCELLED, FAILED, Job
from barva.studio.jobs.jobs import Jobs
from barva.studio.jobs.output import Output
from barva.studio.sessions import disk
from barva.studio.sessions.store import BusyError, MissingError, Store
from barva.studio.settings import Settings

_log = logging.getLogger("barva.studio")
FRAMES = 200
"""Key frames of one film at most."""

SEARCHES = 2
"""Films whose shots are looked for at a time."""

IN_USE = 3600.0
"""Seconds after its last use for which a film makes room for no other."""


class Films:
    """`start` goes on with what a server that ended has left; `stop` ends it. Safe to use from several threads.

    Args:
        settings: of the server.
        store: where key frames become sessions.
        jobs: where films are colored.
    """

    def __init__(self, settings: Settings, store: Store, jobs: Jobs) -> None:
        self._settings, self._store, self._jobs = settings, store, jobs
        self._root = disk.folder(settings.state / "films")
        self._lock = threading.RLock()
        self._films: dict[str, Film] = {}
        for folder in list(disk.folders(self._root)):
            film = Film.load(folder)
            if film is not None:
                self._films[film.id] = film
            elif not (folder / FILE).exists():  # a killed server left it half-made
                disk.remove(folder)
        self._places = threading.Semaphore(SEARCHES)
        self._ending = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._ending = False
        for film in [film for film in self._films.values() if not film.searched]:
            self._begin_search(film)

    def stop(self) -> None:
        self._ending = True
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    # ---- which there are

    def get(self, id_: str) -> Film:
        """MissingError."""
        with self._lock:
            film = self._films.get(id_)
            if film is None:
                raise MissingError("there is no such film, or no longer", code="missing.film")
            return film

    def of(self, owner: str) -> list[Film]:
        """An owner's films, the last used first; none without an owner."""
        with self._lock:
            own = [film for film in self._films.values() if owner and film.owner == owner]
        return sorted(own, key=lambda film: -film.used)

    def has_frame(self, session: str) -> bool:
        """Whether a session is a key frame of a film."""
        with self._lock:
            return any(frame.session == session for film in self._films.values() for frame in film.frames)

    def find(self, id_: str) -> Film | None:
        """The film, which is used now; None where there is none."""
        with contextlib.suppress(WriteError, MissingError):  # looking at it needs no room on the disk
            self._change(id_, used=time.time())
        return self._films.get(id_)

    def _change(self, id_: str, **values: Any) -> Film:
        with self._lock:
            film = replace(self.get(id_), **values)
            film.save()
            self._films[id_] = film
            return film

    def create(self, path: Path, name: str, owner: str) -> Film:
        """Take in a film, whose file is moved, with the key frame of its first shot; the others are looked for in the
        background. ReadError, UsageError, BusyError, WriteError."""
        suffix = Path(name).suffix.lower()
        try:
            facts = open_film(path, self._settings.max_pixels)
            first = next(key_photos(facts), None)
            if first is None:
                raise ReadError("{file} has no frame", code="film.no-frame", file=path)
        except BarvaError as error:
            raise type(error)(tidy(error.message)) from None
        with self._lock:
            self._make_room()
            known = suffix if suffix in SUFFIXES else ".mkv"  # no client's text is part of a path
            film = Film(disk.folder(self._root / disk.new_id()), name, owner, known, time.time())
            self._films[film.id] = film
        try:
            disk.take(path, film.path)
            film = self._add(film.id, *first)
        except BaseException:
            self._forget(film)
            raise
        self._begin_search(film)
        return film

    def _make_room(self) -> None:
        """Let the film go that was not used for longest, where there are as many as may be kept. BusyError."""
        while len(self._films) >= self._settings.max_films:
            free = [film for film in self._films.values() if not self._is_open(film)]
            oldest = min(free, key=lambda film: film.used, default=None)
            if oldest is None or oldest.used + IN_USE > time.time():
                raise BusyError(
                    "there are as many films as this server keeps; delete one, or come back later",
                    600.0 if oldest is None else oldest.used + IN_USE - time.time(),
                    code="busy.films",
                )
            self._forget(oldest)

    def delete(self, id_: str) -> None:
        """The film, its key frames and its result. MissingError."""
        self._forget(self.get(id_))

    def _forget(self, film: Film) -> None:
        with self._lock:
            film = self._films.pop(film.id, film)
        for frame in film.frames:
            with contextlib.suppress(BarvaError):
                self._store.delete(frame.session)
        with contextlib.suppress(BarvaError):
            self._jobs.delete(film.job)
        disk.remove(film.folder)

    def sweep(self, now: float | None = None) -> int:
        """Delete those that were not used for `Settings.keep_sessions`; how many went."""
        limit = (now or time.time()) - self._settings.keep_sessions
        with self._lock:
            old = [film for film in self._films.values() if film.used < limit and not self._is_open(film)]
        for film in old:
            self._forget(film)
        return len(old)

    # ---- key frames

    def _begin_search(self, film: Film) -> None:
        thread = threading.Thread(target=self._search, args=(film,), name="shots", daemon=True)
        self._threads = [*(t for t in self._threads if t.is_alive()), thread]
        thread.start()

    def _search(self, film: Film) -> None:
        """Add the key frames that are not there yet; what goes wrong is kept beside them."""
        problem = None
        with self._places:
            try:
                facts = open_film(film.path, self._settings.max_pixels)
                for at, data in key_photos(facts, film.frames[-1].at if film.frames else None):
                    if self._ending:
                        return
                    if len(self._add(film.id, at, data).frames) >= FRAMES:
                        break
            except MissingError:  # it was deleted meanwhile
                return
            except BarvaError as error:
                problem = tidy(error.message).to_json()
            except Exception as error:  # decoders of strangers' files; the shots that were found stay
                _log.warning("shots cannot be looked for", exc_info=True)
                kind = type(error).__name__
                problem = Message("this should not happen: {kind}", code="unexpected", kind=kind).to_json()
        if self._ending:
            return
        with contextlib.suppress(BarvaError):
            self._change(film.id, searched=True, problem=problem)

    def _add(self, id_: str, at: float, data: bytes) -> Film:
        film = self.get(id_)
        place = len(film.frames)

        def listed(key: str) -> None:
            insert = "INSERT INTO listing (owner, session, place) VALUES (?, ?, ?)"
            self._store.database.execute(insert, (film.list_owner, key, place))

        name = f"{Path(film.name).stem} {clock(at)}.png"
        stored = self._store.create(data, name, owner=film.list_owner, check=lambda _: None, listed=listed)
        try:
            return self._change(id_, frames=(*film.frames, KeyFrame(stored.id, at)))
        except BaseException:
            self._store.delete(stored.id)
            raise

    # ---- coloring

    def color(self, id_: str) -> Job:
        """Queue the film as its key frames ask now; one that was stopped goes on where it was if they ask the same. Not
        for the event loop. BarvaError."""
        film = self.get(id_)
        rows, old = orders.edited(film, self._store), self.job(film)
        if old is not None and not old.finished:
            return old
        if old is not None and orders.digest(rows) == film.colored and old.items[0].state in (CANCELLED, FAILED):
            return self._jobs.retry(old.id)
        output = orders.output_of(document for _, _, document in rows)
        order = orders.order_of(film, self._store, rows, output.method)  # takes a while
        with self._lock:
            film = self.get(id_)
            old = self.job(film)
            if old is not None and not old.finished:
                return old  # another window was quicker
            return self._queue(film, output, order, orders.digest(rows))

    def _queue(self, film: Film, output: Output, order: bytes, colored: str) -> Job:
        """A job for the film in place of its last one."""
        folder = disk.folder(self._settings.state / UPLOADS / disk.new_id())
        try:
            disk.link(film.path, folder / "film")
            job = self._jobs.create([(film.name, folder / "film")], orders.REQUEST, output, order=order)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        try:
            self._change(film.id, job=job.id, colored=colored, used=time.time())
        except BaseException:
            self._jobs.delete(job.id)
            raise
        with contextlib.suppress(MissingError):
            self._jobs.delete(film.job)
        return job

    def job(self, film: Film) -> Job | None:
        """The job that colors it, if it is still there."""
        try:
            return self._jobs.get(film.job)
        except MissingError:
            return None

    def _is_open(self, film: Film) -> bool:
        job = self.job(film)
        return job is not None and not job.finished
