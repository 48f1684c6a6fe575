"""Measure the perception network: segments on the kept-out tenth of each collection, `select` on collections that no
training photo came from, on grey and on film-simulated light.

    python benchmarks/perception.py RUN --data CACHE ... --objects CACHE ... [--side 320] [--most 400]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from barva.perception import clicks
from barva.perception.classes import CLASSES, NUMBER, PERSON
from barva.training.export import restored
from barva.training.mask_sampler import held_out, light_of
from barva.training.masks import UNLABELED, MaskCache
from barva.training.vocabulary import classes_of


def fitted(photo: Any, side: int) -> tuple[int, int]:
    """(columns, rows), short side about `side`, both multiples of 32."""
    h, w = photo.shape[:2]
    scale = side / min(h, w)
    return max(32, round(w * scale / 32) * 32), max(32, round(h * scale / 32) * 32)


def seen(net: Any, photo: Any, side: int, filmed: bool, seed: int) -> tuple[Any, Any, Any]:
    """Class logits (C, H, W), pyramid and embedding of a photo."""
    small = cv2.resize(photo, fitted(photo, side), interpolation=cv2.INTER_AREA)
    light = light_of(small, np.random.default_rng(seed), 1.0 if filmed else 0.0)
    x = torch.from_numpy(np.ascontiguousarray(light[None, None] / 50 - 1, dtype=np.float32))
    with torch.no_grad():
        pyramid, embedding = net.pyramid(net.encoder(x))
        return net.segments(pyramid)[0].numpy(), pyramid, embedding


def merged(label: str) -> str:
    """The row of the table that a label belongs to."""
    classes = sorted(CLASSES[c] for c in classes_of(label))
    if set(classes) == set(PERSON):
        return "person"
    return "skin" if classes and set(classes) <= {"skin", "face"} else "+".join(classes)


def segments(net: Any, caches: list[MaskCache], side: int, most: int, filmed: bool) -> dict[str, dict[str, float]]:
    """IoU of each named label of each collection, among the labels that the collection has."""
    tables: dict[str, dict[str, float]] = {}
    for cache, held in zip(caches, held_out(caches), strict=True):
        hits: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        names = {n: merged(v) for n, v in cache.collection.labels.items() if classes_of(v) and not _background(v)}
        rows = sorted(set(names.values()) - {"other"})
        members = {row: _members(row) for row in rows}
        for i in np.flatnonzero(held)[:most]:
            photo, labels = cache[int(i)]
            logits, _, _ = seen(net, photo, side, filmed, int(i))
            full = cv2.resize(np.moveaxis(logits, 0, -1), labels.shape[::-1], interpolation=cv2.INTER_LINEAR).argmax(-1)
            known = (labels != UNLABELED) & ~np.isin(labels, cache.collection.void)
            for row in rows:
                truth = np.isin(labels, [n for n, v in names.items() if v == row])
                answer = np.isin(full, members[row])
                hits[row][0] += float((truth & answer & known).sum())
                hits[row][1] += float(((truth | answer) & known).sum())
                hits[row][2] += float(truth.any())
        tables[cache.collection.name] = {
            row: round(h[0] / max(h[1], 1), 3) for row, h in sorted(hits.items()) if h[2] >= 8
        }
    return tables


def _members(row: str) -> list[int]:
    if row == "person":
        return [NUMBER[p] for p in PERSON]
    return [NUMBER["skin"], NUMBER["face"]] if row == "skin" else [NUMBER[c] for c in row.split("+")]


def _background(label: str) -> bool:
    return label == "background" or label.startswith("not ")


def objects(net: Any, caches: list[MaskCache], side: int, most: int, counts: tuple[int, ...]) -> dict[int, float]:
    """Mean IoU after so many clicks, each in the middle of the largest wrong part."""
    scores: dict[int, list[float]] = defaultdict(list)
    for cache in caches:
        for i in range(0, len(cache), max(1, len(cache) // most)):
            photo, labels = cache[i]
            truth = _object(labels, cache)
            if truth is None:
                continue
            logits, pyramid, embedding = seen(net, photo, side, False, i)
            size = logits.shape[1:]
            small = cv2.resize(truth.astype(np.float32), size[::-1], interpolation=cv2.INTER_AREA) > 0.5
            known = np.ones(size, bool)
            placed: list[clicks.Click] = []
            soft = None
            for n in range(1, max(counts) + 1):
                answer = np.zeros(size, bool) if soft is None else soft > 0.5
                click = clicks.next_click(small, answer, known)
                if click is not None:
                    placed.append(click)
                x = torch.from_numpy(clicks.planes(placed, soft, size)[None])
                with torch.no_grad():
                    soft = net.select(pyramid, embedding, x)[0, 0].sigmoid().numpy()
                if n in counts:
                    full = cv2.resize(soft, truth.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
                    scores[n].append(float((full & truth).sum() / max((full | truth).sum(), 1)))
    return {n: round(float(np.mean(v)), 3) for n, v in scores.items()}


def _object(labels: Any, cache: MaskCache) -> Any:
    named = [n for n, v in cache.collection.labels.items() if not _background(v) and n != UNLABELED and v != "null"]
    best, area = None, 0.01 * labels.size
    for n in set(np.unique(labels)) & set(named):
        count, parts, stats, _ = cv2.connectedComponentsWithStats((labels == n).astype(np.uint8))
        for k in range(1, count):
            if stats[k, cv2.CC_STAT_AREA] > area:
                best, area = parts == k, float(stats[k, cv2.CC_STAT_AREA])
    return best


def say(line: str) -> None:
    """A line of the report, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--objects", type=Path, action="append", default=[])
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--most", type=int, default=400)
    options = parser.parse_args()
    trained = restored(options.run)
    say(f"{trained.stored.progress.samples} samples, {options.side} px")
    caches = [MaskCache(p) for p in options.data]
    for filmed in (False, True) if caches else ():
        table = segments(trained.net, caches, options.side, options.most, filmed)
        for name, rows in table.items():
            mean = f"mean {np.mean(list(rows.values())):.3f}" if rows else "-"
            say(f"{'film' if filmed else 'grey'} {name} {mean} {rows}")
    for path in options.objects:
        began = time.perf_counter()
        scores = objects(trained.net, [MaskCache(path)], options.side, options.most, (1, 3, 5))
        say(f"select {path.name} {scores} {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
