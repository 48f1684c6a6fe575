"""Every family learns, exports and paints; recipes; color formulas in torch against NumPy's."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import barva  # noqa: E402
from barva.color import bins, spaces  # noqa: E402
from barva.errors import UsageError, WeightsError  # noqa: E402
from barva.guidance.hintmap import HintMap  # noqa: E402
from barva.methods import catalog, decoding  # noqa: E402
from barva.runtime import weights  # noqa: E402
from barva.training import colors, losses, recipe, recipes  # noqa: E402
from barva.training.objectives.base import Facts, Tensors  # noqa: E402
from barva.training.recipes import common  # noqa: E402

RECIPES = [
    *("regression_rgb", "regression_yuv", "regression_lab", "classes_l2", "classes_plain", "classes_rebalanced"),
    *("gan_unet5_gated", "gan_unet5_alternating", "gan_unet7_gated", "gan_fpn5_gated", "gan_unet5_sgd"),
    *("gan_unet5_yuv", "gan_pix2pix", "cyclegan"),
]

RGB = ["gan_fpn5_gated model.space=rgb"]

TINY = {
    "regression": (),
    "classes": ("model.width=0.125",),
    "gan": ("model.widths=[12, 16, 24]", "model.judge=8"),
    "cyclegan": ("model.widths=[12, 16, 24]", "model.judge=8", "model.patch=16", "model.memory=6"),
}
METHODS = {
    "regression": "barva.methods.neural.regression:Regression",
    "classes": "barva.methods.neural.classes:Classes",
    "gan": "barva.methods.neural.gan:Gan",
    "cyclegan": "barva.methods.neural.cyclegan:CycleGan",
}
EVEN = Facts(np.full(len(bins.BINS), 1 / len(bins.BINS), np.float32), 0)


def tiny(name: str, *changes: str) -> Any:
    """The objective of a recipe at tiny widths."""
    made = recipe.find_recipe(name)
    for change in (*TINY[made.family], *changes):
        made = recipe.override(made, *change.split("=", 1))
    torch.manual_seed(0)
    return recipe.objective_of(made.family)(made, EVEN)


@pytest.fixture(scope="module")
def batch() -> Tensors:
    """Four photos of 32 px whose color can be told from their light: warm where light, blue where dark; hinted."""
    rng = np.random.default_rng(0)
    light = rng.uniform(30, 70, (4, 4, 4)).repeat(8, 1).repeat(8, 2)[..., None]
    rgb = spaces.fast_lab_to_rgb(np.concatenate([light, (light - 50) * 1.2, (light - 45) * 1.5], -1).astype(np.float32))
    lab = torch.from_numpy(spaces.rgb_to_lab(rgb)).permute(0, 3, 1, 2).contiguous()
    hints = torch.zeros(4, 3, 32, 32)
    hints[:, :2, 8:14, 8:14], hints[:, 2, 8:14, 8:14] = lab[:, 1:, 8:14, 8:14] / 110, 1
    known = lab[:, :1] / 50 - 1
    return Tensors(known, hints, known, lab[:, 1:], torch.from_numpy(rgb).permute(0, 3, 1, 2), torch.full((4,), -1))


def trained(objective: Any, batch: Tensors, steps: int, rate: float = 2e-3) -> tuple[dict[str, nn.Module], list[Any]]:
    """The networks after `steps` on one batch, and each step's parts of the losses."""
    nets: dict[str, nn.Module] = objective.build()
    players = objective.players()
    movers = {
        player: torch.optim.Adam([p for name in names for p in nets[name].parameters()], rate, (0.5, 0.9))
        for player, names in players.items()
    }
    assert sorted(n for names in players.values() for n in names) == sorted(nets)
    log = []
    for _ in range(steps):
        parts: dict[str, float] = {}
        for player in objective.turns(nets, batch):
            loss, named = objective.loss(player, nets, batch)
            movers[player].zero_grad()
            loss.backward()
            movers[player].step()
            parts |= named
        log.append(parts)
    return nets, log


