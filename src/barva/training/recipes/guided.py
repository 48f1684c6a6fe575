"""Recipes of the `guided` family."""

from __future__ import annotations

from barva.training.recipe import Recipe, Stage


def guided_first() -> Recipe:
    """First honest weights: whole photos at 64 px, then 96 and 128 px, light rebalancing.

    Command: `python -m barva.training.loop guided_first --cache DIR --run DIR`. Time: two hours on two cores.
    Expect: see benchmarks/training.md, run g1.
    """
    return Recipe(
        family="guided",
        model={"widths": (48, 96, 192, 384), "depths": (2, 2, 3, 2), "attentions": 2},
        stages=(Stage(0.0, 64, 64), Stage(0.66, 96, 48), Stage(0.82, 128, 32)),
        minutes=112,
        rate=8e-4,
        hinted=0.35,
        filmed=0.35,
        label_loss=0.1,
    )
