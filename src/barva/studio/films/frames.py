"""A film's frames as photos to work on. Everything here decodes, and may take a while."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from barva.film.source import FilmFacts


def open_film(path: Path, max_pixels: int) -> FilmFacts:
    """A stranger's film.

    Args:
        path: the file.
        max_pixels: of a frame.

    Raises:
        ReadError: it is no film, or its frames are too large.
        UsageError: the extra `film` is not installed.
    """
    from barva.film.source import check_container, facts_of

    check_container(path)
    return facts_of(path, max_pixels)


def key_photos(facts: FilmFacts, after: float | None = None) -> Iterator[tuple[float, bytes]]:
    """The key frame of each shot as an upright gray PNG, with its time in seconds; `after`: of the shots that follow
    the one whose key frame is there."""
    from PIL import Image

    from barva.film.keyframes import key_frames, picture_of

    start = None if after is None else facts.pts_at(after)
    for number, frame in enumerate(key_frames(facts, start)):
        if after is not None and number == 0:
            continue
        out = io.BytesIO()
        Image.fromarray(picture_of(frame, facts)).save(out, "PNG", compress_level=1)
        yield facts.seconds_of(frame.pts), out.getvalue()


def clock(seconds: float) -> str:
    """A time as a file may be called: "12m05.4s".

    Examples:
        >>> clock(725.44)
        '12m05.4s'
    """
    tenths = round(seconds * 10)
    return f"{tenths // 600}m{tenths % 600 // 10:02}.{tenths % 10}s"
