"""`x_r = sum_s a_rs x_s + b_r` over the eight neighbors s of each pixel r of a grid: black box multigrid in NumPy.

Interpolation follows the equation's own weights, and coarse equations are Galerkin's, so that jumps of the weights by
orders of magnitude (a photo's edges) survive the shrinking (Dendy, "Black box multigrid", J. Comput. Phys. 48, 1982).
The matrix is not symmetric: restriction is the transposed interpolation weighed by the walk's local equilibrium, and a
residual method takes care of what the cycle leaves.

Pixels are sorted by the parity of row and column into four planes ("colors"), so that a Gauss-Seidel sweep, color by
color, is a few whole-array operations. Color (0, 0) is the coarse grid.

| array | shape | what |
|---|---|---|
| `a` | (8, H, W) | weights in the order of `affinity.NEIGHBORS`; each pixel's sum is at most 1 |
| `A` | (8, 2, 2, h, w) | the same by color; h = ceil(H / 2), w = ceil(W / 2), odd sides completed by zeros |
| `X` | (2, 2, h + 2, w + 2) | unknowns by color with a border of zeros |
| `B`, `R` | (2, 2, h, w) | right side, residual |
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from barva.methods.classical.affinity import NEIGHBORS
from barva.methods.classical.direct import DirectSolver

Float = npt.NDArray[np.float32]

COLORS = ((0, 0), (0, 1), (1, 0), (1, 1))

_DIRECT = 3000  # unknowns from which down a direct solver is quicker than another level
_EQUILIBRIUM = 2  # steps of the transposed walk: only ratios inside a 3 x 3 window matter; more gain nothing
_TINY = np.float32(1e-12)


def split(x: Float) -> Float:
    """(..., H, W) -> (..., 2, 2, h, w), by color."""
    h, w = (x.shape[-2] + 1) // 2, (x.shape[-1] + 1) // 2
    out = np.zeros((*x.shape[:-2], 2, 2, h, w), np.float32)
    for p, q in COLORS:
        part = x[..., p::2, q::2]
        out[..., p, q, : part.shape[-2], : part.shape[-1]] = part
    return out


def join(X: Float, height: int, width: int) -> Float:
    """The inverse of `split` for unknowns with their border: (H, W)."""
    out = np.empty((2 * X.shape[2] - 4, 2 * X.shape[3] - 4), np.float32)
    for p, q in COLORS:
        out[p::2, q::2] = X[p, q, 1:-1, 1:-1]
    return out[:height, :width]


def _neighbors(X: Float, p: int, q: int, k: int) -> Float:
    """View (h, w) of the k-th neighbors of color (p, q)."""
    dy, dx = NEIGHBORS[k]
    y, x = 1 + ((p + dy) >> 1), 1 + ((q + dx) >> 1)
    return X[(p + dy) & 1, (q + dx) & 1, y : y + X.shape[2] - 2, x : x + X.shape[3] - 2]


@dataclass(frozen=True)
class Level:
    """One grid. `west`, `east` (h, w) interpolate color (0, 1) from its coarse neighbors, `north`, `south` color
    (1, 0); `weigh` (2, 2, h, w) is the equilibrium; `scale` (h, w) norms a coarse row, 0 where its pixel is fixed."""

    A: Float
    west: Float
    east: Float
    north: Float
    south: Float
    weigh: Float
    scale: Float

    def zeros(self) -> Float:
        h, w = self.A.shape[3:]
        return np.zeros((2, 2, h + 2, w + 2), np.float32)

    def relax(self, X: Float, B: Float | None, colors: tuple[tuple[int, int], ...]) -> None:
        """Gauss-Seidel over `colors` in that order: each pixel is set to what its equation says."""
        for p, q in colors:
            X[p, q, 1:-1, 1:-1] = self._sum(X, p, q, None if B is None else B[p, q])

    def _sum(self, X: Float, p: int, q: int, start: Float | None) -> Float:
        total = np.zeros(self.A.shape[3:], np.float32) if start is None else start.copy()
        part = np.empty_like(total)
        for k in range(8):
            np.multiply(self.A[k, p, q], _neighbors(X, p, q, k), out=part)
            total += part
        return total

    def restrict(self, X: Float, B: Float | None) -> Float:
        """The residual (h, w) of the coarse equations. Color (1, 1) was relaxed last: its residual is 0."""
        even, across, down = (
            (self._sum(X, p, q, None if B is None else B[p, q]) - X[p, q, 1:-1, 1:-1]) * self.weigh[p, q]
            for p, q in COLORS[:3]
        )
        even += self.west * across + self.north * down
        even[:, 1:] += (self.east * across)[:, :-1]
        even[1:] += (self.south * down)[:-1]
        return np.asarray(even * self.scale, np.float32)

    def prolong(self, X: Float, coarse: Float) -> None:
        """Add the coarse correction (h, w). Color (1, 1) gets its own by being relaxed next, which is Dendy's rule."""
        h, w = self.A.shape[3:]
        x = np.zeros((h + 1, w + 1), np.float32)
        x[:h, :w] = coarse
        X[0, 0, 1:-1, 1:-1] += coarse
        X[0, 1, 1:-1, 1:-1] += self.west * coarse + self.east * x[:h, 1:]
        X[1, 0, 1:-1, 1:-1] += self.north * coarse + self.south * x[1:, :w]


