"""The shipped `guided` as a part of other networks' training: `methods.summary` in torch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.color import bins
from barva.methods import summary
from barva.models.diffusion import STRIDE
from barva.training.objectives.base import Facts
from barva.training.recipe import objective_of
from barva.training.start import AUXILIARY, SHIPPED, open_start


class GuidedSummary(nn.Module):
    """Light and hints (B, 4, H, W) to the planes of `methods.summary` (B, PLANES, H / 4, W / 4); never trained."""

    def __init__(self) -> None:
        super().__init__()
        start = open_start(SHIPPED, summary.GUIDED)
        even = np.full(len(bins.BINS), 1 / len(bins.BINS), np.float32)
        net = objective_of(summary.GUIDED)(start.recipe, Facts(even, 0)).build()["net"]
        net.load_state_dict({k: v for k, v in start.state.items() if not k.startswith(AUXILIARY)})
        self.net = net.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.register_buffer("log_w", torch.from_numpy(summary.log_weights())[:, None, None])

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        size, shown = (x.shape[2] // STRIDE, x.shape[3] // STRIDE), summary.input_size(x.shape[2], x.shape[3])
        if shown != x.shape[2:]:
            x = F.interpolate(x, size=shown, mode="bilinear")
        planes = summarize(self.net(x).float() - self.log_w)
        return planes if planes.shape[2:] == size else F.interpolate(planes, size=size, mode="bilinear")


def summarize(logits: Tensor) -> Tensor:
    """(B, PLANES, h, w) of logits (B, bins, h, w) that no class weights are left in."""
    mean, kinds = (torch.from_numpy(m).to(logits.device) for m in (summary.MEAN, summary.KINDS))
    p, sharp = logits.softmax(1), (logits / summary.SHARP).softmax(1)

    def planes(matrix: Tensor, shares: Tensor) -> Tensor:
        return F.conv2d(shares, matrix[:, :, None, None])

    return torch.cat([planes(mean, p), planes(mean, sharp), planes(kinds, p)], dim=1)
