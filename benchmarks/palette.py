"""How near a palette do results come?

    python benchmarks/palette.py PHOTOS.tar > benchmarks/palette.md

Distances are in the plane of a and b: to the palette's nearest color or the line from gray to it, mean of all pixels.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from barva.engine.colorizer import Colorizer
from barva.engine.steer import palette
from barva.evaluation.benchmark import grey_of, photos_in

PALETTES = ("navy, crimson", "teal, orange, ivory", "sepia, olive, maroon", "grey")

INTRODUCTION = """# Palettes

`python benchmarks/palette.py PHOTOS.tar > benchmarks/palette.md`, {count} photos, colored by `guided` without and
with `--palette`. *Step* is the greatest difference of chroma between neighboring pixels of the answer, before and
after: a border that the palette drew would make it grow.

| palette | distance before | after | mean chroma before | after | step before | after |
|---|--:|--:|--:|--:|--:|--:|
"""


def distance(ab: np.ndarray, colors: palette.Colors) -> float:
    points, c = ab.reshape(-1, 1, 2), np.array(colors, np.float32)
    share = np.clip((points * c).sum(-1) / np.maximum((c**2).sum(-1), 1e-6), 0, 1)
    return float(np.linalg.norm(points - share[..., None] * c, axis=-1).min(1).mean())


def figures(ab: np.ndarray, colors: palette.Colors) -> list[float]:
    step = max(float(np.abs(np.diff(ab, axis=axis)).max()) for axis in (0, 1))
    return [distance(ab, colors), float(np.hypot(ab[..., 0], ab[..., 1]).mean()), step]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--limit", type=int, default=12)
    parser.add_argument("--sheet", type=Path, default=None)
    args = parser.parse_args()
    colorizer = Colorizer()
    photos = [rgb for _, rgb in itertools.islice(photos_in(args.photos), args.limit)]
    donor = photos[0]
    palettes = {
        **{text: palette.load_palette(text) for text in PALETTES},
        "the first photo's own": palette.load_palette(donor),
    }
    rows: dict[str, list] = {name: [] for name in palettes}
    sheet = []
    for rgb in photos:
        light = grey_of(rgb)
        before = colorizer.colorize(light)
        shown = [np.dstack([light] * 3), before.array()]
        for name, colors in palettes.items():
            after = colorizer.colorize(light, palette=donor if name.startswith("the") else name)
            shown.append(after.array())
            rows[name].append([figures(r.chroma.ab, colors) for r in (before, after)])
        small = [cv2.resize(p, (200, 150), interpolation=cv2.INTER_AREA) for p in shown]
        sheet.append(np.concatenate(small, axis=1))
    write = sys.stdout.write
    write(INTRODUCTION.format(count=len(photos)))
    for name, found in rows.items():
        (a, b, c), (d, e, f) = np.mean(found, axis=0)
        write(f"| {name} | {a:.1f} | {d:.1f} | {b:.1f} | {e:.1f} | {c:.1f} | {f:.1f} |\n")
    if args.sheet:
        Image.fromarray(np.concatenate(sheet)).save(args.sheet)


if __name__ == "__main__":
    main()
