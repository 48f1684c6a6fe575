"""`StoredSession`: one photo and all that is wanted of it."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from barva.engine.request import Request
from barva.engine.result import Result
from barva.engine.session import Session
from barva.engine.steer import palette as palettes
from barva.errors import BarvaError, UsageError, WriteError
from barva.guidance.marks import Guidance, Region
from barva.imaging.write import Written
from barva.scene import edit, picture_modalities
from barva.scene.masks import Mask
from barva.scene.model import Scene
from barva.scene.picture_modalities import Array
from barva.studio.jobs.colorizers import REFERENCES
from barva.studio.jobs.output import Output, guidance_of
from barva.studio.sessions.document import Document
from barva.studio.sessions.history import History
from barva.studio.sessions.session_files import SessionFiles

if TYPE_CHECKING:
    from barva.studio.sessions.store import Store

TOUCH = 60.0
"""Seconds after which a use is written down again."""


class StoredSession:
    """The document that is in force is the present state of the `history`; the picture follows from it and from nothing
    else. Every change is in the database before it is answered. Safe to use from several threads."""

    def __init__(self, store: Store, folder: Path, facts: dict[str, Any]) -> None:
        self.folder = folder
        self.files = SessionFiles(folder, store.database)
        self._store, self._facts = store, facts
        self._noted = float(facts["used"])  # in the database
        self._lock = threading.RLock()
        self._shown: Document | None = None
        self._answered: dict[str, tuple[weakref.ref[Session], Document]] = {}  # by method: what each session answers
        self._asked = Request()

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def name(self) -> str:
        """What the file was called; for showing only."""
        return str(self._facts["name"])

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the upright photo."""
        return int(self._facts["height"]), int(self._facts["width"])

    @property
    def photo(self) -> Path:
        """The file, as uploaded."""
        return self.folder / "photo"

    @cached_property
    def history(self) -> History:
        return History(self._store.database, self.id)

    @property
    def document(self) -> Document:
        """What is in force."""
        return self.history.now

    # ---- from a document to a picture

    def guidance(self, document: Document) -> Guidance:
        """All marks of a document, in order. UsageError."""
        marks = document.guidance(self.files.mask)
        return Guidance((*self.files.guidance(document.marks).marks, *marks.marks)) if document.marks else marks

    def scene(self, document: Document) -> Scene | None:
        """What a document knows of the photo beside its marks. UsageError."""
        scene = self.files.scene(document.scene)
        if scene is not None and document.skin and scene.whole.manner.skin is False:
            scene = edit.set_manner(scene, replace(scene.whole.manner, skin=None))  # the setting came later
        if not document.palette:
            return scene
        scene = scene or Scene()
        return scene.with_thing(
            scene.whole.with_modalities(picture_modalities.Palette(palettes.load_palette(document.palette)))
        )

    def request(self, document: Document) -> Request:
        """All that a document asks for but its references. UsageError."""
        return replace(document.request, guidance=self.guidance(document), scene=self.scene(document))

    def references(self, document: Document) -> list[Path]:
        """The reference photos of a document. UsageError."""
        return [self.files.reference_file(key) for key in document.references]

    def answer(self, document: Document) -> Session:
        """The live session, its result what the document asks for. BarvaError."""
        with self._lock:
            session = self._store.session(self, document.method)
            before = self._answered.get(document.method)
            if before is None or before[0]() is not session or before[1] != document:
                self._ask(session, document, None if before is None or before[0]() is not session else before[1])
            self._store.used(self)
            return session

    def _ask(self, session: Session, document: Document, before: Document | None) -> None:
        self._answered.pop(document.method, None)  # until it is done
        if document.references != (() if before is None else before.references) or before is None:
            session.set_references([self._store.colorizers.photo(path) for path in self.references(document)])
        request = self.request(document)
        session.answer(request)
        self._answered[document.method] = weakref.ref(session), document
        self._asked = request

    def show(self, document: Document) -> Result:
        """Answer a document, in force or not, and show it from now on. BarvaError, and what was shown stays."""
        with self._lock:
            result = self.answer(document).result
            self._shown = document
            return result

    def live(self) -> Session:
        """The live session with what is shown: after a restart the last state of the history that can be answered."""
        with self._lock:
            if self._shown is None:
                self._shown = self._answerable()
            return self.answer(self._shown)

    def variant(self, number: int, method: str = "") -> tuple[Session, Result]:
        """The n-th variant of what is shown, without taking it: by its own method, or another one; and the session
        that shows it. BarvaError."""
        live = self.live()
        with self._lock:
            shown = self._shown
            if method and shown is not None and shown.method != method:
                live = self.answer(replace(shown, method=method, variant=0))
        return live, live.variant(number)

    def _answerable(self) -> Document:
        error: BarvaError | None = None
        for document in reversed(self.history.states[: self.history.position + 1]):
            try:
                self.answer(document)
            except UsageError as wrong:
                error = error or wrong
            else:
                return document
        raise error or UsageError("this session has no history", code="session.no-history")

    def paint(self, document: Document | None = None, target: Path | None = None) -> tuple[Written, tuple[str, ...]]:
        """The whole photo as a document asks, or the one in force: the same pixels as the command line's. As
        `Colorizers.paint`."""
        document = document or self.document
        return self._store.colorizers.paint(
            self.photo, self.request(document), document.output, self.references(document), target
        )

    # ---- changes of programs, which are steps of the history

    def change(
        self,
        guidance: Guidance | None = None,
        settings: tuple[Request, Output] | None = None,
        scene: Scene | None = None,
        sampling_waits: bool = False,
    ) -> Result:
        """Ask for something else. `guidance` takes the place of all marks, a `scene` that of the scene before, of all
        marks, and of the settings that it names; marks and `settings` stand beside it and win, but gray skin stays
        where either leaves it. With `sampling_waits` the document's stays, of which `settings` do not know while the
        method is one that draws nothing. UsageError, WriteError; after either all is as it was."""
        with self._lock:
            document, texts = self.document, dict[str, str]()
            if scene is not None:
                key, texts[key] = self.files.text(scene)
                document = document.with_scene(key, scene)
            if settings is not None:
                stays = scene is not None and not document.skin
                document = document.with_settings(*settings)
                sampling = self.document.sampling if sampling_waits else document.sampling
                document = replace(document, skin=document.skin and not stays, sampling=sampling)
            if guidance is not None:
                key, text = self.files.text(guidance)
                texts |= {key: text} if guidance.marks else {}
                document = replace(document, items=(), marks=key if guidance.marks else "")
            return self._step(document, texts)

    def set_references(self, photos: Sequence[bytes | Path]) -> None:
        """Take colors from these photos instead of those before; files are moved. UsageError, ReadError, WriteError;
        after any of them all is as it was."""
        if len(photos) > REFERENCES:
            raise UsageError(
                "a photo takes at most {count} references, not {number}",
                code="reference.too-many",
                count=REFERENCES,
                number=len(photos),
            )
        with self._lock:
            for data in photos:
                self._store.colorizers.photo(data)
            before, keys = self.files.reference_keys(), list[str]()
            try:
                for data in photos:
                    keys.append(self.files.take_reference(data))
                names = {key: f"reference {n}" for n, key in enumerate(keys, 1)}
                self._step(replace(self.document, references=tuple(keys)), names=names)
            except BaseException:
                for key in {*keys} - before:
                    self.files.drop_reference(key)
                raise

    def _step(
        self, document: Document, texts: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None
    ) -> Result:
        """A document that can be answered becomes the one in force; after an error the one before is shown again."""
        before = self._shown
        try:
            result = self.show(document)
            self.history.add(document, texts, names)
        except BaseException:
            self._shown = before
            raise
        return result

    # ---- how much, and when

    @property
    def memory(self) -> int:
        """Bytes of masks and arrays among what was asked last."""
        guidance, scene = guidance_of(self._asked), self._asked.scene
        marks = [mark.where for mark in guidance.marks if isinstance(mark, Region)] if guidance is not None else []
        things = scene.things if scene is not None else ()
        known = [value for thing in things for one in thing.modalities for value in vars(one).values()]
        drawn = [redraw.where for redraw in self._asked.sampling.redraw]
        masks = sum(len(value.plane) for value in (*marks, *known, *drawn) if isinstance(value, Mask))
        return masks + sum(len(value.data) for value in known if isinstance(value, Array))

    def touch(self) -> None:
        """It was used now."""
        now = time.time()
        self._facts["used"] = now
        if now - self._noted > TOUCH:
            self._noted = now
            with contextlib.suppress(WriteError):  # looking at it needs no room on the disk
                self._store.database.execute("UPDATE session SET used = ? WHERE id = ?", (now, self.id))
