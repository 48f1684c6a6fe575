"""Objective of `diffusion`: denoising at every noise level (EDM, Karras et al. 2022), and consistency distillation of
what that learned (Song et al. 2023) for one or two steps.

EDM and not rectified flow: its noise is only added, never mixed in, so that a draft with noise (SDEdit) and a part that
is kept need no rescaling; and consistency models are published in its very terms, so that the distilled network has the
same inputs, the same file and the same sampler's noise levels.

Axes: B batch, S side of the light, s = S / 4 side of the chroma.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.color import bins
from barva.errors import TrainingError
from barva.methods import samples, sampling, summary
from barva.methods.base import PaintOptions
from barva.methods.neural import diffusion as method
from barva.models.diffusion import STRIDE, Denoiser, DiffusionNet, repeat_conditions
from barva.models.efficient import pretrained_weights
from barva.training import colors, losses
from barva.training.objectives.base import Facts, Nets, Tensors
from barva.training.recipe import Recipe

LEVELS = sampling.Levels(sigma_min=0.01, sigma_max=20.0)
"""Chroma at a quarter of the size has no detail finer than 0.01, a quarter of a Lab unit; 20 hides all of it."""

SHEET_STEPS = 8
"""Steps of the samples on sheets and in validation, of a network that is not distilled."""


RARE = 5e-3
"""A color of a smaller share of a photo is none of its palette."""

DISTILLING = 2.0
"""The buffer `learned` of a network that is being distilled; of a denoiser it is 1, averaged anything up to that."""


@dataclass(frozen=True)
class DiffusionModel:
    """Channels and blocks at strides 4, 8, 16 and 32, attention blocks at the last, the code's length; whether
    ImageNet's features are seen ("frozen": only their normalization learns, which follows the gray photos)."""

    widths: tuple[int, ...] = (48, 96, 160, 256)
    depths: tuple[int, ...] = (1, 1, 2, 1)
    attentions: int = 1
    code: int = 192
    encoder: Literal["none", "frozen"] = "frozen"


@dataclass(frozen=True)
class DiffusionLoss:
    """What is learned, and with which settings the method runs.

    `kind`: "denoise", or "consistency", which distills a denoiser (`--start` names its run). `p_mean`, `p_std`: of
    log sigma; the paper's -1.2 and 1.2 are for pictures, whose detail is lost at lower levels than smooth chroma's.
    `noises`: noise levels that each photo of a batch gets, for its conditions cost more than its denoising.
    `drop`: the share of samples that are given nothing, for guidance; `palette`: the share that is given the photo's
    histogram. `hint_guidance`, `light_guidance`: w of classifier-free guidance, of the method or of the teacher; a
    distilled network has it in itself. `temperature`: of the method's noise. `intervals`: noise levels of distillation;
    `target`: the share that the target keeps at each step.
    """

    kind: Literal["denoise", "consistency"] = "denoise"
    p_mean: float = -0.4
    p_std: float = 1.5
    noises: int = 3
    drop: float = 0.1
    palette: float = 0.3
    hint_guidance: float = 0.5
    light_guidance: float = 1.0
    temperature: float = 0.85
    intervals: int = 18
    target: float = 0.95


