"""What the key frames of a film ask of all of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from barva.engine.request import Request
from barva.methods import catalog
from barva.studio.films.film import Film
from barva.studio.jobs.film_work import FrameOrder, write_order
from barva.studio.jobs.output import Output
from barva.studio.sessions.document import Document
from barva.studio.sessions.store import Store

REQUEST = Request()
"""What is asked of shots without an edited key frame."""

Edited = list[tuple[float, str, Document]]


def edited(film: Film, store: Store) -> Edited:
    """Time, session and document of those key frames that ask for something, in order."""
    rows = []
    for frame in film.frames:
        if store.has(frame.session):
            document = store.get(frame.session).document
            if replace(document, format=None, quality=None, provenance=True) != Document():
                rows.append((frame.at, frame.session, document))
    return rows


def digest(rows: Edited) -> str:
    """Equal where the key frames ask for the same."""
    return hashlib.sha256(repr([(at, document.digest()) for at, _, document in rows]).encode()).hexdigest()[:20]


def output_of(documents: Iterable[Document]) -> Output:
    """By the method that most of them ask for, and the default without any: one film has one."""
    counts = Counter(document.method for document in documents)
    return Output(method=counts.most_common(1)[0][0] if counts else catalog.DEFAULT)


def order_of(film: Film, store: Store, rows: Edited, method: str) -> bytes:
    """The order for a job that colors the film by `method`; each key frame is looked at once more. BarvaError."""
    frames = []
    for at, key, document in rows:
        with store.using(key) as stored:
            scene = stored.answer(document).result.scene.to_json()
        sampling = document.request.sampling.to_row() if document.method == method else {}
        frames.append(FrameOrder(at, scene, sampling))
    return write_order(film.suffix, frames)
