"""The training loop on photos made here: batches, schedule, exact resume, checkpoints, the command."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from training_kit import CPU, TINY, sampler  # noqa: E402

from barva.cli.app import run as command  # noqa: E402
from barva.color import bins, spaces  # noqa: E402
from barva.errors import ReadError, TrainingError, UsageError  # noqa: E402
from barva.guidance import simulate  # noqa: E402
from barva.training import checkpoint, data, film, loop, losses, recipe, watch  # noqa: E402
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
    assert held == {i for i in range(240) if data.is_validation(f"shard/{i}")}
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
        told = simulate.told(picture, lab[..., 0], ab, np.random.default_rng(seed), 0.4, 0.6, 0.5)
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
    assert loop.rate_at(TINY.optim, 0.0, 0) == pytest.approx(TINY.optim.lr / 2)
    assert loop.rate_at(TINY.optim, 0.5, 100) == pytest.approx(0.51 * TINY.optim.lr)
    assert loop.rate_at(TINY.optim, 1.0, 100) == pytest.approx(0.02 * TINY.optim.lr)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "EVERY", 3)
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
    with pytest.raises(TrainingError, match="holds a run already"):
        started(caches, tmp_path / "run", start=tmp_path / "run" / "last.safetensors")
    run.path.write_bytes(run.path.read_bytes()[:1000])
    with pytest.raises(ReadError, match="checkpoint"):
        started(caches, tmp_path / "run")


def test_a_run_starts_from_another_ones_weights(caches: Path, tmp_path: Path) -> None:
    first = started(caches, tmp_path / "first")
    list(first.go(loop.Limits(stop=16)))
    second = started(caches, tmp_path / "second", start=first.path)
    assert second.progress.samples == 0
    for a, b in zip(first.ema.state_dict().values(), second.nets["net"].state_dict().values(), strict=True):
        assert torch.equal(a, b)
    wider = dataclasses.replace(TINY, model=GuidedModel((16, 16, 32, 128), (1, 1, 1, 1), 1, "none"))
    with pytest.raises(TrainingError, match="start checkpoint"):
        started(caches, tmp_path / "third", wider, start=first.path)


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


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    log = watch.Log(tmp_path, loop.Progress())
    with pytest.raises(TrainingError, match="no longer a number"):
        log.add({"color": float("nan")}, loop.Progress(watch.EVERY, 100, 1.0), 64)


def test_a_batch_that_fails_is_reported() -> None:
    def fails() -> data.Batch:
        raise RuntimeError("disk gone")

    ahead: data.Ahead[data.Batch] = data.Ahead()
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
        ("stages", '[{"begin": 0}]', "Stage has no 'begin'"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(path: str, value: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        recipe.override(TINY, path, value)


def test_recipes_round_trip_and_are_frozen() -> None:
    from barva.training import recipes

    for name in recipes.functions():
        made = recipe.recipe_named(name)
        assert recipe.from_json(recipe.to_json(made)) == made
        assert "barva train" in (recipes.functions()[name].__doc__ or ""), name
    with pytest.raises(dataclasses.FrozenInstanceError):
        TINY.samples = 1  # type: ignore[misc]
    with pytest.raises(UsageError, match="there is no recipe 'guidde'; did you mean guided"):
        recipe.recipe_named("guidde")


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
