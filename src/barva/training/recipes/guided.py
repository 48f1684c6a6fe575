"""Recipes of the `guided` family."""

from __future__ import annotations

from barva.training.objectives.guided import GuidedLoss, GuidedModel
from barva.training.recipe import Hints, Optim, Recipe, Stage


def guided() -> Recipe:
    """The default model: whole photos at 64 px for meaning, then 96, 128 and 192 px for sharpness; features of an
    encoder that knows ImageNet join at each level and are not trained (`--set model.encoder=none` leaves them out).

    Command: `barva train guided --data DIR --run DIR --minutes 130` (again with `--start` for the next round).
    Time: two hours a round on two cores. Expect: see benchmarks/training.md, runs g1 to g5.
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
        hints=Hints(share=0.4),
        filmed=0.4,
    )
