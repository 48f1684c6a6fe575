"""The parts of `archive.py` that color nothing: the index, scenes, listing, album descriptions."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

KINDS = ("person", "car", "sky", "tree", "building", "hat", "dog", "truck")


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def row(what: str, measured: str, target: str = "", held: bool | None = None) -> None:
    say(f"| {what} | {measured} | {target} | {'' if held is None else 'yes' if held else '**no**'} |\n")


def seconds_of(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure_index(place: Path, args: Any) -> None:
    from barva.archive.index import find, parts
    from barva.archive.index.report import write_report
    from barva.archive.places import place_of

    target = place / "index"
    target.mkdir()
    where, rng = place_of(str(target)), np.random.default_rng(0)
    for start in range(0, args.rows, 100_000):
        parts.write_part(where, synthetic(np.arange(start, min(start + 100_000, args.rows)), rng))
    took = seconds_of(lambda: write_report(where))
    row(f"report of {args.rows:,} rows", f"{took:.1f} s", "< 60 s", took < 60)
    took = seconds_of(lambda: find.find(where, "vehicle", "red"))
    row(f"find in {args.rows:,} rows", f"{took:.2f} s", "< 2 s", took < 2)
    took = seconds_of(lambda: find.sql(where, "SELECT state, count(*), avg(confidence) FROM photos GROUP BY state"))
    row(f"SQL over {args.rows:,} rows", f"{took:.2f} s")


def synthetic(n: Any, rng: np.random.Generator) -> Any:
    """Rows of the index for photos of numbers (n,), as a run writes them: a pyarrow table."""
    import pyarrow as pa

    from barva.archive.index import schema

    def real(values: Any) -> Any:
        return pa.array(np.asarray(values, np.float32))

    count, failed = len(n), n % 200 == 0
    things = np.where(failed, 0, rng.integers(1, 5, count))
    offsets = np.concatenate([[0], np.cumsum(things)]).astype(np.int32)
    total = int(offsets[-1])
    ids = pa.array([f"t{i}" for i in range(4)]).take(pa.array(np.arange(total) - np.repeat(offsets[:-1], things)))
    kinds = pa.array(KINDS).take(pa.array(rng.integers(0, len(KINDS), total)))
    lab = [real(rng.uniform(20, 80, total)), real(rng.normal(0, 15, total)), real(rng.normal(5, 15, total))]
    objects = pa.StructArray.from_arrays([ids, kinds, real(np.full(total, 0.9)), *lab], ["id", "kind", "sure", *"Lab"])
    names = [f"{i // 1000:05}/{i:08}" for i in n]
    errors = [
        f"/scans/{name}.jpg is cut off at byte {i}" if i % 200 == 0 else "" for name, i in zip(names, n, strict=True)
    ]
    notes = pa.array([["two pages are alike"] if i % 50 == 0 else [] for i in n], pa.list_(pa.string()))
    columns = {
        "path": pa.array([f"/scans/{name}.jpg" for name in names]),
        "output": pa.array([f"{name}.color.jpg" for name in names]),
        "state": pa.array(np.where(failed, "failed", "done")),
        "sha256": pa.array([f"{i:064x}" for i in n]),
        "pixels": pa.array([f"{i * 7919:064x}" for i in n]),
        "bytes": pa.array(rng.integers(100_000, 5_000_000, count)),
        "format": pa.array(["jpeg"] * count),
        "tone": pa.array(np.where(n % 7 == 0, "sepia", "neutral")),
        "cast_hue": real(rng.normal(70, 30, count) % 360),
        "cast_chroma": real(np.where(n % 7 == 0, 8, 0.2)),
        "confidence": pa.array(rng.uniform(0, 1, count).astype(np.float32), mask=failed),
        "notes": notes,
        "objects": pa.ListArray.from_arrays(pa.array(offsets), objects),
        "error": pa.array(errors),
        "method": pa.array(["guided"] * count),
        "weights": pa.array(["a" * 64] * count),
        "seconds": real(rng.gamma(2, 0.1, count)),
        "at": pa.array(n.astype(np.float64)),
    }
    whole = [columns.get(field.name, pa.nulls(count, field.type)) for field in schema.schema()]
    return pa.Table.from_arrays(whole, schema=schema.schema())


def measure_sparql(place: Path, args: Any) -> None:
    from barva.archive import graph
    from barva.archive.places import place_of
    from barva.scene import query
    from barva.scene.modalities import Color, Light
    from barva.scene.model import Scene, Source, Thing

    target = place / "sparql"
    (target / graph.SCENES).mkdir(parents=True)
    scenes = {}
    for n in range(2300):
        known = (Light(50, 9, 30, 70), Color("red" if n % 7 == 0 else "navy", "network"))
        things = [Thing(f"t{i}", kind, modalities=known) for i, kind in enumerate(("person", "car", "sky"))]
        scenes[f"/scans/{n}.jpg"] = Scene((*Scene().things, *things), Source(900, 600, "", f"{n}.jpg"))
    lines = [json.dumps({"path": path, "output": "", "scene": json.loads(s.to_json())}) for path, s in scenes.items()]
    (target / graph.SCENES / "scenes-1.jsonl").write_text("\n".join(lines) + "\n")
    question = "SELECT ?s WHERE { ?s :thing ?t . ?t :isA :vehicle ; :known/:color 'red' }"
    triples = len(query.graph(scenes))
    where = place_of(str(target))
    took = seconds_of(lambda: query.ask(question, scenes))
    row(f"SPARQL over {triples:,} triples, rdflib", f"{took:.1f} s with building the graph")
    graph.IN_MEMORY = 0
    first, again = (seconds_of(lambda: graph.ask(where, question)) for _ in range(2))
    row(
        f"SPARQL over {triples:,} triples, oxigraph",
        f"{first:.1f} s with loading, {again:.2f} s again",
        "< 5 s",
        first < 5,
    )


def measure_listing(place: Path, args: Any) -> None:
    import cv2

    source = place / "small"
    source.mkdir()
    data = cv2.imencode(".jpg", np.full((8, 8), 99, np.uint8))[1].tobytes()
    for n in range(args.files):
        (source / f"{n:06}.jpg").write_bytes(data)
    target = place / "listed"
    command = [sys.executable, "-m", "barva", "colorize", str(source), "-o", str(target)]
    start = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as child:
        while not (target.is_dir() and next(target.glob("*.color.*"), None)) and child.poll() is None:
            time.sleep(0.05)
        took = time.perf_counter() - start
        time.sleep(10)
        memory = psutil.Process(child.pid).memory_info().rss / 1e6
        child.terminate()
    figure = f"{took:.1f} s, the run's own memory {memory:.0f} MB"
    row(f"{args.files:,} small files, to the first result", figure, "<= 5 s", took <= 5)
    shutil.rmtree(source)


def measure_album(place: Path, args: Any) -> None:
    from barva.archive.album_index import CELLS, AlbumIndex

    rng, index = np.random.default_rng(0), AlbumIndex()
    looks = [rng.poisson(0.3, CELLS).astype(np.uint8) for _ in range(200)]
    for n in range(10_000):
        index.add(str(n), looks[n % 200])
    took = seconds_of(lambda: index.nearest(looks[:2], 7, set()))
    row(
        "an album of 10,000 photos: all descriptions compared", f"{took * 1000:.0f} ms", "less than a photo", took < 0.1
    )
