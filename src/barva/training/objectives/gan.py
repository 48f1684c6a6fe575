"""Objective of `gan`: the mask-guided GAN of source document 000, and pix2pix (Isola et al. 2017) as a setting of it.

Axes: B batch, C channels, S side. The discriminator sees what the generator saw and the chroma, at the generator's
output size: light (1), hints (3), true or generated chroma (2; in rgb 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from barva.models.discriminators import Judge, PatchJudge
from barva.models.gan import FPN, UNet
from barva.training import colors, losses
from barva.training.objectives.base import Facts, Nets, Tensors
from barva.training.recipe import Recipe


@dataclass(frozen=True)
class GanModel:
    """`half`: chroma at half of the size. `layers` of the discriminator: 5 as in the document, 7 its planned successor,
    or a PatchGAN of `patch` px (70, 34 or 16) at the size of the chroma; `judge` is its first width. `space`: what the
    generator answers, as in `regression`; of "rgb" painting keeps the chroma."""

    generator: Literal["unet", "fpn"] = "unet"
    widths: tuple[int, ...] = (24, 48, 96, 192, 256)
    half: bool = True
    space: Literal["lab", "yuv", "rgb"] = "lab"
    layers: Literal["5", "7", "patch"] = "5"
    patch: int = 70
    judge: int = 32


@dataclass(frozen=True)
class GanLoss:
    """`schedule`: "alternating" gives both players one turn a step. "gated" is the document's: both have their turn,
    and then `extra` more go to the discriminator if it was wrong about this batch before the step, else to the
    generator. The document says "additional" cycles, so the common turn stays.

    `content` holds the chroma near the photo's. The document names none; but a discriminator alone only asks for
    plausible colors, needs many more samples than ours for that, and lets the generator ignore the hints. pix2pix's L1
    and its weight are therefore the default.
    """

    schedule: Literal["gated", "alternating"] = "gated"
    extra: int = 1
    verdict: Literal["cross_entropy", "least_squares"] = "cross_entropy"
    content: Literal["l1", "mse", "none"] = "l1"
    content_weight: float = 100.0


class Objective:
    """min_G max_D of the verdicts, plus `content_weight` times the distance to the true chroma."""

    MODEL: ClassVar = GanModel
    LOSS: ClassVar = GanLoss
    CHANNELS: ClassVar = 4

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.model: GanModel = recipe.model
        self.settings: GanLoss = recipe.loss

    def build(self) -> dict[str, nn.Module]:
        m = self.model
        generator = UNet if m.generator == "unet" else FPN
        planes = 3 if m.space == "rgb" else 2
        seen = 4 + planes  # what the generator saw, and its answer
        judge = PatchJudge(seen, m.patch, m.judge) if m.layers == "patch" else Judge(seen, int(m.layers), m.judge)
        return {"net": generator(4, planes, m.widths, m.half), "judge": judge}

    def players(self) -> dict[str, tuple[str, ...]]:
        return {"discriminator": ("judge",), "generator": ("net",)}

    def turns(self, nets: Nets, batch: Tensors) -> Sequence[str]:
        both = ("discriminator", "generator")
        if self.settings.schedule == "alternating":
            return both
        more = "generator" if self.right(nets, batch) else "discriminator"
        return both + (more,) * self.settings.extra

    @torch.no_grad()
    def right(self, nets: Nets, batch: Tensors) -> bool:
        """Is the mean verdict on the real pictures "real" and the one on the generated pictures "generated"?"""
        given = _condition(batch)
        generated = nets["net"](given).float()
        middle = 0.0 if self.settings.verdict == "cross_entropy" else 0.5
        real = float(nets["judge"](_picture(given, self._truth(batch, generated))).float().mean())
        fake = float(nets["judge"](_picture(given, generated)).float().mean())
        return real > middle > fake

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        return self._generator(nets, batch) if player == "generator" else self._discriminator(nets, batch)

    def _generator(self, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        given, s = _condition(batch), self.settings
        generated = nets["net"](given).float()
        fooled = losses.verdict(nets["judge"](_picture(given, generated)).float(), True, s.verdict)
        content = losses.content(generated, self._truth(batch, generated), s.content)
        parts = {"fooled": float(fooled.detach()), "content": float(content.detach())}
        return fooled + s.content_weight * content, parts

    def _discriminator(self, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        given, kind = _condition(batch), self.settings.verdict
        with torch.no_grad():
            generated = nets["net"](given).float()
        real = losses.verdict(nets["judge"](_picture(given, self._truth(batch, generated))).float(), True, kind)
        fake = losses.verdict(nets["judge"](_picture(given, generated)).float(), False, kind)
        # halved, so that the discriminator learns no faster than the generator (Isola et al. 2017, section 3.3)
        return (real + fake) / 2, {"real": float(real.detach()), "fake": float(fake.detach())}

    def _truth(self, batch: Tensors, like: Tensor) -> Tensor:
        return colors.pool(colors.encode(self.model.space, batch.lightness, batch.ab), like)

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        return colors.decode(self.model.space, net(torch.cat([light, hints], 1)), light)

    def export_module(self, net: nn.Module) -> nn.Module:
        return net

    def facts(self) -> dict[str, Any]:
        """What the weights' card must tell the method."""
        return {"space": self.model.space}


def _condition(batch: Tensors) -> Tensor:
    return torch.cat([batch.light, batch.hints], 1)


def _picture(given: Tensor, chroma: Tensor) -> Tensor:
    return torch.cat([colors.pool(given, chroma), chroma], 1)
