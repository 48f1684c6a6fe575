"""A film's frames, from its beginning or from anywhere, whose luma is the file's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np

from barva.errors import Message, ReadError
from barva.film.planes import Codes, Coding
from barva.film.source import FilmFacts, load_av, opened, reason_of, video_of

MARGINS = (0, 2, 12)
"""Seconds before a frame at which a file is entered to find it: some containers lead to a later place than asked."""

THREADS = 2
"""Threads of the decoder: each holds frames."""

SLACK = 0.5
"""Seconds by which a film may end before its file says so."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture.

    Args:
        pts: When it is shown, in units of the film's time base.
        luma: (H, W) code values.
        chroma: Mean distance of its own chroma codes from gray, 0..1 of their range.
        own: Its own Cb and Cr at their size, where they are asked for.
        exact: Its time is the file's own, so that it is found again by it.
    """

    pts: int
    luma: Codes
    chroma: float = 0.0
    own: tuple[Codes, Codes] | None = None
    exact: bool = True


def frames_of(
    facts: FilmFacts, start: int | None = None, *, salvage: bool = False, own: bool = False
) -> Iterator[Frame]:
    """The frames in the order in which they are shown.

    Args:
        facts: As `facts_of` gave them.
        start: Only frames from this `pts` on; the file is entered at the key frame before it.
        salvage: End at damage; without it that is an error.
        own: With the frames' own chroma.

    Raises:
        ReadError: The file is damaged, or cut off.
    """
    if start is None or not facts.timed or start <= facts.first:
        whole = _decoded(facts, None, salvage, own)
        yield from (frame for frame in whole if start is None or frame.pts >= start)
        return
    for margin in (*MARGINS, None):
        at = None if margin is None else start - round(Fraction(margin) / facts.time_base)
        frames = _decoded(facts, at, salvage, own)
        first = next(frames, None)
        if first is not None and (at is None or first.pts <= start):
            yield from (frame for frame in chain([first], frames) if frame.pts >= start)
            return


def _decoded(facts: FilmFacts, at: int | None, salvage: bool, own: bool) -> Iterator[Any]:
    """From the key frame before `at`, or from the beginning. Times rise: what the file has wrong is counted on."""
    av = load_av()
    last: int | None = None
    with opened(facts.path) as container:
        stream = video_of(container, facts.path)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = THREADS
        try:
            if at is not None:
                container.seek(at, stream=stream, backward=True)
            for number, frame in enumerate(container.decode(stream)):
                if last is None and at is not None and not frame.key_frame:
                    continue  # what it is made from was not read
                if frame.width != facts.width or frame.height != facts.height:
                    raise ReadError(
                        "{file}: the frame size changes in the middle; cut the film there first",
                        code="film.size-changes",
                        file=facts.path,
                    )
                if frame.is_corrupt and not salvage:
                    raise _damage(facts, Message("frames are torn", code="film.torn"))
                pts, exact = frame.pts, True
                if not facts.timed:
                    pts = _counted(facts, number)
                elif pts is None or (last is not None and pts <= last):
                    pts, exact = facts.first if last is None else last + facts.gap, False
                last = pts
                yield _frame(frame, pts, facts.coding, own, exact)
        except (av.error.FFmpegError, ValueError) as error:
            if at is not None and last is None:
                return  # this place cannot be entered
            if not salvage:
                raise _damage(facts, reason_of(error)) from None
            return
    if facts.end is not None and last is not None and not salvage:
        rest = float((facts.end - last - facts.gap) * facts.time_base)
        if rest > max(SLACK, 3 / float(facts.rate)):
            raise _damage(facts, Message("it ends {seconds} s early", code="film.ends-early", seconds=f"{rest:.1f}"))


def _damage(facts: FilmFacts, why: str) -> ReadError:
    return ReadError(
        "{file} is damaged ({problem}); --salvage colors what can be decoded",
        code="film.damaged",
        file=facts.path,
        problem=why,
    )


def _counted(facts: FilmFacts, number: int) -> int:
    """The time of a frame of a file without times."""
    return round(number / (facts.rate * facts.time_base))


def _frame(frame: Any, pts: int, coding: Coding, own: bool, exact: bool) -> Frame:
    frame = _in_planes(frame, coding)
    dtype = np.uint8 if frame.format.components[0].bits <= 8 else np.uint16
    planes = [_plane(frame.planes[n], dtype) for n in range(min(3, len(frame.planes)))]
    bits = frame.format.components[0].bits
    luma = _as_bits(np.ascontiguousarray(planes[0][: frame.height, : frame.width]), bits)
    gray = 1 << (bits - 1)
    spread = [float(np.abs(p[::4, ::4].astype(np.int32) - gray).mean()) / gray for p in planes[1:]]
    chroma = tuple(_as_bits(np.ascontiguousarray(p), bits) for p in planes[1:]) if own and len(planes) == 3 else None
    return Frame(pts, luma, max(spread, default=0.0), chroma, exact)


def _in_planes(frame: Any, coding: Coding) -> Any:
    """A decoded frame as planes of luma and chroma, whole numbers in this machine's byte order."""
    name = frame.format.name
    if not name.startswith(("yuv", "gray")):
        return frame.reformat(format="yuv444p", dst_colorspace=1 if coding.matrix == "bt709" else 5)
    order = "le" if sys.byteorder == "little" else "be"
    if name.endswith(("le", "be")) and not name.endswith(order):
        return frame.reformat(format=f"{name[:-2]}{order}")
    return frame


def _as_bits(plane: Any, bits: int) -> Any:
    """Codes of 8 or 10 bits: of a 12- or 16-bit film ten are kept."""
    if bits > 10:
        return (plane >> (bits - 10)).astype(np.uint16)
    return (plane << (10 - bits)).astype(np.uint16) if 8 < bits < 10 else plane


def _plane(plane: Any, dtype: Any) -> Any:
    rows = np.frombuffer(plane, dtype)
    step = plane.line_size // np.dtype(dtype).itemsize
    return rows[: plane.height * step].reshape(plane.height, step)[:, : plane.width]
