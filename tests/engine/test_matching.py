"""Photos as they are matched: their size."""

from __future__ import annotations

import numpy as np
import pytest

from barva.engine.prepare import matching


@pytest.mark.parametrize(
    ("guide", "view"),
    [((512, 768), (320, 480)), ((40, 60), (320, 480)), ((400, 2048), (320, 1638)), ((10, 2048), (10, 2048))],
)
def test_a_strip_is_not_enlarged_without_end(guide: tuple[int, int], view: tuple[int, int]) -> None:
    light = np.tile(np.linspace(0, 100, guide[1], dtype=np.float32), (guide[0], 1))
    assert matching.view_of(light).light.shape == view
    assert matching.view_of(np.ascontiguousarray(light.T)).light.shape == view[::-1]


def test_a_strip_is_matched_with_itself() -> None:
    grain = np.random.default_rng(0).uniform(0, 100, (10, 2048)).astype(np.float32)
    strip = matching.view_of(grain)
    same = matching.match(strip, strip)
    assert (np.abs(same.source - same.target) * [2048, 10]).max(initial=0) < 1.5, "in pixels"
