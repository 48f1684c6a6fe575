"""Colors from reference photos: a photo that is its own reference gets its colors back, better than gray."""

from __future__ import annotations

import numpy as np
import pytest

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.methods.base import Method, PaintOptions, Reference, Swatch
from barva.methods.classical import features, irony, references, welsh

METHODS = [welsh.Welsh(), irony.Irony(), references.References()]
each = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.card.name)


@pytest.fixture(scope="module")
def lab(astronaut: np.ndarray) -> np.ndarray:
    """(128, 128, 3)"""
    return spaces.fast_rgb_to_lab(astronaut[::4, ::4])


@pytest.fixture(scope="module")
def halves() -> np.ndarray:
    """(48, 60, 3) Lab: smooth and dark, warm on the left; rough and light, blue on the right."""
    rng = np.random.default_rng(0)
    lab = np.zeros((48, 60, 3), np.float32)
    lab[:, :30] = 35, 30, 40
    lab[:, 30:] = 65, 0, -45
    lab[:, :30, 0] += rng.normal(0, 0.5, (48, 30))
    lab[:, 30:, 0] += rng.normal(0, 8, (48, 30))
    return lab


def error(lab: np.ndarray, ab: np.ndarray) -> float:
    return float(ciede2000(lab, np.dstack([lab[..., :1], ab])).mean())


def light_of(lab: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(lab[..., 0])


@each
def test_a_photo_as_its_own_reference_beats_grey(method: Method, lab: np.ndarray) -> None:
    answer = method.paint(light_of(lab), None, PaintOptions(references=(Reference(lab),)))
    assert answer.ab.shape == (128, 128, 2)
    assert answer.ab.dtype == np.float32
    assert error(lab, answer.ab) < 0.8 * error(lab, 0 * answer.ab)


@each
def test_two_textures_find_their_colours(method: Method, halves: np.ndarray) -> None:
    turned = np.ascontiguousarray(halves[:, ::-1])
    ab = method.paint(light_of(turned), None, PaintOptions(references=(Reference(halves),))).ab
    assert error(turned[:, 5:25], ab[:, 5:25]) < 6
    assert error(turned[:, 35:55], ab[:, 35:55]) < 6


@each
@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (17, 23)], ids=str)
def test_odd_sizes(method: Method, size: tuple[int, int], lab: np.ndarray) -> None:
    light = np.random.default_rng(0).uniform(0, 100, size).astype(np.float32)
    small = np.random.default_rng(1).uniform(0, 50, (*size, 3)).astype(np.float32)
    for reference in (Reference(lab), Reference(small)):
        answer = method.paint(light, None, PaintOptions(references=(reference,)))
        assert answer.ab.shape == (*size, 2)
        assert np.isfinite(answer.ab).all()
        if answer.confidence is not None:
            assert answer.confidence.shape == size
            assert 0 <= answer.confidence.min() <= answer.confidence.max() <= 1


@each
def test_flat_pictures(method: Method) -> None:
    """Nothing to tell apart: everything takes the reference's one color, and black stays finite."""
    flat = np.full((40, 50, 3), (50, 10, 20), np.float32)
    answer = method.paint(np.full((30, 30), 50, np.float32), None, PaintOptions(references=(Reference(flat),)))
    assert np.allclose(answer.ab, (10, 20), atol=0.1)
    black = Reference(np.zeros((9, 9, 3), np.float32))
    assert np.abs(method.paint(np.zeros((30, 30), np.float32), None, PaintOptions(references=(black,))).ab).max() < 0.1


@each
def test_same_seed_same_answer(method: Method, lab: np.ndarray) -> None:
    options = PaintOptions(seed=3, references=(Reference(lab),))
    first = method.paint(light_of(lab), None, options).ab
    assert np.array_equal(first, type(method)(1).paint(light_of(lab), None, options).ab)
    other = PaintOptions(seed=4, references=(Reference(lab),))
    assert not np.array_equal(first, method.paint(light_of(lab), None, other).ab)


@each
def test_without_a_reference_one_line_says_so(method: Method) -> None:
    with pytest.raises(UsageError, match="reference photo") as error:
        method.paint(np.zeros((9, 9), np.float32), None, PaintOptions())
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("method", METHODS[1:], ids=lambda m: m.card.name)
def test_hints_go_over_the_reference(method: Method, lab: np.ndarray) -> None:
    assert "points" in method.card.native_guidance
    ab, weight = np.zeros((128, 128, 2), np.float32), np.zeros((128, 128), np.float32)
    ab[60:70, 60:70], weight[60:70, 60:70] = (-60, 60), 1
    answer = method.paint(light_of(lab), HintMap(ab, weight), PaintOptions(references=(Reference(lab),))).ab
    assert np.allclose(answer[60:70, 60:70], (-60, 60), atol=0.1)


def test_swatches_pair_regions(halves: np.ndarray) -> None:
    """Crosswise pairs: the smooth half takes the rough one's blue, the rough one the warm color; the rest follows."""
    left, right = (0.1, 0.05, 0.6, 0.4), (0.1, 0.6, 0.6, 0.95)
    options = PaintOptions(references=(Reference(halves),), swatches=(Swatch(right, left), Swatch(left, right)))
    ab = welsh.Welsh().paint(light_of(halves), None, options).ab
    assert np.allclose(np.median(ab[:, :27], axis=(0, 1)), (0, -45), atol=2)
    assert np.allclose(np.median(ab[:, 33:], axis=(0, 1)), (30, 40), atol=2)


