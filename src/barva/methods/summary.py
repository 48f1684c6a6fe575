"""What `guided` thinks of a photo, summed up in a few planes: that is what `diffusion` is given beside the photo.

`guided` knows how likely each color is at each place, but not which colors go together. `diffusion` need learn only the
second, from a fraction of the photos that both together would take. The planes mean the same whichever weights `guided`
has: mean colors and shares of kinds of colors, no features of its network.

| planes | what |
|---|---|
| 2 | mean chroma over `samples.SCALE` |
| 2 | annealed mean (Zhang et al. 2016, equation 5) at the temperature `SHARP` over `samples.SCALE` |
| 1 | share of gray |
| 6, 6 | shares of pale and of vivid colors of six hues |

`training.guided_summary` says the same in torch; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from barva.color.bins import BINS
from barva.guidance.hintmap import HintMap
from barva.methods.decoding import network_input
from barva.methods.samples import SCALE
from barva.runtime import weights
from barva.runtime.session import Network
from barva.types import Float

GUIDED = "guided"
"""The weights that are asked."""

SHARP = 0.4
"""Temperature of the annealed mean: the likeliest color, where one is."""

HUES = 6
"""Sectors of hue, the first one from 0 degrees (toward red) on."""

GRAY, VIVID = 5.0, 30.0
"""Chroma below which a color is gray, and from which on it is vivid."""

PLANES = 4 + 1 + 2 * HUES


def _kinds() -> Float:
    """(1 + 2 HUES, bins) 1 where a bin is of a kind."""
    chroma = np.hypot(BINS[:, 0], BINS[:, 1])
    sector = (np.arctan2(BINS[:, 1], BINS[:, 0]) / (2 * np.pi) % 1 * HUES).astype(int)
    kind = np.where(chroma < GRAY, 0, np.where(chroma < VIVID, 1 + sector, 1 + HUES + sector))
    return np.asarray(kind == np.arange(1 + 2 * HUES)[:, None], np.float32)


MEAN: Float = np.ascontiguousarray(BINS.T / np.float32(SCALE))
"""(2, bins): from probabilities to their mean."""

KINDS: Float = _kinds()
"""(1 + 2 HUES, bins): from probabilities to shares."""

SQUARES: Float = np.ascontiguousarray((BINS**2).sum(axis=1) / np.float32(SCALE) ** 2)
"""(bins,): from probabilities to the mean of squared chroma over `samples.SCALE` squared."""

HALF = 20.0
"""Lab units: a color that far from the likely ones, in the root mean square, is half sure."""


@dataclass(frozen=True)
class Summary:
    """What `guided` thinks of a photo.

    Args:
        planes: (PLANES, h, w), what a network is given.
        squares: (h, w), mean of squared chroma over `samples.SCALE` squared.
    """

    planes: Float
    squares: Float

    def at_size(self, rows: int, columns: int) -> Summary:
        """The same, linear in between."""

        def fit(plane: Float) -> Float:
            return np.asarray(cv2.resize(plane, (columns, rows)), np.float32)

        return Summary(np.stack([fit(plane) for plane in self.planes]), fit(self.squares))

    def distance(self, ab: Float) -> Float:
        """How far chroma (h, w, 2) lies from what is likely, (h, w) Lab units: the root mean square of its distances
        to all colors, each as often as it is likely. That is the error that `guided` expects of it: the spread of
        what is likely, and how far the answer is from its mean."""
        x = ab.transpose(2, 0, 1) / np.float32(SCALE)
        squared = (x**2).sum(axis=0) - 2 * (x * self.planes[:2]).sum(axis=0) + self.squares
        return np.asarray(SCALE * np.sqrt(np.maximum(squared, 0)), np.float32)

    def confidence(self, ab: Float) -> Float:
        """How sure an answer (h, w, 2) of Lab chroma is, (h, w) 0..1: 1 where nothing else is likely, a half where what
        is likely lies `HALF` away."""
        return np.asarray(1 / (1 + (self.distance(ab) / np.float32(HALF)) ** 2), np.float32)


def summarize(logits: Float) -> Summary:
    """Of logits (bins, h, w) that no class weights are left in."""
    z = logits.reshape(len(logits), -1)
    z = z - z.max(axis=0)
    p, sharp = np.exp(z), np.exp(z / np.float32(SHARP))
    p /= p.sum(axis=0)
    planes = np.concatenate([MEAN @ p, (MEAN @ sharp) / sharp.sum(axis=0), KINDS @ p])
    size = logits.shape[1:]
    return Summary(np.asarray(planes.reshape(PLANES, *size), np.float32), np.asarray(SQUARES @ p).reshape(size))


def input_size(rows: int, columns: int) -> tuple[int, int]:
    """Rows and columns, px, at which `guided` is shown light of a size, so that its trunk works at that size: those of
    its encoder, `encoder_scale` times as many, multiples of 32."""
    scale = float(weights.facts(GUIDED).get("encoder_scale", 1))
    return (rows, columns) if scale == 1 else (round(rows * scale / 32) * 32, round(columns * scale / 32) * 32)


def log_weights() -> Float:
    """(bins,) logarithms of the class weights that `guided` was trained with."""
    return np.log(np.asarray(weights.facts(GUIDED)["rebalance"], np.float32))


class Summarizer:
    """`guided` as the other half of a method: one look at a photo, summed up. `WeightsError`: its weights are
    damaged."""

    def __init__(self, threads: int | None = None) -> None:
        self._network, self._log_w = Network(GUIDED, threads), log_weights()

    def summary(self, light: Float, hints: HintMap | None) -> Summary:
        """h and w are about a quarter of the light's."""
        x = network_input(light, hints)
        rows, columns = input_size(*light.shape)
        if (rows, columns) != light.shape:
            x = np.stack([cv2.resize(plane, (columns, rows)) for plane in x])
        logits = self._network.run({"input": x[None]})[0][0]
        return summarize(logits - self._log_w[:, None, None])
