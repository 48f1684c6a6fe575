"""Discriminators of `gan` and `cyclegan`, and the memory of generated pictures that CycleGAN shows them.

Axes: B batch, C channels, H rows, W columns.

Group norm throughout: batch norm lets real and generated pictures of one step leak into each other and is noisy for few
of them; instance norm takes out the mean of every feature map, and in a picture of 64 px that mean is the very color
that is to be judged.
"""

from __future__ import annotations

from math import gcd
from typing import Any

import torch
from torch import Tensor, nn

from barva.errors import UsageError

PATCHES = {70: 3, 34: 2, 16: 1}
"""Receptive field of a PatchGAN in px -> its convolutions of stride 2 (Isola et al. 2017, appendix 6.1.2)."""

# (width in units, kernel, stride) of all convolutions but the last, which answers one plane; then comes one pooling
_LAYERS = {
    5: ((1, 4, 2), (2, 4, 2), (4, 4, 2)),
    7: ((1, 4, 2), (2, 4, 2), (4, 4, 2), (8, 3, 1), (8, 3, 1)),
}


class Judge(nn.Module):
    """Is the whole picture real? Input (B, channels, H, W), output (B, 1) logits, above 0 for real.

    Source document 000: five layers, four of them convolutions and one a pooling; its planned successor has seven, here
    six convolutions and the pooling. The pooling comes last, a mean over the places, so that any size can be judged.
    """

    def __init__(self, channels: int, layers: int, width: int = 64) -> None:
        super().__init__()
        rows = [(units * width, kernel, stride) for units, kernel, stride in _LAYERS[layers]]
        self.convolutions = _convolutions(channels, [*rows, (1, 3, 1)])

    def forward(self, picture: Tensor) -> Tensor:
        out: Tensor = self.convolutions(picture).mean((2, 3))
        return out


class PatchJudge(nn.Module):
    """Is each patch real? PatchGAN (Isola et al. 2017): input (B, channels, H, W), output (B, 1, h, w) logits, one
    for each patch of `patch` px: C64-C128-C256-C512 for 70, C64-C128 for 16."""

    def __init__(self, channels: int, patch: int = 70, width: int = 64) -> None:
        super().__init__()
        if patch not in PATCHES:
            raise UsageError(f"a PatchGAN of {patch} px is not built; there are: {', '.join(map(str, PATCHES))}")
        strided = PATCHES[patch]
        widths = [width * min(2**i, 8) for i in range(strided + 1)]
        rows = [(w, 4, 2 if i < strided else 1) for i, w in enumerate(widths)]
        self.convolutions = _convolutions(channels, [*rows, (1, 4, 1)])

    def forward(self, picture: Tensor) -> Tensor:
        out: Tensor = self.convolutions(picture)
        return out


def _convolutions(cin: int, rows: list[tuple[int, int, int]]) -> nn.Sequential:
    """(width, kernel, stride) each, with group norm (not after the first) and leaky ReLU of slope 0.2 between."""
    layers: list[nn.Module] = []
    for i, (cout, kernel, stride) in enumerate(rows):
        layers.append(nn.Conv2d(cin, cout, kernel, stride, 1))
        if i < len(rows) - 1:
            layers += [nn.GroupNorm(gcd(cout, max(1, cout // 16)), cout)] if i else []
            layers.append(nn.LeakyReLU(0.2, inplace=True))
        cin = cout
    return nn.Sequential(*layers)


class Remembering(nn.Module):
    """A judge that is also shown generated pictures of earlier steps (Shrivastava et al. 2017; Zhu et al. 2017: 50).

    With `remember` each picture is kept, and once the memory is full, half of them change places with a random kept
    one before they are judged. The pictures are buffers: every checkpoint holds them.
    """

    def __init__(self, judge: nn.Module, channels: int, memory: int = 50) -> None:
        super().__init__()
        self.judge = judge
        self.register_buffer("kept", torch.zeros(memory, channels, 1, 1))
        self.register_buffer("filled", torch.zeros((), dtype=torch.long))
        self.kept: Tensor
        self.filled: Tensor
        # read by DistributedDataParallel: several processes would all be given the pictures of the first, whose size
        # may be another stage's
        self._ddp_params_and_buffers_to_ignore = ["kept", "filled"]

    def forward(self, picture: Tensor, remember: bool = False) -> Tensor:
        out: Tensor = self.judge(self._exchange(picture) if remember else picture)
        return out

    @torch.no_grad()
    def _exchange(self, pictures: Tensor) -> Tensor:
        if self.kept.shape[-2:] != pictures.shape[-2:]:  # another stage of the run: old sizes can't be batched
            self.kept = pictures.new_zeros((*self.kept.shape[:2], *pictures.shape[-2:]), dtype=torch.float32)
            self.filled.zero_()
        shown = pictures.detach().float().clone()
        filled, memory = int(self.filled), len(self.kept)
        # torch's global generator, which the loop seeds at every step: a resumed run draws the same
        swap, place = torch.rand(len(shown)) < 0.5, torch.randint(max(memory, 1), (len(shown),))
        for i in range(len(shown)):
            if filled < memory:
                self.kept[filled] = shown[i]
                filled += 1
            elif memory and swap[i]:
                at = int(place[i])
                shown[i], self.kept[at] = self.kept[at].clone(), shown[i].clone()
        self.filled.fill_(filled)
        return shown

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        if prefix + "kept" in state_dict:  # the pictures have the size of the stage that was left
            self.kept = torch.empty_like(state_dict[prefix + "kept"], device=self.kept.device)
        super()._load_from_state_dict(state_dict, prefix, *rest)
