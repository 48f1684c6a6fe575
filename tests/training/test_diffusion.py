"""The diffusion families: they learn, are distilled, exported, and paint as methods with weights of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from training_kit import CPU, sampler  # noqa: E402

from barva.cli.app import run as command  # noqa: E402
from barva.color import bins  # noqa: E402
from barva.errors import TrainingError, WeightsError  # noqa: E402
from barva.guidance.hintmap import HintMap  # noqa: E402
from barva.methods import sampling, summary  # noqa: E402
from barva.methods.decoding import network_input  # noqa: E402
from barva.methods.neural import diffusion as method  # noqa: E402
from barva.models.diffusion import DiffusionNet, PaletteNet  # noqa: E402
from barva.training import export, export_diffusion, loop, monitor, recipe  # noqa: E402
from barva.training.objectives.base import Facts, Tensors  # noqa: E402
from barva.training.objectives.diffusion import LEVELS, Objective  # noqa: E402
from barva.training.start import open_start  # noqa: E402

TINY = {
    "diffusion": ("model.widths=[8, 16, 16, 64]", "model.code=32", "model.encoder=none", "model.depths=[1, 1, 1, 1]"),
    "diffusion_palette": ("model.widths=[8, 16, 16, 64]", "model.code=32", "model.depths=[1, 1, 1, 1]"),
}
TINY["diffusion_distilled"] = TINY["diffusion"]
SHORT = ("stages=[[0.0, 64, 8]]", "samples=64", "optim.warmup=2")
EVEN = Facts(np.full(len(bins.BINS), 1 / len(bins.BINS), np.float32), 0)


def tiny_recipe(name: str, *changes: str) -> recipe.Recipe:
    made = recipe.find_recipe(name)
    for change in (*TINY[name], *SHORT, *changes):
        made = recipe.override(made, *change.split("=", 1))
    return made


def tiny(name: str, *changes: str) -> Any:
    made = tiny_recipe(name, *changes)
    torch.manual_seed(0)
    return recipe.objective_of(made.family)(made, EVEN)


@pytest.fixture(scope="module")
def batch() -> Tensors:
    """Eight photos of 32 px, red where light and blue where dark."""
    rng = np.random.default_rng(0)
    light = torch.from_numpy(rng.uniform(-1, 1, (8, 1, 2, 2)).astype(np.float32))
    light = light.repeat_interleave(16, 2).repeat_interleave(16, 3)
    ab = torch.cat([30 * light, 30 * light], 1)
    return Tensors(light, torch.zeros(8, 3, 32, 32), light, ab, torch.zeros(8, 3, 32, 32), torch.full((8,), -1))


def learn(objective: Any, batch: Tensors, steps: int, rate: float = 3e-3) -> tuple[Any, list[float]]:
    nets = objective.build()
    mover = torch.optim.Adam([p for p in nets["net"].parameters() if p.requires_grad], rate)
    losses = []
    for _ in range(steps):
        assert objective.turns(nets, batch) == ("net",)
        loss, _ = objective.loss("net", nets, batch)
        mover.zero_grad()
        loss.backward()
        mover.step()
        losses.append(float(loss.detach()))
    return nets, losses


def test_the_networks_are_as_small_as_they_must_be() -> None:
    net = DiffusionNet()
    encoder = sum(p.numel() for p in net.condition.encoder.parameters())
    whole = sum(p.numel() for p in net.parameters())
    assert whole - encoder < 8e6
    assert 2 * whole < 20e6, "bytes of fp16 weights"
    assert sum(p.numel() for p in PaletteNet().parameters()) < 8e6


@pytest.mark.parametrize("name", ["diffusion", "diffusion_palette", "diffusion_palette loss.kind=l1"])
def test_the_noise_is_learnt(name: str, batch: Tensors) -> None:
    _, losses = learn(tiny(*name.split()), batch, 60)
    assert np.mean(losses[-20:]) < 0.75 * np.mean(losses[:5]), losses[::10]


def test_conditions_serve_several_noise_levels_of_a_photo() -> None:
    net = tiny("diffusion").build()["net"].eval()
    torch.nn.init.normal_(net.denoise.head.weight)
    noisy, level, x = torch.randn(6, 2, 8, 8), torch.randn(6), torch.randn(2, 4, 32, 32)
    palette, likely, keep = torch.rand(2, 314), torch.rand(2, summary.PLANES, 8, 8), torch.tensor([1.0, 1, 0, 1, 1, 0])
    with torch.no_grad():
        at_once = net(noisy, level, x, palette, likely, keep)
        each = [net(noisy[i : i + 2], level[i : i + 2], x, palette, likely, keep[i : i + 2]) for i in (0, 2, 4)]
    assert torch.allclose(at_once, torch.cat(each), atol=1e-5) and not torch.allclose(at_once[:2], at_once[2:4])


def test_samples_follow_what_was_learnt(batch: Tensors) -> None:
    """After a while on one batch: warm where light, cool where dark, and another sample for another seed."""
    objective = tiny("diffusion", "loss.drop=0.0")
    nets, _ = learn(objective, batch, 120)
    net = nets["net"].eval()
    with torch.no_grad():
        ab = objective.paint(net, batch.light, batch.hints)
    assert ab.shape == batch.ab.shape and bool(torch.isfinite(ab).all())
    agreement = np.corrcoef(ab.flatten().numpy(), batch.ab.flatten().numpy())[0, 1]
    assert agreement > 0.7, agreement


def test_one_step_of_a_distilled_network_decides(batch: Tensors) -> None:
    """Photos of one light are all warm or all cool: a denoiser's one step answers the mean, which is neither."""
    sign = torch.tensor([1.0, -1.0]).repeat(4)[:, None, None, None]
    nothing = torch.zeros_like(batch.light)
    two = Tensors(nothing, batch.hints, nothing, 10 * sign.expand_as(batch.ab), batch.rgb, batch.label)
    options = ("loss.drop=0.0", "loss.palette=0.0", "loss.hint_guidance=0.0", "loss.light_guidance=0.0")
    teacher, _ = learn(tiny("diffusion", *options), two, 150)
    distilling = tiny("diffusion_distilled", *options, "loss.target=0.9", "loss.intervals=8")
    nets = distilling.build()
    nets["net"].load_state_dict(teacher["net"].state_dict())
    x = torch.zeros(8, 4, 32, 32)
    given = nets["net"].eval().condition(x, torch.zeros(8, 314), distilling.likely(x))

    @torch.no_grad()
    def raw(x: np.ndarray, level: float) -> np.ndarray:
        return nets["net"].denoise(torch.from_numpy(x), torch.full((len(x),), level), *given).numpy()

    def decided() -> float:
        """How far from neither one step leads, 0.4 for a photo all warm or all cool."""
        noise = sampling.noise(1, (8, 2, 8, 8)) * np.float32(LEVELS.sigma_max)
        answer = sampling.consistency_function(raw, LEVELS)(noise, LEVELS.sigma_max)
        return float(np.abs(answer.mean((1, 2, 3))).mean())

    before = decided()
    mover = torch.optim.Adam(nets["net"].denoise.parameters(), 2e-3)
    for _ in range(150):
        distilling.turns(nets, two)
        loss, _ = distilling.loss("net", nets, two)
        mover.zero_grad()
        loss.backward()
        mover.step()
    assert decided() > 1.2 * before
    taught = teacher["net"].denoise.state_dict()
    assert all(torch.equal(v, taught[k]) for k, v in nets["teacher"].named_parameters()), "the teacher stays"
    assert distilling.facts()["sampler"] == "consistency" and distilling.facts()["hint_guidance"] == 0


