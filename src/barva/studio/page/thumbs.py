"""Small pictures of photos for lists. Each is kept beside its photo and follows the colors: those that the page shows,
and those of the queue's results."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from barva.studio.api import responses
from barva.studio.jobs import queue
from barva.studio.jobs.job import DONE
from barva.studio.service import Service
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.stored_session import StoredSession

Plane = npt.NDArray[np.uint8]

SHORT = 200
"""Short side of a small picture, in pixels."""


def check(service: Service, stored: StoredSession) -> None:
    """Decode a new photo once, which shows whether it is sound, and keep it small. ReadError, TooLargeError."""
    photo = service.colorizers.photo(stored.photo)
    stored.files.put_thumb(jpeg(codes(photo.shrink(SHORT))))


def version(session: EditSession) -> str:
    """Which small picture there is: the digest of a document, empty for the photo as it came."""
    if queue.state(session)[0] == DONE:
        return session.files.colored
    return session.files.thumb_of


def data(session: EditSession) -> bytes:
    """The small picture as a JPEG; one of the queue's result is made at the first call. BarvaError."""
    files, of = session.files, version(session)
    kept = files.thumb()
    if kept is not None and files.thumb_of == of:
        return kept
    job = queue.job_of(session) if queue.state(session)[0] == DONE else None
    path = session.stored.photo if job is None else job.result(0)
    new = jpeg(codes(session.service.colorizers.photo(path).shrink(SHORT)))
    files.put_thumb(new, "" if job is None else of)
    return new


def codes(shares: npt.NDArray[np.float32]) -> Plane:
    """Shares (h, w, bands) in 0..1 as (h, w, 3) in 0..255."""
    pixels: Any = np.rint(shares * 255).astype(np.uint8)
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels[..., :1], 3, axis=2)


def jpeg(pixels: Plane) -> bytes:
    """As a file for looking at."""
    return bytes(responses.picture(pixels).body)
