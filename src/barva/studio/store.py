"""`Store`: sessions that live on disk and, the last used ones, in memory.

    STATE/sessions/ID/session.json   name, settings, times
                     photo           as it was uploaded
                     guidance.json   a hint file, masks inside
                     scene.jsonld    what was known before the marks
                     reference-N     as uploaded
                     page.json       what the browser page wants back after a reload

An id has 192 random bits: who does not know it cannot reach the session, and there is no list of them.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from barva.engine.live import Session
from barva.engine.result import Result
from barva.errors import BarvaError, UsageError
from barva.guidance.marks import Guidance, Region
from barva.imaging.write import Written
from barva.scene.masks import Mask
from barva.scene.model import Scene
from barva.scene.sources import Array
from barva.studio import disk
from barva.studio.engines import REFERENCES, Engines, Order
from barva.studio.settings import Settings

TOUCH = 60.0
"""Seconds after which a use is written down again."""


class MissingError(BarvaError):
    """There is no such session or job, or no longer."""


class BusyError(BarvaError):
    """No more sessions or jobs now; later there may be."""


class Work:
    """One session: a photo and all that is wanted of it. Every change is on disk before it is answered. Safe to use
    from several threads."""

    def __init__(self, store: Store, folder: Path, facts: dict[str, Any]) -> None:
        self._store, self._folder, self._facts = store, folder, facts
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
        all marks, and of the settings that it names; marks stand beside it and win. UsageError."""
        with self._lock:
            order = order or self.order
            if scene is not None:
                guidance, order = guidance or Guidance(), order.over(scene)
            guidance, scene = guidance or self.guidance, scene or self.scene
            session = self._session(order)
            result = self._ask(session, guidance, order, scene)
            if scene is not None and scene is not self.scene:
                disk.put(self._folder / "scene.jsonld", scene.to_json().encode())
                self.scene = scene
            if guidance is not self.guidance:
                disk.put(self._folder / "guidance.json", guidance.to_json().encode())
                self.guidance = guidance
            if order != self.order:
                self.order = order
                self._write()
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
        """Take colours from these photos instead of those before; files are moved. UsageError, ReadError."""
        if len(photos) > REFERENCES:
            raise UsageError(f"a photo takes at most {REFERENCES} references, not {len(photos)}")
        with self._lock:
            session = self._session(self.order)
            session.refer([self._store.engines.photo(data) for data in photos])
            for n, data in enumerate(photos):
                disk.take(data, self._folder / f"reference-{n}")
            self._facts["references"], self._asked = len(photos), None
            self._store.drop_others(self, self.order.method)
            self._write()

    def keep(self, value: Any) -> None:
        """What the page wants back after a reload, any JSON."""
        with self._lock:
            disk.put_json(self._folder / "page.json", {"page": value})

    def kept(self) -> Any:
        """What `keep` was given last, or None."""
        return (disk.get_json(self._folder / "page.json") or {}).get("page")

    def paint(self, order: Order | None = None, target: Path | None = None) -> tuple[Written, tuple[str, ...]]:
        """The whole photo, as `Engines.paint`: the same pixels as the command line's. `order` may ask for another
        format."""
        with self._lock:
            guidance, references, scene = self.guidance, self.references, self.scene
            order = order or self.order
        return self._store.engines.paint(self.photo, order, guidance, references, target, scene=scene)

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
        if now - float(self._facts["used"]) > TOUCH:
            with self._lock:
                self._facts["used"] = now
                self._write()

    def _write(self) -> None:
        self._facts["order"] = self.order.told()
        disk.put_json(self._folder / "session.json", self._facts)


