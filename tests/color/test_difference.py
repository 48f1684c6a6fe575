"""CIEDE2000 against the published table, scikit-image and colour-science."""

import doctest
import io

import colour
import numpy as np
import pytest
import skimage.color

from barva.color import difference
from barva.errors import UsageError

# Sharma, Wu, Dalal 2005, table 1: L1 a1 b1 L2 a2 b2 CIEDE2000
SHARMA = np.loadtxt(
    io.StringIO("""
    50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
    50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
    50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
    50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
    50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
    50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
    50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
    50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
    50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
    50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
    50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
    50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
    50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
    50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
    50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
    50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
    50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
    50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
    50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
    50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
    60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
    63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
    61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
    35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
    22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
    36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
    90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
    90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
    6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
    2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
    """)
)


def test_the_published_pairs():
    assert SHARMA.shape == (34, 7)
    answer = difference.ciede2000(SHARMA[:, :3], SHARMA[:, 3:6])
    assert np.abs(answer - SHARMA[:, 6]).max() < 5.1e-5  # they print four digits


def test_it_is_symmetric_on_the_published_pairs():
    assert np.allclose(difference.ciede2000(SHARMA[:, 3:6], SHARMA[:, :3]), SHARMA[:, 6], atol=5.1e-5)


@pytest.mark.parametrize("spread", [1, 20, 100])
def test_it_agrees_with_the_others(spread):
    rng = np.random.default_rng(spread)
    one = rng.uniform([0, -100, -100], [100, 100, 100], (5000, 3))
    two = one + rng.normal(0, spread, one.shape)
    answer = difference.ciede2000(one, two)
    assert np.allclose(answer, skimage.color.deltaE_ciede2000(one, two), atol=1e-9)
    assert np.allclose(answer, colour.delta_E(one, two, method="CIE 2000"), atol=1e-9)
    assert np.allclose(difference.delta_e76(one, two), colour.delta_E(one, two, method="CIE 1976"), atol=1e-9)


def test_float32_is_kept_and_near():
    rng = np.random.default_rng(7)
    one, two = (rng.uniform([0, -128, -128], [100, 128, 128], (9, 11, 3)).astype(np.float32) for _ in range(2))
    answer = difference.ciede2000(one, two)
    assert (answer.dtype, answer.shape) == (np.float32, (9, 11))
    assert np.allclose(answer, difference.ciede2000(one.astype(float), two.astype(float)), atol=1e-3)


def test_equal_colours_differ_by_nothing():
    lab = np.array([[0, 0, 0], [100, 0, 0], [50, 0, 0], [50, 30, -30]], np.float32)
    assert (difference.ciede2000(lab, lab) == 0).all()


def test_shapes_that_do_not_match():
    with pytest.raises(UsageError):
        difference.ciede2000(np.zeros((2, 3)), np.zeros((3, 3)))
    with pytest.raises(UsageError):
        difference.ciede2000(np.zeros((2, 4)), np.zeros((2, 4)))


def test_doctests():
    assert doctest.testmod(difference).failed == 0
