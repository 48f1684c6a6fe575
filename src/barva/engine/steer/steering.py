"""Steering: what a method did not follow natively is followed all the same, and what it did is followed in full.

`spread_marks` colors what marks lie on: along the light from the marks (`methods.classical.solver`), as far as edges
let them, over the method's own answer. `spread_hints` corrects an answer towards sampled hints: the difference between
hint and answer is spread along the light's edges, by normalized convolution (Knutsson and Westin 1993), each pass
edge-aware, and added where hints reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from barva.guidance.along import smooth_along_edges
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, Float
from barva.methods.classical import solver
from barva.methods.classical.affinity import PROGRAM

_LIGHT_SCALE = 8.0  # L units over which a hint fades across an edge
_TRACE = np.float32(1e-30)  # of a mark that counts where no mark arrives


@dataclass(frozen=True)
class Reach:
    """How far a difference spreads: with a standard deviation of `spread` times the long side; where a share of at
    least 1 / `gain` of a hint arrives, it counts in full."""

    spread: float
    gain: float


FAR = Reach(1 / 5, 500.0)
"""For methods that follow no hints: a hint must reach all of its object."""

WHOLE = Reach(1 / 5, 1e8)
"""For marks, whose object takes the color as a whole."""

NEAR = Reach(1 / 16, 150.0)
"""For methods that spread hints themselves: only what they fell short of is mended."""

OWN = 0.2
"""Share of the method's answer that marks' colors are added to; the rest they replace. `benchmarks/obedience.py`: with
0 what the network knows between many points is lost, with 1 an object keeps some of its old color."""

_FADE = 0.5
"""Power of what arrives of a mark. Found as `WHOLE` was, on photos with object masks: much of the object for little of
its surroundings (66 % and 12 %; a gain of 1e6 and a power of 0.25 have 62 and 9, a light scale of 12 has 74 and 24)."""


def spread_marks(chroma: Chroma, light: Float, hints: HintMap, plain: Chroma | None = None) -> Chroma:
    """Chroma (h, w) that takes the colors of marks (`hints`) along `light`; both (H, W), the answer at their size.
    `plain` is the answer without the marks, if `chroma` is another one: nothing goes from it away from the marks."""
    rows, columns = light.shape
    ab = _resize(chroma.ab, rows, columns)
    base = ab if plain is None else _resize(plain.ab, rows, columns)
    own = np.float32(OWN) * ab
    marked = own + solver.spread(light, hints.ab - own, hints.weight, variances=PROGRAM)
    # how much of the marks arrives says what belongs to them
    weight = hints.weight[..., None]
    colors, arrived = spread_along(np.dstack([hints.ab * weight, weight]), light, max(rows, columns) * WHOLE.spread)
    share = np.minimum(np.maximum(arrived, 0) * WHOLE.gain, 1) ** _FADE
    colored = ab + share[..., None] * (marked - ab)
    colored += weight * (hints.ab - colored)
    way = (colors + _TRACE * hints.ab[hints.weight > 0].mean(axis=0)) / (arrived + _TRACE)[..., None] - base
    return Chroma(_keep_direction(colored, base, way), chroma.confidence)


def _keep_direction(ab: Float, rest: Float, way: Float) -> Float:
    """`ab` without what leads from `rest` against the `way`; all (H, W, 2)."""
    along = ((ab - rest) * way).sum(axis=-1) / np.maximum((way * way).sum(axis=-1), 1)
    return np.asarray(ab - np.minimum(along, 0)[..., None] * way, np.float32)


def _resize(ab: Float, rows: int, columns: int) -> Float:
    resized: Any = cv2.resize(ab, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(resized, np.float32).reshape(rows, columns, 2)


def spread_hints(chroma: Chroma, light: Float, hints: HintMap, reach: Reach = FAR) -> Chroma:
    """Chroma (h, w) pulled towards `hints`; light and hints at one size, the answer at theirs."""
    rows, columns = light.shape
    ab = cv2.resize(chroma.ab, (columns, rows), interpolation=cv2.INTER_LINEAR).reshape(rows, columns, 2)
    difference = (hints.ab - ab) * hints.weight[..., None]
    spread, arrived = spread_along(np.dstack([difference, hints.weight]), light, max(rows, columns) * reach.spread)
    steered = ab + spread / np.maximum(arrived, 1e-6)[..., None] * np.minimum(arrived * reach.gain, 1)[..., None]
    steered += hints.weight[..., None] * (hints.ab - steered)
    return Chroma(steered.astype(np.float32), chroma.confidence)


def blend(chroma: Chroma, hints: HintMap) -> Chroma:
    """Chroma (h, w) that goes to dense hints (H, W) by their weight, place by place."""
    rows, columns = chroma.ab.shape[:2]
    stack = np.dstack([hints.ab, hints.weight])
    resized: Any = cv2.resize(stack, (columns, rows), interpolation=cv2.INTER_AREA)
    small = np.asarray(resized, np.float32).reshape(rows, columns, 3)
    return Chroma(chroma.ab + small[..., 2:] * (small[..., :2] - chroma.ab), chroma.confidence)


def spread_along(planes: Float, light: Float, sigma: float) -> tuple[Float, Float]:
    """All planes but the last, and the last, smoothed along the light."""
    x = smooth_along_edges(planes, light, sigma, _LIGHT_SCALE)
    return np.ascontiguousarray(x[..., :-1]), np.ascontiguousarray(x[..., -1])
