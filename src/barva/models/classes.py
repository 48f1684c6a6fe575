"""`classes`: the network of Zhang, Isola and Efros 2016 ("Colorful Image Colorization", arXiv 1603.08511).

Axes: B batch, C channels, H rows, W columns; H and W divisible by 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

STRIDE = 4
"""Input pixels per output pixel."""


@dataclass(frozen=True)
class Block:
    """`count` times 3 x 3 convolution and ReLU, then batch norm. `last` is the stride of the last convolution; the
    first one is transposed and doubles the size where `first` is "up"."""

    count: int
    width: int
    dilation: int = 1
    first: Literal["same", "up"] = "same"
    last: int = 1


BLOCKS = (
    Block(2, 64, last=2),
    Block(2, 128, last=2),
    Block(3, 256, last=2),
    Block(3, 512),
    Block(3, 512, dilation=2),
    Block(3, 512, dilation=2),
    Block(3, 512),
    Block(3, 256, first="up"),
)
"""The paper's eight blocks. Its text ends each of them in batch norm, and so does this; the authors' later release
leaves the last one's out."""


class ClassesNet(nn.Module):
    """Input (B, 1, H, W) light `L / 50 - 1`; output (B, outputs, H / 4, W / 4), linear.

    `outputs` is the number of bins (logits), or 2 for the paper's L2 regression on `ab / 110`. `width` multiplies the
    published widths: at 1 there are 32 million parameters.
    """

    def __init__(self, width: float = 1.0, outputs: int = 313) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        cin = 1
        for block in BLOCKS:
            cout = max(8, round(block.width * width / 8) * 8)  # processors work on whole eights
            layers.append(_block(block, cin, cout))
            cin = cout
        self.blocks = nn.Sequential(*layers)
        self.head = nn.Conv2d(cin, outputs, 1)
        nn.init.normal_(self.head.weight, std=0.01)  # starts with the same answer everywhere
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, light: Tensor) -> Tensor:
        out: Tensor = self.head(self.blocks(light))
        return out


def _block(block: Block, cin: int, cout: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i in range(block.count):
        conv: nn.Conv2d | nn.ConvTranspose2d
        if i == 0 and block.first == "up":
            conv = nn.ConvTranspose2d(cin, cout, 4, 2, 1)
        else:
            stride = block.last if i == block.count - 1 else 1
            conv = nn.Conv2d(cin, cout, 3, stride, block.dilation, block.dilation)
        nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
        layers += [conv, nn.ReLU(inplace=True)]
        cin = cout
    return nn.Sequential(*layers, nn.BatchNorm2d(cout))
