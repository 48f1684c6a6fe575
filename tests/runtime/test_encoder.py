"""The encoder alone: a part of the shipped network, with the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from barva.errors import UsageError, WeightsError
from barva.models.efficient import CHANNELS
from barva.runtime import encoder, weights
from barva.runtime.session import Network
from barva.runtime.subgraph import subgraph


@pytest.fixture(scope="module")
def model() -> bytes:
    return weights.verify("guided").read_bytes()


@pytest.fixture(scope="module")
def light() -> np.ndarray:
    """(96, 150) L 0..100"""
    return np.random.default_rng(0).uniform(0, 100, (96, 150)).astype(np.float32)


def test_a_part_of_a_network_gives_the_same_numbers(model: bytes) -> None:
    x = np.random.default_rng(0).normal(size=(1, 4, 64, 96)).astype(np.float32)
    whole = Network.from_bytes(model, 1).run({"input": x})[0]
    logits, fine = Network.from_bytes(subgraph(model, ["output", encoder.STAGES[8]]), 1).run({"input": x})
    assert np.abs(logits - whole).max() < 1e-3 * np.abs(whole).max()
    (alone,) = Network.from_bytes(subgraph(model, [encoder.STAGES[8]]), 1).run({"input": x})
    assert alone.shape == (1, 40, 8, 12) and np.abs(alone - fine).max() < 1e-3 * np.abs(fine).max()


def test_only_what_is_needed_is_kept(model: bytes) -> None:
    fine, all_ = (len(subgraph(model, [encoder.STAGES[s] for s in strides])) for strides in ((4,), encoder.STAGES))
    assert fine < all_ / 10 and all_ < len(model) / 3


def test_no_such_tensor_and_damaged_files(model: bytes) -> None:
    with pytest.raises(WeightsError, match="no tensor 'nothing'"):
        subgraph(model, ["nothing"])
    for damaged in (b"", model[:5000], b"\xff" * 40, b"no onnx file at all"):
        with pytest.raises(WeightsError, match="no ONNX file"):
            subgraph(damaged, ["output"])


def test_stages(light: np.ndarray) -> None:
    features = encoder.Encoder(threads=1).features(light, 128)
    assert {stride: f.shape for stride, f in features.items()} == {
        stride: (128 // stride, 192 // stride, channels)
        for stride, channels in zip(encoder.STAGES, CHANNELS, strict=True)
    }
    coarse = encoder.Encoder((32,), 1).features(light, 128)
    assert list(coarse) == [32] and np.allclose(coarse[32], features[32], atol=1e-3)
    for wrong in ((), (5,)):
        with pytest.raises(UsageError, match="stages of stride 4, 8, 16, 32"):
            encoder.Encoder(wrong)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2000, 3)], ids=str)
def test_odd_sizes(size: tuple[int, int]) -> None:
    features = encoder.shared_encoder((32,), 1).features(np.full(size, 50, np.float32), 64)[32]
    assert features.shape[2] == 320 and max(features.shape[:2]) <= 8 and np.isfinite(features).all()


def test_a_photo_is_most_like_itself(astronaut: np.ndarray) -> None:
    light = astronaut[..., 1].astype(np.float32) / 2.55
    here, there = (x.reshape(-1, 472) for x in encoder.directions([light, light], [(16, 16), (16, 16)], 1))
    likeness = here @ there.T
    assert np.allclose(likeness.diagonal(), 1, atol=1e-4)
    assert (likeness.argmax(axis=1) == np.arange(256)).all()
