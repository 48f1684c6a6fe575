"""`levin`: is the quick answer the direct one, how long does each take, and what are true points worth?

    python benchmarks/levin.py > benchmarks/levin.md

The photos are those that scikit-image carries. The megapixel is made of four photos side by side at their own size, so
that it has a photo's detail in every pixel. Peak memory is the process's own, Python and libraries included, before the
direct solver starts.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import cv2
import numpy as np
import skimage.data
from scipy import sparse
from scipy.sparse.linalg import spsolve

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.guidance.hintmap import HintMap
from barva.methods.base import PaintOptions
from barva.methods.classical import solver
from barva.methods.classical.affinity import PAPER, PROGRAM, Real, pairs
from barva.methods.classical.direct import DirectSolver
from barva.methods.classical.levin import Levin

PHOTOS = (
    "astronaut",
    "chelsea",
    "coffee",
    "rocket",
    "hubble_deep_field",
    "retina",
    "immunohistochemistry",
    "motorcycle",
)
POINTS = (10, 50, 100, 500)

INTRODUCTION = """# `levin`

`python benchmarks/levin.py > benchmarks/levin.md`, two cores. Photos: those that scikit-image carries.
"""

SPEED = """
## Quick and direct

`quick` is `solver.spread`, weights and all; `spsolve` is SciPy's direct solver alone on the same system. Memory is the
whole process's peak up to there.

| megapixels | points | quick | memory | spsolve | times faster | CIEDE2000 between |
|--:|--:|--:|--:|--:|--:|--:|
"""

DIRECT = """
## The direct solver, and SciPy's

`--exact` solves by `direct.DirectSolver`; SciPy's `spsolve` on the same system, one thread each for BLAS
(`OPENBLAS_NUM_THREADS=1`). Memory is the peak of a process of its own, Python and libraries included.

| size | direct | memory | spsolve | memory | direct / spsolve | largest difference, Lab units |
|---|--:|--:|--:|--:|--:|--:|
"""

TRUTH = """
## True points, {short} px

