"""What a family gives the training loop. Axes: B batch, C channels, S side; tensors lie on the run's device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from barva.training.recipe import Recipe

if TYPE_CHECKING:
    from barva.training.data import Batch

Nets = Mapping[str, nn.Module]


@dataclass(frozen=True)
class Tensors:
    """One step's photos.

    | field | shape | what |
    |---|---|---|
    | `light` | (B, 1, S, S) | the input, `L / 50 - 1`; film-simulated in a share of the samples |
    | `hints` | (B, 3, S, S) | hinted `ab / 110` times weight (2), weight 0..1 (1) |
    | `lightness` | (B, 1, S, S) | the true light, `L / 50 - 1` |
    | `ab` | (B, 2, S, S) | the chroma to learn, Lab units; recolored where a hint tells a wrong color |
    | `rgb` | (B, 3, S, S) | the photo, sRGB 0..1, never recolored |
    | `label` | (B,) int64 | the subject, -1 where unknown |
    | `allowed` | (n, S / 4, S / 4) int64 | of the last n photos: bit c is set where a pixel can be class c; or None |
    """

    light: Tensor
    hints: Tensor
    lightness: Tensor
    ab: Tensor
    rgb: Tensor
    label: Tensor
    allowed: Tensor | None = None


def tensors_on(fabric: Any, batch: Batch) -> Tensors:
    """A batch on the device of Lightning's `fabric`, channels first."""

    def move(array: Any) -> Tensor:
        tensor: Tensor = fabric.to_device(torch.from_numpy(array))
        return tensor

    return Tensors(
        light=move(batch.light).unsqueeze(1),
        hints=move(batch.hints),
        lightness=move(batch.lightness).unsqueeze(1),
        ab=move(batch.ab).permute(0, 3, 1, 2),
        rgb=move(batch.rgb).permute(0, 3, 1, 2).float() / 255,
        label=move(batch.label),
        allowed=None if batch.allowed is None else move(batch.allowed),
    )


@dataclass(frozen=True)
class Facts:
    """What an objective may know about the photos: the empirical bin distribution (313,), the number of labels, and how
    much of the photos with masks each class covers (classes,), None where there are none."""

    prior: npt.NDArray[np.float32]
    labels: int
    dense: npt.NDArray[np.float32] | None = None


class OneNetwork:
    """The players and turns of an objective whose only network learns from every batch."""

    def players(self) -> dict[str, tuple[str, ...]]:
        return {"net": ("net",)}

    def turns(self, nets: Nets, batch: Tensors) -> Sequence[str]:
        return ("net",)


class Objective(Protocol):
    """One family's networks and losses. Made once a run; keeps no state: what must survive a kill lies in the networks
    (as buffers), which every checkpoint holds."""

    MODEL: ClassVar[type]
    """The frozen dataclass of `Recipe.model`."""
    LOSS: ClassVar[type]
    """The frozen dataclass of `Recipe.loss`."""
    CHANNELS: ClassVar[int]
    """Channels that the exported network takes: 1 light, 4 light and hints."""

    def __init__(self, recipe: Recipe, facts: Facts) -> None: ...

    def build(self) -> dict[str, nn.Module]:
        """The networks by name; `net` is the one that is averaged (EMA) and exported."""
        ...

    def players(self) -> dict[str, tuple[str, ...]]:
        """Who learns: player -> the networks that its optimizer moves. A plain network: {"net": ("net",)}."""
        ...

    def turns(self, nets: Nets, batch: Tensors) -> Sequence[str]:
        """The players that learn from this batch, in order, repeats allowed (extra cycles)."""
        ...

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        """What `player` minimizes, and its parts for the log."""
        ...

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        """Chroma (B, 2, S, S) in Lab units, as the method would decode it by default: sheets, validation, export."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the method must know to decode the exported network's output; goes into the weights' JSON."""
        ...

    def export_module(self, net: nn.Module) -> nn.Module:
        """What `barva export` writes: (B, CHANNELS, H, W) in, the method's raw output out."""
        ...
