"""The training kit on photos made here: shard -> cache -> steps -> resume -> calibration -> export."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
pa = pytest.importorskip("pyarrow")

from barva.color import bins, spaces  # noqa: E402
from barva.errors import WeightsError  # noqa: E402
from barva.models.guided import GuidedNet  # noqa: E402
from barva.models.regression import RegressionNet  # noqa: E402
from barva.runtime import weights  # noqa: E402
from barva.training import calibrate, data, export, film, loop, losses  # noqa: E402
from barva.training.recipe import Recipe, Stage  # noqa: E402

TINY = Recipe(
    family="guided",
    model={"widths": (16, 16, 32, 64), "depths": (1, 1, 1, 1), "attentions": 1},
    stages=(Stage(0.0, 32, 8), Stage(0.5, 64, 4)),
    minutes=1,
    rate=1e-3,
    warmup_steps=2,
    hinted=0.5,
    filmed=0.5,
    label_loss=0.1,
)


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one cache of 24 crops of the astronaut."""
    import pyarrow.parquet as pq
    import skimage.data

    folder = tmp_path_factory.mktemp("training")
    photo, rng, rows = skimage.data.astronaut(), np.random.default_rng(0), []
    for i in range(24):
        y, x = rng.integers(0, 350, 2)
        out = io.BytesIO()
        Image.fromarray(photo[y : y + 128, x : x + 150]).save(out, "WEBP")
        rows.append({"key": str(i), "image": out.getvalue(), "label": "face" if i % 2 else None, "source": "test"})
    rows.append({"key": "broken", "image": b"no photo", "label": None, "source": "test"})
    pq.write_table(pa.Table.from_pylist(rows), folder / "shard.parquet")
    cache = data.build_cache(folder / "shard.parquet", folder / "caches" / "shard")
    assert len(cache) == 24
    assert cache[3].shape == (128, 150, 3)
    return folder / "caches"


def run(caches: Path, folder: Path) -> loop.Run:
    return loop.Run(TINY, loop.open_caches(caches, 1.0, TINY.seed), folder)


def test_batches(caches: Path) -> None:
    sampler = loop.open_caches(caches, 1.0, 0)
    batch = sampler.batch(16, 32, hinted=1.0, filmed=0.0, crop=0.5)
    assert batch.inputs.shape == (16, 4, 32, 32)
    assert batch.ab.shape == (16, 32, 32, 2)
    assert np.abs(batch.inputs[:, 0]).max() <= 1
    assert set(np.unique(batch.inputs[:, 3])) == {0, 1}
    hinted = batch.inputs[:, 3] > 0
    # a hint says what is there: the mean of a small patch of true chroma
    told = batch.inputs[:, 1:3].transpose(0, 2, 3, 1)[hinted] * 110
    assert np.abs(told - batch.ab[hinted]).mean() < np.abs(batch.ab[hinted]).mean()
    assert sampler.labels == ["test:face"]
    assert set(batch.label) <= {-1, 0}


def test_film_moves_light_only_so_far(astronaut: np.ndarray) -> None:
    rgb = astronaut.astype(np.float32) / 255
    truth = spaces.lightness(astronaut)
    for seed in range(6):
        light = film.simulate(rgb, np.random.default_rng(seed))
        assert light.shape == truth.shape and 0 <= light.min() <= light.max() <= 100
        assert np.corrcoef(light.ravel(), truth.ravel())[0, 1] > 0.75
        assert np.abs(light - truth).mean() > 0.5
    assert all(sum(w) == pytest.approx(1) for w in film.EMULSIONS.values())


