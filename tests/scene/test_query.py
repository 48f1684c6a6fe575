"""Scenes asked: the graph, SPARQL, named questions, shapes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import pytest

from barva.cli.app import run
from barva.errors import ReadError, UsageError
from barva.scene import query
from barva.scene.masks import Mask
from barva.scene.modalities import Color, Region, Words
from barva.scene.model import Scene, Source, Thing
from barva.scene.vocabulary import VOCABULARY

SHAPES = Path(__file__).with_name("shapes.ttl")


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a question went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mask = Region(Mask.of(np.ones((6, 8), bool)))
    street = (
        Thing("car-1", "car", modalities=(mask, Color("crimson"), Words("his first car"))),
        Thing("car-2", "car", modalities=(mask, Color("navy", "network", 0.6))),
        Thing("soldier", "man", "photo", (mask,), (("wears", "tunic"), ("near", "car-1"), ("leftOf", "car-2"))),
        Thing("tunic", "uniform", "soldier", modalities=(mask, Color("feldgrau"))),
    )
    Scene(street, Source(8, 6, "", "street.jpg")).save(tmp_path / "street.jsonld")
    (tmp_path / "deep").mkdir()
    house = (
        Thing("house", "house", modalities=(mask,)),
        Thing("roof", "roof", "house", modalities=(mask, Color("red"))),
    )
    Scene(house, Source(8, 6, "", "house.jpg")).save(tmp_path / "deep" / "house.jsonld")
    return tmp_path


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ({"kind": "car"}, ["car-1", "car-2"]),
        ({"kind": "vehicles"}, ["car-1", "car-2"]),
        ({"kind": "building"}, ["house", "roof"]),
        ({"color": "red"}, ["roof", "car-1"]),
        ({"kind": "car", "color": "dark blue"}, ["car-2"]),
        ({"having": "person wearing uniform"}, ["soldier"]),
        ({"having": "man near car"}, ["soldier"]),
        ({"having": "house with roof"}, ["house"]),
        ({"having": "man leftOf car"}, ["soldier"]),
        ({"having": "man wearing hat"}, []),
    ],
)
def test_named_questions(folder, question, things):
    scenes, notes = query.read([folder])
    assert not notes and len(scenes) == 2
    assert [m.thing for m in query.find(scenes, **question)] == things


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("SELECT ?id WHERE { ?t :isA :vehicle ; :id ?id ; :known/:color 'navy' }", [("car-2",)]),
        ("SELECT ?n WHERE { ?s :photo/:name ?n ; :thing ?t . ?t :isA :roof }", [("house.jpg",)]),
        ("SELECT ?a ?b WHERE { ?x :wears ?y . ?x :id ?a . ?y :id ?b }", [("soldier", "tunic")]),
        ("SELECT (COUNT(?t) AS ?n) WHERE { ?t :isA :thing ; :partOf ?p }", [("6",)]),
        ("ASK { ?t :known/:text 'his first car' }", [("yes",)]),
        ("ASK { ?t :isA :dog }", [("no",)]),
    ],
)
def test_sparql(folder, question, rows):
    scenes, _ = query.read([folder])
    assert list(query.ask(question, scenes).rows) == rows


def test_the_graph_says_what_readers_of_json_ld_read(folder):
    rdflib = pytest.importorskip("rdflib")
    path = folder / "street.jsonld"
    read = rdflib.Graph().parse(data=path.read_text("utf-8"), format="json-ld", base=path.absolute().as_uri())
    ours = query.graph({str(path): Scene.load(path)})
    for term in ("isA", "partOf", "wears", "near"):
        theirs = set(read.subject_objects(rdflib.URIRef(VOCABULARY + term)))
        assert theirs and theirs <= set(ours.subject_objects(rdflib.URIRef(VOCABULARY + term))), term


def test_scenes_have_the_shape_that_is_promised(folder):
    pyshacl = pytest.importorskip("pyshacl")
    import rdflib

    shapes = rdflib.Graph().parse(SHAPES)
    whole = rdflib.Graph()  # pyshacl wants a store with contexts
    for triple in query.graph(query.read([folder])[0]):
        whole.add(triple)
    conforms, _, text = pyshacl.validate(whole, shacl_graph=shapes)
    assert conforms, text
    term = rdflib.Namespace(VOCABULARY)
    whole.add((rdflib.URIRef("file:///x#nothing"), term.partOf, rdflib.URIRef("file:///x#photo")))
    assert not pyshacl.validate(whole, shacl_graph=shapes)[0]


@pytest.mark.parametrize(
    "question",
    ["", "SELEC ?x", "INSERT DATA { :a :b :c }", "SELECT ?x WHERE { SERVICE <http://example.org/> { ?x ?y ?z } }",
     "SELECT ?x FROM <http://example.org/x> WHERE { ?x ?y ?z }", "CONSTRUCT { ?x ?y ?z } WHERE { ?x ?y ?z }",
     "SELECT ?x WHERE { ?x <http://example.org/ }"],
)  # fmt: skip
def test_what_is_no_question_is_one_line(folder, question):
    with pytest.raises(UsageError) as error:
        query.ask(question, query.read([folder])[0])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "inside",
    ["SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }",
     "service silent $where { ?a ?b ?c }",
     "SERVICE other:place { ?a ?b ?c }",
     "SERVICE:place { ?a ?b ?c }",
     "SERVICE#\n<http://127.0.0.1:9/> { ?a ?b ?c }",
     "?x :width ?w FILTER(?w < 500) SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }",
     "# don't\n SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } # don't",
     r"?x :id '\'' SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } ?y :id '\''",
     r'?x :id """a"b""" SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } ?y :id """a"b"""',
     "?x :id 1SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }",
     r"\u0053ERVICE <http://127.0.0.1:9/> { ?a ?b ?c }",
     r"?x :id '\u0027 SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } ?y :id \U00000027'",
     r"\u017fERVICE <http://127.0.0.1:9/> { ?a ?b ?c }"],
)  # fmt: skip
def test_no_question_leads_out_of_the_scenes(inside: str) -> None:
    """However it is written; a question that is let through would be sent."""
    with pytest.raises(UsageError, match=r"SERVICE and FROM are not followed|written as they are"):
        query.check_question(f"PREFIX other: <http://example.org/>\nSELECT ?x WHERE {{ {inside} }}")


