"""`regression`: the VGG16-derived CNN, mean squared error on chroma. No hints: the engine steers it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule, weights_of
from barva.methods.decoding import to_ab
from barva.runtime import weights
from barva.runtime.session import Network


class Regression:
    """Lightness in, scaled chroma through tanh out, at the working size (table of the source document).

    The weights' card says in which `space` they answer: "lab" (where it says nothing), "yuv" or "rgb".
    """

    CARD: ClassVar = MethodCard(
        name="regression",
        title="VGG16-derived regression CNN",
        summary="twelve convolutions trained for the mean color; muted, quick, the historical baseline",
        family="regression",
        size=SizeRule(short=96, multiple=8, longest=1024),
        learned=True,
        weights="regression",
        caution="sepia where it is unsure; on average less than one unit (CIEDE2000) nearer to the truth than gray",
        paper="VGG16-derived encoder-decoder, tanh output, MSE; architecture as in the project's source document 003",
    )

    def __init__(self, threads: int | None = None, card: MethodCard | None = None) -> None:
        self._card = card or self.CARD
        self._network = Network(weights_of(self._card), threads)
        self._space = str(weights.facts(weights_of(self._card)).get("space", "lab"))

    @property
    def card(self) -> MethodCard:
        return self._card

    def paint(self, light: npt.NDArray[np.float32], hints: HintMap | None, options: PaintOptions) -> Chroma:
        answer = self._network.run({"input": (light / 50 - 1)[None, None].astype(np.float32)})[0][0]
        return Chroma(to_ab(answer, light, self._space))
