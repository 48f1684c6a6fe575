"""Objective of `guided`: rebalanced cross entropy over chroma bins; the photo's subject, and what is where in photos
with masks, as auxiliary tasks."""

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
from barva.models.efficient import LATE, pretrained_weights
from barva.models.guided import Answers, GuidedNet
from barva.training import colors, losses
from barva.training.objectives.base import Facts, Nets, OneNetwork, Tensors
from barva.training.objectives.perception import PerceptionLoss, class_weights, partial_cross_entropy, unpack_classes
from barva.training.recipe import Recipe
from barva.training.vocabulary import usual_shares

TEMPERATURE = 0.7
"""Of the annealed mean on sheets and in validation; the shipped one is calibrated."""

LEVELS, HEAD = 4, 64
"""Levels of the network, and the channels that each head of its attention has at least."""

BALANCE = 0.25
"""Exponent of the weights of classes, as in `perception`."""


@dataclass(frozen=True)
class GuidedModel:
    """Channels and residual blocks of the four levels (strides 4, 8, 16, 32), attention blocks at the last; whether
    ImageNet's features are an input, and if so how much of their network learns on: only its normalization, which
    follows the gray photos ("frozen"), the blocks at strides 16 and 32 ("late": 1.4 times as long a step), or all of it
    ("trained": 1.8 times). `encoder_scale`: how many times as large as the trunk the encoder sees a photo; a stage's
    side is that of the encoder (1.4 and 224: a trunk at 160)."""

    widths: tuple[int, ...] = (48, 96, 192, 384)
    depths: tuple[int, ...] = (2, 2, 3, 1)
    attentions: int = 2
    encoder: Literal["none", "frozen", "late", "trained"] = "frozen"
    encoder_scale: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.encoder_scale <= 2:
            raise UsageError(f"model.encoder_scale is from 1 to 2, not {self.encoder_scale}")


