"""Measure the perception network: segments on the kept-out tenth of each collection, `select` on collections that no
training photo came from, on gray and on film-simulated light.

    python benchmarks/perception.py --data CACHE ... --objects CACHE ... [--kept-out CACHE ...] [--garments CACHE]
        [--wholes CACHE] [--yardstick PHOTOS.tar --classes CLASSES.json --groups coco camvid] [--side 320]

Caches are what `barva data masks` makes; the yardstick is a tar file of photos and masks (KEY.webp, KEY.mask.png), of
which the groups named are measured, with the names of its classes. `--weights FOLDER` measures other weights than the
shipped ones. Behind a class stands the number of photos that show it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import obedience

from barva.perception import clicks
from barva.perception.classes import CLASSES, NUMBER, PERSON
from barva.perception.network import Features, PerceptionNetwork
from barva.training.mask_sampler import held_out, light_of
from barva.training.masks import UNLABELED, MaskCache
from barva.training.vocabulary import classes_of

FEW, MANY = 8, 30
"""Photos that show a class, for its row, and for its part in the mean over all collections."""

BROADER = {
    "river": "water", "house": "building", "dirt": "soil", "pavement": "road", "pedestrian": "person",
    "bicyclist": "person", "neck": "skin", "cloth": "clothing",
}  # fmt: skip
"""Names of the yardstick's classes that are not labels of collections."""

UNSURE = ("unlabeled", "unlabelled", "playingfield", "platform", "railroad", "bridge", "tent", "light", "net", "0")
"""Classes of the yardstick that could be several of the network's."""

COUNTS = (1, 3, 5)
"""Clicks after which an object is looked at."""


def seen(net: PerceptionNetwork, photo: Any, side: int, filmed: bool, seed: int) -> Features:
    """What the network sees in a photo without its colors, clean or as film would show it."""
    scale = min(1.0, 2 * side / min(photo.shape[:2]))
    size = round(photo.shape[1] * scale), round(photo.shape[0] * scale)
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA) if scale < 1 else np.asarray(photo)
    light = light_of(small, np.random.default_rng(seed), 1.0 if filmed else 0.0)
    return net.features(np.ascontiguousarray(light, np.float32), side)


def merged(label: str) -> str:
    """The row of the table that a label belongs to."""
    classes = sorted(CLASSES[c] for c in classes_of(label))
    if set(classes) == set(PERSON):
        return "person"
    return "skin" if classes and set(classes) <= {"skin", "face"} else "+".join(classes)


class Table:
    """Intersection, union and number of photos of each class, over photos."""

    def __init__(self) -> None:
        self.rows: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])

    def add(self, row: str, truth: Any, answer: Any, known: Any) -> None:
        """Count one photo: where the class is, where the network has it, where the masks say anything (H, W)."""
        values = float((truth & answer & known).sum()), float(((truth | answer) & known).sum()), float(truth.any())
        self.rows[row] = [a + b for a, b in zip(self.rows[row], values, strict=True)]

    def count(self, rows: Mapping[int, str | None], labels: Any, full: Any, known: Any) -> None:
        """Count the classes of one photo: `rows` label -> its row, `labels` and the network's `full` classes (H, W)."""
        for row in {r for r in rows.values() if r not in (None, "other")}:
            truth = np.isin(labels, [n for n, r in rows.items() if r == row])
            self.add(str(row), truth, np.isin(full, _members(str(row))), known)

    def merge(self, other: Table) -> None:
        """Add the counts of another table."""
        for row, values in other.rows.items():
            self.rows[row] = [a + b for a, b in zip(self.rows[row], values, strict=True)]

    def line(self, least: int) -> str:
        """Mean and IoU of the classes that at least so many photos show."""
        shown = {row: (h[0] / max(h[1], 1), int(h[2])) for row, h in sorted(self.rows.items()) if h[2] >= least}
        mean = f"mean {np.mean([v for v, _ in shown.values()]):.3f} of {len(shown)}" if shown else "-"
        return " ".join([mean, *(f"| {row} {value:.2f} ({photos})" for row, (value, photos) in shown.items())])


