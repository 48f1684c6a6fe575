"""`Store`: sessions that live on disk and, the last used ones, in memory.

An id has 192 random bits: who does not know it cannot reach the session. Of the list a client sees its own. When there
are as many as may be kept, the one that was not used for longest makes room.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
import weakref
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from barva.engine.request import Request
from barva.engine.session import Session
from barva.errors import BarvaError, WriteError
from barva.studio.jobs.colorizers import Colorizers
from barva.studio.jobs.output import Output
from barva.studio.sessions import disk
from barva.studio.sessions.database import Database
from barva.studio.sessions.database import MissingError as MissingError
from barva.studio.sessions.document import Document
from barva.studio.sessions.history import as_text
from barva.studio.sessions.stored_session import StoredSession
from barva.studio.settings import Settings


class BusyError(BarvaError):
    """No more sessions or jobs now; after about `retry` seconds there may be."""

    def __init__(self, text: str, retry: float = 10.0, *, code: str | None = None, **values: object) -> None:
        super().__init__(text, code=code, **values)
        self.retry = max(1, math.ceil(retry))


IN_USE = 15.0
"""Seconds after its last use for which a session never makes room for another."""

_FACTS = ("id", "owner", "name", "created", "used", "height", "width")


class Store:
    """Sessions by id. Memory holds the last used ones, up to `Settings.memory` bytes; the others are read again."""

    def __init__(self, settings: Settings, colorizers: Colorizers, database: Database) -> None:
        self.settings, self.colorizers, self.database = settings, colorizers, database
        self._root = disk.folder(settings.state / "sessions")
        self._recent: OrderedDict[str, StoredSession] = OrderedDict()  # what is in use elsewhere is known, too
        self._known: weakref.WeakValueDictionary[str, StoredSession] = weakref.WeakValueDictionary()
        self._live: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._lock = threading.RLock()
        self._using: Counter[str] = Counter()
        self.occupied: list[Callable[[str], bool]] = []
        """What else may know of a session that it is in use, such as an open page."""
        self.listed: list[Callable[[str, str], bool]] = []
        """What may know that a client, by what `owner_of` calls it, has a session before its eyes in a list: it makes
        no room for another of that client."""
        self._facts = self._load()

    def _load(self) -> dict[str, dict[str, Any]]:
        """What the database has of all sessions. What a killed server left half-made or half-deleted goes."""
        rows = self.database.rows(f"SELECT {', '.join(_FACTS)} FROM session")
        facts = {str(row[0]): dict(zip(_FACTS, row, strict=True)) for row in rows}
        for folder in list(disk.folders(self._root)):
            if folder.name not in facts:
                disk.remove(folder)
        for id_ in [id_ for id_ in facts if not (self._root / id_ / "photo").exists()]:
            del facts[id_]
            with contextlib.suppress(WriteError):
                self.database.execute("DELETE FROM session WHERE id = ?", (id_,))
        return facts

    def create(
        self,
        data: bytes | Path,
        name: str = "photo",
        settings: tuple[Request, Output] | None = None,
        owner: str = "",
        check: Callable[[StoredSession], object] | None = None,
        listed: Callable[[str], object] | None = None,
    ) -> StoredSession:
        """A session for an uploaded photo; a file is moved. `owner` is whose list it is on, as `owner_of` calls them.
        `check` must find the photo sound before it is kept; without it the photo is opened to be worked on at once.
        `listed` is a part of the transaction that keeps the session, and gets its id. ReadError, TooLargeError,
        UsageError, WriteError; BusyError where all others are in use."""
        photo = self.colorizers.photo(data)
        now, document = time.time(), Document().with_settings(*(settings or (Request(), Output())))
        with self._lock:
            self._make_room(owner, now)
            folder = self._root / disk.new_id()
            row = (folder.name, owner, name, now, now, photo.height, photo.width)
            facts = self._facts[folder.name] = dict(zip(_FACTS, row, strict=True))
            self._using[folder.name] += 1
        try:
            disk.folder(folder)
            disk.take(data, folder / "photo")
            stored = StoredSession(self, folder, facts)
            # damage shows now, not at the first click
            if check is not None:
                check(stored)
            else:
                self.session(stored, document.method)
            with self.database.transaction():
                marks = ", ".join("?" * len(_FACTS))
                self.database.execute(f"INSERT INTO session ({', '.join(_FACTS)}, position) VALUES ({marks}, 0)", row)
                self.database.execute("INSERT INTO step VALUES (?, 0, ?)", (folder.name, as_text(document)))
                if listed is not None:
                    listed(folder.name)
        except BaseException:
            self._forget(folder.name)
            disk.remove(folder)
            raise
        finally:
            self._release(folder.name)
        return stored

    def _make_room(self, owner: str, now: float) -> None:
        """Let the session go that was not used for longest, where there are as many as may be kept: one of the
        owner's, if half of all are the owner's. None goes that the owner has before its eyes. BusyError."""
        while len(self._facts) >= self.settings.max_sessions:
            own = [id_ for id_, facts in self._facts.items() if facts.get("owner", "") == owner]
            among = own if 2 * len(own) >= len(self._facts) else list(self._facts)
            hidden = [id_ for id_ in among if not any(listed(id_, owner) for listed in self.listed)]
            if not hidden:
                raise BusyError(
                    "your list already has all the photos that this server keeps for you: {count}; remove some first",
                    code="busy.list",
                    count=len(among),
                )
            free = [id_ for id_ in hidden if not self._using[id_] and not any(used(id_) for used in self.occupied)]
            oldest = min(free, key=lambda id_: float(self._facts[id_]["used"]), default=None)
            wait = IN_USE if oldest is None else float(self._facts[oldest]["used"]) + IN_USE - now
            if oldest is None or wait > 0:
                raise BusyError(
                    "all sessions that this server keeps are in use; delete one, or come back later",
                    wait,
                    code="busy.sessions",
                )
            self._forget(oldest)
            self._erase(oldest)

    def sessions_of(self, owner: str) -> list[tuple[str, dict[str, Any]]]:
        """Ids and facts of an owner's sessions, the last used first; none without an owner."""
        with self._lock:
            own = [(id_, dict(facts)) for id_, facts in self._facts.items() if owner and facts.get("owner") == owner]
        return sorted(own, key=lambda row: -float(row[1]["used"]))

    def name(self, id_: str) -> str:
        """What the photo was called; empty where there is no such session."""
        return str(self._facts.get(id_, {}).get("name", ""))

    def owner(self, id_: str) -> str:
        """Whose the session is, as `owner_of` calls them; empty where it is nobody's."""
        return str(self._facts.get(id_, {}).get("owner", ""))

    def disown(self, id_: str, owner: str) -> None:
        """The owner has no more to do with the session, which others keep. WriteError."""
        with self._lock:
            if self.owner(id_) == owner:
                self.database.execute("UPDATE session SET owner = '' WHERE id = ?", (id_,))
                self._facts[id_]["owner"] = ""

    def has(self, id_: str) -> bool:
        """Whether there is such a session; it does not count as a use."""
        return id_ in self._facts

    @contextlib.contextmanager
    def using(self, id_: str) -> Iterator[StoredSession]:
        """The session while a request works on it: until then it makes room for no other. MissingError."""
        with self._lock:
            stored = self.get(id_)
            self._using[id_] += 1
        try:
            yield stored
        finally:
            stored.touch()
            self._release(id_)

    def _release(self, id_: str) -> None:
        with self._lock:
            self._using[id_] -= 1
            if not self._using[id_]:
                del self._using[id_]

    def get(self, id_: str) -> StoredSession:
        """MissingError."""
        with self._lock:
            stored = self._known.get(id_)
            if stored is None:
                facts = self._facts.get(id_)
                if facts is None or not (self._root / id_ / "photo").exists():
                    raise MissingError("there is no such session, or no longer", code="missing.session")
                stored = StoredSession(self, self._root / id_, facts)
            self.used(stored)
        stored.touch()
        return stored

    def session(self, stored: StoredSession, method: str) -> Session:
        """The live session of a work for a method, made again if memory has let go of it."""
        with self._lock:
            session = self._live.get((stored.id, method))
        if session is None:
            session = Session(self.colorizers.colorizer(method), self.colorizers.photo(stored.photo, stored.name))
            with self._lock:
                session = self._live.setdefault((stored.id, method), session)
        self._remember(stored, method, session)
        return session

    def used(self, stored: StoredSession) -> None:
        """The work was used: of all others, the longest unused go first."""
        with self._lock:
            self._recent[stored.id] = self._known[stored.id] = stored
            self._recent.move_to_end(stored.id)
            self._fit()

    def _remember(self, stored: StoredSession, method: str, session: Session) -> None:
        with self._lock:
            self._live[stored.id, method] = session
            self._live.move_to_end((stored.id, method))
            self.used(stored)

    def _fit(self) -> None:
        """Let go of what was not used for longest, until the rest fits; the last one always stays."""
        while len(self._live) > 1 and self.memory > self.settings.memory:
            _, oldest = self._live.popitem(last=False)
            oldest.close()
        while len(self._recent) > 1 and self.memory > self.settings.memory:
            self._recent.popitem(last=False)

    @property
    def memory(self) -> int:
        """Bytes that sessions in memory may take."""
        with self._lock:
            live = sum(session.memory for session in self._live.values())
            return live + sum(stored.memory for stored in self._recent.values())

    def delete(self, id_: str) -> None:
        """MissingError."""
        self.get(id_)
        self._forget(id_)
        self._erase(id_)

    def _erase(self, id_: str) -> None:
        """Its rows first; on a full disk its files, which makes room for that."""
        try:
            self.database.execute("DELETE FROM session WHERE id = ?", (id_,))
        except WriteError:
            disk.remove(self._root / id_)
            with contextlib.suppress(WriteError):  # else rows without a photo go at the next start
                self.database.execute("DELETE FROM session WHERE id = ?", (id_,))
        else:
            disk.remove(self._root / id_)

    def _forget(self, id_: str) -> None:
        with self._lock:
            self._facts.pop(id_, None)
            self._recent.pop(id_, None)
            self._known.pop(id_, None)
            for key in [key for key in self._live if key[0] == id_]:
                self._live.pop(key).close()

    def sweep(self, now: float | None = None) -> int:
        """Delete what was not used for `Settings.keep_sessions`; how many went."""
        limit = (now or time.time()) - self.settings.keep_sessions
        with self._lock:
            old = [id_ for id_, facts in self._facts.items() if float(facts["used"]) < limit and not self._using[id_]]
            for id_ in old:
                self._forget(id_)
        for id_ in old:
            self._erase(id_)
        for _ in disk.folders(self._root):  # what is left of removed ones
            pass
        return len(old)
