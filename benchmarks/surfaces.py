"""Which objects get their colors right, and which are guesses: measured on photos with masks, one row a kind.

    python benchmarks/surfaces.py --data CACHE ... [--yardstick PHOTOS.tar] [--methods guided] > benchmarks/surfaces.md

Caches are what `barva data masks` makes, of photos that nothing was trained on; the yardstick is a tar file of photos
and masks with a classes.json beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import obedience

from barva.color import spaces
from barva.engine.colorizer import Colorizer
from barva.evaluation.benchmark import grey_of
from barva.evaluation.metrics import ciede2000_map, relight
from barva.perception.classes import members
from barva.training.masks import MaskCache
from barva.training.vocabulary import classes_of

ROWS = {
    "skin": ("skin", "face"), "hair": ("hair",), "clothing": ("clothing",), "person": ("person",), "sky": ("sky",),
    "grass": ("grass",), "trees and leaves": ("tree", "leaves"), "flowers": ("flower",), "water": ("water",),
    "sand": ("sand",), "rock and soil": ("rock", "soil"), "snow": ("snow",), "mountains": ("mountain",),
    "roads": ("road",), "buildings": ("building",),
    "animals": ("dog", "cat", "horse", "cow", "sheep", "bird", "animal"),
    "vehicles": ("car", "truck", "bus", "train", "motorcycle", "bicycle", "boat", "airplane"),
    "food": ("food",),
    "furniture": ("chair", "sofa", "table"), "things of any color": ("bag", "umbrella", "bottle"),
}  # fmt: skip
"""Rows of the table and the classes that they hold, narrow ones first."""

SMALLEST = 0.01
"""The share of a photo that a kind must cover to be measured there."""

GRAY = 5.0
"""Chroma below which a pixel counts as gray."""

WRONG = 60.0
"""Degrees from which a hue counts as wrong, where both colors have a chroma of at least 8."""

PLAIN = 3.0
"""A surface is plain where the low frequencies of its true chroma vary by at most this much: root mean square, ab."""

SMOOTH = 1 / 16
"""Standard deviation of the low-pass filter for blotches, as a share of the short side."""

HEAD = """# Colors by kind of object

