"""Colors of like things: trusted where they are likely, left alone where the network is sure of something else."""

from __future__ import annotations

import numpy as np
import pytest

from barva.color import spaces
from barva.color.bins import BINS
from barva.engine.prepare import correspondence
from barva.engine.prepare.correspondence import Prediction
from barva.engine.prepare.resolve import Resolved
from barva.engine.request import Request
from barva.engine.steer.corrections import correct
from barva.guidance.hintmap import HintMap
from barva.methods import catalog
from barva.methods.base import Chroma, Reference
from barva.scene.model import Scene


def opinion(light: np.ndarray, ab: tuple[float, float]) -> Prediction:
    """A network that is rather sure of one color everywhere."""
    size = light.shape[0] // correspondence.CELL, light.shape[1] // correspondence.CELL
    p = np.exp(-((BINS - np.array(ab)) ** 2).sum(axis=1) / (2 * 15.0**2))
    planes = np.broadcast_to((p / p.sum()).astype(np.float32)[:, None, None], (len(BINS), *size))
    answer = np.broadcast_to(np.array(ab, np.float32), (*size, 2))
    return Prediction(np.ascontiguousarray(planes), np.ascontiguousarray(answer), correspondence.resize(light, size))


@pytest.fixture(scope="module")
def lab(astronaut: np.ndarray) -> np.ndarray:
    """(256, 256, 3)"""
    return spaces.fast_rgb_to_lab(np.ascontiguousarray(astronaut[::2, ::2]))


def test_a_photo_finds_its_own_colors(lab: np.ndarray) -> None:
    light = np.ascontiguousarray(lab[..., 0])
    own = opinion(light, (8.0, 10.0))
    matched = correspondence.match(light, Reference(lab), own, 1)
    truth = correspondence.resize(lab[..., 1:], matched.ab.shape[:2])
    assert np.linalg.norm(matched.ab - truth, axis=-1).mean() < 3
    assert matched.trust().mean() > 0.8


def test_a_sure_network_is_not_contradicted(lab: np.ndarray) -> None:
    """The same reference, for a network that finds its color likely and for one that is sure of the opposite."""
    light = np.ascontiguousarray(lab[..., 0])
    green = lab.copy()
    green[..., 1:] = (-30, 35)
    other = np.ascontiguousarray(green[::-1])  # another photo, as good as none
    trusts = {
        ab: correspondence.match(light, Reference(other), opinion(light, ab), 1).trust().mean()
        for ab in ((-25.0, 30.0), (25.0, -30.0))
    }
    assert trusts[-25.0, 30.0] > 5 * trusts[25.0, -30.0]
    assert trusts[25.0, -30.0] < 0.02


def test_what_marks_changed_is_theirs() -> None:
    gray = Chroma(np.zeros((20, 20, 2), np.float32))
    colored = Chroma(gray.ab.copy())
    colored.ab[:, :10] = (40, 20)
    blue = HintMap(np.full((40, 40, 2), (0, -40), np.float32), np.full((40, 40), 0.5, np.float32))
    resolved = Resolved(Request(), Scene(), references=blue)
    light, card = np.full((40, 40), 50, np.float32), catalog.card("guided")
    plain = correct(gray, gray, None, light, resolved, card).ab
    assert np.allclose(plain, (0, -20), atol=1e-3)
    weight = np.zeros((40, 40), np.float32)
    weight[20, 10] = 1
    marked = correct(colored, gray, HintMap(blue.ab * 0 + 40, weight), light, resolved, card).ab
    assert np.allclose(marked[:, :9], (40, 20), atol=0.1)
    assert np.allclose(marked[:, 11:], (0, -20), atol=0.1)
