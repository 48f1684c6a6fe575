"""What is new in `guided`: the encoder at its own size, even surfaces, more points."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytest.importorskip("lightning")

from training_kit import CPU, TINY, sampler  # noqa: E402

from barva.cli.app import run as command  # noqa: E402
from barva.errors import UsageError  # noqa: E402
from barva.guidance import simulate  # noqa: E402
from barva.methods.neural.guided import TRUNK, Guided  # noqa: E402
from barva.models.guided import GuidedNet  # noqa: E402
from barva.runtime import weights  # noqa: E402
from barva.training import loop, losses, recipe  # noqa: E402
from barva.training.objectives.guided import GuidedModel, shrunk  # noqa: E402
from barva.training.recipe import Stage  # noqa: E402


def test_the_trunk_works_at_a_smaller_size_than_the_encoder() -> None:
    torch.manual_seed(0)
    small: Any = GuidedNet((16, 16, 32, 64), (1, 1, 1, 1), 1, encoder=True, encoder_scale=1.4).eval()
    for layer in small.tell:
        torch.nn.init.normal_(layer.weight, std=0.1)
    sides: dict[str, int] = {}
    small.encoder.stem.register_forward_pre_hook(lambda _, x: sides.update(encoder=x[0].shape[-1]))
    small.stem.register_forward_pre_hook(lambda _, x: sides.update(trunk=x[0].shape[-1]))
    for side, trunk in ((32, 32), (96, 64), (224, 160), (256, 192), (320, 224)):
        with torch.no_grad():
            answer = small(torch.rand(1, 4, 64, side))
        assert sides == {"encoder": side, "trunk": trunk} and answer.shape[-1] == trunk // 4
    plain: Any = GuidedNet((16, 16, 32, 64), (1, 1, 1, 1), 1, encoder=True).eval()
    plain.load_state_dict(small.state_dict())
    x = torch.rand(1, 4, 64, 64)
    with torch.no_grad():
        assert plain(x).shape == (1, 313, 16, 16) and plain(x).shape != small(x).shape
    with pytest.raises(UsageError, match="encoder_scale is from 1 to 2"):
        recipe.override(recipe.find_recipe("guided"), "model.encoder_scale", "3")


def test_a_larger_encoder_trains_exports_and_paints_at_the_size_on_its_card(
    caches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from barva.engine.colorizer import Colorizer
    from barva.methods import catalog

    model = GuidedModel((16, 16, 32, 64), (1, 1, 1, 1), 1, "frozen", 1.4)
    made = dataclasses.replace(TINY, model=model, stages=(Stage(0.0, 96, 4),), samples=8)
    run = loop.Run(made, sampler(caches, made), tmp_path / "run", CPU)
    list(run.go())
    arguments = ["export", str(tmp_path / "run"), "-o", str(tmp_path / "out"), "--data", str(caches), "--name", "large"]
    assert command([*arguments, "--photos", "2"]) == 0
    card = catalog.card_in(tmp_path / "out" / "large.onnx")
    assert card.size.short == 224 and weights.facts(tmp_path / "out" / "large.onnx")["encoder_scale"] == 1.4
    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path / "out"))
    seen: list[tuple[int, ...]] = []
    logits = Guided.logits
    monkeypatch.setattr(Guided, "logits", lambda s, x, h: seen.append(x.shape) or logits(s, x, h))
    photo = np.random.default_rng(0).integers(0, 256, (300, 420), dtype=np.uint8)
    assert Colorizer("large").colorize(photo).array().shape == (300, 420, 3)
    assert seen[0] == (224, 320)


def test_the_shipped_card_says_the_size_that_its_weights_want() -> None:
    scale = float(weights.facts("guided").get("encoder_scale", 1.0))
    assert Guided.CARD.size.short == round(TRUNK * scale / 32) * 32


def test_evenness_asks_nothing_across_borders() -> None:
    torch.manual_seed(0)
    truth = torch.zeros(1, 2, 24, 24)
    truth[..., 12:] = 60.0
    light = torch.full((1, 1, 24, 24), 50.0)
    blotches = truth + 10 * torch.randn(1, 2, 3, 3).repeat_interleave(8, 2).repeat_interleave(8, 3)
    assert float(losses.unevenness(truth, truth, light)) < 1e-3, "a border of the photo's own is none of its business"
    assert float(losses.unevenness(truth + 25, truth, light)) < 1e-3, "nor is an even shift"
    assert float(losses.unevenness(blotches, truth, light)) > 0.3
    blotches.requires_grad_(True)
    losses.unevenness(blotches, truth, light).backward()
    assert torch.isfinite(blotches.grad).all() and blotches.grad.abs().max() > 0
    flat = torch.zeros(1, 2, 5, 5, requires_grad=True)
    losses.unevenness(flat, truth[..., :5, :5], light[..., :5, :5]).backward()
    assert torch.isfinite(flat.grad).all()


def test_evenness_is_asked_only_where_the_recipe_says_so(caches: Path, tmp_path: Path) -> None:
    for weight, named in ((0.0, False), (0.5, True)):
        made = dataclasses.replace(TINY, loss=dataclasses.replace(TINY.loss, even=weight))
        run = loop.Run(made, sampler(caches, made), tmp_path / str(weight), CPU)
        loss, parts = run.objective.loss("net", run.nets, run.tensors(run.sampler.batch(0, TINY.stages[0])))
        assert ("uneven" in parts) == named
        whole = parts["color"] + TINY.loss.subject * parts["subject"] + weight * parts.get("uneven", 0)
        assert float(loss.detach()) == pytest.approx(whole, rel=1e-4)


def test_shrinking_keeps_means_at_any_ratio() -> None:
    x = torch.rand(1, 2, 224, 96)
    for h, w in ((56, 24), (40, 16)):
        small = shrunk(x, torch.zeros(1, 9, h, w))
        assert small.shape == (1, 2, h, w) and float(small.mean()) == pytest.approx(float(x.mean()), abs=2e-3)


def test_several_points_are_as_many_as_people_set(astronaut: np.ndarray) -> None:
    from barva.color import spaces

    picture = np.ascontiguousarray(astronaut[::8, ::8])
    lab = spaces.fast_rgb_to_lab(picture)

    def counts(several: float) -> np.ndarray:
        drawn: list[int] = []
        original = simulate.points

        def noted(ab: Any, rng: Any, count: int | None = None) -> Any:
            drawn.append(-1 if count is None else count)
            return original(ab, rng, count)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(simulate, "points", noted)
            for seed in range(200):
                rng = np.random.default_rng(seed)
                simulate.sampled_hints(picture, lab[..., 0], lab[..., 1:], rng, 0.0, 0.0, 0.0, several)
        return np.array(drawn)

    assert (counts(0.0) == -1).all()
    always = counts(1.0)
    assert always.min() >= 3 and always.max() <= 30 and 7 < np.median(always) < 13
    assert 0.35 < (counts(0.5) == -1).mean() < 0.65
    assert recipe.find_recipe("guided").hints.several == 0.5


def test_a_card_without_a_size_is_its_familys(tmp_path: Path) -> None:
    from barva.methods import catalog

    model = onnx.load(weights.path_of("guided"))
    for entry in model.metadata_props:
        if entry.key == "barva.card":
            stored = json.loads(entry.value)
            del stored["size"]
            entry.value = json.dumps(stored)
    (tmp_path / "mine.onnx").write_bytes(model.SerializeToString())
    assert catalog.card_in(tmp_path / "mine.onnx").size == Guided.CARD.size
