"""Metrics with answers that are known beforehand."""

import doctest

import numpy as np
import pytest

from barva.color import bins, spaces
from barva.color.difference import ciede2000
from barva.errors import UsageError
from barva.evaluation import metrics, scores


def lab_of(rgb):
    return spaces.fast_rgb_to_lab(rgb)


def plain(ab, light=60.0, shape=(8, 9)):
    """One color all over."""
    return np.broadcast_to(np.array([light, *ab], np.float32), (*shape, 3)).copy()


@pytest.fixture(scope="module")
def truth(astronaut):
    return lab_of(astronaut[:160, 100:300])


def test_the_truth_is_perfect(truth):
    m = metrics.measure(truth, truth)
    assert m.ciede2000 < 1e-3
    assert m.psnr == metrics.PSNR_LIMIT
    assert m.auc == 1
    assert m.colorfulness == m.colorfulness_truth > 10
    assert m.chroma == pytest.approx(m.chroma_truth, rel=1e-4)
    assert m.b_shift == pytest.approx(0, abs=1e-3)
    assert m.sepia == 0
    assert np.degrees(np.angle(m.turn)) == pytest.approx(0, abs=1e-2)
    assert m.bin_share.sum() == pytest.approx(1)
    assert m.bin_auc == pytest.approx(m.bin_share)


def test_a_truth_made_once_measures_the_same(truth):
    answer = truth * np.array([1, 0.4, -0.8], np.float32)
    once, anew = metrics.measure(metrics.Truth.of(truth), answer), metrics.measure(truth, answer)
    for name in ("ciede2000", "psnr", "auc", "chroma_truth", "colorfulness_truth", "turn", "sepia"):
        assert getattr(once, name) == getattr(anew, name)
    error, psnr, lit = metrics.color_errors(metrics.Truth.of(truth), answer)
    assert (error, psnr) == (once.ciede2000, once.psnr)
    assert (lit[..., 0] == truth[..., 0]).all()


def test_differences_in_pieces_are_the_same_as_at_once(truth):
    assert truth[..., 0].size > metrics._PIECE
    other = truth[::-1, ::-1]
    assert (metrics.ciede2000_map(truth, other) == ciede2000(truth, other)).all()


def test_a_truth_is_a_picture():
    for bad in (np.zeros((0, 4, 3)), np.zeros((4, 3)), np.zeros((4, 4, 2))):
        with pytest.raises(UsageError):
            metrics.Truth.of(bad)


def test_grey_has_no_chroma(truth):
    m = metrics.measure(truth, truth * [1, 0, 0])
    assert m.chroma == 0
    assert m.colorfulness < 0.05  # a neutral between two codes may round up in one channel
    assert m.ciede2000 > 5
    assert m.turn == 0


def test_the_answers_light_does_not_count(truth):
    wrong = truth.copy()
    wrong[..., 0] = 100 - wrong[..., 0]
    assert metrics.measure(truth, wrong).ciede2000 == metrics.measure(truth, truth).ciede2000


def test_auc_counts_thresholds():
    one = np.zeros((4, 2), np.float32)
    other = np.array([[0, 0], [3, 4], [0, 5.5], [200, 0]], np.float32)
    # thresholds 0..150, 5..150, 6..150, none
    assert metrics.pixel_auc(one, other) * 151 == pytest.approx([151, 146, 145, 0])


def test_auc_agrees_with_its_definition():
    rng = np.random.default_rng(0)
    one, other = rng.normal(0, 40, (2, 500, 2))
    error = np.hypot(*(one - other).T)
    slow = np.mean([(error <= t + metrics.GRAIN).mean() for t in range(151)])
    assert metrics.pixel_auc(one, other).mean() == pytest.approx(slow, abs=1e-6)


def test_rebalanced_auc_counts_rare_bins_more():
    truth = plain((0, 0))
    truth[0, 0, 1:] = 40  # one pixel of another bin
    right_common, right_rare = truth * [1, 0, 0], plain((40, 40))
    values = []
    for answer in (right_common, right_rare):
        m = metrics.measure(truth, answer)
        prior = m.bin_share  # unsmoothed: both bins then weigh the same
        s = scores.scores([m], prior=prior, resamples=2)
        values.append((s.auc.value, s.auc_rebalanced.value))
    (auc1, bal1), (auc2, bal2) = values
    assert auc1 > 0.98 > auc2
    assert bal1 == pytest.approx((1 + 1 - 57 / 151) / 2, abs=1e-4)  # sqrt 3200 = 56.6: 57 thresholds missed
    assert bal1 == pytest.approx(bal2, abs=1e-4)


def test_colorfulness_of_known_pictures():
    half = np.zeros((2, 2, 3), np.uint8)
    half[0] = [255, 0, 0]
    # rg: 255 and 0, mean and deviation 127.5; yb: 127.5 and 0, 63.75 each
    assert metrics.colorfulness(half) == pytest.approx(1.3 * np.hypot(127.5, 63.75), rel=1e-6)
    assert metrics.colorfulness(np.full((3, 3, 3), 77, np.uint8)) == 0


