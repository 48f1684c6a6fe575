"""`Store`: sessions that live on disk and, the last used ones, in memory.

    STATE/sessions/ID/session.json   name, settings, times
                     photo           as it was uploaded
                     guidance.json   a hint file, masks inside
                     scene.jsonld    what was known before the marks
                     reference-N     as uploaded
                     page.json       what the browser page wants back after a reload

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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from barva.engine.result import Result
from barva.engine.session import Session
from barva.errors import BarvaError, UsageError, WriteError
from barva.guidance.marks import Guidance, Region
from barva.imaging.write import Written
from barva.scene.masks import Mask
from barva.scene.model import Scene
from barva.scene.picture_modalities import Array
from barva.studio.jobs.colorizers import REFERENCES, Colorizers, Order
from barva.studio.sessions import disk
from barva.studio.settings import Settings

TOUCH = 60.0
"""Seconds after which a use is written down again."""


class MissingError(BarvaError):
    """There is no such session or job, or no longer."""


class BusyError(BarvaError):
    """No more sessions or jobs now; after about `retry` seconds there may be."""

    def __init__(self, message: str, retry: float = 10.0) -> None:
        super().__init__(message)
        self.retry = max(1, math.ceil(retry))


IN_USE = 15.0
"""Seconds after its last use for which a session never makes room for another."""


class StoredSession:
    """One session: a photo and all that is wanted of it. Every change is on disk before it is answered. Safe to use
    from several threads."""

    def __init__(self, store: Store, folder: Path, facts: dict[str, Any]) -> None:
        self._store, self._folder, self._facts = store, folder, facts
        self._noted = float(facts["used"])  # on the disk
        self._lock = threading.RLock()
        self.order = Order.of(facts["order"])
        text = folder / "guidance.json"
        self.guidance = Guidance.from_json(text.read_bytes()) if text.exists() else Guidance()
        text = folder / "scene.jsonld"
        self.scene = Scene.from_json(text.read_bytes()) if text.exists() else None
        self._asked: tuple[Any, ...] | None = None

    @property
    def id(self) -> str:
        return self._folder.name

    @property
    def name(self) -> str:
        """What the file was called; for showing only."""
        return str(self._facts["name"])

    @property
    def references(self) -> list[Path]:
        """The reference photos, as uploaded."""
        return [self._folder / f"reference-{n}" for n in range(int(self._facts["references"]))]

    @property
    def folder(self) -> Path:
        """Where the page keeps more of it; deleted with the session."""
        return self._folder

    @property
    def photo(self) -> Path:
        """The file, as uploaded."""
        return self._folder / "photo"

    def change(
        self, guidance: Guidance | None = None, order: Order | None = None, scene: Scene | None = None
    ) -> Result:
        """Ask for something else, and remember it if it makes sense. A `scene` takes the place of the one before, of
        all marks, and of the settings that it names; marks stand beside it and win. UsageError, WriteError; after
        either all is as it was."""
        with self._lock:
            order = order or self.order
            if scene is not None:
                guidance, order = guidance or Guidance(), order.over(scene)
            guidance, scene = guidance or self.guidance, scene or self.scene
            session = self._session(order)
            result = self._ask(session, guidance, order, scene)
            files: dict[Path, bytes | Path] = {}
            if scene is not None and scene is not self.scene:
                files[self._folder / "scene.jsonld"] = scene.to_json().encode()
            if guidance is not self.guidance:
                files[self._folder / "guidance.json"] = guidance.to_json().encode()
            if order != self.order:
                files |= self._facts_with(order=order.told())
            disk.put_all(files)  # all or none of it, and only then it is so
            self._facts["order"] = order.told()
            self.guidance, self.order, self.scene = guidance, order, scene
            return result

    def live(self) -> Session:
        """The live session, its result what is asked now."""
        with self._lock:
            session = self._session(self.order)
            self._ask(session, self.guidance, self.order, self.scene)
            self._store.used(self)
            return session

    def _ask(self, session: Session, guidance: Guidance, order: Order, scene: Scene | None) -> Result:
        key = (guidance, order.asked(), scene)
        if self._asked is None or self._asked[0]() is not session or self._asked[1] != key:
            session.ask(guidance, scene=scene, **order.asked())
            self._asked = weakref.ref(session), key
        return session.result

    def _session(self, order: Order) -> Session:
        return self._store.session(self, order.method)

    def refer(self, photos: Sequence[bytes | Path]) -> None:
        """Take colours from these photos instead of those before; files are moved. UsageError, ReadError, WriteError;
        after any of them all is as it was."""
        if len(photos) > REFERENCES:
            raise UsageError(f"a photo takes at most {REFERENCES} references, not {len(photos)}")
        with self._lock:
            session = self._session(self.order)
            session.refer([self._store.colorizers.photo(data) for data in photos])
            files: dict[Path, bytes | Path] = self._facts_with(references=len(photos))
            files |= {self._folder / f"reference-{n}": data for n, data in enumerate(photos)}
            try:
                disk.put_all(files)
            except WriteError:
                self._asked = None
                self._store.drop(self)  # which knows the new ones; it is made again from what the disk has
                raise
            self._facts["references"], self._asked = len(photos), None
            self._store.drop(self, but=self.order.method)

    def keep(self, value: Any) -> None:
        """What the page wants back after a reload, any JSON."""
        with self._lock:
            disk.put_json(self._folder / "page.json", {"page": value})

    def kept(self) -> Any:
        """What `keep` was given last, or None."""
        return (disk.get_json(self._folder / "page.json") or {}).get("page")

    def paint(self, order: Order | None = None, target: Path | None = None) -> tuple[Written, tuple[str, ...]]:
        """The whole photo, as `Colorizers.paint`: the same pixels as the command line's. `order` may ask for another
        format."""
        with self._lock:
            guidance, references, scene = self.guidance, self.references, self.scene
            order = order or self.order
        return self._store.colorizers.paint(self.photo, order, guidance, references, target, scene=scene)

    @property
    def memory(self) -> int:
        """Bytes of masks and arrays among what is asked."""
        marks = [mark.where for mark in self.guidance.marks if isinstance(mark, Region)]
        things = self.scene.things if self.scene is not None else ()
        known = [value for thing in things for one in thing.known for value in vars(one).values()]
        masks = sum(len(value.plane) for value in (*marks, *known) if isinstance(value, Mask))
        return masks + sum(len(value.data) for value in known if isinstance(value, Array))

    def touch(self) -> None:
        """It was used now."""
        now = time.time()
        self._facts["used"] = now
        if now - self._noted > TOUCH:
            self._noted = now
            with self._lock, contextlib.suppress(WriteError):  # looking at it needs no room on the disk
                disk.put_all(self._facts_with())

    def _facts_with(self, **changed: Any) -> dict[Path, bytes | Path]:
        """The file of facts as it will be."""
        return {self._folder / "session.json": disk.as_json(self._facts | changed)}


class Store:
    """Sessions by id. Memory holds the last used ones, up to `Settings.memory` bytes; the others are read again."""

    def __init__(self, settings: Settings, colorizers: Colorizers) -> None:
        self.settings, self.colorizers = settings, colorizers
        self._root = disk.folder(settings.state / "sessions")
        self._recent: OrderedDict[str, StoredSession] = (
            OrderedDict()
        )  # the last used ones; what is in use elsewhere, below
        self._known: weakref.WeakValueDictionary[str, StoredSession] = weakref.WeakValueDictionary()
        self._live: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._lock = threading.RLock()
        self._using: Counter[str] = Counter()
        self.occupied: list[Callable[[str], bool]] = []
        """What else may know of a session that it is in use, such as an open page."""
        self.listed: list[Callable[[str, str], bool]] = []
        """What may know that a client, by what `owner_of` calls it, has a session before its eyes in a list: it makes
        no room for another of that client."""
        self._facts: dict[str, dict[str, Any]] = {}
        for folder in list(disk.folders(self._root)):
            facts = disk.get_json(folder / "session.json")
            if facts is not None:
                self._facts[folder.name] = facts
            else:  # a server was killed before it had answered
                disk.remove(folder)

    def create(
        self,
        data: bytes | Path,
        name: str = "photo",
        order: Order | None = None,
        owner: str = "",
        check: Callable[[StoredSession], object] | None = None,
    ) -> StoredSession:
        """A session for an uploaded photo; a file is moved. `owner` is whose list it is on, as `owner_of` calls them.
        `check` must find the photo sound before it is kept; without it the photo is opened to be worked on at once.
        ReadError, TooLargeError, UsageError, WriteError; BusyError where all others are in use."""
        self.colorizers.photo(data)
        now = time.time()
        facts = {"name": name, "made": now, "used": now, "references": 0, "owner": owner}
        facts["order"] = (order or Order()).told()
        with self._lock:
            self._make_room(owner, now)
            folder = self._root / disk.new_id()
            self._facts[folder.name] = facts
            self._using[folder.name] += 1
        try:
            disk.folder(folder)
            disk.take(data, folder / "photo")
            stored = StoredSession(self, folder, facts)
            # damage shows now, not at the first click
            if check is not None:
                check(stored)
            else:
                self.session(stored, stored.order.method)
            disk.put_json(folder / "session.json", facts)
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
                    f"your list already has all the photos that this server keeps for you: {len(among)}; "
                    "remove some first"
                )
            free = [id_ for id_ in hidden if not self._using[id_] and not any(used(id_) for used in self.occupied)]
            oldest = min(free, key=lambda id_: float(self._facts[id_]["used"]), default=None)
            wait = IN_USE if oldest is None else float(self._facts[oldest]["used"]) + IN_USE - now
            if oldest is None or wait > 0:
                raise BusyError("all sessions that this server keeps are in use; delete one, or come back later", wait)
            self._forget(oldest)
            disk.remove(self._root / oldest)

    def owned(self, owner: str) -> list[tuple[str, dict[str, Any]]]:
        """Ids and facts of an owner's sessions, the last used first; none without an owner."""
        with self._lock:
            own = [(id_, dict(facts)) for id_, facts in self._facts.items() if owner and facts.get("owner") == owner]
        return sorted(own, key=lambda row: -float(row[1]["used"]))

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
                if facts is None or not (self._root / id_ / "session.json").exists():
                    raise MissingError("there is no such session, or no longer")
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
            session.refer([self.colorizers.photo(path) for path in stored.references])
            with self._lock:
                session = self._live.setdefault((stored.id, method), session)
        self._remember(stored, method, session)
        return session

    def drop(self, stored: StoredSession, but: str | None = None) -> None:
        """Let go of its live sessions, which know its references of before; one method's may stay."""
        with self._lock:
            old = [key for key in self._live if key[0] == stored.id and key[1] != but]
            gone = [self._live.pop(key) for key in old]
        for session in gone:  # which may be at work still
            session.close()

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
            disk.remove(self._root / id_)
        for _ in disk.folders(self._root):  # what is left of removed ones
            pass
        return len(old)
