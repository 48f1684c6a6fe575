"""One method's answer beside others: a small picture, and how far from the truth it is where that is known."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

import numpy as np

from barva.color import difference, spaces
from barva.engine.session import Session
from barva.imaging import tone
from barva.studio import answers
from barva.studio.desk import Desk

_PIXELS = 250_000
_TRUTH = 256  # short side at which the difference is measured


@dataclass(frozen=True)
class Side:
    """`source` is an address of the picture (data:), `error` the mean CIEDE2000 to the photo's own colours, or None."""

    source: str
    error: float | None


def painted(desk: Desk, method: str) -> Side:
    """The desk's photo by another method, with the same marks. BarvaError."""
    photo = desk.service.engines.photo(desk.work.photo)
    session = Session(desk.service.engines.colorizer(method), photo)
    try:
        session.set_references([desk.service.engines.photo(desk.drawer.reference(key)) for key in desk.now.references])
        order = replace(desk.order, variant=0)
        session.colorize(desk.now.guidance(desk.drawer.mask), scene=desk.palette, **order.asked())
        shown = session.preview(_PIXELS)
    finally:
        session.close()
    error = None
    if photo.bands == 3:
        small = photo.shrink(_TRUTH)
        if tone.measure(small).kind == "color":
            import cv2

            mine = cv2.resize(shown, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
            known, found = spaces.fast_rgb_to_lab(small), spaces.fast_rgb_to_lab(np.asarray(mine))
            error = float(difference.ciede2000(known, found).mean())
    data = answers.picture(shown).body
    return Side("data:image/jpeg;base64," + base64.b64encode(bytes(data)).decode(), error)
