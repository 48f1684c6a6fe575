"""The training loop on photos made here: batches, schedule, exact resume, checkpoints, the command."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from training_kit import CPU, TINY, sampler  # noqa: E402

from barva.cli.app import run as command  # noqa: E402
from barva.color import bins, spaces  # noqa: E402
from barva.errors import ReadError, TrainingError, UsageError, WriteError  # noqa: E402
from barva.guidance import simulate  # noqa: E402
from barva.models.guided import GuidedNet  # noqa: E402
from barva.training import checkpoint, data, film, loop, losses, monitor, optim, recipe, sources  # noqa: E402
from barva.training.cache import PhotoCache  # noqa: E402
from barva.training.objectives.guided import GuidedModel  # noqa: E402
from barva.training.recipe import Hints, Recipe, Stage  # noqa: E402


def started(caches: Path, folder: Path, made: Recipe = TINY, **more: Any) -> loop.Run:
    return loop.Run(made, sampler(caches, made), folder, CPU, **more)


def test_batches_follow_from_seed_and_step(caches: Path) -> None:
    always = dataclasses.replace(TINY, hints=Hints(share=1.0, strokes=0.0, regions=0.0), filmed=0.0)
    made = sampler(caches, always)
    batch, stage = made.batch(7, Stage(0.0, 32, 16)), Stage(0.0, 32, 16)
    assert batch.hints.shape == (16, 3, 32, 32) and batch.ab.shape == (16, 32, 32, 2)
    assert np.abs(batch.light).max() <= 1 and np.array_equal(batch.light, batch.lightness)
    assert np.array_equal(batch.rgb, sampler(caches, always).batch(7, stage).rgb)
    assert not np.array_equal(batch.rgb, made.batch(8, stage).rgb)
    assert not np.array_equal(batch.rgb, made.batch(7, stage, rank=1).rgb)
    hinted = batch.hints[:, 2] > 0
    # a hint says what is there: the mean of a small patch of true chroma
    told = batch.hints[:, :2].transpose(0, 2, 3, 1)[hinted] * 110
    assert np.abs(told - batch.ab[hinted]).mean() < np.abs(batch.ab[hinted]).mean()
    assert made.labels == ["test:face"] and set(batch.label) <= {-1, 0}


def test_validation_photos_are_never_trained_on(caches: Path) -> None:
    made = sampler(caches)
    held = {i for _, i in made.validation}
    assert held and not held & set(made.train[0].tolist())
    keys = PhotoCache(caches / "shard").keys
    lots = sorted((data.split_position(f"shard/{key}"), i) for i, key in enumerate(keys))
    assert held == {i for lot, i in lots if lot < 0.01} | {i for _, i in lots[: data.FEW]}
    first, again = made.held_out(64, 4), sampler(caches).held_out(64, 4)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(n % 32 == 0 for photo in first for n in photo.shape[:2])


def test_small_photos_are_drawn_as_often_as_a_stage_wants(caches: Path) -> None:
    shard = PhotoCache(caches / "shard")
    small = PhotoCache(caches / "shard")
    small.height, small.width = small.height * 0 + 64, small.width * 0 + 64
    made = data.Sampler([("large", shard, 1.0), ("small", small, 1.0)], TINY)
    assert made.chances(1.0) == pytest.approx([0.5, 0.5])
    assert made.chances(0.0) == pytest.approx([1.0, 0.0])
    assert made.chances(least=100) == pytest.approx([1.0, 0.0])
    assert made.chances(least=1000) == pytest.approx([0.5, 0.5]), "no photo is that large: all are drawn"
    assert data.Sampler([("small", small, 1.0)], TINY).chances(0.0) == pytest.approx([1.0])


def test_film_moves_light_only_so_far(astronaut: np.ndarray) -> None:
    rgb = astronaut.astype(np.float32) / 255
    truth = spaces.lightness(astronaut)
    for seed in range(12):
        light = film.simulate(rgb, np.random.default_rng(seed))
        assert light.shape == truth.shape and 0 <= light.min() <= light.max() <= 100
        assert np.corrcoef(light.ravel(), truth.ravel())[0, 1] > 0.75
        assert np.abs(light - truth).mean() > 0.5
    assert all(sum(w) == pytest.approx(1) for w in film.EMULSIONS.values())
    red, blue = (np.full((4, 4, 3), c, np.float32) for c in ((1, 0, 0), (0, 0, 1)))
    seen = {n: [float((c @ np.array(w, np.float32)).mean()) for c in (red, blue)] for n, w in film.EMULSIONS.items()}
    assert seen["orthochromatic"][0] < seen["orthochromatic"][1] and seen["red filter"][0] > seen["red filter"][1]


def test_guidance_names_objects_and_recolours_them(astronaut: np.ndarray) -> None:
    picture = np.ascontiguousarray(astronaut[::4, ::4])
    lab = spaces.fast_rgb_to_lab(picture)
    ab, changed, flat = lab[..., 1:], 0, 0
    for seed in range(40):
        told = simulate.sampled_hints(picture, lab[..., 0], ab, np.random.default_rng(seed), 0.4, 0.6, 0.5)
        touched = told.weight > 0
        assert touched.any() and told.planes.shape == (2, *touched.shape)
        assert not told.planes[:, ~touched].any()
        moved = np.abs(told.ab - ab).max(axis=-1) > 1e-3
        changed += bool(moved.any())
        if moved.any():
            assert simulate.SMALLEST * 0.5 < moved.mean() < simulate.LARGEST * 1.1
            # the hint lies in what it changes, or beside it as a true point
            assert (moved & touched).any()
        flat += touched.mean() > simulate.SMALLEST
    assert 8 <= changed <= 32 and flat >= 10


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
    assert (TINY.stage(0.2).side, TINY.stage(0.5).side, TINY.stage(1.0).side) == (32, 64, 64)
    assert optim.rate_at(TINY.optim, 0.0, 0) == pytest.approx(TINY.optim.lr / 2)
    assert optim.rate_at(TINY.optim, 0.5, 100) == pytest.approx(0.51 * TINY.optim.lr)
    assert optim.rate_at(TINY.optim, 1.0, 100) == pytest.approx(0.02 * TINY.optim.lr)


def test_a_pretrained_encoder_learns_at_a_rate_of_its_own() -> None:
    net = GuidedNet(widths=(16, 32, 48, 64), depths=(1, 1, 1, 1), encoder=True)
    names: tuple[Any, ...] = ("adamw", "adam", "sgd")
    for name in names:
        groups = optim.optimizer_for(recipe.Optim(name=name, encoder=0.1), [net]).param_groups
        share = {id(p): group["share"] for group in groups for p in group["params"]}
        wanted = {id(p): 0.1 if part.startswith("encoder.") else 1.0 for part, p in net.named_parameters()}
        assert share == wanted
    plain = optim.optimizer_for(recipe.Optim(), [net])
    assert {group["share"] for group in plain.param_groups} == {1.0}
    with pytest.raises(UsageError, match=r"optim\.encoder"):
        recipe.Optim(encoder=0.0)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "EVERY", 3)
    whole = started(caches, tmp_path / "whole")
    reports = list(whole.go(loop.Limits(save_every=0.0)))
    assert whole.progress.samples == 96 and [r.side for r in reports][-1] == 64
    steps = started(caches, tmp_path / "run").go(loop.Limits(save_every=0.0))
    next(steps)
    next(steps)  # a checkpoint was written after the third step, the log has a line for the sixth
    shutil.copytree(tmp_path / "run", tmp_path / "killed")  # what a kill would leave
    steps.close()
    torch.manual_seed(99)  # a new process draws other numbers
    again = started(caches, tmp_path / "killed")
    assert again.progress.step == 3
    rest = list(again.go(loop.Limits(save_every=0.0)))
    assert [r.parts for r in reports[1:]] == [r.parts for r in rest]
    for name, value in whole.ema.state_dict().items():
        assert torch.equal(value, again.ema.state_dict()[name]), name
    lines = [(tmp_path / f / "log.csv").read_text().splitlines() for f in ("whole", "killed")]
    parts = [[",".join(line.split(",")[:2] + line.split(",")[3:6]) for line in text] for text in lines]
    assert parts[0] == parts[1]


def test_sheets_and_plots_appear(caches: Path, tmp_path: Path) -> None:
    run = started(caches, tmp_path / "run")
    list(run.go())
    assert (tmp_path / "run" / "samples" / "000000096.png").read_bytes()[:4] == b"\x89PNG"
    row = (tmp_path / "run" / "validation.csv").read_text().splitlines()[-1].split(",")
    assert row[:2] == ["96", "64"] and float(row[3]) > 0 and float(row[4]) > 0


def test_another_recipe_or_a_broken_checkpoint_is_refused(caches: Path, tmp_path: Path) -> None:
    run = started(caches, tmp_path / "run")
    run.save()
    other = recipe.override(TINY, "optim.lr", "1e-4")
    with pytest.raises(TrainingError, match="another recipe"):
        started(caches, tmp_path / "run", other)
    run.path.write_bytes(run.path.read_bytes()[:1000])
    with pytest.raises(ReadError, match="checkpoint"):
        started(caches, tmp_path / "run")


def test_a_run_starts_from_another_ones_weights(caches: Path, tmp_path: Path) -> None:
    first = started(caches, tmp_path / "first")
    list(first.go(loop.Limits(stop=16)))
    second = started(caches, tmp_path / "second", start=first.path)
    assert second.progress.samples == 0
    list(second.go(loop.Limits(stop=8)))
    assert started(caches, tmp_path / "second", start=first.path).progress.samples == 8, "it goes on"
    second = started(caches, tmp_path / "other", start=first.path)
    for a, b in zip(first.ema.state_dict().values(), second.nets["net"].state_dict().values(), strict=True):
        assert torch.equal(a, b)
    many = dataclasses.replace(TINY, model=GuidedModel((16, 16, 32, 64), (1, 1, 1, 1), 1, "frozen"))
    net: Any = started(caches, tmp_path / "more", many, start=first.path).nets["net"]
    assert all(torch.equal(net.state_dict()[k], v) for k, v in first.ema.state_dict().items()), "parts were added"
    wider = dataclasses.replace(TINY, model=GuidedModel((16, 16, 32, 128), (1, 1, 1, 1), 1, "none"))
    with pytest.raises(TrainingError, match="start checkpoint"):
        started(caches, tmp_path / "third", wider, start=first.path)


def test_what_no_run_can_start_from_is_refused_by_name(caches: Path, tmp_path: Path) -> None:
    first = started(caches, tmp_path / "first")
    first.save()
    onnx = tmp_path / "guided.onnx"
    onnx.write_bytes(b"\x08\x08\x12\x07pytorch")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.safetensors").write_bytes(b"Dear grandmother, " * 20)
    for path, why in [
        (onnx, r"guided\.onnx does not say how it was trained"),
        (tmp_path / "none.onnx", r"none\.onnx: there is no such checkpoint"),
        (tmp_path / "empty", "no such checkpoint"),
        (tmp_path / "text.safetensors", "is not a checkpoint of `barva train`"),
    ]:
        with pytest.raises(ReadError, match=why):
            started(caches, tmp_path / "second", start=path)
    assert started(caches, tmp_path / "third", start=tmp_path / "first").progress.samples == 0, "a run's folder will do"
    other = dataclasses.replace(recipe.find_recipe("regression_lab"), stages=TINY.stages, samples=8)
    with pytest.raises(TrainingError, match="of the family 'guided'; this recipe is of 'regression'"):
        started(caches, tmp_path / "fourth", other, start=first.path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
@pytest.mark.parametrize("what", ["checkpoint", "recipe", "log"])
def test_a_full_disk_leaves_the_older_checkpoint(what: str, caches: Path, tmp_path: Path) -> None:
    """A file may not grow over the limit: as on a full disk."""
    import resource
    import signal

    run = started(caches, tmp_path / "run")
    run.save()
    (run.folder / "log.csv").write_text("step,samples\n1,8\n")
    before = {p.name: p.read_bytes() for p in run.folder.iterdir()}
    old, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000 if what == "checkpoint" else 10, limits[1]))
        with pytest.raises(WriteError, match=r"cannot be written: File too large"):
            if what == "checkpoint":
                run.save()
            elif what == "log":
                monitor.Log(run.folder, run.progress)
            else:
                started(caches, tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert {p.name: p.read_bytes() for p in run.folder.iterdir()} == before, "nothing is lost, nothing half-written"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_records_on_a_full_disk_are_one_line(tmp_path: Path) -> None:
    from barva.training import validation

    for name in ("log.csv", "validation.csv"):
        (tmp_path / name).symlink_to("/dev/full")
        with pytest.raises(WriteError, match=rf"{name} cannot be written: No space left on device"):
            validation.append(tmp_path / name, (1, 2), ("a", "b"))


@pytest.mark.parametrize(("how", "learning"), [("frozen", range(0)), ("late", range(5, 16)), ("trained", range(16))])
def test_as_much_of_the_encoder_learns_as_asked(caches: Path, tmp_path: Path, how: Any, learning: range) -> None:
    hearing = dataclasses.replace(TINY, model=GuidedModel((16, 16, 32, 64), (1, 1, 1, 1), 1, how))
    net: Any = started(caches, tmp_path / "run", hearing).nets["net"]
    found = [all(p.requires_grad for p in block.parameters()) for block in net.encoder.blocks]
    assert found == [i in learning for i in range(16)]
    assert all(p.requires_grad for p in net.encoder.stem.parameters()) == (how == "trained")
    assert all(p.requires_grad for p in net.tell.parameters())


def test_checkpoints_carry_their_recipe(caches: Path, tmp_path: Path) -> None:
    run = started(caches, tmp_path / "run")
    run.save()
    stored = checkpoint.load(run.path)
    assert stored.recipe == TINY and stored.labels == ["test:face"] and stored.progress == loop.Progress()
    assert set(stored.part("ema.")) == set(run.nets["net"].state_dict())


@pytest.mark.parametrize("torn", ["10", "100,8", "\0\0\0\0", "\0\0\0\0\n"])
def test_a_run_resumes_though_its_log_ends_within_a_line(torn: str, tmp_path: Path) -> None:
    """As a disk that was full, or a power cut, leaves it."""
    whole = "step,samples,seconds,side,color,samples_per_second\n50,400,1.0,64,0.5,400.0\n"
    (tmp_path / "log.csv").write_text(whole + torn, encoding="utf-8", newline="")
    log = monitor.Log(tmp_path, loop.Progress(100, 800, 2.0))
    assert (tmp_path / "log.csv").read_text(encoding="utf-8") == whole
    log.add({"color": 0.25}, loop.Progress(150, 1200, 3.0), 64)
    assert (tmp_path / "log.csv").read_text(encoding="utf-8") == whole + "150,1200,3.0,64,0.25,400.0\n"


def test_a_log_that_ends_within_its_columns_begins_again(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,sam", encoding="utf-8")
    monitor.Log(tmp_path, loop.Progress()).add({"color": 0.25}, loop.Progress(50, 400, 1.0), 64)
    columns, line = (tmp_path / "log.csv").read_text(encoding="utf-8").splitlines()
    assert columns == "step,samples,seconds,side,color,samples_per_second" and line.startswith("50,400,")


def test_a_part_of_the_loss_that_comes_late_gets_a_column(tmp_path: Path) -> None:
    """As `select_3` of perception, which no step before had."""
    log = monitor.Log(tmp_path, loop.Progress())
    log.add({"color": 0.25}, loop.Progress(50, 400, 1.0), 64)
    log.add({"color": 0.2, "select_3": 0.7, "late": 3}, loop.Progress(100, 800, 2.0), 64)
    log.add({"late": 4}, loop.Progress(150, 1200, 3.0), 64)
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").splitlines() == [
        "step,samples,seconds,side,color,select_3,late,samples_per_second",
        "50,400,1.0,64,0.25,,,400.0",
        "100,800,2.0,64,0.2,0.7,3,400.0",
        "150,1200,3.0,64,,,4,400.0",
    ]
    monitor.plot(tmp_path)
    assert "select_3" in (tmp_path / "loss.svg").read_text(encoding="utf-8")


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    log = monitor.Log(tmp_path, loop.Progress())
    with pytest.raises(TrainingError, match="no longer a number"):
        log.add({"color": float("nan")}, loop.Progress(monitor.EVERY, 100, 1.0), 64)


def test_steps_without_a_gradient_are_passed_over_and_a_lost_run_keeps_its_checkpoint(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(caches, tmp_path / "run")
    list(run.go(loop.Limits(stop=16)))
    usual = run.objective.loss
    weights = {n: v.clone() for n, v in run.nets["net"].named_parameters()}
    times = iter(range(1000))

    def sometimes(*arguments: Any) -> Any:
        loss, parts = usual(*arguments)
        return (loss * torch.nan if next(times) == 1 else loss), parts

    monkeypatch.setattr(run.objective, "loss", sometimes)
    list(run.go(loop.Limits(stop=40)))
    assert all(bool(torch.isfinite(v).all()) for v in run.nets["net"].parameters())
    assert not all(torch.equal(v, weights[n]) for n, v in run.nets["net"].named_parameters())
    monkeypatch.setattr(run.objective, "loss", lambda *a: (usual(*a)[0] * torch.nan, usual(*a)[1]))
    before = run.path.read_bytes()
    with pytest.raises(TrainingError, match="no number for 20 steps"):
        list(run.go(loop.Limits(minutes=1.0)))
    assert run.path.read_bytes() == before


def test_a_batch_that_is_no_number_leaves_no_trace(caches: Path, tmp_path: Path) -> None:
    run = started(caches, tmp_path / "run")
    list(run.go(loop.Limits(stop=16)))
    good = run.tensors(run.sampler.batch(0, TINY.stages[0]))
    before = {
        n: v.clone() for net in (run.ema, run.nets["net"]) for n, v in net.state_dict(prefix=f"{id(net)}").items()
    }
    assert run.update(dataclasses.replace(good, light=good.light * torch.nan), 0.5) == {}
    after = {n: v for net in (run.ema, run.nets["net"]) for n, v in net.state_dict(prefix=f"{id(net)}").items()}
    assert all(torch.equal(v, before[n]) for n, v in after.items())
    assert run.update(good, 0.5)["color"] > 0
    assert all(bool(torch.isfinite(v).all()) for v in run.ema.state_dict().values())


def test_a_player_that_is_lost_again_and_again_ends_the_run_though_another_one_learns(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dataclasses.replace(recipe.find_recipe("cyclegan"), stages=(Stage(0.0, 32, 2),))
    made = recipe.override(recipe.override(made, "model.widths", "[8,8]"), "model.judge", "4")
    run = started(caches, tmp_path / "run", made)
    batch = run.tensors(run.sampler.batch(0, made.stages[0]))
    usual = run.objective._generators
    monkeypatch.setattr(run.objective, "_generators", lambda *a: (usual(*a)[0] * torch.nan, usual(*a)[1]))
    kept: Any = run.nets["judge_color"]
    for _ in range(loop.LOST - 1):
        assert set(run.update(batch, 0.0)) == {"real", "fake"}
    assert not kept.filled and kept.kept.shape[-1] == 1, "what the lost steps have shown is not remembered"
    with pytest.raises(TrainingError, match="no number for 20 steps"):
        run.update(batch, 0.0)


def test_each_process_draws_numbers_of_its_own_unless_they_decide_what_is_computed(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(caches, tmp_path / "run")
    alone = run._seed()
    assert alone == TINY.seed * 1_000_003, "as runs of older versions, which go on with the same numbers"
    monkeypatch.setattr(type(run.fabric), "global_rank", 1)
    assert run._seed() != alone
    torch.manual_seed(run._seed())
    run.recipe = dataclasses.replace(TINY, family="perception")
    assert run._seed() == alone


def test_half_a_step_is_not_kept_and_a_stop_waits_for_its_end(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(caches, tmp_path / "run")
    list(run.go(loop.Limits(stop=16)))
    before = run.path.read_bytes()

    def interrupted() -> None:
        raise KeyboardInterrupt  # the optimizer has stepped, the clock has not

    monkeypatch.setattr(run, "average", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(run.go())
    assert run.path.read_bytes() == before
    again = started(caches, tmp_path / "run")
    monkeypatch.setattr(again, "average", again.stop)
    list(again.go())
    assert again.stopped and checkpoint.load(again.path).progress.samples == 24


def test_moments_are_given_back_where_their_parameters_lie(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lightning.fabric import Fabric

    list(started(caches, tmp_path / "run").go(loop.Limits(stop=16)))
    done: list[str] = []
    moved, restored = Fabric.setup_module, checkpoint.restore_optimizer
    monkeypatch.setattr(Fabric, "setup_module", lambda *a, **k: (done.append("moved"), moved(*a, **k))[1])
    monkeypatch.setattr(checkpoint, "restore_optimizer", lambda *a: (done.append("restored"), restored(*a))[1])
    started(caches, tmp_path / "run")
    assert done == ["moved", "restored"], "on a GPU moments on the processor would stop the first step"


def test_a_batch_without_a_subject_still_asks_for_one(caches: Path, tmp_path: Path) -> None:
    run = started(caches, tmp_path / "run")
    batch = run.sampler.batch(0, TINY.stages[0])
    batch.label[:] = -1
    loss, parts = run.objective.loss("net", run.nets, run.tensors(batch))
    loss.backward()
    grads = [p.grad for p in run.nets["net"].subject.parameters()]  # type: ignore[union-attr]
    assert parts["subject"] == 0 and all(g is not None and not g.any() for g in grads)


def test_a_photo_keeps_its_lot_whatever_is_added(tmp_path: Path, caches: Path) -> None:
    made = sampler(caches)
    shard = PhotoCache(caches / "shard")
    fewer = PhotoCache(caches / "shard")
    fewer.keys = fewer.keys[7:]
    fewer.labels = fewer.labels[7:]
    fewer.offset, fewer.height, fewer.width = fewer.offset[7:], fewer.height[7:], fewer.width[7:]
    held = {shard.keys[i] for _, i in made.validation}
    then = {fewer.keys[i] for _, i in data.Sampler([("shard", fewer, 1.0)], TINY).validation}
    assert held - set(shard.keys[:7]) <= then


def test_old_photos_give_the_light_of_the_first_half(tmp_path: Path, caches: Path) -> None:
    import cv2

    ramp = np.tile(np.linspace(0, 255, 96, dtype=np.uint8), (80, 1))
    (tmp_path / "old").mkdir()
    cv2.imwrite(str(tmp_path / "old" / "print.png"), ramp)
    with pytest.raises(ReadError, match="1 grey"):
        sources.open_sources([sources.Source(tmp_path / "old")], tmp_path / "cache", 64)
    old = sources.open_sources([sources.Source(tmp_path / "old")], tmp_path / "cache", 64, old=True)
    shard = ("shard", PhotoCache(caches / "shard"), 1.0)
    stage = Stage(0.0, 32, 8)
    plain, aged = (data.Sampler([shard], TINY, o).batch(3, stage) for o in ((), old))
    with pytest.raises(UsageError, match="no old photo to train on: every weight is 0"):
        data.Sampler([shard], TINY, [(name, cache, 0.0) for name, cache, _ in old])
    assert np.array_equal(plain.light[4:], aged.light[4:]) and not aged.ab[:4].any() and not aged.hints[:4].any()
    assert np.abs(np.diff(aged.light[:4], axis=1)).max() < 1e-3, "the ramp, whichever part of it"
    assert (aged.label[:4] == -1).all() and np.ptp(aged.rgb[:4].astype(int), axis=-1).max() == 0


def test_few_photos_are_split_all_the_same() -> None:
    lots = np.random.default_rng(0).uniform(0.02, 1, 100).astype(np.float32)
    assert (lots <= data.border_of([lots])).sum() == data.FEW
    assert data.border_of([lots[:30], lots[30:]]) == data.border_of([lots])
    assert (lots[:20] <= data.border_of([lots[:20]])).sum() == 2
    assert data.border_of([np.zeros(9, np.float32)]) < 0, "something must be left to train on"


def test_two_processes_train_one_run(caches: Path, tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    plan = ["--set", 'stages=[{"start": 0, "side": 32, "batch": 4}]', "--set", "model.encoder=none"]
    small = ["--set", "model.widths=[16,16,32,64]", "--set", "model.depths=[1,1,1,1]"]
    where = ["--accelerator", "cpu", "--devices", "2", "--minutes", "0.03", "--sheet-every", "0.005"]
    command = [sys.executable, "-m", "barva", "train", "guided", "--data", str(caches), "--run", str(tmp_path / "run")]
    alone = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "SLURM"))} | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([*command, *small, *plan, *where], capture_output=True, text=True, timeout=120, env=alone)
    assert done.returncode == 0, done.stderr
    stored = checkpoint.load(tmp_path / "run" / "last.safetensors")
    assert stored.progress.samples == 8 * stored.progress.step > 0, "both gave a batch to each step"


def test_a_batch_that_fails_is_reported() -> None:
    def fails() -> data.Batch:
        raise RuntimeError("disk gone")

    ahead: data.Prefetcher[data.Batch] = data.Prefetcher()
    ahead.ask(fails)
    with pytest.raises(RuntimeError, match="disk gone"):
        ahead.take()


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [("optim.lr", "1e-4", 1e-4), ("samples", "5e3", 5000), ("optim.name", "sgd", "sgd"), ("model.attentions", "0", 0)],
)
def test_settings(path: str, value: str, wanted: object) -> None:
    changed: Any = recipe.override(TINY, path, value)
    for name in path.split("."):
        changed = getattr(changed, name)
    assert changed == wanted


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("optim.learning", "1", "there is no 'learning'"), ("optim", "1", "name one of its parts"),
        ("optim.name", "rmsprop", "one of adamw, adam, sgd"), ("samples", "many", "int is wanted"),
        ("seed.more", "1", "has no parts"), ("family", "gan", "choose another recipe"),
        ("stages", '[{"begin": 0}]', "Stage has no 'begin'"), ("stages", "[]", "the first stage starts at 0"),
        ("stages", '[{"start": 0.5, "side": 64, "batch": 8}]', "the first stage starts at 0"),
        ("stages", '[{"start": 0, "side": 100, "batch": 8}]', "a multiple of 32"),
        ("samples", "inf", "int is wanted"), ("samples", "0", "at least 1"), ("optim.lr", "nan", "finite number"),
        ("optim.lr", "-1", "above 0"),
        ("filmed", "7", "a share"), ("hints.share", "-1", "a share"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(path: str, value: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        recipe.override(TINY, path, value)


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("classes_l2", "model.width", "-1", "above 0"), ("classes_plain", "loss.lam", "2", "a share"),
        ("classes_plain", "loss.sigma", "0", "above 0"), ("gan_pix2pix", "loss.content_weight", "nan", "finite number"),
        ("cyclegan", "stages", "[[0,32,4],[0.5,64,1]]", "an old and a modern photo, so at least 2, not 1"),
    ],
)  # fmt: skip
def test_settings_of_families_that_make_no_sense(name: str, path: str, value: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        recipe.override(recipe.find_recipe(name), path, value)


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("guided", "model.widths", "[64,128]", "model.widths has 4 numbers, one a level, not 2"),
        ("guided", "model.depths", "[1,1]", "model.depths has 4 numbers"),
        ("guided", "model.widths", "[10,20,30,40]", "heads of about 64, such as 128; 40 does not"),
        ("guided", "model.widths", "[64,64,64,200]", "200 does not"),
        ("guided", "model.widths", "[64,64,-1,64]", "at least 2"),
        ("diffusion_palette", "model.widths", "[10,20,30,40]", "make no network: num_channels"),
        ("diffusion_palette", "model.depths", "[1,1]", "make no network"),
        ("gan_unet5_sgd", "model.widths", "[]", "make no network"),
    ],
)
def test_models_that_cannot_be_built(
    name: str, path: str, value: str, words: str, caches: Path, tmp_path: Path
) -> None:
    made = recipe.override(recipe.override(recipe.find_recipe(name), path, value), "stages", "[[0,32,4]]")
    with pytest.raises(UsageError, match=words) as caught:
        started(caches, tmp_path / "run", made)
    assert "\n" not in str(caught.value)


def test_limits_that_make_no_sense() -> None:
    for name in ("minutes", "save_every", "sheet_every"):
        with pytest.raises(UsageError, match=f"{name}: a number .* is wanted, not nan"):
            loop.Limits(**{name: float("nan")})
    with pytest.raises(UsageError, match="above 0 is wanted, not inf"):
        loop.Limits(minutes=float("inf"))


def test_recipes_round_trip_and_are_frozen() -> None:
    from barva.training import recipes

    for name in recipes.functions():
        made = recipe.find_recipe(name)
        assert recipe.from_json(recipe.to_json(made)) == made
        assert "barva train" in (recipes.functions()[name].__doc__ or ""), name
    with pytest.raises(dataclasses.FrozenInstanceError):
        TINY.samples = 1  # type: ignore[misc]
    with pytest.raises(UsageError, match="there is no recipe 'guidde'; did you mean guided"):
        recipe.find_recipe("guidde")


def test_the_command(caches: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--set", "model.widths=[16,16,32,64]", "--set", "model.depths=[1,1,1,1]", "--accelerator", "cpu"]
    plan = ["--set", 'stages=[{"start": 0, "side": 32, "batch": 8}]', "--set", "samples=16"]
    arguments = ["train", "guided", "--data", str(caches), "--run", str(tmp_path / "run"), *small, *plan]
    assert command(arguments) == 0
    assert "16 samples, 2 steps" in capsys.readouterr().out
    assert command(["train", "--list"]) == 0
    assert "guided" in capsys.readouterr().out
    for wrong, words in (
        (["train", "guided"], "--data and --run are needed"),
        ([*arguments, "--set", "nothing=1"], "there is no 'nothing'"),
        ([*arguments, "--devices", "all"], "a number from 1"),
        (["train", "guided", "--data", str(tmp_path / "no"), "--run", str(tmp_path / "r")], "no"),
    ):
        assert command(wrong) == 2 or "no such" in words or wrong[3].endswith("no")
        error = capsys.readouterr().err
        assert words in error and error.count("\n") == 1
