"""Statistics for batch norms that have none: those of an exported network, folded into its convolutions.

In training a batch norm takes the batch's mean and variance off what reaches it. Where it stands for nothing (gamma 1,
beta the bias), that would undo what the convolution before it has learned. So what reaches each norm is measured on
photos first; with `gamma sqrt(var + eps)` and `beta + gamma mean` in their place it answers the same in evaluation, and
nearly the same in training, where a batch's statistics are near those of all photos.

Folding also scaled each channel's kernel by `gamma / sigma`, from 0.02 to 7 in our networks, and Adam's steps have one
size for all weights. So each kernel is scaled to answers of variance 1, and its norm gives the scale back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from barva.training.hooks import evaluation

BATCHES = 8
"""Batches of the run on which statistics are measured."""


class _Moments:
    """Sums of what reaches one norm, by channel."""

    def __init__(self) -> None:
        self.count, self.total, self.squares = 0, torch.zeros(()), torch.zeros(())

    def add(self, _module: Any, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].detach().float()
        n = x.numel() // x.shape[1]
        variance, mean = (value.double() for value in torch.var_mean(x, (0, 2, 3), correction=0))
        self.count += n
        self.total = self.total.to(mean) + n * mean
        self.squares = self.squares.to(mean) + n * (variance + mean.square())


@torch.no_grad()
def measure(net: nn.Module, pairs: Sequence[tuple[str, str]], run: Callable[[], object]) -> None:
    """Give batch norms the statistics of what reaches them, without changing what they answer in evaluation.

    Args:
        net: The network; it is put into evaluation meanwhile.
        pairs: Its convolutions and the batch norms behind them, by name.
        run: Runs the network on photos as training shows them, as often as it likes.
    """
    layers: list[tuple[Any, Any]] = [(net.get_submodule(a), net.get_submodule(b)) for a, b in pairs]
    moments = [_Moments() for _ in layers]
    hooks = [
        norm.register_forward_pre_hook(partial(_Moments.add, sums))
        for (_, norm), sums in zip(layers, moments, strict=True)
    ]
    with evaluation(net, hooks):
        run()
    for (convolution, norm), sums in zip(layers, moments, strict=True):
        if sums.count:
            _renormalize(convolution, norm, sums)


def _renormalize(convolution: Any, norm: Any, moments: _Moments) -> None:
    mean = moments.total / moments.count
    variance = (moments.squares / moments.count - mean.square()).clamp(min=0)
    # y = scale x + shift, before and after
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    shift = norm.bias.double() - scale * norm.running_mean.double()
    factor = 1 / (variance + norm.eps).sqrt()
    axes = [1] * convolution.weight.ndim
    axes[1 if convolution.transposed else 0] = -1
    convolution.weight.copy_(convolution.weight.double() * factor.view(axes))
    if convolution.bias is not None:
        convolution.bias.copy_(convolution.bias.double() * factor)
    mean, variance, scale = mean * factor, variance * factor.square(), scale / factor
    norm.weight.copy_(scale * (variance + norm.eps).sqrt())
    norm.bias.copy_(shift + scale * mean)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
