"""Does what was asked for come out, and does the whole object take it?

    python benchmarks/obedience.py OBJECTS.tar PHOTOS.tar > benchmarks/obedience.md

OBJECTS.tar holds photos with object masks (KEY.webp, KEY.mask.png with one class a value), PHOTOS.tar color photos.
`--sheet FILE.png` keeps pictures of the first objects: light, automatic, asked for.
"""

from __future__ import annotations

import argparse
import io
import itertools
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import outside
from PIL import Image

from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.evaluation.benchmark import grey_of, photos_in
from barva.evaluation.extras import generator
from barva.evaluation.metrics import Truth, color_errors
from barva.evaluation.photos import is_photo, read_bytes
from barva.guidance.marks import Guidance, Point

METHODS = ("guided", "levin")
COUNTS = (0, 1, 5, 10, 50, 100)

SHARES = 0.02, 0.4
"""How much of its photo an object fills, at least and at most."""

CHROMA = 40.0
"""Of the colors asked for, where the light can carry it."""

TAKEN = 0.5
"""A pixel took the color when it went this far of the way from its automatic color to the asked one."""

NOTICED = 5.0
"""CIEDE2000 from which a pixel counts as changed at all."""

INTRODUCTION = """# Obedience

`python benchmarks/obedience.py OBJECTS.tar PHOTOS.tar > benchmarks/obedience.md`; `guided` {version} (sha256 {sha}).
"""

OBJECTS = """
## One point on one object

{count} objects (one connected part of one class, {low:.0%} to {high:.0%} of its photo; one a photo), one point each,
at the place farthest from the object's border. Asked for: of twelve hues of chroma {chroma:.0f}, fitted to the light
there, the one farthest from the automatic color. *Took it* counts pixels that went at least half of the way from
their automatic color to the asked one, as their own light carries it; *changed* those that moved by more than
{noticed:.0f} CIEDE2000. *Around* is a band about the object as wide as a third of its diameter, *elsewhere* the rest
of the photo. Objects are those of the masks: a person is one object, whatever he wears, and a class's part can have
several colors.

| method | CIEDE2000 at the point | worst | object took it | around | elsewhere | object changed | around | elsewhere |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""

POINTS = """
## Points of true color

PSNR, dB, after so many random points (each a disc of 1/64 of the short side, with the mean of the true colors under
it), mean of {count} photos, the photo's own light kept.

