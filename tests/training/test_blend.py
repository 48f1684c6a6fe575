"""Two exports of one network averaged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from barva.errors import UsageError
from barva.runtime import weights
from barva.runtime.session import Network
from barva.training import blend, export


def exported(seed: int, width: int = 8) -> Any:
    torch.manual_seed(seed)
    layers = [torch.nn.Conv2d(4, width, 3, padding=1), torch.nn.BatchNorm2d(width), torch.nn.ReLU()]
    return export.halve(export.to_onnx(torch.nn.Sequential(*layers, torch.nn.Conv2d(width, 3, 1)).eval(), 4))


def answer(model: Any) -> np.ndarray:
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 4, 32, 32)).astype(np.float32))
    return np.asarray(export.OnnxNet(model)(x))


def test_the_ends_are_the_two_networks_and_the_middle_is_between() -> None:
    before, after = exported(1), exported(2)
    first, last, middle = (answer(blend.blend(before, after, share)) for share in (0.0, 1.0, 0.5))
    assert np.allclose(first, answer(before), atol=1e-5) and np.allclose(last, answer(after), atol=1e-5)
    assert not np.allclose(middle, first, atol=1e-3) and not np.allclose(middle, last, atol=1e-3)
    weights = [
        sorted(float(np.abs(v).sum()) for v in map(values_of, model.graph.initializer))
        for model in (before, blend.blend(before, before, 0.5))
    ]
    assert np.allclose(weights[0], weights[1], rtol=1e-3)


def values_of(tensor: Any) -> np.ndarray:
    from onnx import numpy_helper

    return np.asarray(numpy_helper.to_array(tensor), np.float64)


@pytest.mark.parametrize(("other", "share"), [(exported(3, 16), 0.5), (exported(3), 1.5)])
def test_another_network_or_share_is_refused(other: Any, share: float) -> None:
    with pytest.raises(UsageError, match=r"not exports of one network|is 0 to 1"):
        blend.blend(exported(1), other, share)


def test_perception_keeps_the_offsets_of_the_second_export(tmp_path: Path) -> None:
    from barva.perception.classes import CLASSES, NUMBER

    before = tmp_path / "before"
    before.mkdir()
    for name in ("perception", "perception_select"):
        for suffix in (".onnx", ".json"):
            shutil.copy(weights.FOLDER / f"{name}{suffix}", before)
    card = before / "perception.json"
    facts = json.loads(card.read_text(encoding="utf-8"))
    offsets = facts.pop("offsets")
    card.write_text(json.dumps(facts | {"version": "old"}), encoding="utf-8")  # weights before there were offsets
    files = [str(folder / "perception.onnx") for folder in (before, weights.FOLDER)]
    blend.main([*files, "-o", str(tmp_path / "both"), "--share", "0.25", "--weights-version", "new"])

    light = np.random.default_rng(0).uniform(-1, 1, (1, 1, 64, 64)).astype(np.float32)
    paths = (weights.FOLDER / "perception.onnx", tmp_path / "both" / "perception.onnx")
    shipped, both = (Network(path).run({"light": light})[0] for path in paths)
    added = (both - shipped).mean((0, 2, 3))
    assert abs(added[NUMBER["hair"]] - 0.75 * offsets["hair"]) < 0.02, "three quarters of it had no offset"
    assert abs(added[NUMBER["car"]]) < 0.02 and len(added) == len(CLASSES)
    written = weights.facts(tmp_path / "both" / "perception.onnx")
    assert written["offsets"] == offsets and written["blended"] == {"with": "old", "share": 0.25}
    assert weights.facts(tmp_path / "both" / "perception_select.onnx")["version"] == "new"


def test_guided_needs_photos_to_calibrate_on(tmp_path: Path) -> None:
    file = str(weights.FOLDER / "guided.onnx")
    with pytest.raises(UsageError, match="--data"):
        blend.main([file, file, "-o", str(tmp_path)])
