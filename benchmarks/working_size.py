"""At which size should a method look at a photo?

    python benchmarks/working_size.py PHOTOS [--method guided] [--limit 120] [--sizes 96 128 160 192 256]

PHOTOS are color photos that were neither trained on nor are used for the final figures. For each short side: mean
CIEDE2000 below gray and chroma ratio, with the decoding that the weights name, and milliseconds.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time

import cv2
import numpy as np

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.evaluation.benchmark import photos_in
from barva.methods import catalog
from barva.methods.base import PaintOptions

JUDGED = 256
"""Short side, px, at which answers are compared with the truth."""


def resized(plane: np.ndarray, short: int) -> np.ndarray:
    h, w = plane.shape[:2]
    scale = short / min(h, w)
    size = tuple(max(32, round(n * scale / 32) * 32) for n in (w, h))
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--method", default=catalog.DEFAULT)
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("--sizes", type=int, nargs="+", default=[96, 128, 160, 192, 256])
    args = parser.parse_args()
    method, sizes = catalog.create(args.method), args.sizes
    errors: dict[str, list[float]] = {name: [] for name in ["grey", *map(str, sizes)]}
    chroma: dict[str, list[float]] = {name: [] for name in ["truth", *map(str, sizes)]}
    seconds = dict.fromkeys(map(str, sizes), 0.0)
    for _, rgb in itertools.islice(photos_in(args.photos), args.limit):
        truth = spaces.fast_rgb_to_lab(np.ascontiguousarray(resized(rgb, JUDGED)))
        light = np.ascontiguousarray(truth[..., 0])
        errors["grey"].append(float(ciede2000(truth, truth * np.array([1, 0, 0], np.float32)).mean()))
        chroma["truth"].append(float(np.hypot(truth[..., 1], truth[..., 2]).mean()))
        for name in seconds:
            began = time.perf_counter()
            answer = method.paint(resized(light, int(name)), None, PaintOptions())
            seconds[name] += time.perf_counter() - began
            ab = cv2.resize(answer.ab, truth.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            errors[name].append(float(ciede2000(truth, np.dstack([light, ab])).mean()))
            chroma[name].append(float(np.hypot(ab[..., 0], ab[..., 1]).mean()))
    put, count = sys.stdout.write, len(errors["grey"])
    grey = float(np.mean(errors["grey"]))
    put(f"| short side | below grey ({grey:.2f}) | chroma ratio | ms |\n|---|--:|--:|--:|\n")
    for name in seconds:
        ratio = np.mean(chroma[name]) / np.mean(chroma["truth"])
        put(f"| {name} | {grey - np.mean(errors[name]):.3f} | {ratio:.2f} | {1000 * seconds[name] / count:.0f} |\n")
    put(f"\n{count} photos.\n")


if __name__ == "__main__":
    main()
