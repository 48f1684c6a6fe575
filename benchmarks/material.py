"""How chroma changes with light on surfaces of one color, on objects of photos with masks.

    python benchmarks/material.py CACHE ... [--most 1500] > benchmarks/material.md

Caches are what `barva data masks` makes. An object counts where most of its pixels have one hue.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from barva.color import spaces
from barva.color.material import SHADE, SHINE, material_curve
from barva.training.masks import MaskCache

KINDS = ("car", "bus", "train", "umbrella", "suitcase", "sofa", "boat", "motorbike", "chair", "bag", "bird")
STEPS = np.arange(5, 100, 10)
LEAST_CHROMA, LEAST_SHARE, COHERENT, HUE = 15.0, 0.03, 0.9, 0.5


def surfaces(cache: MaskCache, most: int) -> Iterator[tuple[float, np.ndarray]]:
    """Of each object its median light, and chroma in ten steps of light, relative to that at the median."""
    labels = [n for n, name in cache.collection.labels.items() if name in KINDS]
    for i in np.random.default_rng(0).permutation(len(cache))[:most]:
        photo, marked = cache[int(i)]
        for label in labels:
            inside = marked == label
            if inside.mean() < LEAST_SHARE:
                continue
            lab = spaces.fast_rgb_to_lab(np.asarray(photo))[cv2.erode(inside.astype(np.uint8), np.ones((5, 5))) > 0]
            row = _surface(lab)
            if row is not None:
                yield row


def _surface(lab: np.ndarray) -> tuple[float, np.ndarray] | None:
    if len(lab) < 300:
        return None
    z = lab[:, 1] + 1j * lab[:, 2]
    chroma = np.abs(z)
    if chroma.mean() < LEAST_CHROMA or abs(z.sum()) < COHERENT * chroma.sum():
        return None
    hue = z.sum() / abs(z.sum())
    same = np.abs(np.angle(z / hue)) < HUE
    if same.mean() < 0.6:
        return None
    light, chroma = lab[same, 0], (z[same] / hue).real
    own = float(np.median(light))
    near = np.abs(light - own) < 6
    if near.sum() < 50:
        return None
    steps = [(light >= s - 5) & (light < s + 5) for s in STEPS]
    means = [chroma[step].mean() if step.sum() > 30 else np.nan for step in steps]
    return own, np.array(means) / chroma[near].mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("caches", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=1500, help="photos of each cache")
    options = parser.parse_args()
    rows = [row for path in options.caches for row in surfaces(MaskCache(path), options.most)]
    own, measured = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    curve = material_curve(STEPS.astype(np.float32)) / material_curve(own[:, None].astype(np.float32))
    write = sys.stdout.write
    write("# Chroma over light on surfaces of one color\n\n")
    write(f"`python benchmarks/material.py CACHE ... > benchmarks/material.md`; {len(rows)} objects.\n\n")
    write("| model | mean error, shares of the chroma at the object's median light |\n|---|--:|\n")
    models = {
        "constant": np.ones_like(measured),
        "proportional to light": STEPS / own[:, None],
        f"`material_curve` ({SHADE:g}, {SHINE:g})": curve,
    }
    for name, model in models.items():
        write(f"| {name} | {np.nanmean(np.abs(model - measured)):.3f} |\n")
    write(f"\n| median light | objects | {' | '.join(f'L {s}' for s in STEPS)} |\n|---|--:|{'--:|' * len(STEPS)}\n")
    for low, high in ((15, 30), (30, 45), (45, 60), (60, 75)):
        some = (own >= low) & (own < high)
        medians = np.nanmedian(measured[some], axis=0)
        write(f"| {low} to {high} | {some.sum()} | {' | '.join(f'{m:.2f}' for m in medians)} |\n")


if __name__ == "__main__":
    main()
