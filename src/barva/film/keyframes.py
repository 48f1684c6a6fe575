"""One frame of each shot, for a person to look at and to work on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from barva.film import shots
from barva.film.display import with_square_pixels
from barva.film.frames import Frame, frames_of
from barva.film.plan import thumbnail_of
from barva.film.planes import Codes, gray_of
from barva.film.source import FilmFacts
from barva.imaging.orient import upright

AFTER = 0.5
"""Seconds from a shot's first frame to its key frame: what fades in is there by then."""


def key_frames(facts: FilmFacts, start: int | None = None) -> Iterator[Frame]:
    """The key frame of each shot, in order; of a damaged film those that can be decoded.

    Args:
        facts: of the film.
        start: from this `pts` on, which is taken for a shot's beginning.

    Returns:
        Key frames.
    """
    finder, first, key = shots.CutFinder(), 0, None
    reach = round(AFTER / facts.time_base)
    for frame in frames_of(facts, start, salvage=True):
        if finder.begins(thumbnail_of(frame, facts.coding)):
            if key is not None:
                yield key
            first, key = frame.pts, frame
        elif key is not None and frame.pts <= first + reach:
            key = frame
        elif key is not None:
            yield key
            key = None
    if key is not None:
        yield key


def picture_of(frame: Frame, facts: FilmFacts) -> Codes:
    """A frame as players show it, upright and with square pixels, as gray codes (H, W) of its own depth: uint8, or
    uint16 of a film with more bits."""
    luma = with_square_pixels(frame.luma, facts.pixel_aspect)
    gray = upright(gray_of(luma, facts.coding), facts.orientation)
    wide = facts.coding.bits > 8
    return np.rint(gray * 65535).astype(np.uint16) if wide else np.rint(gray * 255).astype(np.uint8)
