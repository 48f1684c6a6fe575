"""The perception network at run time: a photo's light to classes of segments, and clicks to the mask of one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from barva.perception import clicks as click_planes
from barva.perception.clicks import Click
from barva.runtime import encoder, weights
from barva.runtime.session import Network
from barva.types import Float, Size

SEGMENTS, SELECT = "perception", "perception_select"
"""The shipped networks: the first runs once a photo, the second once a click."""

SHORT = 320
"""Short side, px, at which the network sees a photo."""

CELL = 4
"""Pixels of what the network sees in one cell of its answers."""

LONGEST = 3
"""The long side is at most so many times the short one; longer photos are squeezed."""


@dataclass(frozen=True, eq=False)
class Features:
    """What the network knows of one photo.

    | field | shape | range |
    |---|---|---|
    | `classes` | (classes, h, w) float32 | probabilities of `perception.classes.CLASSES`, 0..1 |
    | `pyramid` | (1, 64, h, w) float32 | for the select network |
    | `embedding` | (1, 48, h / 2, w / 2) float32 | for the select network |
    """

    classes: Float
    pyramid: Float
    embedding: Float

    @property
    def cells(self) -> Size:
        """(rows, columns) of the answers."""
        return self.classes.shape[1], self.classes.shape[2]


class PerceptionNetwork:
    """Both parts of the network, loaded when they are first needed. Safe to call from several threads.

    Args:
        folder: Where `perception.onnx` and `perception_select.onnx` lie; None for the shipped ones.
        threads: Processor threads at most; None for all cores.

    Examples:
        >>> features = PerceptionNetwork().features(light)
    """

    def __init__(self, folder: Path | None = None, threads: int | None = None) -> None:
        self._folder, self._threads = folder, threads
        self._loaded: dict[str, Network] = {}

    @property
    def version(self) -> str:
        """Of the weights."""
        return str(weights.facts(self._path(SEGMENTS)).get("version", "unknown"))

    def _path(self, name: str) -> str | Path:
        return name if self._folder is None else self._folder / f"{name}.onnx"

    def _network(self, name: str) -> Network:
        if name not in self._loaded:
            self._loaded[name] = Network(self._path(name), self._threads)
        return self._loaded[name]

    def features(self, light: Float, short: int = SHORT) -> Features:
        """What the network sees in a photo.

        Args:
            light: (H, W) L 0..100, of any size.
            short: Short side in pixels at which it is seen; both sides become multiples of 32.

        Returns:
            Class probabilities and features.

        Raises:
            WeightsError: The shipped weights are missing or changed.
        """
        x = encoder.seen_light(light, short, LONGEST)
        logits, pyramid, embedding = self._network(SEGMENTS).run({"light": x[None, None]})
        p = np.exp(logits[0] - logits[0].max(axis=0))
        return Features(p / p.sum(axis=0), pyramid, embedding)

    def mask(self, features: Features, clicks: Sequence[Click], before: Float | None = None) -> Float:
        """The object that clicks mean.

        Args:
            features: Of the photo.
            clicks: Places in cells, inside and outside the object.
            before: (h, w) the mask so far 0..1, or None.

        Returns:
            (h, w) probability 0..1 of belonging to the object.
        """
        planes = click_planes.planes(clicks, before, features.cells)[None]
        inputs = {"pyramid": features.pyramid, "embedding": features.embedding, "clicks": planes}
        (logits,) = self._network(SELECT).run(inputs)
        return np.asarray(1 / (1 + np.exp(-logits[0, 0])), np.float32)


def seen_size(height: int, width: int, short: int = SHORT) -> Size:
    """(rows, columns) in pixels, multiples of 32, at which a photo of height x width px is seen."""
    return encoder.seen_size(height, width, short, LONGEST)


@lru_cache(maxsize=2)
def shared_network(threads: int | None = None) -> PerceptionNetwork:
    """A `PerceptionNetwork` with the shipped weights that is kept for the next call."""
    return PerceptionNetwork(threads=threads)
