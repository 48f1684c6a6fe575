"""`classes`: Colorful Image Colorization, a distribution over chroma bins. No hints: the engine steers it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule, weights_of
from barva.methods.decoding import decode, to_ab
from barva.runtime import weights
from barva.runtime.session import Network


class Classes:
    """Lightness in; logits over the 313 bins at a quarter of the working size out, or ab / 110 where the weights' card
    says `head: "ab"` (the paper's comparison with L2 regression)."""

    CARD: ClassVar = MethodCard(
        name="classes",
        title="Colorful Image Colorization",
        summary="classifies each place into chroma bins; blue skies, gray where it is unsure; estimates how sure it is",
        family="classes",
        size=SizeRule(short=96, multiple=8, longest=1024),
        learned=True,
        weights="classes",
        caution="little color; on average one unit (CIEDE2000) nearer to the truth than gray",
        paper="Zhang, Isola, Efros 2016 (arXiv 1603.08511)",
    )

    def __init__(self, threads: int | None = None, card: MethodCard | None = None) -> None:
        self._card = card or self.CARD
        self._network = Network(weights_of(self._card), threads)
        facts: dict[str, Any] = weights.facts(weights_of(self._card))
        self._head = str(facts.get("head", "bins"))
        self._temperature = float(facts.get("temperature", 0.38))

    @property
    def card(self) -> MethodCard:
        return self._card

    def paint(self, light: npt.NDArray[np.float32], hints: HintMap | None, options: PaintOptions) -> Chroma:
        answer = self._network.run({"input": (light / 50 - 1)[None, None].astype(np.float32)})[0][0]
        if self._head == "ab":
            return Chroma(to_ab(answer, light, "lab"))
        # a lower temperature than the paper's would not be more vivid: where the network doubts, the mode is gray
        chroma = decode(answer, self._temperature)
        return Chroma(chroma.ab, chroma.confidence)
