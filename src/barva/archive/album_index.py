"""Which photos of an album are worth comparing with a new one: a short description of each, compared with all.

A description counts a photo's local features by the side on which they lie of `BITS` random planes: features that look
alike mostly fall into one of 2048 cells (Charikar 2002). Photos with uncommon cells in common may show the same thing.
All descriptions of 10,000 photos are compared in a hundredth of a second, so that no tree of them is kept.
"""

from __future__ import annotations

import base64
import zlib
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.engine.prepare.matching import View
from barva.methods.base import Float

BITS = 11
CELLS = 2**BITS

Counts = npt.NDArray[np.uint8]
"""(CELLS,) features of a photo in each cell."""


@cache
def _planes() -> Float:
    return np.random.default_rng(0).normal(size=(128, BITS)).astype(np.float32)


def describe(view: View) -> Counts:
    """The description of a photo as it is matched."""
    if not len(view.features):
        return np.zeros(CELLS, np.uint8)
    sides = (view.features - view.features.mean(axis=1, keepdims=True)) @ _planes() > 0
    cells = sides @ (1 << np.arange(BITS))
    return np.bincount(cells, minlength=CELLS).clip(0, 255).astype(np.uint8)


def pack(counts: Counts) -> str:
    """A description as text, of ASCII."""
    return base64.b64encode(zlib.compress(counts.tobytes(), 9)).decode()


def unpack(text: str) -> Counts:
    """What `pack` made. ValueError, zlib.error."""
    counts = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    if counts.shape != (CELLS,):
        raise ValueError("a description has another size")
    return counts


class AlbumIndex:
    """Descriptions by key, in the order in which they came."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._rows = np.zeros((64, CELLS), np.float32)
        self._photos = np.zeros(CELLS, np.float32)  # in which a cell occurs

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def add(self, key: str, counts: Counts) -> None:
        """Take a photo's description."""
        at = len(self._keys)
        if at == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[at] = _normalize(counts)
        self._photos += counts > 0
        self._keys.append(key)

    def nearest(self, looks: list[Counts], count: int, without: set[str]) -> list[str]:
        """Keys of the photos most like one of the descriptions, the most similar first.

        Args:
            looks: descriptions of one photo, such as also of its mirror image.
            count: keys at most.
            without: keys that are not wanted.
        """
        n = len(self._keys)
        if not n:
            return []
        rare = np.log((n + 1) / (self._photos + 1)).astype(np.float32)
        wanted: Any = np.stack([_normalize(counts) * rare**2 for counts in looks])
        likeness = np.concatenate(
            [(self._rows[i : min(i + 2048, n)] @ wanted.T).max(axis=1) for i in range(0, n, 2048)]
        )
        order = np.argsort(-likeness, kind="stable")
        return [self._keys[i] for i in order if likeness[i] > 0 and self._keys[i] not in without][:count]


def _normalize(counts: Counts) -> Float:
    rooted = np.sqrt(counts.astype(np.float32))
    return np.asarray(rooted / max(float(np.linalg.norm(rooted)), 1e-6), np.float32)
