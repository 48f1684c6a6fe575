"""What every method of the catalog must do: keep light exactly, answer odd sizes, be repeatable, follow hints."""

from __future__ import annotations

import numpy as np
import pytest

import barva
from barva.color import spaces
from barva.engine.render.compose import light_of
from barva.engine.request import Request
from barva.engine.sampling import Sampling
from barva.guidance.hintmap import HintMap
from barva.methods import catalog

NAMES = [card.name for card in catalog.method_cards()]
SIZES = [(1, 1), (1, 4000), (4000, 1), (17, 23), (23, 17), (192, 256)]

_kept: dict[str, barva.Colorizer] = {}


def colorizer(name: str) -> barva.Colorizer:
    """A method with what it cannot do without, a reference photo or a point; with few steps where it draws."""
    if name not in _kept:
        _kept[name] = made(name)
    return _kept[name]


def made(name: str) -> barva.Colorizer:
    card = catalog.card(name)
    if "reference" in card.needs:
        import skimage.data

        return barva.Colorizer(name, references=[skimage.data.astronaut()[::2, ::2]])
    if card.samples:
        return barva.Colorizer(name, request=Request(sampling=Sampling(steps=2)))
    return barva.Colorizer(name, guidance=[barva.Point((0.5, 0.5), "red")] if "hints" in card.needs else None)


def noise(height: int, width: int, depth: int, bands: int = 1) -> np.ndarray:
    """Every code value from black to white, in patches and as noise."""
    rng = np.random.default_rng(height * 7 + width)
    top = 255 if depth == 8 else 65535
    ramp = np.linspace(0, top, height * width).reshape(height, width)
    mixed = np.where(rng.random((height, width)) < 0.5, ramp, rng.integers(0, top + 1, (height, width)))
    out = mixed.astype(np.uint8 if depth == 8 else np.uint16)
    if bands == 3:
        out = np.dstack([out, out[::-1], out[:, ::-1]])
    return out


def assert_light_kept(before: np.ndarray, after: np.ndarray) -> None:
    """L before lies between the L of the written code values half a code lower and half a code higher."""
    top = 255 if after.dtype == np.uint8 else 65535
    exact = before.astype(np.float64) / top
    truth = spaces.lightness(np.dstack([exact] * 3) if exact.ndim == 2 else exact)
    code = after[..., :3].astype(np.float64)
    low = spaces.lightness(np.clip(code - 0.5, 0, top) / top)
    high = spaces.lightness(np.clip(code + 0.5, 0, top) / top)
    slack = 2e-3 if top == 255 else 5e-5
    assert (truth >= low - slack).all(), f"too light by {(low - truth).max()}"
    assert (truth <= high + slack).all(), f"too dark by {(truth - high).max()}"


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_light_is_kept(name: str, size: tuple[int, int], depth: int) -> None:
    photo = noise(*size, depth)
    answer = colorizer(name).colorize(photo, vividness=2.0).array()
    assert answer.shape == (*size, 3)
    assert answer.dtype == photo.dtype
    assert_light_kept(photo, answer)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", NAMES)
def test_light_of_a_colour_photo_is_kept(name: str, depth: int) -> None:
    photo = noise(40, 60, depth, bands=3)
    assert_light_kept(photo, colorizer(name).colorize(photo).array())


@pytest.mark.parametrize("name", NAMES)
def test_same_photo_same_picture(name: str, grey: np.ndarray) -> None:
    first = colorizer(name).colorize(grey, seed=3).array()
    again = made(name).colorize(grey, seed=3).array()
    assert np.array_equal(first, again)
    assert np.ptp(first.astype(int), axis=2).max() > 5, "nothing was colored"


@pytest.mark.parametrize("name", NAMES)
def test_a_hint_is_obeyed(name: str, grey: np.ndarray) -> None:
    """A blue patch, hinted: steered methods and those that take hints as an input must turn towards it."""
    ab, weight = np.zeros((*grey.shape, 2), np.float32), np.zeros(grey.shape, np.float32)
    ab[60:80, 100:130], weight[60:80, 100:130] = (5, -40), 1
    plain = colorizer(name).colorize(grey)
    hinted = colorizer(name).colorize(grey, hints=HintMap(ab, weight))

    def mean_b(result: barva.Result) -> float:
        return float(spaces.fast_rgb_to_lab(result.array()[64:76, 104:126].astype(np.float32) / 255)[..., 2].mean())

    assert mean_b(hinted) < mean_b(plain) - 8
    assert hinted.provenance.guidance != plain.provenance.guidance
    assert barva.Colorizer("guided").colorize(grey).provenance.guidance == ""


@pytest.mark.parametrize("name", NAMES)
def test_vividness_moves_chroma(name: str, grey: np.ndarray) -> None:
    def mean_chroma(vividness: float) -> float:
        ab = colorizer(name).colorize(grey, vividness=vividness).chroma.ab
        return float(np.hypot(ab[..., 0], ab[..., 1]).mean())

    low, own, high = (mean_chroma(v) for v in (0.0, 1.0, 2.0))
    assert low < own < high


@pytest.mark.parametrize("name", NAMES)
def test_confidence_is_a_share(name: str, grey: np.ndarray) -> None:
    confidence = colorizer(name).colorize(grey).confidence
    if confidence is not None:
        assert confidence.ndim == 2
        assert 0 <= confidence.min() <= confidence.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_alpha_is_carried(name: str, grey: np.ndarray) -> None:
    alpha = np.arange(grey.size, dtype=np.uint32).reshape(grey.shape).astype(np.uint8)
    answer = colorizer(name).colorize(np.dstack([grey, alpha])).array()
    assert np.array_equal(answer[..., 3], alpha)


def test_light_is_read_the_same_from_grey_and_equal_bands() -> None:
    code = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(light_of(code[..., None], 1), light_of(np.dstack([code] * 3), 3))
