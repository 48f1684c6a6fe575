"""Samples or means: how near the truth, how different from each other, how much of a piece, how much like photos?

    python benchmarks/diffusion.py PHOTOS [--masks OBJECTS.tar] [--limit 200] [--count 8]
        [--methods guided guided:variants gan diffusion@4 ...] [--sheet sheet.png] > benchmarks/diffusion.md
    python benchmarks/diffusion.py PHOTOS --sure [--limit 12] [--methods diffusion guided]

A method is a name of `barva methods`; `NAME@STEPS` sets its steps, `NAME:variants` leaves its own first answer out.
PHOTOS are color photos, made gray. Of every photo and method `--count` answers are made (one, where the method knows
only one). `--masks` are photos with object masks, for coherence and hints, each answered once or twice. `--sure` asks
one thing only, of one answer each: are errors greater where a method says that it is less sure?
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import frechet
import numpy as np
import obedience

from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.engine.sampling import Sampling
from barva.evaluation import report
from barva.evaluation.benchmark import grey_of, photos_in
from barva.evaluation.metrics import colorfulness, sepia_share
from barva.guidance.marks import Point

SHORT = 128
"""Short side, px, at which colors are compared."""

BEST_OF = 6


@dataclass
class Row:
    """What a method's answers came to, one value a photo."""

    one: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    vivid: list[float] = field(default_factory=list)
    sepia: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    features: list[np.ndarray] = field(default_factory=list)
    coherence: list[tuple[float, float]] = field(default_factory=list)
    hint: list[float] = field(default_factory=list)
    way: list[float] = field(default_factory=list)


class Contender:
    """A method by its name on the command line."""

    def __init__(self, text: str) -> None:
        self.text = text
        name, _, steps = text.removesuffix(":variants").partition("@")
        self.skip = int(text.endswith(":variants"))
        sampling = Sampling(steps=int(steps)) if steps else Sampling()
        self.colorizer = Colorizer(name, request=Request(sampling=sampling))
        self.several = self.colorizer.card.samples or self.colorizer.card.has_distribution

    def answers(self, gray: np.ndarray, count: int) -> tuple[list[np.ndarray], float]:
        """Pictures (H, W, 3) uint8, and the seconds of one."""
        began = time.monotonic()
        if not self.several:
            made = [self.colorizer.colorize(gray)]
        else:
            made = self.colorizer.variants(gray, count + self.skip)[self.skip :]
        pictures = [r.array() for r in made]
        return pictures, (time.monotonic() - began) / (len(pictures) + self.skip)


