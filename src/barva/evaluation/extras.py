"""What can be measured besides automatic colors: points, film, comparison, and the measures that need large networks.

Nothing here knows torch: whoever calls brings the film and the networks along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from barva.color import spaces
from barva.errors import UsageError, shorten
from barva.values import is_whole

Picture = npt.NDArray[np.uint8]
Film = Callable[[npt.NDArray[np.float32], np.random.Generator], npt.NDArray[np.floating[Any]]]
"""RGB (H, W, 3) 0..1 and a random generator -> L (H, W) 0..100, as an old photo of the scene would have it."""

MOST_POINTS = 10_000


class Perceptual(Protocol):
    """LPIPS of each answer, and FID of all of them; pictures are RGB (H, W, 3) `uint8`."""

    def truth(self, rgb: Picture) -> None:
        """The next photo; the answers that follow belong to it."""

    def answer(self, label: str, rgb: Picture) -> float | None:
        """LPIPS of a row's answer, or None when only FID is measured; FID remembers both."""

    def fid(self, label: str) -> float | None:
        """FID between the photos and a row's answers so far; None when it is not measured or not defined."""


@dataclass(frozen=True, eq=False)
class Extras:
    """What a benchmark measures besides automatic colors.

    `points`: how many points of true color to try, each number once; `film` simulates old light; `perceptual` brings
    LPIPS and FID; `compare` holds every method against the first; `notes` are lines for the reports.
    """

    points: tuple[int, ...] = ()
    film: Film | None = None
    perceptual: Perceptual | None = None
    compare: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for count in self.points:
            if not is_whole(count, 1, MOST_POINTS):
                raise UsageError(f"points are counted from 1 to {MOST_POINTS}, not {shorten(count)}")
        object.__setattr__(self, "points", tuple(dict.fromkeys(self.points)))


def generator(key: str, purpose: str, seed: int = 0) -> np.random.Generator:
    """The random generator of one photo and purpose: the same whatever else is measured, in whatever order."""
    digest = hashlib.sha256(f"{purpose}\0{key}".encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest, np.uint32).tolist()])


def film_light(film: Film, key: str, rgb: Picture, seed: int = 0) -> Picture:
    """The gray picture (H, W) `uint8` of a simulated old photo of `rgb` (H, W, 3) `uint8`."""
    light = np.asarray(film(rgb.astype(np.float32) / np.float32(255), generator(key, "film", seed)), np.float32)
    if light.shape != rgb.shape[:2]:
        raise UsageError(f"film light is {light.shape} for a photo of {rgb.shape}")
    steps = spaces.lightness_table(8)
    return np.searchsorted((steps[1:] + steps[:-1]) / 2, light).astype(np.uint8)
