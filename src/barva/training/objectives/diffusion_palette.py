"""Objective of `diffusion_palette`: Palette (Saharia et al. 2022, arXiv 2111.05826) as published, on chroma.

Axes: B batch, S side of the light, s = S / 4 side of the chroma.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.methods import samples, sampling
from barva.models.diffusion import STRIDE, PaletteNet
from barva.training import colors
from barva.training.objectives.base import Facts, Nets, OneNetwork, Tensors
from barva.training.recipe import Recipe

TRAINED = (2000, 1e-6, 0.01)
"""Steps of the schedule in training, and its first and last beta."""

SHEET_STEPS = 40
"""Steps of the samples on sheets and in validation; the method takes a thousand."""


@dataclass(frozen=True)
class PaletteModel:
    """Channels and blocks of the four levels, attention blocks at the last, the code's length."""

    widths: tuple[int, ...] = (48, 96, 160, 256)
    depths: tuple[int, ...] = (1, 1, 2, 1)
    attentions: int = 1
    code: int = 192


@dataclass(frozen=True)
class PaletteLoss:
    """The power p of the noise's error: "l2", whose samples differ more, or "l1" (section 5.1)."""

    kind: Literal["l2", "l1"] = "l2"


class Objective(OneNetwork):
    """E || f(x, sqrt(gamma) y + sqrt(1 - gamma) e, gamma) - e ||_p^p (equation 1)."""

    MODEL: ClassVar = PaletteModel
    LOSS: ClassVar = PaletteLoss
    CHANNELS: ClassVar = 1

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.model: PaletteModel = recipe.model
        self.settings: PaletteLoss = recipe.loss
        steps, first, last = TRAINED
        product = np.cumprod(1 - np.linspace(first, last, steps))
        self.gammas = torch.from_numpy(np.concatenate([[1.0], product]).astype(np.float32))

    def example(self) -> tuple[Tensor, ...]:
        """What the network can be called with."""
        return torch.zeros(1, self.CHANNELS, 128, 160), torch.zeros(1, 2, 32, 40), torch.zeros(1)

    def build(self) -> dict[str, nn.Module]:
        m = self.model
        return {"net": PaletteNet(m.widths, m.depths, m.attentions, m.code)}

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        """gamma is uniform between two neighbors of the schedule, which are drawn (algorithm 1)."""
        y = F.avg_pool2d(batch.ab, STRIDE) / samples.SCALE
        t = torch.randint(1, len(self.gammas), (len(y),), device=y.device)
        table = self.gammas.to(y.device)
        gamma = torch.lerp(table[t], table[t - 1], torch.rand(len(y), device=y.device))
        e = torch.randn_like(y)
        share = gamma[:, None, None, None]
        noisy = share.sqrt() * y + (1 - share).sqrt() * e
        answer = nets["net"](batch.light, noisy, gamma.sqrt()).float()
        error = F.mse_loss(answer, e) if self.settings.kind == "l2" else F.l1_loss(answer, e)
        return error, {self.settings.kind: float(error.detach())}

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        """One sample with the seed 0."""
        shape = (len(light), 2, light.shape[2] // STRIDE, light.shape[3] // STRIDE)

        def noise_of(y: Any, gamma: float) -> Any:
            level = torch.full((len(y),), gamma**0.5, device=light.device)
            return net(light, torch.from_numpy(y).to(light.device), level).float().cpu().numpy()

        gammas = sampling.palette_gammas(SHEET_STEPS)
        y = sampling.ancestral(noise_of, sampling.noise(0, shape), gammas, lambda n: sampling.noise(0, shape, n))
        return colors.enlarge(torch.from_numpy(y).to(light.device).clamp(-5, 5) * samples.SCALE, light)

    def facts(self) -> dict[str, Any]:
        """How many steps the method takes."""
        return {"steps": sampling.MOST_STEPS}

    def export_module(self, net: nn.Module) -> nn.Module:
        return net
