"""Optimizers and their rates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from barva.models.efficient import EfficientLite
from barva.training.recipe import Optim


def rate_at(optim: Optim, done: float, step: int) -> float:
    """Linear warm-up, then a cosine down to the share `final` of `lr`."""
    cosine = optim.final + (1 - optim.final) * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))
    return optim.lr * min(1.0, (step + 1) / max(optim.warmup, 1)) * cosine


def optimizer_for(optim: Optim, networks: list[nn.Module]) -> torch.optim.Optimizer:
    """One optimizer for a player's networks; AdamW does not decay biases and normalization.

    Each group's `share` is the factor on the rate of `rate_at`: `Optim.encoder` for what was trained on ImageNet.
    """
    parameters = [p for n in networks for p in n.parameters() if p.requires_grad]
    pretrained = {id(p) for n in networks for m in n.modules() if isinstance(m, EfficientLite) for p in m.parameters()}
    groups = []
    for share in (1.0, optim.encoder) if pretrained and optim.encoder != 1 else (1.0,):
        own = [p for p in parameters if optim.encoder == 1 or (id(p) in pretrained) == (share != 1)]
        for decay, params in ((optim.decay, [p for p in own if p.ndim >= 2]), (0.0, [p for p in own if p.ndim < 2])):
            groups.append({"params": params, "weight_decay": decay, "share": share})
    if optim.name == "sgd":
        groups = [{**group, "weight_decay": 0.0} for group in groups]
        return torch.optim.SGD(groups, lr=optim.lr, momentum=optim.beta1)
    betas = (optim.beta1, optim.beta2)
    if optim.name == "adam":
        groups = [{**group, "weight_decay": 0.0} for group in groups]
        return torch.optim.Adam(groups, lr=optim.lr, betas=betas, fused=True)
    return torch.optim.AdamW(groups, lr=optim.lr, betas=betas, fused=True)


def clip_gradients(fabric: Any, networks: Iterable[nn.Module], optimizer: Any, limit: float) -> bool:
    """Clip the gradients of networks to the norm `limit` each (0: leave them). False where one of them is no number, so
    that no step can be taken."""
    norms = [
        fabric.clip_gradients(net, optimizer, max_norm=limit or math.inf, error_if_nonfinite=False) for net in networks
    ]
    return bool(torch.isfinite(torch.stack([torch.as_tensor(norm) for norm in norms])).all())


@torch.no_grad()
def move_average(mean: nn.Module, net: nn.Module, keep: float) -> None:
    """`mean = keep mean + (1 - keep) net`, of weights and batch statistics."""
    pairs = zip(mean.state_dict().values(), net.state_dict().values(), strict=True)
    averages, values = zip(*((m, n) for m, n in pairs if m.dtype.is_floating_point), strict=True)
    torch._foreach_lerp_(averages, values, 1 - keep)
