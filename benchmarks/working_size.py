"""At which size should a method look at a photo, and do several looks pay?

    python benchmarks/working_size.py PHOTOS [--method guided] [--limit 120] [--looks 128 160 192 224 256]
    python benchmarks/working_size.py PHOTOS --looks 224 224+224m 192+256m 256

PHOTOS are color photos that were neither trained on nor are used for the final figures. A look is a short side; `m` is
the mirror image, and the logits of looks with `+` between are averaged (only where a method has logits). For each: mean
CIEDE2000 below gray and chroma ratio with the decoding that the weights name, the same with all chroma scaled to one
ratio (`--ratio`), where looks can be compared, and milliseconds.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from typing import Any

import cv2
import numpy as np

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.evaluation.benchmark import photos_in
from barva.methods import catalog
from barva.methods.base import PaintOptions

JUDGED = 256
"""Short side, px, at which answers are compared with the truth."""

GAINS = (0.6, 0.8, 1.0, 1.25, 1.6, 2.0)
"""Factors on chroma, between which errors and ratios are interpolated."""


def resized(plane: np.ndarray, short: int) -> np.ndarray:
    h, w = plane.shape[:2]
    scale = short / min(h, w)
    size = tuple(max(32, round(n * scale / 32) * 32) for n in (w, h))
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def chroma_by(method: Any, light: np.ndarray, look: str) -> np.ndarray:
    """(h, w, 2) the method's answer by one look or the mean of several."""
    if look.isdecimal():
        return np.asarray(method.paint(resized(light, int(look)), None, PaintOptions()).ab)
    logits: list[np.ndarray] = []
    for part in look.split("+"):
        seen = resized(light, int(part.rstrip("m")))
        z = (
            method.logits(np.ascontiguousarray(seen[:, ::-1]), None)[:, :, ::-1]
            if "m" in part
            else method.logits(seen, None)
        )
        size = (logits[0] if logits else z).shape[:0:-1]
        logits.append(np.stack([cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in z]))
    return np.asarray(method.decode_logits(np.mean(logits, axis=0)).ab)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--method", default=catalog.DEFAULT)
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("--looks", nargs="+", default=["128", "160", "192", "224", "256"])
    parser.add_argument("--ratio", type=float, default=0.7)
    args = parser.parse_args()
    method, gray, true_chroma = catalog.create(args.method), [], []
    scores = {look: np.zeros((len(GAINS), 2)) for look in args.looks}  # summed errors and chroma at each gain
    seconds = dict.fromkeys(args.looks, 0.0)
    for _, rgb in itertools.islice(photos_in(args.photos), args.limit):
        truth = spaces.fast_rgb_to_lab(np.ascontiguousarray(resized(rgb, JUDGED)))
        light = np.ascontiguousarray(truth[..., 0])
        gray.append(float(ciede2000(truth, truth * np.array([1, 0, 0], np.float32)).mean()))
        true_chroma.append(float(np.hypot(truth[..., 1], truth[..., 2]).mean()))
        for look in args.looks:
            began = time.perf_counter()
            answer = chroma_by(method, light, look)
            seconds[look] += time.perf_counter() - began
            ab = cv2.resize(answer, truth.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            for i, gain in enumerate(GAINS):
                error = ciede2000(truth, np.dstack([light, ab * np.float32(gain)])).mean()
                scores[look][i] += error, gain * np.hypot(ab[..., 0], ab[..., 1]).mean()
    report(scores, seconds, np.asarray(gray), sum(true_chroma), args.ratio)


def report(
    scores: dict[str, np.ndarray], seconds: dict[str, float], gray: np.ndarray, true_chroma: float, wanted: float
) -> None:
    put, count = sys.stdout.write, len(gray)
    put(f"| look | below gray ({gray.mean():.2f}) | chroma ratio | below gray at {wanted:g} | ms |\n")
    put("|---|--:|--:|--:|--:|\n")
    for look, sums in scores.items():
        below, ratios = (gray.sum() - sums[:, 0]) / count, sums[:, 1] / true_chroma
        own, same = below[GAINS.index(1.0)], float(np.interp(wanted, ratios, below))
        ms = 1000 * seconds[look] / count
        put(f"| {look} | {own:.3f} | {ratios[GAINS.index(1.0)]:.2f} | {same:.3f} | {ms:.0f} |\n")
    put(f"\n{count} photos.\n")


if __name__ == "__main__":
    main()
