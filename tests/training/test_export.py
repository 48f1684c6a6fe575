"""Export: the ONNX file says what torch says, carries its card, and the calibration picks by the rule."""

from __future__ import annotations

import dataclasses
import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from training_kit import CPU, TINY, sampler  # noqa: E402

from barva.cli.app import run as command  # noqa: E402
from barva.color import bins  # noqa: E402
from barva.errors import WeightsError, WriteError  # noqa: E402
from barva.methods import catalog  # noqa: E402
from barva.methods.base import PaintOptions  # noqa: E402
from barva.runtime import quantize, weights  # noqa: E402
from barva.training import cache as caching  # noqa: E402
from barva.training import calibrate, export, loop  # noqa: E402


@pytest.fixture(scope="module")
def trained(caches: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = loop.Run(TINY, sampler(caches), tmp_path_factory.mktemp("run"), CPU)
    list(run.go(loop.Limits(stop=48)))
    return run.folder


def test_the_command_writes_weights_that_a_method_runs(
    trained: Path, caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["export", str(trained), "-o", str(tmp_path), "--data", str(caches), "--side", "64", "--photos", "2"]
    arguments += ["--name", "my-guided"]
    assert command([*arguments, "--weights-version", "test"]) == 0
    assert "differs from torch by" in capsys.readouterr().out
    model = onnx.load(tmp_path / "my-guided.onnx")
    inside = {p.key: json.loads(p.value) for p in model.metadata_props}
    assert inside["barva.card"]["name"] == "my-guided" and inside["barva.card"]["family"] == "guided"
    assert inside["barva.facts"]["trained"]["samples"] == 48 and len(inside["barva.facts"]["rebalance"]) == 313
    assert any(t.data_type == onnx.TensorProto.FLOAT16 for t in model.graph.initializer)
    assert not any(n.op_type == "BatchNormalization" for n in model.graph.node)
    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path))
    assert weights.facts(tmp_path / "my-guided.onnx")["version"] == "test"
    from barva.engine.colorizer import Colorizer

    mine = Colorizer("my-guided").colorize(np.full((40, 50), 128, np.uint8))
    assert mine.array().shape == (40, 50, 3)
    assert mine.provenance.method == "my-guided" and mine.provenance.model_version == "test"
    theirs = Colorizer("guided").colorize(np.full((40, 50), 128, np.uint8))
    assert theirs.provenance.weights_sha256 == weights.facts("guided")["sha256"] != mine.provenance.weights_sha256
    assert command([*arguments[:-1], "levin"]) == 2
    assert "another method" in capsys.readouterr().err
    assert command(arguments) == 1
    assert "--overwrite" in capsys.readouterr().err


def test_another_network_is_noticed(trained: Path, caches: Path) -> None:
    mine = export.restore(trained)
    photos = sampler(caches).held_out(64, 2)
    model = export.to_onnx(mine.objective.export_module(mine.net), 4)
    assert export.check(mine, export.halve(model), photos, "guided") < export.WORST
    other = export.restore(trained)
    with torch.no_grad():
        other.net.head.bias += torch.linspace(-3, 3, 313)
    with pytest.raises(WeightsError, match="differs from torch"):
        export.check(other, model, photos, "guided")


def test_int8_twin_is_near(trained: Path, caches: Path) -> None:
    mine = export.restore(trained)
    photos = sampler(caches).held_out(64, 2)
    model = export.to_onnx(mine.objective.export_module(mine.net), 4)
    twin = quantize.to_int8(model, export.inputs(mine, photos))
    assert any(n.op_type == "DequantizeLinear" for n in twin.graph.node)
    assert 0 < export.difference(mine, twin, photos) < 0.05