| method | {head} |
|---|{rule}
"""


@dataclass(frozen=True, eq=False)
class Thing:
    """A photo (H, W, 3) uint8, its light (H, W) uint8, and where one object lies (H, W) bool; `at` is the (x, y) in its
    middle."""

    key: str
    group: str
    rgb: np.ndarray
    light: np.ndarray
    inside: np.ndarray
    at: tuple[int, int]


def masked(path: Path, limit: int | None = None) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Photos of a tar file that have masks: key, group, photo (H, W, 3) and classes (H, W). With `limit` every n-th, so
    that about so many are spread over all of it."""
    with tarfile.open(path) as tar:
        members = {m.name: m for m in tar if m.isfile()}
        photos = sorted(n for n in members if is_photo(n) and str(PurePosixPath(n).with_suffix(".mask.png")) in members)
        for name in photos[:: max(1, len(photos) // (limit or len(photos)))]:
            rgb = read_bytes(tar.extractfile(members[name]).read(), name)
            mask = tar.extractfile(members[str(PurePosixPath(name).with_suffix(".mask.png"))]).read()
            classes = np.asarray(Image.open(io.BytesIO(mask)))
            if classes.shape != rgb.shape[:2]:
                classes = cv2.resize(classes, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST)
            key = PurePosixPath(name).stem
            yield key, key.rpartition("_")[0], rgb, classes


def things(path: Path, limit: int) -> Iterator[Thing]:
    """One object of every n-th photo of a tar file, so that about `limit` are spread over all of it."""
    for key, group, rgb, classes in masked(path, limit):
        found = _object(classes)
        if found is not None:
            yield Thing(key, group, rgb, grey_of(rgb), *found)


def _object(classes: np.ndarray) -> tuple[np.ndarray, tuple[int, int]] | None:
    """The connected part with the widest middle, of any class but 0."""
    best, widest = None, 0.0
    for value in np.unique(classes[classes > 0]):
        count, labels = cv2.connectedComponents((classes == value).astype(np.uint8))
        for n in range(1, count):
            inside = labels == n
            if SHARES[0] <= inside.mean() <= SHARES[1]:
                far = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
                if far.max() > widest:
                    y, x = np.unravel_index(int(far.argmax()), far.shape)
                    best, widest = (inside, (int(x), int(y))), float(far.max())
    return best


def asked_for(light: float, automatic: np.ndarray) -> np.ndarray:
    """Lab (3,) of the hue farthest from the `automatic` Lab, at its `light`."""
    hues = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = np.stack([np.full(12, light), CHROMA * np.cos(hues), CHROMA * np.sin(hues)], axis=-1).astype(np.float32)
    fitted = gamut.fit(ring)
    return fitted[int(ciede2000(fitted, automatic).argmax())]


def lab_of(result) -> np.ndarray:
    return spaces.fast_rgb_to_lab(result.array())


def color(ab: np.ndarray) -> str:
    return f"lab(50, {ab[0]:.3f}, {ab[1]:.3f})"


def obeyed(colorizer: Colorizer, thing: Thing) -> tuple[list[float], list[np.ndarray]]:
    """The table's figures, and the pictures: light, automatic, told."""
    seen = colorizer.analyze(np.ascontiguousarray(thing.light))
    before = colorizer.answer(seen, Request())
    lab, (x, y) = lab_of(before), thing.at
    want = asked_for(float(lab[y, x, 0]), lab[y, x])
    after = colorizer.answer(seen, Request(guidance=Guidance((Point(thing.at, color(want[1:])),))))
    told = lab_of(after)
    light = lab[..., :1]
    goal = gamut.fit(np.concatenate([light, np.broadcast_to(want[1:], (*light.shape[:2], 2))], axis=-1))
    way, went = goal[..., 1:] - lab[..., 1:], told[..., 1:] - lab[..., 1:]
    taken = (way * went).sum(-1) >= TAKEN * np.maximum((way**2).sum(-1), 1)
    changed = ciede2000(told, lab) > NOTICED
    reach = max(3, round(2 * np.sqrt(thing.inside.sum() / np.pi) / 3))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    near = (cv2.dilate(thing.inside.astype(np.uint8), disc) > 0) & ~thing.inside
    rest = ~near & ~thing.inside
    off = float(ciede2000(told[y, x], np.array([told[y, x, 0], *want[1:]], np.float32)))
    shares = [float(m[a].mean()) if a.any() else 0.0 for m in (taken, changed) for a in (thing.inside, near, rest)]
    return [off, *shares], [np.dstack([thing.light] * 3), before.array(), after.array()]


def told_truth(colorizer: Colorizer, key: str, rgb: np.ndarray) -> list[float]:
    """PSNR after each of `COUNTS` points."""
    truth = Truth.of(spaces.fast_rgb_to_lab(rgb))
    h, w = rgb.shape[:2]
    places = (generator(key, "points").random((max(COUNTS), 2)) * (h, w)).astype(int)
    side = max(1, round(min(h, w) / 64)) | 1
    mean = cv2.blur(np.ascontiguousarray(truth.lab[..., 1:]), (side, side))
    points = tuple(Point((int(x), int(y)), color(mean[y, x])) for y, x in places)
    seen = colorizer.analyze(grey_of(rgb))
    results = (colorizer.answer(seen, Request(guidance=Guidance(points[:n]) if n else None)) for n in COUNTS)
    return [color_errors(truth, lab_of(result))[1] for result in results]


def sheet(rows: list[tuple[Thing, list[np.ndarray]]], path: Path) -> None:
    """Rows of pictures at 192 px, the object's border and the point drawn on the light; two rows side by side."""
    strips = []
    for thing, pictures in rows:
        pictures = [p.copy() for p in pictures]
        lines, _ = cv2.findContours(thing.inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(pictures[0], lines, -1, (255, 255, 0), 1)
        cv2.circle(pictures[0], thing.at, 5, (255, 0, 0), -1)
        small = [cv2.resize(p, (256, 192), interpolation=cv2.INTER_AREA) for p in pictures]
        strips.append(np.concatenate(small, axis=1))
    half = (len(strips) + 1) // 2
    strips += [np.zeros_like(strips[0])] * (2 * half - len(strips))
    columns = [np.concatenate(strips[i * half : (i + 1) * half]) for i in range(2)]
    Image.fromarray(np.concatenate(columns, axis=1)).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objects", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--things", type=int, default=80, help="about so many objects")
    parser.add_argument("--limit", type=int, default=40, help="photos for points of true color; 0 leaves them out")
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--rings", type=int, default=40, help="objects whose surroundings are looked at; 0: none")
    parser.add_argument("--sheet", type=Path, default=None)
    args = parser.parse_args()
    colorizers = {name: Colorizer(name) for name in args.methods}
    write, found = sys.stdout.write, list(things(args.objects, args.things))
    stamp = colorizers[args.methods[0]].colorize(found[0].light).provenance
    write(INTRODUCTION.format(version=stamp.model_version, sha=stamp.weights_sha256[:12]))
    low, high = SHARES
    write(OBJECTS.format(count=len(found), low=low, high=high, chroma=CHROMA, noticed=NOTICED))
    kept = []
    groups: dict[str, list[list[float]]] = {}
    for name, colorizer in colorizers.items():
        rows = []
        for thing in found:
            figures, pictures = obeyed(colorizer, thing)
            rows.append(figures)
            if name == args.methods[0]:
                groups.setdefault(thing.group, []).append(figures)
                kept.append((thing, pictures))
        write(line(f"`{name}`", rows))
    for group, rows in groups.items():
        write(line(f"`{args.methods[0]}`, {group} ({len(rows)})", rows))
    if args.sheet:
        sheet(kept[:: max(1, len(kept) // 24)][:24], args.sheet)
    if args.rings:
        some = found[:: max(1, len(found) // args.rings)][: args.rings]
        write(outside.table(colorizers | {name: Colorizer(name) for name in outside.STEERED}, some))
        write(outside.hues(some))
    photos = list(itertools.islice(photos_in(args.photos), args.limit)) if args.limit else []
    if photos:
        write(POINTS.format(count=len(photos), head=" | ".join(map(str, COUNTS)), rule="--:|" * len(COUNTS)))
    for name, colorizer in colorizers.items() if photos else ():
        mean = np.mean([told_truth(colorizer, key, rgb) for key, rgb in photos], axis=0)
        write(f"| `{name}` | " + " | ".join(f"{v:.2f}" for v in mean) + " |\n")


def line(name: str, rows: list[list[float]]) -> str:
    off, *shares = np.mean(rows, axis=0)
    worst = max(row[0] for row in rows)
    return f"| {name} | {off:.2f} | {worst:.2f} | " + " | ".join(f"{s:.0%}" for s in shares) + " |\n"


if __name__ == "__main__":
    main()
