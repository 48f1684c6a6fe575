"""`diffusion_palette`: Palette (Saharia et al. 2022), scaled down, as the reference: many steps, no hints."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from barva.guidance.hintmap import HintMap
from barva.methods import sampling
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule, weights_of
from barva.methods.decoding import network_input
from barva.methods.samples import STRIDE, fitted_draft, to_ab
from barva.runtime import weights
from barva.runtime.session import Network
from barva.types import Float


class DiffusionPalette:
    """One network, told the light beside the noisy chroma, whose noise it answers; ancestral sampling."""

    CARD: ClassVar = MethodCard(
        name="diffusion_palette",
        title="Palette (diffusion)",
        summary="the published diffusion colorizer at a small size: slow, the reference for 'diffusion'",
        family="diffusion_palette",
        size=SizeRule(short=192, multiple=32, longest=1024),
        learned=True,
        samples=True,
        weights="diffusion_palette",
        caution="takes many steps: half a minute and more for a photo",
        paper="Saharia et al. 2022 (arXiv 2111.05826)",
    )

    def __init__(self, threads: int | None = None, card: MethodCard | None = None) -> None:
        self._card = card or self.CARD
        self._network = Network(weights_of(self._card), threads)
        self._steps = int(weights.facts(weights_of(self._card)).get("steps", sampling.MOST_STEPS))

    @property
    def card(self) -> MethodCard:
        return self._card

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        given = network_input(light, None)[None, :1]

        def noise_of(y: Float, gamma: float) -> Float:
            level = np.array([np.sqrt(gamma)], np.float32)
            return self._network.run({"input": given, "noisy": y, "level": level})[0]

        size = light.shape[0] // STRIDE, light.shape[1] // STRIDE
        steps = sampling.check_steps(self._steps if options.steps is None else options.steps)
        gammas, draft = sampling.palette_gammas(steps), options.draft
        y, known, keep = sampling.noise(options.seed, (1, 2, *size)), None, None
        if draft is not None:
            known, keep = fitted_draft(draft, size)
            gammas = gammas[: max(1, round(draft.amount * steps))]
            gamma = float(gammas[-1])
            y = np.float32(np.sqrt(gamma)) * known + np.float32(np.sqrt(1 - gamma)) * y
        z = _streams(options.seed, (1, 2, *size))
        return Chroma(to_ab(sampling.ancestral(noise_of, y, gammas, z, known, keep)))


def _streams(seed: int, shape: tuple[int, ...]) -> sampling.Stream:
    return lambda n: sampling.noise(seed, shape, stream=n)
