"""Small pictures of photos for lists. Each is kept beside its photo and follows the colors: those that the page shows,
and those of the queue's results."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from barva.studio import answers, queue
from barva.studio.desk import Desk
from barva.studio.drawer import Drawer
from barva.studio.jobs import DONE
from barva.studio.service import Service
from barva.studio.store import Work

Plane = npt.NDArray[np.uint8]

SHORT = 200
"""Short side of a small picture, in pixels."""


def check(service: Service, work: Work) -> None:
    """Decode a new photo once, which shows whether it is sound, and keep it small. ReadError, TooLargeError."""
    photo = service.engines.photo(work.photo)
    Drawer(work.folder / "page").put_thumb(jpeg(codes(photo.shrink(SHORT))))


def shown(desk: Desk) -> str:
    """Which small picture there is: the digest of a document, empty for the photo as it came."""
    if queue.state(desk)[0] == DONE:
        return str(desk.drawer.about.get("of", ""))
    return desk.drawer.thumb_of


def data(desk: Desk) -> bytes:
    """The small picture as a JPEG; one of the queue's result is made at the first call. BarvaError."""
    drawer, of = desk.drawer, shown(desk)
    kept = drawer.thumb()
    if kept is not None and drawer.thumb_of == of:
        return kept
    job = queue.job_of(desk) if queue.state(desk)[0] == DONE else None
    path = desk.work.photo if job is None else job.result(0)
    new = jpeg(codes(desk.service.engines.photo(path).shrink(SHORT)))
    drawer.put_thumb(new, "" if job is None else of)
    return new


def codes(shares: npt.NDArray[np.float32]) -> Plane:
    """Shares (h, w, bands) in 0..1 as (h, w, 3) in 0..255."""
    made: Any = np.rint(shares * 255).astype(np.uint8)
    return made if made.shape[2] == 3 else np.repeat(made[..., :1], 3, axis=2)


def jpeg(pixels: Plane) -> bytes:
    """As a file for looking at."""
    return bytes(answers.picture(pixels).body)
