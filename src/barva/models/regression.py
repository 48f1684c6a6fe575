"""`regression`: the VGG16-derived CNN of the project's source document 003, as its table gives it.

The text there says 13 convolutions; its table lists these 12. The table is followed.
Axes: B batch, C channels, H rows, W columns; H and W divisible by 8.
"""

from __future__ import annotations

from torch import Tensor, nn

# (filters, stride) of each 3 x 3 convolution; "up" doubles the size
TABLE: tuple[tuple[int, int] | str, ...] = (
    (64, 1), (64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (256, 1), (128, 1),
    "up", (64, 1), "up", (32, 1), (2, 1), "up",
)  # fmt: skip

STRIDE = 1
"""Input pixels per output pixel."""


class RegressionNet(nn.Module):
    """Input (B, 1, H, W) light `L / 50 - 1`; output (B, outputs, H, W) through tanh.

    `outputs` is the table's 2 (scaled ab or UV), or 3 for source document 000's comparison, which answers R, G and B.
    Zero padding keeps the size; ReLU after every convolution but the last, which has tanh.
    """

    def __init__(self, outputs: int = 2) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = 1
        for row in TABLE:
            if isinstance(row, str):
                layers.append(nn.Upsample(scale_factor=2.0, mode="nearest"))
                continue
            last = row[0] == 2
            filters, stride = (outputs, row[1]) if last else row
            conv = nn.Conv2d(width, filters, 3, stride, 1)
            nn.init.kaiming_normal_(conv.weight, nonlinearity="linear" if last else "relu")
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
            layers += [conv, nn.Tanh() if last else nn.ReLU(inplace=True)]
            width = filters
        self.layers = nn.Sequential(*layers)

    def forward(self, light: Tensor) -> Tensor:
        out: Tensor = self.layers(light)
        return out
