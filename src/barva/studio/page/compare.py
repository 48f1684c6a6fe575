"""One method's answer beside others: a small picture, and how far from the truth it is where that is known."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

import numpy as np

from barva.color import difference, spaces
from barva.engine.session import Session
from barva.imaging import tone
from barva.studio.api import responses
from barva.studio.sessions.edit_session import EditSession

_PIXELS = 250_000
_TRUTH = 256  # short side at which the difference is measured


@dataclass(frozen=True)
class Side:
    """`source` is an address of the picture (data:), `error` the mean CIEDE2000 to the photo's own colors, or None."""

    source: str
    error: float | None


def paint_side(session: EditSession, method: str) -> Side:
    """The open photo by another method, with the same marks. BarvaError."""
    photo = session.service.colorizers.photo(session.stored.photo)
    live = Session(session.service.colorizers.colorizer(method), photo)
    try:
        stored, document = session.stored, replace(session.now, method=method, variant=0)
        live.set_references([session.service.colorizers.photo(path) for path in stored.references(document)])
        live.answer(stored.request(document))
        shown = live.preview(_PIXELS)
    finally:
        live.close()
    error = None
    if photo.bands == 3:
        small = photo.shrink(_TRUTH)
        if tone.measure(small).kind == "color":
            import cv2

            mine = cv2.resize(shown, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
            truth, answer = spaces.fast_rgb_to_lab(small), spaces.fast_rgb_to_lab(np.asarray(mine))
            error = float(difference.ciede2000(truth, answer).mean())
    data = responses.picture(shown).body
    return Side("data:image/jpeg;base64," + base64.b64encode(bytes(data)).decode(), error)
