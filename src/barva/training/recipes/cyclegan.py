"""Recipes of the `cyclegan` family."""

from __future__ import annotations

from barva.training.objectives.cyclegan import CycleganLoss, CycleganModel
from barva.training.recipe import Optim, Recipe
from barva.training.recipes.common import SAMPLES, STAGES


def cyclegan() -> Recipe:
    """CycleGAN (Zhu et al. 2017) on unpaired photos: half of every batch old, half modern.

    Old photos come from `--old`; without any the old half is filmed light of modern ones, as it was for the shipped
    weights. The modern half shows its true light.
    The paper's patches of 70 px suit pictures of 256 px; here 34 px of 64 px.

    Command: `barva train cyclegan --data SOURCE --run DIR --old PHOTOS`. Time: 6 minutes on two cores.
    Expect: CIEDE2000 13.37, 1.04 above gray (benchmarks/families.md).
    """
    return Recipe(
        family="cyclegan",
        model=CycleganModel(),
        loss=CycleganLoss(),
        stages=STAGES,
        samples=SAMPLES,
        optim=Optim("adam", lr=4e-4, decay=0.0, beta1=0.5, beta2=0.999, warmup=200),
        filmed=1.0,
    )