LEARNT = {
    "regression_lab": "mse",
    "regression_yuv": "mse",
    "regression_rgb": "mse",
    "classes_l2": "l2",
    "classes_plain": "cross_entropy",
    "classes_rebalanced": "rebalanced",
    "gan_unet5_gated": "content",
    "gan_fpn5_gated": "content",
    "gan_unet5_yuv": "content",
    "gan_pix2pix": "content",
    "gan_unet5_gated model.space=rgb": "content",
    "cyclegan": "cycle",
}


@pytest.mark.parametrize("name", LEARNT)
def test_every_family_learns(name: str, batch: Tensors) -> None:
    objective, part = tiny(*name.split()), LEARNT[name]
    nets, log = trained(objective, batch, 20, 5e-4 if name.startswith("regression") else 4e-3)
    before, after = log[0][part], float(np.mean([parts[part] for parts in log[-3:]]))
    assert after < 0.7 * before, f"{part}: {before:.4f} -> {after:.4f}"
    with torch.no_grad():
        ab = objective.paint(nets["net"], batch.light, batch.hints)
    assert ab.shape == batch.ab.shape and ab.dtype == torch.float32
    assert (ab - batch.ab).abs().mean() < 0.95 * batch.ab.abs().mean(), "worse than grey"


@pytest.mark.parametrize("name", ["gan_unet5_alternating", "gan_unet7_gated", "gan_pix2pix"])
@pytest.mark.parametrize("verdict", ["cross_entropy", "least_squares"])
def test_discriminators_learn(name: str, verdict: str, batch: Tensors) -> None:
    objective = tiny(name, f"loss.verdict={verdict}")
    nets = objective.build()
    judge = torch.optim.Adam(nets["judge"].parameters(), 3e-3)
    seen = []
    for _ in range(20):
        loss, _ = objective.loss("discriminator", nets, batch)
        judge.zero_grad()
        loss.backward()
        judge.step()
        seen.append(float(loss.detach()))
    assert seen[-1] < 0.6 * seen[0]
    assert all(p.grad is None for p in nets["net"].parameters()), "the generator must not move with the judge"


class Fixed(nn.Module):
    """A judge that says `real` of pictures with any chroma and `fake` of gray ones."""

    def __init__(self, real: float, fake: float) -> None:
        super().__init__()
        self.real, self.fake = real, fake

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        colored = picture[:, 4:].abs().amax((1, 2, 3), keepdim=True) > 1e-6
        return torch.where(colored, self.real, self.fake)