Single pixels at random places with the photo's own color: PSNR and mean CIEDE2000 against the photo, its light kept.
"""


def photo(name: str) -> np.ndarray:
    """(H, W, 3) uint8."""
    return np.asarray(skimage.data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(skimage.data, name)())


def lab_of(rgb: np.ndarray, short: int) -> np.ndarray:
    scale = short / min(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(spaces.fast_rgb_to_lab(small))


def megapixel() -> np.ndarray:
    """(1000, 1000, 3) Lab."""
    motorcycle, astronaut, hubble, retina = (
        photo(n) for n in ("motorcycle", "astronaut", "hubble_deep_field", "retina")
    )
    parts = motorcycle[:500, :500], astronaut[:500, :500], hubble[:500, :500], retina[400:900, 400:900]
    return np.asarray(spaces.fast_rgb_to_lab(np.vstack([np.hstack(parts[:2]), np.hstack(parts[2:])])))


def true_points(lab: np.ndarray, count: int, seed: int = 0) -> HintMap:
    """`count` single pixels with their true color."""
    weight = np.zeros(lab.shape[:2], np.float32)
    weight.flat[np.random.default_rng(seed).choice(weight.size, count, replace=False)] = 1
    return HintMap(np.ascontiguousarray(lab[..., 1:]), weight)


def error(lab: np.ndarray, ab: np.ndarray) -> float:
    return float(ciede2000(lab, np.dstack([lab[..., :1], ab])).mean())


def psnr(lab: np.ndarray, ab: np.ndarray) -> float:
    one, two = (spaces.fast_lab_to_rgb(x) for x in (lab, np.dstack([lab[..., :1], ab])))
    return float(-10 * np.log10(((one - two) ** 2).mean()))


def timed(work: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """Best seconds of `times`, and the answer."""
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    return best, answer


def matrix(a: Real) -> sparse.csc_array:
    """`I - A` (H W, H W), A having the weights `a` (8, H, W) of the neighbors."""
    _, h, w = a.shape
    index = np.arange(h * w).reshape(h, w)
    places = [pairs(k, h, w) for k in range(8)]
    rows = np.concatenate([index.ravel(), *(index[r].ravel() for r, _ in places)])
    columns = np.concatenate([index.ravel(), *(index[s].ravel() for _, s in places)])
    values = np.concatenate([np.ones(h * w), *(-a[k][r].ravel() for k, (r, _) in enumerate(places))])
    return sparse.coo_array((values.astype(np.float64), (rows, columns)), shape=(h * w, h * w)).tocsc()


def solved(shape: tuple[int, int], ours: bool) -> tuple[float, float, np.ndarray]:
    """Seconds, peak of memory in MB, and the answer (H, W, 2) of one direct solver on a photo."""
    lab = np.asarray(spaces.fast_rgb_to_lab(cv2.resize(photo("coffee"), shape[::-1], interpolation=cv2.INTER_CUBIC)))
    hints = true_points(lab, 100)
    a = solver.system(np.ascontiguousarray(lab[..., 0], np.float64), hints.weight)
    b = (hints.ab * hints.weight[..., None]).astype(np.float64)
    if ours:
        seconds, x = timed(lambda: DirectSolver(a).solve(b))
    else:
        M = matrix(a)
        seconds, x = timed(lambda: spsolve(M, b.reshape(-1, 2)).reshape(b.shape))
    return seconds, peak_mb(), x


def direct(write: Callable[[str], object]) -> None:
    """Each in a process of its own, so that peaks of memory are theirs."""
    for shape in ((240, 360), (512, 683), (512, 2048)):
        answers = []
        for ours in (True, False):
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                answers.append(process.submit(solved, shape, ours).result())
        (own, memory, one), (theirs, more, two) = answers
        write(f"| {shape[0]} x {shape[1]} | {own:.1f} s | {memory:.0f} MB | {theirs:.1f} s | {more:.0f} MB ")
        write(f"| {own / theirs:.2f} | {np.abs(one - two).max():.0e} |\n")


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def speed(write: Callable[[str], object]) -> None:
    whole = megapixel()
    # the large one first: the peak of memory is then ours
    cases = [("1.0", whole), ("0.1", np.ascontiguousarray(whole[250:500, 300:700]))]
    for name, lab in cases:
        light = np.ascontiguousarray(lab[..., 0])
        for count in (100,) if lab is whole else POINTS:
            hints = true_points(lab, count)
            ours, quick = timed(lambda h=hints, x=light: solver.spread(x, h.ab, h.weight), 3)
            memory = peak_mb()
            a = solver.system(light.astype(np.float64), hints.weight)
            M, b = matrix(a), (hints.ab * hints.weight[..., None]).reshape(-1, 2).astype(np.float64)
            theirs, exact = timed(lambda M=M, b=b: spsolve(M, b))
            apart = error(np.dstack([light, exact.reshape(quick.shape).astype(np.float32)]), quick)
            peak = f"{memory:.0f} MB" if lab is whole else ""
            write(f"| {name} | {count} | {ours * 1000:.0f} ms | {peak} | {theirs:.2f} s ")
            write(f"| {theirs / ours:.0f} | {apart:.3f} |\n")


def truth(write: Callable[[str], object], short: int, variances: float) -> None:
    write(
        "| photo | grey | " + " | ".join(f"{n} points" for n in POINTS) + " |\n|---|--:|" + "--:|" * len(POINTS) + "\n"
    )
    rows = []
    for name in PHOTOS:
        lab = lab_of(photo(name), short)
        light = np.ascontiguousarray(lab[..., 0])
        answers = [np.zeros_like(lab[..., 1:])]
        answers += [Levin(variances=variances).paint(light, true_points(lab, n), PaintOptions()).ab for n in POINTS]
        rows.append([(psnr(lab, ab), error(lab, ab)) for ab in answers])
        write(f"| {name.replace('_', ' ')} | " + " | ".join(f"{p:.1f} dB, {e:.2f}" for p, e in rows[-1]) + " |\n")
    mean = np.mean(rows, axis=0)
    write("| mean | " + " | ".join(f"{p:.1f} dB, {e:.2f}" for p, e in mean) + " |\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", type=int, default=256, help="short side of the photos with true points, px")
    parser.add_argument("--only", choices=("speed", "direct", "truth"))
    args = parser.parse_args()
    write = sys.stdout.write
    write(INTRODUCTION)
    if args.only in (None, "speed"):
        write(SPEED)
        speed(write)
    if args.only in (None, "direct"):
        write(DIRECT)
        direct(write)
    if args.only in (None, "truth"):
        write(TRUTH.format(short=args.short))
        for variances, whose in ((PAPER, "in the paper"), (PROGRAM, "in the authors' program, and here by default")):
            write(f"\n### {variances:g} variances, as {whose}\n\n")
            truth(write, args.short, variances)


if __name__ == "__main__":
    main()