def test_the_twin_lies_where_a_method_finds_it(
    trained: Path, caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["export", str(trained), "-o", str(tmp_path), "--data", str(caches), "--side", "64", "--photos", "4"]
    monkeypatch.setattr(export, "INT8_LOSS", 100.0)
    assert command([*arguments, "--int8"]) == 0, capsys.readouterr().err
    twin = tmp_path / "int8" / "guided.onnx"
    assert "int8_loss" in weights.facts(twin)
    catalog.load_method(twin).paint(np.full((64, 64), 50, np.float32), None, PaintOptions())
    assert command([*arguments, "--int8"]) == 1
    assert "int8" not in capsys.readouterr().err, "the float weights are there as well, and named first"
    monkeypatch.setattr(export, "INT8_LOSS", -100.0)
    assert command([*arguments, "--int8", "--overwrite"]) == 0
    assert "not written" in capsys.readouterr().out and not list((tmp_path / "int8").iterdir())


def test_calibration_takes_the_best_of_the_vivid_rows() -> None:
    rows = [calibrate.Row(0.5, 0, 1, 0, e, r) for e, r in ((9.0, 0.5), (9.4, 0.8), (9.6, 0.9))]
    assert calibrate.choose(rows) is rows[1]
    assert calibrate.choose(rows[:1]) is rows[0]
    assert calibrate.choose(rows, vivid=2.0) is rows[2]


def test_calibration_scores_every_combination(caches: Path) -> None:
    prior = np.exp(-np.hypot(*bins.BINS.T) / 15)
    w = bins.rebalancing((prior / prior.sum()).astype(np.float32), 0.15)

    def net(x: torch.Tensor) -> torch.Tensor:
        """Has learned the prior, weighed up by w, and nothing else."""
        z = torch.from_numpy(np.log(prior * w).astype(np.float32))
        return z[None, :, None, None].expand(len(x), -1, x.shape[2] // 4, x.shape[3] // 4)

    found = calibrate.answers(net, sampler(caches).held_out(64, 2))
    assert found.weight.sum() == pytest.approx(1, abs=1e-4) and found.logits.shape[1] == len(found.truth)
    rows = calibrate.table(found, np.log(w))
    settings = {(r.temperature, r.strength, r.gain, r.lift): r for r in rows}
    wanted = (calibrate.TEMPERATURES, calibrate.STRENGTHS, calibrate.GAINS, calibrate.LIFTS)
    assert len(settings) == np.prod([len(w) for w in wanted])
    assert all(np.isfinite([r.ciede2000, r.ratio]).all() for r in rows)
    for more in ((1.0, 0.25, 1.0, 0.0), (1.0, 0.0, 1.6, 0.0), (1.0, 0.0, 1.0, 0.5)):
        assert settings[more].ratio > settings[1.0, 0.0, 1.0, 0.0].ratio, more
    assert calibrate.grey(found) > 0


def test_no_photos_no_export(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["export", str(trained), "-o", str(tmp_path)]) == 2
    assert command(["export", str(tmp_path), "-o", str(tmp_path), "--data", "x"]) == 1
    assert "no such checkpoint" in capsys.readouterr().err


def test_a_full_disk_leaves_neither_file(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = export.restore(trained)
    model = export.to_onnx(mine.objective.export_module(mine.net), 4)
    real = Path.write_bytes

    def write_bytes(path: Path, data: bytes) -> int:
        if ".json" not in path.name:
            return real(path, data)
        real(path, data[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with pytest.raises(WriteError, match=r"guided\.json cannot be written: No space left on device"):
        export.write("guided", model, {}, tmp_path / "new")
    assert not list((tmp_path / "new").iterdir()), "an .onnx without its card would be of no use"


def test_a_name_that_is_no_method(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("../gan", "levin"):
        assert command(["export", str(trained), "-o", str(tmp_path), "--data", "x", "--name", name]) == 2
        assert f"--name {name}" in capsys.readouterr().err


def test_calibration_sees_no_photo_that_was_trained_on(trained: Path, caches: Path, tmp_path: Path) -> None:
    """Of fewer photos than those of the run others would have the lowest lots."""
    from barva.cli.export import _held_out_pictures
    from barva.errors import UsageError
    from barva.training import data, sources
    from barva.training.cache import PhotoCache

    shard = PhotoCache(caches / "shard")
    held = {i for _, i in sampler(caches).validation}
    mine = export.restore(trained)

    def opened(photos: list[int], folder: str) -> list[sources.Opened]:
        entries = (caching.Entry(shard[i], "", shard.keys[i]) for i in photos)
        cache = caching.write_cache(tmp_path / folder / "shard", caching.Origin("shard", 0, 0), entries)
        return [sources.Opened("shard", cache, 1.0)]

    learned = [i for i in range(len(shard)) if i not in held]
    with pytest.raises(UsageError, match="fewer than two photos are held out"):
        _held_out_pictures(mine, opened(learned, "learned"), 64, 200)
    assert len(_held_out_pictures(mine, opened([*learned[:60], *held], "some"), 64, 200)) == len(held)
    older = export.Trained(mine.net, mine.objective, dataclasses.replace(mine.stored, border=None))
    assert len(_held_out_pictures(older, [sources.Opened("shard", shard, 1.0)], 64, 200)) == len(held)
    assert mine.stored.border == data.border_of(data.lots_of([("shard", shard, 1.0)]))


def test_the_caches_of_a_run_are_opened_as_they_are(
    trained: Path, caches: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained, tmp_path / "run")
    shard = caches.parent / "shard.parquet"
    index = tmp_path / "run" / "cache" / "shard" / "index.npz"
    caching.build_cache(shard, index.parent, 96)
    before = index.stat()
    arguments = ["export", str(tmp_path / "run"), "-o", str(tmp_path / "out"), "--data", str(shard), "--side", "64"]
    assert command([*arguments, "--photos", "2", "--vivid", "9"]) == 0, capsys.readouterr().err
    assert index.stat().st_ino == before.st_ino, "training goes on with them"
    assert "chosen as the most vivid row: none reaches a ratio of 9" in capsys.readouterr().out


@pytest.mark.parametrize("vivid", ["nan", "-1"])
def test_ratios_that_make_no_sense(vivid: str, trained: Path, caches: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["export", str(trained), "-o", "x", "--data", str(caches), "--vivid", vivid]
    assert command(arguments) == 2 and "a ratio from 0 is wanted" in capsys.readouterr().err