class Store:
    """Sessions by id. Memory holds the last used ones, up to `Settings.memory` bytes; the others are read again."""

    def __init__(self, settings: Settings, engines: Engines) -> None:
        self.settings, self.engines = settings, engines
        self._root = disk.folder(settings.state / "sessions")
        self._works: OrderedDict[str, Work] = OrderedDict()  # the last used ones; what is in use elsewhere, below
        self._known: weakref.WeakValueDictionary[str, Work] = weakref.WeakValueDictionary()
        self._live: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._lock = threading.RLock()

    def create(
        self,
        data: bytes | Path,
        name: str = "photo",
        order: Order | None = None,
        check: Callable[[Work], object] | None = None,
    ) -> Work:
        """A session for an uploaded photo; a file is moved. `check` must find it sound before it is kept; without it
        the photo is opened to be worked on at once. ReadError, TooLargeError, UsageError; BusyError."""
        self.engines.photo(data)
        folder = self._root / disk.new_id()
        now = time.time()
        facts = {"name": name, "made": now, "used": now, "references": 0, "order": (order or Order()).told()}
        with self._lock:
            if sum(1 for _ in disk.folders(self._root)) >= self.settings.max_sessions:
                raise BusyError("there are as many sessions as this server keeps; delete one, or come back later")
            disk.folder(folder)
        try:
            disk.take(data, folder / "photo")
            work = Work(self, folder, facts)
            # damage shows now, not at the first click
            if check is not None:
                check(work)
            else:
                self.session(work, work.order.method)
            disk.put_json(folder / "session.json", facts)
        except BaseException:
            self._forget(folder.name)
            disk.remove(folder)
            raise
        return work

    def has(self, id_: str) -> bool:
        """Whether there is such a session; it does not count as a use."""
        return disk.is_id(id_) and (self._root / id_ / "session.json").exists()

    def get(self, id_: str) -> Work:
        """MissingError."""
        with self._lock:
            work = self._known.get(id_)
            if work is None:
                facts = disk.get_json(self._root / id_ / "session.json") if disk.is_id(id_) else None
                if facts is None:
                    raise MissingError("there is no such session, or no longer")
                work = Work(self, self._root / id_, facts)
            self.used(work)
        work.touch()
        return work

    def session(self, work: Work, method: str) -> Session:
        """The live session of a work for a method, made again if memory has let go of it."""
        with self._lock:
            session = self._live.get((work.id, method))
        if session is None:
            session = Session(self.engines.colorizer(method), self.engines.photo(work.photo, work.name))
            session.refer([self.engines.photo(path) for path in work.references])
            with self._lock:
                session = self._live.setdefault((work.id, method), session)
        self._remember(work, method, session)
        return session

    def drop_others(self, work: Work, method: str) -> None:
        """Let go of its live sessions for other methods, which know its references of before."""
        with self._lock:
            old = [key for key in self._live if key[0] == work.id and key[1] != method]
            gone = [self._live.pop(key) for key in old]
        for session in gone:  # which may be at work still
            session.close()

    def used(self, work: Work) -> None:
        """The work was used: of all others, the longest unused go first."""
        with self._lock:
            self._works[work.id] = self._known[work.id] = work
            self._works.move_to_end(work.id)
            self._fit()

    def _remember(self, work: Work, method: str, session: Session) -> None:
        with self._lock:
            self._live[work.id, method] = session
            self._live.move_to_end((work.id, method))
            self.used(work)

    def _fit(self) -> None:
        """Let go of what was not used for longest, until the rest fits; the last one always stays."""
        while len(self._live) > 1 and self.memory > self.settings.memory:
            _, oldest = self._live.popitem(last=False)
            oldest.close()
        while len(self._works) > 1 and self.memory > self.settings.memory:
            self._works.popitem(last=False)

    @property
    def memory(self) -> int:
        """Bytes that sessions in memory may take."""
        with self._lock:
            live = sum(session.memory for session in self._live.values())
            return live + sum(work.memory for work in self._works.values())

    def delete(self, id_: str) -> None:
        """MissingError."""
        self.get(id_)
        self._forget(id_)
        disk.remove(self._root / id_)

    def _forget(self, id_: str) -> None:
        with self._lock:
            self._works.pop(id_, None)
            self._known.pop(id_, None)
            for key in [key for key in self._live if key[0] == id_]:
                self._live.pop(key).close()

    def sweep(self, now: float | None = None) -> int:
        """Delete what was not used for `Settings.keep_sessions`; how many went."""
        limit, gone = (now or time.time()) - self.settings.keep_sessions, 0
        for folder in list(disk.folders(self._root)):
            facts = disk.get_json(folder / "session.json")
            used = float(facts["used"]) if facts else folder.stat().st_mtime
            if used < limit:
                self._forget(folder.name)
                disk.remove(folder)
                gone += 1
        return gone