def test_psnr():
    one = np.full((5, 5, 3), 100, np.uint8)
    assert metrics.psnr(one, one + np.uint8(5)) == pytest.approx(20 * np.log10(255 / 5))
    assert metrics.psnr(one + np.uint8(5), one) == pytest.approx(20 * np.log10(255 / 5))


@pytest.mark.parametrize(("turn", "shift"), [(0, 0), (30, None), (-60, None)])
def test_hue_turn(turn, shift):
    angle = np.radians(20 + turn)
    m = metrics.measure(
        plain((20 * np.cos(np.radians(20)), 20 * np.sin(np.radians(20)))),
        plain((30 * np.cos(angle), 30 * np.sin(angle))),
    )
    s = scores.scores([m], resamples=2)
    assert s.hue_turn.value == pytest.approx(turn, abs=0.01)
    assert s.chroma_ratio.value == pytest.approx(1.5, abs=1e-4)


def test_cooler_is_negative():
    assert metrics.measure(plain((0, 10)), plain((0, -5))).b_shift == pytest.approx(-15, abs=1e-4)


@pytest.mark.parametrize(
    ("true_ab", "ab", "share"),
    [
        ((0, 0), (15, 25), 1),  # gray guessed brown
        ((-30, 20), (15, 25), 1),  # green guessed brown
        ((10, 20), (15, 25), 0),  # brown it is
        ((0, 0), (2, 3), 0),  # too faint to be seen as brown
        ((0, 0), (40, 55), 0),  # orange
        ((0, 0), (10, -20), 0),  # blue
    ],
)
def test_sepia_share(true_ab, ab, share):
    assert metrics.measure(plain(true_ab), plain(ab)).sepia == share


def test_relit_fits_and_refuses():
    out = metrics.relight(plain((0, 0), 95), plain((60, 60), 50))
    assert (out[..., 0] == 95).all()
    assert 0 < out[0, 0, 1] < 30
    for bad in (np.zeros((2, 2, 3)), np.zeros((8, 9)), np.zeros((8, 9, 2))):
        with pytest.raises(UsageError):
            metrics.relight(plain((0, 0)), bad)


def photo(value, **more):
    empty = dict.fromkeys(("psnr", "auc", "colorfulness", "colorfulness_truth", "chroma", "b_shift", "sepia"), 0.0)
    share = np.full(313, 1 / 313)
    return metrics.PhotoScores(
        **{**empty, "ciede2000": value, "chroma_truth": 1.0, "turn": 0j, "bin_auc": share, "bin_share": share, **more}
    )


def test_bootstrap_is_seeded_and_covers():
    values = np.random.default_rng(0).normal(10, 2, 400)
    photos = [photo(float(v)) for v in values]
    one, same, other = (scores.scores(photos, seed=s).ciede2000 for s in (1, 1, 2))
    assert one == same != other
    assert one.value == pytest.approx(values.mean())
    half = 1.96 * values.std() / 20  # the normal approximation
    assert one.value - one.low == pytest.approx(half, rel=0.15)
    assert one.high - one.value == pytest.approx(half, rel=0.15)


def test_paired_margin_is_narrow():
    values = np.random.default_rng(0).normal(10, 5, 200)
    gain = scores.margin(list(values - 1), list(values))
    assert (gain.value, gain.low, gain.high) == pytest.approx((1, 1, 1))


def test_colorfulness_differences_are_named_apart():
    photos = [
        photo(1, colorfulness=10.0, colorfulness_truth=30.0),
        photo(1, colorfulness=40.0, colorfulness_truth=30.0),
    ]
    s = scores.scores(photos)
    assert s.colorfulness_difference.value == pytest.approx(-5)
    assert s.colorfulness_absolute.value == pytest.approx(5)
    assert s.colorfulness_spread.value == pytest.approx(15)


def test_mean_over_photos():
    assert scores.mean([1.0, 2.0, 6.0]).value == 3
    with pytest.raises(UsageError):
        scores.mean([])


def test_what_is_not_defined_is_nan():
    s = scores.scores([photo(1.0, chroma_truth=0.0)])
    assert np.isnan([s.chroma_ratio.value, s.hue_turn.value, s.hue_turn.low]).all()


def test_smoothed_prior():
    prior = np.zeros(313)
    at = int(np.flatnonzero((bins.BINS == 0).all(1))[0])
    prior[at] = 1
    out = scores.smooth_prior(prior)
    assert out.sum() == pytest.approx(1)
    assert out.argmax() == at
    assert out[at] < 0.8


@pytest.mark.parametrize("prior", [np.ones(312), np.full(313, -1.0), np.zeros(313), np.full(313, np.nan)])
def test_a_bad_prior_is_refused(prior):
    with pytest.raises(UsageError):
        scores.scores([photo(1.0)], prior=prior)


def test_no_photos():
    with pytest.raises(UsageError):
        scores.scores([])


def test_doctests():
    assert doctest.testmod(scores).failed == 0
