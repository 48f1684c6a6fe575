"""`diffusion` and `diffusion_palette`: networks that take noise off two planes of chroma at a quarter of the size.

Light is never generated, so that no detail is invented; chroma is smooth, so that a quarter of the size is enough.
`Conditioner` sees the photo and its hints once; `Denoiser` runs at every step, and is therefore the small part. Plain
3 x 3 convolutions, which processors run fastest; group normalization, which no batch of other noise levels disturbs.

Axes: B batch, C channels, H rows, W columns; H and W divisible by 32, h = H / 4 and w = W / 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.models.efficient import CHANNELS, EfficientLite
from barva.models.guided import Attention, Residual

STRIDE = 4
"""Pixels of light per pixel of chroma."""

GROUPS = 8
"""Groups of channels that are normalized together."""

FREQUENCIES = 32
"""Sines, and as many cosines, that a noise level becomes."""


def _conv(cin: int, cout: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(cin, cout, size, stride, size // 2, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)
    )


def _zeros(layer: nn.Conv2d | nn.Linear) -> nn.Conv2d | nn.Linear:
    """A layer that answers 0 before it is trained."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class Conditioner(nn.Module):
    """What the photo, its hints, a palette and `guided` say of the colors; computed once a photo.

    Input (B, 4, H, W), light `L / 50 - 1`, hinted `ab / 110` times weight, weight 0..1; a palette (B, bins + 1):
    shares of the chroma bins, and 1 where it is known; all 0 where it is not; and the summary (B, planes, h, w) of what
    `guided` thinks likely. Output: maps (B, widths[i], h / 2^i, w / 2^i), one a level of the `Denoiser`, and a code
    (B, code).
    """

    def __init__(self, widths: Sequence[int], code: int, bins: int, encoder: bool, planes: int) -> None:
        super().__init__()
        w = widths
        self.encoder = EfficientLite() if encoder else None
        self.see = nn.ModuleList(nn.Conv2d(c, n, 1) for c, n in zip(CHANNELS, w, strict=True)) if encoder else None
        self.stem = nn.Sequential(_conv(4, w[0] // 2, stride=2), _conv(w[0] // 2, w[0], stride=2))
        self.likely = nn.Conv2d(planes, w[0], 1)
        self.down = nn.ModuleList(_conv(w[i], w[i + 1], stride=2) for i in range(len(w) - 1))
        # none at the coarsest level, which is expensive in parameters, and where the encoder knows most
        self.levels = nn.ModuleList([*(Residual(n) for n in w[:-1]), nn.Identity()])
        self.out = nn.ModuleList(nn.Conv2d(n, n, 1) for n in w)
        self.palette = nn.Sequential(nn.Linear(bins + 1, code), nn.SiLU(), nn.Linear(code, code))

    def forward(self, x: Tensor, palette: Tensor, summary: Tensor) -> tuple[list[Tensor], Tensor]:
        features = self.encoder(x[:, :1]) if self.encoder is not None else []
        maps = []
        x = self.stem(x) + self.likely(summary)
        for i, (level, out) in enumerate(zip(self.levels, self.out, strict=True)):
            x = self.down[i - 1](x) if i else x
            if self.see is not None:
                x = x + self.see[i](features[i])
            x = level(x)
            maps.append(out(x))
        known = palette[:, -1:]
        return maps, self.palette(palette) * known


class Block(nn.Module):
    """Two convolutions and a shortcut; between them the code (B, code) scales and shifts each channel (Dhariwal and
    Nichol 2021, arXiv 2105.05233, equation 11, "adaptive group normalization")."""

    def __init__(self, width: int, code: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(GROUPS, width), nn.GroupNorm(GROUPS, width)
        self.conv1 = nn.Conv2d(width, width, 3, 1, 1)
        self.conv2 = _zeros(nn.Conv2d(width, width, 3, 1, 1))
        self.adapt = _zeros(nn.Linear(code, 2 * width))

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        scale, shift = self.adapt(code)[:, :, None, None].chunk(2, dim=1)
        y = self.conv1(F.silu(self.norm1(x)))
        y = F.silu(self.norm2(y) * (1 + scale) + shift)
        out: Tensor = x + self.conv2(y)
        return out


class Denoiser(nn.Module):
    """U-Net that is told the noise level; what it answers (the picture, the noise, a mix) is its caller's affair.

    Args:
        widths: channels of each level, the finest first; the level i lies at 1 / 2^i of the chroma's size.
        depths: blocks of each level, on the way down and on the way up alike.
        attentions: blocks of self-attention at the coarsest level.
        code: length of the vector that noise level and palette become.
        planes: channels of the input; 2 are answered.
    """

    def __init__(
        self,
        widths: Sequence[int],
        depths: Sequence[int],
        attentions: int,
        code: int,
        planes: int = 2,
    ) -> None:
        super().__init__()
        w, last = widths, len(widths) - 1
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, math.log(100), FREQUENCIES)), persistent=False)
        self.level = nn.Sequential(nn.Linear(2 * FREQUENCIES, code), nn.SiLU(), nn.Linear(code, code))
        self.stem = nn.Conv2d(planes, w[0], 3, 1, 1)
        self.narrow_down = nn.ModuleList(nn.Conv2d(w[i], w[i + 1], 3, 2, 1) for i in range(last))
        self.down = nn.ModuleList(
            nn.ModuleList(Block(n, code) for _ in range(d)) for n, d in zip(w, depths, strict=True)
        )
        self.whole = nn.Sequential(*(Attention(w[last], max(1, w[last] // 64)) for _ in range(attentions)))
        self.narrow_up = nn.ModuleList(nn.Conv2d(w[i + 1], w[i], 1) for i in range(last))
        self.up = nn.ModuleList(nn.ModuleList(Block(w[i], code) for _ in range(depths[i])) for i in range(last))
        self.norm, self.head = nn.GroupNorm(GROUPS, w[0]), _zeros(nn.Conv2d(w[0], 2, 3, 1, 1))

    def forward(self, x: Tensor, level: Tensor, maps: Sequence[Tensor] = (), code: Tensor | None = None) -> Tensor:
        """(B, planes, h, w) noisy chroma, (B,) noise levels, about -2..2, and what the `Conditioner` says, if there is
        one; (B, 2, h, w)."""
        assert isinstance(self.frequencies, Tensor)
        waves = level[:, None] * self.frequencies
        told = self.level(torch.cat([waves.sin(), waves.cos()], dim=1))
        code = F.silu(told if code is None else told + code)
        x = self.stem(x)
        skips = []
        for i, blocks in enumerate(self.down):
            x = self.narrow_down[i - 1](x) if i else x
            x = x + maps[i] if maps else x
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                x = block(x, code)
            skips.append(x)
        x = self.whole(skips.pop())
        for i in reversed(range(len(skips))):
            x = skips[i] + F.interpolate(self.narrow_up[i](x), scale_factor=2.0, mode="nearest")
            blocks = self.up[i]
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                x = block(x, code)
        answer: Tensor = self.head(F.silu(self.norm(x)))
        return answer


class DiffusionNet(nn.Module):
    """`diffusion`: the conditioner and the denoiser, 6.6 million parameters with the default widths, beside the 3.0
    million of the encoder.

    Args:
        widths: channels at strides 4, 8, 16 and 32, multiples of `GROUPS`.
        depths: blocks of each level.
        attentions: blocks of self-attention at stride 32.
        code: length of the vector for noise level and palette.
        bins: of the palette.
        planes: of the summary.
        encoder: whether features of `EfficientLite` are seen.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (48, 96, 160, 256),
        depths: tuple[int, ...] = (1, 1, 2, 1),
        attentions: int = 1,
        code: int = 192,
        bins: int = 313,
        planes: int = 17,
        encoder: bool = True,
    ) -> None:
        super().__init__()
        self.condition = Conditioner(widths, code, bins, encoder, planes)
        self.denoise = Denoiser(widths, depths, attentions, code)
        self.register_buffer("learned", torch.zeros(()))
        """1 once it has been trained as a denoiser: only then it can be distilled."""

    def forward(
        self, noisy: Tensor, level: Tensor, x: Tensor, palette: Tensor, summary: Tensor, keep: Tensor
    ) -> Tensor:
        """`Denoiser` on `noisy` and `level`, given what the `Conditioner` takes; where `keep` is 0, all that is given
        is left out, as classifier-free guidance needs it (Ho and Salimans 2022). `noisy`, `level` and `keep` may hold
        every photo of the batch n times, one batch after the other: conditions are computed once a photo."""
        maps, code = repeat_conditions(self.condition(x, palette, summary), len(noisy) // len(x))
        maps = [m * keep[:, None, None, None] for m in maps]
        answer: Tensor = self.denoise(noisy, level, maps, code * keep[:, None])
        return answer


def repeat_conditions(given: tuple[Sequence[Tensor], Tensor], times: int) -> tuple[Sequence[Tensor], Tensor]:
    """The `Conditioner`'s answer for a batch that holds every photo so many times, one batch after the other."""
    maps, code = given
    if times == 1:
        return maps, code
    return [m.repeat(times, 1, 1, 1) for m in maps], code.repeat(times, 1)


class PaletteNet(nn.Module):
    """`diffusion_palette`: Palette (Saharia et al. 2022, arXiv 2111.05826) scaled down.

    As published: one U-Net, conditioned by concatenating the light with the noisy picture, told the continuous noise
    level, answering the noise. Scaled down: two planes of chroma at a quarter of the size instead of three at all of
    it, 5.1 million parameters instead of 550 million. The light is averaged over 4 x 4 pixels.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (48, 96, 160, 256),
        depths: tuple[int, ...] = (1, 1, 2, 1),
        attentions: int = 1,
        code: int = 192,
    ) -> None:
        super().__init__()
        self.denoise = Denoiser(widths, depths, attentions, code, planes=3)

    def forward(self, x: Tensor, noisy: Tensor, level: Tensor) -> Tensor:
        """The noise (B, 2, h, w): light `L / 50 - 1` (B, 1, H, W), `noisy` (B, 2, h, w), `level` (B,) the square root
        of the share gamma of signal in it, 0..1."""
        light = F.avg_pool2d(x, STRIDE)
        answer: Tensor = self.denoise(torch.cat([light, noisy], dim=1), level)
        return answer


class Conditioning(nn.Module):
    """The first entry point of the exported file: (B, 4, H, W), (B, bins + 1) and (B, planes, h, w) in; the maps and
    the code out."""

    def __init__(self, net: DiffusionNet) -> None:
        super().__init__()
        self.condition = net.condition

    def forward(self, x: Tensor, palette: Tensor, summary: Tensor) -> tuple[Tensor, ...]:
        maps, code = self.condition(x, palette, summary)
        return (*maps, code)


class Denoising(nn.Module):
    """The second one: noisy chroma (B, 2, h, w), noise levels (B,), the maps and the code in; (B, 2, h, w) out."""

    def __init__(self, net: DiffusionNet) -> None:
        super().__init__()
        self.denoise = net.denoise

    def forward(self, x: Tensor, level: Tensor, *conditions: Tensor) -> Tensor:
        answer: Tensor = self.denoise(x, level, conditions[:-1], conditions[-1])
        return answer
