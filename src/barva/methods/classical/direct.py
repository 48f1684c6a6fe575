"""`x_r = sum_s a_rs x_s + b_r` over the eight neighbors s of each pixel r, solved directly, by nested dissection.

A rectangle of pixels is halved by a line one pixel wide, which no neighbor reaches across, and its halves are treated
alike until they are small. Then pixels are eliminated from the smallest parts up; what is left of a part is a dense
matrix between the pixels around it. A picture of n x n pixels takes O(n^3) operations where elimination in the order of
rows takes O(n^4) (George, "Nested dissection of a regular finite element mesh", SIAM J. Numer. Anal. 10(2), 1973).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barva.methods.classical.affinity import NEIGHBORS, Real

Double = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_SMALL = 100  # pixels that are eliminated at once: below 60 and above 200 it took longer

_NUMBERS = np.full((3, 3), -1)
for _k, (_dy, _dx) in enumerate(NEIGHBORS):
    _NUMBERS[_dy + 1, _dx + 1] = _k


@dataclass(frozen=True)
class _Rectangle:
    """Pixels from (top, left) up to (bottom, right), these excluded."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left

    def split(self) -> tuple[_Rectangle, _Rectangle, _Rectangle]:
        """The line in the middle, and what lies on its two sides."""
        height, width = self.size
        if height >= width:
            y = self.top + height // 2
            rows = ((y, y + 1), (self.top, y), (y + 1, self.bottom))
            line, first, second = (_Rectangle(top, self.left, bottom, self.right) for top, bottom in rows)
        else:
            x = self.left + width // 2
            columns = ((x, x + 1), (self.left, x), (x + 1, self.right))
            line, first, second = (_Rectangle(self.top, left, self.bottom, right) for left, right in columns)
        return line, first, second


@dataclass(frozen=True)
class _Part:
    """Pixels `own` (n,) that are eliminated together, `around` (m,) those that they touch and that still stand then.

    `inverse` (n, n) is that of their equations; `gain` (n, m) how their unknowns follow from those around, `loss`
    (m, n) how they enter the equations of those around.
    """

    own: Index
    around: Index
    inverse: Double
    gain: Double
    loss: Double


class DirectSolver:
    """The system of the weights `a` (8, H, W) in float64, made ready once for any number of right sides and threads.

    Errors: `numpy.linalg.LinAlgError` where no walk by the weights leaves a part of the picture: nothing determines it.
    """

    def __init__(self, a: Real) -> None:
        self._a = np.asarray(a, np.float64)
        _, height, width = a.shape
        self._pixels: Index = np.arange(height * width).reshape(height, width)
        self._place = np.zeros(height * width, np.intp)
        self._parts: list[_Part] = []
        self._eliminate(_Rectangle(0, 0, height, width))
        del self._a, self._place

    def solve(self, b: Real) -> Double:
        """x (H, W, C) for the right sides `b` (H, W, C)."""
        x = np.array(b, np.float64).reshape(self._pixels.size, -1)
        for part in self._parts:
            x[part.own] = part.inverse @ x[part.own]
            x[part.around] += part.loss @ x[part.own]
        for part in reversed(self._parts):
            x[part.own] += part.gain @ x[part.around]
        return x.reshape(b.shape)

    def _eliminate(self, whole: _Rectangle) -> tuple[Index, Double]:
        """Eliminate all pixels of `whole`: those around it, and what they then take from each other (m, m)."""
        around = self._around(whole)
        own, halves = whole, []
        if np.prod(whole.size) > _SMALL:
            own, first, second = whole.split()
            halves = [self._eliminate(half) for half in (first, second) if min(half.size) > 0]
        inside = self._pixels[own.top : own.bottom, own.left : own.right].ravel()
        n = len(inside)
        unknowns = np.concatenate([inside, around])
        taken = np.zeros((len(unknowns), len(unknowns)))
        taken[:n] = self._weights(inside, unknowns)
        taken[n:, :n] = self._weights(around, inside)
        self._place[unknowns] = np.arange(len(unknowns))
        for beside, between in halves:
            at = self._place[beside]
            taken[at[:, None], at] += between
        inverse = np.asarray(np.linalg.inv(np.eye(n) - taken[:n, :n]), np.float64)
        gain, loss = inverse @ taken[:n, n:], taken[n:, :n].copy()
        self._parts.append(_Part(inside, around, inverse, gain, loss))
        return around, taken[n:, n:] + loss @ gain

    def _around(self, whole: _Rectangle) -> Index:
        """The pixels beside a rectangle, corners included, as far as the picture goes."""
        top, left = max(whole.top - 1, 0), max(whole.left - 1, 0)
        block = self._pixels[top : whole.bottom + 1, left : whole.right + 1]
        is_beside = np.ones(block.shape, np.bool_)
        is_beside[whole.top - top : whole.bottom - top, whole.left - left : whole.right - left] = False
        return block[is_beside]

    def _weights(self, takers: Index, givers: Index) -> Double:
        """(n, m) what the pixels `takers` (n,) take from `givers` (m,) by the picture's own weights."""
        width = self._pixels.shape[1]
        (y, x), (v, u) = np.divmod(takers, width), np.divmod(givers, width)
        dy, dx = v - y[:, None], u - x[:, None]
        i, j = np.nonzero((np.abs(dy) <= 1) & (np.abs(dx) <= 1))
        number = _NUMBERS[dy[i, j] + 1, dx[i, j] + 1]
        weights = np.zeros((len(takers), len(givers)))
        weights[i, j] = np.where(number < 0, 0, self._a[number, y[i], x[i]])
        return weights
