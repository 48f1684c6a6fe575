"""Recipe of the perception network."""

from __future__ import annotations

from barva.training.objectives.perception import PerceptionLoss, PerceptionModel
from barva.training.recipe import Optim, Recipe, Stage


def perception() -> Recipe:
    """What is in a photo: segments of 41 classes, and the object at a click; learns from photos with masks.

    barva data masks COLLECTION ... --cache CACHES
    barva train perception --data CACHES/COLLECTION ... --run RUN

    About 10 samples a second at 224 px on two cores without AVX-512. The encoder stays as ImageNet taught it: learning
    at the full rate it forgot dogs and cats sooner than it learned masks (`benchmarks/training.md`, p3 to p6).
    """
    return Recipe(
        family="perception",
        model=PerceptionModel(learning=16),
        loss=PerceptionLoss(),
        stages=(Stage(0.0, 224, 24, crop=0.3), Stage(0.75, 288, 16, crop=0.4)),
        samples=120_000,
        optim=Optim(lr=1e-3, encoder=0.1, decay=0.02, warmup=300, ema=0.998),
        filmed=0.5,
    )