@dataclass(frozen=True)
class GuidedLoss:
    """Exponent of the class weights `p^-rebalance`; weight of the subject's loss, and of that of what is where, in
    photos with masks (`--masks`); weight of the evenness of surfaces (`losses.unevenness`; 0: not asked for)."""

    rebalance: float = 0.15
    subject: float = 0.1
    dense: float = 0.1
    even: float = 0.0

    def __post_init__(self) -> None:
        for name in ("subject", "dense", "even"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UsageError(f"loss.{name} is at least 0, not {getattr(self, name)}")


class Objective(OneNetwork):
    """Builds the network and gives each batch its loss."""

    MODEL: ClassVar = GuidedModel
    LOSS: ClassVar = GuidedLoss
    CHANNELS: ClassVar = 4

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.recipe, self.labels = recipe, facts.labels
        self.prior = torch.from_numpy(np.maximum(facts.prior, 1e-5))
        self.rebalance = torch.from_numpy(bins.rebalancing(facts.prior, recipe.loss.rebalance))
        self.classes = None if facts.dense is None else class_weights(facts.dense, BALANCE)

    def build(self) -> dict[str, nn.Module]:
        model = self.recipe.model
        _check_levels(model)
        known = model.encoder != "none"
        net = GuidedNet(
            model.widths,
            model.depths,
            model.attentions,
            labels=self.labels,
            encoder=known,
            encoder_scale=model.encoder_scale,
            classes=0 if self.classes is None else len(self.classes),
        )
        if net.encoder is not None:
            net.encoder.load_pretrained(pretrained_weights())
            net.encoder.requires_grad_(model.encoder == "trained")
            net.encoder.blocks[LATE:].requires_grad_(model.encoder in ("late", "trained"))
        with torch.no_grad():  # what it answers before it has learned: the photos' bin distribution, weighed
            net.head.bias.copy_(torch.log(self.prior * self.rebalance))  # type: ignore[union-attr]
        return {"net": net}

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        """Cross entropy (Zhang et al. 2016, equation 2), plus the subject's cross entropy (Iizuka et al. 2016, equation
        4) over the photos whose subject is known, plus that of classes over the pixels whose label says something, plus
        the unevenness of surfaces, each times its weight."""
        x = torch.cat([batch.light, batch.hints], dim=1).to(memory_format=torch.channels_last)
        answers: Answers = nets["net"](x, auxiliary=True)
        truth = shrunk(batch.ab, answers.chroma)
        color = losses.soft_cross_entropy(answers.chroma, *losses.soft_code(truth), self.rebalance.to(truth.device))
        weights, total = self.recipe.loss, color
        parts = {"color": float(color.detach()), "subject": 0.0}
        if answers.subject is not None:  # asked even where no photo has one: several devices wait for all gradients
            known = (batch.label >= 0).sum().clamp(min=1)
            what = F.cross_entropy(answers.subject.float(), batch.label, ignore_index=-1, reduction="sum") / known
            total, parts["subject"] = total + weights.subject * what, float(what.detach())
        if answers.dense is not None:
            where = self._dense(answers.dense, batch.allowed)
            total, parts["dense"] = total + weights.dense * where, float(where.detach())
        if weights.even:
            ab = colors.annealed_mean(self._remove_weights(answers.chroma.float()), TEMPERATURE)
            uneven = losses.unevenness(ab, truth, shrunk(50 * batch.lightness, ab))
            total, parts["uneven"] = total + weights.even * uneven, float(uneven.detach())
        return total, parts

    def _dense(self, logits: Tensor, allowed: Tensor | None) -> Tensor:
        """Over the last photos of the batch, those with masks."""
        assert self.classes is not None
        if allowed is None:
            return 0 * logits.sum()
        rows, columns = (
            (torch.arange(n, device=allowed.device) * size // n + size // (2 * n)).clamp(max=size - 1)
            for n, size in zip(logits.shape[2:], allowed.shape[1:], strict=True)
        )
        labels = unpack_classes(allowed[:, rows][:, :, columns])
        usual, weight = (p.to(logits.device) for p in (torch.from_numpy(usual_shares()), self.classes))
        return partial_cross_entropy(logits[-len(allowed) :], labels, weight, usual, PerceptionLoss().usual)

    def _remove_weights(self, logits: Tensor) -> Tensor:
        return logits - torch.log(self.rebalance.to(logits.device))[:, None, None]

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        """Annealed mean (Zhang et al. 2016, equation 5) with the class weights divided out."""
        logits = net(torch.cat([light, hints], dim=1)).float()
        return colors.enlarge(colors.annealed_mean(self._remove_weights(logits), TEMPERATURE), light)

    def facts(self) -> dict[str, Any]:
        """The class weights, and the encoder's scale; `barva export` calibrates temperature and strength."""
        scale = self.recipe.model.encoder_scale
        return {"rebalance": [round(float(w), 5) for w in self.rebalance]} | (
            {"encoder_scale": scale} if scale > 1 else {}
        )

    def export_module(self, net: nn.Module) -> nn.Module:
        """Logits; the auxiliary heads are dropped."""
        net.subject = net.dense = None  # type: ignore[assignment]
        return net


def _check_levels(model: GuidedModel) -> None:
    """`UsageError` where there is no such network."""
    for name in ("widths", "depths"):
        if len(getattr(model, name)) != LEVELS:
            raise UsageError(f"model.{name} has {LEVELS} numbers, one a level, not {len(getattr(model, name))}")
    if min(model.widths) < 2 or min(model.depths) < 0 or model.attentions < 0:
        raise UsageError("model.widths are at least 2, model.depths and model.attentions at least 0")
    last = model.widths[-1]
    if model.attentions and (last < HEAD or last % (last // HEAD)):
        raise UsageError(
            f"the last of model.widths divides into heads of about {HEAD}, such as {2 * HEAD}; {last} does not"
        )


def shrunk(planes: Tensor, like: Tensor) -> Tensor:
    """`planes` averaged over areas down to the height and width of `like`; any ratio."""
    size = (like.shape[2], like.shape[3])
    return F.adaptive_avg_pool2d(planes, size) if planes.shape[2] % size[0] else colors.pool(planes, like)