`python benchmarks/surfaces.py --data CACHE ... --yardstick PHOTOS.tar > benchmarks/surfaces.md`: photos that nothing
was trained on. Light is the truth's. *Gray* is the share of the pixels with a chroma below {gray:.0f}, *wrong hue* the
share of those with a chroma of 8 or more in both pictures whose hues lie more than {wrong:.0f} degrees apart, *ratio*
the mean chroma as a share of the truth's. *Blotches*: root mean square of the low frequencies of chroma about their
mean within one plain surface (true ones at most {plain:.0f} ab), the truth's in brackets.
"""


@dataclass
class Sums:
    """What is summed up over the photos of one row."""

    photos: int = 0
    errors: list[float] = field(default_factory=list)
    gray_errors: list[float] = field(default_factory=list)
    gray: list[float] = field(default_factory=list)
    truly_gray: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    chroma: list[float] = field(default_factory=list)
    true_chroma: list[float] = field(default_factory=list)
    blotches: list[float] = field(default_factory=list)
    true_blotches: list[float] = field(default_factory=list)


def row_of(label: str) -> str | None:
    """The row that a label belongs to; None where it can mean several, or nothing of the table."""
    if label in ("background", "unlabeled") or label.startswith("not "):
        return None
    classes = classes_of(label)
    for row, terms in ROWS.items():
        if classes and classes <= {n for term in terms for n in members(term)}:
            return row
    return None


def from_cache(cache: MaskCache, most: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Photos (H, W, 3) uint8 and where each row's kinds lie."""
    rows = {n: row_of(label) for n, label in cache.collection.labels.items()}
    for i in range(0, len(cache), max(1, len(cache) // most)):
        photo, labels = cache[i]
        yield np.asarray(photo), _areas(labels, rows)


def from_tar(path: Path, most: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The same from the yardstick."""
    groups = json.loads((path.parent / "classes.json").read_text(encoding="utf-8"))
    tables = {g: {int(n): row_of(label) for n, label in labels.items()} for g, labels in groups.items()}
    for _, group, rgb, classes in obedience.masked(path, most):
        if group in tables:
            yield rgb, _areas(classes, tables[group])


def _areas(labels: Any, rows: dict[int, str | None]) -> dict[str, Any]:
    areas: dict[str, Any] = {}
    for n in np.unique(labels):
        row = rows.get(int(n))
        if row is not None:
            areas[row] = areas.get(row, False) | (labels == n)
    return {row: area for row, area in areas.items() if area.mean() >= SMALLEST}


def measure(photo: Any, areas: dict[str, Any], colorizer: Colorizer, table: dict[str, Sums]) -> None:
    """Add one photo."""
    truth = spaces.fast_rgb_to_lab(np.ascontiguousarray(photo))
    answer = spaces.fast_rgb_to_lab(np.ascontiguousarray(colorizer.colorize(grey_of(photo)).array()))
    lit = relight(truth, answer)
    errors, plain = ciede2000_map(truth, lit), ciede2000_map(truth, truth * np.float32([1, 0, 0]))
    z, true_z = lit[..., 1] + 1j * lit[..., 2], truth[..., 1] + 1j * truth[..., 2]
    for row, area in areas.items():
        sums = table[row]
        sums.photos += 1
        own, true = z[area], true_z[area]
        sums.errors.append(float(errors[area].mean()))
        sums.gray_errors.append(float(plain[area].mean()))
        sums.gray.append(float((np.abs(own) < GRAY).mean()))
        sums.truly_gray.append(float((np.abs(true) < GRAY).mean()))
        sums.chroma.append(float(np.abs(own).mean()))
        sums.true_chroma.append(float(np.abs(true).mean()))
        both = (np.abs(own) >= 8) & (np.abs(true) >= 8)
        if both.mean() > 0.05:
            turn = np.degrees(np.abs(np.angle(own[both] * true[both].conj())))
            sums.wrong.append(float((turn > WRONG).mean()))
        _add_blotches(sums, z, true_z, area)


def _add_blotches(sums: Sums, z: Any, true_z: Any, area: Any) -> None:
    """For the largest connected part, where its true chroma is plain."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(area.astype(np.uint8))
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if count > 1 else 0
    inside = cv2.erode((parts == largest).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    if not largest or inside.mean() < 2 * SMALLEST:
        return
    true_spread, spread = (_spread(values, inside) for values in (true_z, z))
    if true_spread <= PLAIN:
        sums.true_blotches.append(true_spread)
        sums.blotches.append(spread)


def _spread(z: Any, inside: Any) -> float:
    """Root mean square distance of the low frequencies of chroma from their mean, ab."""
    sigma = SMOOTH * min(z.shape)
    weight = cv2.GaussianBlur(inside, (0, 0), sigma)
    planes = [cv2.GaussianBlur(np.asarray(p * inside, np.float32), (0, 0), sigma) for p in (z.real, z.imag)]
    chosen = inside > 0
    low = (planes[0] + 1j * planes[1])[chosen] / weight[chosen]
    return float(np.sqrt(np.mean(np.abs(low - low.mean()) ** 2)))


def tables(method: str, sources: list[Any], most: int) -> dict[str, Sums]:
    """All rows for one method."""
    colorizer, table = Colorizer(method), defaultdict[str, Sums](Sums)
    for source in sources:
        for photo, areas in from_cache(source, most) if isinstance(source, MaskCache) else from_tar(source, most):
            if areas:
                measure(photo, areas, colorizer, table)
    return {row: table[row] for row in ROWS if table[row].photos >= 8}


def show(method: str, table: dict[str, Sums]) -> str:
    """A Markdown table."""
    lines = ["", f"## {method}", ""]
    lines += ["| kind | photos | CIEDE2000 | gray has | gray % | truth % | wrong hue % | ratio | blotches |"]
    lines += ["|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for row, s in table.items():
        blotches = f"{np.mean(s.blotches):.1f} ({np.mean(s.true_blotches):.1f})" if len(s.blotches) >= 5 else "–"
        wrong = f"{100 * np.mean(s.wrong):.0f}" if s.wrong else "–"
        errors = f"{np.mean(s.errors):.2f} | {np.mean(s.gray_errors):.2f}"
        shares = f"{100 * np.mean(s.gray):.0f} | {100 * np.mean(s.truly_gray):.0f}"
        ratio = np.mean(s.chroma) / np.mean(s.true_chroma)
        lines.append(f"| {row} | {s.photos} | {errors} | {shares} | {wrong} | {ratio:.2f} | {blotches} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="*", type=Path, default=[])
    parser.add_argument("--yardstick", type=Path)
    parser.add_argument("--methods", nargs="+", default=["guided"])
    parser.add_argument("--most", type=int, default=200, help="photos of each source")
    options = parser.parse_args()
    sources = [MaskCache(folder) for folder in options.data] + ([options.yardstick] if options.yardstick else [])
    if not sources:
        parser.error("name photos with masks: --data CACHE or --yardstick PHOTOS.tar")
    sys.stdout.write(HEAD.format(gray=GRAY, wrong=WRONG, plain=PLAIN))
    for method in options.methods:
        sys.stdout.write(show(method, tables(method, sources, options.most)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
