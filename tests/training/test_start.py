"""Training begins with shipped, exported or trained weights: the same answers, batch norms that can be trained on."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")
onnx = pytest.importorskip("onnx")

from training_kit import CPU, TINY, sampler  # noqa: E402

from barva.cli.app import run as command  # noqa: E402
from barva.color import bins  # noqa: E402
from barva.errors import BarvaError, TrainingError, UsageError, WeightsError  # noqa: E402
from barva.runtime import weights  # noqa: E402
from barva.runtime.session import Network  # noqa: E402
from barva.training import export, loop, recalibrate, recipe, start  # noqa: E402
from barva.training.objectives.base import Facts  # noqa: E402
from barva.training.recipe import Stage  # noqa: E402

FAMILIES = ("guided", "classes", "regression", "gan", "cyclegan")
NAMES = {"classes": "classes_plain", "regression": "regression_yuv", "gan": "gan_unet5_gated"}


def objective_like(begin: start.Start) -> Any:
    """The objective of the run that the weights come from."""
    even = np.full(len(bins.BINS), 1 / len(bins.BINS), np.float32)
    return recipe.objective_of(begin.recipe.family)(begin.recipe, Facts(even, 0))


def inputs_of(photos: list[np.ndarray], channels: int) -> torch.Tensor:
    from barva.color import spaces

    x = torch.zeros(len(photos), channels, *photos[0].shape[:2])
    for n, photo in enumerate(photos):
        x[n, 0] = torch.from_numpy(spaces.fast_rgb_to_lab(photo)[..., 0] / 50 - 1)
    if channels == 4:
        x[0, 1:, 8:12, 8:12] = torch.tensor([0.3, -0.2, 1.0]).view(3, 1, 1)
    return x


@pytest.mark.parametrize("family", FAMILIES)
def test_a_network_built_from_shipped_weights_answers_as_onnx_runtime(family: str, caches: Path) -> None:
    begin = start.open_start("shipped", family)
    objective = objective_like(begin)
    net = objective.build()["net"].eval()
    lost = net.load_state_dict(dict(begin.state), strict=False)
    assert not lost.missing_keys and not lost.unexpected_keys
    x = inputs_of(sampler(caches).held_out(64, 2, square=True), objective.CHANNELS)
    wanted = Network(family).run({"input": x.numpy()})[0]
    with torch.no_grad():
        assert np.abs(net(x).numpy() - wanted).max() < 1e-3 * np.abs(wanted).max()


def test_both_files_of_perception_make_one_network(caches: Path) -> None:
    from barva.models.perception import CLICK_PLANES
    from barva.perception.classes import CLASSES
    from barva.training.export_perception import add_offsets

    begin = start.open_start("shipped", "perception")
    even = np.full(len(CLASSES), 1 / len(CLASSES), np.float32)
    net: Any = recipe.objective_of("perception")(begin.recipe, Facts(even, 0)).build()["net"].eval()
    assert not net.load_state_dict(dict(begin.state), strict=False).missing_keys
    light = inputs_of(sampler(caches).held_out(64, 1, square=True), 1)
    clicks = np.zeros((1, CLICK_PLANES, 16, 16), np.float32)
    clicks[0, 0, 6:9, 6:9] = 1
    segments, pyramid, embedding = Network("perception").run({"light": light.numpy()})
    (mask,) = Network("perception_select").run({"pyramid": pyramid, "embedding": embedding, "clicks": clicks})
    with torch.no_grad():
        offsets = weights.facts("perception")["offsets"]
        bare, _ = net(light, lambda _: torch.from_numpy(clicks))
        add_offsets(net.state_dict(), offsets)  # as an export does, so that a second one does not add them twice
        logits, clicked = net(light, lambda _: torch.from_numpy(clicks))
    added = (logits - bare).mean((0, 2, 3)).numpy()
    assert np.allclose(added, [offsets.get(name, 0.0) for name in CLASSES], atol=1e-4) and added.max() >= 1
    for ours, theirs in ((logits, segments), (clicked, mask)):
        assert np.abs(ours.numpy() - theirs).max() < 1e-3 * np.abs(theirs).max()


@pytest.mark.parametrize("family", ["guided", "gan"])
def test_batch_norms_get_statistics_with_which_training_answers_as_evaluation(
    family: str, caches: Path, tmp_path: Path
) -> None:
    begin = start.open_start("shipped", family)
    made = dataclasses.replace(
        begin.recipe, stages=(Stage(0.0, 96, 8),), filmed=0.0
    )  # px: the trunk of guided works at 64
    run = loop.Run(made, sampler(caches, made), tmp_path / "run", CPU, start="shipped")
    folded = objective_like(begin).build()["net"]
    folded.load_state_dict(dict(begin.state), strict=False)
    net = run.nets["net"]
    batch = run.tensors(run.sampler.batch(99, made.stages[0]))
    x = torch.cat([batch.light, batch.hints], 1)
    with torch.no_grad():
        wanted = folded.eval()(x)
        norms: list[Any] = [net.get_submodule(name) for _, name in begin.folded]
        sizes = [float(norm.running_var.median()) for norm in norms]  # before training moves them
        assert (net.eval()(x) - wanted).abs().max() < 1e-3 * wanted.abs().max(), "evaluation stays what it was"
        assert (run.ema(x) - wanted).abs().max() < 1e-3 * wanted.abs().max()
        mended, broken = ((n.train()(x) - wanted).abs().mean() / wanted.abs().mean() for n in (net, folded))
    # eight crops of one photo have statistics of their own
    assert mended < 0.5, f"{mended}, {broken}: in training it answers much as in evaluation"
    assert 2 * mended < broken, "the identity would undo what was learned"
    assert all(0.5 < size < 1.01 for size in sizes), f"{sizes}: kernels of one size, as Adam's steps are"


def test_a_norm_keeps_its_answers_whatever_it_held_before() -> None:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 5, 3), torch.nn.BatchNorm2d(5)).eval()
    for value in (net[1].weight, net[1].bias, net[1].running_mean, net[1].running_var):
        value.data.uniform_(0.5, 2.0)
    x = 3 * torch.randn(4, 3, 16, 16) + 1
    with torch.no_grad():
        before = net(x)
        recalibrate.measure(net, [("0", "1")], lambda: net(x))
        assert torch.allclose(net(x), before, atol=1e-4)
        assert torch.allclose(net.train()(x), before, atol=1e-2)


@pytest.fixture(scope="module")
def exported(caches: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small network of `guided`, and the run that it comes from beside it."""
    home = tmp_path_factory.mktemp("exported")
    run = loop.Run(TINY, sampler(caches), home / "run", CPU)
    list(run.go(loop.Limits(stop=48)))
    arguments = ["export", str(home / "run"), "-o", str(home / "weights"), "--data", str(caches)]
    assert command([*arguments, "--side", "64", "--photos", "2", "--name", "mine"]) == 0
    return home


