"""Frames of a film as pictures, upright as players show them: a few from all over in color, to see how it will look;
and one without color, to mark."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.engine.colorizer import Colorizer
from barva.errors import ReadError, UsageError, WriteError
from barva.files import write_whole
from barva.film.color import photo_of
from barva.film.frames import Frame, frames_of
from barva.film.guided import FrameGuidance, frame_at, frames_with_guidance
from barva.film.keyframes import picture_of
from barva.film.source import FilmFacts, facts_of
from barva.film.times import Span

WIDTH = 480
"""Width of a frame in the picture, px."""


def sample_frames(facts: FilmFacts, count: int, span: Span) -> list[Frame]:
    """`count` frames at even distances within the span, fewer of a shorter film. ReadError: there is none."""
    end = min((at for at in (facts.duration, span.end) if at is not None), default=None)
    if end is None:
        end = max((facts.seconds_of(f.pts) for f in frames_of(facts, salvage=True)), default=0.0)
    frames: list[Frame] = []
    for n in range(count):
        start = facts.pts_at(span.start + (end - span.start) * (n + 0.5) / count)
        frame = next(frames_of(facts, start, salvage=True), None)
        if frame is not None and all(frame.pts != other.pts for other in frames):
            frames.append(frame)
    if not frames and not span.start:
        frames = list(islice(frames_of(facts, salvage=True), 1))
    if not frames:
        raise ReadError(f"{facts.path} has no frame in that span")
    return frames


def save_still(source: Path, target: Path, at: float, *, salvage: bool = False, overwrite: bool = False) -> None:
    """Write a frame as players show it, as a gray picture: what is marked on it lies on the film's frame, pixel by
    pixel.

    Args:
        source: The film.
        target: The PNG to write.
        at: Seconds from the film's beginning.
        salvage: Take what can be decoded.
        overwrite: Replace a file that is there.

    Raises:
        ReadError: No film.
        UsageError: The film ends before; or `target` is named as another kind of picture.
        WriteError: The target exists or cannot be written.
    """
    _check_png(target, "a frame")
    facts = facts_of(source)
    frame = frame_at(facts, at, salvage=salvage)
    picture: Any = picture_of(frame, facts)
    _, data = cv2.imencode(".png", picture)
    write_whole(target, data.tobytes(), overwrite)


def _check_png(target: Path, what: str) -> None:
    if target.suffix.lower() != ".png":
        raise UsageError(f"{target.name}: {what} is written as .png")


def save_preview(
    source: Path,
    target: Path,
    count: int,
    colorizer: Colorizer,
    span: Span,
    *,
    overwrite: bool,
    guidance: Iterable[FrameGuidance] = (),
) -> None:
    """Write a sheet of colored frames: those with guidance, then others from all over.

    Args:
        source: The film.
        target: The PNG to write.
        count: How many frames from all over.
        colorizer: The method, and what is asked.
        span: Where they are taken from.
        overwrite: Replace a file that is there.
        guidance: What is asked of single frames.

    Raises:
        ReadError: No film, or no frame in the span.
        UsageError: Marks that are not on the film; or `target` is named as another kind of picture.
        WriteError: The target exists or cannot be written.
    """
    _check_png(target, "a preview")
    if target.exists() and not overwrite:
        raise WriteError(f"{target} exists already; --overwrite replaces it")
    facts = facts_of(source)
    pairs = frames_with_guidance(facts, guidance, span, salvage=True)
    asked = [*pairs, *((frame, colorizer.request) for frame in sample_frames(facts, count, span))]
    pictures = []
    for frame, request in asked:
        photo = photo_of(frame, facts, whole=True)
        picture = colorizer.answer(colorizer.analyze(photo), request).array()
        height = max(1, round(picture.shape[0] * WIDTH / picture.shape[1]))
        small: Any = cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)
        pictures.append((small >> 8).astype(np.uint8) if small.dtype == np.uint16 else small)
    columns = int(np.ceil(np.sqrt(len(pictures))))
    blank = [np.zeros_like(pictures[0])] * (-len(pictures) % columns)
    rows = [np.hstack((pictures + blank)[n : n + columns]) for n in range(0, len(pictures), columns)]
    _, data = cv2.imencode(".png", np.vstack(rows)[..., ::-1])
    write_whole(target, data.tobytes(), overwrite)
