"""`Job`: photos that are colored alike, in the database and in a folder.

    STATE/jobs/ID/in-N           as uploaded
                  reference-N
                  out-N          the result, whole or absent
                  order.json     what the key frames of a film ask, see `film_work`

What is wanted and what became of each photo is in the database.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from barva.engine.request import Request
from barva.errors import Message, WriteError
from barva.guidance.marks import Guidance
from barva.scene.model import Scene
from barva.studio.jobs import film_work
from barva.studio.jobs.output import Output, plain_settings, read_settings
from barva.studio.sessions import disk
from barva.studio.sessions.database import Database
from barva.studio.sessions.store import MissingError

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
OPEN = (WAITING, RUNNING)


@dataclass(frozen=True)
class Item:
    """One photo of a job. `notes` are the engine's, or the error; `format` and `size` (bytes) are the result's."""

    name: str
    state: str = WAITING
    notes: tuple[str, ...] = ()
    format: str = ""
    size: int = 0
    seconds: float = 0.0


class Job:
    """Photos that are colored alike; the marks and the scene of the `request` are in the database alone. `items` is
    replaced whole, so that readers need no lock; `version` grows with it."""

    def __init__(
        self, database: Database, folder: Path, request: Request, output: Output, items: tuple[Item, ...],
        references: int, created: float,
    ) -> None:  # fmt: skip
        self._database = database
        self.folder, self.request, self.output = folder, replace(request, guidance=None, scene=None), output
        self.items, self.references, self.created = items, references, created
        self.used = created
        self.version = 0
        self.is_film = (folder / film_work.ORDER).is_file()
        self.share = 0.0  # of a film that is being colored

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def finished(self) -> bool:
        return not any(item.state in OPEN for item in self.items)

    def result(self, number: int) -> Path:
        """The file of a photo's result. MissingError where there is none (yet)."""
        if not 0 <= number < len(self.items) or self.items[number].state != DONE:
            raise MissingError("there is no such result, not yet or no longer", code="missing.result")
        return self.folder / f"out-{number}"

    def whole_request(self) -> Request:
        """The request with the marks and the scene that came with it."""
        ((guidance, scene),) = self._database.rows("SELECT guidance, scene FROM job WHERE id = ?", (self.id,))
        return replace(
            self.request, guidance=guidance and Guidance.from_json(guidance), scene=scene and Scene.from_json(scene)
        )

    def set(self, items: tuple[Item, ...], noted: bool = True) -> None:
        """The photos as they are now; `noted` in the database first. WriteError, and nothing is changed."""
        if noted:
            with self._database.transaction():
                self._database.execute("UPDATE job SET used = ? WHERE id = ?", (self.used, self.id))
                for number, item in enumerate(items):
                    if item is not self.items[number]:
                        self._put(number, item)
        self.items, self.version = items, self.version + 1

    def with_item(self, number: int, item: Item) -> tuple[Item, ...]:
        """The photos with another one at a place."""
        return (*self.items[:number], item, *self.items[number + 1 :])

    def keep(self, guidance: Guidance | None, scene: Scene | None) -> None:
        """Write a new one down. WriteError."""
        texts = guidance and guidance.marks and guidance.to_json(), scene and scene.to_json()
        settings = json.dumps(plain_settings(self.request, self.output))
        row = (self.id, self.created, self.used, settings, *(t or None for t in texts))
        with self._database.transaction():
            self._database.execute("INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, self.references))
            for number, item in enumerate(self.items):
                self._put(number, item)

    def _put(self, number: int, item: Item) -> None:
        notes = json.dumps([note.to_json() if isinstance(note, Message) else note for note in item.notes])
        row = (item.name, item.state, notes, item.format, item.size, item.seconds)
        statement = "INSERT OR REPLACE INTO job_photo VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        self._database.execute(statement, (self.id, number, *row))

    def erase(self) -> None:
        """Its rows, then its files; on a full disk its files first, which makes room."""
        try:
            self._database.execute("DELETE FROM job WHERE id = ?", (self.id,))
        except WriteError:
            disk.remove(self.folder)
            with contextlib.suppress(WriteError):  # else rows without files go at the next start
                self._database.execute("DELETE FROM job WHERE id = ?", (self.id,))
        else:
            disk.remove(self.folder)


def load_jobs(database: Database, root: Path) -> Iterator[Job]:
    """All jobs, the oldest first. What ran when the server ended waits again, unless its result is written down:
    results are whole or absent. What a killed server left half-made or half-deleted goes."""
    rows = database.rows("SELECT id, created, used, settings, reference_count FROM job ORDER BY created")
    for folder in set(disk.folders(root)) - {root / row[0] for row in rows}:
        disk.remove(folder)
    query = "SELECT name, state, notes, format, size, seconds FROM job_photo WHERE job = ? ORDER BY number"
    for id_, created, used, settings, references in rows:
        items = [
            Item(name, WAITING if state == RUNNING else state, tuple(map(_note, json.loads(notes))), *rest)
            for name, state, notes, *rest in database.rows(query, (id_,))
        ]
        job = Job(database, root / id_, *read_settings(json.loads(settings)), tuple(items), references, created)
        job.used = used
        if job.folder.is_dir():
            yield job
        else:
            job.erase()


def _note(row: Any) -> str:
    return Message.from_json(row) if isinstance(row, dict) else str(row)
