"""`x_r = sum_s a_rs x_s + b_r` over the eight neighbors s of each pixel r, solved directly: row after row of a picture.

A pixel's neighbors lie in its own row and the two beside it, so that the matrix `I - A` is tridiagonal in blocks of a
row's length. Gaussian elimination by blocks (Golub and Van Loan, "Matrix Computations", section 4.5.1) takes H inverses
of W x W, which LAPACK computes; rows run along the picture's shorter side.

| array | shape | what |
|---|---|---|
| `a` | (8, H, W) | weights in the order of `affinity.NEIGHBORS`; each pixel's sum is at most 1 |
| `above`, `below` | (H, 3, W) | those of the neighbors in the row before and after, left to right |
| `inverses` | (H, W, W) | row by row, of what is left of `I - A` once all rows before are eliminated |
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from barva.methods.classical.affinity import NEIGHBORS, Real

Double = npt.NDArray[np.float64]

_TURNED = [NEIGHBORS.index((dx, dy)) for dy, dx in NEIGHBORS]


class DirectSolver:
    """The system of the weights `a` (8, H, W), made ready once for any number of right sides and threads.

    It takes 4 H W^2 bytes, W being the shorter side. Elimination is in float64; the inverses are kept in float32, for
    they only average what lies beside: on photos the answer is within 1e-5 Lab units of one in float64 throughout.

    Errors: `numpy.linalg.LinAlgError` where no walk by the weights leaves a part of the picture: nothing determines it.
    """

    def __init__(self, a: Real) -> None:
        self._is_turned = a.shape[2] > a.shape[1]
        if self._is_turned:
            a = a[_TURNED].swapaxes(1, 2)
        a = np.asarray(a, np.float64)
        self._above, self._below = (np.ascontiguousarray(a[k : k + 3].swapaxes(0, 1)) for k in (0, 5))
        height, width = a.shape[1:]
        self._inverses = np.empty((height, width, width), np.float32)
        at = np.arange(width)
        from_below = np.zeros((width, width))  # what the row before takes from this one, all before it eliminated
        for r in range(height):
            left = -_gather(self._above[r], from_below)
            left[at, at] += 1
            left[at[1:], at[:-1]] -= a[3, r, 1:]
            left[at[:-1], at[1:]] -= a[4, r, :-1]
            inverse = np.linalg.inv(left)
            self._inverses[r] = inverse
            from_below = _times_stencil(inverse, self._below[r])

    def solve(self, b: Real) -> Double:
        """x (H, W, C) for the right sides `b` (H, W, C)."""
        x: Any = np.array(b.swapaxes(0, 1) if self._is_turned else b, np.float64)
        for r in range(len(x)):
            if r:
                x[r] += _gather(self._above[r], x[r - 1])
            x[r] = self._inverses[r] @ x[r]
        for r in range(len(x) - 2, -1, -1):
            x[r] += self._inverses[r] @ _gather(self._below[r], x[r + 1])
        return np.asarray(x.swapaxes(0, 1) if self._is_turned else x, np.float64)


def _gather(weights: Double, x: Double) -> Double:
    """(W, n) of each pixel's three neighbors in another row, whose unknowns are `x` (W, n), by `weights` (3, W)."""
    total = weights[1][:, None] * x
    total[1:] += weights[0][1:, None] * x[:-1]
    total[:-1] += weights[2][:-1, None] * x[1:]
    return total


def _times_stencil(matrix: Double, weights: Double) -> Double:
    """`matrix` (n, W) times the matrix (W, W) of which `_gather` with the same weights computes the product."""
    product = matrix * weights[1]
    product[:, :-1] += matrix[:, 1:] * weights[0][1:]
    product[:, 1:] += matrix[:, :-1] * weights[2][:-1]
    return product
