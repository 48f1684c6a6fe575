"""Recipe of the perception network."""

from __future__ import annotations

from barva.training.objectives.perception import PerceptionLoss, PerceptionModel
from barva.training.recipe import Optim, Recipe, Stage


def perception() -> Recipe:
    """What is in a photo: segments of 41 classes, and the object at a click; learns from photos with masks.

    barva data masks COLLECTION ... --cache CACHES
    barva train perception --data CACHES/COLLECTION ... --run RUN

    About 8 samples a second at 192 px on two cores without AVX-512. The first runs are in `benchmarks/training.md`.
    """
    return Recipe(
        family="perception",
        model=PerceptionModel(),
        loss=PerceptionLoss(),
        stages=(Stage(0.0, 192, 24, crop=0.3), Stage(0.75, 256, 16, crop=0.4)),
        samples=120_000,
        optim=Optim(lr=1e-3, decay=0.02, warmup=300, ema=0.998),
        filmed=0.5,
    )
