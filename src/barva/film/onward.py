"""Frames that are found by counting alone, as in files without times: one decoder stays open and only goes on, so that
a film in pieces is decoded once, and not from its beginning for each piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from barva.film.frames import Frame


class Onward:
    """A film's frames by their number, for one reader that mostly goes forward.

    Args:
        begin: Gives all frames, from the first one on.
    """

    def __init__(self, begin: Callable[[], Iterator[Frame]]) -> None:
        self._begin = begin
        self._frames: Iterator[Frame] | None = None
        self._last: Frame | None = None  # a piece may begin with the last frame of the one before
        self._taken = 0

    def frames(self, number: int) -> Iterator[Frame]:
        """The frames from a number on. Only one reader at a time; a number before the last frame begins anew."""
        if self._frames is None or number < self._taken - 1:
            self.close()
            self._frames = self._begin()
        if self._last is not None and number == self._taken - 1:
            yield self._last
        for frame in self._frames:
            self._last, self._taken = frame, self._taken + 1
            if self._taken > number:
                yield frame

    def close(self) -> None:
        """Let the file go."""
        if (close := getattr(self._frames, "close", None)) is not None:
            close()
        self._frames, self._last, self._taken = None, None, 0
