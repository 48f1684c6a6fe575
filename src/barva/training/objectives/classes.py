"""Objective of `classes`: the three losses that Zhang, Isola and Efros 2016 compare on one network (sections 2.1, 3.1).

Axes: B batch, Q chroma bins, S side, K neighbors of a soft code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.color import bins
from barva.errors import UsageError
from barva.methods.decoding import AB_MAX
from barva.models.classes import ClassesNet
from barva.training import colors, losses
from barva.training.objectives.base import Facts, Nets, OneNetwork, Tensors
from barva.training.recipe import Recipe

TEMPERATURE = 0.38
"""Of the annealed mean, as published (section 2.3)."""


@dataclass(frozen=True)
class ClassesModel:
    """`width` multiplies the published widths. 1.0 is the paper's network (32 million parameters); 0.44 has 6.2 million
    and trains four times as fast; at two bytes each they stay under the 15 MB that shipped weights may take."""

    width: float = 0.44

    def __post_init__(self) -> None:
        if not 0 < self.width < math.inf:
            raise UsageError(f"model.width is above 0, not {self.width}")


@dataclass(frozen=True)
class ClassesLoss:
    """`kind`: "l2" regresses ab (equation 1), "cross_entropy" classifies (equation 2, all weights 1), "rebalanced" is
    the full method (equation 4 with `lam` and `sigma`)."""

    kind: Literal["l2", "cross_entropy", "rebalanced"] = "rebalanced"
    lam: float = 0.5
    sigma: float = 5.0

    def __post_init__(self) -> None:
        if not 0 <= self.lam <= 1:
            raise UsageError(f"loss.lam is a share, 0..1, not {self.lam}")
        if not 0 < self.sigma < math.inf:
            raise UsageError(f"loss.sigma is above 0, not {self.sigma}")


class Objective(OneNetwork):
    """Network at a quarter of the size, and its loss."""

    MODEL: ClassVar = ClassesModel
    LOSS: ClassVar = ClassesLoss
    CHANNELS: ClassVar = 1

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.model: ClassesModel = recipe.model
        self.settings: ClassesLoss = recipe.loss
        self.prior = torch.from_numpy(np.maximum(facts.prior, 1e-5))
        weights = torch.ones(len(bins.BINS))
        if self.settings.kind == "rebalanced":
            weights = torch.from_numpy(losses.rebalancing(facts.prior, self.settings.lam, self.settings.sigma))
        self.weights = weights

    @property
    def head(self) -> str:
        """ "ab" or "bins"."""
        return "ab" if self.settings.kind == "l2" else "bins"

    def build(self) -> dict[str, nn.Module]:
        net = ClassesNet(self.model.width, 2 if self.head == "ab" else len(bins.BINS))
        if self.head == "bins":
            # the best answer without looking; Adam, which moves a bias by its rate, would take thousands of steps to it
            net.head.bias.data.copy_((self.prior * self.weights).log())  # type: ignore[union-attr]
        return {"net": net}

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        answer = nets["net"](batch.light)
        ab = colors.pool(batch.ab, answer)
        if self.head == "ab":
            # equation 1: half the squared distance, here of ab / 110, averaged over pixels
            error = F.mse_loss(answer.float(), ab / AB_MAX)
        else:
            error = losses.soft_cross_entropy(answer, *losses.soft_code(ab), self.weights.to(ab.device))
        return error, {self.settings.kind: float(error.detach())}

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        answer = net(light).float()
        if self.head == "ab":
            return colors.enlarge(AB_MAX * answer, light)
        return colors.enlarge(colors.annealed_mean(answer, TEMPERATURE), light)

    def export_module(self, net: nn.Module) -> nn.Module:
        return net

    def facts(self) -> dict[str, Any]:
        """What the weights' card must tell the method."""
        return {"head": self.head} | ({"temperature": TEMPERATURE} if self.head == "bins" else {})
