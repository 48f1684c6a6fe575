"""The encoder of `guided` alone: what a network that knows ImageNet sees in a photo without colors.

Two photos of one kind have like features where they show like things, whatever their light and texture.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from barva.errors import UsageError
from barva.runtime import weights
from barva.runtime.session import Network
from barva.runtime.subgraph import subgraph
from barva.types import Float, Size

WEIGHTS = "guided"
"""The shipped network that holds the encoder."""

STAGES = {
    4: "/encoder/blocks.2/Add_output_0",
    8: "/encoder/blocks.4/Add_output_0",
    16: "/encoder/blocks.10/Add_output_0",
    32: "/encoder/blocks.15/project/project.0/Conv_output_0",
}
"""Stride in pixels -> the tensor of the ONNX file (its exporter names tensors after `models.efficient`'s blocks), with
24, 40, 112 and 320 channels."""

SHARES = {8: 0.3, 16: 0.4, 32: 0.3}
"""Stage -> its share of how alike two places are. Found among others on pairs of photos of one kind: 0.1, 0.4 and 0.5
serve as well."""

SHORT = 224
"""Short side, px, at which the encoder sees a photo: what it was trained for."""

STRIDE = 32
"""Sides of what the encoder sees are multiples of it."""

LONGEST = 4
"""The long side is at most so many times the short one."""


class Encoder:
    """EfficientNet-Lite0 without its classifier (Tan and Le 2019, arXiv 1905.11946), for photos without colors.

    Safe to call from several threads. Loads 6 of the 27 MB of `guided`: only the layers that `strides` need.

    Args:
        strides: which of `STAGES` are wanted, in pixels.
        threads: processor threads at most; None for all cores.

    Raises:
        UsageError: there is no stage of such a stride.
        WeightsError: the shipped weights are missing, changed, or have no such encoder.

    Examples:
        >>> coarse = Encoder((32,)).features(light, short=224)[32]
    """

    def __init__(self, strides: Sequence[int] = tuple(STAGES), threads: int | None = None) -> None:
        unknown = [stride for stride in strides if stride not in STAGES]
        if unknown or not strides:
            raise UsageError(f"the encoder has stages of stride {', '.join(map(str, STAGES))}, not {unknown or 'none'}")
        self.strides = tuple(strides)
        model = weights.verify(WEIGHTS).read_bytes()
        self._network = Network.from_bytes(subgraph(model, [STAGES[s] for s in self.strides]), threads)

    def features(self, light: Float, short: int = SHORT) -> dict[int, Float]:
        """What each stage sees.

        Args:
            light: (H, W) L 0..100, of any size.
            short: short side in pixels at which the encoder sees the photo; rounded to a multiple of `STRIDE`, and so
                is the long side, of at most four times as much.

        Returns:
            Stride -> (h, w, channels) float32, h and w the rounded sides over the stride.
        """
        seen = seen_light(light, short, LONGEST)
        x = np.zeros((1, 4, *seen.shape), np.float32)  # the file's own input: light, and no hints
        x[0, 0] = seen
        features = self._network.run({"input": x})
        return {s: np.ascontiguousarray(f[0].transpose(1, 2, 0)) for s, f in zip(self.strides, features, strict=True)}


@lru_cache(maxsize=2)
def shared_encoder(strides: tuple[int, ...] = tuple(STAGES), threads: int | None = None) -> Encoder:
    """An `Encoder` that is kept for the next call."""
    return Encoder(strides, threads)


def seen_size(height: int, width: int, short: int, longest: int) -> Size:
    """(rows, columns) in pixels, multiples of `STRIDE`, at which a photo of height x width px is seen: its short side
    about `short`, the long one at most `longest` times as much."""
    scale = short / min(height, width)
    rows, columns = (
        min(max(STRIDE, round(n * scale / STRIDE) * STRIDE), longest * max(STRIDE, short // STRIDE * STRIDE))
        for n in (height, width)
    )
    return rows, columns


def seen_light(light: Float, short: int, longest: int) -> Float:
    """Light (H, W) L 0..100 as networks read it: `L / 50 - 1`, of the size that `seen_size` gives."""
    rows, columns = seen_size(light.shape[0], light.shape[1], short, longest)
    how = cv2.INTER_AREA if short < min(light.shape) else cv2.INTER_CUBIC
    fitted: Any = cv2.resize(np.ascontiguousarray(light, np.float32), (columns, rows), interpolation=how)
    return np.clip(np.asarray(fitted, np.float32), 0, 100).reshape(rows, columns) / np.float32(50) - 1


def directions(lights: Sequence[Float], sizes: Sequence[tuple[int, int]], threads: int | None = None) -> list[Float]:
    """What the encoder sees in several photos, so that scalar products say how alike two places are, -1..1.

    Args:
        lights: (H, W) L 0..100 each, of any size.
        sizes: rows and columns wanted of each.
        threads: processor threads at most; None for all cores.

    Returns:
        (rows, columns, 472) float32 of each photo. Channels are standardized over all photos, for what all places
        have in common tells nothing; each stage of `SHARES` is a unit vector times the root of its share.
    """
    network = shared_encoder(tuple(SHARES), threads)
    stages = [network.features(light) for light in lights]
    parts: list[list[Float]] = [[] for _ in lights]
    for stride, share in SHARES.items():
        places = np.concatenate([s[stride].reshape(-1, s[stride].shape[-1]) for s in stages])
        center, scale = places.mean(axis=0), places.std(axis=0) + np.float32(1e-3)
        for stage, size, part in zip(stages, sizes, parts, strict=True):
            x = (stage[stride] - center) / scale
            # OpenCV averages over areas of at most four channels
            x = np.concatenate([resize(x[..., c : c + 4], size) for c in range(0, x.shape[-1], 4)], axis=-1)
            length = np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-6)
            part.append(np.asarray(x * (np.float32(np.sqrt(share)) / length), np.float32))
    return [np.concatenate(part, axis=-1) for part in parts]


def resize(x: Float, size: tuple[int, ...]) -> Float:
    """(h, w) or (h, w, up to 4) at `size` (rows, columns): means where it shrinks, else linear."""
    how = cv2.INTER_AREA if size[0] * size[1] < x.shape[0] * x.shape[1] else cv2.INTER_LINEAR
    changed: Any = cv2.resize(np.ascontiguousarray(x, np.float32), (size[1], size[0]), interpolation=how)
    return np.asarray(changed, np.float32).reshape(*size, *x.shape[2:])
