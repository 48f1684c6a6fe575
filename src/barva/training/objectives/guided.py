"""Objective of `guided`: rebalanced cross entropy over chroma bins, and the photo's subject as an auxiliary task."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.color import bins
from barva.models.guided import GuidedNet
from barva.training import losses
from barva.training.data import Batch, Float
from barva.training.recipe import Recipe


class Objective:
    """Builds the network and gives each batch its loss."""

    def __init__(self, recipe: Recipe, prior: Float, labels: int) -> None:
        self.recipe, self.labels = recipe, labels
        self.rebalance = torch.from_numpy(bins.rebalancing(prior, recipe.rebalance))

    def build(self) -> nn.Module:
        return GuidedNet(**self.recipe.model, labels=self.labels)  # type: ignore[arg-type]

    def loss(self, net: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Cross entropy (Zhang et al. 2016, equation 2) plus `label_loss` times the subject's cross entropy (Iizuka et
        al. 2016, equation 4), the latter over the photos whose subject is known."""
        x = torch.from_numpy(batch.inputs).to(memory_format=torch.channels_last)
        label = torch.from_numpy(batch.label)
        with torch.autocast("cpu", torch.bfloat16):
            logits, subject = net(x, classify=True)
        index, weight = bins.encode(quarter(batch.ab))
        color = losses.soft_cross_entropy(
            logits, torch.from_numpy(index.astype(np.int64)), torch.from_numpy(weight), self.rebalance
        )
        known = label >= 0
        what = F.cross_entropy(subject.float()[known], label[known]) if known.any() else color.new_zeros(())
        parts = {"color": float(color.detach()), "subject": float(what.detach())}
        return color + self.recipe.label_loss * what, parts


def quarter(ab: Float) -> Float:
    """Chroma (B, S, S, 2) averaged over 4 x 4 pixels."""
    n, s = ab.shape[:2]
    return np.asarray(ab.reshape(n, s // 4, 4, s // 4, 4, 2).mean((2, 4)), np.float32)