class Objective:
    """Builds the networks and gives each batch its loss."""

    MODEL: ClassVar = DiffusionModel
    LOSS: ClassVar = DiffusionLoss
    CHANNELS: ClassVar = 4

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        self.model: DiffusionModel = recipe.model
        self.settings: DiffusionLoss = recipe.loss
        self._guided: nn.Module | None = None
        self.soft = torch.from_numpy(np.stack([method.palette_histogram((tuple(ab),))[:-1] for ab in bins.BINS]))

    @property
    def distills(self) -> bool:
        return self.settings.kind == "consistency"

    @property
    def learned(self) -> float:
        """What the buffer `learned` is after a run of this kind."""
        return DISTILLING if self.distills else 1.0

    def example(self) -> tuple[Tensor, ...]:
        """What the network can be called with."""
        x, palette = torch.zeros(1, self.CHANNELS, 128, 160), torch.zeros(1, len(bins.BINS) + 1)
        likely = torch.zeros(1, summary.PLANES, 32, 40)
        return torch.zeros(1, 2, 32, 40), torch.zeros(1), x, palette, likely, torch.ones(1)

    def likely(self, x: Tensor) -> Tensor:
        """The summary (B, PLANES, S / 4, S / 4) of what the shipped `guided` thinks of light and hints."""
        if self._guided is None:
            from barva.training.guided_summary import GuidedSummary

            self._guided = GuidedSummary()
        planes: Tensor = self._guided.to(x.device)(x)
        return planes

    def build(self) -> dict[str, nn.Module]:
        """`net`; in distillation also the denoisers `teacher` and `target`, which `turns` fills once."""
        m = self.model
        net = DiffusionNet(
            m.widths, m.depths, m.attentions, m.code, len(bins.BINS), summary.PLANES, m.encoder != "none"
        )
        if net.condition.encoder is not None:
            net.condition.encoder.load_pretrained(pretrained_weights())
            net.condition.encoder.requires_grad_(False)
        if not self.distills:
            return {"net": net}
        net.condition.requires_grad_(False)
        copies = {name: Denoiser(m.widths, m.depths, m.attentions, m.code) for name in ("teacher", "target")}
        for copy in copies.values():
            copy.requires_grad_(False).register_buffer("filled", torch.zeros(()))
        return {"net": net, **copies}

    def players(self) -> dict[str, tuple[str, ...]]:
        return {"net": ("net",)}

    def turns(self, nets: Nets, batch: Tensors) -> Sequence[str]:
        """In distillation also: the first step's teacher is the network that the run begins with, and before each step
        the target goes a little way to the network.

        Raises:
            TrainingError: the run begins with a network that is no denoiser.
        """
        net = _bare(nets["net"])
        if not self.distills:
            net.learned.fill_(1.0)
            return ("net",)
        teacher, target = _bare(nets["teacher"]), _bare(nets["target"])
        begins = not teacher.filled
        if begins and not 0 < net.learned <= 1:
            state = "a distilled network" if net.learned > 0 else "none"
            raise TrainingError(
                f"distillation needs a trained denoiser (--start RUN of recipe 'diffusion'); here is {state}"
            )
        net.condition.eval()
        with torch.no_grad():
            if begins:
                for copy in (teacher, target):
                    copy.load_state_dict(net.denoise.state_dict(), strict=False)
                    copy.filled.fill_(1.0)
                net.learned.fill_(DISTILLING)
            now, mean = list(net.denoise.parameters()), list(target.parameters())
            torch._foreach_lerp_(mean, now, 1 - self.settings.target)
        return ("net",)

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        y = F.avg_pool2d(batch.ab, STRIDE) / samples.SCALE
        x = torch.cat([batch.light, batch.hints], dim=1).to(memory_format=torch.channels_last)
        palette = self._palette(batch.ab)
        if self.distills:
            return self._distill(nets, y, x, palette)
        return self._denoise(nets["net"], y, x, palette)

    def _denoise(self, net: nn.Module, y: Tensor, x: Tensor, palette: Tensor) -> tuple[Tensor, dict[str, float]]:
        """EDM, equation 8, with the weight of table 1: the mean squared error of the raw network's answer."""
        s = self.settings
        y = y.repeat(s.noises, 1, 1, 1)
        sigma = torch.exp(s.p_mean + s.p_std * torch.randn(len(y), device=y.device))
        keep = (torch.rand(len(y), device=y.device) >= s.drop).to(y.dtype)
        noisy = y + _expand(sigma) * torch.randn_like(y)
        skip, out, scale = _preconditioning(sigma)
        answer = net(_expand(scale) * noisy, sigma.log() / 4, x, palette, self.likely(x), keep).float()
        error = ((answer - (y - _expand(skip) * noisy) / _expand(out)) ** 2).mean((1, 2, 3))
        parts = {"denoise": float(error.detach().mean())}
        for name, low, high in (("low", 0.0, 0.3), ("middle", 0.3, 3.0), ("high", 3.0, 1e9)):
            chosen = (sigma >= low) & (sigma < high)
            if chosen.any():
                parts[name] = float(error.detach()[chosen].mean())
        return error.mean(), parts

    def _distill(self, nets: Nets, y: Tensor, x: Tensor, palette: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Consistency distillation (Song et al. 2023, algorithm 2): what the network answers at a noise level must be
        what the target answers a step of the teacher's Heun solver lower (equation 6). The distance is the
        pseudo-Huber one (Song and Dhariwal 2023, arXiv 2310.14189, section 3.3)."""
        net, times = _bare(nets["net"]), self.settings.noises
        y = y.repeat(times, 1, 1, 1)
        sigmas = torch.tensor(LEVELS.steps(self.settings.intervals)[:-1], dtype=y.dtype, device=y.device)
        n = torch.randint(len(sigmas) - 1, (len(y),), device=y.device)
        high, low = sigmas[n], sigmas[n + 1]
        noisy = y + _expand(high) * torch.randn_like(y)
        with torch.no_grad():
            likely, plain = self.likely(x), None
            given = repeat_conditions(net.condition(x, palette, likely), times)
            if self.settings.hint_guidance:
                light = x * x.new_tensor([1, 0, 0, 0])[:, None, None]
                plain = net.condition(light, torch.zeros_like(palette), self.likely(light))
                plain = repeat_conditions(plain, times)
            d = (noisy - self._teacher_answer(nets["teacher"], noisy, high, given, plain)) / _expand(high)
            lower = noisy + _expand(low - high) * d
            d_low = (lower - self._teacher_answer(nets["teacher"], lower, low, given, plain)) / _expand(low)
            lower = noisy + _expand(low - high) * (d + d_low) / 2
            wanted = _apply_consistency(nets["target"], lower, low, given)
        keep = torch.ones(len(y), device=y.device)
        skip, out, scale = _preconditioning(high, LEVELS.sigma_min)
        raw = nets["net"](_expand(scale) * noisy, high.log() / 4, x, palette, likely, keep).float()
        answer = _expand(skip) * noisy + _expand(out) * raw
        c = 0.00054 * (answer[0].numel() ** 0.5)
        distance = (((answer - wanted) ** 2).sum((1, 2, 3)) + c * c).sqrt() - c
        loss = distance.mean() / answer[0].numel() ** 0.5
        return loss, {"consistency": float(loss.detach())}

    def _teacher_answer(self, teacher: nn.Module, noisy: Tensor, sigma: Tensor, given: Any, plain: Any) -> Tensor:
        """D(noisy; sigma) of the teacher, guided as the method guides it."""
        answer, s = _apply_denoiser(teacher, noisy, sigma, given), self.settings
        if s.hint_guidance:
            answer = answer + s.hint_guidance * (answer - _apply_denoiser(teacher, noisy, sigma, plain))
        if s.light_guidance:
            nothing = [torch.zeros_like(m) for m in given[0]], torch.zeros_like(given[1])
            answer = answer + s.light_guidance * (answer - _apply_denoiser(teacher, noisy, sigma, nothing))
        return answer

    def _palette(self, ab: Tensor) -> Tensor:
        """(B, bins + 1) histograms as of `method.palette_histogram`; zeros for most. Shares are raised to a random
        power and so made more alike, for a user's palette has no shares."""
        index, _ = losses.soft_code(F.avg_pool2d(ab, STRIDE))
        nearest = index[..., 0].flatten(1)
        counts = ab.new_zeros(len(ab), len(bins.BINS)).scatter_add_(
            1, nearest, torch.ones_like(nearest, dtype=ab.dtype)
        )
        share = counts / nearest.shape[1]
        power = torch.empty(len(ab), 1, device=ab.device).uniform_(0.2, 1.0)
        flat = torch.where(share > RARE, share.clamp(min=RARE) ** power, torch.zeros_like(share))
        soft = (flat / flat.sum(1, keepdim=True).clamp(min=RARE)) @ self.soft.to(ab.device)
        known = (torch.rand(len(ab), 1, device=ab.device) < self.settings.palette).to(ab.dtype)
        return torch.cat([soft, torch.ones_like(known)], dim=1) * known

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        """One sample with the seed 0, by the method's own sampler."""
        facts, seen = self.facts(), torch.cat([light, hints], 1)
        given = net.condition(seen, self._no_palette(light), self.likely(seen))  # type: ignore[operator]
        steps = facts["steps"] if self.distills else SHEET_STEPS

        def raw(x: Any, level: float) -> Any:
            levels = torch.full((len(x),), level, device=light.device)
            answer = net.denoise(torch.from_numpy(x).to(light.device), levels, *given)  # type: ignore[operator]
            return answer.float().cpu().numpy()

        if self.distills:
            D = sampling.consistency_function(raw, LEVELS)
        else:
            D = sampling.precondition(raw, LEVELS.sigma_data)
        size = light.shape[2] // STRIDE, light.shape[3] // STRIDE
        x = samples.draw(D, size, PaintOptions(), steps, LEVELS, self.distills, len(light))
        return colors.enlarge(torch.from_numpy(x).to(light.device) * samples.SCALE, light)

    def _no_palette(self, light: Tensor) -> Tensor:
        return light.new_zeros(len(light), len(bins.BINS) + 1)

    def facts(self) -> dict[str, Any]:
        """The sampler, its noise levels and steps, and the guidance that is not in the network itself."""
        s = self.settings
        guidance = {"hint_guidance": s.hint_guidance, "light_guidance": s.light_guidance}
        if self.distills:
            guidance = dict.fromkeys(guidance, 0.0)
        sampler = {"sampler": "consistency", "steps": 2} if self.distills else {"sampler": "heun", "steps": 12}
        return sampler | {"levels": asdict(replace(LEVELS, temperature=s.temperature))} | guidance

    def export_module(self, net: nn.Module) -> nn.Module:
        """The network itself: `training.export_diffusion` writes its two parts."""
        return net


def _bare(net: nn.Module) -> Any:
    """The module that Fabric may have wrapped."""
    return getattr(net, "module", net)


def _expand(values: Tensor) -> Tensor:
    """(B,) as (B, 1, 1, 1)."""
    return values[:, None, None, None]


def _preconditioning(sigma: Tensor, least: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    """c_skip, c_out and c_in (EDM, table 1); with the `least` level those of consistency models (Song et al. 2023,
    appendix C), whose answer at that level is the input."""
    data = LEVELS.sigma_data
    whole, over = (sigma**2 + data**2).sqrt(), sigma - least
    return data**2 / (over**2 + data**2), data * over / whole, 1 / whole


def _apply_denoiser(net: nn.Module, noisy: Tensor, sigma: Tensor, given: Any, least: float = 0.0) -> Tensor:
    """D(noisy; sigma) of a `Denoiser`."""
    skip, out, scale = map(_expand, _preconditioning(sigma, least))
    answer: Tensor = skip * noisy + out * net(scale * noisy, sigma.log() / 4, *given).float()
    return answer


def _apply_consistency(net: nn.Module, noisy: Tensor, sigma: Tensor, given: Any) -> Tensor:
    """f(noisy, sigma)."""
    return _apply_denoiser(net, noisy, sigma, given, LEVELS.sigma_min)