@pytest.mark.parametrize(
    "inside",
    ["?x :service ?service . ?service :from ?from .", "?x :id 'a service <here>, from: there' .",
     'FILTER(?a < 5 && ?b > 3) ?x :id "it is \'from\' <a>" .', "# from <here>: don't",
     "?x :id '\\u0456 from <there>' .",
     "?x :id 'it\\'s from <there>' .", '?x :id """a\n"service" <here>""" .', "?x <http://example.org/from> ?y ."],
)  # fmt: skip
def test_words_of_a_question_may_be_any(inside: str) -> None:
    query.check_question(f"SELECT ?x WHERE {{ {inside}\n}}")


def test_addresses_of_files_are_read_as_on_each_system() -> None:
    assert query.plain("file:///home/me/a%20b.jsonld#coat") == "/home/me/a b.jsonld#coat"
    assert query.plain("file:///C:/Photos/a%20b.jsonld#coat") == "C:/Photos/a b.jsonld#coat"
    assert query.plain("file://server/share/a.jsonld#coat") == "//server/share/a.jsonld#coat"


@pytest.mark.parametrize(
    "question", [{"kind": "dragon"}, {"having": "person"}, {"having": "man eats bread"}, {"color": "redd"}]
)
def test_unknown_words_are_named(folder, question):
    with pytest.raises(UsageError):
        query.find(query.read([folder])[0], **question)


def test_broken_files_of_a_folder_are_left_out_and_said(folder):
    (folder / "broken.jsonld").write_text("{")
    scenes, notes = query.read([folder])
    assert len(scenes) == 2 and len(notes) == 1 and "broken.jsonld" in notes[0]
    with pytest.raises(UsageError):
        query.read([folder / "broken.jsonld"])
    with pytest.raises(ReadError):
        query.read([folder / "none.jsonld"])
    (folder / "empty").mkdir()
    with pytest.raises(UsageError, match="no scene"):
        query.read([folder / "empty"])


def test_the_command(folder, capsys):
    assert run(["scene", "query", "--find", "car", "--color", "navy", str(folder)]) == 0
    assert capsys.readouterr().out.split("\t")[1:] == ["car-2", "car\n"]
    assert run(["scene", "query", "SELECT ?id WHERE { ?t :isA :roof ; :id ?id }", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": "roof"}
    assert run(["scene", "query", "SELECT ?id"]) == 2
    assert capsys.readouterr().err.startswith("barva: name the scenes")
