"""Scenes as one graph that can be asked: SPARQL over files and folders, and questions with names.

The triples use the addresses and terms of a scene's JSON-LD, and are built from the scene itself, which is many times
quicker than parsing JSON-LD; nothing is fetched from a network. Lists are flat: `thing` leads from a scene to each
thing, `known` from a thing to all that is known of it. `isA` holds for every broader term too (a coat is clothing), and
a thing has its `id` as text. Regions and other pictures are left out.

| prefix | is |
|---|---|
| `:` | the vocabulary, https://barva.dev/ns/scene/1/ |
| `rdf:` | RDF |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from barva.color import names
from barva.color.difference import ciede2000
from barva.errors import BarvaError, UsageError, shorten
from barva.extras import missing
from barva.files import read_whole
from barva.scene import io
from barva.scene.modalities import Color
from barva.scene.modality import Unknown
from barva.scene.model import WHOLE, Scene, Thing
from barva.scene.vocabulary import RELATIONS, VOCABULARY, find_kind, kinds

if TYPE_CHECKING:
    import rdflib

SUFFIXES = (".jsonld", ".json")
"""Files of a folder that are taken for scenes."""

SIMILAR = 25.0
"""CIEDE2000 up to which a color counts as the one that is asked for."""

_PICTURES = ("Region", "Hints", "Reference")
_LONGEST_VALUE = 500  # characters of a value that goes into the graph
_HAS = {"wearing": "wears", "wears": "wears", "holding": "holds", "holds": "holds", "on": "upon", "upon": "upon",
        "with": "", **{relation: relation for relation in RELATIONS}}  # fmt: skip
_CHANGES = re.compile(r"^\s*(insert|delete|load|clear|drop|create|add|move|copy|with)\b", re.IGNORECASE | re.MULTILINE)
_FETCHES = re.compile(r"(?<![^\W\d])(service|from)(?![\w-])", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u(0000)?00[0-7]", re.IGNORECASE)  # an ASCII letter or sign by its number
_TOKEN = re.compile(
    r"<[^<>\s\"{}|^`\\]*>"  # an address
    r"|(?P<comment>#[^\r\n]*)"
    r"|[?$:][\w-]+"  # a name
    r"|(?P<quote>\"{3}|'{3}|(?P<short>[\"']))(?:\\.|(?(short)[^\\\r\n]|[^\\]))*?(?P=quote)",  # a text
    re.DOTALL,
)
"""What may hold any word without its being one of SPARQL."""


@dataclass(frozen=True)
class Answer:
    """What a question gives: names of columns, and rows of text; a yes-or-no question has one cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Match:
    """A thing that a named question found, and the file it is in."""

    file: str
    thing: str
    kind: str


def read(paths: Iterable[str | Path]) -> tuple[dict[str, Scene], tuple[str, ...]]:
    """All scenes of files and folders.

    Args:
        paths: Scenes, and folders whose scenes are taken, folders in them too.

    Returns:
        Path -> scene, and a note for each file of a folder that is none.

    Raises:
        UsageError: There is no scene at all.
        ReadError: A file that was named cannot be read.
    """
    scenes, notes = dict[str, Scene](), list[str]()
    for path in map(Path, paths):
        if not path.is_dir():
            scenes[str(path)] = _load(path)
            continue
        for file in sorted(f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file()):
            try:
                scenes[str(file)] = _load(file)
            except BarvaError as error:
                notes.append(f"{file} was left out: {error}")
    if not scenes:
        raise UsageError("there is no scene: name files of scenes (.jsonld), or folders that hold some")
    return scenes, tuple(notes)


def _load(path: Path) -> Scene:
    """A scene without its masks and other pictures: no question is about their pixels, and they are most of a file."""
    return read_whole(path, "scene", io.LARGEST, _without_pictures)


def _without_pictures(text: str | bytes, folder: str | Path) -> Scene:
    try:
        whole = json.loads(text)
        for thing in whole["things"]:
            thing["known"] = [row for row in thing.get("known", ()) if row.get("@type") not in _PICTURES]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return Scene.from_json(text, folder)  # which says what is wrong
    return Scene.from_json(json.dumps(whole), folder)


def graph(scenes: dict[str, Scene]) -> rdflib.Graph:
    """All scenes as triples.

    Args:
        scenes: Path -> scene.

    Returns:
        A graph; every scene is the IRI of its file, every thing that with `#` and its id.

    Raises:
        UsageError: rdflib is not installed.
    """
    try:
        import rdflib
    except ImportError:
        raise missing("query", ["rdflib"]) from None
    triples = Triples(_RdflibTerms(rdflib))
    for path, scene in scenes.items():
        triples.add_scene(Path(path).absolute().as_uri(), scene)
    whole: rdflib.Graph = triples.terms.graph
    return whole


