"""Recipes of the `guided` family."""

from __future__ import annotations

from barva.training.objectives.guided import GuidedLoss, GuidedModel
from barva.training.recipe import Hints, Optim, Recipe, Stage


def guided() -> Recipe:
    """The default model: whole photos at 64 px for meaning, then 96, 128 and 192 px for sharpness; features of an
    encoder that knows ImageNet join at each level and are not trained (`--set model.encoder=none` leaves them out).

    Command: `barva train guided --data DIR --run DIR --minutes 130`; for the next round, or for photos of your own,
    with `--start shipped`, `--set model.encoder=late` and a lower rate (`--set optim.lr=4e-4`).
    `--masks CACHE` adds photos with masks, a quarter of each batch, from which the network also learns what is where;
    `--set model.encoder_scale=1.4` lets the encoder see photos larger than the trunk (a stage's side is the encoder's);
    `--set loss.even=0.1` asks for even surfaces, which no trial has shown to pay yet.
    Half of the samples have hints; half of those with points have 3 to 30 of them.
    Time: two hours a round on two cores. Expect: see benchmarks/training.md, runs g1 to g6.
    """
    return Recipe(
        family="guided",
        model=GuidedModel(),
        loss=GuidedLoss(),
        stages=(
            Stage(0.0, 64, 96, small=0.5),
            Stage(0.6, 96, 48, small=0.25),
            Stage(0.76, 128, 32, small=0.0),
            Stage(0.88, 192, 16, small=0.0),
        ),
        samples=1_000_000,
        optim=Optim(lr=1e-3),
        hints=Hints(share=0.5, several=0.5),
        filmed=0.5,
    )
