"""Losses as the papers write them.

Axes: B batch, Q chroma bins, h rows, w columns (of the answer), K neighbors of a soft code.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from barva.color import bins
from barva.types import Float

ALIKE = 4.0
"""Places that differ by so much in Lab may still be of one surface."""

UNEVEN = 10.0
"""Lab units that count as 1 in `unevenness`."""

_LIMIT = 128  # chroma is rounded to -128..127


def soft_cross_entropy(logits: Tensor, index: Tensor, weight: Tensor, rebalance: Tensor) -> Tensor:
    """Multinomial cross entropy with rebalancing (Zhang et al. 2016, equation 2), averaged over pixels.

    `logits` (B, Q, h, w); soft code `index`, `weight` (B, h, w, K); `rebalance` (Q,) weighs each pixel by its nearest
    bin.
    """
    # logits lie channels-last, so that the permuted view is contiguous: three times as fast as over the second axis
    log_p = torch.log_softmax(logits.permute(0, 2, 3, 1).float(), dim=-1)
    picked = (log_p.gather(3, index) * weight).sum(-1)
    return -(picked * rebalance[index[..., 0]]).mean()


def soft_code(ab: Tensor) -> tuple[Tensor, Tensor]:
    """`bins.encode` of (B, 2, h, w) Lab chroma on the tensor's device: index (B, h, w, 5) int64, weight float32."""
    index, weight = _table(str(ab.device))
    at = (ab.round().clamp(-_LIMIT, _LIMIT - 1) + _LIMIT).long()
    flat = at[:, 0] * (2 * _LIMIT) + at[:, 1]
    return index[flat].long(), weight[flat]


@lru_cache(maxsize=4)
def _table(device: str) -> tuple[Tensor, Tensor]:
    axis = np.arange(-_LIMIT, _LIMIT, dtype=np.float32)
    index, weight = bins.encode(np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2))
    return torch.from_numpy(index).to(device), torch.from_numpy(weight).to(device)


def rebalancing(p: Float, lam: float = 0.5, sigma: float = 5.0) -> Float:
    """Class weights of Zhang et al. 2016, equation 4: w ~ ((1 - lam) p~ + lam / Q)^-1 with sum p~ w = 1.

    p~ is the empirical bin distribution `p` (Q,) smoothed over the ab plane by a Gaussian of `sigma` Lab units.
    """
    d2 = ((bins.BINS[:, None] - bins.BINS[None]) ** 2).sum(-1)
    G = np.exp(-d2 / (2 * sigma**2)).astype(np.float64)
    p = G / G.sum(0) @ p  # every bin hands out its own share, none is lost over the gamut's edge
    p = p / p.sum()
    w = 1 / ((1 - lam) * p + lam / len(p))
    return np.asarray(w / (p * w).sum(), np.float32)


def verdict(logits: Tensor, real: bool, kind: str) -> Tensor:
    """How far a discriminator's verdict lies from `real`: "cross_entropy" (Goodfellow et al. 2014, the generator's
    form that does not saturate) or "least_squares" (Mao et al. 2017, with 1 for real and 0 for generated)."""
    truth = torch.full_like(logits, float(real))
    if kind == "cross_entropy":
        return F.binary_cross_entropy_with_logits(logits, truth)
    return F.mse_loss(logits, truth)


def content(answer: Tensor, truth: Tensor, kind: str) -> Tensor:
    """Distance of the answered from the true picture: "l1", "mse", or "none", which is 0."""
    if kind == "none":
        return answer.new_zeros(())
    return F.l1_loss(answer, truth) if kind == "l1" else F.mse_loss(answer, truth)


def unevenness(ab: Tensor, truth: Tensor, light: Tensor) -> Tensor:
    """How much answered chroma varies where the photo's does not: blotches and glow on one plain surface.

    The mean distance of the answers of two places 1, 2, 4 and 8 apart, in units of `UNEVEN`, weighted by how like both
    are in true chroma and in light: across a border, where truth differs, nothing is asked.

    Args:
        ab: (B, 2, h, w) answered Lab chroma.
        truth: (B, 2, h, w) true Lab chroma.
        light: (B, 1, h, w) L.

    Examples:
        >>> plain = torch.zeros(1, 2, 9, 9)
        >>> float(unevenness(plain + 30, plain, plain[:, :1]))
        0.0
    """
    total = weights = ab.new_zeros(())
    for step in (1, 2, 4, 8):
        for axis in (2, 3):
            n = ab.shape[axis] - step
            if n <= 0:
                continue
            answers, photo = (
                x.narrow(axis, 0, n) - x.narrow(axis, step, n) for x in (ab, torch.cat([truth, light], 1))
            )
            weight = torch.exp(-photo.square().sum(1) / (2 * ALIKE**2))
            distance = (answers.square().sum(1) + 1e-4).sqrt() - 1e-2  # a root of nought has no gradient
            total, weights = total + (weight * distance).sum(), weights + weight.sum()
    return total / weights.clamp(min=1) / UNEVEN