class Terms(Protocol):
    """How a graph makes its terms, and takes triples."""

    type: Any
    """`rdf:type`."""

    def iri(self, text: str) -> Any: ...
    def blank(self, name: str) -> Any: ...
    def literal(self, value: str | int | float) -> Any: ...
    def add(self, subject: Any, predicate: Any, other: Any) -> None: ...


class _RdflibTerms:
    def __init__(self, rdflib: Any) -> None:
        # without contexts and their bookkeeping
        self.graph = rdflib.Graph(store="SimpleMemory")
        self.iri, self.blank, self.type, self.literal = rdflib.URIRef, rdflib.BNode, rdflib.RDF.type, rdflib.Literal
        self._add = self.graph.store.add

    def add(self, subject: Any, predicate: Any, other: Any) -> None:
        self._add((subject, predicate, other), self.graph)


class Triples:
    """Fills a graph; terms, values and blank nodes are made once each, which is most of the work.

    Args:
        terms: the graph's.
        prefix: of the names of blank nodes.
    """

    def __init__(self, terms: Any, prefix: str = "b") -> None:
        self.terms: Any = terms
        self.count = 0
        """Triples so far."""
        self.prefix = prefix
        self._term = cache(lambda name: terms.iri(VOCABULARY + name))
        # the type too: 1 and True are one key else
        self._literal = cache(lambda value, kind: terms.literal(value))
        self._blanks = 0

    def add(self, subject: Any, predicate: Any, other: Any) -> None:
        self.count += 1
        self.terms.add(subject, predicate, other)

    def value(self, subject: Any, key: str, value: str | int | float) -> None:
        self.add(subject, self._term(key), self._literal(value, type(value).__name__))

    def blank(self, type: str) -> Any:
        self._blanks += 1
        node = self.terms.blank(f"{self.prefix}{self._blanks}")
        if re.fullmatch(r"[\w-]+", type):
            self.add(node, self.terms.type, self._term(type))
        return node

    def add_scene(self, base: str, scene: Scene) -> None:
        """Add a scene whose IRI is `base`."""
        node = self.terms.iri(base)
        self.add(node, self.terms.type, self._term("Scene"))
        if scene.source is not None:
            photo = self.blank("Photo")
            self.add(node, self._term("photo"), photo)
            for key in ("name", "width", "height", "sha256"):
                if value := getattr(scene.source, key):
                    self.value(photo, key, value)
        links = {
            thing.id: self.terms.iri(thing.id if ":" in thing.id else f"{base}#{thing.id}") for thing in scene.things
        }
        for thing in scene.things:
            self.add(node, self._term("thing"), links[thing.id])
            self._add_thing(thing, links)

    def _add_thing(self, thing: Thing, links: dict[str, Any]) -> None:
        node = links[thing.id]
        self.value(node, "id", thing.id)
        for kind in kinds(thing.kind) if ":" not in thing.kind else ():
            self.add(node, self._term("isA"), self._term(kind))
        if ":" in thing.kind:
            self.add(node, self._term("isA"), self.terms.iri(thing.kind))
        if thing.id != WHOLE:
            self.add(node, self._term("partOf"), links[thing.part_of])
        if not thing.on:
            self.value(node, "on", False)
        for how, other in thing.relations:
            self.add(node, self._term(how), links[other])
        for known in thing.modalities:
            fact = self.blank(known.type if isinstance(known, Unknown) else known.TYPE)
            self.add(node, self._term("known"), fact)
            row = {} if known.TYPE in _PICTURES or isinstance(known, Unknown) else known.row(None)
            for key, value in row.items():
                if isinstance(value, str | int | float) and len(str(value)) <= _LONGEST_VALUE:
                    self.value(fact, key, value)


