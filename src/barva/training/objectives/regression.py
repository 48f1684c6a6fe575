"""Objective of `regression`: mean squared error in one color space (source documents 003 and 000).

Axes: B batch, C channels, S side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from torch import Tensor, nn
from torch.nn import functional as F

from barva.models.regression import RegressionNet
from barva.training import colors
from barva.training.objectives.base import Facts, Nets, OneNetwork, Tensors
from barva.training.recipe import Recipe


@dataclass(frozen=True)
class RegressionModel:
    """`space`: what the network answers. "lab": a, b over 110. "yuv": U, V over their maxima. "rgb": R, G, B, of which
    painting keeps the chroma; the comparison of source document 000, which found it worse."""

    space: Literal["rgb", "yuv", "lab"] = "lab"


@dataclass(frozen=True)
class RegressionLoss:
    """Mean squared error has no settings."""


class Objective(OneNetwork):
    """The formula: mean ||f(light) - truth||^2 over pixels and channels, both -1..1."""

    MODEL: ClassVar = RegressionModel
    LOSS: ClassVar = RegressionLoss
    CHANNELS: ClassVar = 1

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        model: RegressionModel = recipe.model
        self.space = model.space

    def build(self) -> dict[str, nn.Module]:
        return {"net": RegressionNet(3 if self.space == "rgb" else 2)}

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        truth = colors.encode(self.space, batch.lightness, batch.ab)
        error = F.mse_loss(nets["net"](batch.light).float(), truth)
        return error, {"mse": float(error.detach())}

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        return colors.decode(self.space, net(light), light)

    def export_module(self, net: nn.Module) -> nn.Module:
        return net

    def facts(self) -> dict[str, Any]:
        """What the weights' card must tell the method."""
        return {"space": self.space}
