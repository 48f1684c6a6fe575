"""`levin`: colors spread from points and strokes along the light, without a network."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule
from barva.methods.classical.affinity import PROGRAM
from barva.methods.classical.solver import spread, spread_exactly

Float = npt.NDArray[np.float32]


class Levin:
    """Neighbors of like light have like color; hinted pixels keep theirs.

    `exact` (or `PaintOptions.exact`) solves directly: the reference, many times slower. `variances` (or
    `PaintOptions.extra["variances"]`) says how soon color stops at edges: 2 as in the paper, 0.6 as in its authors'
    program.
    Without hints there is nothing to spread: the answer is gray with confidence 0 everywhere.
    Errors: `UsageError` for variances outside 0.5 to 100.
    """

    CARD: ClassVar = MethodCard(
        name="levin",
        title="Scribbles by optimization",
        summary="spreads the colors of points and strokes along the light; without hints the photo stays gray",
        family="scribbles",
        size=SizeRule(short=512, multiple=1, longest=2048),
        native_guidance=frozenset({"points"}),
        needs=frozenset({"hints"}),
        propagates_hints=True,
        exact=True,
        paper="Levin, Lischinski, Weiss 2004, Colorization using optimization (doi 10.1145/1015706.1015780)",
    )

    def __init__(self, threads: int | None = None, *, exact: bool = False, variances: float = PROGRAM) -> None:
        self._threads = threads
        self._variances = variances
        self._exact = exact

    @property
    def card(self) -> MethodCard:
        return self.CARD

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        if hints is None or not hints.weight.any():
            return Chroma(np.zeros((*light.shape, 2), np.float32), np.zeros(light.shape, np.float32))
        variances = options.extra.get("variances", self._variances)
        if self._exact or options.exact:
            ab = spread_exactly(light, hints.ab, hints.weight, variances=variances)
        else:
            ab = spread(light, hints.ab, hints.weight, variances=variances, threads=self._threads)
        return Chroma(ab)
