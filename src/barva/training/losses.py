"""Losses as the papers write them."""

from __future__ import annotations

import torch
from torch import Tensor


def soft_cross_entropy(logits: Tensor, index: Tensor, weight: Tensor, rebalance: Tensor) -> Tensor:
    """Multinomial cross entropy with rebalancing (Zhang et al. 2016, equation 2), averaged over pixels.

    `logits` (B, Q, h, w); soft code `index`, `weight` (B, h, w, K); `rebalance` (Q,) weighs each pixel by its nearest
    bin.
    """
    log_p = torch.log_softmax(logits.float(), dim=1).permute(0, 2, 3, 1)
    picked = (log_p.gather(3, index) * weight).sum(-1)
    return -(picked * rebalance[index[..., 0]]).mean()
