"""LPIPS and FID: found only where their weights are, and then measured as they are defined."""

import numpy as np
import pytest

from barva.errors import WeightsError
from barva.evaluation import report
from barva.evaluation.benchmark import evaluate
from barva.evaluation.extras import Extras

torch = pytest.importorskip("torch")
perceptual = pytest.importorskip("barva.training.perceptual")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty folder of weights, and all packages there."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(perceptual, "find_spec", lambda name: object())
    place = tmp_path / "hub" / "checkpoints"
    place.mkdir(parents=True)
    return place


class Colors(torch.nn.Module):
    """Mean color as features, instead of Inception's."""

    num_features = 3

    def forward(self, pictures):
        return pictures.float().mean((2, 3))


def apart(one, other):
    assert one.min() >= 0 and one.max() <= 1 and one.shape == other.shape
    return (one - other).abs().mean()


def pictures(count, seed):
    return np.random.default_rng(seed).integers(0, 256, (count, 1, 1, 3), np.uint8).repeat(70, 1).repeat(80, 2)


def test_without_weights_a_line_names_them(hub):
    found, notes = perceptual.find()
    assert found is None
    assert len(notes) == 1
    for word in ("LPIPS", perceptual.ALEXNET, "FID", perceptual.INCEPTION, str(hub)):
        assert word in notes[0]


def test_without_packages_a_line_names_them(monkeypatch):
    monkeypatch.setattr(perceptual, "find_spec", lambda name: None if name.startswith("torch") else object())
    found, notes = perceptual.find()
    assert found is None
    assert "torch is not installed" in notes[0]


def test_one_without_the_other(hub, monkeypatch):
    (hub / perceptual.ALEXNET).write_bytes(b"weights")
    monkeypatch.setattr(perceptual, "_lpips", lambda weights: apart)
    found, notes = perceptual.find()
    assert perceptual.INCEPTION in notes[0] and perceptual.ALEXNET not in notes[0]
    black, white = np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)
    found.truth(black)
    assert found.answer("a", black) == 0
    assert found.answer("a", white) == 1
    assert found.fid("a") is None


def test_broken_weights_are_one_line(hub, monkeypatch):
    (hub / perceptual.ALEXNET).write_bytes(b"torn")

    def torn(weights):
        raise EOFError("Ran out of input\nand more")

    monkeypatch.setattr(perceptual, "_lpips", torn)
    with pytest.raises(WeightsError, match=r"alexnet.*Ran out of input\)"):
        perceptual.find()


def test_sizes_that_alexnet_can_look_at():
    for size in ((10, 30), (64, 64), (3000, 2000), (1, 4000), (400, 300)):
        height, width = perceptual._fit_size(np.zeros((*size, 3), np.uint8)).shape[:2]
        assert min(height, width) >= perceptual.SHORTEST
        assert max(height, width) <= perceptual.LONGEST or min(height, width) == perceptual.SHORTEST


def test_fid_is_the_frechet_distance_of_all_photos():
    pytest.importorskip("torchmetrics")
    found = perceptual.Perceptual(inception=Colors())
    truths, answers = pictures(12, 0), pictures(12, 1)
    assert found.fid("a") is None
    for truth, answer in zip(truths, answers, strict=True):
        found.truth(truth)
        assert found.answer("a", answer) is None
        found.answer("same", truth)
    one, other = (p[:, 0, 0].astype(float) for p in (truths, answers))
    c1, c2 = np.cov(one.T), np.cov(other.T)
    root = np.sqrt(np.linalg.eigvals(c1 @ c2).astype(complex)).real.sum()
    wanted = ((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * root
    assert found.fid("a") == pytest.approx(wanted, rel=1e-4)
    assert found.fid("same") == pytest.approx(0, abs=1e-2)
    assert found.fid("a") == pytest.approx(wanted, rel=1e-4)  # asking changes nothing


class Fake:
    """LPIPS is how much of the truth's red the answer lacks; FID is 7."""

    def truth(self, rgb):
        self.red = rgb[..., 0].mean()

    def answer(self, label, rgb):
        return float(self.red - rgb[..., 0].mean())

    def fid(self, label):
        return None if label == "grey" else 7.0


def test_columns_appear_when_there_is_something_to_say(astronaut):
    rgb = np.ascontiguousarray(astronaut[::8, ::8])
    photos = [("a", rgb), ("b", rgb[::-1].copy())]
    out = evaluate({"truth": lambda grey: rgb}, photos[:1], resamples=5, extras=Extras(perceptual=Fake()))
    grey, truth = out.row("grey"), out.row("truth")
    assert truth.perceived.lpips.value == pytest.approx(0, abs=0.1)
    assert grey.perceived.lpips.value > 3
    assert (grey.perceived.fid, truth.perceived.fid) == (None, 7.0)
    assert "| LPIPS | FID |" in report.table(out)
    assert '"lpips": {"value":' in report.json_lines(out)
    plain = evaluate({}, photos, resamples=5, extras=Extras(notes=("Left out: LPIPS.",)))
    text = report.table(plain)
    assert "FID" not in text and "Left out: LPIPS." in text
    assert '{"kind": "note", "text": "Left out: LPIPS."}' in report.json_lines(plain)
