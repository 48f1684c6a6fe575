"""One film, one look: a shot that shows a place again gets the colors that it had in an earlier shot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from barva.engine.prepare import matching
from barva.engine.prepare.matching import View
from barva.files import write_whole
from barva.guidance.hintmap import HintMap
from barva.types import Float

SHOTS = 12
"""Earlier shots, the latest ones, with which a new one is compared."""


@dataclass(frozen=True, eq=False)
class Remembered:
    """The first frame of a shot: as it is matched, and its chroma (h, w, 2)."""

    view: View
    ab: Float

    def save(self, path: Path) -> None:
        """Into an .npz file, for a run that goes on later. WriteError."""
        data = io.BytesIO()
        np.savez_compressed(data, light=self.view.light, ab=self.ab.astype(np.float16))
        write_whole(path, data.getvalue(), True)

    @classmethod
    def load(cls, path: Path) -> Remembered:
        """What `save` wrote."""
        with np.load(path) as stored:
            return cls(matching.view_of_codes(stored["light"]), stored["ab"].astype(np.float32))


def remember(view: View, ab: Float) -> Remembered:
    """Of a shot's first frame, rounded as `Remembered.save` rounds it."""
    return Remembered(view, ab.astype(np.float16).astype(np.float32))


def hints_from(view: View, shots: Sequence[Remembered], size: tuple[int, int]) -> HintMap | None:
    """Colors of earlier shots where they surely show the same, the latest shot's first.

    Args:
        view: Of the new shot.
        shots: Earlier ones.
        size: (h, w) of the hints.

    Returns:
        Hints on a grid, or None where nothing is the same.
    """
    ab, weight = np.zeros((*size, 2), np.float32), np.zeros(size, np.float32)
    for shot in reversed(shots):
        pairs = matching.match(shot.view, view)
        for (x, y), (to_x, to_y), sure in zip(pairs.source, pairs.target, pairs.confidence, strict=True):
            row, column = int(np.clip(to_y * size[0], 0, size[0] - 1)), int(np.clip(to_x * size[1], 0, size[1] - 1))
            if sure > weight[row, column]:
                h, w = shot.ab.shape[:2]
                ab[row, column] = shot.ab[int(np.clip(y * h, 0, h - 1)), int(np.clip(x * w, 0, w - 1))]
                weight[row, column] = sure
        if (weight > 0).sum() > weight.size // 200:
            break
    if not weight.any():
        return None
    # a hint is as wide as a click's
    side = 2 * max(1, round(min(size) / 128)) + 1
    spread = cv2.dilate(weight, np.ones((side, side), np.uint8))
    colors = np.dstack([cv2.blur(ab[..., n] * (weight > 0), (side, side)) for n in range(2)])
    count = cv2.blur((weight > 0).astype(np.float32), (side, side))
    return HintMap(np.asarray(colors / np.maximum(count, 1e-6)[..., None], np.float32), np.asarray(spread, np.float32))
