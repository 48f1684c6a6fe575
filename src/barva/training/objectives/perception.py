"""Objective of `perception`: partial cross entropy over classes of segments, and masks of single objects from
simulated clicks (Sofiiuk, Petrov, Konushin 2021, arXiv 2102.06583)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.models.efficient import LATE, pretrained_weights
from barva.models.perception import PerceptionNet
from barva.perception import clicks
from barva.perception.classes import CLASSES
from barva.training import validation
from barva.training.mask_sampler import MaskBatch
from barva.training.objectives.base import Facts, Nets, OneNetwork
from barva.training.recipe import Recipe
from barva.training.vocabulary import usual_shares

VALIDATED = 32
"""Kept-out photos in one validation."""


@dataclass(frozen=True)
class PerceptionModel:
    """The first block of the encoder that goes on learning; 16: none, only its normalization. `select_only`: the select
    head alone learns, so that segments stay as the run's start has them."""

    learning: int = LATE
    select_only: bool = False


@dataclass(frozen=True)
class PerceptionLoss:
    """Weight of the select head's loss, and the share of steps in which it learns; exponent of the class weights
    `p^-balance`; most rounds of clicks; weight of what is usual among the classes that a label can mean."""

    select: float = 1.0
    selected: float = 0.25
    balance: float = 0.25
    rounds: int = 4
    usual: float = 0.1


@dataclass(frozen=True)
class MaskTensors:
    """`MaskBatch` on the run's device, channels first."""

    light: Tensor
    allowed: Tensor
    mask: Tensor
    certain: Tensor
    chosen: Tensor


def partial_cross_entropy(
    logits: Tensor, allowed: Tensor, weight: Tensor, usual: Tensor | None = None, strength: float = 0.0
) -> Tensor:
    """Mean of `-log p(the classes that the label can mean)`, pixels weighted by the mean weight of these classes.

    A label that can mean several classes is content with any of them, such as hair for all of a person. So the cross
    entropy from what is usual among them is added, `strength` times.

    Args:
        logits: (B, C, H, W).
        allowed: (B, H, W, C) booleans; all True where the label says nothing.
        weight: (C,) weights of the classes.
        usual: (C,) how usual each class is among others; needed with a `strength` above 0.
        strength: Of the term for what is usual.
    """
    rows = logits.permute(0, 2, 3, 1).float()
    whole = rows.logsumexp(-1)
    part = rows.masked_fill(~allowed, -1e4).logsumexp(-1)
    count = allowed.sum(-1)
    known = count < allowed.shape[-1]
    # a label that excludes little says little
    mean = (allowed * weight).sum(-1) / count.clamp(min=1)
    w = mean * known
    loss = whole - part
    if usual is not None and strength > 0:
        share = allowed * usual
        share = share / share.sum(-1, keepdim=True)
        # 0 where one class is allowed: it is all of its part
        loss = loss + strength * (share * (part.unsqueeze(-1) - rows)).sum(-1)
    return (loss * w).sum() / w.sum().clamp(min=1)


def class_weights(prior: npt.NDArray[np.float32], balance: float) -> Tensor:
    """(C,) weights `p^-balance` of classes, 1 in the mean over pixels; `prior` (C,) says how much each covers."""
    p = torch.from_numpy(np.maximum(prior, 1e-4))
    weight = p**-balance
    return weight / (weight * p).sum()


def unpack_classes(bits: Tensor) -> Tensor:
    """(B, H, W) int64 whose bit c stands for class c, as (B, H, W, classes) booleans."""
    return (bits.unsqueeze(-1) >> torch.arange(len(CLASSES), device=bits.device)) & 1 == 1


def mask_loss(logits: Tensor, mask: Tensor, certain: Tensor, chosen: Tensor) -> Tensor:
    """Binary cross entropy, object and surroundings weighted evenly, plus soft Dice (Milletari et al. 2016), over
    samples with an object; views whose labels say nothing count as 0. `logits` (B, 1, H, W); `mask`, `certain`
    (B, H, W); `chosen` (B,)."""
    x = logits[:, 0].float()
    near = certain * (0.5 + 0.5 * mask / (mask * certain).mean((1, 2), keepdim=True).clamp(min=0.05))
    bce = (F.binary_cross_entropy_with_logits(x, mask, reduction="none") * near).sum((1, 2))
    bce = bce / near.sum((1, 2)).clamp(min=1)
    p = x.sigmoid() * certain
    m = mask * certain
    dice = 1 - (2 * (p * m).sum((1, 2)) + 1) / (p.sum((1, 2)) + m.sum((1, 2)) + 1)
    return ((bce + dice) * chosen).sum() / chosen.sum().clamp(min=1)


