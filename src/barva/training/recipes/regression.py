"""Recipes of the `regression` family."""

from __future__ import annotations

from barva.training.recipe import Recipe, Stage


def regression_first() -> Recipe:
    """The VGG16-derived CNN on mean squared error, whole photos at 64 px then 96 px.

    Command: `python -m barva.training.loop regression_first --cache DIR --run DIR`. Time: 15 minutes on two cores.
    Expect: see benchmarks/training.md, run r1.
    """
    return Recipe(
        family="regression",
        stages=(Stage(0.0, 64, 64), Stage(0.7, 96, 48)),
        minutes=15,
        rate=3e-4,
        filmed=0.2,
        decay=0.01,
    )
