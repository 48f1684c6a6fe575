"""`Recipe`: all that a training run needs except where the photos lie. Frozen; functions of `recipes/` make them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stage:
    """From the share `start` of the training time on: side in px, batch size, smallest share of the frame shown."""

    start: float
    side: int
    batch: int
    crop: float = 0.5


@dataclass(frozen=True)
class Recipe:
    """`hinted` and `filmed` are the shares of samples with hints and with film-simulated light; `rebalance` the
    exponent of the class weights `p^-rebalance`; `label_loss` the weight of the auxiliary subject loss."""

    family: str
    stages: tuple[Stage, ...]
    minutes: float
    rate: float
    model: dict[str, object] = field(default_factory=dict)
    warmup_steps: int = 500
    decay: float = 0.05
    ema: float = 0.999
    clip: float = 1.0
    rebalance: float = 0.15
    hinted: float = 0.0
    filmed: float = 0.0
    label_loss: float = 0.0
    seed: int = 1
