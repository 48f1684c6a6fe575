"""Speed and memory of the installed program, as ratios taken in one run, because machines are noisy.

    python benchmarks/speed.py [--quick] > benchmarks/speed.md

Every child is a process of its own; times are medians; memory is the child's peak resident set. --quick leaves the
400-megapixel TIFF and the folder run out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PYVIPS_ALONE = """
import sys, pyvips
image = pyvips.Image.new_from_file(sys.argv[1])
image.colourspace("srgb").jpegsave(sys.argv[2], Q=95, subsample_mode="off")
"""
IMPORTS = "import onnxruntime, cv2, pyvips"
NETWORK = """
import time, numpy, barva
from barva.methods.base import PaintOptions
colorizer = barva.Colorizer()
method = colorizer.method()
light = numpy.full((256, 320), 50, numpy.float32)
began = time.perf_counter()
method.paint(light, None, PaintOptions())
print(time.perf_counter() - began)
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of wall time, and peak memory in MB."""

    seconds: float
    memory: float


LAUNCHER = """
import json, os, resource, subprocess, sys, time
cores, command = json.loads(sys.argv[1]), sys.argv[2:]
if cores:
    os.sched_setaffinity(0, cores)
began = time.perf_counter()
done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.perf_counter() - began
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps([done.returncode, seconds, memory, done.stderr.decode()]))
"""
"""A small process that starts the measured one: a child's peak memory counts its parent's at the moment of the fork."""


def once(command: Sequence[str], cores: Sequence[int] = ()) -> Cost:
    """Run a child to its end; it must succeed."""
    launch = [sys.executable, "-S", "-c", LAUNCHER, json.dumps(list(cores)), *command]
    code, seconds, memory, said = json.loads(subprocess.run(launch, capture_output=True, check=True).stdout)
    if code:
        raise SystemExit(f"{command}: exit code {code}: {said}")
    return Cost(seconds, memory)


def median(command: Sequence[str], times: int = 5) -> Cost:
    """The median of several runs, in seconds and in memory."""
    costs = [once(command) for _ in range(times)]
    return Cost(statistics.median(c.seconds for c in costs), statistics.median(c.memory for c in costs))


def photo(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A gray picture that compresses like a photo: scikit-image's astronaut enlarged, with grain."""
    import cv2
    import skimage.data

    light = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)
    large = cv2.resize(light, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed).normal(0, 4, (height, width)).astype(np.float32)
    return np.clip(large + grain, 0, 255).astype(np.uint8)


def barva(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "barva", *map(str, arguments)]


def report(name: str, figure: str, target: str, held: bool) -> None:
    sys.stdout.write(f"| {name} | {figure} | {target} | {'yes' if held else '**no**'} |\n")
    sys.stdout.flush()


def large_jpeg(folder: Path) -> None:
    from PIL import Image

    source = folder / "24mp.jpg"
    Image.fromarray(photo(6000, 4000)).save(source, quality=92)
    alone = median([sys.executable, "-c", PYVIPS_ALONE, str(source), str(folder / "alone.jpg")])
    ours = median(barva("colorize", source, "-o", folder / "ours.jpg", "--overwrite"))
    ratio = ours.seconds / alone.seconds
    figure = f"{ours.seconds:.2f} s against {alone.seconds:.2f} s: {ratio:.1f}x"
    report("24-megapixel JPEG to JPEG, whole process, against pyvips alone", figure, "at most 4x", ratio <= 4)
    report("the same, peak memory", f"{ours.memory:.0f} MB", "under 700 MB", ours.memory < 700)


def one_megapixel(folder: Path) -> None:
    from PIL import Image

    source = folder / "1mp.jpg"
    Image.fromarray(photo(1160, 870)).save(source, quality=92)
    imports = median([sys.executable, "-c", IMPORTS], 9)
    ours = median(barva("colorize", source, "-o", folder / "1.jpg", "--overwrite"), 9)
    network = float(subprocess.run([sys.executable, "-c", NETWORK], capture_output=True, text=True, check=True).stdout)
    limit = 2 * imports.seconds + network
    figure = f"{ours.seconds:.2f} s; the imports {imports.seconds:.2f} s, the network {network:.2f} s"
    report(
        "1-megapixel JPEG, whole process", figure, f"under 2 x imports + network = {limit:.2f} s", ours.seconds < limit
    )


def quick_answers() -> None:
    for option in ("--version", "--help"):
        cost = median(barva(option), 9)
        report(f"`barva {option}`", f"{cost.seconds:.2f} s", "under 0.25 s", cost.seconds < 0.25)


def many(folder: Path, count: int = 200) -> None:
    from PIL import Image

    place = folder / "many"
    place.mkdir()
    for i in range(count):
        Image.fromarray(photo(1160, 870, i)).save(place / f"{i:03}.jpg", quality=92)
    half = folder / "half"
    half.mkdir()
    for path in sorted(place.iterdir())[: count // 2]:
        shutil.copy(path, half)
    both = once(barva("colorize", place, "-o", folder / "out2"))
    fewer = once(barva("colorize", half, "-o", folder / "out3"))
    one = once(barva("colorize", place, "-o", folder / "out1"), [min(os.sched_getaffinity(0))])
    ratio = one.seconds / both.seconds
    name = f"{count} one-megapixel photos, {len(os.sched_getaffinity(0))} cores against one"
    figure = f"{count / both.seconds:.1f} against {count / one.seconds:.1f} photos/s: {ratio:.2f}x"
    report(name, figure, "at least 1.7x", ratio >= 1.7)
    growth = both.memory - fewer.memory
    figure = f"{fewer.memory:.0f} MB after {count // 2} photos, {both.memory:.0f} MB after {count}"
    report("the same, peak memory", figure, "flat (within 5 %)", growth <= 0.05 * fewer.memory)


def huge_tiff(folder: Path) -> None:
    import pyvips

    source = folder / "400mp.tif"
    tile = pyvips.Image.new_from_array(photo(2000, 2000)).cast("ushort") * 257
    tile.cast("ushort").replicate(10, 10).copy(interpretation="grey16").tiffsave(str(source), compression="none")
    cost = once(barva("colorize", source, "-o", folder / "huge.tif", "--overwrite"))
    out = pyvips.Image.new_from_file(str(folder / "huge.tif"))
    whole = (out.width, out.height, out.bands, out.format) == (20_000, 20_000, 3, "ushort")
    figure = f"{cost.seconds:.0f} s, {cost.memory:.0f} MB"
    report("400-megapixel 16-bit TIFF", figure, "finishes under 1200 MB", whole and cost.memory < 1200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    sys.stdout.write(f"# Speed and memory\n\n`python benchmarks/speed.py`, {os.cpu_count()} cores, ")
    sys.stdout.write(f"Python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d')}.\n\n")
    sys.stdout.write("| what | measured | target | held |\n|---|---|---|---|\n")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        quick_answers()
        one_megapixel(folder)
        large_jpeg(folder)
        if not args.quick:
            many(folder)
            huge_tiff(folder)


if __name__ == "__main__":
    main()