def test_an_export_and_its_folder_begin_a_run_as_its_checkpoint_does(
    exported: Path, caches: Path, tmp_path: Path
) -> None:
    x = torch.rand(1, 4, 64, 64) * 2 - 1
    answers = []
    for n, where in enumerate(("run", "weights", "weights/mine.onnx")):
        run = loop.Run(TINY, sampler(caches), tmp_path / str(n), CPU, start=exported / where)
        assert run.anew == ([] if where == "run" else ["subject"]), "the auxiliary head is not exported"
        with torch.no_grad():
            answers.append(run.ema(x))
    assert (answers[1] - answers[0]).abs().max() < 0.02 * answers[0].abs().max(), "but for fp16"
    assert torch.equal(answers[1], answers[2])
    list(run.go(loop.Limits(stop=16)))
    assert run.progress.samples == 16


def test_the_command_begins_with_an_export_and_goes_on_after_it(
    exported: Path, caches: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "guided", "--data", str(caches), "--run", str(tmp_path / "run"), "--accelerator", "cpu"]
    for change in ("model.widths=[16,16,32,64]", "model.depths=[1,1,1,1]", "model.attentions=1", "model.encoder=none"):
        arguments += ["--set", change]
    arguments += [
        "--set",
        "stages=[[0,32,8]]",
        "--set",
        "samples=32",
        "--start",
        str(exported / "weights" / "mine.onnx"),
    ]
    assert command([*arguments, "--stop", "8"]) == 0
    assert "these parts begin anew: subject" in capsys.readouterr().err
    assert command(arguments) == 0
    captured = capsys.readouterr()
    assert "--start is left aside" in captured.err and "32 samples, 4 steps" in captured.out
    assert command(["train", "regression_lab", *arguments[2:5], str(tmp_path / "other"), *arguments[-2:]]) == 1
    assert "of the family 'guided'; this recipe is of 'regression'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("regression_lab", (), "answers in space 'yuv', this recipe's network in 'lab'"),
        ("classes_l2", (), "answers in head 'bins', this recipe's network in 'ab'"),
        ("classes_plain", ("model.width=0.5",), "has no 'blocks.1.0.weight' of shape"),
        ("gan_fpn5_gated", (), "start checkpoint shipped"),
        ("gan_pix2pix", (), "start checkpoint shipped"),
        ("guided", ("model.widths=[48,96,192,320]",), "has no '"),
    ],
)
def test_shipped_weights_of_another_shape_or_space_are_refused_by_name(
    name: str, changes: tuple[str, ...], words: str, caches: Path, tmp_path: Path
) -> None:
    made = recipe.find_recipe(name)
    for change in changes:
        made = recipe.override(made, *change.split("=", 1))
    with pytest.raises(TrainingError, match=words) as caught:
        loop.Run(made, sampler(caches, made), tmp_path / "run", CPU, start="shipped")
    assert "\n" not in str(caught.value)