class Grey(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(x[:, :2, ::2, ::2])


def test_gated_turns_follow_the_judge(batch: Tensors) -> None:
    both = ("discriminator", "generator")
    gated = tiny("gan_unet5_gated", "loss.extra=2")
    for real, fake, extra in ((3, -3, "generator"), (-1, -3, "discriminator"), (3, 1, "discriminator")):
        assert gated.turns({"net": Grey(), "judge": Fixed(real, fake)}, batch) == (*both, extra, extra)
    squares = tiny("gan_unet5_gated", "loss.verdict=least_squares")
    assert squares.turns({"net": Grey(), "judge": Fixed(0.9, 0.2)}, batch) == (*both, "generator")
    assert squares.turns({"net": Grey(), "judge": Fixed(0.4, 0.2)}, batch) == (*both, "discriminator")
    assert tiny("gan_unet5_alternating").turns({}, batch) == both


def test_cyclegan_never_sees_a_pair(batch: Tensors) -> None:
    """What the old half looks like in color, and what the modern half's film-simulated light is, change nothing."""
    objective = tiny("cyclegan")
    nets = objective.build()
    ab, light = batch.ab.clone(), batch.light.clone()
    ab[:2], light[2:] = 55.0, 0.3
    other = dataclasses.replace(batch, ab=ab, light=light)
    for player in objective.players():
        mine, theirs = (objective.loss(player, nets, b)[0] for b in (batch, other))
        assert torch.equal(mine, theirs)


def test_rebalancing_is_equation_4() -> None:
    p = np.random.default_rng(0).dirichlet(np.full(313, 0.1)).astype(np.float32)
    w = losses.rebalancing(p, 0.5, 1e-3)  # next to no smoothing
    by_hand = 1 / (p / 2 + 1 / 626)
    assert np.allclose(w, by_hand / (p * by_hand).sum(), rtol=1e-4)
    smooth = losses.rebalancing(p)
    assert smooth.min() > 0 and smooth.max() / smooth.min() < w.max() / w.min()
    assert np.allclose(losses.rebalancing(EVEN.prior, 0.0), 1, atol=0.3)
    assert np.ptp(losses.rebalancing(p, 1.0)) < 1e-6, "all mixture: no weights"


def test_classes_start_at_the_best_blind_answer() -> None:
    """Weighed cross entropy is least at prior times weights, normalized."""
    prior = np.random.default_rng(0).dirichlet(np.full(313, 0.5)).astype(np.float32)
    made = recipe.override(recipe.find_recipe("classes_rebalanced"), "model.width", "0.125")
    net = recipe.objective_of("classes")(made, Facts(prior, 0)).build()["net"].eval()
    nn.init.zeros_(net.head.weight)
    with torch.no_grad():
        p = torch.softmax(net(torch.zeros(1, 1, 8, 8))[0, :, 0, 0], 0).numpy()
    wanted = prior * losses.rebalancing(prior)
    assert np.abs(p - wanted / wanted.sum()).max() < 1e-4


def test_soft_code_is_the_bins() -> None:
    ab = np.random.default_rng(0).uniform(-100, 100, (2, 3, 4, 2)).astype(np.float32)
    index, weight = bins.encode(ab)
    got_index, got_weight = losses.soft_code(torch.from_numpy(ab).permute(0, 3, 1, 2))
    assert np.array_equal(got_index.numpy(), index) and np.array_equal(got_weight.numpy(), weight)


def planes(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)[None], np.float32))


def test_torch_colours_are_numpys() -> None:
    rng = np.random.default_rng(0)
    rgb = np.concatenate([rng.random((40, 30, 3)), rng.integers(0, 2, (10, 30, 3)), rng.random((10, 30, 3)) * 0.05])
    lab = spaces.rgb_to_lab(rgb)
    assert np.abs(colors.rgb_to_lab(planes(rgb))[0].permute(1, 2, 0).numpy() - lab).max() < 1e-3
    assert np.abs(colors.lab_to_rgb(planes(lab))[0].permute(1, 2, 0).numpy() - rgb).max() < 1e-4
    uv = spaces.rgb_to_yuv(rgb)[..., 1:]
    assert np.abs(colors.rgb_to_uv(planes(rgb))[0].permute(1, 2, 0).numpy() - uv).max() < 1e-5
    # light and U, V determine the color: there and back
    light = lab[..., 0].astype(np.float32)
    assert np.abs(decoding.uv_to_ab(light, uv.astype(np.float32)) - lab[..., 1:]).max() < 1e-2
    # also of colors that no screen shows, which a network may answer
    wild, any_light = rng.uniform(-0.6, 0.6, (60, 30, 2)), rng.uniform(0, 100, (60, 30)).astype(np.float32)
    torch_ab = colors.uv_to_ab(torch.from_numpy(any_light)[None, None], planes(wild))[0].permute(1, 2, 0).numpy()
    numpy_ab = decoding.uv_to_ab(any_light, wild.astype(np.float32))
    assert np.isfinite(numpy_ab).all() and np.abs(torch_ab - numpy_ab).max() < 1e-2