def test_distillation_gives_each_photo_several_noise_levels(batch: Tensors) -> None:
    distilling = tiny("diffusion_distilled", "loss.noises=3", "loss.light_guidance=0.0")
    nets, seen, conditions = distilling.build(), [], []
    nets["net"].learned.fill_(1.0)
    nets["teacher"].register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    nets["net"].condition.register_forward_pre_hook(lambda _, given: conditions.append(len(given[0])))
    distilling.turns(nets, batch)
    loss, _ = distilling.loss("net", nets, batch)
    loss.backward()
    count = len(batch.light)
    assert set(seen) == {3 * count} and len(seen) == 4, "two levels, with hints and without"
    assert set(conditions) == {count}, "conditions are computed once a photo"


def test_only_a_denoiser_is_distilled(batch: Tensors) -> None:
    distilling = tiny("diffusion_distilled")
    nets = distilling.build()
    with pytest.raises(TrainingError, match="here is none"):
        distilling.turns(nets, batch)
    nets["net"].learned.fill_(1.5)
    with pytest.raises(TrainingError, match="a distilled network"):
        distilling.turns(nets, batch)


def test_palettes_in_training_are_the_methods_own(batch: Tensors) -> None:
    objective: Objective = tiny("diffusion", "loss.palette=1.0")
    ab = torch.full((1, 2, 32, 32), 20.0)
    ab[:, :, :, 16:] = -20
    ours = objective._palette(ab)[0].numpy()
    theirs = method.palette_histogram(((20, 20), (-20, -20)))
    assert np.abs(ours - theirs).max() < 0.05 and ours[-1] == theirs[-1] == 1
    assert not method.palette_histogram(()).any()
    unknown = tiny("diffusion", "loss.palette=0.0")._palette(ab)
    assert not unknown.any()


def test_the_summary_is_that_of_the_method(gradient: np.ndarray) -> None:
    """What the network learns with is what the method gives it: the same planes, from the same weights."""
    light = np.asarray(gradient, np.float32)
    ab, weight = np.zeros((*light.shape, 2), np.float32), np.zeros(light.shape, np.float32)
    ab[10:30, 10:30], weight[10:30, 10:30] = (50, 30), 1
    hints = HintMap(ab, weight)
    theirs = summary.Summarizer().summary(light, hints).planes
    ours = tiny("diffusion").likely(torch.from_numpy(network_input(light, hints)[None]))[0].numpy()
    assert ours.shape == (summary.PLANES, 16, 24)
    small = cv2.resize(theirs.transpose(1, 2, 0), (24, 16)).transpose(2, 0, 1)
    assert np.abs(ours - small).max() < 0.02 and np.abs(ours).max() > 0.1
    assert np.allclose(theirs[4:].sum(axis=0), 1, atol=1e-4), "shares"
    inside, outside = theirs[0, 3:7, 3:7].mean(), theirs[0, 12:, 12:].mean()
    assert inside > outside + 0.5, "a hint of red is in the mean"


