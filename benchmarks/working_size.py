"""At which size should `guided` look at a photo, and are several looks better than one?

    python benchmarks/working_size.py PHOTOS [--limit 120] [--sizes 96 128 160 192 256] [--also 128+192]

PHOTOS are colour photos that were neither trained on nor are used for the final figures. For each short side (or mean
of several): mean CIEDE2000 below grey and chroma ratio, with the decoding that the weights name, and milliseconds.
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
from barva.methods.base import Wish
from barva.methods.neural.guided import Guided

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
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("--sizes", type=int, nargs="+", default=[96, 128, 160, 192, 256])
    parser.add_argument("--also", nargs="*", default=[], help="means of several sizes, as 128+192")
    args = parser.parse_args()
    method = Guided()
    ways = {**{str(s): (s,) for s in args.sizes}, **{a: tuple(map(int, a.split("+"))) for a in args.also}}
    errors: dict[str, list[float]] = {name: [] for name in ["grey", *ways]}
    chroma: dict[str, list[float]] = {name: [] for name in ["truth", *ways]}
    seconds = dict.fromkeys(ways, 0.0)
    for _, rgb in itertools.islice(photos_in(args.photos), args.limit):
        truth = spaces.fast_rgb_to_lab(np.ascontiguousarray(resized(rgb, JUDGED)))
        light = np.ascontiguousarray(truth[..., 0])
        errors["grey"].append(float(ciede2000(truth, truth * np.array([1, 0, 0], np.float32)).mean()))
        chroma["truth"].append(float(np.hypot(truth[..., 1], truth[..., 2]).mean()))
        for name, sizes in ways.items():
            began = time.perf_counter()
            answer = method.paint(resized(light, max(sizes)), None, Wish(), scales=[s / max(sizes) for s in sizes])
            seconds[name] += time.perf_counter() - began
            ab = cv2.resize(answer.ab, truth.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            errors[name].append(float(ciede2000(truth, np.dstack([light, ab])).mean()))
            chroma[name].append(float(np.hypot(ab[..., 0], ab[..., 1]).mean()))
    put, count = sys.stdout.write, len(errors["grey"])
    grey = float(np.mean(errors["grey"]))
    put(f"| short side | below grey ({grey:.2f}) | chroma ratio | ms |\n|---|--:|--:|--:|\n")
    for name in ways:
        ratio = np.mean(chroma[name]) / np.mean(chroma["truth"])
        put(f"| {name} | {grey - np.mean(errors[name]):.3f} | {ratio:.2f} | {1000 * seconds[name] / count:.0f} |\n")
    put(f"\n{count} photos.\n")


if __name__ == "__main__":
    main()
