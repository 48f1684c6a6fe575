"""The scenes of a target as one graph, for SPARQL: in memory where they are few, else in a store on the disk.

A run with `--perceive` writes a line of JSON for each photo: `{"path", "output", "scene"}`, the scene as JSON-LD, no
masks; the last line of a photo counts. The store has one named graph for each photo, so that it takes what is new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from barva.archive.places import HIDDEN, Place, is_url
from barva.archive.record import SCENES
from barva.errors import BarvaError, ReadError, UsageError
from barva.extras import missing
from barva.scene import query as queries
from barva.scene.model import Scene
from barva.scene.query import Answer
from barva.scene.vocabulary import VOCABULARY

IN_MEMORY = 100_000
"""Triples up to which rdflib answers; it is quick to begin, and slow on more."""

STORE = f"{HIDDEN}/graph"
_LOADED = "loaded.json"
_BATCH = 200_000  # triples that go to the store at once


def scene_lines(place: Place, before: dict[str, int] | None = None) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Scenes of a target in the order in which they were written.

    Args:
        place: the target.
        before: file -> bytes of it that are known already.

    Yields:
        The name of the file, the bytes of it up to the end of the line, and the line's object. Torn lines are left out.

    Raises:
        ReadError: the files cannot be read.
    """
    for name in place.names(SCENES):
        at = (before or {}).get(name, 0)
        for line in place.lines(f"{SCENES}/{name}", at):
            at += len(line)
            try:
                row = json.loads(line)
                if line.endswith(b"\n") and isinstance(row["path"], str) and isinstance(row["scene"], dict):
                    yield name, at, row
            except (ValueError, KeyError, TypeError):
                continue


def ask(place: Place, question: str) -> Answer:
    """A SPARQL question over the scenes of a target.

    Args:
        place: the target.
        question: SELECT or ASK, as in `scene.query.ask`; a scene's IRI is that of its photo.

    Returns:
        Columns and rows.

    Raises:
        UsageError: it is no such question, there is no scene, or a package is missing.
        ReadError: the scenes cannot be read.
    """
    queries.check_question(question)
    if not (place.is_local and (place.local / STORE).is_dir()):
        scenes = _few(place)
        if scenes is not None:
            return queries.ask(question, scenes)
    return _ask_store(place, question)


def _few(place: Place) -> dict[str, Scene] | None:
    """Photo -> scene; None where they are too many for the memory."""
    scenes, triples = dict[str, Scene](), 0
    for _, _, row in scene_lines(place):
        scene = _scene(row)
        if scene is None:
            continue
        scenes[row["path"]] = scene
        triples += sum(4 + 4 * len(thing.modalities) + len(thing.relations) for thing in scene.things)
        if triples > IN_MEMORY:
            return None
    if not scenes:
        raise UsageError(f"there is no scene in {place.url}: color it with --perceive")
    return scenes


def _scene(row: dict[str, Any]) -> Scene | None:
    try:
        return Scene.from_json(json.dumps(row["scene"]))
    except BarvaError:
        return None


class _StoreTerms:
    """Terms of pyoxigraph, whose triples wait until `flush`."""

    def __init__(self, oxigraph: Any, store: Any) -> None:
        self.iri, self.blank, self.literal = oxigraph.NamedNode, oxigraph.BlankNode, oxigraph.Literal
        self.type = oxigraph.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        self.graph_name: Any = None
        self._quad, self._store, self._quads = oxigraph.Quad, store, list[Any]()

    def add(self, subject: Any, predicate: Any, other: Any) -> None:
        self._quads.append(self._quad(subject, predicate, other, self.graph_name))

    @property
    def waiting(self) -> int:
        return len(self._quads)

    def flush(self) -> None:
        self._store.bulk_extend(self._quads)
        self._quads.clear()


def _ask_store(place: Place, question: str) -> Answer:
    try:
        import pyoxigraph
    except ImportError:
        raise missing("archive", ["pyoxigraph"]) from None
    folder = place.local / STORE if place.is_local else None
    try:
        store = pyoxigraph.Store(None if folder is None else str(folder))
    except OSError as error:
        raise ReadError(f"the graph of {place.url} cannot be opened: {str(error)[:160]}") from None
    _load(place, folder, pyoxigraph, store)
    try:
        result = store.query(f"PREFIX : <{VOCABULARY}>\n{question}", use_default_graph_as_union=True)
        if isinstance(result, pyoxigraph.QueryBoolean):
            return Answer(("answer",), (("yes" if result else "no",),))
        if not isinstance(result, pyoxigraph.QuerySolutions):
            raise UsageError("SELECT or ASK is wanted")
        columns = tuple(variable.value for variable in result.variables)
        return Answer(columns, tuple(tuple(map(_plain, row)) for row in result))
    except (SyntaxError, ValueError, OSError) as error:
        if isinstance(error, BarvaError):
            raise
        raise queries.unanswerable(error) from None


def _plain(term: Any) -> str:
    return queries.plain(None if term is None else term.value if hasattr(term, "value") else str(term))


def _load(place: Place, folder: Path | None, oxigraph: Any, store: Any) -> None:
    """Take scenes that the store has not got yet. The note of what it has is written after them: a kill in between
    takes some again, into the same named graphs."""
    note = None if folder is None else folder / _LOADED
    loaded: dict[str, int] = {}
    if note is not None and note.is_file():
        try:
            loaded = {str(name): int(at) for name, at in json.loads(note.read_bytes()).items()}
        except (ValueError, AttributeError, TypeError):
            store.clear()
    terms, waiting = _StoreTerms(oxigraph, store), set[str]()
    triples = queries.Triples(terms)
    for name, at, row in scene_lines(place, loaded):
        scene = _scene(row)
        if scene is not None:
            base = _iri(row["path"])
            terms.graph_name = oxigraph.NamedNode(base)
            if base in waiting:
                terms.flush()
                waiting.clear()
            if store.contains_named_graph(terms.graph_name):
                store.remove_graph(terms.graph_name)
            waiting.add(base)
            # blank nodes of one name are one: those of each scene have names of their own
            triples.prefix = f"n{hashlib.blake2b(base.encode(), digest_size=8).hexdigest()}x"
            triples.add_scene(base, scene)
        loaded[name] = at
        if terms.waiting > _BATCH:
            terms.flush()
            waiting.clear()
    terms.flush()
    if note is not None:
        note.write_text(json.dumps(loaded), encoding="utf-8")
    if not len(store):
        raise UsageError(f"there is no scene in {place.url}: color it with --perceive")


def _iri(path: str) -> str:
    return quote(path, safe=":/?&=%") if is_url(path) else Path(path).absolute().as_uri()
