"""`guided`: the default colorizer, a residual U-Net that takes hints and predicts a distribution over chroma bins.

Axes: B batch, C channels, H rows, W columns; H and W divisible by 32. Plain 3 x 3 convolutions throughout, because on
processors they run several times faster per FLOP than depthwise ones; attention only at the coarsest level. What the
photo shows is seen by a small network that knows ImageNet (`models.efficient`), whose features join at each level.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

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


class Answers(NamedTuple):
    """What the network answers in training: logits (B, bins, h, w) over chroma bins, and those of the auxiliary heads:
    (B, labels) of the photo's subject, (B, classes, h / 2, w / 2) of what is where; None without such a head."""

    chroma: Tensor
    subject: Tensor | None
    dense: Tensor | None


class GuidedNet(nn.Module):
    """Light and hints in, logits over chroma bins at a quarter of the trunk's size out.

    Input (B, 4, H, W): light `L / 50 - 1`, hinted `ab / 110` times weight, hint weight 0..1.
    Output (B, bins, H / 4, W / 4) logits, `Answers` with `auxiliary`. With `encoder`, the features of `EfficientLite`
    are added at each level (Iizuka et al. 2016's fusion, at every stride). The encoder can see the photo larger than
    the trunk does: `encoder_scale` 1.4 means a trunk at 160 px where the input has 224; its features are resized to the
    trunk's levels.

    Two heads are for training only, and dropped on export: `labels` > 0 of the photo's subject (the auxiliary task of
    Iizuka et al. 2016), `classes` > 0 of what is where, on the trunk's own features at stride 8.
    """

    def __init__(
        self,
        widths: tuple[int, int, int, int] = (64, 128, 256, 384),
        depths: tuple[int, int, int, int] = (2, 2, 3, 2),
        attentions: int = 2,
        bins: int = 313,
        labels: int = 0,
        encoder: bool = False,
        encoder_scale: float = 1.0,
        classes: int = 0,
    ) -> None:
        super().__init__()
        w = widths
        self.scale = Fraction(encoder_scale).limit_denominator(32)
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
        self.dense = nn.Conv2d(w[1], classes, 1) if classes else None

    def forward(self, x: Tensor, auxiliary: bool = False) -> Tensor | Answers:
        features = self.encoder(x[:, :1]) if self.encoder is not None else []
        x = self.stem(self._for_trunk(x))
        skips = []
        for i, level in enumerate(self.levels):
            assert isinstance(level, nn.Sequential)
            blocks = 1 if i else 0  # the first layer of the lower levels halves the size
            x = level[:blocks](x)
            if self.tell is not None:
                x = x + self.tell[i](self._fit(features[i], x))
            x = level[blocks:](x)
            skips.append(x)
        coarse = middle = x = self.whole(skips.pop())
        for i in (2, 1, 0):
            x = F.interpolate(self.narrow[i](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = self.join[i](torch.cat([x, skips[i]], dim=1))
            middle = x if i == 1 else middle
        logits: Tensor = self.head(x)
        if not auxiliary:
            return logits
        subject = self.subject(coarse.mean(dim=(2, 3))) if self.subject is not None else None
        return Answers(logits, subject, self.dense(middle) if self.dense is not None else None)

    def _for_trunk(self, x: Tensor) -> Tensor:
        """The input at the trunk's size, both sides multiples of 32."""
        if self.scale == 1:
            return x
        # the whole number nearest to side / scale / 32, in whole numbers, so that an exported network computes it too
        up, down = self.scale.denominator, self.scale.numerator
        rows, columns = ((2 * side * up + 32 * down) // (64 * down) * 32 for side in x.shape[2:])
        return F.interpolate(x, size=(rows, columns), mode="bilinear", align_corners=False)

    def _fit(self, features: Tensor, like: Tensor) -> Tensor:
        if self.scale == 1:
            return features
        size = (like.shape[2], like.shape[3])
        return F.interpolate(features, size=size, mode="bilinear", align_corners=False)
