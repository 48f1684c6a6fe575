"""One photo's scene for others: how they would look, the change itself, and the way back, in one step for all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.engine.session import Session
from barva.errors import BarvaError
from barva.scene.masks import Mask
from barva.studio.jobs import queue
from barva.studio.jobs.job import DONE, OPEN
from barva.studio.sessions import scenes
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.visitors import VisitorSessions

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


def preview(old: EditSession, new: EditSession) -> npt.NDArray[np.uint8]:
    """How the photo of `new` would look with the document of `old`: (h, w, 3), small. Nothing is changed or kept.
    BarvaError."""
    masks: dict[str, Mask] = {}

    def keep(plane: Any) -> str:
        mask = Mask.of(plane)
        key = hashlib.sha256(mask.plane).hexdigest()[:20]
        masks[key] = mask
        return key

    keeping = scenes.Keeping(keep, lambda name, data: hashlib.sha256(data).hexdigest()[:20])
    document = scenes.carry_over(old.now, old, new, keeping)
    colorizers = new.service.colorizers
    live = Session(colorizers.colorizer(document.method), colorizers.photo(new.stored.photo))
    try:
        live.set_references([colorizers.photo(old.files.reference(key)) for key in old.now.references])
        scene = old.stored.scene(replace(document, scene=""))
        live.answer(replace(document.request, guidance=document.guidance(masks.__getitem__), scene=scene))
        return live.preview(_PIXELS)
    finally:
        live.close()


async def apply(own: VisitorSessions, session: EditSession, keys: Iterable[str]) -> Applied:
    """The session's document for other photos, as a step of their histories."""
    document, changes, wrong = session.now, list[Change](), list[tuple[str, str]]()
    for key in keys:
        name = own.name(key)
        try:
            other = own.session(key)
            carried = await asyncio.to_thread(scenes.carry_over, document, session, other)
            change = Change(key, other.now, carried, queue.state(other)[0])
            if carried != other.now:
                other.put(carried)
            changes.append(change)
        except BarvaError as error:
            wrong.append((name, error.message))
    return Applied(tuple(changes), tuple(wrong))


async def undo(own: VisitorSessions, applied: Applied) -> list[str]:
    """Take all of it back: documents, and what waits in the queue. Names of the photos that were edited since, which
    stay as they are. WriteError, and the rest is done by trying again."""
    edited, again = list[str](), list[str]()
    keys = set(own.keys)
    for change in applied.changes:
        if change.key not in keys:
            continue
        session = own.session(change.key)
        if session.now not in (change.after, change.before):  # it may be back, where an undo was broken off
            edited.append(session.name)
            continue
        job = queue.job_of(session)
        if job is not None and any(item.state in OPEN for item in job.items):
            session.service.jobs.cancel(job.id)
        if session.now != change.before:
            session.back(change.before)
        if change.was == DONE:
            again.append(change.key)
    await asyncio.to_thread(queue.color_all, own, again)
    return edited
