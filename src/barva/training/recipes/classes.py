"""Recipes of the `classes` family: one network, the three losses of Zhang, Isola and Efros 2016."""

from __future__ import annotations

from typing import Literal

from barva.training.objectives.classes import ClassesLoss, ClassesModel
from barva.training.recipe import Optim, Recipe
from barva.training.recipes.common import FILMED, SAMPLES, STAGES


def classes_rebalanced() -> Recipe:
    """The full method: classification, rare colors weighed up. `--set model.width=1.0` is the published network.

    Command: `barva train classes_rebalanced --data SOURCE --run DIR`. Time: 7 minutes on two cores.
    Expect: CIEDE2000 14.29, 1.96 above gray (benchmarks/families.md).
    """
    return _classes("rebalanced")


def classes_plain() -> Recipe:
    """Classification without rebalancing ("unbalanced", as Larsson et al. 2016).

    Command: `barva train classes_plain --data SOURCE --run DIR`. Time: 13 minutes on two cores.
    Expect: CIEDE2000 12.09, 0.24 below gray (benchmarks/families.md).
    """
    return _classes("cross_entropy")


def classes_l2() -> Recipe:
    """L2 regression on the same network.

    Command: `barva train classes_l2 --data SOURCE --run DIR`. Time: 7 minutes on two cores.
    Expect: CIEDE2000 12.31, 0.01 below gray (benchmarks/families.md).
    """
    return _classes("l2")


def _classes(kind: Literal["l2", "cross_entropy", "rebalanced"]) -> Recipe:
    return Recipe(
        family="classes",
        model=ClassesModel(),
        loss=ClassesLoss(kind),
        stages=STAGES,
        samples=SAMPLES,
        optim=Optim(lr=8e-4, decay=0.02, warmup=200),
        filmed=FILMED,
    )
