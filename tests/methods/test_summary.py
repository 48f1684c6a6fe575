"""What `guided` thinks of a photo, and how sure an answer of `diffusion` is by it: against sums over all colors, and in
places whose colors are known."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from barva.archive import facts
from barva.archive.outcome import Outcome
from barva.archive.select import Item
from barva.cli.app import run as command
from barva.color.bins import BINS
from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.engine.sampling import Redraw, Sampling
from barva.engine.session import Session
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Box, Region
from barva.methods import catalog, summary
from barva.methods.base import PaintOptions
from barva.methods.neural import diffusion
from barva.runtime.session import Network

FEW = Sampling(steps=1)


@pytest.fixture(scope="module")
def photo(grey: np.ndarray) -> np.ndarray:
    return grey[:96, :128]


def likely(p: np.ndarray) -> summary.Summary:
    """Of probabilities (bins, h, w)."""
    return summary.summarize(np.log(p).astype(np.float32))


def test_the_distance_is_that_to_all_colors() -> None:
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.full(len(BINS), 0.05), (3, 4)).transpose(2, 0, 1) + 1e-9
    p /= p.sum(axis=0)
    ab = rng.uniform(-60, 60, (3, 4, 2)).astype(np.float32)
    squared = ((ab[None] - BINS[:, None, None]) ** 2).sum(axis=-1)
    assert np.allclose(likely(p).distance(ab), np.sqrt((p * squared).sum(axis=0)), rtol=1e-3)


def test_sure_is_the_only_color_and_unsure_one_of_several_or_another() -> None:
    near, far = 200, int(np.linalg.norm(BINS - BINS[200], axis=1).argmax())
    p = np.full((len(BINS), 1, 2), 1e-12)
    p[near, 0, 0] = 1
    p[[near, far], 0, 1] = 0.5
    told, gap = likely(p), float(np.linalg.norm(BINS[near] - BINS[far]))
    right = np.broadcast_to(BINS[near], (1, 2, 2)).astype(np.float32)
    alone, torn = told.confidence(right)[0]
    assert alone > 0.999
    assert torn == pytest.approx(1 / (1 + gap**2 / 2 / summary.HALF**2), rel=1e-3), "half of the likely is far away"
    away = right + np.array([0, summary.HALF], np.float32)
    assert told.confidence(away)[0, 0] == pytest.approx(0.5, abs=1e-3)


def test_at_another_size_it_is_that_of_the_mean_distribution() -> None:
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.full(len(BINS), 0.1), (4, 6)).transpose(2, 0, 1) + 1e-9
    ab = np.full((2, 3, 2), 12, np.float32)
    halved = np.stack([cv2.resize(plane, (3, 2)) for plane in p / p.sum(axis=0)])
    assert np.allclose(likely(p).at_size(2, 3).distance(ab), likely(halved).distance(ab), rtol=1e-3)


def test_hints_count_and_no_network_is_asked_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    method = catalog.create("diffusion")
    light = np.add.outer(np.linspace(30, 60, 64), np.linspace(0, 30, 96)).astype(np.float32)
    ab, weight = np.zeros((64, 96, 2), np.float32), np.zeros((64, 96), np.float32)
    ab[20:44, 20:44], weight[20:44, 20:44] = (50, 30), 1
    runs, own = Counter[int](), Network.run
    monkeypatch.setattr(Network, "run", lambda self, inputs: (runs.update([id(self)]), own(self, inputs))[1])
    plain = method.paint(light, None, PaintOptions())
    assert sorted(runs.values()) == [1, 1, 2], "guided, conditions, and two steps"
    hinted = method.paint(light, HintMap(ab, weight), PaintOptions())
    for answer in (plain, hinted):
        assert answer.confidence is not None and answer.confidence.shape == answer.ab.shape[:2] == (16, 24)
        assert 0 < answer.confidence.min() <= answer.confidence.max() <= 1
    inside, unaware = np.s_[6:10, 6:10], summary.Summarizer().summary(light, None).at_size(16, 24)
    assert hinted.confidence[inside].mean() > unaware.confidence(hinted.ab)[inside].mean() + 0.2
    marked = Colorizer("diffusion", request=Request(sampling=FEW))
    whole = marked.colorize(light.astype(np.uint8), guidance=[Region(Box(16, 16, 64, 48), "navy")])
    assert whole.confidence is not None and whole.confidence.max() == 1, "a mark is sure"


def test_a_patch_that_does_not_belong_is_unsure(photo: np.ndarray) -> None:
    """What is drawn in another color than what is likely: two seeds differ in how sure they are where they differ."""
    method = catalog.create("diffusion")
    light = np.asarray(cv2.resize(photo, (224, 160)), np.float32) / 2.55
    one, two = (method.paint(light, None, PaintOptions(seed=n, steps=4)) for n in (1, 2))
    told = summary.Summarizer().summary(light, None).at_size(40, 56)
    mean = told.planes[:2].transpose(1, 2, 0) * 25
    farther = np.linalg.norm(two.ab - mean, axis=-1) - np.linalg.norm(one.ab - mean, axis=-1)
    assert one.confidence is not None and two.confidence is not None
    assert (two.confidence < one.confidence)[farther > 1].all() and (farther > 1).any()


def test_a_region_drawn_anew_brings_its_own(photo: np.ndarray) -> None:
    colorizer = Colorizer("diffusion", request=Request(skin=False))
    before = colorizer.colorize(photo, sampling=FEW)
    after = colorizer.colorize(photo, sampling=Sampling(1, redraw=(Redraw(Box(32, 24, 96, 72)),)))
    assert before.confidence is not None and after.confidence is not None
    changed = (before.chroma.ab != after.chroma.ab).any(axis=-1)
    unlike = before.confidence != after.confidence
    assert unlike.any() and not unlike[~changed].any()


def test_the_command_and_the_session_say_it(photo: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(photo).save(tmp_path / "old.png")
    sure, common = tmp_path / "sure.png", ["--method", "diffusion", "--steps", "1"]
    assert command(["colorize", str(tmp_path / "old.png"), *common, "--confidence", str(sure)]) == 0
    with Image.open(sure) as image:
        assert image.mode == "L" and image.size == photo.shape[::-1] and np.ptp(np.asarray(image)) > 10
    session = Session(Colorizer("diffusion", request=Request(sampling=FEW)), tmp_path / "old.png")
    shown = session.confidence(5_000)
    assert shown.shape == session.size(5_000) and 0 < shown.mean() < 1


def test_photos_clicked_in_turn_keep_what_hints_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    method = catalog.create("diffusion")
    lights = [np.full((32, 64), 20 + 15 * n, np.float32) for n in range(4)]
    rng, runs, own = np.random.default_rng(5), list[None](), method._summarizer.summary
    monkeypatch.setattr(method._summarizer, "summary", lambda *a: (runs.append(None), own(*a))[1])

    def click() -> HintMap:
        ab, weight = np.zeros((32, 64, 2), np.float32), np.zeros((32, 64), np.float32)
        y, x = rng.integers((32, 64))
        ab[y, x], weight[y, x] = (40, -20), 1
        return HintMap(ab, weight)

    for light in lights:
        method.paint(light, None, PaintOptions(steps=1))
    asked = [(light, click()) for _ in range(3) for light in lights]
    runs.clear()
    answers = [method.paint(light, hints, PaintOptions(steps=1)) for light, hints in asked]
    assert len(runs) == len(asked), "one look for each click: that without hints is remembered"
    assert len(method._remembered) == diffusion.KEPT
    for (light, hints), answer in zip(asked[:2], answers, strict=False):
        fresh = catalog.create("diffusion").paint(light, hints, PaintOptions(steps=1))
        assert np.array_equal(fresh.ab, answer.ab) and np.array_equal(fresh.confidence, answer.confidence)


def test_an_archive_keeps_the_mean(photo: np.ndarray, tmp_path: Path) -> None:
    colorizer = Colorizer("diffusion", request=Request(sampling=FEW))
    result = colorizer.colorize(photo)
    item = Item(tmp_path / "a.png", tmp_path / "b.png", False)
    row = facts.add_result(Outcome(item, "done"), result.photo, result, perceive=False).facts
    assert row is not None and result.confidence is not None
    assert row["confidence"] == pytest.approx(float(result.confidence.mean()), abs=1e-3)
