"""Scribbles spread along the light: the system of Levin, Lischinski and Weiss 2004, directly or by multigrid.

The authors minimize `J(U) = sum_r (U(r) - sum_s w_rs U(s))^2` for each chroma plane (equation 1) and solve
`(I - W) U = b`, the rows of scribbled pixels replaced by `U(r) = u(r)`. Here a hint may also be half meant:

    U(r) = (1 - v_r) sum_s w_rs U(s) + v_r u(r),    v the hint's weight,

which is theirs where v is 0 or 1. Each color is a weighted mean of the hints: none appears that nobody named.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.methods.classical.affinity import PAPER, Real, affinities
from barva.methods.classical.direct import DirectSolver
from barva.methods.classical.multigrid import Multigrid

Float = npt.NDArray[np.float32]

TOLERANCE = 0.02
"""Lab units, root mean square, by which another cycle would move the answer when `spread` is content."""

THIN = 32
"""Pictures with a side below this are solved directly: it is quick there, and where a walk has hardly any way round an
edge, the equations are worse conditioned than float32 can bear."""

FAINT = 0.01
"""Hints that weigh less count as this: a single pixel of a large photo, shrunk, is still meant."""


def system(light: Real, weight: Real, variances: float = PAPER) -> Real:
    """`(1 - v) w` (8, H, W): what each pixel takes from its neighbors, in the light's floating type."""
    if weight.shape != light.shape:
        raise UsageError(f"hints of size {weight.shape} do not fit light of size {light.shape}")
    a = affinities(light, variances)
    a *= (1 - _data_weight(weight)).astype(light.dtype)
    return a


def _data_weight(weight: Real) -> Float:
    return np.where(weight > 0, np.clip(weight, FAINT, 1), 0).astype(np.float32)


def spread(light: Float, ab: Float, weight: Float, *, variances: float = PAPER, threads: int | None = None) -> Float:
    """Chroma (H, W, 2) of `ab` (H, W, 2), of weight (H, W) 0..1, spread along `light` (H, W) L 0..100.

    `variances` as in `affinity.affinities`. How near it is to `spread_exactly`, `benchmarks/levin.py` measures. Without
    any hint the answer is gray. Errors: `UsageError` for shapes that do not fit.
    """
    if min(light.shape) < THIN:
        return spread_exactly(light, ab, weight, variances=variances)
    grid = Multigrid(np.asarray(system(np.asarray(light, np.float32), weight, variances), np.float32))
    mean, b = _sides(ab, weight)
    if not b.any():
        return np.broadcast_to(mean, ab.shape).copy()
    planes = [np.ascontiguousarray(b[..., c]) for c in (0, 1)]
    with ThreadPoolExecutor(min(2, threads or 2)) as pool:
        solved = list(pool.map(lambda plane: grid.solve(plane, TOLERANCE)[0], planes))
    return np.asarray(np.stack(solved, axis=-1) + mean, np.float32)


def spread_exactly(light: Float, ab: Float, weight: Float, *, variances: float = PAPER) -> Float:
    """The reference: the same by elimination in float64. Slow, and hungry for memory."""
    a = system(np.asarray(light, np.float64), weight, variances)
    mean, b = _sides(ab, weight)
    if not b.any():
        return np.broadcast_to(mean, ab.shape).copy()
    return np.asarray(DirectSolver(a).solve(b) + mean, np.float32)


def _sides(ab: Float, weight: Float) -> tuple[Float, Float]:
    """The mean hint (2,) and the right side (H, W, 2) of the distances from it: small numbers are exact numbers."""
    if ab.shape != (*weight.shape, 2):
        raise UsageError(f"chroma of shape {ab.shape} does not fit weights of shape {weight.shape}")
    v = _data_weight(weight)[..., None]
    mean = (ab * v).sum(axis=(0, 1)) / max(float(v.sum()), 1e-12)
    b = np.where(v > 0, v * (ab - mean), 0)
    return np.asarray(mean, np.float32), np.asarray(b, np.float32)
