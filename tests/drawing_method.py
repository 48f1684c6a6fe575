"""A method that draws its answers at once and without weights, for tests of what is around it."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np

from barva.guidance.hintmap import HintMap
from barva.methods import catalog
from barva.methods.base import Chroma, Float, MethodCard, PaintOptions, SizeRule


class Drawn:
    """One hue all over, by the seed; a draft stays where it is kept."""

    CARD: ClassVar = MethodCard(
        name="drawn", title="Drawn", summary="one hue, by the seed", family="diffusion", samples=True,
        has_distribution=True, size=SizeRule(64, 16, 256),
    )  # fmt: skip

    def __init__(self, threads: int | None = None) -> None:
        self.card = self.CARD

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        turn = np.random.default_rng(options.seed).uniform(0, 2 * np.pi)
        ab = np.empty((light.shape[0] // 4, light.shape[1] // 4, 2), np.float32)
        ab[:] = 40 * np.cos(turn), 40 * np.sin(turn)
        if options.draft is not None and options.draft.keep is not None:
            size = ab.shape[1::-1]
            old = np.asarray(cv2.resize(options.draft.ab, size), np.float32)
            keep = np.asarray(cv2.resize(options.draft.keep, size), np.float32)[..., None]
            ab = ab + keep * (old - ab)
        return Chroma(ab)


TARGET = f"{__name__}:Drawn"


def install() -> None:
    """Put it into the catalog of this process, in the place of `diffusion`, which takes its time."""
    catalog._TARGETS["drawn"] = TARGET
    catalog._TARGETS.pop("diffusion", None)
    catalog.targets.cache_clear()
