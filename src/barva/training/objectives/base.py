"""What a family gives the training loop. Axes: B batch, C channels, S side; tensors lie on the run's device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from barva.training.recipe import Recipe

Nets = Mapping[str, nn.Module]


@dataclass(frozen=True)
class Tensors:
    """One step's photos.

    | field | shape | what |
    |---|---|---|
    | `light` | (B, 1, S, S) | the input, `L / 50 - 1`; film-simulated in a share of the samples |
    | `hints` | (B, 3, S, S) | hinted `ab / 110` times weight (2), weight 0..1 (1) |
    | `lightness` | (B, 1, S, S) | the true light, `L / 50 - 1` |
    | `ab` | (B, 2, S, S) | the chroma to learn, Lab units; recoloured where a hint tells a wrong colour |
    | `rgb` | (B, 3, S, S) | the photo, sRGB 0..1, never recoloured |
    | `label` | (B,) int64 | the subject, -1 where unknown |
    """

    light: Tensor
    hints: Tensor
    lightness: Tensor
    ab: Tensor
    rgb: Tensor
    label: Tensor


@dataclass(frozen=True)
class Facts:
    """What an objective may know about the photos: the empirical bin distribution (313,) and the number of labels."""

    prior: npt.NDArray[np.float32]
    labels: int


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
        """Who learns: player -> the networks that its optimiser moves. A plain network: {"net": ("net",)}."""
        ...

    def turns(self, nets: Nets, batch: Tensors) -> Sequence[str]:
        """The players that learn from this batch, in order, repeats allowed (extra cycles)."""
        ...

    def loss(self, player: str, nets: Nets, batch: Tensors) -> tuple[Tensor, dict[str, float]]:
        """What `player` minimises, and its parts for the log."""
        ...

    def paint(self, net: nn.Module, light: Tensor, hints: Tensor) -> Tensor:
        """Chroma (B, 2, S, S) in Lab units, as the method would decode it by default: sheets, validation, export."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the method must know to decode the exported network's output; goes into the weights' JSON."""
        ...

    def exported(self, net: nn.Module) -> nn.Module:
        """What `barva export` writes: (B, CHANNELS, H, W) in, the method's raw output out."""
        ...
