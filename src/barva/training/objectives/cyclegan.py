"""Objective of `cyclegan`: unpaired archives (Zhu et al. 2017). X are old photographs, of which there is only light; Y
are modern color photographs.

Axes: B batch, C channels, S side. The first half of a batch is X: its light (that of old photos where the sampler has
some, else of color photos, film-simulated where the recipe says so), and nothing else of these photos. The second half
is Y: true light and chroma. So no photo of a batch is seen both old and in color. `net` (A) gives old light its chroma
and leaves the light alone; `ager` (B) turns a color photo into old light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.methods.decoding import AB_MAX
from barva.models.discriminators import PatchJudge, Remembering
from barva.models.gan import Ager, UNet
from barva.training import colors, losses
from barva.training.objectives.base import Facts, Nets, Tensors
from barva.training.recipe import Recipe


@dataclass(frozen=True)
class CycleganModel:
    """`widths` of both generators; `judge` and `patch` of both PatchGANs; `memory` pictures are kept for each."""

    widths: tuple[int, ...] = (16, 32, 64, 128, 192)
    judge: int = 32
    patch: int = 34
    memory: int = 50


@dataclass(frozen=True)
class CycleganLoss:
    """Weights of the cycle and the identity losses, as published (section 4, and 5.2 for color)."""

    cycle: float = 10.0
    identity: float = 5.0


@dataclass(frozen=True)
class _Sides:
    """`old` (n, 1, S, S); `light` (n, 1, S, S) and `ab` (n, 2, S, S) over 110 of the modern photos."""

    old: Tensor
    light: Tensor
    ab: Tensor


class Objective:
    """Least-squares GAN both ways, plus `cycle` times both cycles, plus `identity` times both identities."""

    MODEL: ClassVar = CycleganModel
    LOSS: ClassVar = CycleganLoss
    CHANNELS: ClassVar = 1

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.model: CycleganModel = recipe.model
        self.settings: CycleganLoss = recipe.loss

    def build(self) -> dict[str, nn.Module]:
        m = self.model
        return {
            "net": UNet(1, 2, m.widths, norm="group"),
            "ager": Ager(m.widths),
            "judge_color": Remembering(PatchJudge(3, m.patch, m.judge), 3, m.memory),
            "judge_old": Remembering(PatchJudge(1, m.patch, m.judge), 1, m.memory),
        }

    def players(self) -> dict[str, tuple[str, ...]]:
        return {"generators": ("net", "ager"), "discriminators": ("judge_color", "judge_old")}

    def turns(self, nets: Nets, batch: Tensors) -> Sequence[str]:
        return ("generators", "discriminators")

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        sides = _sides(batch)
        return self._generators(nets, sides) if player == "generators" else self._discriminators(nets, sides)

    def _generators(self, nets: Nets, s: _Sides) -> tuple[Tensor, dict[str, float]]:
        chroma = nets["net"](s.old).float()  # A(x), at half of the size
        ab = colors.enlarge(chroma, s.old)
        aged = nets["ager"](torch.cat([s.light, s.ab], 1)).float()  # B(y)
        fooled = _verdict(nets["judge_color"](_as_input(s.old, chroma)), True)
        fooled = fooled + _verdict(nets["judge_old"](aged), True)
        # B(A(x)) against x; of A(B(y)) the chroma, for its light is B's
        cycle = F.l1_loss(nets["ager"](torch.cat([s.old, ab], 1)).float(), s.old)
        cycle = cycle + F.l1_loss(_chroma(nets["net"], aged), s.ab)
        # A given what is in color already, B what is old already: chroma, or light, as it is
        identity = F.l1_loss(_chroma(nets["net"], s.light), s.ab)
        identity = identity + F.l1_loss(nets["ager"](torch.cat([s.old, torch.zeros_like(ab)], 1)).float(), s.old)
        whole = fooled + self.settings.cycle * cycle + self.settings.identity * identity
        parts = {"fooled": fooled, "cycle": cycle, "identity": identity}
        return whole, {name: float(part.detach()) for name, part in parts.items()}

    def _discriminators(self, nets: Nets, s: _Sides) -> tuple[Tensor, dict[str, float]]:
        with torch.no_grad():
            chroma = nets["net"](s.old).float()
            aged = nets["ager"](torch.cat([s.light, s.ab], 1)).float()
        real = _verdict(nets["judge_color"](_as_input(s.light, colors.pool(s.ab, chroma))), True)
        real = real + _verdict(nets["judge_old"](s.old), True)
        fake = _verdict(nets["judge_color"](_as_input(s.old, chroma), remember=True), False)
        fake = fake + _verdict(nets["judge_old"](aged, remember=True), False)
        # halved, so that the discriminators learn no faster than the generators (appendix 7.1)
        return (real + fake) / 2, {"real": float(real.detach()), "fake": float(fake.detach())}

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        return AB_MAX * _chroma(net, light)

    def export_module(self, net: nn.Module) -> nn.Module:
        return net

    def facts(self) -> dict[str, Any]:
        """What the weights' card must tell the method."""
        return {"space": "lab"}


def _sides(batch: Tensors) -> _Sides:
    n = len(batch.light) // 2
    assert n, "a batch needs an old and a modern photo"
    return _Sides(batch.light[:n], batch.lightness[n : 2 * n], batch.ab[n : 2 * n] / AB_MAX)


def _chroma(net: nn.Module, light: Tensor) -> Tensor:
    return colors.enlarge(net(light).float(), light)


def _verdict(answer: Tensor, real: bool) -> Tensor:
    return losses.verdict(answer.float(), real, "least_squares")


def _as_input(light: Tensor, chroma: Tensor) -> Tensor:
    """What the judge of color sees: chroma, and the light with mean 0 and deviation 1 in each picture.

    A leaves the light as it is, faded; judged as it is, fading alone would tell the sides apart, and nothing that A
    can do about chroma would help.
    """
    light = colors.pool(light, chroma)
    mean = light.mean((1, 2, 3), keepdim=True)
    deviation = (light - mean).square().mean((1, 2, 3), keepdim=True).sqrt()
    return torch.cat([(light - mean) / (deviation + 0.05), chroma], 1)
