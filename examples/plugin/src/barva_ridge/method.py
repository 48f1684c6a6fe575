"""`ridge`: chroma as a linear function of fifteen features of the light."""

from __future__ import annotations

from functools import cached_property
from importlib import resources
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule
from barva_ridge.features import features

FILE = "ridge.npz"


class Ridge:
    """Hints are not used here: the engine steers methods that do not follow hints natively."""

    CARD: ClassVar = MethodCard(
        name="ridge",
        title="Ridge regression",
        summary="chroma as a linear function of lightness, texture and height in the picture",
        family="ridge",
        size=SizeRule(short=128, multiple=1, longest=1024),
        paper="example of a plug-in package",
        caution="trained on four photos",
    )

    def __init__(self, threads: int | None = None) -> None:
        """`threads` limits a network; this method has none."""

    @property
    def card(self) -> MethodCard:
        return self.CARD

    @cached_property
    def _weights(self) -> npt.NDArray[np.float32]:
        """(15, 2), loaded at the first photo."""
        with resources.files(__package__).joinpath(FILE).open("rb") as file, np.load(file) as stored:
            return np.asarray(stored["weights"], np.float32)

    def paint(self, light: npt.NDArray[np.float32], hints: HintMap | None, options: PaintOptions) -> Chroma:
        """(H, W) float32 L 0..100 in, (H, W, 2) a and b out."""
        return Chroma(features(light) @ self._weights)
