"""Shipped weights, and the networks' budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from barva.errors import WeightsError
from barva.methods import catalog
from barva.runtime import weights


def test_networks_keep_their_budget() -> None:
    torch = pytest.importorskip("torch")
    import numpy as np

    from barva.training.objectives.base import Facts
    from barva.training.recipe import objective_of, recipe_named

    made = recipe_named("guided")
    net = objective_of("guided")(made, Facts(np.full(313, 1 / 313, np.float32), 0)).build()["net"]
    assert sum(p.numel() for p in net.parameters()) < 25e6
    assert net(torch.zeros(1, 4, 64, 96)).shape == (1, 313, 16, 24)


def test_shipped_weights_are_small_and_whole() -> None:
    for card in catalog.method_cards():
        if card.weights is not None:
            assert weights.verified(card.weights).stat().st_size <= 30e6
            assert weights.facts(card.weights)["bytes"] == weights.verified(card.weights).stat().st_size


def test_facts_without_a_sha_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path))
    (tmp_path / "guided.json").write_text("{}")
    with pytest.raises(WeightsError, match="sha256"):
        weights.facts("guided")


def test_methods_without_shipped_weights_are_known_but_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {card.name for card in catalog.method_cards()}
    assert catalog.card("classes").family == "classes" and "classes" not in listed
    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path))
    (tmp_path / "classes.onnx").write_bytes(b"")
    assert "classes" in {card.name for card in catalog.method_cards()}