def classes_at(net: PerceptionNetwork, photo: Any, size: tuple[int, ...], side: int, filmed: bool, seed: int) -> Any:
    """(H, W) the likeliest class of each pixel."""
    planes = np.moveaxis(seen(net, photo, side, filmed, seed).classes, 0, -1)
    return cv2.resize(planes, size[::-1], interpolation=cv2.INTER_LINEAR).argmax(-1)


def segments(net: PerceptionNetwork, caches: list[MaskCache], side: int, most: int, filmed: bool) -> dict[str, Table]:
    """Each named label of each collection, among the labels that the collection has."""
    tables: dict[str, Table] = {}
    for cache, held in zip(caches, held_out(caches), strict=True):
        table = tables[cache.collection.name] = Table()
        names = {n: merged(v) for n, v in cache.collection.labels.items() if classes_of(v) and not _background(v)}
        for i in np.flatnonzero(held)[:most]:
            photo, labels = cache[int(i)]
            full = classes_at(net, photo, labels.shape, side, filmed, int(i))
            known = (labels != UNLABELED) & ~np.isin(labels, cache.collection.void)
            table.count(names, labels, full, known)
    return tables


def yardstick_segments(
    net: PerceptionNetwork, path: Path, names: dict[str, dict[str, str]], groups: list[str], side: int, filmed: bool
) -> dict[str, Table]:
    """The classes of each group of photos of a tar file."""
    tables = {group: Table() for group in groups}
    spelled = {group.replace("_", ""): table for group, table in names.items()}
    for n, (_, group, photo, labels) in enumerate(obedience.masked(path)):
        if group not in groups:
            continue
        rows = {int(k): _row(v) for k, v in spelled[group].items()}
        full = classes_at(net, photo, labels.shape, side, filmed, n)
        known = ~np.isin(labels, [k for k, row in rows.items() if row is None])
        tables[group].count(rows, labels, full, known)
    return tables


def _row(name: str) -> str | None:
    """The row of one of the yardstick's classes, spelled as "sky-other-merged"; None where it may be several."""
    short = name.partition("-")[0]
    return None if short in UNSURE else merged(BROADER.get(short, short))


def _members(row: str) -> list[int]:
    if row == "person":
        return [NUMBER[p] for p in PERSON]
    return [NUMBER["skin"], NUMBER["face"]] if row == "skin" else [NUMBER[c] for c in row.split("+")]


def _background(label: str) -> bool:
    return label == "background" or label.startswith("not ")


