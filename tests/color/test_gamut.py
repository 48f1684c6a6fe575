"""The gamut fit and the merge: light stands still, hue is kept, chroma gives way no more than it must."""

import numpy as np
import pytest
import skimage.data

from barva.color import gamut, spaces
from barva.errors import UsageError

SHAPES = [(1, 1), (1, 4000), (4000, 1), (17, 23), (130, 131)]  # the last one is more than one chunk


def random_lab(n, seed=0):
    rng = np.random.default_rng(seed)
    low, high = [0, -120, -120], [100, 120, 120]
    return rng.uniform(low, high, (n, 3)).astype(np.float32)


def linear(lab):
    return spaces.xyz_to_linear(spaces.lab_to_xyz(np.asarray(lab, np.float64)))


def test_what_comes_out_fits_and_keeps_light_and_hue():
    lab = random_lab(50_000)
    out = gamut.fit(lab)
    assert out.dtype == np.float32
    assert linear(out).min() > -1e-6
    assert linear(out).max() < 1 + 1e-6
    assert (out[:, 0] == lab[:, 0]).all()
    cross = out[:, 1].astype(float) * lab[:, 2] - out[:, 2].astype(float) * lab[:, 1]
    assert np.abs(cross).max() < 1e-2  # the area that hues would span; chromas reach 170 x 170
    assert ((out[:, 1:] * lab[:, 1:]) >= 0).all()  # not turned about


def test_it_takes_no_more_chroma_than_it_must():
    lab = random_lab(3000, seed=1)
    out = gamut.fit(lab)
    t = np.hypot(out[:, 1], out[:, 2]) / np.hypot(lab[:, 1], lab[:, 2])
    low, high = np.zeros(len(lab)), np.ones(len(lab))
    for _ in range(30):  # brute force, with the exact conversion
        middle = (low + high) / 2
        c = linear(lab * np.stack([np.ones_like(middle), middle, middle], -1))
        fits = ((c >= 0) & (c <= 1)).all(-1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    assert (t - low).max() < 3e-4  # the darkest: float32
    assert np.median(np.abs(low - t)) < 1e-5
    assert (low - t).max() < 4e-3


def test_colours_inside_are_untouched():
    rgb = np.random.default_rng(2).uniform(0.001, 0.999, (20_000, 3))
    lab = spaces.rgb_to_lab(rgb).astype(np.float32)
    assert (gamut.fit(lab) == lab).all()


def test_corners_of_the_gamut_hardly_move():
    corners = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], float)
    lab = spaces.rgb_to_lab(corners).astype(np.float32)
    assert np.abs(gamut.fit(lab) - lab).max() < 1e-2


def test_black_and_white_have_no_chroma():
    lab = np.array([[0, 50, 50], [100, -30, 20], [-3, 5, 5], [104, 5, 5]], np.float32)
    assert (gamut.fit(lab)[:, 1:] == 0).all()


@pytest.mark.parametrize("shape", [(3,), (0, 3), (4, 3), (3, 5, 3), (2, 3, 5, 3)])
def test_fit_keeps_any_shape_and_its_input(shape):
    lab = np.full(shape, 60, np.float64)
    assert gamut.fit(lab).shape == shape
    assert (lab == 60).all()


def test_clipping_instead_would_move_the_light():
    lab = random_lab(20_000, seed=3)
    clipped = spaces.rgb_to_lab(np.clip(spaces.lab_to_rgb(lab.astype(float)), 0, 1))
    fitted = spaces.rgb_to_lab(np.clip(spaces.lab_to_rgb(gamut.fit(lab).astype(float)), 0, 1))
    assert np.abs(clipped - lab)[:, 0].mean() > 1
    assert np.abs(fitted - lab)[:, 0].max() < 2e-3


def check_light(light, codes, depth):
    """The merge contract: light moves no more than rounding to codes allows."""
    top, slack = 2**depth - 1, {8: 1e-3, 16: 3e-5}[depth]
    c = codes.astype(np.float64)
    low = spaces.rgb_to_lab((c - 0.5) / top)[..., 0]
    high = spaces.rgb_to_lab((c + 0.5) / top)[..., 0]
    assert (low <= light + slack).all()
    assert (light <= high + slack).all()


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("strength", [0, 1, 10, 80])
def test_merge_keeps_light(shape, depth, strength):
    rng = np.random.default_rng(strength)
    light = rng.uniform(0, 100, shape).astype(np.float32)
    ab = rng.normal(0, 1, (*shape, 2)).astype(np.float32) * strength
    codes = gamut.merge(light, ab, depth)
    assert codes.dtype == {8: np.uint8, 16: np.uint16}[depth]
    assert codes.shape == (*shape, 3)
    check_light(light, codes, depth)


def test_merge_keeps_dark_greys_between_codes():
    light = np.linspace(0, 12, 40_000, dtype=np.float32)[None]  # where the gamma bends, and OpenCV's spline errs
    for depth in (8, 16):
        check_light(light, gamut.merge(light, np.zeros((1, 40_000, 2), np.float32), depth), depth)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_grey_picture_comes_back_to_the_bit(depth):
    light = spaces.lightness_table(depth)[None]
    codes = gamut.merge(light, np.zeros((1, 2**depth, 2), np.float32), depth)
    assert (codes[0] == np.arange(2**depth)[:, None]).all()


@pytest.mark.parametrize("depth", [8, 16])
def test_a_colour_picture_comes_back(depth):
    top = 2**depth - 1
    photo = skimage.data.astronaut()[:200, :300].astype(np.uint16) * (257 if depth == 16 else 1)
    lab = spaces.rgb_to_lab(photo / top).astype(np.float32)
    back = gamut.merge(lab[..., 0], lab[..., 1:], depth)
    assert np.abs(back.astype(int) - photo).max() <= {8: 0, 16: 4}[depth]


def test_merge_is_the_same_in_strips():
    lab = random_lab(400 * 120, seed=5).reshape(120, 400, 3)
    whole = gamut.merge(lab[..., 0], lab[..., 1:], 8)
    strips = [gamut.merge(lab[i : i + 7, :, 0], lab[i : i + 7, :, 1:], 8) for i in range(0, 120, 7)]
    assert (np.concatenate(strips) == whole).all()


def test_merge_agrees_with_the_exact_way():
    lab = random_lab(20_000, seed=6)[None]
    exact = spaces.lab_to_rgb(gamut.fit(lab).astype(np.float64)).clip(0, 1)
    assert np.abs(gamut.merge(lab[..., 0], lab[..., 1:], 8) - exact * 255).max() < 0.51


def test_merge_refuses_what_does_not_match():
    light = np.zeros((4, 5), np.float32)
    for bad in (np.zeros((5, 4, 2)), np.zeros((4, 5, 3)), np.zeros((4, 5))):
        with pytest.raises(UsageError):
            gamut.merge(light, bad, 8)
    with pytest.raises(UsageError):
        gamut.merge(light, np.zeros((4, 5, 2)), 12)
    assert gamut.merge(light[:0], np.zeros((0, 5, 2)), 8).shape == (0, 5, 3)
