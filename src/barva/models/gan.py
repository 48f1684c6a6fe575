"""`gan` and `cyclegan`: the generators. U-Net (Ronneberger et al. 2015) is what source document 000 chose, the feature
pyramid network (FPN, Lin et al. 2017) the alternative that it names. Both have the same residual encoder.

Axes: B batch, C channels, H rows, W columns; H and W divisible by 2 to the number of widths. Plain 3 x 3 convolutions
throughout: on processors they run several times faster per FLOP than depthwise ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Norm = Literal["batch", "group"]
"""Batch norm costs nothing once exported. Group norm is for generators that see several kinds of pictures in
one step (`cyclegan`), whose shares a running mean would mix."""


def conv(cin: int, cout: int, size: int = 3, stride: int = 1, norm: Norm = "batch") -> nn.Sequential:
    """Convolution, norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(cin, cout, size, stride, size // 2, bias=False), _norm(cout, norm), nn.ReLU(inplace=True)
    )


def _norm(width: int, norm: Norm) -> nn.BatchNorm2d | nn.GroupNorm:
    return nn.BatchNorm2d(width) if norm == "batch" else nn.GroupNorm(gcd(width, max(1, width // 8)), width)


class Residual(nn.Module):
    """Two 3 x 3 convolutions and a shortcut (He et al. 2016)."""

    def __init__(self, width: int, norm: Norm) -> None:
        super().__init__()
        last = _norm(width, norm)
        nn.init.zeros_(last.weight)  # starts as the identity
        self.first = conv(width, width, norm=norm)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), last)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


class Encoder(nn.Module):
    """(B, channels, H, W) in; maps at strides 2, 4, 8, ... out, one for each width, each but the first residual."""

    def __init__(self, channels: int, widths: Sequence[int], norm: Norm) -> None:
        super().__init__()
        before = [channels, *widths]
        self.levels = nn.ModuleList(
            nn.Sequential(conv(before[i], w, stride=2, norm=norm), *([Residual(w, norm)] if i else []))
            for i, w in enumerate(widths)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for level in self.levels:
            x = level(x)
            maps.append(x)
        return maps


class UNet(nn.Module):
    """Input (B, channels, H, W); output (B, outputs, H, W) through tanh, or half of that size with `half`.

    For `gan`: light `L / 50 - 1`, hinted `ab / 110` times weight, hint weight 0..1 in; scaled chroma out.
    """

    def __init__(
        self, channels: int, outputs: int, widths: Sequence[int], half: bool = True, norm: Norm = "batch"
    ) -> None:
        super().__init__()
        steps = range(len(widths) - 1)
        self.encoder = Encoder(channels, widths, norm)
        self.narrow = nn.ModuleList(conv(widths[i + 1], widths[i], 1, norm=norm) for i in steps)
        self.join = nn.ModuleList(conv(2 * widths[i], widths[i], norm=norm) for i in steps)
        self.head = _head(widths[0], outputs, 0 if half else 1, norm)

    def forward(self, x: Tensor) -> Tensor:
        *skips, x = self.encoder(x)
        for i in reversed(range(len(skips))):
            x = self.join[i](torch.cat([_double(self.narrow[i](x)), skips[i]], dim=1))
        out: Tensor = self.head(x)
        return out


class FPN(nn.Module):
    """As `UNet`. Lateral 1 x 1 convolutions to one width, top-down sums and 3 x 3 smoothing as published, from stride 4
    up; the pyramid's levels are enlarged to stride 4 and added before the head (Kirillov et al. 2019, section 3)."""

    def __init__(
        self,
        channels: int,
        outputs: int,
        widths: Sequence[int],
        half: bool = True,
        norm: Norm = "batch",
        pyramid: int = 128,
    ) -> None:
        super().__init__()
        self.encoder = Encoder(channels, widths, norm)
        self.lateral = nn.ModuleList(nn.Conv2d(w, pyramid, 1) for w in widths[1:])
        self.smooth = nn.ModuleList(conv(pyramid, pyramid, norm=norm) for _ in widths[1:])
        self.head = _head(pyramid, outputs, 1 if half else 2, norm)

    def forward(self, x: Tensor) -> Tensor:
        maps = [lateral(m) for lateral, m in zip(self.lateral, self.encoder(x)[1:], strict=True)]
        for i in reversed(range(len(maps) - 1)):
            maps[i] = maps[i] + F.interpolate(maps[i + 1], scale_factor=2.0, mode="nearest")
        smooth = [smooth(m) for smooth, m in zip(self.smooth, maps, strict=True)]
        merged = smooth.pop()
        while smooth:
            merged = smooth.pop() + _double(merged)
        out: Tensor = self.head(merged)
        return out


class Ager(nn.Module):
    """`cyclegan`'s way back: a color photo (B, 3, H, W) (`L / 50 - 1`, `ab / 110`) in, old light (B, 1, H, W) out.

    The network answers what to add to the light: fading, grain and an emulsion's view of the colors.
    """

    def __init__(self, widths: Sequence[int], norm: Norm = "group") -> None:
        super().__init__()
        self.net = UNet(3, 1, widths, half=False, norm=norm)

    def forward(self, photo: Tensor) -> Tensor:
        out: Tensor = photo[:, :1] + self.net(photo)
        return out


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def _head(width: int, outputs: int, doublings: int, norm: Norm) -> nn.Sequential:
    """Convolutions that halve the width and double the size, then one to the outputs, and tanh."""
    layers: list[nn.Module] = []
    for _ in range(doublings):
        layers += [
            conv(width, width // 2, norm=norm),
            nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False),
        ]
        width //= 2
    last = nn.Conv2d(width, outputs, 3, 1, 1)
    nn.init.normal_(last.weight, std=0.02)  # starts near gray, where tanh is straight
    nn.init.zeros_(last.bias)  # type: ignore[arg-type]
    return nn.Sequential(*layers, last, nn.Tanh())
