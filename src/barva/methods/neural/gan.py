"""`gan`: the generator of the mask-guided GAN. Takes hints: the mask's objects and their colors."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule, weights_of
from barva.methods.decoding import network_input, to_ab
from barva.runtime import weights
from barva.runtime.session import Network


class Gan:
    """Light and hints in, scaled chroma through tanh out, at the working size or half of it.

    The weights' card says in which `space` they answer: "lab" (where it says nothing) or "yuv".
    """

    CARD: ClassVar = MethodCard(
        name="gan",
        title="Mask-guided GAN",
        summary="vivid, plausible colors judged by a second network; follows hints for objects",
        family="gan",
        size=SizeRule(short=96, multiple=32, longest=1024),
        native_guidance=frozenset({"points"}),
        learned=True,
        weights="gan",
        caution="hardly nearer to the truth than gray: it is judged by what looks real, which may be any color",
        paper="U-Net or FPN generator, gated discriminator; as in the project's source document 000",
    )

    def __init__(self, threads: int | None = None, card: MethodCard | None = None) -> None:
        self._card = card or self.CARD
        self._network = Network(weights_of(self._card), threads)
        self._space = str(weights.facts(weights_of(self._card)).get("space", "lab"))

    @property
    def card(self) -> MethodCard:
        return self._card

    def paint(self, light: npt.NDArray[np.float32], hints: HintMap | None, options: PaintOptions) -> Chroma:
        answer = self._network.run({"input": network_input(light, hints)[None]})[0][0]
        return Chroma(to_ab(answer, light, self._space))
