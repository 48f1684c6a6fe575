"""Colors of a shot: key frames are colored by the method, the frames between them take their colors along the motion.

Between two key frames every pixel follows its motion to both of them, and takes the nearer one's color the more, each
as far as its motion can be trusted. A key frame's answer has what was carried to it as hints, and keeps it where it is
sure, but for a small share: colors drift slowly towards the method's own answer, so that no error lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from barva.engine.render import chroma_model
from barva.film import motion
from barva.guidance.hintmap import HintMap
from barva.types import Float

DRIFT = 0.1
"""The share of the method's own answer that a key frame takes where carried colors are sure."""

SURE = 0.5
"""Trust from which a carried color is a hint."""

FADED = 0.98
"""What is left of trust after each frame: far ways are less certain. Else a way is as sure as its least sure step."""

LEAST = np.float32(1e-3)
"""Trust that is left where motion is not trusted at all: colors fade from one key frame's to the other's there."""

Answer = Callable[[HintMap | None], Float]
"""Hints (h, w) to the method's chroma (h, w, 2) of the next key frame."""


@dataclass(frozen=True, eq=False)
class Colored:
    """A frame's light (h, w) L 0..100 and chroma (h, w, 2), at the size of motion."""

    light: Float
    ab: Float


def interval(
    key: Colored,
    lights: Sequence[Float],
    last: Float | Answer,
    run: Callable[..., Iterable[Any]] = map,
    drift: float = DRIFT,
) -> list[Colored]:
    """The frames after a key frame, of which the last is the next key frame.

    Args:
        key: The key frame before them.
        lights: (h, w) L 0..100 of each frame.
        last: Chroma of the last of them, or the method that answers it.
        run: `map`, or one that works on several at a time.
        drift: The share of the method's own answer where carried colors are sure.

    Returns:
        Each frame with its colors.
    """
    equal = list(run(motion.equalized, (key.light, *lights)))
    steps = list(run(motion.step, equal[:-1], equal[1:]))
    ahead = _forward(key.ab, steps)
    final = _next_key(lights[-1], *ahead[-1], last, drift) if callable(last) else last
    back = _backward(final, steps)

    def between(n: int) -> Colored:
        near = (n + 1) / len(lights)
        (one, trust_one), (two, trust_two) = ahead[n], back[n]
        ab = _blend(one, (trust_one + LEAST) * np.float32(1 - near), two, (trust_two + LEAST) * np.float32(near))
        return Colored(lights[n], _along_light(ab, lights[n]))

    return [*run(between, range(len(lights) - 1)), Colored(lights[-1], final)]


def keys_before(
    latest: Float, lights: Sequence[Float], places: Sequence[int], answer: Callable[[int, HintMap | None], Float]
) -> dict[int, Float]:
    """Key frames before one that is known: colors go back along the motion.

    Args:
        latest: Chroma of the last of `lights`.
        lights: (h, w) L 0..100 of each frame.
        places: Of the key frames among `lights`, the last of which is known.
        answer: The method: a place and hints to chroma.

    Returns:
        Chroma by place, the known one among them.
    """
    keys = {places[-1]: latest}
    for low, high in reversed(list(pairwise(places))):
        equal = [motion.equalized(light) for light in reversed(lights[low : high + 1])]
        carried, sure = _forward(keys[high], [motion.step(a, b) for a, b in pairwise(equal)])[-1]
        keys[low] = _next_key(lights[low], carried, sure, partial(answer, low))
    return keys


def _forward(ab: Float, steps: Sequence[motion.Step]) -> list[tuple[Float, Float]]:
    """Chroma of the key frame before, and trust in it, at each frame after it."""
    flow, sure, rows = np.zeros_like(steps[0].back), np.ones_like(steps[0].sure), []
    for step in steps:
        sure = np.minimum(motion.moved(sure, step.back) * np.float32(FADED), step.sure)
        flow = motion.joined(step.back, flow)
        rows.append((motion.moved(ab, flow), sure))
    return rows


def _backward(ab: Float, steps: Sequence[motion.Step]) -> list[tuple[Float, Float]]:
    """The same of the key frame at the end, for each frame before it but the key frame at the beginning."""
    flow, sure, rows = np.zeros_like(steps[0].back), np.ones_like(steps[0].sure), []
    for step in reversed(steps[1:]):
        sure = np.minimum(motion.moved(sure, step.ahead) * np.float32(FADED), step.sure_ahead)
        flow = motion.joined(step.ahead, flow)
        rows.append((motion.moved(ab, flow), sure))
    return rows[::-1]


def _next_key(light: Float, carried: Float, sure: Float, answer: Answer, drift: float = DRIFT) -> Float:
    weight = np.where(sure > SURE, sure, 0).astype(np.float32)
    own = answer(HintMap(carried, weight) if weight.any() else None)
    share = (sure * np.float32(1 - drift))[..., None]
    return _along_light(carried * share + own * (1 - share), light)


def _blend(one: Float, weight_one: Float, two: Float, weight_two: Float) -> Float:
    """Both by weight; where neither is trusted, what is around."""
    total = weight_one + weight_two
    share = weight_two / total
    planes = [a + (b - a) * share for a, b in zip(cv2.split(one), cv2.split(two), strict=True)]
    known = np.minimum(total * 10, 1)
    sigma = max(2.0, min(known.shape) / 24)
    *around, weight = cv2.split(motion.wide_blur(cv2.merge([*(plane * known for plane in planes), known]), sigma))
    unknown = (1 - known) / np.maximum(weight, 1e-4)
    return np.asarray(cv2.merge([p * known + q * unknown for p, q in zip(planes, around, strict=True)]), np.float32)


def _along_light(ab: Float, light: Float) -> Float:
    """Chroma with its borders where the light has them."""
    h, w = light.shape
    small: Any = cv2.resize(ab, (max(2, w // 2), max(2, h // 2)), interpolation=cv2.INTER_AREA)
    return chroma_model.fit_chroma(np.asarray(small, np.float32), light, h, w).chroma(light, 0)
