"""Scenes as data: the tree, JSON-LD and back, what is unknown, what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import barva
from barva.guidance import scene_bridge
from barva.guidance.marks import Box, Guidance, Point, Polygon, Region, Stroke
from barva.scene import shapes, show
from barva.scene.masks import Mask
from barva.scene.modalities import Color, Light, Manner, Words
from barva.scene.model import Scene, Source, Thing
from barva.scene.picture_modalities import Array, Hints, Palette, Reference, Swatch
from barva.scene.vocabulary import CONTEXT, VOCABULARY, kinds

MARKS = Guidance(
    (
        Point((412, 310), "#7a1f1f", strength=0.5),
        Point((0.25, 1), "темно-синя", "share"),
        Stroke(((10, 10.5), (50, 60)), "navy", 6, vividness=1.5),
        Region(Box(0.1, 0.1, 0.5, 0.4), "lab(50, 10, -20)", "share"),
        Region(Polygon(((5, 5), (90, 5), (40, 70))), "green"),
        Region(Mask.of(np.eye(4, dtype=bool)), "red"),
        Region(Mask(2, 2, bytes([0, 1, 2, 2]), 2), "#0000ff"),
        Region(Box(1, 2, 3, 4), vividness=1.4),
    )
)


def full() -> Scene:
    """A scene with every modality of ours in it."""
    values = np.random.default_rng(0).random((4, 5, 3), np.float32)
    scene = scene_bridge.scene_with_guidance(Scene(source=Source(640, 480, "ab" * 32, "grandmother.jpg")), MARKS)
    whole = scene.whole.with_modalities(
        Manner(1.2, 0.9, "guided", 7, True),
        Reference("", "", Array.of(values)),
        Palette(((1.5, -20.25), (0.0, 0.0))),
        Hints(Array.of(values[..., :2]), Array.of(values[..., 0]), False),
    )
    woman = Thing("woman", "woman", modalities=(Words("бабуся, 1932"), Light(50, 10.5, 20, 80)))
    hat = Thing("hat", "hat", "woman", (Color("navy", "network", 0.4), Swatch((0, 0, 0.5, 1), 1)), (("like", "woman"),))
    return scene.with_thing(whole).with_thing(woman).with_thing(hat)


def test_round_trip() -> None:
    scene = full()
    again = Scene.from_json(scene.to_json())
    assert again == scene and again.to_json() == scene.to_json()
    (one,), (two,) = scene.whole.all(Reference), again.whole.all(Reference)
    assert one.lab == two.lab and one.sha256
    assert Scene.from_json(Scene().to_json()) == Scene()


def test_hints_of_a_panorama_are_read_again() -> None:
    hints = Hints(Array.of(np.zeros((2, 9000, 2))), Array.of(np.ones((2, 9000))))
    scene = Scene((Thing("photo", "picture", "", (hints,)),))
    assert Scene.from_json(scene.to_json()) == scene


def test_marks_go_through_unchanged() -> None:
    scene = scene_bridge.scene_with_guidance(Scene(), MARKS)
    assert scene_bridge.guidance_from_scene(scene).enforced == MARKS
    assert scene_bridge.guidance_from_scene(Scene.from_json(scene.to_json())).enforced == MARKS
    assert scene_bridge.scene_with_guidance(scene, MARKS) == scene
    changed = scene_bridge.scene_with_guidance(scene, Guidance((Point((412, 310), "teal"),)))
    assert len(changed.things) == len(scene.things)
    assert scene_bridge.guidance_from_scene(changed).enforced.marks[-1] == Point((412, 310), "teal")  # type: ignore[union-attr]


def test_it_is_json_ld() -> None:
    rdflib = pytest.importorskip("rdflib")
    graph = rdflib.Graph().parse(data=full().to_json(), format="json-ld", publicID="http://x.org/")
    term = rdflib.Namespace(VOCABULARY)
    at = rdflib.Namespace("http://x.org/#")
    assert (at.hat, term.partOf, at.woman) in graph
    assert (at.hat, term.isA, term.hat) in graph
    assert (at.hat, term.like, at.woman) in graph
    found = graph.query(
        "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> SELECT ?color WHERE { ?thing"
        ' b:known/rdf:rest*/rdf:first ?k . ?k a b:Color; b:origin "user"; b:color ?color }',
        initNs={"b": term},
    )
    assert {str(row.color) for row in found} == {m.color for m in MARKS.marks if m.color is not None}


def row(**changes: object) -> dict[str, object]:
    known = [{"@type": "Region", "box": [1, 2, 3, 4]}, {"@type": "Color", "color": "red"}]
    return {"@id": "#coat", "isA": "coat", "known": known, **changes}


def text(*things: object, **changes: object) -> str:
    return json.dumps({"@context": CONTEXT, "@type": "Scene", "things": list(things), **changes})


def test_what_is_unknown_is_kept() -> None:
    smell = {"@type": "Smell", "of": ["lavender", {"deep": None}], "n": 1.50}
    context = [CONTEXT, {"my": "https://example.org/"}]
    thing = row(**{"my:note": {"a": [1]}, "known": [{"@type": "Color", "color": "red", "my:why": "a letter"}, smell]})
    whole = text(thing, **{"my:album": "family", "photo": {"width": 4, "height": 3, "my:box": 7}, "@context": context})
    scene = Scene.from_json(whole)
    assert Scene.from_json(scene.to_json()) == scene
    written = json.loads(scene.to_json())
    assert written["@context"] == context and written["my:album"] == "family" and written["photo"]["my:box"] == 7
    (coat,) = [t for t in written["things"] if t["@id"] == "#coat"]
    assert coat["my:note"] == {"a": [1]}
    assert coat["known"][1] == smell
    assert coat["known"][0]["my:why"] == "a letter"
    assert "Smell: unknown to this Barva" in show.text(scene)


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": 1, "a": 2}', "'a' is there twice"),
        ("[]", "this is no scene"),
        ('{"@context": {"@vocab": "https://barva.dev/ns/scene/9/"}}', "@context: this Barva reads"),
        (json.dumps({"@context": CONTEXT}), "things: a list"),
        (text(5), "things[0]: an object"),
        (text({"@id": "coat"}), "things[0].@id: a name such as '#coat'"),
        (text(row(isA="cot")), "things[0].isA: there is no kind 'cot'; did you mean coat?"),
        (text(row(on=1)), "things[0].on: true or false"),
        (text(row(known={})), "things[0].known: a list"),
        (text(row(known=[1])), "things[0].known[0]: an object"),
        (text(row(known=[{"@type": "Color", "color": "nvay"}])), "things[0].known[0].color: there is no color 'nvay'"),
        (text(row(known=[{"@type": "Color", "color": "red", "origin": "me"}])), "things[0].known[0].origin"),
        (text(row(known=[{"@type": "Color", "color": "red", "confidence": 2}])), "things[0].known[0].confidence"),
        (text(row(known=[{"@type": "Region"}])), "things[0].known[0].a region has one of"),
        (text(row(known=[{"@type": "Region", "box": [1, 2]}])), "things[0].known[0].box: four numbers"),
        (text(row(known=[{"@type": "Region", "at": [2, 2], "unit": "share"}])), "things[0].known[0].at: shares"),
        (text(row(known=[{"@type": "Light", "mean": 200}])), "things[0].known[0].mean"),
        (text(row(known=[{"@type": "Words"}])), "things[0].known[0].text"),
        (text(row(known=[{"@type": "Manner", "vividness": 3}])), "things[0].known[0].vividness"),
        (text(row(known=[{"@type": "Reference"}])), "things[0].known[0].picture"),
        (text(row(known=[{"@type": "Palette", "ab": []}])), "things[0].known[0].ab"),
        (text(row(known=[{"@type": "Swatch", "source": [0, 0, 0, 1]}])), "things[0].known[0].source"),
        (text(row(known=[{"@type": "Hints", "ab": {"shape": [9, 9, 2], "zlib": "eA=="}}])), "things[0].known[0].ab"),
        (text(row(), row()), "things: the id 'coat' is there twice"),
        (text(row(partOf="#sky")), "things: coat speaks of 'sky'"),
        (text(row(wears=["#hat"])), "things: coat speaks of 'hat'"),
        (text(row(partOf="#b"), row(**{"@id": "#b", "partOf": "#coat"})), "part of itself"),
        (text(photo={"width": 0, "height": 1}), "photo.width: pixels"),
        (text(photo=[]), "photo: an object"),
    ],
)
def test_errors_name_their_place(whole: str | bytes, said: str) -> None:
    with pytest.raises(barva.UsageError) as caught:
        Scene.from_json(whole)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    full().save(path)
    assert Scene.load(path).to_json(tmp_path) == full().to_json(tmp_path)
    with pytest.raises(barva.WriteError, match="exists"):
        full().save(path)
    Scene().save(path, overwrite=True)
    assert Scene.load(path) == Scene()
    assert [p.name for p in tmp_path.iterdir()] == ["s.json"]
    with pytest.raises(barva.ReadError, match="no such scene"):
        Scene.load(tmp_path / "none.json")
    with pytest.raises(barva.WriteError):
        Scene().save(tmp_path / "none" / "s.json")
    path.write_text("{}")
    with pytest.raises(barva.UsageError, match=r"s\.json: this is no scene"):
        Scene.load(path)


def test_what_ends_at_the_border_ends_there_on_every_size() -> None:
    for old, new in ((n, m) for n in range(1300, 1340) for m in range(3080, 3120)):
        box = shapes.rescale_shape(shapes.Box(0, 0, old, old), "px", (old, old), (new, new))
        assert box == shapes.Box(0, 0, new, new), (old, new)


def test_scaled() -> None:
    scene = scene_bridge.scene_with_guidance(
        Scene(source=Source(100, 50)), Guidance((Point((99, 0), "red"), *MARKS.marks[5:]))
    )
    twice = scene_bridge.guidance_from_scene(scene.scale((100, 200))).enforced
    assert isinstance(twice, Guidance)
    assert twice.marks[0].at == (198.5, 0.5)  # type: ignore[union-attr]
    assert twice.marks[-1].where == Box(2, 4, 6, 8)  # type: ignore[union-attr]
    square = scene_bridge.guidance_from_scene(scene.scale((80, 80))).enforced
    assert isinstance(square, Guidance)
    mask = square.marks[1].where  # type: ignore[union-attr]
    assert isinstance(mask, Mask) and (mask.width, mask.height) == (80, 80)


def test_words_of_the_vocabulary() -> None:
    assert kinds("coat") == ("coat", "clothing", "thing")
    assert "isA" in CONTEXT and CONTEXT["@vocab"] == VOCABULARY


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["red", "#coat"])
)
KEYS = [
    "@id",
    "@type",
    "isA",
    "partOf",
    "known",
    "on",
    "wears",
    "color",
    "origin",
    "box",
    "at",
    "png",
    "unit",
    "lab",
    "ab",
]
TREES = st.recursive(
    LEAVES,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inside, max_size=4),
    max_leaves=12,
)
TYPES = ["Region", "Light", "Words", "Color", "Manner", "Reference", "Swatch", "Palette", "Hints", "Other"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TYPES), st.dictionaries(st.text(max_size=4), LEAVES, max_size=1), TREES)
def test_any_json_is_a_scene_or_a_usage_error(kind: str, odd: dict[str, object], tree: object) -> None:
    modality = {"color": "red", **(tree if isinstance(tree, dict) else {"box": tree}), **odd, "@type": kind}
    for things in ([tree], [row(known=[modality])], [row(**odd), tree], tree):
        whole = {"@context": CONTEXT, "things": things, "photo": tree if kind == "Other" else None, **odd}
        try:
            found = Scene.from_json(json.dumps(whole))
        except barva.UsageError as error:
            assert "\n" not in str(error)
        else:
            assert Scene.from_json(found.to_json()) == found
            show.text(found).encode("utf-8", "backslashreplace")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_a_scene_or_a_usage_error(whole: str | bytes) -> None:
    with pytest.raises(barva.UsageError):
        Scene.from_json(whole)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_scene_that_was_damaged(data: st.DataObject) -> None:
    good = full().to_json()
    at = data.draw(st.integers(0, len(good) - 1))
    length = data.draw(st.integers(0, 12))
    bad = good[:at] + data.draw(st.text(max_size=4)) + good[at + length :]
    try:
        found = Scene.from_json(bad)
    except barva.UsageError as error:
        assert "\n" not in str(error)
    else:
        assert Scene.from_json(found.to_json()) == found


@pytest.mark.parametrize("make", [lambda n: Manner(seed=n), lambda n: Swatch((0, 0, 1, 1), reference=n)])
def test_numbers_that_json_cannot_hold_are_refused_at_once(make) -> None:
    """A scene takes them as plain as its file does, not when it is written."""
    assert json.dumps(make(3).row(None))
    for wrong in (np.int64(3), True, 3.0):
        with pytest.raises(barva.UsageError, match="number"):
            make(wrong)
