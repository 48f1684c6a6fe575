"""`PriorityGate`: interactive work goes before batch work.

Interactive work (a click, a preview, a tile) starts at once. Batch work (whole photos) takes one of a few places, and
stands still at its next checkpoint, between two strips of a picture, while interactive work is under way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from barva.engine.render.compose import Strips
from barva.engine.result import OutputPage
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance

PATIENCE = 1.0
"""Seconds for which batch work stands still at one checkpoint at most, so that clicks without end don't starve it."""


class PriorityGate:
    """Safe to use from several threads; `places` is how much batch work goes on at a time."""

    def __init__(self, places: int) -> None:
        self._places = threading.Semaphore(places)
        self._calm = threading.Condition()
        self._busy = 0

    @contextmanager
    def interactive(self) -> Iterator[None]:
        with self._calm:
            self._busy += 1
        try:
            yield
        finally:
            with self._calm:
                self._busy -= 1
                self._calm.notify_all()

    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._places:
            self.checkpoint()
            yield

    def checkpoint(self) -> None:
        """Stand still while interactive work is under way."""
        until = time.monotonic() + PATIENCE
        with self._calm:
            while self._busy and (left := until - time.monotonic()) > 0:
                self._calm.wait(left)

    def yielding(self, page: OutputPage, check: Callable[[], None] | None = None) -> OutputPage:
        """The page, whose strips stop at checkpoints; `check` may raise to end it."""
        return _Yielding(page.photo, page.provenance, page, self, check)


@dataclass(frozen=True)
class _Yielding(OutputPage):
    photo: Photo
    provenance: Provenance
    _page: OutputPage
    _gate: PriorityGate
    _check: Callable[[], None] | None

    def strips(self) -> Strips:
        for top, strip in self._page.strips():
            self._gate.checkpoint()
            if self._check is not None:
                self._check()
            yield top, strip