def test_loss_is_least_at_the_truth() -> None:
    ab = np.array([[[[10.0, 20.0], [-30.0, 5.0]]]], np.float32)
    index, weight = bins.encode(ab)
    index_t, weight_t = torch.from_numpy(index.astype(np.int64)), torch.from_numpy(weight)
    ones = torch.ones(len(bins.BINS))
    right = torch.full((1, len(bins.BINS), 1, 2), -20.0)
    for x in range(2):
        for k in range(5):
            right[0, index[0, 0, x, k], 0, x] = float(np.log(weight[0, 0, x, k]))
    entropy = -float((weight * np.log(weight)).sum(-1).mean())
    assert float(losses.soft_cross_entropy(right, index_t, weight_t, ones)) == pytest.approx(entropy, abs=1e-4)
    flat = losses.soft_cross_entropy(torch.zeros_like(right), index_t, weight_t, ones)
    assert float(flat) == pytest.approx(np.log(len(bins.BINS)), abs=1e-4)
    doubled = losses.soft_cross_entropy(torch.zeros_like(right), index_t, weight_t, 2 * ones)
    assert float(doubled) == pytest.approx(2 * float(flat), rel=1e-5)


def test_schedule() -> None:
    assert loop.stage_at(TINY, 0.2).side == 32
    assert loop.stage_at(TINY, 0.5).side == 64
    assert loop.rate_at(TINY, 0.0, 0) == pytest.approx(TINY.rate / 2)
    assert loop.rate_at(TINY, 1.0, 100) == pytest.approx(0.02 * TINY.rate)
    with pytest.raises(AttributeError):
        loop.recipe_named("guided_nonsense")
    for name in ("guided_first", "regression_first"):
        assert isinstance(loop.recipe_named(name), Recipe)


def test_train_resume_calibrate_export(caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(caches, tmp_path / "run")
    first.go(minutes=4 / 60)
    assert first.step >= 2
    again = run(caches, tmp_path / "run")
    assert (again.step, again.samples) == (first.step, first.samples)
    for a, b in zip(first.ema.state_dict().values(), again.ema.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    again.go(minutes=5 / 60)
    assert again.step > first.step

    net, _ = calibrate.restored(tmp_path / "run")
    lab = list(calibrate.photos(loop.open_caches(caches, 1.0, 0), 64, 2)) or [
        spaces.fast_rgb_to_lab(data.PhotoCache(caches / "shard")[0][:128, :128])
    ]
    rows = calibrate.table(net, np.zeros(len(bins.BINS), np.float32), lab)
    assert len(rows) == len(calibrate.TEMPERATURES) * len(calibrate.STRENGTHS)
    assert all(np.isfinite([r.ciede2000, r.ratio]).all() for r in rows)

    net.subject = None
    facts = {"version": "test", "licence": "MIT", "temperature": 0.7, "strength": 0.0, "rebalance": [1.0] * 313}
    export.write("guided", export.to_onnx(net, 4), facts, tmp_path / "weights")
    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path / "weights"))
    assert export.difference("guided", net, [lab[0][:64, :96], lab[0][:128, :64]]) < export.WORST
    # another network under the same name must be noticed
    with pytest.raises(AssertionError):
        assert export.difference("guided", GuidedNet(**TINY.model).eval(), [lab[0][:64, :96]]) < export.WORST


def test_a_batch_that_fails_is_reported() -> None:
    def fails() -> data.Batch:
        raise RuntimeError("disk gone")

    with pytest.raises(RuntimeError, match="disk gone"):
        next(data.Prefetch(fails))


def test_networks_keep_their_budget() -> None:
    guided = GuidedNet(**loop.recipe_named("guided_first").model)
    assert sum(p.numel() for p in guided.parameters()) < 25e6
    assert guided(torch.zeros(1, 4, 64, 96)).shape == (1, 313, 16, 24)
    regression = RegressionNet()
    convolutions = [m for m in regression.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [c.out_channels for c in convolutions] == [64, 64, 128, 128, 256, 256, 512, 256, 128, 64, 32, 2]
    out = regression(torch.zeros(1, 1, 64, 96))
    assert out.shape == (1, 2, 64, 96) and out.abs().max() <= 1


def test_recipes_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TINY.rate = 1.0  # type: ignore[misc]


def test_shipped_weights_are_small_and_whole() -> None:
    for name in ("guided", "regression"):
        assert weights.verified(name).stat().st_size <= 30e6
        assert weights.facts(name)["bytes"] == weights.verified(name).stat().st_size


def test_facts_without_a_sha_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path))
    (tmp_path / "guided.json").write_text("{}")
    with pytest.raises(WeightsError, match="sha256"):
        weights.facts("guided")
