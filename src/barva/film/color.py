"""From a piece's frames to colored frames: key frames painted, colors carried between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, cast

import cv2
import numpy as np

from barva.engine.colorizer import Colorizer
from barva.engine.render import chroma_model
from barva.engine.request import Request
from barva.film import carry, motion
from barva.film.carry import Colored
from barva.film.display import with_square_pixels
from barva.film.frames import Frame
from barva.film.plan import Piece
from barva.film.planes import Codes, Coding, chroma_planes, gray_of, light_of
from barva.film.source import FilmFacts
from barva.guidance.hintmap import HintMap
from barva.imaging.orient import as_stored, upright
from barva.imaging.photo import Photo
from barva.imaging.read import read
from barva.types import Float

STRIDE = 20
"""Frames from one key frame to the next, at most."""

HELD = 200_000_000
"""Bytes of luma that are held between two key frames, at most: of very large frames fewer are."""

GUIDE = 512
"""Short side, px, at which a key frame is shown to the method."""

STRIP = 96
"""Rows whose chroma is computed at a time: what a processor's cache holds."""


@dataclass(frozen=True, eq=False)
class ColoredFrame:
    """A frame with the chroma planes that color it; `key` is its chroma (h, w, 2) where it is a key frame."""

    pts: int
    luma: Codes
    cb: Codes
    cr: Codes
    key: Float | None = None


class Painter:
    """Answers key frames with a method, which sees them as players show them: upright, with square pixels.

    Args:
        colorizer: The method and what is asked of every shot.
        facts: Of the film.
    """

    def __init__(self, colorizer: Colorizer, facts: FilmFacts) -> None:
        self.colorizer, self._facts = colorizer, facts

    def answer(
        self, frame: Frame, size: tuple[int, int], hints: HintMap | None, request: Request | None = None
    ) -> Float:
        """Chroma (h, w, 2) of a frame.

        Args:
            frame: As it is stored.
            size: (h, w) of the answer, which lies as the frame is stored.
            hints: Of any size, as the frame is stored.
            request: What is asked of this very frame, on the upright picture.
        """
        turn = self._facts.orientation
        prepared = self.colorizer.analyze(photo_of(frame, self._facts, whole=request is not None))
        sampled = None
        if hints is not None:
            sampled = HintMap(upright(hints.ab, turn), upright(hints.weight, turn)).resize(*prepared.light.shape)
        result = self.colorizer.answer(prepared, request or self.colorizer.request, sampled=sampled)
        light = upright(small_light(frame.luma, self._facts.coding, size), turn)
        return as_stored(result.model.at_size(*light.shape).chroma(light, 0), turn)