@pytest.mark.parametrize("space", ["lab", "yuv", "rgb"])
def test_what_is_encoded_is_decoded(space: str) -> None:
    rgb = np.random.default_rng(1).random((8, 12, 3))
    lab = spaces.rgb_to_lab(rgb)
    light, ab = planes(lab[..., :1]) / 50 - 1, planes(lab[..., 1:])
    answer = colors.encode(space, light, ab)
    assert answer.shape[1] == (3 if space == "rgb" else 2) and answer.abs().max() <= 1
    assert (colors.decode(space, answer, light) - ab).abs().max() < 2e-2
    numpy_ab = decoding.to_ab(answer[0].numpy(), lab[..., 0].astype(np.float32), space)
    assert np.abs(numpy_ab - lab[..., 1:]).max() < 2e-2
    with pytest.raises(WeightsError, match="hsv"):
        decoding.to_ab(answer[0].numpy(), lab[..., 0].astype(np.float32), "hsv")


def shipped(objective: Any, net: nn.Module, name: str, folder: Path, facts: dict[str, Any]) -> None:
    """`name`.onnx and its card in `folder`."""
    out = io.BytesIO()
    axes = {"input": {0: "batch", 2: "height", 3: "width"}, "output": {0: "batch", 2: "rows", 3: "columns"}}
    torch.onnx.export(
        objective.export_module(net.eval()), (torch.zeros(1, objective.CHANNELS, 64, 96),), out, dynamo=False,
        input_names=["input"], output_names=["output"], dynamic_axes=axes, opset_version=17,
    )  # fmt: skip
    card = {"sha256": hashlib.sha256(out.getvalue()).hexdigest(), "version": "test"} | facts
    (folder / f"{name}.onnx").write_bytes(out.getvalue())
    (folder / f"{name}.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    "name", [n for n in RECIPES if not n.endswith(("plain", "alternating", "7_gated", "sgd"))] + RGB
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_methods_run_what_is_exported(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: Tensors
) -> None:
    objective = tiny(*name.split())
    net = objective.build()["net"].eval()
    for p in net.parameters():  # fresh heads answer next to nothing; these answer something
        p.data += 0.02 * torch.randn_like(p)
    family = recipe.find_recipe(name.split()[0]).family
    # the first regression weights say nothing of their space
    shipped(objective, net, family, tmp_path, {} if name == "regression_lab" else objective.facts())
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    catalog.targets.cache_clear()
    monkeypatch.setitem(catalog._TARGETS, family, METHODS[family])
    try:
        made = catalog.create(family, 2)
        card = catalog.card(family)
        assert card.name == card.family == card.weights == family
        light = (50 * batch.light[0, 0] + 50).numpy()
        weight = batch.hints[0, 2].numpy()
        ab = np.ascontiguousarray((110 * batch.hints[0, :2]).permute(1, 2, 0).numpy())
        answer = made.paint(light, HintMap(ab, weight), barva.methods.base.PaintOptions())
        with torch.no_grad():
            wanted = objective.paint(net, batch.light[:1], batch.hints[:1])
        given = colors.enlarge(planes(answer.ab), wanted)
        assert (given - wanted).abs().max() < 0.05 and wanted.abs().max() > 1
        assert (answer.confidence is not None) == (name == "classes_rebalanced")
        for size in ((1, 1), (17, 23), (300, 90)):
            photo = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
            assert barva.Colorizer(family, skin=False).colorize(photo).array().shape == (*size, 3)
    finally:
        catalog.targets.cache_clear()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_temperature_is_the_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from barva.methods.neural.classes import Classes

    objective = tiny("classes_rebalanced")
    net = objective.build()["net"]
    net.head.bias.data[np.hypot(*bins.BINS.T).argmax()] += 3  # the likeliest bin is a vivid one
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    light, found = np.random.default_rng(0).uniform(0, 100, (32, 32)).astype(np.float32), {}
    for temperature in (1.0, 0.38):
        shipped(objective, net, "classes", tmp_path, objective.facts() | {"temperature": temperature})
        method = Classes(2)
        found[temperature] = method.paint(light, None, barva.methods.base.PaintOptions()).ab
    logits = method._network.run({"input": (light / 50 - 1)[None, None]})[0][0]
    z = logits - logits.max(0)
    p = np.exp(z) / np.exp(z).sum(0)
    assert np.allclose(found[1.0], np.tensordot(p, bins.BINS, (0, 0)), atol=1e-2), "at 1 it is the mean"
    assert np.hypot(*found[0.38].T).mean() > np.hypot(*found[1.0].T).mean()


@pytest.mark.parametrize("name", RECIPES)
def test_recipes(name: str) -> None:
    made = recipe.find_recipe(name)
    assert recipe.from_json(recipe.to_json(made)) == made
    assert (made.samples, made.stages) == (common.SAMPLES, common.STAGES), "on equal terms"
    longer = recipe.override(recipe.override(made, "samples", "1e6"), "optim.lr", "1e-5")
    assert (longer.samples, longer.optim.lr) == (1_000_000, 1e-5)
    for settings in ("model", "loss"):
        for field in dataclasses.fields(getattr(made, settings)):
            value = getattr(getattr(made, settings), field.name)
            text = json.dumps(list(value)) if isinstance(value, tuple) else str(value)
            assert recipe.override(made, f"{settings}.{field.name}", text) == made
    with pytest.raises(UsageError, match="there is no"):
        recipe.override(made, "model.nonsense", "1")
    objective = recipe.objective_of(made.family)(made, EVEN)
    with torch.device("meta"):
        nets = objective.build()
        wanted = 2 if made.family != "classes" or made.loss.kind == "l2" else 313
        wanted = 3 if name == "regression_rgb" else wanted
        assert nets["net"](torch.zeros(2, objective.CHANNELS, 64, 64)).shape[1] == wanted
    assert f"barva train {name} --data SOURCE --run DIR" in str(recipes.functions()[name].__doc__)


@pytest.mark.parametrize("name", ["regression_lab", "classes_plain", "gan_pix2pix", "cyclegan", "guided"])
def test_stages_are_set_in_every_family(name: str) -> None:
    made = recipe.find_recipe(name)
    assert recipe.override(made, "stages", "[[0.0,512,2]]").stages == (recipe.Stage(0.0, 512, 2),)
    text = '[{"start": 0, "side": 64, "batch": 8}, [0.5, 128, 4, 1]]'
    wanted = (recipe.Stage(0.0, 64, 8), recipe.Stage(0.5, 128, 4, 1.0))
    assert recipe.override(made, "stages", text).stages == wanted
    assert recipe.from_json(recipe.to_json(recipe.override(made, "stages", text))).stages == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[0.0,512,2.5]]", r"a list of \[start, side, batch, crop, small, least\] is wanted"),
        ("[0,512,2]", "a list of"),
        ("512", "a list of"),
        ("[[0,64,2,1,1,1,1]]", "a list of"),
        ("[[0]]", "a list of"),
        ("[[true,64,2]]", "a list of"),
        ("[[0,64,2]", "a list of"),
        ("[]", "the first stage starts at 0"),
        ("[[0,100,2]]", "a multiple of 32"),
        ('[{"start":0,"sid":96}]', "has no 'sid'"),
    ],
)
def test_stages_that_make_no_sense(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        recipe.override(recipe.find_recipe("gan_pix2pix"), "stages", text)
    with pytest.raises(UsageError, match="a list of int is wanted"):
        recipe.override(recipe.find_recipe("gan_pix2pix"), "model.widths", "[1.5]")


def test_recipes_say_what_the_table_measured() -> None:
    table = Path(__file__).parents[2] / "benchmarks" / "families.md"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.read_text("utf-8").splitlines()]
    measured = {row[0]: row for row in reversed(rows) if len(row) > 10}  # the first table is of the recipes
    for name in RECIPES:
        below = float(measured[name][2].split()[0])
        said = f"{measured[name][1].split()[0]}, {abs(below):.2f} {'below' if below >= 0 else 'above'} gray"
        assert f"Expect: CIEDE2000 {said}" in str(recipes.functions()[name].__doc__), name
    assert f"the same {common.SAMPLES:,} samples" in table.read_text("utf-8")
