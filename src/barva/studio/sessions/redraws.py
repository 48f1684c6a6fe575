"""Regions whose colors are drawn anew while all others stay: what a document asks of a method that samples."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from barva.engine.render import redraw
from barva.engine.sampling import DEFAULTS, Redraw, Sampling
from barva.errors import UsageError
from barva.methods import catalog
from barva.scene.masks import Mask
from barva.studio.jobs.output import REDRAWS, read_sampling
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession

_INSIDE = 128
"""Level of a selection from which a pixel belongs to it."""


def count(document: Document) -> int:
    """How many regions are drawn anew."""
    return len(json.loads(document.sampling or "{}").get("redraw", ()))


def without(document: Document) -> Document:
    """With every region as the method drew it first."""
    return _with_sampling(document, replace(_sampling(document), redraw=()))


def with_region(document: Document, region: Mask) -> Document:
    """With other colors in a region, once more where it was the last one: regions after it were drawn to fit it.

    Raises:
        UsageError: there are as many as a server draws, or the method draws nothing.
    """
    sampling = _sampling(document)
    draws = [known.draw for known in sampling.redraw if known.where == region]
    repeated = bool(draws) and sampling.redraw[-1].where == region
    kept = sampling.redraw[:-1] if repeated else sampling.redraw
    if len(kept) >= REDRAWS:
        raise UsageError(
            "{most} regions of this photo are drawn anew already, and that is the most",
            code="document.redraws",
            most=REDRAWS,
        )
    sampling = replace(sampling, redraw=(*kept, Redraw(region, 1 + max(draws, default=0))))
    sampling.check_for(catalog.card(document.method))
    return _with_sampling(document, sampling)


async def draw_anew(session: EditSession) -> Document:
    """The session's document with other colors in the selection.

    Raises:
        UsageError: nothing is selected, the object has a color of its own, or `with_region` refuses it.
    """
    if session.selection is None:
        raise UsageError("select something first", code="page.select-first")
    item = session.now.item(session.selected)
    if item is not None and session.now.color(item) and not session.now.is_hidden(item):
        raise UsageError(
            "this object has a color of yours, which stays: switch it off or delete it, and colors are drawn here",
            code="page.redraw-colored",
        )
    region = Mask.of(np.where(session.selection >= _INSIDE, np.uint8(255), np.uint8(0)))
    with_region(session.now, region)  # said before the photo is looked at

    def check() -> None:
        prepared = session.stored.live().prepared
        redraw.inside_of(Redraw(region), session.size, prepared.sizes.guide)

    await session.service.click(check)
    return with_region(session.now, region)


def _sampling(document: Document) -> Sampling:
    return read_sampling(document.sampling) if document.sampling else DEFAULTS


def _with_sampling(document: Document, sampling: Sampling) -> Document:
    return replace(document, sampling="" if sampling == DEFAULTS else json.dumps(sampling.to_row()))
