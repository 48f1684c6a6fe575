"""From a request's options to samples of chroma: what methods that draw their answers share."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from barva.methods import sampling
from barva.methods.base import Draft, PaintOptions
from barva.methods.sampling import Denoise, Levels
from barva.types import Float

SCALE = 25.0
"""Lab units that are 1 to the network: photos' chroma then deviates by about 0.5, the `sigma_data` of the paper."""

STRIDE = 4
"""Pixels of light per pixel of chroma."""


def draw(
    D: Denoise,
    size: tuple[int, int],
    options: PaintOptions,
    steps: int,
    levels: Levels,
    consistent: bool,
    count: int = 1,
) -> Float:
    """(count, 2, h, w): samples of the size (h, w), in the network's units, with the seed, the number of steps and the
    draft of `options`; `steps` is the number where they name none. UsageError for a number of steps out of range."""
    steps = sampling.check_steps(steps if options.steps is None else options.steps)
    draft, shape = options.draft, (count, 2, *size)
    amount = 1.0 if draft is None else draft.amount
    # at the lowest level a consistency function is the identity: no step of it ends there
    sigmas = levels.steps(steps + 1, amount)[:-2] if consistent else levels.steps(steps, amount)
    x = np.float32(levels.temperature * sigmas[0]) * sampling.noise(options.seed, shape)
    if draft is not None:
        known, keep = fitted_draft(draft, size)
        x = x + known
        D = D if keep is None else sampling.keep_known(D, known, keep)
    if not consistent:
        return sampling.heun(D, x, sigmas)

    def z(n: int) -> Float:
        return np.float32(levels.temperature) * sampling.noise(options.seed, shape, stream=n)

    return sampling.consistency(D, x, sigmas, z, levels.sigma_min)


def fitted_draft(draft: Draft, size: tuple[int, int]) -> tuple[Float, Float | None]:
    """A draft's chroma (1, 2, h, w) in the network's units, and what is kept of it (h, w), at the size (h, w)."""

    def fit(planes: Float) -> Float:
        shrinks = size[0] * size[1] < planes.shape[0] * planes.shape[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        resized: Any = cv2.resize(np.ascontiguousarray(planes, np.float32), size[::-1], interpolation=how)
        return np.asarray(resized, np.float32).reshape(*size, *planes.shape[2:])

    known = fit(draft.ab).transpose(2, 0, 1)[None] / np.float32(SCALE)
    return np.ascontiguousarray(known), None if draft.keep is None else fit(draft.keep)


def to_ab(x: Float) -> Float:
    """Chroma (h, w, 2) of a sample (1, 2, h, w), within what Lab can hold."""
    return np.ascontiguousarray(np.clip(x[0].transpose(1, 2, 0) * np.float32(SCALE), -128, 127), np.float32)