@pytest.fixture
def gradient() -> np.ndarray:
    return np.add.outer(np.linspace(20, 50, 64), np.linspace(0, 40, 96))


@pytest.fixture(scope="module")
def runs(caches: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of each recipe, the distilled one begun from the first."""
    folders = {name: tmp_path_factory.mktemp(name) for name in TINY}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitor, "VALIDATED", 2)
        for name, folder in folders.items():
            made = tiny_recipe(name)
            start = folders["diffusion"] if name == "diffusion_distilled" else None
            list(loop.Run(made, sampler(caches, made), folder, CPU, start).go(loop.Limits()))
    for folder in folders.values():
        assert (folder / "last.safetensors").exists() and list((folder / "samples").glob("*.png"))
    return folders


def test_a_distilling_run_goes_on_with_its_teacher(runs: dict[str, Path], caches: Path) -> None:
    made = tiny_recipe("diffusion_distilled")
    again = loop.Run(made, sampler(caches, made), runs["diffusion_distilled"], CPU)
    before = export.restore(runs["diffusion"]).net.denoise.state_dict()
    assert all(torch.equal(v, before[k]) for k, v in again.nets["teacher"].named_parameters())
    assert float(again.nets["net"].learned) == 2


@pytest.mark.parametrize("name", list(TINY))
def test_the_command_exports_what_a_method_paints_with(
    name: str,
    runs: dict[str, Path],
    caches: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["export", str(runs[name]), "-o", str(tmp_path), "--data", str(caches), "--side", "64", "--photos", "2"]
    assert command([*arguments, "--name", "mine"]) == 0, capsys.readouterr().err
    assert "(the network's own units)" in capsys.readouterr().out
    assert command([*arguments, "--name", "vivid", "--vivid", "0.8"]) == 2
    assert "only for guided" in capsys.readouterr().err
    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path))
    from barva.engine.colorizer import Colorizer

    colorizer = Colorizer("mine")
    assert colorizer.card.samples and colorizer.card.family == name.replace("_distilled", "")
    assert colorizer.colorize(np.full((40, 50), 128, np.uint8)).array().shape == (40, 50, 3)
    assert command([*arguments, "--name", "other", "--int8"]) == 2
    assert "no int8 form" in capsys.readouterr().err

    begin = open_start(tmp_path / "mine.onnx", tiny_recipe(name).family)
    objective = recipe.objective_of(begin.recipe.family)(begin.recipe, EVEN)
    net = objective.build()["net"]
    net.load_state_dict(dict(begin.state), strict=True)
    stored, model = export.restore(runs[name]).stored, onnx.load(tmp_path / "mine.onnx")
    again = export.Trained(net.eval(), objective, stored)
    photos = sampler(caches).held_out(64, 2)
    assert export_diffusion.check(again, model, photos, name) < 1e-4, "what was exported can be begun with"


def test_an_exported_denoiser_is_distilled_and_a_distilled_one_is_not(
    runs: dict[str, Path], caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "VALIDATED", 2)
    for name in ("diffusion", "diffusion_distilled"):
        arguments = ["export", str(runs[name]), "-o", str(tmp_path), "--data", str(caches), "--side", "64"]
        assert command([*arguments, "--photos", "2", "--name", name]) == 0
    made = tiny_recipe("diffusion_distilled")
    run = loop.Run(made, sampler(caches, made), tmp_path / "run", CPU, tmp_path / "diffusion.onnx")
    list(run.go(loop.Limits()))
    taught = export.restore(runs["diffusion"]).net.denoise.head.weight
    assert torch.allclose(run.nets["teacher"].head.weight, taught, atol=1e-3) and float(run.nets["net"].learned) == 2
    other = loop.Run(made, sampler(caches, made), tmp_path / "other", CPU, tmp_path / "diffusion_distilled.onnx")
    with pytest.raises(TrainingError, match="a distilled network"):
        list(other.go(loop.Limits()))


def test_another_network_is_noticed(runs: dict[str, Path], caches: Path) -> None:
    for name in ("diffusion", "diffusion_palette"):
        mine = export.restore(runs[name])
        photos = sampler(caches).held_out(64, 2)
        model = export.halve(export_diffusion.to_onnx(mine))
        assert export_diffusion.check(mine, model, photos, name) < export_diffusion.WORST
        with torch.no_grad():
            mine.net.denoise.head.bias += 0.3
        with pytest.raises(WeightsError, match="differs from torch"):
            export_diffusion.check(mine, model, photos, name)
