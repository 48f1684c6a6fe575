"""Skin that a method left gray, before and after it takes the color of its face, on photos with masks.

    python benchmarks/skin.py --held CACHE ... --data CACHE ... [--yardstick PHOTOS.tar] > benchmarks/skin.md

Caches are what `barva data masks` makes: of those after `--held` only the kept-out tenth is looked at, of those after
`--data` all. The yardstick is as for `surfaces.py`. `--sheet FILE.png` keeps pictures: light, before, after.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import surfaces
from PIL import Image

from barva.color import spaces
from barva.engine.colorizer import Colorizer
from barva.engine.memory import Memory
from barva.engine.request import Request
from barva.evaluation.benchmark import grey_of
from barva.evaluation.metrics import ciede2000_map, relight
from barva.perception import network as networks
from barva.training.mask_sampler import held_out
from barva.training.masks import MaskCache

MOVED = 3.0
"""CIEDE2000 from which a pixel that is no skin counts as changed."""

HEAD = """# Skin beside a face

`python benchmarks/skin.py --held CACHE ... --data CACHE ... --yardstick PHOTOS.tar > benchmarks/skin.md`; `guided`
{version}, perception {perception}. Photos of people that nothing was trained on. *Gray* is the share of skin's pixels
with a chroma below {gray:.0f}, as the method left them (`--no-skin`) and after; *error* mean CIEDE2000 on skin, light
being the truth's; *rest* mean CIEDE2000 on all that the masks name and that is no skin, *changed* the share of it that
moved by more than {moved:.0f}. *Done*: photos whose skin was completed; *better*, *worse*: those whose error on skin
changed by more than 0.1.

| photos | | gray | after | error | after | rest | after | changed | done | better | worse |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""


def from_cache(cache: MaskCache, chosen: Any, most: int) -> Iterator[tuple[Any, Any, Any]]:
    """Photos (H, W, 3) uint8, where skin is and where something else is that has a name (H, W)."""
    labels = cache.collection.labels
    skin = [n for n, label in labels.items() if surfaces.row_of(label) == "skin" or label in ("arm", "leg")]
    unknown = [n for n, label in labels.items() if label == "unlabeled"]
    for i in chosen[:: max(1, len(chosen) // most)][:most]:
        photo, marked = cache[int(i)]
        inside = np.isin(marked, skin)
        yield np.ascontiguousarray(photo), inside, ~inside & np.isin(marked, list(labels)) & ~np.isin(marked, unknown)


def from_tar(path: Path, most: int) -> Iterator[tuple[Any, Any, Any]]:
    """The same from the yardstick."""
    for photo, areas in surfaces.from_tar(path, most):
        if "skin" in areas:
            others = [area for row, area in areas.items() if row not in ("skin", "person")]
            yield photo, areas["skin"], np.any([*others, np.zeros(photo.shape[:2], bool)], axis=0)


def measure(photo: Any, inside: Any, rest: Any, colorizer: Colorizer) -> tuple[list[float], list[Any]]:
    """The table's figures of one photo, and its pictures."""
    prepared, memory = colorizer.analyze(grey_of(photo)), Memory()
    results = [colorizer.answer(prepared, Request(skin=skin), memory) for skin in (False, True)]
    truth = spaces.fast_rgb_to_lab(photo)
    before, after = (relight(truth, spaces.fast_rgb_to_lab(result.array())) for result in results)
    errors = [ciede2000_map(truth, lab) for lab in (before, after)]
    gray = [float((np.hypot(lab[..., 1], lab[..., 2])[inside] < surfaces.GRAY).mean()) for lab in (before, after)]
    others = [float(error[rest].mean()) if rest.any() else np.nan for error in errors]
    moved = float((ciede2000_map(before, after)[rest] > MOVED).mean()) if rest.any() else np.nan
    on_skin = [float(error[inside].mean()) for error in errors]
    pictures = [np.dstack([grey_of(photo)] * 3), *(result.array() for result in results)]
    return [*gray, *on_skin, *others, moved, float(results[0].notes != results[1].notes)], pictures


def line(name: str, rows: list[list[float]]) -> str:
    """A row of the table."""
    table = np.array(rows)
    gray, gray2, error, error2, rest, rest2, moved, _ = np.nanmean(table, axis=0)
    gain = table[:, 2] - table[:, 3]
    figures = f"{gray:.1%} | {gray2:.1%} | {error:.2f} | {error2:.2f} | {rest:.2f} | {rest2:.2f} | {moved:.2%}"
    counts = int(table[:, 7].sum()), int((gain > 0.1).sum()), int((gain < -0.1).sum())
    return f"| {name} | {len(rows)} | {figures} | {' | '.join(map(str, counts))} |\n"


def sheet(rows: list[list[Any]], path: Path) -> None:
    """Rows of pictures 200 px high, three rows side by side."""
    strips = []
    for pictures in rows:
        small = [cv2.resize(p, (160, 200), interpolation=cv2.INTER_AREA) for p in pictures]
        strips.append(np.concatenate(small, axis=1))
    strips += [np.zeros_like(strips[0])] * (-len(strips) % 3)
    lines = [np.concatenate(strips[n : n + 3], axis=1) for n in range(0, len(strips), 3)]
    Image.fromarray(np.concatenate(lines)).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held", nargs="*", type=Path, default=[])
    parser.add_argument("--data", nargs="*", type=Path, default=[])
    parser.add_argument("--yardstick", type=Path)
    parser.add_argument("--most", type=int, default=60, help="photos of each source")
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    colorizer, held = Colorizer(), [MaskCache(folder) for folder in options.held]
    sources: list[tuple[str, Iterator[tuple[Any, Any, Any]]]] = []
    for cache, chosen in zip(held, held_out(held), strict=True):
        sources.append((cache.collection.name, from_cache(cache, np.flatnonzero(chosen), options.most)))
    for cache in map(MaskCache, options.data):
        sources.append((cache.collection.name, from_cache(cache, np.arange(len(cache)), options.most)))
    if options.yardstick:
        sources.append(("evaluation", from_tar(options.yardstick, options.most)))
    if not sources:
        parser.error("name photos with masks: --held CACHE, --data CACHE or --yardstick PHOTOS.tar")
    lines, pictures = list[str](), list[tuple[float, list[Any]]]()
    for name, photos in sources:
        rows = []
        for photo, inside, rest in photos:
            if inside.mean() >= surfaces.SMALLEST:
                figures, shown = measure(photo, inside, rest, colorizer)
                rows.append(figures)
                if figures[7]:
                    pictures.append((figures[0] - figures[1], shown))
        if rows:
            lines.append(line(name, rows))
    stamp = colorizer.colorize(np.full((64, 64), 128, np.uint8)).provenance
    head = HEAD.format(
        version=stamp.model_version, perception=networks.shared_network().version, gray=surfaces.GRAY, moved=MOVED
    )
    sys.stdout.write(head + "".join(lines))
    if options.sheet and pictures:
        pictures.sort(key=lambda row: -row[0])
        chosen_pictures = [shown for _, shown in pictures[:: max(1, len(pictures) // 24)][:24]]
        sheet(chosen_pictures, options.sheet)


if __name__ == "__main__":
    main()
