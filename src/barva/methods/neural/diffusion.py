"""`diffusion`: chroma drawn from noise, given the photo, its hints and a palette: every seed another coloring."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

import cv2
import numpy as np

from barva.color import bins
from barva.errors import WeightsError
from barva.guidance.hintmap import HintMap
from barva.methods import sampling
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule, weights_of
from barva.methods.decoding import network_input
from barva.methods.samples import STRIDE, draw, to_ab
from barva.methods.sampling import Denoise, Levels
from barva.methods.summary import Summarizer, Summary
from barva.runtime import weights
from barva.runtime.session import Network
from barva.runtime.subgraph import subgraph
from barva.types import Float

MAPS = ("map0", "map1", "map2", "map3", "code")
"""What the first entry point gives and the second one, under `given_` and the name, takes."""

DRAWN, FEW = 6, 6
"""Samples that the distribution is counted from, and steps of each at most."""

RARE = 1e-4
"""What a color counts that no sample has: never 0, whose logarithm nobody could use."""

KEPT = 8
"""Photos, with their hints, whose conditions are remembered, 1 MB each, 4 of a long panorama. Variants ask for the same
ones again and again; a click asks for new ones and for those without hints, which are still there when four photos are
worked on in turn."""


@dataclass(frozen=True)
class Seen:
    """What runs once for a photo with its hints: the first entry point's answer, by `MAPS`, and the summary at the size
    of the answers."""

    maps: list[Float]
    likely: Summary


@dataclass(frozen=True)
class Conditions:
    """What one answer is drawn given, one row a branch of classifier-free guidance: all; without hints; nothing.
    `hints` and `light` are the guidance's scales w of the two differences; `likely` is what `guided` thinks of the
    photo with its hints."""

    rows: tuple[Float, ...]
    likely: Summary
    hints: float = 0.0
    light: float = 0.0

    def combine(self, answers: Float) -> Float:
        """(B, 2, h, w) out of D of each row."""
        rest = list(answers[:, None])
        conditional = rest.pop(0)
        if self.hints:
            conditional = sampling.guide(rest.pop(0), conditional, self.hints)
        return sampling.guide(rest.pop(0) if self.light else None, conditional, self.light)


class Diffusion:
    """Preconditioned denoiser (EDM) and its distilled twin; the weights' card says which of the two they are.

    The file has two entry points: what is computed once a photo, and what is computed at every step. The first one is
    given what `guided` thinks of the photo (`methods.summary`).

    How sure an answer is follows from the same summary and takes no time: where the drawn color is likely and others
    are not, it is sure; where others are as likely, or it is one that `guided` would not expect, such as a patch that
    does not belong, it is unsure. The spread of a few more samples would say the first only, and take seconds.
    """

    CARD: ClassVar = MethodCard(
        name="diffusion",
        title="Diffusion",
        summary="draws one of many plausible colorings, another one for each seed; follows hints",
        family="diffusion",
        size=SizeRule(short=160, multiple=32, longest=704),
        native_guidance=frozenset({"points"}),
        learned=True,
        has_distribution=True,
        samples=True,
        weights="diffusion",
        license="MIT AND Apache-2.0",  # the encoder is EfficientNet-Lite0
        caution="one sample is farther from the photo's true colors than the mean that 'guided' answers",
        paper="after Karras et al. 2022 (arXiv 2206.00364) and Song et al. 2023 (arXiv 2303.01469)",
    )

    def __init__(self, threads: int | None = None, card: MethodCard | None = None) -> None:
        self._card = card or self.CARD
        name = weights_of(self._card)
        model = weights.verify(name).read_bytes()
        self._condition = Network.from_bytes(subgraph(model, MAPS), threads)
        self._denoise = Network.from_bytes(subgraph(model, ["answer"]), threads)
        self._summarizer = Summarizer(threads)
        facts = weights.facts(name)
        try:
            self._consistent = {"heun": False, "consistency": True}[facts["sampler"]]
            self._steps, self._levels = int(facts["steps"]), Levels(**facts["levels"])
            self._hints, self._light = float(facts["hint_guidance"]), float(facts["light_guidance"])
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(
                "the weights card of {method} lacks or misstates {key}",
                code="weights.card-lacks",
                method=self._card.name,
                key=error,
            ) from None
        self._remembered: OrderedDict[bytes, Seen] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def card(self) -> MethodCard:
        return self._card

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        """One sample. `options.extra` may hold `light_guidance` and `hint_guidance`, which the card sets otherwise."""
        conditions = self._conditions(light, hints, options)
        size = light.shape[0] // STRIDE, light.shape[1] // STRIDE
        x = draw(self._denoiser(conditions), size, options, self._steps, self._levels, self._consistent)
        ab = to_ab(x)
        return Chroma(ab, conditions.likely.confidence(ab))

    def distribution(self, light: Float, hints: HintMap | None) -> Float:
        """(Q, h, w) how often samples have each chroma bin, there and at the places around: of `DRAWN` samples."""
        h, w = light.shape[0] // STRIDE, light.shape[1] // STRIDE
        counts = np.full((h * w, len(bins.BINS)), RARE, np.float32)
        places = np.arange(h * w)[:, None]
        for seed in range(DRAWN):
            options = PaintOptions(seed=seed, steps=min(self._steps, FEW))
            index, weight = bins.encode(self.paint(light, hints, options).ab.reshape(h * w, 2))
            counts[places, index] += weight  # the five bins of a place differ
        planes = counts.reshape(h, w, -1)
        near = np.stack([cv2.blur(planes[..., q], (3, 3)) for q in range(planes.shape[2])])
        return np.asarray(near / near.sum(axis=0), np.float32)

    def _denoiser(self, conditions: Conditions) -> Denoise:
        """D(x; sigma), guided."""
        branches = len(conditions.rows[0])
        given = {f"given_{name}": row for name, row in zip(MAPS, conditions.rows, strict=True)}

        def raw(x: Float, level: float) -> Float:
            levels = np.full(branches, level, np.float32)
            return self._denoise.run({"noisy": np.repeat(x, branches, axis=0), "level": levels} | given)[0]

        if self._consistent:
            one = sampling.consistency_function(raw, self._levels)
        else:
            one = sampling.precondition(raw, self._levels.sigma_data)
        return lambda x, sigma: conditions.combine(one(x, sigma))

    def _conditions(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Conditions:
        w_hints = float(options.extra.get("hint_guidance", self._hints))
        w_light = float(options.extra.get("light_guidance", self._light))
        steered = (hints is not None and bool(hints.weight.any())) or bool(options.palette)
        seen = self._encode(light, hints, options.palette)
        branches = [seen.maps]
        if steered and w_hints:
            branches.append(self._encode(light, None, ()).maps)
        if w_light:
            branches.append([np.zeros_like(row) for row in seen.maps])
        rows = tuple(np.concatenate(parts) for parts in zip(*branches, strict=True))
        return Conditions(rows, seen.likely, w_hints if steered else 0.0, w_light)

    def _encode(self, light: Float, hints: HintMap | None, palette: tuple[tuple[float, float], ...]) -> Seen:
        """What the photo, its hints and a palette say; remembered."""
        x, histogram = network_input(light, hints)[None], palette_histogram(palette)[None]
        key = blake2b(repr(x.shape).encode() + x.tobytes() + histogram.tobytes(), digest_size=16).digest()
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                return self._remembered[key]
        likely = self._summarizer.summary(light, hints).at_size(x.shape[2] // STRIDE, x.shape[3] // STRIDE)
        maps = self._condition.run({"input": x, "palette": histogram, "summary": likely.planes[None]})
        seen = Seen(maps, likely)
        with self._lock:
            self._remembered[key] = seen
            while len(self._remembered) > KEPT:
                self._remembered.popitem(last=False)
        return seen


def palette_histogram(palette: tuple[tuple[float, float], ...]) -> Float:
    """(bins + 1,): the share of each chroma bin, all colors of the palette alike, and 1; zeros for no palette."""
    histogram = np.zeros(len(bins.BINS) + 1, np.float32)
    if palette:
        index, weight = bins.encode(np.array(palette, np.float32))
        np.add.at(histogram, index.ravel(), weight.ravel() / len(palette))
        histogram[-1] = 1
    return histogram
