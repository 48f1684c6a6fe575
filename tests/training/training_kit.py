"""What several tests of the kit share: a recipe that trains in seconds, and a sampler on the crops of `caches`."""

from __future__ import annotations

from pathlib import Path

from barva.training import data
from barva.training.cache import PhotoCache
from barva.training.device import Device
from barva.training.objectives.guided import GuidedLoss, GuidedModel
from barva.training.recipe import Hints, Optim, Recipe, Stage

TINY = Recipe(
    family="guided",
    model=GuidedModel((16, 16, 32, 64), (1, 1, 1, 1), 1, "none"),
    loss=GuidedLoss(),
    stages=(Stage(0.0, 32, 8), Stage(0.5, 64, 4)),
    samples=96,
    optim=Optim(lr=1e-3, warmup=2),
    hints=Hints(share=0.5),
    filmed=0.5,
)
CPU = Device("cpu", 1)


def sampler(caches: Path, made: Recipe = TINY) -> data.Sampler:
    return data.Sampler([("shard", PhotoCache(caches / "shard"), 1.0)], made)