def ask(question: str, scenes: dict[str, Scene]) -> Answer:
    """A SPARQL question over scenes.

    Args:
        question: SELECT or ASK; the prefixes `:` and `rdf:` are known.
        scenes: Path -> scene.

    Returns:
        Columns and rows; IRIs of things as file#id, terms of the vocabulary by their name.

    Raises:
        UsageError: It is no SPARQL, or one that changes or fetches something.
    """
    check_question(question)
    whole = graph(scenes)
    try:
        result = whole.query(f"PREFIX : <{VOCABULARY}>\n{question}")
        rows = [] if result.type != "SELECT" else [tuple(row) for row in result]  # type: ignore[arg-type]
    except Exception as error:  # the parser's own errors are of many kinds
        raise unanswerable(error) from None
    if result.type == "ASK":
        return Answer(("answer",), (("yes" if result.askAnswer else "no",),))
    if result.type != "SELECT":
        raise UsageError("SELECT or ASK is wanted")
    columns = tuple(map(str, result.vars or ()))
    return Answer(columns, tuple(tuple(map(plain, row)) for row in rows))


def check_question(question: str) -> None:
    """UsageError: a question that changes or fetches something."""
    bare = _TOKEN.sub(lambda token: " " if token["comment"] else token[0][0] + token[0][-1], question)
    if _ESCAPED.search(question) or "\\u" in bare.lower():
        raise UsageError("a query's letters and signs are written as they are, not as \\u and a number")
    if _CHANGES.search(bare):
        raise UsageError("a query reads scenes and changes none: SELECT or ASK is wanted")
    if _FETCHES.search(bare):
        raise UsageError("SERVICE and FROM are not followed: a query reads the scenes that are named beside it")


def unanswerable(error: Exception) -> UsageError:
    """The error of a question that a graph refuses."""
    return UsageError(f"this is no SPARQL that can be answered: {' '.join(str(error).split())[:160]}")


def plain(value: Any) -> str:
    """A term as text: IRIs of things as file#id, terms of the vocabulary by their name."""
    if value is None:
        return ""
    text = str(value)
    if text.startswith(VOCABULARY):
        return text.removeprefix(VOCABULARY)
    if text.startswith("file:"):
        from urllib.parse import unquote, urlsplit

        parts = urlsplit(text)
        whole = f"//{parts.netloc}{parts.path}" if parts.netloc else parts.path
        path = unquote(whole, errors="surrogateescape")
        path = re.sub(r"^/(?=[A-Za-z]:/)", "", path)  # of Windows: file:///C:/photos
        return path + (f"#{parts.fragment}" if parts.fragment else "")
    return text


def find(
    scenes: dict[str, Scene], kind: str | None = None, having: str | None = None, color: str | None = None
) -> tuple[Match, ...]:
    """Things of a kind, with something, in a color: what is named must hold together.

    Args:
        scenes: Path -> scene.
        kind: A term of the vocabulary; narrower ones fit too ("vehicle" finds cars).
        having: "KIND RELATION KIND": "person wearing uniform", "man holding bag", "house with door". A relation of the
            scene, or being a part; "with" is any of both.
        color: What it is colored in, about: by anybody, a network or a reference too.

    Returns:
        In the order of files and things.

    Raises:
        UsageError: A term or color is not known.
    """
    wanted = None if color is None else names.lab(color)
    subject, how, other = (None, "", None) if having is None else _having(having)
    first = None if kind is None else find_kind(kind)
    return tuple(
        Match(path, thing.id, thing.kind)
        for path, scene in scenes.items()
        for thing in scene.active_things()
        if thing.id != WHOLE
        and (first is None or first in kinds(thing.kind))
        and (subject is None or subject in kinds(thing.kind))
        and (other is None or _has(scene, thing, how, other))
        and (wanted is None or _has_color(thing, wanted))
    )


def _having(text: str) -> tuple[str, str, str]:
    words = text.split()
    if len(words) != 3:
        raise UsageError(f"'{shorten(text)}': three words are wanted, such as 'person wearing uniform'")
    if words[1] not in _HAS:
        raise UsageError(f"'{shorten(words[1])}' is no relation; there are {', '.join(_HAS)}")
    return find_kind(words[0]), _HAS[words[1]], find_kind(words[2])


def _has(scene: Scene, thing: Thing, how: str, kind: str) -> bool:
    """By a stated relation; clothes that are part of a person are worn, and any part is had."""
    if any((not how or h == how) and kind in kinds(scene.thing(to).kind) for h, to in thing.relations):
        return True
    if how not in ("", "wears"):
        return False
    parts = [part for part in scene.parts(thing.id) if kind in kinds(part.kind)]
    return any(not how or "clothing" in kinds(part.kind) for part in parts)


def _has_color(thing: Thing, wanted: tuple[float, float, float]) -> bool:
    import numpy as np

    return any(
        float(ciede2000(np.array(names.lab(known.color)), np.array(wanted))) <= SIMILAR
        for known in thing.all(Color)
        if known.on
    )
