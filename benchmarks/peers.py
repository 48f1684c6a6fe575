"""Shapes of other colorizers' networks with random weights: what they cost, not what they answer.

Written from the papers: Zhang, Isola, Efros 2016 (arXiv 1603.08511), whose network is Barva's own `classes`; Liu et al.
2022 (ConvNeXt, arXiv 2201.03545); Kang et al. 2023 (DDColor, arXiv 2212.11613), whose encoder is ConvNeXt and whose
photos are 512 x 512 px. Of DDColor's two decoders only the pixel decoder is here, so that its own cost is higher.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.models.classes import ClassesNet
from barva.runtime.session import Network


class Block(nn.Module):
    """Depthwise 7 x 7, layer norm, 1 x 1 to four times the width and back, shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.narrow(F.gelu(self.widen(y)))
        return x + y.permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    """Features at strides 4, 8, 16 and 32."""

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...]) -> None:
        super().__init__()
        stem = nn.Conv2d(3, widths[0], 4, stride=4)
        down = (nn.Conv2d(widths[i], widths[i + 1], 2, stride=2) for i in range(3))
        self.down = nn.ModuleList([stem, *down])
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(w) for _ in range(n))) for w, n in zip(widths, depths, strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        features = []
        for down, stage in zip(self.down, self.stages, strict=True):
            x = stage(down(x))
            features.append(x)
        return features


class Encoder(nn.Module):
    """The encoder alone: its coarsest features."""

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder = ConvNeXt(widths, depths)

    def forward(self, x: Tensor) -> Tensor:
        return self.encoder(x)[-1]


class WithPixelDecoder(Encoder):
    """DDColor's encoder and pixel decoder: four times pixel shuffle, a shortcut, a 3 x 3 convolution."""

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...], width: int = 512) -> None:
        super().__init__(widths, depths)
        cin, up, join = widths[3], list[nn.Module](), list[nn.Module]()
        for skip, out in ((widths[2], width), (widths[1], width), (widths[0], width // 2)):
            up.append(nn.Sequential(nn.Conv2d(cin, 4 * out, 1), nn.PixelShuffle(2)))
            join.append(nn.Conv2d(out + skip, out, 3, padding=1))
            cin = out
        self.up, self.join = nn.ModuleList(up), nn.ModuleList(join)
        self.last = nn.Sequential(nn.Conv2d(cin, 16 * cin, 1), nn.PixelShuffle(4))

    def forward(self, x: Tensor) -> Tensor:
        *skips, x = self.encoder(x)
        for up, join, skip in zip(self.up, self.join, reversed(skips), strict=True):
            x = F.relu(join(torch.cat([up(x), skip], dim=1)))
        return self.last(x)


TINY, LARGE = ((96, 192, 384, 768), (3, 3, 9, 3)), ((192, 384, 768, 1536), (3, 3, 27, 3))

PEERS: dict[str, tuple[Callable[[], nn.Module], int, int]] = {
    "shape of Colorful Image Colorization, 256 px": (ClassesNet, 1, 256),
    "shape of DDColor-tiny's encoder, 512 px": (lambda: Encoder(*TINY), 3, 512),
    "shape of DDColor's encoder and pixel decoder, 512 px": (lambda: WithPixelDecoder(*LARGE), 3, 512),
}
"""Name -> (network, input channels, side of the photo in px)."""


def call_of(name: str) -> Callable[[], object]:
    """One look of a peer's network in ONNX Runtime."""
    build, channels, side = PEERS[name]
    torch.manual_seed(0)
    x = torch.zeros(1, channels, side, side)
    out = io.BytesIO()
    torch.onnx.export(build().eval(), (x,), out, input_names=["input"], opset_version=17, dynamo=False)
    network = Network.from_bytes(out.getvalue())
    values = np.random.default_rng(0).standard_normal(x.shape).astype(np.float32) / 3
    return lambda: network.run({"input": values})
