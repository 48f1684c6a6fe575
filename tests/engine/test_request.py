"""`Request`: checked in one place; and what the engine does once, for every method."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from barva.engine.colorizer import Colorizer
from barva.engine.memory import Memory
from barva.engine.prepare.resolve import resolve_request
from barva.engine.request import Request
from barva.engine.session import Session
from barva.engine.steer.corrections import scale_chroma
from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Point
from barva.methods import catalog
from barva.methods.base import Chroma, Reference, Swatch

BAD: list[dict[str, Any]] = [
    {"vividness": -0.1},
    {"vividness": 2.1},
    {"vividness": float("nan")},
    {"strength": 1.1},
    {"strength": float("nan")},
    {"variant": -1},
    {"variant": 100},
    {"matching": "color"},
]


@pytest.mark.parametrize("settings", BAD, ids=str)
def test_what_is_out_of_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        Request(**settings)


def test_every_door_refuses_alike(grey: np.ndarray) -> None:
    colorizer = Colorizer("levin")
    for ask in (colorizer.colorize, colorizer.variants):
        with pytest.raises(UsageError, match="vividness: a number from 0 to 2 is wanted"):
            ask(grey, vividness=3.0)
    with pytest.raises(UsageError, match="strength: a number from 0 to 1 is wanted"):
        Session(colorizer, grey).colorize(strength=2.0)


def test_a_method_that_cannot_is_named() -> None:
    box = (0.0, 0.0, 0.5, 0.5)
    for request, text in (
        (Request(exact=True), "levin"),
        (Request(swatches=(Swatch(box, box),)), "welsh"),
        (Request(matching="objects"), "irony"),
    ):
        with pytest.raises(UsageError, match=text):
            request.check_for(catalog.card("guided"))


def test_it_is_written_as_plain_values(lab_reference: Reference) -> None:
    marks = Guidance((Point((1, 2), "red"),))
    request = Request(guidance=marks, references=(lab_reference,), vividness=1.5, palette=((1.0, 2.0),))
    row = json.loads(json.dumps(request.to_dict()))
    assert row["vividness"] == 1.5 and row["palette"] == [[1.0, 2.0]]
    assert Guidance.from_json(row["guidance"]) == marks
    assert row["references"] == [{"path": "", "sha256": lab_reference.sha256}]
    assert Request().to_dict() == {}
    hints = HintMap(np.zeros((2, 2, 2), np.float32), np.ones((2, 2), np.float32))
    assert len(Request(guidance=hints).to_dict()["guidance"]) == 64


@pytest.fixture
def lab_reference() -> Reference:
    return Reference(np.full((4, 4, 3), 30, np.float32))


def test_the_scene_fills_what_the_request_leaves_open(grey: np.ndarray) -> None:
    colorizer = Colorizer("levin")
    prepared = colorizer.analyze(grey)
    asked = Request(guidance=Guidance((Point((40, 150), "red"),)), vividness=1.3, strength=0.5, seed=7)
    scene = resolve_request(asked, prepared, colorizer.card).scene
    again = resolve_request(Request(scene=scene, strength=0.9), prepared, colorizer.card)
    assert (again.request.vividness, again.request.strength, again.request.seed) == (1.3, 0.9, 7)
    assert isinstance(again.marks, Guidance) and len(again.marks.marks) == 1


def test_vividness_is_a_factor_of_chroma() -> None:
    gray = Chroma(np.full((4, 5, 2), 10, np.float32), np.full((4, 5), 0.5, np.float32))
    scaled = [scale_chroma(gray, v) for v in (0.0, 1.0, 2.0)]
    assert [float(chroma.ab.mean()) for chroma in scaled] == pytest.approx([6.25, 10, 16])
    assert all(chroma.confidence is gray.confidence for chroma in scaled)


def test_a_new_vividness_does_not_run_the_network_again(grey: np.ndarray) -> None:
    colorizer, memory = Colorizer("regression"), Memory()
    prepared = colorizer.analyze(grey)
    colorizer.answer(prepared, Request(), memory)
    network = colorizer.method()._network  # type: ignore[attr-defined]
    calls: list[int] = []
    network.run = lambda inputs: calls.append(1)
    colorizer.answer(prepared, Request(vividness=1.7), memory)
    assert not calls