def _level(a: Float, mass: Float) -> tuple[Level, Float, Float]:
    """A grid of the weights `a` (8, H, W), the weights (8, h, w) of the next one, and its rows' mass (h, w)."""
    A = split(a)
    weigh = _equilibrium(A, split(mass))
    step = np.array(NEIGHBORS)
    side = [_interpolation_weight(A[:, 0, 1], step[:, 1], d) for d in (-1, 1)] + [
        _interpolation_weight(A[:, 1, 0], step[:, 0], d) for d in (-1, 1)
    ]
    free = (A[:, 0, 0].max(axis=0) > 0).astype(np.float32)
    level = Level(A, side[0], side[1], side[2], side[3], weigh, free)
    C = _galerkin(level)
    mass = np.where(C[8] > 0, C[8], 1).astype(np.float32)
    coarse = -C[:8] / mass
    return replace(level, scale=free / mass), np.asarray(coarse, np.float32), mass


def _interpolation_weight(a: Float, step: npt.NDArray[np.int_], direction: int) -> Float:
    """Share (h, w) of the coarse neighbor in `direction`, the stencil `a` (8, h, w) summed across the line."""
    along = a[step == direction].sum(axis=0)
    return np.asarray(np.clip(along / np.maximum(1 - a[step == 0].sum(axis=0), _TINY), 0, 1), np.float32)


def _equilibrium(A: Float, mass: Float) -> Float:
    """Where the walk of the probabilities A dwells, from `mass` (2, 2, h, w) on: so weighed, A is nearly balanced."""
    for _ in range(_EQUILIBRIUM):
        moved = np.zeros((2, 2, A.shape[3] + 2, A.shape[4] + 2), np.float32)
        for p, q in COLORS:
            for k in range(8):
                target = _neighbors(moved, p, q, k)
                target += A[k, p, q] * mass[p, q]
        mass = np.asarray((mass + moved[:, :, 1:-1, 1:-1]) / 2, np.float32)
    return np.asarray(mass / mass.mean(), np.float32)


def _galerkin(level: Level) -> Float:
    """Restriction x (I - A) x interpolation, (9, h, w): the eight neighbors, then the diagonal.

    A coarse stencil reaches one pixel, so that nine probes, each with a one on every third pixel of every third row,
    read all of it.
    """
    h, w = level.A.shape[3:]
    C = np.zeros((9, h, w), np.float32)
    for m in range(min(3, h)):
        for n in range(min(3, w)):
            one = np.zeros((h, w), np.float32)
            one[m::3, n::3] = 1
            X = level.zeros()
            level.prolong(X, one)
            level.relax(X, None, COLORS[3:])
            answer = -level.restrict(X, None)
            for k, (dy, dx) in enumerate((*NEIGHBORS, (0, 0))):
                at = slice((m - dy) % 3, None, 3), slice((n - dx) % 3, None, 3)
                C[k][at] = answer[at]
    return C


class Multigrid:
    """The system of the weights `a` (8, H, W) float32, made ready once for any number of right sides and threads."""

    def __init__(self, a: Float) -> None:
        self.shape = a.shape[1:]
        self._levels: list[Level] = []
        mass = np.ones(self.shape, np.float32)
        while a[0].size > _DIRECT:
            level, a, mass = _level(a, mass)
            self._levels.append(level)
        self._direct = DirectSolver(a)

    def solve(self, b: Float, tolerance: float, steps: int = 30) -> tuple[Float, int]:
        """x (H, W) for `b` (H, W), and the cycles that it took. Ends when a cycle would move x by less than
        `tolerance`, root mean square, or after `steps`.

        Generalized conjugate residuals (Eisenstat, Elman, Schultz 1983) on the system multiplied by the cycle: what is
        made small is then nearly the error itself, where the plain residual would not see smooth errors.
        """
        if not self._levels:
            return self._solve_coarsest(b), 0
        top = self._levels[0]
        B, X = split(b), top.zeros()
        self._v_cycle(0, X, B)
        z = self._residual_change(X, B)
        directions: list[tuple[Float, Float]] = []
        while len(directions) < steps and np.sqrt(_dot(z, z) / b.size) > tolerance:
            p = z.copy()
            q = -self._residual_change(p, None)
            for pi, qi in directions:
                c = np.float32(_dot(q, qi))
                p -= c * pi
                q -= c * qi
            norm = np.float32(max(np.sqrt(_dot(q, q)), _TINY))
            p /= norm
            q /= norm
            c = np.float32(_dot(z, q))
            X += c * p
            z -= c * q
            directions.append((p, q))
        return join(X + z, *self.shape), len(directions) + 2

    def _residual_change(self, X: Float, B: Float | None) -> Float:
        """By how much a cycle moves X."""
        Z = X.copy()
        self._v_cycle(0, Z, B)
        Z -= X
        return Z

    def _v_cycle(self, n: int, X: Float, B: Float | None) -> None:
        """One V-cycle in place: sweep, correct on the coarser grid, sweep back."""
        level = self._levels[n]
        level.relax(X, B, COLORS)
        b = level.restrict(X, B)
        if n + 1 < len(self._levels):
            C = self._levels[n + 1].zeros()
            self._v_cycle(n + 1, C, split(b))
            level.prolong(X, join(C, *b.shape))
        else:
            level.prolong(X, self._solve_coarsest(b))
        level.relax(X, B, COLORS[::-1])

    def _solve_coarsest(self, b: Float) -> Float:
        return np.asarray(self._direct.solve(b[..., None])[..., 0], np.float32)


def _dot(x: Float, y: Float) -> float:
    return float(np.dot(x.ravel(), y.ravel()))
