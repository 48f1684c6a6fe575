"""What the methods that take their colors from reference photos have in common."""

from __future__ import annotations

from typing import ClassVar

from barva.methods.base import MethodCard


class ByReference:
    """A method without weights: `threads` for its searches, and its card.

    Args:
        threads: So many at a time; None for one a core.
    """

    CARD: ClassVar[MethodCard]

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads

    @property
    def card(self) -> MethodCard:
        return self.CARD
