"""`perception`: what is in a photo (classes of segments) and which object a click means, from light alone.

EfficientNet-Lite0 as the encoder, a feature pyramid (Lin et al. 2017, arXiv 1612.03144) with one attention block at
its coarsest level, and two heads at stride 4: `segments` (classes), and `select` (clicks and a mask so far to the mask
of one object; Sofiiuk, Petrov, Konushin 2021, arXiv 2102.06583). The select head also gets, for each place, the cosine
similarity of its embedding to the clicked places' mean. Axes: B batch, C channels, H rows, W columns; H and W
divisible by 32.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.models.efficient import CHANNELS, EfficientLite
from barva.models.guided import Attention, Residual, _conv

STRIDE = 4
"""Input pixels per output pixel."""

CLICK_PLANES = 5
"""Discs of positive and negative clicks, distances to them, and the mask so far."""


class Pyramid(nn.Module):
    """Features at strides 4 to 32 into one map at stride 4 (64 channels) and an embedding at stride 8 (48 channels)."""

    WIDTHS = (64, 96, 128, 128)
    EMBEDDING = 48

    def __init__(self) -> None:
        super().__init__()
        w = self.WIDTHS
        self.side = nn.ModuleList(nn.Conv2d(c, n, 1) for c, n in zip(CHANNELS, w, strict=True))
        self.whole = Attention(w[3], 4)
        self.narrow = nn.ModuleList(_conv(w[i + 1], w[i], 1) for i in range(3))
        self.join = nn.ModuleList((_conv(w[i], w[i]) if i == 0 else Residual(w[i])) for i in range(3))
        self.embed = nn.Conv2d(w[1], self.EMBEDDING, 1)

    def forward(self, features: list[Tensor]) -> tuple[Tensor, Tensor]:
        x = self.whole(self.side[3](features[3]))
        embedding = x
        for i in (2, 1, 0):
            x = F.interpolate(self.narrow[i](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = self.join[i](F.relu(x + self.side[i](features[i])))
            if i == 1:
                embedding = self.embed(x)
        return x, embedding


class Select(nn.Module):
    """The pyramid's map, its embedding and clicks (B, 5, H / 4, W / 4) to the logits of one object's mask."""

    def __init__(self) -> None:
        super().__init__()
        self.first = _conv(Pyramid.WIDTHS[0] + CLICK_PLANES + 2, 64)
        self.down = nn.ModuleList((_conv(64, 96, stride=2), _conv(96, 128, stride=2)))
        self.deep = nn.Sequential(Residual(128), Residual(128))
        self.narrow = nn.ModuleList((_conv(96, 64, 1), _conv(128, 96, 1)))
        self.join = nn.ModuleList((_conv(64, 48), Residual(96)))
        self.out = nn.Conv2d(48, 1, 1)

    def forward(self, pyramid: Tensor, embedding: Tensor, clicks: Tensor) -> Tensor:
        near = F.interpolate(similarity(embedding, clicks[:, :2]), scale_factor=2.0, mode="bilinear")
        a = self.first(torch.cat([pyramid, clicks, near], dim=1))
        b = self.down[0](a)
        x = self.deep(self.down[1](b))
        x = F.interpolate(self.narrow[1](x), scale_factor=2.0, mode="bilinear", align_corners=False)
        x = self.join[1](F.relu(x + b))
        x = F.interpolate(self.narrow[0](x), scale_factor=2.0, mode="bilinear", align_corners=False)
        logits: Tensor = self.out(self.join[0](F.relu(x + a)))
        return logits


def similarity(embedding: Tensor, discs: Tensor) -> Tensor:
    """Cosine similarity (B, 2, h, w) of each place to the mean embedding under the positive and the negative discs; 0
    where there is no click. `discs` (B, 2, 2 h, 2 w)."""
    weight = F.avg_pool2d(discs, 2)
    mean = torch.einsum("bchw,bkhw->bkc", embedding, weight)
    e = embedding / (embedding.square().sum(1, keepdim=True) + 1e-4).sqrt()
    q = mean / (mean.square().sum(2, keepdim=True) + 1e-8).sqrt()
    return torch.einsum("bchw,bkc->bkhw", e, q)


class PerceptionNet(nn.Module):
    """Light (B, 1, H, W) `L / 50 - 1` to logits over classes (B, classes, H / 4, W / 4) and, with clicks, of a mask.

    With `clicker`, `rounds` masks are predicted one after another: it is asked for click planes (B, 5, H / 4, W / 4)
    with None first, then with the logits (B, 1, H / 4, W / 4) of the round before. The last round's logits are
    returned, and only that round has gradients. The parts that `fixed` names stay in evaluation while the rest trains.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.encoder = EfficientLite()
        self.pyramid = Pyramid()
        self.segments = nn.Sequential(_conv(Pyramid.WIDTHS[0], 96), nn.Conv2d(96, classes, 1))
        self.select = Select()
        self.fixed: tuple[str, ...] = ()

    def train(self, mode: bool = True) -> PerceptionNet:
        super().train(mode)
        for name in self.fixed:
            self.get_submodule(name).eval()
        return self

    def forward(
        self, light: Tensor, clicker: Callable[[Tensor | None], Tensor] | None = None, rounds: int = 1
    ) -> tuple[Tensor, Tensor | None]:
        pyramid, embedding = self.pyramid(self.encoder(light))
        logits: Tensor = self.segments(pyramid)
        mask: Tensor | None = None
        for n in range(rounds if clicker is not None else 0):
            assert clicker is not None
            with torch.set_grad_enabled(torch.is_grad_enabled() and n == rounds - 1):
                mask = self.select(pyramid, embedding, clicker(mask))
        return logits, mask


class Seeing(nn.Module):
    """The part that runs once a photo: light to class logits, pyramid and embedding."""

    def __init__(self, net: PerceptionNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, light: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        pyramid, embedding = self.net.pyramid(self.net.encoder(light))
        return self.net.segments(pyramid), pyramid, embedding
