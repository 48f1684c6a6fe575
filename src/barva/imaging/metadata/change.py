"""What became of a picture between its file and its colored copy: what its envelope has to be told."""

from __future__ import annotations

from dataclasses import dataclass

from barva.imaging.orient import swaps

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Change:
    """`turn` is the orientation (1 to 8) that was applied; `before` the stored (width, height), None when it is not
    known; `after` that of the pixels now; `colored` whether they have three bands; `converted` whether they were
    brought to sRGB from another space; `format` is the one that is written, `source` the one that was read.
    """

    turn: int = 1
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    colored: bool = True
    converted: bool = False
    format: str = "jpeg"
    source: str = "jpeg"

    @property
    def swapped(self) -> bool:
        """Whether width became height."""
        return swaps(self.turn)

    @property
    def mirrored(self) -> bool:
        """Whether the turn includes a mirror."""
        return self.turn in (2, 4, 5, 7)

    def point(self, x: float, y: float, width: float = 1, height: float = 1) -> tuple[float, float]:
        """A place in the stored picture of that width and height, where it lies in the upright one."""
        if self.swapped:
            x, y, width, height = y, x, height, width
        if self.turn in (2, 3, 6, 7):
            x = width - x
        if self.turn in (3, 4, 7, 8):
            y = height - y
        return x, y

    def box(self, box: Box, width: float = 1, height: float = 1) -> Box:
        """(left, top, width, height) likewise."""
        x, y, w, h = box
        one, two = self.point(x, y, width, height), self.point(x + w, y + h, width, height)
        return (min(one[0], two[0]), min(one[1], two[1]), abs(one[0] - two[0]), abs(one[1] - two[1]))

    def remaining(self, stated: int) -> int:
        """The orientation that is still to be applied where `stated` was to be applied to the stored picture."""
        marks = ((0.1, 0.2), (0.6, 0.7))
        wanted = [Change(stated).point(*m) for m in marks]
        turned = [self.point(*m) for m in marks]

        def off(turn: int) -> float:
            turned_marks = [Change(turn).point(*m) for m in turned]
            return sum(abs(a - c) + abs(b - d) for (a, b), (c, d) in zip(turned_marks, wanted, strict=True))

        return min(range(1, 9), key=off)

    def extent(self, width: float, height: float) -> tuple[float, float]:
        """A (width, height) that a file states, as it is true now: the stored size becomes the new one, another one
        (of a larger original) is turned, and one that is true already stays."""
        if self.after is None or (width, height) == self.after:
            return width, height
        if self.before is not None and (width, height) == self.before:
            return self.after
        return (height, width) if self.swapped else (width, height)