def objects(net: PerceptionNetwork, pairs: Iterable[tuple[Any, Any]], side: int) -> dict[int, float]:
    """Mean IoU after so many clicks, each in the middle of the largest wrong part; `pairs` are photos and objects."""
    scores: dict[int, list[float]] = defaultdict(list)
    for i, (photo, truth) in enumerate(pairs):
        features = seen(net, photo, side, False, i)
        size = features.cells
        small = cv2.resize(truth.astype(np.float32), size[::-1], interpolation=cv2.INTER_AREA) > 0.5
        known = np.ones(size, bool)
        placed: list[clicks.Click] = []
        soft = None
        for n in range(1, max(COUNTS) + 1):
            click = clicks.next_click(small, np.zeros(size, bool) if soft is None else soft > 0.5, known)
            if click is not None:
                placed.append(click)
            soft = net.mask(features, placed, soft)
            if n in COUNTS:
                full = cv2.resize(soft, truth.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
                scores[n].append(float((full & truth).sum() / max((full | truth).sum(), 1)))
    return {n: round(float(np.mean(v)), 3) for n, v in scores.items()}


def cached(cache: MaskCache, most: int, kept_out: bool = False) -> Iterator[tuple[Any, Any]]:
    """Photos of a cache, or of its kept-out tenth, and their largest object."""
    photos = np.flatnonzero(held_out([cache])[0]) if kept_out else np.arange(len(cache))
    for i in photos[:: max(1, len(photos) // most)]:
        photo, labels = cache[int(i)]
        truth = _object(labels, cache)
        if truth is not None:
            yield photo, truth


def garments(cache: MaskCache, most: int) -> Iterator[tuple[Any, Any]]:
    """Photos of the kept-out tenth of a cache, and each garment of at least 1 % of the photo."""
    clothing = {n for n, v in cache.collection.labels.items() if classes_of(v) == {NUMBER["clothing"]}}
    for i in np.flatnonzero(held_out([cache])[0])[:most]:
        photo, labels = cache[int(i)]
        for n in sorted(clothing & set(np.unique(labels).tolist())):
            if (labels == n).mean() > 0.01:
                yield photo, labels == n


def wholes(cache: MaskCache, most: int) -> Iterator[tuple[Any, Any]]:
    """Photos of the kept-out tenth of a cache, and all that is labeled in each as one object, such as a person."""
    rest = [UNLABELED, *(n for n, v in cache.collection.labels.items() if _background(v))]
    for i in np.flatnonzero(held_out([cache])[0])[:most]:
        photo, labels = cache[int(i)]
        yield photo, ~np.isin(labels, rest)


def _object(labels: Any, cache: MaskCache) -> Any:
    named = [n for n, v in cache.collection.labels.items() if not _background(v) and n != UNLABELED and v != "null"]
    best, area = None, 0.01 * labels.size
    for n in set(np.unique(labels)) & set(named):
        count, parts, stats, _ = cv2.connectedComponentsWithStats((labels == n).astype(np.uint8))
        for k in range(1, count):
            if stats[k, cv2.CC_STAT_AREA] > area:
                best, area = parts == k, float(stats[k, cv2.CC_STAT_AREA])
    return best


def times(net: PerceptionNetwork, side: int) -> str:
    """Milliseconds of a look at a photo of 4 to 3, and of a click: the quickest of several."""
    light = np.random.default_rng(0).uniform(0, 100, (side, side * 4 // 3)).astype(np.float32)
    features = net.features(light, side)
    click = [clicks.Click(10.0, 10.0)]
    looks, picks = [], []
    for _ in range(7):
        began = time.perf_counter()
        net.features(light, side)
        looked = time.perf_counter()
        net.mask(features, click)
        looks.append(looked - began)
        picks.append(time.perf_counter() - looked)
    return f"{min(looks) * 1e3:.0f} ms a photo, {min(picks) * 1e3:.0f} ms a click"


def say(line: str) -> None:
    """A line of the report, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--objects", type=Path, action="append", default=[])
    parser.add_argument("--kept-out", type=Path, action="append", default=[], help="like --objects, a tenth of each")
    parser.add_argument("--garments", type=Path, default=None, help="of which each garment is an object")
    parser.add_argument("--wholes", type=Path, default=None, help="of which all that is labeled is one object")
    parser.add_argument("--yardstick", type=Path, default=None)
    parser.add_argument("--classes", type=Path, default=None)
    parser.add_argument("--groups", nargs="+", default=["coco", "camvid", "celebaparse"])
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--most", type=int, default=400)
    options = parser.parse_args()
    net = PerceptionNetwork(options.weights)
    say(f"weights {net.version}, {options.side} px, {times(net, options.side)}")
    caches = [MaskCache(p) for p in options.data]
    for filmed in (False, True):
        what, pooled = "film" if filmed else "gray", Table()
        for name, table in segments(net, caches, options.side, options.most, filmed).items():
            say(f"{what} {name} {table.line(FEW)}")
            pooled.merge(table)
        if caches:
            say(f"{what} all collections {pooled.line(MANY)}")
        if options.yardstick and options.classes:
            names = json.loads(options.classes.read_text(encoding="utf-8"))
            for name, table in yardstick_segments(
                net, options.yardstick, names, options.groups, options.side, filmed
            ).items():
                say(f"{what} yardstick {name} {table.line(FEW)}")
    for path in options.objects:
        say(f"select {path.name} {objects(net, cached(MaskCache(path), options.most), options.side)}")
    for path in options.kept_out:
        found = objects(net, cached(MaskCache(path), options.most, kept_out=True), options.side)
        say(f"select kept-out {path.name} {found}")
    if options.garments:
        say(f"select garments {objects(net, garments(MaskCache(options.garments), options.most), options.side)}")
    if options.wholes:
        say(f"select wholes {objects(net, wholes(MaskCache(options.wholes), options.most), options.side)}")
    if options.yardstick:
        things = obedience.things(options.yardstick, options.most)
        pairs = ((thing.rgb, thing.inside) for thing in things if thing.group in options.groups)
        say(f"select {options.yardstick.name} {objects(net, pairs, options.side)}")


if __name__ == "__main__":
    main()
