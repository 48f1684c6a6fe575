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
    from barva.training.recipe import find_recipe, objective_of

    made = find_recipe("guided")
    net = objective_of("guided")(made, Facts(np.full(313, 1 / 313, np.float32), 0)).build()["net"]
    assert sum(p.numel() for p in net.parameters()) < 25e6
    assert net(torch.zeros(1, 4, 64, 96)).shape == (1, 313, 16, 24)


def test_shipped_weights_are_small_and_whole() -> None:
    for card in catalog.method_cards():
        if card.weights is not None:
            assert weights.verify(card.weights).stat().st_size <= 30e6
            assert weights.facts(card.weights)["bytes"] == weights.verify(card.weights).stat().st_size


def test_facts_without_a_sha_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{}")
    with pytest.raises(WeightsError, match="sha256"):
        weights.facts(tmp_path / "mine.onnx")


def test_every_family_of_the_sources_is_shipped() -> None:
    cards = {card.name: card for card in catalog.method_cards() if card.weights is not None}
    assert set(cards) == {"guided", "regression", "classes", "gan", "cyclegan", "diffusion"}
    for name, card in cards.items():
        facts = weights.facts(name)
        # `diffusion` was distilled, from a network that had seen 105,000 photos
        least = 10_000 if name == "diffusion" else 30_000
        assert facts["trained"]["recipe"]["family"] == name and facts["trained"]["samples"] >= least
        if name != "guided":
            assert facts["bytes"] <= (20e6 if name == "diffusion" else 15e6)
            assert card.caution, "it is farther from the truth than the default, and says why"
