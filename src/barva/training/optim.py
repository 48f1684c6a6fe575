"""Optimisers and their rates."""

from __future__ import annotations

import math

import torch
from torch import nn

from barva.training.recipe import Optim


def rate_at(optim: Optim, done: float, step: int) -> float:
    """Linear warm-up, then a cosine down to the share `final` of `lr`."""
    cosine = optim.final + (1 - optim.final) * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))
    return optim.lr * min(1.0, (step + 1) / max(optim.warmup, 1)) * cosine


def optimizer_for(optim: Optim, networks: list[nn.Module]) -> torch.optim.Optimizer:
    """One optimiser for a player's networks; AdamW does not decay biases and normalisation."""
    kernels = [p for n in networks for p in n.parameters() if p.requires_grad and p.ndim >= 2]
    others = [p for n in networks for p in n.parameters() if p.requires_grad and p.ndim < 2]
    if optim.name == "sgd":
        return torch.optim.SGD([*kernels, *others], lr=optim.lr, momentum=optim.beta1)
    betas = (optim.beta1, optim.beta2)
    if optim.name == "adam":
        return torch.optim.Adam([*kernels, *others], lr=optim.lr, betas=betas, fused=True)
    groups = [{"params": kernels, "weight_decay": optim.decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=optim.lr, betas=betas, fused=True)
