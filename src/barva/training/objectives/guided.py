"""Objective of `guided`: rebalanced cross entropy over chroma bins, and the photo's subject as an auxiliary task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.color import bins
from barva.models.efficient import LATE, pretrained
from barva.models.guided import GuidedNet
from barva.training import colors, losses
from barva.training.objectives.base import Facts, Nets, Tensors
from barva.training.recipe import Recipe

TEMPERATURE = 0.7
"""Of the annealed mean on sheets and in validation; the shipped one is calibrated."""


@dataclass(frozen=True)
class GuidedModel:
    """Channels and residual blocks of the four levels (strides 4, 8, 16, 32), attention blocks at the last; whether
    ImageNet's features are heard, and if so how much of their network goes on learning: only its normalisation, which
    follows the grey photos ("frozen"), the blocks at strides 16 and 32 ("late": 1.4 times as long a step), or all of it
    ("trained": 1.8 times)."""

    widths: tuple[int, ...] = (48, 96, 192, 384)
    depths: tuple[int, ...] = (2, 2, 3, 1)
    attentions: int = 2
    encoder: Literal["none", "frozen", "late", "trained"] = "frozen"


@dataclass(frozen=True)
class GuidedLoss:
    """Exponent of the class weights `p^-rebalance`; weight of the subject's loss."""

    rebalance: float = 0.15
    subject: float = 0.1


class Objective:
    """Builds the network and gives each batch its loss."""

    MODEL: ClassVar = GuidedModel
    LOSS: ClassVar = GuidedLoss
    CHANNELS: ClassVar = 4

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.recipe, self.labels = recipe, facts.labels
        self.prior = torch.from_numpy(np.maximum(facts.prior, 1e-5))
        self.rebalance = torch.from_numpy(bins.rebalancing(facts.prior, recipe.loss.rebalance))

    def build(self) -> dict[str, nn.Module]:
        model = self.recipe.model
        known = model.encoder != "none"
        net = GuidedNet(model.widths, model.depths, model.attentions, labels=self.labels, encoder=known)
        if net.encoder is not None:
            net.encoder.load_pretrained(pretrained())
            net.encoder.requires_grad_(model.encoder == "trained")
            net.encoder.blocks[LATE:].requires_grad_(model.encoder in ("late", "trained"))
        with torch.no_grad():  # what it answers before it has learnt: the photos' bin distribution, weighed
            net.head.bias.copy_(torch.log(self.prior * self.rebalance))  # type: ignore[union-attr]
        return {"net": net}

    def players(self) -> dict[str, tuple[str, ...]]:
        return {"net": ("net",)}

    def turns(self, nets: Nets, batch: Tensors) -> Sequence[str]:
        return ("net",)

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        """Cross entropy (Zhang et al. 2016, equation 2) plus `subject` times the subject's cross entropy (Iizuka et
        al. 2016, equation 4), the latter over the photos whose subject is known."""
        x = torch.cat([batch.light, batch.hints], dim=1).to(memory_format=torch.channels_last)
        logits, subject = nets["net"](x, classify=True) if self.labels else (nets["net"](x), None)
        code = losses.soft_code(F.avg_pool2d(batch.ab, 4))
        color = losses.soft_cross_entropy(logits, *code, self.rebalance.to(logits.device))
        what = color.new_zeros(())
        if subject is not None:  # asked even where no photo has one: several devices wait for all gradients
            known = (batch.label >= 0).sum().clamp(min=1)
            what = F.cross_entropy(subject.float(), batch.label, ignore_index=-1, reduction="sum") / known
        parts = {"color": float(color.detach()), "subject": float(what.detach())}
        return color + self.recipe.loss.subject * what, parts

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        """Annealed mean (Zhang et al. 2016, equation 5) with the class weights divided out."""
        logits = net(torch.cat([light, hints], dim=1)).float()
        z = logits - torch.log(self.rebalance.to(logits.device))[:, None, None]
        return colors.enlarged(colors.annealed_mean(z, TEMPERATURE), light)

    def facts(self) -> dict[str, Any]:
        """The class weights; `barva export` calibrates temperature and strength."""
        return {"rebalance": [round(float(w), 5) for w in self.rebalance]}

    def exported(self, net: nn.Module) -> nn.Module:
        """Logits; the auxiliary head is dropped."""
        net.subject = None  # type: ignore[assignment]
        return net
