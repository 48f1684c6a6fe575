"""Enlarging, steering and planning on cases whose answer is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.engine.prepare import plan
from barva.engine.render import chroma_model
from barva.engine.steer.steering import spread_hints
from barva.errors import UsageError
from barva.guidance import simulate
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, SizeRule


def whole(lines: chroma_model.ChromaModel, light: np.ndarray) -> np.ndarray:
    return lines.chroma(np.ascontiguousarray(light), 0)


def test_even_chroma_stays_even() -> None:
    light = np.random.default_rng(0).uniform(0, 100, (60, 90)).astype(np.float32)
    ab = np.full((15, 22, 2), (12.0, -30.0), np.float32)
    assert np.allclose(whole(chroma_model.fit_chroma(ab, light, 60, 90), light), (12, -30), atol=1e-3)


@pytest.mark.parametrize("rows", [1, 7, 60, 1000])
def test_strips_join(rows: int) -> None:
    rng = np.random.default_rng(1)
    lines = chroma_model.fit_chroma(
        rng.normal(0, 20, (9, 14, 2)).astype(np.float32), np.full((40, 60), 50, np.float32), 97, 131
    )
    light = rng.uniform(0, 100, (97, 131)).astype(np.float32)
    parts = [lines.chroma(light[y : y + rows], y) for y in range(0, 97, rows)]
    assert np.allclose(np.concatenate(parts), whole(lines, light), atol=1e-3)  # SIMD rounds by the height of the strip


def test_very_wide_pictures_are_the_same_as_narrow_ones() -> None:
    """Beyond what cv2.resize can hold, columns are mixed here: both ways must agree."""
    planes = np.random.default_rng(2).normal(0, 1, (2, 50, 4)).astype(np.float32)
    ours = chroma_model._widen(planes, 33_000)
    theirs = cv2.resize(planes, (16_500, 2), interpolation=cv2.INTER_LINEAR)
    assert ours.shape == (2, 33_000, 4)
    assert np.abs((ours[:, ::2] + ours[:, 1::2]) / 2 - theirs).max() < 0.02


def test_better_than_bicubic_along_edges(astronaut: np.ndarray) -> None:
    lab = spaces.fast_rgb_to_lab(astronaut)
    small = cv2.resize(np.ascontiguousarray(lab[..., 1:]), (64, 64), interpolation=cv2.INTER_AREA)
    light = np.ascontiguousarray(lab[..., 0])

    def error(ab: np.ndarray) -> float:
        return float(ciede2000(lab, np.dstack([light, ab])).mean())

    bicubic = error(cv2.resize(small, (512, 512), interpolation=cv2.INTER_CUBIC))
    assert error(whole(chroma_model.fit_chroma(small, light, 512, 512), light)) < bicubic - 0.05


def test_nothing_beyond_an_edge_gets_the_opposite_color() -> None:
    """A vivid object beside a gray one, darker and with a bright rim that chroma's own size does not show."""
    light = np.full((256, 256), 30, np.float32)
    light[:, 128:], light[:, 129:132] = 70, 100
    ab = np.zeros((64, 64, 2), np.float32)
    ab[:, :32] = (80, -60)
    found = whole(chroma_model.fit_chroma(ab, light, 256, 256), light)
    assert found[..., 0].max() < 95, "no more vivid than it was"
    assert found[..., 0].min() > -9, "bicubic alone has 6"


def test_what_changes_nothing_leaves_the_lines() -> None:
    """Steered chroma is larger than a network's answer, and would have other lines."""
    rng = np.random.default_rng(3)
    light = rng.uniform(0, 100, (128, 128)).astype(np.float32)
    rest = rng.normal(0, 20, (32, 32, 2)).astype(np.float32)
    plain = chroma_model.fit_chroma(rest, light, 128, 128)
    large = cv2.resize(rest, (96, 96), interpolation=cv2.INTER_CUBIC)
    large[:, 60:] += 40
    before = whole(plain, light)
    for share, goes in ((None, 40), (np.full((128, 128), 0.25, np.float32), 10)):
        after = whole(chroma_model.fit_change(plain, rest, large, light, share), light)
        assert np.allclose(after[:, :70], before[:, :70], atol=1e-3)
        assert np.allclose(after[:, 90:], before[:, 90:] + goes, atol=1e-2)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 4000), (4000, 1), (17, 23), (4000, 6000), (300, 40_000)])
def test_plan(height: int, width: int) -> None:
    rule = SizeRule(short=256, multiple=32, longest=1024)
    made = plan.make(rule, height, width)
    assert all(n % 32 == 0 and 32 <= n <= 1024 for n in made.working)
    assert made.guide[0] <= height and made.guide[1] <= width and min(made.guide) >= 1
    assert min(made.guide) <= plan.GUIDE_SHORT and max(made.guide) <= 4 * plan.GUIDE_SHORT
    assert 1 <= made.rows <= height
    if max(height, width) < 4 * min(height, width):
        assert abs(made.working[0] / made.working[1] - height / width) < 0.1 * height / width


def test_steer_obeys_and_stops_at_edges() -> None:
    light = np.full((64, 64), 30, np.float32)
    light[:, 32:] = 80
    ab, weight = np.zeros((64, 64, 2), np.float32), np.zeros((64, 64), np.float32)
    ab[30:34, 14:18], weight[30:34, 14:18] = (40, 20), 1
    steered = spread_hints(Chroma(np.zeros((16, 16, 2), np.float32)), light, HintMap(ab, weight)).ab
    assert np.allclose(steered[31, 15], (40, 20), atol=1)
    assert steered[10, 8, 0] > 20, "the hint spreads over its side"
    assert abs(steered[31, 48, 0]) < steered[31, 6, 0] / 2, "and hardly over the edge"


def test_hint_maps() -> None:
    with pytest.raises(UsageError):
        HintMap(np.zeros((4, 4, 2), np.float32), np.zeros((4, 5), np.float32))
    with pytest.raises(UsageError):
        HintMap(np.full((4, 4, 2), np.nan, np.float32), np.zeros((4, 4), np.float32))
    ab, weight = np.zeros((64, 64, 2), np.float32), np.zeros((64, 64), np.float32)
    ab[8:16, 8:16], weight[8:16, 8:16] = (30, -10), 1
    small = HintMap(ab, weight).resize(16, 16)
    assert small.weight[2, 2] == 1 and np.allclose(small.ab[2, 2], (30, -10), atol=1e-3)
    assert small.weight[10, 10] == 0


def test_simulated_points_tell_the_truth() -> None:
    ab = np.dstack([np.full((40, 50), 33.0), np.full((40, 50), -11.0)]).astype(np.float32)
    planes, weight = simulate.points(ab, np.random.default_rng(0), count=10)
    assert 0 < weight.sum() <= 10 * 81
    assert np.allclose(planes[0][weight > 0], 33 / 110) and np.allclose(planes[1][weight > 0], -11 / 110)
    none, nothing = simulate.points(ab, np.random.default_rng(0), count=0)
    assert not none.any() and not nothing.any()
