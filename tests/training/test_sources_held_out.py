"""Whole sources for validation, themes in their shares, photos with masks among the others."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from test_mask_caches import collection  # noqa: E402
from training_kit import CPU, TINY  # noqa: E402

from barva.cli.app import run as command  # noqa: E402
from barva.errors import TrainingError, UsageError  # noqa: E402
from barva.perception.classes import CLASSES, NUMBER  # noqa: E402
from barva.training import cache as caching  # noqa: E402
from barva.training import checkpoint, data, loop, masks, monitor, origins, sources, validation  # noqa: E402
from barva.training.cache import PhotoCache  # noqa: E402
from barva.training.mask_sampler import MaskSampler  # noqa: E402
from barva.training.objectives.perception import unpack_classes  # noqa: E402
from barva.training.recipe import Stage  # noqa: E402

HUES = {"streets": (200, 60, 40), "meadows": (60, 190, 50), "seas": (40, 70, 210)}


def photo(rng: np.random.Generator, color: tuple[int, ...], side: int = 96) -> np.ndarray:
    noise = rng.normal(0, 30, (side, side, 1)) + rng.normal(0, 4, (side, side, 3))
    return np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def mixed(tmp_path: Path) -> list[sources.Opened]:
    """A shard of two repositories, 40 and 10 photos, and a cache of its own kind, 20 photos."""
    rng = np.random.default_rng(0)
    made = {"shard": ["streets"] * 40 + ["meadows"] * 10, "seas": ["seas"] * 20}
    opened = []
    for name, names in made.items():
        entries = (
            caching.Entry(photo(rng, HUES[s]), "", str(i), s if name == "shard" else "") for i, s in enumerate(names)
        )
        cache = caching.write_cache(tmp_path / name, caching.Origin(name, 0, 0), entries)
        opened.append(sources.Opened(name, PhotoCache(tmp_path / name), float(len(cache))))
    return opened


def test_shards_and_folders_of_photos_know_their_sources(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    rng, rows = np.random.default_rng(0), []
    for i, source in enumerate(("a/one", "a/one", "b/two")):
        image = cv2.imencode(".webp", photo(rng, HUES["seas"]))[1].tobytes()
        rows.append({"key": str(i), "image": image, "label": None, "source": source})
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "shard.parquet")
    assert caching.build_cache(tmp_path / "shard.parquet", tmp_path / "c").sources == ["a/one", "a/one", "b/two"]
    (tmp_path / "holidays").mkdir()
    cv2.imwrite(str(tmp_path / "holidays" / "1.png"), photo(rng, HUES["streets"]))
    (opened,) = sources.open_sources([sources.Source(tmp_path / "holidays")], tmp_path / "caches", 64)
    assert opened.cache.sources == ["holidays"]
    index = tmp_path / "caches" / "holidays" / "index.npz"
    with np.load(index) as old:
        columns = {k: old[k] for k in old.files if k != "source"}
    np.savez(index, **columns)
    assert PhotoCache(index.parent).sources == ["holidays"], "a cache of an older version is one source"


@pytest.mark.parametrize("held", ["meadows", "seas", "shard"])
def test_no_photo_of_a_held_out_source_is_trained_on(mixed: list[sources.Opened], held: str) -> None:
    sampler = data.Sampler(mixed, TINY, hold_out=[f"somewhere/{held}"])
    names = {"shard": {"streets", "meadows"}}.get(held, {held})
    assert sampler.held_sources == (held,)
    assert {sampler.caches[k].sources[i] for k, i in sampler.validation} == names
    assert not {g.source for g in sampler.groups} & names
    total = sum(map(len, sampler.train)) + len(sampler.validation)
    assert total == 70, "every other photo is trained on, none is held out by lot"
    with pytest.raises(UsageError, match=r"--hold-out meadow: there is no such source; did you mean meadows\?"):
        data.Sampler(mixed, TINY, hold_out=["meadow"])
    with pytest.raises(UsageError, match="no photo to train on"):
        data.Sampler(mixed, TINY, hold_out=["shard", "seas"])


def test_validation_takes_equally_many_of_each_source(mixed: list[sources.Opened]) -> None:
    sampler = data.Sampler(mixed, TINY, hold_out=["streets", "meadows"])
    chosen = sampler.choose(16)
    counts = [sum(sampler.caches[k].sources[i] == s for k, i in chosen) for s in ("streets", "meadows")]
    assert counts == [8, 8] and sampler.choose(16) == chosen
    assert validation.by_source(["b", "a", "b"], [1.0, 3.0, 2.0]) == "a 1 photos 3.00; b 2 photos 1.50"


def test_themes_are_drawn_in_their_shares_whatever_their_sizes(mixed: list[sources.Opened]) -> None:
    plain = data.Sampler(mixed, TINY)
    shares = dict(zip([g.source for g in plain.groups], plain.chances(), strict=True))
    assert shares["streets"] > 3 * shares["meadows"], "without themes by number"
    themes = {"green": origins.Theme(0.5, ("mead*",)), "sea": origins.Theme(0.2, ("seas",))}
    sampler = data.Sampler(mixed, TINY, themes=themes)
    shares = dict(zip([g.source for g in sampler.groups], sampler.chances(), strict=True))
    assert shares == pytest.approx({"streets": 0.3, "meadows": 0.5, "seas": 0.2})
    batch = sampler.batch(0, Stage(0.0, 32, 200))
    green = (batch.rgb.mean((1, 2)).argmax(-1) == 1).mean()
    assert 0.4 < green < 0.6
    with pytest.raises(UsageError, match="the theme 'snow' has no photos"):
        data.Sampler(mixed, TINY, themes={"snow": origins.Theme(0.5, ("alps",))})


def test_a_theme_whose_photos_are_too_small_leaves_its_share(mixed: list[sources.Opened], tmp_path: Path) -> None:
    entries = (caching.Entry(photo(np.random.default_rng(i), (90, 90, 200), 64), "", str(i)) for i in range(30))
    caching.write_cache(tmp_path / "tiny", caching.Origin("tiny", 0, 0), entries)
    both = [*mixed, sources.Opened("tiny", PhotoCache(tmp_path / "tiny"), 30.0)]
    sampler = data.Sampler(
        both, TINY, themes={"tiny": origins.Theme(0.9, ("tiny",)), "sea": origins.Theme(0.1, ("seas",))}
    )
    shares = dict(zip([g.source for g in sampler.groups], sampler.chances(0.0), strict=True))
    assert shares["tiny"] == 0 and shares["seas"] == pytest.approx(1.0)


def test_themes_of_photos_that_are_all_too_small_for_a_stage_are_drawn_all_the_same(
    mixed: list[sources.Opened],
) -> None:
    sea = {"sea": origins.Theme(1.0, ("seas",))}
    sampler = data.Sampler(mixed, TINY, themes=sea)
    for sides, stage in (({"seas": 64}, {"small": 0.0}), ({"seas": 90}, {"least": 92})):
        sampler.short = np.array([sides.get(g.source, 96) for g in sampler.groups])
        shares = dict(zip([g.source for g in sampler.groups], sampler.chances(**stage), strict=True))
        assert shares == {"meadows": 0, "streets": 0, "seas": 1}, "the others have no share that they could gain"
    with pytest.raises(UsageError, match="--themes leaves no photo"):
        data.Sampler(mixed, TINY, themes={"all": origins.Theme(0.0, ("*",))})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", "no table of themes"),
        ('{"a": {"share": 0.5}}', "no table of themes"),
        ('{"a": {"share": 0.5, "sources": "seas"}}', "no table of themes"),
        ('{"a": {"share": 7, "sources": []}}', "from 0 to 1"),
        ('{"a": {"share": 0.7, "sources": ["x"]}, "b": {"share": 0.7, "sources": ["y"]}}', "more than 1"),
    ],
)
def test_tables_of_themes_that_make_no_sense(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "themes.json").write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        origins.read_themes(tmp_path / "themes.json")
    assert "themes.json" in str(caught.value) and "\n" not in str(caught.value)


def test_the_record_names_sources_and_a_run_goes_on_with_the_same_ones(
    mixed: list[sources.Opened], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "VALIDATED", 8)
    (tmp_path / "themes.json").write_text(json.dumps({"green": {"share": 0.5, "sources": ["meadows"]}}))
    arguments = ["train", "regression_lab", "--data", str(tmp_path / "shard"), "--data", f"{tmp_path / 'seas'}=0"]
    arguments += ["--run", str(tmp_path / "run"), "--accelerator", "cpu", "--themes", str(tmp_path / "themes.json")]
    arguments += ["--set", "stages=[[0,32,4]]", "--set", "samples=8"]
    assert command([*arguments, "--hold-out", str(tmp_path / "seas"), "--hold-out", "streets"]) == 0
    assert "10 photos to train on, 60 held out, all of seas, streets" in capsys.readouterr().err
    (row,) = csv.DictReader((tmp_path / "run" / "validation.csv").open(encoding="utf-8"))
    assert row["photos"] == "8"
    assert [part.split(" photos ")[0] for part in row["sources"].split("; ")] == ["seas 4", "streets 4"]
    assert command([*arguments, "--hold-out", "streets"]) == 1
    error = capsys.readouterr().err
    assert "holds out seas, streets; go on with the same --hold-out" in error and error.count("\n") == 1


def test_a_run_goes_on_only_with_the_photos_that_it_began_with(mixed: list[sources.Opened], tmp_path: Path) -> None:
    def sampler(data_: Any = mixed, share: float = 0.5, old: float = 1.0) -> data.Sampler:
        themes = {"green": origins.Theme(share, ("meadows",))}
        return data.Sampler(data_, TINY, [("old", mixed[1].cache, old)], themes=themes)

    run = loop.Run(TINY, sampler(), tmp_path / "run", CPU)
    run.save()
    fewer = PhotoCache(tmp_path / "shard")
    for name in ("labels", "keys", "sources", "offset", "height", "width"):
        setattr(fewer, name, getattr(fewer, name)[:-1])
    twice = [mixed[0], mixed[1]._replace(weight=2 * mixed[1].weight)]
    for other, words in (
        (sampler([mixed[0]]), r"--data seas \(20, 1.0\), not nothing"),
        (sampler(mixed[::-1]), r"--data shard \(50, 1.0\), not seas"),
        (sampler([mixed[0]._replace(cache=fewer, weight=49.0), mixed[1]]), r"not shard \(49, 1.0\)"),
        (sampler(twice), r"not seas \(20, 2.0\)"),
        (sampler(old=3.0), "--old old"),
        (sampler(share=0.4), r"--themes green \(0.5, \['meadows'\]\), not green \(0.4"),
    ):
        with pytest.raises(TrainingError, match=words) as caught:
            loop.Run(TINY, other, tmp_path / "run", CPU)
        assert str(caught.value).endswith("go on with the same ones")
    stored = checkpoint.load(run.path)
    checkpoint.save(run.path, dataclasses.replace(stored, data_summary={}))
    assert loop.Run(TINY, sampler(twice), tmp_path / "run", CPU).progress.step == 0, "an older version did not say"


@pytest.fixture
def labeled(mixed: list[sources.Opened], tmp_path: Path) -> data.Sampler:
    cache = masks.build(collection(tmp_path / "cars", count=30), tmp_path / "masks")
    return data.Sampler(mixed, TINY, masks=MaskSampler([(cache, 1.0)], TINY))


def test_photos_with_masks_are_a_share_of_each_batch(labeled: data.Sampler) -> None:
    batch = labeled.batch(3, Stage(0.0, 64, 8))
    assert batch.light.shape == (8, 64, 64) and batch.allowed is not None and batch.allowed.shape == (2, 16, 16)
    assert (batch.label[-2:] == -1).all()
    classes = unpack_classes(torch.from_numpy(batch.allowed)).numpy()
    sky = classes[..., NUMBER["sky"]] & (classes.sum(-1) == 1)
    blue = batch.rgb[-2:, 2::4, 2::4].astype(int)
    assert sky.any() and (blue[sky][:, 2] > blue[sky][:, 0]).mean() > 0.95, "labels lie where the photo has them"
    without = dataclasses.replace(TINY, masked=0.0)
    assert (
        data.Sampler(labeled_sources(labeled), without, masks=labeled.masks).batch(3, Stage(0.0, 64, 8)).allowed is None
    )


def labeled_sources(sampler: data.Sampler) -> list[tuple[str, PhotoCache, float]]:
    return [(name, cache, float(len(cache))) for name, cache in zip(sampler.names, sampler.caches, strict=True)]


def test_the_network_learns_what_is_where_and_ships_without_that_head(labeled: data.Sampler, tmp_path: Path) -> None:
    fast = dataclasses.replace(TINY.optim, lr=1e-2)
    made = dataclasses.replace(TINY, stages=(Stage(0.0, 64, 8),), optim=fast, masked=0.5, filmed=0.0)
    labeled.recipe = made
    run = loop.Run(made, labeled, tmp_path / "run", CPU)
    net: Any = run.nets["net"]
    assert net.dense.weight.shape[0] == len(CLASSES)
    batch = run.tensors(labeled.batch(0, made.stages[0]))
    seen = []
    for step in range(12):
        run.progress = loop.Progress(step)
        seen.append(run.update(batch, 0.0)["dense"])
    assert seen[-1] < 0.8 * seen[0]
    assert net.join[1][0][0].weight.grad.abs().sum() > 0, "the trunk learns with it"
    run.save()
    from barva.training import export

    trained = export.restore(tmp_path / "run")
    assert trained.objective.export_module(trained.net).dense is None
    with pytest.raises(TrainingError, match="holds a run with --masks"):
        loop.Run(made, data.Sampler(labeled_sources(labeled), made), tmp_path / "run", CPU)
    assert loop.Run(made, labeled, tmp_path / "run", CPU).progress.step == 11


def test_a_cache_of_masks_with_weight_0_is_never_drawn(mixed: list[sources.Opened], tmp_path: Path) -> None:
    caches = [masks.build(collection(tmp_path / n, count=12), tmp_path / f"{n}-masks") for n in ("a", "b")]
    sampler = MaskSampler([(caches[0], 1.0), (caches[1], 0.0)], TINY)
    assert sampler.chances.tolist() == [1.0, 0.0] and sampler.prior().sum() == pytest.approx(1, abs=1e-5)
    with pytest.raises(UsageError, match="every weight is 0"):
        MaskSampler([(caches[0], 0.0)], TINY)


def test_masks_are_for_guided_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "regression_lab", "--data", "x", "--run", str(tmp_path / "run"), "--masks", "y"]
    assert command(arguments) == 2 and "--masks is for guided" in capsys.readouterr().err