def test_bad_swatches_and_references() -> None:
    lab = np.zeros((4, 5, 3), np.float32)
    for make in (
        lambda: Swatch((0, 0, 0, 1), (0, 0, 1, 1)),
        lambda: Swatch((0, 0, 1, 1), (0, 0.5, 1, 1.5)),
        lambda: Reference(lab[..., :2]),
        lambda: Reference(lab[:0]),
        lambda: Reference(lab + np.nan),
        lambda: Reference(lab, np.zeros((5, 4), np.int32)),
    ):
        with pytest.raises(UsageError):
            make()
    whole = (0.0, 0.0, 1.0, 1.0)
    with pytest.raises(UsageError, match="names reference 1"):
        options = PaintOptions(references=(Reference(lab),), swatches=(Swatch(whole, whole, reference=1),))
        welsh.Welsh().paint(lab[..., 0], None, options)
    with pytest.raises(UsageError, match="one reference, not 2"):
        irony.Irony().paint(lab[..., 0], None, PaintOptions(references=(Reference(lab), Reference(lab))))


def test_ironys_labels_may_be_given(halves: np.ndarray) -> None:
    labels = np.zeros((48, 60), np.int32)
    labels[:, 30:] = 7
    ab = irony.Irony().paint(light_of(halves), None, PaintOptions(references=(Reference(halves, labels),))).ab
    assert error(halves, ab) < 6


def test_regions_are_those_of_the_colours(halves: np.ndarray) -> None:
    labels = features.regions(halves, 2, np.random.default_rng(0))
    assert len(np.unique(labels[:, :28])) == len(np.unique(labels[:, 32:])) == 1
    assert labels[0, 0] != labels[0, -1]
    assert not features.regions(np.zeros((9, 9, 3), np.float32), 4, np.random.default_rng(0)).any()


def test_the_subspace_drops_what_varies_within_regions() -> None:
    rng = np.random.default_rng(0)
    label = np.arange(600) % 2
    x = np.stack([rng.normal(0, 50, 600), label + rng.normal(0, 0.1, 600)], axis=1).astype(np.float32)
    T = irony.projection(x, label, rng)
    best = np.abs(T[:, -1])
    assert best[1] > 50 * best[0]


def test_frequencies_are_the_cosine_transform() -> None:
    from scipy.fft import dctn

    light = np.random.default_rng(0).uniform(0, 100, (20, 20)).astype(np.float32)
    found = features.frequencies(light, side=9, order=1)[10, 10]
    expected = dctn(light[6:15, 6:15], norm="ortho")
    assert np.allclose(found, [expected[0, 0] / 9, abs(expected[0, 1]), abs(expected[1, 0])], rtol=1e-4)


def test_chromaticity_does_not_know_the_illumination() -> None:
    rgb = np.array([[[0.6, 0.3, 0.2]]])
    bright, dim = (spaces.rgb_to_lab(spaces.linear_to_srgb(spaces.srgb_to_linear(rgb) * s)) for s in (1, 0.5))
    assert np.allclose(references.chromaticity(bright), references.chromaticity(dim), rtol=0.1)
    lab = bright.astype(np.float32)
    assert np.allclose(references.relight(references.chromaticity(lab), lab[..., 0]), lab[..., 1:], atol=0.05)


def test_reflectance_takes_out_slow_light_and_keeps_edges() -> None:
    """Two paints under a light that fades to a third from left to right."""
    paint = np.where((np.arange(60) // 15 % 2)[None] == 0, 0.2, 0.6) * np.ones((40, 1))
    lit = paint * np.linspace(1, 0.3, 60)[None]
    light = spaces.lightness(np.repeat(spaces.linear_to_srgb(lit)[..., None], 3, -1))
    r = references.reflectance(light)
    assert np.ptp(r[:, :15]) < 0.02
    assert abs((r[:, 20].mean() - r[:, 10].mean()) - np.log(3)) < 0.15
    assert abs(r[:, 40].mean() - r[:, 10].mean()) < 0.2


def test_the_better_reference_has_the_say(lab: np.ndarray) -> None:
    """A green nonsense picture beside the true one hardly changes the answer."""
    rng = np.random.default_rng(0)
    noise = np.full_like(lab, 0)
    noise[..., 0], noise[..., 1] = rng.uniform(0, 100, lab.shape[:2]), -60
    both = (
        references.References()
        .paint(light_of(lab), None, PaintOptions(references=(Reference(noise), Reference(lab))))
        .ab
    )
    assert error(lab, both) < 0.8 * error(lab, 0 * both)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (37, 1), (16, 24), (31, 47)], ids=str)
def test_reflectance_is_the_cosine_transforms_solution(size: tuple[int, int]) -> None:
    """Without shading in the picture it comes back, however odd its sides: all its steps are paint."""
    from scipy.fft import dctn, idctn

    light = np.random.default_rng(0).choice(np.float32([20, 40, 60, 80]), size)
    found = references.reflectance(light)
    y = np.log(references.luminance(light) + references._DARK).astype(np.float64)
    assert np.allclose(found, y, atol=1e-4)
    # with shading: the equation's solution by another way
    light = np.random.default_rng(1).uniform(40, 60, size).astype(np.float32)
    y = np.log(references.luminance(light) + references._DARK).astype(np.float64)
    steps = [np.where(np.abs(g) > references.SHADING, g, 0) for g in (np.diff(y, axis=0), np.diff(y, axis=1))]
    right = np.diff(np.pad(steps[0], ((1, 1), (0, 0))), axis=0) + np.diff(np.pad(steps[1], ((0, 0), (1, 1))), axis=1)
    waves = [2 * np.cos(np.pi * np.arange(n) / n) - 2 for n in size]
    eigen = np.add.outer(*waves)
    eigen[0, 0] = np.inf
    assert np.allclose(references.reflectance(light), idctn(dctn(right) / eigen) + y.mean(), atol=1e-5)
