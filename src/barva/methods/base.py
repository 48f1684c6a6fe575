"""What a method is, and the card that holds every fact needed to run one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError, WeightsError
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
    """Every fact of a method. Guidance that is not in `native_guidance` is followed by steering (`engine.steer`).

    Examples:
        >>> [card.name for card in barva.method_cards() if card.samples]
        ['diffusion']
    """

    name: str
    title: str
    summary: str
    family: str
    size: SizeRule
    native_guidance: frozenset[str] = frozenset()
    """Kinds of guidance that `paint` follows itself: "points" (hints), "references", "swatches"."""
    needs: frozenset[str] = frozenset()
    """What it cannot do without: "reference", or "hints" (without any its answer is gray)."""
    propagates_hints: bool = False
    """Whether its answer already carries each hint over its whole object, so that no steering follows."""
    learned: bool = False
    """Whether it is trained: what it gets wrong at many points then tells how wrong it is between them (kriging)."""
    has_distribution: bool = False
    """Whether it has a `distribution(light, hints)` over the chroma bins, from which suggestions and variants come."""
    exact: bool = False
    """Whether there is a slow reference form of it, which `PaintOptions.exact` asks for."""
    samples: bool = False
    """Whether an answer is one of many, drawn by the seed: it has steps, can begin with a draft and keep parts of it
    (`PaintOptions`), and its variants are other seeds."""
    weights: str | Path | None = None
    """The ONNX file, with its facts as JSON beside it: a stem in Barva's own `weights/`, or a path, as in a plug-in
    package; None for methods without a network."""
    license: str = "MIT"
    paper: str = ""
    caution: str = ""
    """What one should not expect of it, and why."""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False, compare=False)
    """`title`, `summary` and `caution` by language code, such as `{"uk": {"title": ...}}`: a plug-in's own texts."""

    def text(self, name: str, language: str = "en") -> str:
        """The card's text in a language; in English where there is no translation.

        Args:
            name: "title", "summary" or "caution".
            language: Its code, such as "uk".

        Returns:
            The text.
        """
        return self.translations.get(language, {}).get(name) or str(getattr(self, name))


def weights_of(card: MethodCard) -> str | Path:
    """The weights of a network's card. WeightsError: it names none."""
    if card.weights is None:
        raise WeightsError(f"the card of {card.name} names no weights")
    return card.weights


@dataclass(frozen=True, eq=False)
class Chroma:
    """A method's answer, at whatever size it works.

    Args:
        ab: (h, w, 2) float32, Lab chroma, about -110..110.
        confidence: (h, w) float32, 0 (anything goes) to 1 (sure), or None when the method cannot tell.

    Examples:
        >>> barva.Chroma(np.zeros((4, 6, 2), np.float32)).confidence is None
        True
    """

    ab: Float
    confidence: Float | None = None


@dataclass(frozen=True, eq=False)
class Reference:
    """A color photo to take colors from, at any size. Errors: `UsageError` for shapes that do not fit, or NaN.

    | field | shape | range |
    |---|---|---|
    | `lab` | (H, W, 3) float32 | L 0..100, a and b about -110..110 |
    | `labels` | (H, W) integers | the region of each pixel, or None: the method finds regions itself |
    """

    lab: Float
    labels: npt.NDArray[np.int32] | None = None
    path: str = ""
    """The file it came from, if any."""
    notes: tuple[str, ...] = field(default=(), compare=False)
    """What was seen while it was read, a line each."""

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

    def __eq__(self, other: object) -> bool:
        """Of the same colors and regions, wherever they came from."""
        if not isinstance(other, Reference):
            return NotImplemented
        return np.array_equal(self.lab, other.lab) and _same(self.labels, other.labels)

    def __hash__(self) -> int:
        return hash(self.sha256)


def _same(one: npt.NDArray[np.int32] | None, other: npt.NDArray[np.int32] | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


Box = tuple[float, float, float, float]
"""Top, left, bottom, right as shares of the picture's height and width, 0..1."""


@dataclass(frozen=True)
class Swatch:
    """A pair of boxes: color the photo's `target` like the `source` of the reference with this index."""

    source: Box
    target: Box
    reference: int = 0

    def __post_init__(self) -> None:
        for top, left, bottom, right in (self.source, self.target):
            if not (0 <= top < bottom <= 1 and 0 <= left < right <= 1):
                raise UsageError("a swatch's box is (top, left, bottom, right) in shares 0..1, neither side empty")


MATCHING = ("texture", "objects")
"""What methods that take references can compare: light and texture, as published, or also what a network sees."""


@dataclass(frozen=True, eq=False)
class Draft:
    """Chroma that an answer is drawn from.

    | field | shape | range |
    |---|---|---|
    | `ab` | (h, w, 2) float32, of any size | Lab chroma, about -110..110 |
    | `keep` | (h, w) float32 or None | where the draft stays: 1; where it is drawn anew: 0 |
    | `amount` | | how far the answer may go from the draft: above 0, 1 forgets it but for what is kept |
    """

    ab: Float
    keep: Float | None = None
    amount: float = 1.0

    def __post_init__(self) -> None:
        if self.ab.ndim != 3 or self.ab.shape[2] != 2 or not np.isfinite(self.ab).all():
            raise UsageError(f"a draft needs ab (h, w, 2) without NaN, not {self.ab.shape}")
        if self.keep is not None and self.keep.shape != self.ab.shape[:2]:
            raise UsageError(f"a draft of {self.ab.shape[:2]} keeps a map of {self.keep.shape}")
        if not 0 < self.amount <= 1:
            raise UsageError(f"amount: a number above 0, at most 1, is wanted, not {self.amount}")

    def __repr__(self) -> str:
        """What tells one draft from another; answers are remembered by it."""
        import hashlib

        digest = hashlib.sha256(np.ascontiguousarray(self.ab, "<f4").tobytes())
        digest.update(b"" if self.keep is None else np.ascontiguousarray(self.keep, "<f4").tobytes())
        return f"Draft({digest.hexdigest()}, {self.amount!r})"


@dataclass(frozen=True)
class PaintOptions:
    """What a method gets beside light and hints; each uses what it can.

    Args:
        seed: of what it draws at random.
        references: color photos to take colors from.
        swatches: pairs of boxes that go together.
        exact: the slow reference form, if there is one.
        matching: one of `MATCHING`.
        extra: a method's own numbers by name, such as `variances` of levin.
        palette: chroma (a, b) that the answer should keep near.
        steps: of a method that samples; None for its own number.
        draft: what a method that samples begins with.
    """

    seed: int = 0
    references: tuple[Reference, ...] = ()
    swatches: tuple[Swatch, ...] = ()
    exact: bool = False
    matching: str = "texture"
    extra: dict[str, float] = field(default_factory=dict)
    palette: tuple[tuple[float, float], ...] = ()
    steps: int | None = None
    draft: Draft | None = None


class Method(Protocol):
    """Light in, chroma out. Made once, called for many photos, from several threads at a time."""

    @property
    def card(self) -> MethodCard: ...

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        """`light` (H, W) float32 L 0..100 at the card's working size; hints at the same size. Vividness, strength and
        palette are applied to the answer by the engine."""
        ...
