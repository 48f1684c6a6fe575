"""One photo's scene for others: how they would look, the change itself, and the way back, in one step for all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.engine.session import Session
from barva.errors import BarvaError
from barva.scene.masks import Mask
from barva.studio import queue, scenes
from barva.studio.desk import Desk
from barva.studio.document import Document
from barva.studio.jobs import DONE, OPEN
from barva.studio.visitors import Shelf

_PIXELS = 60_000


@dataclass(frozen=True)
class Change:
    """What became of one photo; `was` is the state of its job before."""

    key: str
    before: Document
    after: Document
    was: str


@dataclass(frozen=True)
class Applied:
    """What `apply` did: the changes, and what is wrong with photos that the scene does not fit."""

    changes: tuple[Change, ...]
    wrong: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> list[str]:
        return [change.key for change in self.changes]


def preview(old: Desk, new: Desk) -> npt.NDArray[np.uint8]:
    """How the photo of `new` would look with the document of `old`: (h, w, 3), small. Nothing is changed or kept.
    BarvaError."""
    masks: dict[str, Mask] = {}

    def keep(plane: Any) -> str:
        mask = Mask.of(plane)
        key = hashlib.sha256(mask.plane).hexdigest()[:20]
        masks[key] = mask
        return key

    keeping = scenes.Keeping(keep, lambda name, data: hashlib.sha256(data).hexdigest()[:20])
    document = scenes.carried(old.now, old, new, keeping)
    engines = new.service.engines
    session = Session(engines.colorizer(document.method), engines.photo(new.work.photo))
    try:
        session.set_references([engines.photo(old.drawer.reference(key)) for key in old.now.references])
        session.colorize(document.guidance(masks.__getitem__), scene=old.palette, **old.order.asked())
        return session.preview(_PIXELS)
    finally:
        session.close()


async def apply(own: Shelf, desk: Desk, keys: Iterable[str]) -> Applied:
    """The desk's document for other photos, as a step of their histories."""
    document, changes, wrong = desk.now, list[Change](), list[tuple[str, str]]()
    for key in keys:
        other = own.desk(key)
        try:
            carried = await asyncio.to_thread(scenes.carried, document, desk, other)
            change = Change(key, other.now, carried, queue.state(other)[0])
            if carried != other.now:
                other.put(carried)
            changes.append(change)
        except BarvaError as error:
            wrong.append((other.name, str(error)))
    return Applied(tuple(changes), tuple(wrong))


async def undo(own: Shelf, applied: Applied) -> list[str]:
    """Take all of it back: documents, and what waits in the queue. Names of the photos that were edited since, which
    stay as they are. WriteError, and the rest is done by trying again."""
    edited, again = list[str](), list[str]()
    there = set(own.keys)
    for change in applied.changes:
        if change.key not in there:
            continue
        desk = own.desk(change.key)
        if desk.now not in (change.after, change.before):  # it may be back, where an undo was broken off
            edited.append(desk.name)
            continue
        job = queue.job_of(desk)
        if job is not None and any(item.state in OPEN for item in job.items):
            desk.service.jobs.cancel(job.id)
        if desk.now != change.before:
            desk.back(change.before)
        if change.was == DONE:
            again.append(change.key)
    await asyncio.to_thread(queue.color_all, own, again)
    return edited