def photo_of(frame: Frame, facts: FilmFacts, *, whole: bool) -> Photo:
    """A frame as an upright gray photo of 16 bits with square pixels: whole, so that marks lie where they are, or as
    large as a guide is."""
    luma = with_square_pixels(frame.luma, facts.pixel_aspect)
    height, width = luma.shape
    scale = 1.0 if whole else min(1.0, GUIDE / min(height, width))
    small: Any = cv2.resize(
        luma, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    return read(upright(np.rint(gray_of(small, facts.coding) * 65535).astype(np.uint16), facts.orientation))


def stride_of(facts: FilmFacts) -> int:
    """Frames from one key frame to the next, at most."""
    return int(np.clip(HELD // (facts.width * facts.height * (1 if facts.coding.bits == 8 else 2)), 4, STRIDE))


def key_places(count: int, begins: bool, stride: int, fixed: Iterable[int] = ()) -> list[int]:
    """Numbers of the key frames in a piece.

    Args:
        count: Frames of the piece.
        begins: A shot begins with it; else -1, the last frame of the piece before, is the first key frame.
        stride: From one key frame to the next, at most.
        fixed: Numbers of frames that are key frames.

    Returns:
        Numbers in order, evenly spread between those that are fixed.
    """
    ends = sorted({0 if begins else -1, *fixed, count - 1})
    places = {ends[0]}
    for low, high in pairwise(ends):
        parts = -(-(high - low) // stride)
        places |= {low + round((high - low) * n / parts) for n in range(1, parts + 1)}
    return sorted(places)


@dataclass(frozen=True, eq=False)
class Look:
    """What colors a piece.

    Args:
        painter: Answers key frames.
        facts: Of the film.
        out: The coding of the chroma planes.
        keys: Chroma (h, w, 2) of key frames that is known, by number in the piece; -1 is the last frame of the piece
            before.
        guided: What is asked of single frames, by their `pts`.
        run: `map`, or one that works on several frames at a time.
    """

    painter: Painter
    facts: FilmFacts
    out: Coding
    keys: Mapping[int, Float]
    guided: Mapping[int, Request]
    run: Callable[..., Iterable[Any]] = map


def color_piece(piece: Piece, frames: Iterator[Frame], look: Look) -> Iterator[ColoredFrame]:
    """Color a piece, a second or two at a time in memory.

    Args:
        piece: What there is to color.
        frames: Its frames, after the last one of the piece before where the shot does not begin with it.
        look: What colors it.

    Returns:
        Every frame with its chroma planes.
    """
    if piece.kept:
        yield from (_with_own_color(f, look.out) for f in frames if f.pts >= piece.pts[0])
        return
    facts, size, stride = look.facts, motion.size_of(look.facts.height, look.facts.width), stride_of(look.facts)
    start = next(frames)
    key = Colored(small_light(start.luma, facts.coding, size), look.keys[0 if piece.begins else -1])
    if piece.begins:
        yield _finish(start, key, True, look.out)
    fixed = {*look.keys, *(n for n, pts in enumerate(piece.pts) if pts in look.guided)}
    places = set(key_places(len(piece.pts), piece.begins, stride, fixed))
    waiting: list[Frame] = []
    for number, frame in enumerate(frames, 1 if piece.begins else 0):
        waiting.append(frame)
        if number not in places:
            continue
        known, request = look.keys.get(number), look.guided.get(frame.pts)
        lights = list(look.run(partial(small_light, coding=facts.coding, size=size), [f.luma for f in waiting]))
        if known is not None:
            rows = carry.interval(key, lights, known, look.run)
        else:
            answer = partial(look.painter.answer, frame, size, request=request)
            rows = carry.interval(key, lights, answer, look.run, 1.0 if request else carry.DRIFT)
        key = rows[-1]
        is_key = [False] * (len(rows) - 1) + [True]
        yield from look.run(partial(_finish, out=look.out), waiting, rows, is_key)
        waiting = []


def small_light(luma: Codes, coding: Coding, size: tuple[int, int]) -> Float:
    """L (h, w) 0..100 at `size`."""
    return light_of(_resized(luma, *size), coding)


def _resized(luma: Codes, rows: int, columns: int) -> Codes:
    if luma.shape == (rows, columns):
        return luma
    smaller = rows * columns < luma.size
    resized: Any = cv2.resize(luma, (columns, rows), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    plane: Any = np.asarray(resized, luma.dtype).reshape(rows, columns)
    return cast(Codes, plane)


def _finish(frame: Frame, colored: Colored, is_key: bool, out: Coding) -> ColoredFrame:
    rows, columns = out.chroma_size(*frame.luma.shape)
    small = _resized(frame.luma, rows, columns)
    model = chroma_model.fit_chroma(colored.ab, colored.light, rows, columns)
    cb: Any = np.empty_like(small)
    cr: Any = np.empty_like(small)
    for top in range(0, rows, STRIP):
        part = small[top : top + STRIP]
        cb[top : top + STRIP], cr[top : top + STRIP] = chroma_planes(part, model.chroma(light_of(part, out), top), out)
    return ColoredFrame(frame.pts, frame.luma, cb, cr, colored.ab if is_key else None)


def _with_own_color(frame: Frame, out: Coding) -> ColoredFrame:
    rows, columns = out.chroma_size(*frame.luma.shape)
    gray = round(out.chroma_span[0])
    if frame.own is None:
        plain: Any = np.full((rows, columns), gray, frame.luma.dtype)
        return ColoredFrame(frame.pts, frame.luma, plain, plain)
    cb, cr = (_resized(plane, rows, columns) for plane in frame.own)
    return ColoredFrame(frame.pts, frame.luma, cb, cr)
