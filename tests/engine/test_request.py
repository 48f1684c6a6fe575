"""`Request`: checked in one place; and what the engine does once, for every method."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from barva.engine.colorizer import Colorizer
from barva.engine.memory import Memory
from barva.engine.prepare.references import load_references
from barva.engine.prepare.resolve import resolve_request
from barva.engine.request import Request
from barva.engine.session import Session
from barva.engine.steer.corrections import scale_chroma
from barva.errors import ReadError, UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Box, Guidance, Point, Region
from barva.methods import catalog
from barva.methods.base import Chroma, Reference, Swatch
from barva.scene.modalities import Color
from barva.scene.modalities import Region as SceneRegion
from barva.scene.model import Scene, Source, Thing

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


@pytest.mark.parametrize("row", BAD, ids=str)
def test_what_is_out_of_range_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(row))):
        Request(**row)


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
    assert Guidance.from_json(json.dumps(row["guidance"])) == marks
    assert row["references"][0]["sha256"] == lab_reference.sha256
    assert Request().to_dict() == {} and Request.from_dict({}) == Request()


shares = st.floats(0, 1, width=32)
chroma = st.floats(-128, 128, width=32)
boxes = st.tuples(st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0.5, 1), st.floats(0.5, 1))
marks = st.one_of(
    st.builds(Point, st.tuples(shares, shares), st.sampled_from(["red", "#12ab9f"]), st.just("share"), strength=shares),
    st.builds(Region, boxes.map(lambda b: Box(*b)), st.just("navy"), st.just("share"), vividness=st.floats(0, 2)),
)
hint_maps = st.builds(
    lambda a, w: HintMap(np.full((2, 3, 2), a, np.float32), np.full((2, 3), w, np.float32)), chroma, shares
)
lab_photos = st.builds(
    lambda light, labeled: Reference(
        np.full((2, 3, 3), light, np.float32), np.arange(6, dtype=np.int32).reshape(2, 3) if labeled else None
    ),
    st.floats(0, 100, width=32),
    st.booleans(),
)
requests = st.builds(
    Request,
    guidance=st.none() | st.lists(marks, min_size=1, max_size=3).map(lambda m: Guidance(tuple(m))) | hint_maps,
    references=st.lists(lab_photos, max_size=2).map(tuple),
    swatches=st.lists(st.builds(Swatch, boxes, boxes, st.integers(0, 5)), max_size=2).map(tuple),
    palette=st.lists(st.tuples(chroma, chroma), max_size=3).map(tuple),
    vividness=st.none() | st.floats(0, 2),
    strength=st.none() | st.floats(0, 1),
    seed=st.none() | st.integers(0, 2**40),
    variant=st.integers(0, 99),
    exact=st.booleans(),
    matching=st.sampled_from(["texture", "objects"]),
    scene=st.none() | st.just(Scene(source=Source(30, 20, "", "a.png"))),
)


@settings(max_examples=80, deadline=None)
@given(request=requests)
def test_what_is_written_is_read_again(request: Request) -> None:
    row = json.loads(json.dumps(request.to_dict()))
    again = Request.from_dict(row)
    assert again.to_dict() == row and again.digest() == request.digest()
    simple = ("vividness", "strength", "seed", "variant", "exact", "matching", "palette", "swatches", "scene")
    assert all(getattr(again, name) == getattr(request, name) for name in simple)
    if isinstance(request.guidance, HintMap):
        assert isinstance(again.guidance, HintMap) and np.array_equal(again.guidance.ab, request.guidance.ab)
    else:
        assert again.guidance == request.guidance
    for one, two in zip(again.references, request.references, strict=True):
        assert np.array_equal(one.lab, two.lab)
        assert (one.labels is None) == (two.labels is None)
        assert one.labels is None or np.array_equal(one.labels, two.labels)


def test_references_are_read_from_their_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (20, 30, 3), np.uint8)).save(tmp_path / "a.png")
    request = Request(references=load_references([tmp_path / "a.png"]))
    row = request.to_dict()
    again = Request.from_dict(row)
    assert again.references[0].path == request.references[0].path and again.digest() == request.digest()
    near = Request.from_dict({"references": [{"path": "a.png", "sha256": row["references"][0]["sha256"]}]}, tmp_path)
    assert near.digest() == request.digest()
    Image.fromarray(rng.integers(0, 255, (20, 30, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(UsageError, match=r"references\[0\]: .*sha256 differs"):
        Request.from_dict(row)
    (tmp_path / "a.png").unlink()
    with pytest.raises(ReadError):
        Request.from_dict(row)


WRONG: list[tuple[Any, str]] = [
    ([], "an object is wanted"),
    ({"vividnes": 1}, "did you mean vividness"),
    ({"vividness": "high"}, "vividness: a number"),
    ({"strength": True}, "strength: a number"),
    ({"seed": 1.5}, "seed: a whole number"),
    ({"seed": -1}, "seed: a whole number"),
    ({"variant": "1"}, "variant: a whole number"),
    ({"exact": "yes"}, "exact: true or false"),
    ({"matching": ["texture"]}, "matching: texture or objects"),
    ({"palette": [[1]]}, r"palette\[0\]: 2 numbers"),
    ({"palette": [[1, float("nan")]]}, r"palette\[0\]: numbers from"),
    ({"palette": "red"}, "palette: a list"),
    ({"swatches": [{"source": [0, 0, 1, 1]}]}, r"swatches\[0\]: 4 numbers"),
    ({"swatches": [{"source": [0, 0, 1, 1], "target": [0, 0, 1, 1], "of": 1}]}, r"swatches\[0\]: there is no key 'of'"),
    ({"references": [{"path": 3}]}, r"references\[0\]: path"),
    ({"references": [{"lab": {}}]}, r"references\[0\]: "),
    ({"guidance": 3}, "guidance: an object"),
    ({"guidance": {"marks": 3}}, "guidance: "),
    ({"scene": {"things": 3}}, "scene: "),
]


@pytest.mark.parametrize(("row", "text"), WRONG, ids=str)
def test_a_bad_row_is_one_line(row: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text) as caught:
        Request.from_dict(row)
    assert "\n" not in str(caught.value)


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


def test_a_session_keeps_the_settings_of_its_colorizer(grey: np.ndarray) -> None:
    request = Request(vividness=1.5, seed=3)
    session = Session(Colorizer("regression", request=request), grey)
    session.set_references(palette="navy")
    kept, changed = session.colorize(), session.colorize(vividness=0.5)
    assert kept.request_scene is not None and changed.request_scene is not None
    manners = [result.request_scene.whole.manner for result in (kept, changed) if result.request_scene]
    assert [(m.vividness, m.seed) for m in manners] == [(1.5, 3), (0.5, 3)]


RED, NAVY = Point((40, 150), "red"), Point((90, 60), "navy")
OF_A_COLORIZER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"guidance": RED}, {"guidance": ()}),
    ({"scene": Scene((Thing("spot", modalities=(SceneRegion(Box(20, 20, 90, 90)), Color("green"))),))}, {}),
    ({"text": "much warmer"}, {"text": ""}),
    ({"palette": "navy"}, {}),
]
"""Settings of a colorizer, and what takes them away again for one photo."""


@pytest.mark.parametrize(("settings", "without"), OF_A_COLORIZER, ids=lambda row: "-".join(row))
def test_a_session_colors_as_its_colorizer_does(
    settings: dict[str, Any], without: dict[str, Any], grey: np.ndarray
) -> None:
    colorizer = Colorizer("regression", **settings)
    plain, own = Colorizer("regression").colorize(grey).array(), colorizer.colorize(grey).array()
    assert not np.array_equal(own, plain)
    assert np.array_equal(Session(colorizer, grey).result.array(), own), "before any request"
    session = Session(colorizer, grey)
    assert np.array_equal(session.colorize().array(), own)
    assert np.array_equal(session.answer(Request()).array(), own)
    other = session.colorize(vividness=0.4).array()
    assert np.array_equal(other, colorizer.colorize(grey, vividness=0.4).array())
    if without:
        assert np.array_equal(colorizer.colorize(grey, **without).array(), plain)
        assert np.array_equal(session.colorize(**without).array(), plain)


def test_marks_of_one_photo_take_the_place_of_the_colorizers(grey: np.ndarray) -> None:
    colorizer = Colorizer(guidance=RED)
    wanted = Colorizer().suggest(grey, (30, 30), guidance=NAVY)
    assert colorizer.suggest(grey, (30, 30), guidance=NAVY) == wanted
    assert colorizer.suggest(grey, (30, 30), guidance=()) == Colorizer().suggest(grey, (30, 30))
    assert colorizer.suggest(grey, (30, 30)) == Colorizer().suggest(grey, (30, 30), guidance=RED)
    ours, theirs = (c.variants(grey, 2, guidance=m) for c, m in ((colorizer, ()), (Colorizer(), None)))
    assert all(np.array_equal(a.array(), b.array()) for a, b in zip(ours, theirs, strict=True))
