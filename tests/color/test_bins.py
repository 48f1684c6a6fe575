"""The 313 chroma bins: the published set, the soft code against brute force, and the class weights."""

import numpy as np
import pytest

from barva.color import bins

# the bin centers of Zhang et al. 2016, typed in a second time
ROWS = """-90: 50..90, -80: 20..90, -70: 0..90, -60: -20..90, -50: -30..100, -40: -40..100,
  -30: -50..100, -20: -50..100, -10: -60..100, 0: -70..100, 10: -80..90, 20: -80..90,
  30: -90..90, 40: -100..90, 50: -100..80, 60: -110..80, 70: -110..80, 80: -110..70,
  90: -110..70, 100: -90..0"""


def test_the_published_set():
    expected = set()
    for row in ROWS.replace("\n", " ").split(","):
        a, span = row.split(":")
        low, high = span.split("..")
        expected |= {(int(a), b) for b in range(int(low), int(high) + 1, 10)}
    assert len(expected) == 313
    assert bins.BINS.shape == (313, 2)
    assert bins.BINS.dtype == np.float32
    assert {(int(a), int(b)) for a, b in bins.BINS} == expected


def brute(ab, neighbours, sigma):
    d2 = ((np.rint(ab)[:, None].astype(float) - bins.BINS[None]) ** 2).sum(-1)
    order = np.sort(d2, axis=1)[:, :neighbours]
    weights = np.exp(-(order - order[:, :1]) / (2 * sigma**2))
    return d2, order, weights / weights.sum(1, keepdims=True)


@pytest.mark.parametrize(("neighbours", "sigma"), [(5, 5.0), (1, 5.0), (10, 3.0)])
def test_soft_code_agrees_with_brute_force(neighbours, sigma):
    ab = np.random.default_rng(0).uniform(-95, 95, (3000, 2))
    d2, order, weights = brute(ab, neighbours, sigma)
    index, weight = bins.encode(ab, neighbours, sigma)
    assert (index.dtype, weight.dtype) == (np.int16, np.float32)
    assert np.allclose(np.take_along_axis(d2, index.astype(int), 1), order)  # ties may be taken in any order
    near = order[:, 0] < 1000  # farther out every Gaussian underflows and the nearest takes all
    assert near.mean() > 0.9
    assert np.allclose(weight[near], weights[near], atol=1e-5)


@pytest.mark.parametrize("shape", [(2,), (7, 2), (3, 5, 2), (0, 2)])
def test_weights_sum_to_one_everywhere(shape):
    ab = np.random.default_rng(1).uniform(-200, 200, shape)
    index, weight = bins.encode(ab)
    assert index.shape == weight.shape == (*shape[:-1], 5)
    assert np.allclose(weight.sum(-1), 1, atol=1e-6)
    assert (weight >= 0).all()
    assert ((index >= 0) & (index < 313)).all()


def test_a_bin_centre_is_its_own_first_neighbour():
    index, weight = bins.encode(bins.BINS)
    assert (index[:, 0] == np.arange(313)).all()
    assert (weight[:, 0] > weight[:, 1:].max(1)).all()


def test_rebalancing_is_normalised_and_monotone():
    prior = np.random.default_rng(2).dirichlet(np.full(313, 0.3)).astype(np.float32)
    order = np.argsort(prior)
    for strength in (0.15, 0.5, 1.0):
        w = bins.rebalancing(prior, strength)
        assert w.dtype == np.float32
        assert np.isclose((prior * w).sum(), 1, atol=1e-4)
        assert (np.diff(w[order]) <= 1e-6 * w.max()).all()  # rarer weighs more
    assert np.allclose(bins.rebalancing(prior, 0.0), 1, atol=1e-5)
    rare, common = order[0], order[-1]
    ratio = [float(w[rare] / w[common]) for w in (bins.rebalancing(prior, s) for s in (0.0, 0.15, 0.5, 1.0))]
    assert ratio == sorted(ratio)