def small(rgb: np.ndarray) -> np.ndarray:
    """(h, w, 3) Lab."""
    scale = SHORT / min(rgb.shape[:2])
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return spaces.fast_rgb_to_lab(np.ascontiguousarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(ciede2000(a, b).mean())


def measure(row: Row, truth: np.ndarray, pictures: list[np.ndarray], seconds: float, net: Any) -> None:
    labs = [small(p) for p in pictures]
    far = [apart(lab, truth) for lab in labs]
    row.one.append(float(np.mean(far)))
    row.best.append(min(far[:BEST_OF]))
    mean = np.mean(labs, axis=0)
    mean[..., 0] = truth[..., 0]
    row.mean.append(apart(mean.astype(np.float32), truth))
    row.apart.append(float(np.mean([apart(a, b) for a, b in itertools.combinations(labs, 2)] or [0])))
    row.vivid.append(float(np.mean([colorfulness(p) for p in pictures])))
    row.sepia.append(float(np.mean([sepia_share(truth[..., 1:], lab[..., 1:]) for lab in labs])))
    row.seconds.append(seconds)
    row.features.append(net.features(pictures[0]))


def within(lab: np.ndarray, classes: np.ndarray) -> list[float]:
    """The deviation of chroma inside each class that fills at least 2 % of the photo."""
    deviations = []
    for number in np.unique(classes):
        inside = classes == number
        if number and inside.mean() >= 0.02:
            deviations.append(float(np.sqrt(lab[inside][:, 1:].var(axis=0).sum())))
    return deviations


def objects(contenders: list[Contender], rows: dict[str, Row], path: Path, limit: int) -> None:
    """Coherence: deviation inside objects, of the answer and of the truth. Hints: CIEDE2000 at a point of a color that
    the object has not, and the share of the way that the object's mean chroma goes to it."""
    for thing in obedience.things(path, limit):
        truth, x, y = spaces.fast_rgb_to_lab(thing.rgb), *thing.at
        for contender in contenders:
            plain = contender.answers(thing.light, 1)[0][0]
            lab = spaces.fast_rgb_to_lab(plain)
            rows[contender.text].coherence += zip(within(lab, thing.inside), within(truth, thing.inside), strict=True)
            hue = np.arctan2(lab[y, x, 2], lab[y, x, 1]) + np.pi
            asked = gamut.fit(np.array([[lab[y, x, 0], 40 * np.cos(hue), 40 * np.sin(hue)]], np.float32))
            point = Point((x, y), obedience.color(asked[0, 1:]))
            result = contender.colorizer.colorize(thing.light, guidance=[point])
            hinted = spaces.fast_rgb_to_lab(result.array())
            rows[contender.text].hint.append(float(ciede2000(hinted[y, x][None], asked)[0]))
            way = asked[0, 1:] - lab[thing.inside][:, 1:].mean(0)
            went = hinted[thing.inside][:, 1:].mean(0) - lab[thing.inside][:, 1:].mean(0)
            rows[contender.text].way.append(float(went @ way / (way @ way)))


def sureness(contenders: list[Contender], photos: Iterator[tuple[str, np.ndarray]]) -> Iterator[str]:
    """Of each method the mean distance of its chroma from the truth's in fifths of all places, the surest first; and
    the rank correlation of doubt and distance: over all places, and the mean of those within a photo."""
    found: dict[str, list[np.ndarray]] = {c.text: [] for c in contenders}
    for _, rgb in photos:
        light, truth = grey_of(rgb), small(rgb)
        for contender in contenders:
            result = contender.colorizer.colorize(light)
            if result.confidence is None:
                raise SystemExit(f"{contender.text} does not say how sure it is")
            error = np.linalg.norm(small(result.array())[..., 1:] - truth[..., 1:], axis=-1)
            sure = cv2.resize(result.confidence, error.shape[::-1])
            found[contender.text].append(np.stack([1 - sure.ravel(), error.ravel()]))
    yield (
        "| method | mean confidence | error of the surest fifth | 2 | 3 | 4 | of the least sure "
        "| rank correlation | within photos |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for name, own in found.items():
        doubt, error = np.concatenate(own, axis=1)
        fifths = [error[part].mean() for part in np.array_split(np.argsort(doubt), 5)]
        cells = [1 - doubt.mean(), *fifths, spearman(doubt, error), np.mean([spearman(*one) for one in own])]
        yield (
            f"| {name} | "
            + " | ".join(f"{c:.2f}" if n in (0, 6, 7) else f"{c:.1f}" for n, c in enumerate(cells))
            + " |"
        )


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation; equal values are rare."""
    ranks = [np.argsort(np.argsort(values)) for values in (x, y)]
    return float(np.corrcoef(*ranks)[0, 1])


def table(rows: dict[str, Row], truths: Row, gray: Row, floor: float) -> Iterator[str]:
    yield "| method | one sample | mean | best of 6 | diversity | Fréchet | colorfulness / truth's | sepia % | s |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for name, row in (rows | {"gray": gray}).items():
        distance = frechet.frechet_distance(row.features, truths.features)
        cells = [np.mean(v) for v in (row.one, row.mean, row.best, row.apart)]
        vivid = np.mean(row.vivid) / np.mean(truths.vivid)
        seconds = f"{np.median(row.seconds):.2f}" if row.seconds else ""
        shown = " | ".join(f"{c:.2f}" for c in (*cells, distance, vivid, 100 * np.mean(row.sepia)))
        yield f"| {name} | {shown} | {seconds} |"
    yield f"| one half of the truths against the other | | | | | {floor:.2f} | 1 | | |"
    if any(row.coherence for row in rows.values()):
        yield "\n| method | deviation within objects / truth's | CIEDE2000 at the hint | object went to the hint % |"
        yield "|---|--:|--:|--:|"
        for name, row in rows.items():
            ours, theirs = np.array(row.coherence).mean(0) if row.coherence else (np.nan, np.nan)
            yield f"| {name} | {ours / theirs:.2f} | {np.mean(row.hint):.2f} | {100 * np.mean(row.way):.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--masks", type=Path)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--objects", type=int, default=60)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--methods", nargs="+", default=["guided", "guided:variants", "gan"])
    parser.add_argument(
        "--sure", action="store_true", help="only whether errors are greater where a method is less sure"
    )
    parser.add_argument("--features", type=Path, help="weights of EfficientNet-Lite2, if the package is not installed")
    parser.add_argument("--sheet", type=Path, help="light, truth and six answers of the first method for 24 photos")
    args = parser.parse_args()
    contenders = [Contender(text) for text in args.methods]
    if args.sure:
        photos = itertools.islice(photos_in(args.photos), args.limit)
        sys.stdout.write("\n".join(sureness(contenders, photos)) + "\n")
        return
    net = frechet.Lite2(args.features)
    rows, truths, gray, shown = {c.text: Row() for c in contenders}, Row(), Row(), []
    for key, rgb in itertools.islice(photos_in(args.photos), args.limit):
        light, truth = grey_of(rgb), small(rgb)
        truths.features.append(net.features(rgb))
        truths.vivid.append(colorfulness(rgb))
        measure(gray, truth, [np.dstack([light] * 3)], 0.0, net)
        for n, contender in enumerate(contenders):
            pictures, seconds = contender.answers(light, args.count)
            measure(rows[contender.text], truth, pictures, seconds, net)
            if not n and len(shown) < 24:
                shown.append((key, [np.dstack([light] * 3), rgb, *pictures[:6]]))
        sys.stderr.write(f"\r{len(shown) if len(shown) < 24 else len(gray.one)} photos, {key}  ")
    gray.seconds.clear()
    half = len(truths.features) // 2
    floor = frechet.frechet_distance(truths.features[:half], truths.features[half:])
    if args.masks:
        objects(contenders, rows, args.masks, args.objects)
    put = sys.stdout.write
    put("# Samples and means\n\nMade by `python benchmarks/diffusion.py`: ")
    put(f"{len(gray.one)} photos, {args.count} answers of each method that knows several; CIEDE2000 at {SHORT} px; ")
    put(
        "Fréchet distance in features of EfficientNet-Lite2 (not the FID), of the first answers; seconds of one answer."
    )
    put("\n\n" + "\n".join(table(rows, truths, gray, floor)) + "\n")
    if args.sheet:
        report.sheet(shown, args.sheet, tile=128)


if __name__ == "__main__":
    main()
