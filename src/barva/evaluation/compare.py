"""Which of two methods is nearer to the truth, judged photo by photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barva.evaluation.metrics import PhotoScores
from barva.evaluation.scores import RESAMPLES, Interval, margin, mean


@dataclass(frozen=True)
class Comparison:
    """One method against another, `base`, on the same photos.

    `ciede2000` and `psnr` are means of the method's minus the base's; `wins` is the share of photos on which the method
    has the lower CIEDE2000, ties by half.
    """

    label: str
    base: str
    ciede2000: Interval
    psnr: Interval
    wins: Interval

    @property
    def verdict(self) -> str:
        """'nearer', 'farther', or 'no difference shown' where the interval of CIEDE2000 holds 0."""
        if self.ciede2000.high < 0:
            return "nearer"
        return "farther" if self.ciede2000.low > 0 else "no difference shown"


def compare(
    label: str,
    photos: Sequence[PhotoScores],
    base: str,
    base_photos: Sequence[PhotoScores],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """A method's photos against the base's, in the same order."""
    mine, theirs = np.array([[p.ciede2000 for p in of] for of in (photos, base_photos)])
    wins = (mine < theirs) + (mine == theirs) / 2
    return Comparison(
        label,
        base,
        margin(list(theirs), list(mine), resamples, seed),
        margin([p.psnr for p in base_photos], [p.psnr for p in photos], resamples, seed),
        mean(list(wins), resamples, seed),
    )
