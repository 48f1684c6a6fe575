"""Is the edge-guided enlarging of chroma better than bicubic? Truth: the full-resolution chroma of color photos.

    python benchmarks/enlarge.py PHOTOS [--limit 100] [--grid]

The photo's own chroma is shrunk to the size that a network answers at (a quarter of the working size), enlarged again
along the photo's light, and compared with the truth: mean CIEDE2000 over the photos.
"""

from __future__ import annotations

import argparse
import itertools
import sys

import cv2
import numpy as np

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.engine.render import chroma_model
from barva.evaluation.benchmark import photos_in


def answers(lab: np.ndarray, quarter: int, settings: list[tuple[float, float]]) -> dict[str, float]:
    """Mean CIEDE2000 of each way to enlarge, for one photo."""
    h, w = lab.shape[:2]
    scale = quarter / min(h, w)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    small = cv2.resize(np.ascontiguousarray(lab[..., 1:]), size, interpolation=cv2.INTER_AREA)
    light = np.ascontiguousarray(lab[..., 0])
    found = {}
    for name, how in (("bilinear", cv2.INTER_LINEAR), ("bicubic", cv2.INTER_CUBIC)):
        found[name] = error(lab, cv2.resize(small, (w, h), interpolation=how))
    kept = chroma_model.SIGMA, chroma_model.EPSILON
    for sigma, epsilon in settings:
        chroma_model.SIGMA, chroma_model.EPSILON = sigma, epsilon
        found[f"along the light, sigma {sigma}, epsilon {epsilon:g}"] = error(
            lab, chroma_model.fit_chroma(small, light, h, w).chroma(light, 0)
        )
    chroma_model.SIGMA, chroma_model.EPSILON = kept
    return found


def error(lab: np.ndarray, ab: np.ndarray) -> float:
    return float(ciede2000(lab, np.dstack([lab[..., :1], ab]).astype(np.float32)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--quarter", type=int, nargs="+", default=[64], help="short side of the network's answer, px")
    parser.add_argument("--grid", action="store_true", help="try several windows and epsilons")
    args = parser.parse_args()
    grid = [(s, e) for s in (0.7, 1.0, 1.5, 2.5) for e in (10.0, 40.0, 160.0, 640.0)]
    settings = grid if args.grid else [(chroma_model.SIGMA, chroma_model.EPSILON)]
    labs = [spaces.fast_rgb_to_lab(rgb) for _, rgb in itertools.islice(photos_in(args.photos), args.limit)]
    for quarter in args.quarter:
        rows = [answers(lab, quarter, settings) for lab in labs]
        sys.stdout.write(f"\nchroma at {quarter} px, {len(rows)} photos\n\n| way | CIEDE2000 |\n|---|--:|\n")
        means = {name: np.mean([r[name] for r in rows]) for name in rows[0]}
        for name, mean in sorted(means.items(), key=lambda kv: kv[1]):
            sys.stdout.write(f"| {name} | {mean:.3f} |\n")


if __name__ == "__main__":
    main()