class Objective(OneNetwork):
    """Builds the network and gives each batch its loss."""

    MODEL: ClassVar = PerceptionModel
    LOSS: ClassVar = PerceptionLoss
    CHANNELS: ClassVar = 1

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.recipe = recipe
        self.weight = class_weights(facts.prior, recipe.loss.balance)
        self.usual = torch.from_numpy(usual_shares())

    def build(self) -> dict[str, nn.Module]:
        net = PerceptionNet(len(CLASSES))
        net.encoder.load_pretrained(pretrained_weights())
        net.encoder.requires_grad_(False)
        net.encoder.blocks[self.recipe.model.learning :].requires_grad_(True)
        if self.recipe.model.select_only:
            net.fixed = ("encoder", "pyramid", "segments")
            net.requires_grad_(False).select.requires_grad_(True)
        return {"net": net.train()}

    def tensors(self, batch: MaskBatch, device: torch.device) -> MaskTensors:
        """The arrays of a batch on the device."""
        names = ("light", "allowed", "mask", "certain", "chosen")
        light, *others = (torch.from_numpy(getattr(batch, name)).to(device) for name in names)
        return MaskTensors(light.unsqueeze(1), *others)

    def loss(self, player: str, nets: Nets, batch: MaskTensors) -> tuple[Tensor, dict[str, float]]:
        """Segments plus, in a share of the steps, `select` times the mask after one to `rounds` rounds of clicks; of a
        run that trains the select head alone, the mask in every step."""
        rng = np.random.default_rng(int(torch.randint(2**31, ()).item()))
        options, alone = self.recipe.loss, self.recipe.model.select_only
        rounds = int(rng.integers(1, options.rounds + 1)) if alone or rng.random() < options.selected else 0
        light = batch.light.to(memory_format=torch.channels_last)
        logits, mask = nets["net"](light, Person(batch, rng) if rounds else None, rounds)
        segments = self._segments(logits, batch)
        parts = {"segments": float(segments.detach())}
        if mask is None:
            return segments, parts
        select = mask_loss(mask, batch.mask, batch.certain, batch.chosen)
        parts[f"select_{rounds}"] = float(select.detach())
        return options.select * select + (0 if alone else segments), parts

    def _segments(self, logits: Tensor, batch: MaskTensors) -> Tensor:
        weight, usual = self.weight.to(logits.device), self.usual.to(logits.device)
        allowed = unpack_classes(batch.allowed)
        return partial_cross_entropy(logits, allowed, weight, usual, self.recipe.loss.usual)

    def validate(self, run: Any) -> None:
        """A line in `validation.csv`: both losses on kept-out photos, the same ones each time, two clicks an object."""
        stage = replace(run.recipe.stages[-1], batch=VALIDATED)
        batch = self.tensors(run.sampler.batch(0, stage, held=True), run.fabric.device)
        with torch.no_grad():
            logits, mask = run.ema(batch.light, Person(batch, np.random.default_rng(0)), 2)
        assert mask is not None
        segments = self._segments(logits, batch)
        select = mask_loss(mask, batch.mask, batch.certain, batch.chosen)
        scores = (f"{float(segments):.4f}", f"{float(select):.4f}")
        columns = ("samples", "side", "photos", "segments", "select_2")
        row = (run.progress.samples, stage.side, stage.batch, *scores)
        validation.append(run.folder / "validation.csv", row, columns)


class Person:
    """Someone who clicks on the objects of a batch: first inside each, then where the answer is most wrong. At the
    first round some click more than once, also outside, as people do who know what they want."""

    def __init__(self, batch: MaskTensors, rng: np.random.Generator) -> None:
        self.truth = batch.mask.cpu().numpy() > 0.5
        self.certain = batch.certain.cpu().numpy() > 0.5
        self.rng, self.device = rng, batch.mask.device
        self.clicks: list[list[clicks.Click]] = [[] for _ in self.truth]

    def __call__(self, logits: Tensor | None) -> Tensor:
        """(B, 5, H, W): the planes after another click on each object; `logits` (B, 1, H, W) of the round before."""
        soft = None if logits is None else logits[:, 0].detach().float().sigmoid().cpu().numpy()
        rows = []
        for n, truth in enumerate(self.truth):
            answer = np.zeros_like(truth) if soft is None else soft[n] > 0.5
            for _ in range(1 if soft is not None or self.rng.random() < 0.7 else int(self.rng.integers(2, 4))):
                click = clicks.next_click(truth, answer, self.certain[n], self.rng)
                if click is not None:
                    self.clicks[n].append(click)
            rows.append(clicks.planes(self.clicks[n], None if soft is None else soft[n], truth.shape))
        return torch.from_numpy(np.stack(rows)).to(self.device)
