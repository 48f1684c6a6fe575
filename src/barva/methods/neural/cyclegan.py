"""`cyclegan`: the coloring generator of a CycleGAN trained on unpaired old and modern photos. No hints: the engine
steers it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule, weights_of
from barva.methods.decoding import to_ab
from barva.runtime.session import Network


class CycleGan:
    """Lightness in, ab / 110 through tanh out, at half of the working size."""

    CARD: ClassVar = MethodCard(
        name="cyclegan",
        title="CycleGAN",
        summary="learned from simulated old prints and other photos in color; for archives without pairs",
        family="cyclegan",
        size=SizeRule(short=96, multiple=32, longest=1024),
        learned=True,
        weights="cyclegan",
        caution="farther from the truth than gray: in training no old photo has a modern one as its pair",
        paper="Zhu, Park, Isola, Efros 2017 (arXiv 1703.10593)",
    )

    def __init__(self, threads: int | None = None, card: MethodCard | None = None) -> None:
        self._card = card or self.CARD
        self._network = Network(weights_of(self._card), threads)

    @property
    def card(self) -> MethodCard:
        return self._card

    def paint(self, light: npt.NDArray[np.float32], hints: HintMap | None, options: PaintOptions) -> Chroma:
        answer = self._network.run({"input": (light / 50 - 1)[None, None].astype(np.float32)})[0][0]
        return Chroma(to_ab(answer, light, "lab"))
