"""What a method is, and the card that holds every fact needed to run one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.guidance.hintmap import HintMap

Float = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SizeRule:
    """How large the light is that a method sees: short side `short` px, both sides multiples of `multiple`, the long
    side at most `longest` (longer pictures are squeezed)."""

    short: int
    multiple: int
    longest: int

    def working(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns for a photo of height x width px; the aspect is kept to within the rounding."""
        scale = self.short / min(height, width)
        return self._side(height * scale), self._side(width * scale)

    def _side(self, length: float) -> int:
        return max(self.multiple, min(self.longest, round(length / self.multiple) * self.multiple))


@dataclass(frozen=True)
class MethodCard:
    """Every fact of a method. `accepts` names the kinds of guidance that it hears itself; others are steered."""

    name: str
    title: str
    summary: str
    family: str
    size: SizeRule
    accepts: frozenset[str] = frozenset()
    exact: bool = False
    """Whether there is a slow reference form of it, which `Wish.extra["exact"]` asks for."""
    weights: str | None = None
    """Stem of the ONNX file and its facts in `weights/`; None for methods without a network."""
    space: str = "lab"
    licence: str = "MIT"
    paper: str = ""
    caution: str = ""
    """What one should not expect of it, and why."""


@dataclass(frozen=True)
class Chroma:
    """A method's answer, at whatever size it works.

    | field | shape | range |
    |---|---|---|
    | `ab` | (h, w, 2) float32 | Lab chroma, about -110..110 |
    | `confidence` | (h, w) float32 | 0 (anything goes) to 1 (sure), or None when the method cannot tell |
    """

    ab: Float
    confidence: Float | None = None


@dataclass(frozen=True)
class Reference:
    """A colour photo to take colours from, at any size. Errors: `UsageError` for shapes that do not fit, or NaN.

    | field | shape | range |
    |---|---|---|
    | `lab` | (H, W, 3) float32 | L 0..100, a and b about -110..110 |
    | `labels` | (H, W) integers | the region of each pixel, or None: the method finds regions itself |
    """

    lab: Float
    labels: npt.NDArray[np.int32] | None = None
    path: str = field(default="", compare=False)
    """The file it came from, if any."""

    @cached_property
    def sha256(self) -> str:
        """Of `lab`, hexadecimal."""
        import hashlib

        return hashlib.sha256(np.ascontiguousarray(self.lab, "<f4").tobytes()).hexdigest()

    def __post_init__(self) -> None:
        if self.lab.ndim != 3 or self.lab.shape[2] != 3 or not self.lab.size:
            raise UsageError(f"a reference needs lab (H, W, 3), not {self.lab.shape}")
        if self.labels is not None and self.labels.shape != self.lab.shape[:2]:
            raise UsageError(f"a reference of {self.lab.shape[:2]} px has labels of {self.labels.shape} px")
        if not np.isfinite(self.lab).all():
            raise UsageError("a reference holds NaN or infinite values")


Box = tuple[float, float, float, float]
"""Top, left, bottom, right as shares of the picture's height and width, 0..1."""


@dataclass(frozen=True)
class Swatch:
    """A pair of boxes: colour the photo's `target` like the `source` of the reference with this index."""

    source: Box
    target: Box
    reference: int = 0

    def __post_init__(self) -> None:
        for top, left, bottom, right in (self.source, self.target):
            if not (0 <= top < bottom <= 1 and 0 <= left < right <= 1):
                raise UsageError("a swatch's box is (top, left, bottom, right) in shares 0..1, neither side empty")


ENCODER = "encoder"
"""Key of `Wish.extra`: methods that take references match places also by what a network sees there."""


@dataclass(frozen=True)
class Wish:
    """What the user wishes of one painting. `vividness` 0 (the muted mean) .. 1 (the method's own) .. 2 (strong).
    Methods whose card accepts `references` or `swatches` take their colours from them. `palette` is chroma (a, b) that
    the engine keeps the answer near."""

    vividness: float = 1.0
    seed: int = 0
    extra: dict[str, float] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    swatches: tuple[Swatch, ...] = ()
    palette: tuple[tuple[float, float], ...] = ()
    strength: float = 1.0
    """How strongly the engine holds what marks ask for, 0 (not at all) to 1 (in full)."""


class Method(Protocol):
    """Light in, chroma out. Made once, called for many photos, from several threads at a time."""

    @property
    def card(self) -> MethodCard: ...

    def paint(self, light: Float, hints: HintMap | None, wish: Wish) -> Chroma:
        """`light` (H, W) float32 L 0..100 at the card's working size; hints at the same size."""
        ...
