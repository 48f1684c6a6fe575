"""Recipes of the `regression` family: one network, three color spaces (source document 000's comparison)."""

from __future__ import annotations

from typing import Literal

from barva.training.objectives.regression import RegressionLoss, RegressionModel
from barva.training.recipe import Optim, Recipe
from barva.training.recipes.common import FILMED, SAMPLES, STAGES


def regression_lab() -> Recipe:
    """The VGG16-derived CNN of source document 003, mean squared error on a and b.

    Command: `barva train regression_lab --data SOURCE --run DIR`. Time: 7 minutes on two cores.
    Expect: CIEDE2000 12.04, 0.28 below gray (benchmarks/families.md).
    """
    return _regression("lab")


def regression_yuv() -> Recipe:
    """As `regression_lab`, but on U and V.

    Command: `barva train regression_yuv --data SOURCE --run DIR`. Time: 8 minutes on two cores.
    Expect: CIEDE2000 11.86, 0.46 below gray (benchmarks/families.md).
    """
    return _regression("yuv")


def regression_rgb() -> Recipe:
    """As `regression_lab`, but on R, G and B, of which only the chroma is used.

    Command: `barva train regression_rgb --data SOURCE --run DIR`. Time: 9 minutes on two cores.
    Expect: CIEDE2000 12.46, 0.14 above gray (benchmarks/families.md).
    """
    return _regression("rgb")


def _regression(space: Literal["rgb", "yuv", "lab"]) -> Recipe:
    return Recipe(
        family="regression",
        model=RegressionModel(space),
        loss=RegressionLoss(),
        stages=STAGES,
        samples=SAMPLES,
        optim=Optim(lr=5e-4, decay=0.01, warmup=200),
        filmed=FILMED,
    )
