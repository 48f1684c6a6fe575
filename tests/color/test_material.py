"""Chroma of one surface over its light."""

from __future__ import annotations

import numpy as np

from barva.color.material import material_curve, relative_chroma

LIGHT = np.linspace(0, 100, 101, dtype=np.float32)


def test_black_and_white_carry_nothing() -> None:
    curve = material_curve(LIGHT)
    assert curve[0] == 0 and curve[100] == 0 and (curve[1:100] > 0).all()


def test_it_rises_and_falls_once() -> None:
    step = np.sign(np.diff(material_curve(LIGHT)))
    assert np.count_nonzero(np.diff(step)) == 1


def test_the_known_chroma_stays_at_its_own_light() -> None:
    for own in (15.0, 40.0, 70.0, 90.0):
        assert np.isclose(relative_chroma(np.array([own], np.float32), own)[0], 1, atol=1e-5)


def test_a_color_known_in_the_dark_does_not_glow() -> None:
    assert relative_chroma(LIGHT, 1.0).max() <= 1.5
