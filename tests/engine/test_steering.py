"""A mark colors its object: all of it, to its edges, and with many marks more of them than of the method's answer."""

from __future__ import annotations

import cv2
import numpy as np

from barva.engine.colorizer import Colorizer
from barva.engine.render import enforce
from barva.engine.request import Request
from barva.engine.steer.steering import spread_marks
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Point
from barva.methods.base import Chroma, PaintOptions


def dot(at: tuple[int, int], ab: tuple[float, float], size: tuple[int, int] = (96, 128)) -> HintMap:
    planes, weight = np.zeros((*size, 2), np.float32), np.zeros(size, np.float32)
    planes[at[0] - 1 : at[0] + 2, at[1] - 1 : at[1] + 2] = ab
    weight[at[0] - 1 : at[0] + 2, at[1] - 1 : at[1] + 2] = 1
    return HintMap(planes, weight)


def test_an_object_takes_it_and_its_surroundings_do_not() -> None:
    light = np.full((96, 128), 30, np.float32)
    light[20:80, 16:70] = 65
    light += np.random.default_rng(0).normal(0, 0.7, light.shape).astype(np.float32)
    told = spread_marks(Chroma(np.full((24, 32, 2), -5, np.float32)), light, dot((50, 40), (40, -20))).ab
    inside = told[24:76, 20:66].reshape(-1, 2)
    assert (inside[:, 0] > 17.5).mean() > 0.95, "half of the way at least"
    outside = np.concatenate([told[:, 76:].reshape(-1, 2), told[:14].reshape(-1, 2)])
    assert (outside[:, 0] < 17.5).mean() > 0.9
    assert np.allclose(told[50, 40], (40, -20), atol=0.01)


def test_nothing_goes_away_from_a_mark() -> None:
    """A network that made the surroundings of a red point green: they stay as they were without it."""
    light = np.full((96, 128), 30, np.float32)
    light[20:80, 16:70] = 65
    plain = np.full((24, 32, 2), (5, 8), np.float32)
    heard = plain.copy()
    heard[:, 20:] = (-30, 8)
    told = spread_marks(Chroma(heard), light, dot((50, 40), (60, 8)), Chroma(plain)).ab
    assert told[24:76, 20:66, 0].mean() > 40
    assert told[:, 84:, 0].min() > 4.9


def test_odd_sizes() -> None:
    for size in ((1, 1), (1, 40), (33, 34)):
        light = np.linspace(0, 100, size[0] * size[1]).reshape(size).astype(np.float32)
        weight = np.zeros(size, np.float32)
        weight[0, 0] = 1
        hints = HintMap(np.full((*size, 2), 20, np.float32), weight)
        told = spread_marks(Chroma(np.zeros((*size, 2), np.float32)), light, hints).ab
        assert told.shape == (*size, 2)
        assert np.isfinite(told).all()
        assert np.allclose(told[0, 0], 20)


def test_levin_is_not_steered(grey: np.ndarray) -> None:
    colorizer, marks = Colorizer("levin"), Guidance((Point((40, 150), "red"),))
    seen = colorizer.analyze(grey)
    hints = enforce.all_hints(marks, (seen.photo.height, seen.photo.width), seen.sizes.working)
    answer = colorizer.answer(seen, Request(guidance=marks))
    elsewhere = cv2.dilate(hints.weight, np.ones((9, 9), np.uint8)) == 0
    own = colorizer.method().paint(seen.light, hints, PaintOptions()).ab
    assert np.array_equal(answer.chroma.ab[elsewhere], own[elsewhere])