def test_damaged_and_ambiguous_starts_are_one_line(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(exported / "weights", folder)
    (folder / "mine.onnx").write_bytes((folder / "mine.onnx").read_bytes()[:-100])
    with pytest.raises(WeightsError, match="not the ones that their card names"):
        start.open_start(folder, "guided")
    card = json.loads((folder / "mine.json").read_text("utf-8"))
    (folder / "mine.json").unlink()
    with pytest.raises(BarvaError, match=r"no ONNX file, or a damaged one|does not say how"):
        start.open_start(folder, "guided")
    shutil.copy(exported / "weights" / "mine.onnx", folder / "mine.onnx")
    assert start.open_start(folder, "guided").recipe == TINY, "the file itself knows its recipe"
    shutil.copy(folder / "mine.onnx", folder / "other.onnx")
    with pytest.raises(UsageError, match=r"name one: mine\.onnx, other\.onnx"):
        start.open_start(folder, "guided")
    card["trained"]["recipe"]["model"]["depths"] = [1, 1, 1, 2]
    (folder / "mine.json").write_text(json.dumps(card))
    shutil.copy(exported / "weights" / "mine.onnx", folder / "mine.onnx")
    with pytest.raises(TrainingError, match=r"mine\.onnx is not the network that its card describes"):
        start.open_start(folder / "mine.onnx", "guided")


def test_an_int8_twin_is_no_start(exported: Path, caches: Path, tmp_path: Path) -> None:
    from barva.runtime import quantize

    trained = export.restore(exported / "run")
    model = export.to_onnx(trained.objective.export_module(trained.net), 4)
    twin = quantize.to_int8(model, export.inputs(trained, sampler(caches).held_out(64, 2)))
    export.write("twin", twin, {"trained": {"recipe": dataclasses.asdict(TINY)}}, tmp_path)
    with pytest.raises(TrainingError, match="int8 weights"):
        start.open_start(tmp_path / "twin.onnx", "guided")


def test_two_networks_with_some_names_alike_are_two() -> None:
    from barva.models.gan import FPN, UNet

    unet, fpn = UNet(4, 2, (12, 16, 24), True), FPN(4, 2, (12, 16, 24), True)
    assert set(unet.state_dict()) & set(fpn.state_dict()), "or nothing is tried"
    for net, other in ((fpn, unet), (unet, fpn)):
        with pytest.raises(TrainingError, match="start checkpoint"):
            start.matching(net, start.Start("it", TINY, (), other.state_dict()), ())
    same = start.Start("it", TINY, (), UNet(4, 2, (12, 16, 24), True).state_dict())
    assert start.matching(unet, same, ()).keys() == unet.state_dict().keys()


def test_another_measure_of_the_error_is_no_other_answer() -> None:
    """l1 and l2 of `diffusion_palette` both answer the noise; those of `classes` answer chroma, or bins."""
    made = recipe.find_recipe("diffusion_palette")
    start.check_meaning(start.Start("run", made, (), {}), recipe.override(made, "loss.kind", "l1"))
    with pytest.raises(TrainingError, match="in head 'ab', this recipe's network in 'bins'"):
        start.check_meaning(
            start.Start("run", recipe.find_recipe("classes_l2"), (), {}), recipe.find_recipe("classes_plain")
        )


def test_subjects_are_taken_by_their_names() -> None:
    def net() -> Any:
        return torch.nn.ModuleDict({"head": torch.nn.Linear(2, 2), "subject": torch.nn.Linear(2, 3)})

    ours, theirs = net(), net()
    begin = start.Start("it", TINY, ("cat", "dog", "sea"), theirs.state_dict())
    state = start.matching(ours, begin, ("sea", "tree", "cat"))
    for row, origin in ((0, theirs.subject.weight[2]), (1, ours.subject.weight[1]), (2, theirs.subject.weight[0])):
        assert torch.equal(state["subject.weight"][row], origin)
    assert torch.equal(state["head.weight"], theirs.head.weight)


def test_every_shipped_network_is_a_start() -> None:
    for name in (*FAMILIES, "diffusion"):
        assert start.open_start(weights.path_of(name), name).recipe.family == name
