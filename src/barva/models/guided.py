"""`guided`: the default colorizer, a residual U-Net that hears hints and predicts a distribution over chroma bins.

Axes: B batch, C channels, H rows, W columns; H and W divisible by 32. Plain 3 x 3 convolutions throughout, because on
processors they run several times faster per FLOP than depthwise ones; attention only at the coarsest level. What the
photo shows is seen by a small network that knows ImageNet (`models.efficient`), whose features join at each level.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.models.efficient import CHANNELS, EfficientLite

STRIDE = 4
"""Input pixels per output pixel."""


def _conv(cin: int, cout: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(cin, cout, size, stride, size // 2, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)
    )


def _zero_conv(cin: int, cout: int) -> nn.Conv2d:
    """A 1 x 1 convolution that says nothing before it is trained, so that a network it joins is not disturbed."""
    layer = nn.Conv2d(cin, cout, 1)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class Residual(nn.Module):
    """Two 3 x 3 convolutions and a shortcut (He et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        norm = nn.BatchNorm2d(width)
        nn.init.zeros_(norm.weight)  # starts as the identity
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), norm)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


class Attention(nn.Module):
    """Global self-attention and a two-layer perceptron over the positions of one map; no position code, any size."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        t = x.flatten(2).transpose(1, 2)  # B, HW, C
        q, k, v = self.qkv(self.norm1(t)).view(b, h * w, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, h * w, c)
        t = t + self.out(a)
        t = t + self.mlp(self.norm2(t))
        out: Tensor = t.transpose(1, 2).view(b, c, h, w)
        return out


class GuidedNet(nn.Module):
    """Light and hints in, logits over chroma bins at a quarter of the size out.

    Input (B, 4, H, W): light `L / 50 - 1`, hinted `ab / 110` times weight, hint weight 0..1.
    Output (B, bins, H / 4, W / 4) logits. With `labels` > 0, `forward(x, classify=True)` also gives (B, labels) logits
    of the photo's subject: the auxiliary task of Iizuka et al. 2016, dropped on export. With `encoder`, the features
    of `EfficientLite` are added at each level (Iizuka's fusion at every stride).
    """

    def __init__(
        self,
        widths: tuple[int, int, int, int] = (64, 128, 256, 384),
        depths: tuple[int, int, int, int] = (2, 2, 3, 2),
        attentions: int = 2,
        bins: int = 313,
        labels: int = 0,
        encoder: bool = False,
    ) -> None:
        super().__init__()
        w = widths
        self.encoder = EfficientLite() if encoder else None
        self.tell = nn.ModuleList(_zero_conv(c, n) for c, n in zip(CHANNELS, w, strict=True)) if encoder else None
        self.stem = nn.Sequential(_conv(4, w[0] // 2, stride=2), _conv(w[0] // 2, w[0], stride=2))
        self.levels = nn.ModuleList(
            nn.Sequential(
                *([_conv(w[i - 1], w[i], stride=2)] if i else []), *(Residual(w[i]) for _ in range(depths[i]))
            )
            for i in range(4)
        )
        self.whole = nn.Sequential(*(Attention(w[3], w[3] // 64) for _ in range(attentions)))
        self.narrow = nn.ModuleList(_conv(w[i + 1], w[i], 1) for i in range(3))
        self.join = nn.ModuleList(nn.Sequential(_conv(2 * w[i], w[i]), Residual(w[i])) for i in range(3))
        self.head = nn.Conv2d(w[0], bins, 1)
        self.subject = nn.Linear(w[3], labels) if labels else None

    def forward(self, x: Tensor, classify: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        features = self.encoder(x[:, :1]) if self.encoder is not None else []
        x = self.stem(x)
        skips = []
        for i, level in enumerate(self.levels):
            assert isinstance(level, nn.Sequential)
            blocks = 1 if i else 0  # the first layer of the lower levels halves the size
            x = level[:blocks](x)
            if self.tell is not None:
                x = x + self.tell[i](features[i])
            x = level[blocks:](x)
            skips.append(x)
        x = self.whole(skips.pop())
        coarse = x
        for i in (2, 1, 0):
            x = F.interpolate(self.narrow[i](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = self.join[i](torch.cat([x, skips[i]], dim=1))
        logits: Tensor = self.head(x)
        if classify:
            assert self.subject is not None, "built without labels"
            return logits, self.subject(coarse.mean(dim=(2, 3)))
        return logits
