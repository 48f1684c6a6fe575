"""Recipes of the `diffusion` family: the denoiser, its distilled twin, and Palette as the reference."""

from __future__ import annotations

from dataclasses import replace

from barva.training.objectives.diffusion import DiffusionLoss, DiffusionModel
from barva.training.objectives.diffusion_palette import PaletteLoss, PaletteModel
from barva.training.recipe import Hints, Optim, Recipe, Stage

_STAGES = (
    Stage(0.0, 64, 64, small=0.5),
    Stage(0.5, 128, 32, small=0.0),
    Stage(0.8, 192, 32, crop=0.6, small=0.0),
)
# the average is what is sampled from: long, as for all diffusion models
_OPTIM = Optim(lr=5e-4, decay=0.0, beta2=0.99, warmup=500, ema=0.9995)


def diffusion() -> Recipe:
    """The denoiser: chroma of 16 x 16, then 32 x 32 and 48 x 48, given light, hints and palettes.

    Command: `barva train diffusion --data DIR --run RUN --minutes 240`; for the next round, or for photos of your own,
    with `--start shipped`. Expect: see benchmarks/training.md, run d2.
    """
    return Recipe(
        family="diffusion",
        model=DiffusionModel(),
        loss=DiffusionLoss(),
        stages=_STAGES,
        samples=1_500_000,
        optim=_OPTIM,
        hints=Hints(share=0.5),
        filmed=0.4,
    )


def diffusion_distilled() -> Recipe:
    """Consistency distillation of a run of `diffusion`, for one or two steps.

    Command: `barva train diffusion_distilled --data DIR --start RUN --run ANOTHER --minutes 90`. Expect: see
    benchmarks/training.md, run d5.
    """
    return replace(
        diffusion(),
        loss=DiffusionLoss("consistency"),
        stages=(Stage(0.0, 128, 32, small=0.0), Stage(0.7, 192, 16, crop=0.6, small=0.0)),
        samples=250_000,
        optim=Optim(lr=1e-4, decay=0.0, beta2=0.99, warmup=200, ema=0.999),
    )


def diffusion_palette() -> Recipe:
    """Palette (Saharia et al. 2022) with a small network on chroma; `--set loss.kind=l1` is its other loss.

    Command: `barva train diffusion_palette --data DIR --run RUN --minutes 120`. Expect: see
    benchmarks/diffusion.md.
    """
    return replace(
        diffusion(),
        family="diffusion_palette",
        model=PaletteModel(),
        loss=PaletteLoss(),
        samples=1_000_000,
        hints=Hints(),
    )
