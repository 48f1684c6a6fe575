"""The direct solver is compared with SciPy's, which is here for that alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import spsolve

from barva.methods.classical import solver
from barva.methods.classical.affinity import NEIGHBORS, PAPER, affinities
from barva.methods.classical.direct import DirectSolver


def matrix(a: np.ndarray) -> sparse.csc_array:
    """`I - A` (H W, H W) of the weights `a` (8, H, W), pixel by pixel as equation 1 has it."""
    _, h, w = a.shape
    M = sparse.lil_array((h * w, h * w))
    for y in range(h):
        for x in range(w):
            M[y * w + x, y * w + x] = 1
            for k, (dy, dx) in enumerate(NEIGHBORS):
                if 0 <= y + dy < h and 0 <= x + dx < w:
                    M[y * w + x, (y + dy) * w + x + dx] = -a[k, y, x]
    return M.tocsc()


def problem(size: tuple[int, int], hints: int, hint_weight: float = 1, variances: float = PAPER) -> tuple:
    """Weights (8, H, W) of a noisy picture, and two right sides (H, W, 2): random colors at random pixels."""
    rng = np.random.default_rng(0)
    light, weight = rng.uniform(0, 100, size), np.zeros(size, np.float32)
    at = rng.choice(weight.size, min(hints, weight.size), replace=False)
    weight.flat[at] = hint_weight
    b = rng.uniform(-50, 50, (*size, 2)) * weight[..., None]
    return solver.system(light, weight, variances), b


SIZES = [(1, 1), (1, 900), (900, 1), (2, 2), (3, 50), (31, 40), (40, 31), (33, 33)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("weight", [0.5, 1])
def test_it_is_as_scipys(size: tuple[int, int], weight: float) -> None:
    a, b = problem(size, 40, weight)
    x = DirectSolver(a).solve(b)
    assert x.shape == b.shape
    assert np.abs(x - spsolve(matrix(a), b.reshape(-1, 2)).reshape(b.shape)).max() < 1e-4


@pytest.mark.parametrize("size", [s for s in SIZES if min(s) > 1], ids=str)
@pytest.mark.parametrize(("weight", "variances"), [(1, PAPER), (0.01, PAPER), (0.01, 0.5)])
def test_one_hint_gives_one_color(size: tuple[int, int], weight: float, variances: float) -> None:
    """Also where it is faint and the edges between all pixels are steep."""
    a, b = problem(size, 1, weight, variances)
    color = b.sum(axis=(0, 1)) / np.float32(weight)
    assert np.abs(DirectSolver(a).solve(b) - color).max() < 1e-3


def test_single_precision_weights_and_one_right_side() -> None:
    a, b = problem((20, 30), 5)
    one = DirectSolver(a.astype(np.float32)).solve(b[..., :1].astype(np.float32))
    assert np.allclose(one, DirectSolver(a).solve(b)[..., :1], atol=1e-2)


def test_a_part_that_no_hint_reaches_is_an_error() -> None:
    a = affinities(np.full((2, 2), 50.0))
    a[:] = 0
    a[4, :, 0] = a[3, :, 1] = 1  # two pixels take from each other alone
    with pytest.raises(np.linalg.LinAlgError):
        DirectSolver(a)
