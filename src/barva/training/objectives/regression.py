"""Objective of `regression`: mean squared error on scaled ab (source document 003)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.models.regression import RegressionNet
from barva.training.data import Batch, Float
from barva.training.recipe import Recipe


class Objective:
    """Builds the network and gives each batch its loss."""

    def __init__(self, recipe: Recipe, prior: Float, labels: int) -> None:
        self.recipe = recipe

    def build(self) -> nn.Module:
        return RegressionNet()

    def loss(self, net: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        light = torch.from_numpy(batch.inputs[:, :1].copy()).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            answer = net(light)
        truth = torch.from_numpy(batch.ab).permute(0, 3, 1, 2) / 110
        error = F.mse_loss(answer.float(), truth)
        return error, {"mse": float(error.detach())}
