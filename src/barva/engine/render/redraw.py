"""Regions that are drawn anew: what the method answers there given all that stays, and the picture with it, the same to
the last bit outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.render.chroma_model import ChromaModel
from barva.engine.sampling import Redraw
from barva.errors import UsageError
from barva.guidance import resolve
from barva.guidance.marks import Guidance
from barva.methods.base import Chroma, Draft, Float, PaintOptions
from barva.runtime.encoder import resize
from barva.types import Size

_WHOLE = np.float32(1 - 1e-3)  # a covered pixel; box borders at a pixel's own leave rounding


def draft_for(redraw: Redraw, photo: Size, answer: Chroma) -> Draft:
    """The draft that keeps an answer (h, w) outside the region. UsageError: the region does not fit the photo."""
    return Draft(answer.ab, keep=1 - _coverage(redraw, photo, (answer.ab.shape[0], answer.ab.shape[1])))


def options_for(redraw: Redraw, options: PaintOptions, photo: Size, answer: Chroma) -> PaintOptions:
    """What the method is asked with."""
    return replace(options, seed=redraw.seed(options.seed), draft=draft_for(redraw, photo, answer))


def put_in(
    old: tuple[Chroma, ChromaModel], new: tuple[Chroma, ChromaModel], redraw: Redraw, prepared: PreparedPhoto
) -> tuple[Chroma, ChromaModel]:
    """The old picture with the region of the new one, whose lines are mixed at the size of `ChromaModel`. UsageError as
    `inside_of`."""
    photo = prepared.photo.height, prepared.photo.width
    share = inside_of(redraw, photo, (old[1].slope.shape[0], old[1].slope.shape[1]))
    slope, offset = (_mix(a, b, share) for a, b in ((old[1].slope, new[1].slope), (old[1].offset, new[1].offset)))
    ab = _mix(old[0].ab, new[0].ab, _shrunk(share, old[0].ab))
    return Chroma(ab, _sureness(old[0], new[0], share)), replace(old[1], slope=slope, offset=offset)


def _sureness(old: Chroma, new: Chroma, share: Float) -> Float | None:
    """The confidence of the old answer with the region of the new one: it belongs to the colors that were drawn."""
    if old.confidence is None or new.confidence is None:
        return old.confidence
    return _mix(old.confidence[..., None], new.confidence[..., None], _shrunk(share, old.confidence))[..., 0]


def inside_of(redraw: Redraw, photo: Size, size: Size) -> Float:
    """(rows, columns) of `size`, 1 where chroma of that size may change and no pixel outside the region with it, else
    0. Chroma is read between its places: a place may change where it and its neighbors lie within the region in full.

    Raises:
        UsageError: there is no such place, nothing lies outside the region, or it does not fit the photo.
    """
    inside = (_coverage(redraw, photo, size) >= _WHOLE).astype(np.uint8)
    if inside.all():
        raise UsageError(
            "the region to draw anew is the whole photo: another seed draws all of it anew", code="redraw.whole"
        )
    if size != photo:
        eroded: Any = cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=[1.0])
        inside = np.asarray(eroded, np.uint8)
    if not inside.any():
        if size == photo:
            raise UsageError("the region to draw anew covers nothing of the photo", code="redraw.nothing")
        raise UsageError(
            "the region to draw anew covers nothing of the photo; it needs about {pixels} pixels on each side",
            code="redraw.too-small",
            pixels=3 * -(-max(photo) // max(size)),
        )
    return inside.astype(np.float32)


def _mix(old: Float, new: Float, share: Float) -> Float:
    return np.where(share[..., None] > 0, old + share[..., None] * (resize(new, old.shape[:2]) - old), old)


def _shrunk(share: Float, like: Float) -> Float:
    return resize(share, like.shape[:2])


def _coverage(redraw: Redraw, photo: Size, size: Size) -> Float:
    """(rows, columns) 0..1. UsageError: the region does not fit the photo."""
    region = redraw.region
    try:
        resolve.check(Guidance((region,)), photo)
    except UsageError as error:
        raise UsageError(error.message.map_text(lambda text: text.replace(" = gray", ""))) from None
    return resolve.coverage(region, photo, size)
