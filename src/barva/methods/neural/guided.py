"""`guided`: the default method. One network, automatic without hints, following them where there are some."""

from __future__ import annotations

from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from barva.guidance.along import smooth_along_edges
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule, weights_of
from barva.methods.decoding import decode, mean, network_input
from barva.runtime import weights
from barva.runtime.session import Network

Float = npt.NDArray[np.float32]

_HINT_REACH, _HINT_GAIN = 0.2, 3.0
"""How far a hint is taken as telling of its surroundings, a share of the short side (the sigma of a Gaussian), and how
much the sum of such Gaussians counts. On photos with masks, 10 random points: 25.2 dB with none of it, 26.0 with 0.15
and 1, 26.4 with these, 26.5 with the plain mean everywhere, which would dull what no hint is near."""


TRUNK, ENCODER = 160, 224
"""Short sides, px, at which the trunk and the encoder see a photo: the working size is the encoder's, and the network
makes the trunk's of it, `encoder_scale` (in the weights' facts) times as small."""

_SMOOTHING = 4.0, 10.0
"""Answers are smoothed over so many places, and so many L units are as far. A doubtful suit in patches of red and gray
becomes one of rust; on 36 photos with masks 9.18 CIEDE2000 for 9.22 without, and 0.75 of the true chroma for 0.79."""


class Guided:
    """Residual U-Net over light and hints, with features of a network trained on ImageNet, that predicts a
    distribution over the 313 chroma bins."""

    CARD: ClassVar = MethodCard(
        name="guided",
        title="Guided classification",
        summary="the default: automatic colors, follows hints, with a confidence",
        family="guided",
        size=SizeRule(short=ENCODER, multiple=32, longest=1408),
        native_guidance=frozenset({"points"}),
        learned=True,
        has_distribution=True,
        weights="guided",
        license="MIT AND Apache-2.0",  # weights/NOTICE.md
        paper="after Zhang, Isola, Efros 2016 (arXiv 1603.08511) and Zhang et al. 2017 (arXiv 1705.02999)",
    )

    def __init__(self, threads: int | None = None, card: MethodCard | None = None) -> None:
        self._card = card or self.CARD
        name = weights_of(self._card)
        self._network = Network(name, threads)
        facts: dict[str, Any] = weights.facts(name)
        self._temperature = float(facts["temperature"])
        self._strength = float(facts["strength"])
        self._gain, self._lift = float(facts.get("gain", 1.0)), float(facts.get("lift", 0.0))
        log_w = np.log(np.asarray(facts["rebalance"], np.float32))
        self._log_w: Float = log_w - log_w.mean()

    @property
    def card(self) -> MethodCard:
        return self._card

    def logits(self, light: Float, hints: HintMap | None) -> Float:
        """(Q, h, w) logits at a quarter of the working size: the mean over the photo and its mirror image, for a
        mirrored world has the same colors; smoothed along the light, for a surface mostly has one."""
        x = network_input(light, hints)
        forward, mirrored = self._network.run({"input": np.stack([x, x[:, :, ::-1]])})[0]
        return smooth_along_light((forward + mirrored[:, :, ::-1]) / 2, light)

    def distribution(self, light: Float, hints: HintMap | None) -> Float:
        """(Q, h, w) how probable each bin is, by the network's own lights: class weights divided out."""
        return self.probabilities(self.logits(light, hints))

    def probabilities(self, logits: Float) -> Float:
        """The second half of `distribution`."""
        z = logits - self._log_w[:, None, None]
        p = np.exp(z - z.max(axis=0))
        return np.asarray(p / p.sum(axis=0), np.float32)

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        return self.decode_logits(self.logits(light, hints), hints)

    def decode_logits(self, logits: Float, hints: HintMap | None = None) -> Chroma:
        """The second half of `paint`: the answer that `logits` make."""
        # Training weighed rare colors up by w; dividing them out again gives the true distribution (Bayes). How much
        # of w is left in is calibrated, and so is the gain: means are dull.  The
        # temperature of the annealed mean (Zhang 2016, section 2.3) would not do: where the network doubts, the
        # likeliest bin is gray; and more of w makes doubtful places gaudy before it makes sure ones vivid.
        z = logits + np.float32(self._strength - 1) * self._log_w[:, None, None]
        answer = decode(z, self._temperature, self._lift)
        ab = answer.ab * np.float32(self._gain)
        if hints is not None and hints.weight.any():
            # where hints tell, a guess needs no help to look vivid: the plain mean is what they make likely
            plain = mean(logits - self._log_w[:, None, None])
            share = _hint_influence(hints.weight, ab.shape[:2])[..., None]
            ab += share * (plain - ab)
        return Chroma(ab, answer.confidence)


def smooth_along_light(logits: Float, light: Float) -> Float:
    """(Q, h, w) logits smoothed along the light (H, W)."""
    h, w = logits.shape[1:]
    small: Any = cv2.resize(light, (w, h), interpolation=cv2.INTER_AREA)
    planes = smooth_along_edges(logits.transpose(1, 2, 0), np.asarray(small, np.float32), *_SMOOTHING, passes=1)
    return np.ascontiguousarray(planes.transpose(2, 0, 1))


def _hint_influence(weight: Float, size: tuple[int, int]) -> Float:
    """(h, w) 0..1: how much hints of `weight` (H, W) tell of each place of the answer: all of it at a hint and where
    several are near, little where they are farther away than twice `_HINT_REACH`."""
    small: Any = cv2.resize(weight, size[::-1], interpolation=cv2.INTER_AREA)
    # one hint, however small, is one; an area counts once at each place
    peaks = np.minimum(small * (weight.size / small.size), 1).astype(np.float32)
    sigma = _HINT_REACH * min(size)
    near = cv2.GaussianBlur(peaks, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT) * np.float32(2 * np.pi * sigma**2)
    return np.asarray(1 - np.exp(-_HINT_GAIN * near), np.float32)
