"""Recipes of the `guided` family: functions that return a frozen `Recipe`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """From which share of the training time on, at what side (px), batch size, and smallest share of the frame."""

    start: float
    side: int
    batch: int
    crop: float


@dataclass(frozen=True)
class Recipe:
    """Everything that a run needs except where the photos lie."""

    family: str
    widths: tuple[int, int, int, int]
    depths: tuple[int, int, int, int]
    attentions: int
    stages: tuple[Stage, ...]
    minutes: float
    rate: float
    warmup_steps: int
    decay: float
    ema: float
    clip: float
    rebalance: float
    hinted: float
    filmed: float
    label_loss: float
    seed: int


def guided_first() -> Recipe:
    """First honest weights: whole photos at 64 px, then 96 and 128 px, light rebalancing.

    Command: `python -m barva.training.loop --cache DIR --run DIR`. Time: two hours on two cores.
    Expect mean CIEDE2000 at least 1.0 below grey with a chroma ratio above 0.55.
    """
    return Recipe(
        family="guided",
        widths=(48, 96, 192, 384),
        depths=(2, 2, 3, 2),
        attentions=2,
        stages=(Stage(0.0, 64, 64, 0.5), Stage(0.66, 96, 48, 0.5), Stage(0.82, 128, 32, 0.5)),
        minutes=115,
        rate=8e-4,
        warmup_steps=500,
        decay=0.05,
        ema=0.999,
        clip=1.0,
        rebalance=0.15,
        hinted=0.35,
        filmed=0.35,
        label_loss=0.1,
        seed=1,
    )
