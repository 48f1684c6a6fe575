"""Color spaces against colour-science and scikit-image, on random and on edge values, and there and back."""

import doctest

import colour
import numpy as np
import pytest
import skimage.color
from hypothesis import given, settings
from hypothesis import strategies as st

from barva.color import spaces
from barva.errors import UsageError

EDGES = np.array(
    [[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)]  # black, white, primaries, secondaries
    + [[v, v, v] for v in (1e-6, 0.04044, 0.04045, 0.04046, 0.0927, 0.0928, 0.5, 0.999999)]  # both thresholds
    + [[0.04045, 0, 1], [0.002, 0.001, 0.003]],
    dtype=np.float64,
)


@pytest.fixture(scope="module")
def rgb():
    random = np.random.default_rng(0).random((4000, 3))
    return np.concatenate([EDGES, random, random[:500] * 0.05])


def test_gamma_agrees_with_colour_science(rgb):
    assert np.allclose(spaces.srgb_to_linear(rgb), colour.models.eotf_sRGB(rgb), atol=1e-9)
    assert np.allclose(spaces.linear_to_srgb(rgb), colour.models.eotf_inverse_sRGB(rgb), atol=1e-9)


def test_xyz_agrees_with_colour_science(rgb):
    linear = spaces.srgb_to_linear(rgb)
    theirs = colour.RGB_to_XYZ(rgb, colour.models.RGB_COLOURSPACE_sRGB, apply_cctf_decoding=True)
    assert np.abs(spaces.linear_to_xyz(linear) - theirs).max() < 5e-4  # the standard rounds its matrix to four digits


def test_lab_agrees_with_colour_science(rgb):
    xyz = spaces.linear_to_xyz(spaces.srgb_to_linear(rgb))
    white = colour.XYZ_to_xy(spaces.WHITE)
    assert np.allclose(spaces.xyz_to_lab(xyz), colour.XYZ_to_Lab(xyz, white), atol=1e-6)
    assert np.allclose(spaces.lab_to_xyz(spaces.xyz_to_lab(xyz)), xyz, atol=1e-9)


def test_lab_agrees_with_scikit_image(rgb):
    # its white has other last digits than its matrix, which is worth 0.01 in b
    assert np.abs(spaces.rgb_to_lab(rgb) - skimage.color.rgb2lab(rgb)).max() < 0.02


def test_yuv_is_as_the_methods_page_prints_it(rgb):
    r, g, b = rgb.T
    y = 0.299 * r + 0.587 * g + 0.114 * b
    assert np.allclose(spaces.rgb_to_yuv(rgb), np.stack([y, 0.492 * (b - y), 0.877 * (r - y)], -1), atol=1e-12)


def test_greys_are_exactly_neutral():
    for kind in (np.float32, np.float64):
        grey = np.repeat(np.linspace(0, 1, 1001, dtype=kind)[:, None], 3, axis=1)
        lab = spaces.rgb_to_lab(grey)
        assert (lab[:, 1:] == 0).all()
        assert lab[0].tolist() == [0, 0, 0]
        assert lab[-1].tolist() == [100, 0, 0]
        back = spaces.lab_to_rgb(lab)
        assert (back == back[:, :1]).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.5, 1.5), min_size=3, max_size=3))
def test_there_and_back_also_outside_the_range(values):
    rgb = np.array(values)
    assert np.allclose(spaces.lab_to_rgb(spaces.rgb_to_lab(rgb)), rgb, atol=2e-6)
    assert np.allclose(spaces.yuv_to_rgb(spaces.rgb_to_yuv(rgb)), rgb, atol=1e-12)
    assert np.allclose(spaces.xyz_to_linear(spaces.linear_to_xyz(rgb)), rgb, atol=1e-12)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    "name", ["rgb_to_lab", "lab_to_rgb", "rgb_to_yuv", "yuv_to_rgb", "linear_to_xyz", "xyz_to_lab"]
)
def test_floating_types_and_shapes_are_kept(name, kind):
    for shape in ((3,), (5, 3), (2, 4, 5, 3), (0, 3)):
        out = getattr(spaces, name)(np.full(shape, 0.25, kind))
        assert out.dtype == kind
        assert out.shape == shape


def test_colours_outside_srgb_are_not_clipped():
    assert spaces.lab_to_rgb([50.0, 120.0, -120.0]).max() > 1
    assert spaces.lab_to_rgb([50.0, 120.0, -120.0]).min() < 0


def test_fast_ones_are_as_exact_as_they_say(rgb):
    exact = spaces.rgb_to_lab(rgb)
    error = np.abs(spaces.fast_rgb_to_lab(rgb.astype(np.float32)) - exact)
    assert error[:, 0].max() < 0.005
    assert error[:, 1:].max() < 0.04
    assert np.abs(spaces.fast_lab_to_rgb(exact) - rgb).max() < 0.03 / 255


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(3,), (7, 3), (5, 6, 3), (2, 3, 4, 3), (0, 3), (0, 4, 3)])
def test_code_values_are_read_directly(kind, shape):
    top = np.iinfo(kind).max
    codes = np.random.default_rng(1).integers(0, top, shape, endpoint=True).astype(kind)
    exact = spaces.rgb_to_lab(codes / top)
    assert spaces.lightness(codes).dtype == np.float32
    assert np.allclose(spaces.lightness(codes), exact[..., 0], atol=5e-5)
    assert np.allclose(spaces.fast_rgb_to_lab(codes), exact, atol=0.05)
    wide = np.repeat(codes, 2, axis=-1)[..., ::2]  # not contiguous
    assert np.allclose(spaces.lightness(wide), exact[..., 0], atol=5e-5)
    assert np.allclose(spaces.fast_rgb_to_lab(wide), exact, atol=0.05)


@pytest.mark.parametrize("depth", [8, 16])
def test_lightness_table(depth):
    table = spaces.lightness_table(depth)
    assert table.dtype == np.float32
    assert table.shape == (2**depth,)
    assert (table[0], table[-1]) == (0, 100)
    assert (np.diff(table) > 0).all()
    codes = np.arange(2**depth) / (2**depth - 1)
    assert np.allclose(table, spaces.rgb_to_lab(np.stack([codes] * 3, -1))[:, 0], atol=1e-5)
    assert spaces.lightness_table(depth) is table
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: spaces.rgb_to_lab(np.zeros((2, 2, 3), np.uint8)),
        lambda: spaces.rgb_to_lab(np.zeros((2, 2, 4))),
        lambda: spaces.rgb_to_lab(0.5),
        lambda: spaces.rgb_to_yuv(np.zeros((2, 3), np.complex128)),
        lambda: spaces.lightness(np.zeros((2, 2), np.uint8)),
        lambda: spaces.lightness_table(12),
        lambda: spaces.depth_of(np.int32),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(UsageError):
        call()


def test_doctests():
    assert doctest.testmod(spaces).failed == 0
