"""A changed hint in a live session: how long until the preview is there, and where the time goes.

    export OPENBLAS_NUM_THREADS=1
    python benchmarks/live.py [--edits 50] [--photo FILE --noun cat] [--profile] > benchmarks/live.md

The photo has 12 megapixels. Each edit moves one of five points, or changes its color, and asks for a preview of one
megapixel; the network's answer to it is new each time. With `--photo`, the object `--noun` of that photo is given one
color after another in words, too; the photo is shrunk or enlarged to one megapixel.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from speed import photo

from barva import Box, Colorizer, Point, Region
from barva.engine import pipeline as spine
from barva.engine.render import chroma_model, compose, enforce
from barva.engine.session import Session

COLORS = ("#7a1f1f", "navy", "#c9a66b", "olive", "#e8c7b0", "teal", "crimson")
WORDS = ("navy", "light green", "orange", "brown", "dark red", "purple")
TARGET = 0.150


class Clock:
    """Seconds by part. A part inside another counts for itself alone."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def timed(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            began = time.perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                took = time.perf_counter() - began
                self.spent[part] += took - self._inner.pop()
                self._inner[-1] += took

        return run

    def watch(self, owner: Any, name: str, part: str) -> None:
        setattr(owner, name, self.timed(part, getattr(owner, name)))


def watched(session: Session, clock: Clock) -> None:
    """The stages, as the spine calls them."""
    method = session.colorizer.method()
    for name in ("mark_notes", "spreading_hints", "marks_for"):
        clock.watch(enforce, name, "resolve")
    clock.watch(method, "logits", "network")
    clock.watch(method, "decode_logits", "decode")
    clock.watch(spine, "steer", "steer")
    clock.watch(chroma_model, "fit_chroma", "upsample")
    clock.watch(enforce, "enforce", "enlarge")
    clock.watch(session, "show", "merge")


def edits(count: int, regions: bool) -> list[list[Any]]:
    """Guidance after each edit."""
    rng = np.random.default_rng(0)
    marks: list[Any] = [Point((x, y), COLORS[i]) for i, (x, y) in enumerate(rng.uniform(100, 2900, (5, 2)).tolist())]
    if regions:
        marks.append(Region(Box(1200, 900, 2100, 2000), "seagreen"))
    found = []
    for n in range(count):
        x, y = rng.uniform(100, 2900, 2).tolist()
        marks[n % 5] = Point((x, y), COLORS[n % len(COLORS)])
        found.append(list(marks))
    return found


def run(session: Session, clock: Clock, count: int, regions: bool) -> tuple[list[float], dict[str, float]]:
    """Seconds of each edit, and by part the seconds of a mean edit."""
    for marks in edits(5, regions):
        session.colorize(marks)
        session.preview()
    clock.spent.clear()
    session.close()
    session.colorize(edits(1, regions)[0][:1]), session.preview()
    clock.spent.clear()
    times = []
    for marks in edits(count, regions):
        began = time.perf_counter()
        session.colorize(marks)
        session.preview()
        times.append(time.perf_counter() - began)
    return times, {part: spent / count for part, spent in clock.spent.items()}


def vividness(session: Session, count: int) -> float:
    """Median seconds of a slider's step."""
    times = []
    for n in range(count):
        began = time.perf_counter()
        session.colorize(edits(1, False)[0], vividness=0.5 + n / count)
        session.preview()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def in_words(path: Path, noun: str, count: int) -> float:
    """Median seconds from an instruction to its preview, after the first look at a photo of one megapixel."""
    session = Session(Colorizer(), megapixel(path))
    session.colorize(text=f"make the {noun} red"), session.preview()
    return statistics.median(
        _seconds(lambda n=n: (session.colorize(text=f"make the {noun} {WORDS[n % len(WORDS)]}"), session.preview()))
        for n in range(count)
    )


def megapixel(path: Path) -> Any:
    """The gray picture (H, W) uint8 of a photo, of one megapixel."""
    with Image.open(path) as picture:
        scale = (1e6 / (picture.width * picture.height)) ** 0.5
        return np.asarray(picture.convert("L").resize((round(scale * picture.width), round(scale * picture.height))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=50)
    parser.add_argument("--photo", type=Path, default=None)
    parser.add_argument("--noun", default="cat")
    parser.add_argument("--profile", action="store_true", help="also write cProfile's table to stderr")
    args = parser.parse_args()
    compose.warm_up()
    session, clock = Session(Colorizer(), photo(4000, 3000)), Clock()
    watched(session, clock)
    tile = statistics.median(_seconds(lambda n=n: session.tile(0, n % 7, n % 5)) for n in range(20))
    rows = {name: run(session, clock, args.edits, regions) for name, regions in (("points", False), ("a region", True))}
    slider = vividness(session, args.edits)
    if args.profile:
        _profile(session, args.edits)
    parts = list(dict.fromkeys(part for _, spent in rows.values() for part in spent))
    out = sys.stdout.write
    out(f"# A changed hint in a live session\n\n`python benchmarks/live.py`, {os.cpu_count()} cores, ")
    out(f"Python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d')}. 12 megapixels, 8-bit gray; preview of ")
    out(f"1 megapixel; {args.edits} edits each.\n\n")
    out(f"| edit | median | slowest | {' | '.join(parts)} | target | held |\n")
    out(f"|---|--:|--:|{'--:|' * len(parts)}---|---|\n")
    for name, (times, spent) in rows.items():
        median = statistics.median(times)
        cells = " | ".join(f"{spent.get(part, 0) * 1000:.0f}" for part in parts)
        held = "yes" if median <= TARGET else "**no**"
        label = "one of five points" if name == "points" else "the same beside a region"
        out(f"| {label} | {median * 1000:.0f} ms | {max(times) * 1000:.0f} ms | {cells} | 150 ms | {held} |\n")
    out(f"\nParts are means in ms. A step of the vividness slider: {slider * 1000:.0f} ms (no network). ")
    out(f"A tile of 512 x 512 px at full size: {tile * 1000:.0f} ms.\n")
    if args.photo:
        took = in_words(args.photo, args.noun, args.edits)
        out(f'\nFrom words ("make the {args.noun} navy") to the preview, one megapixel: ')
        out(f"{took * 1000:.0f} ms; target 300 ms.\n")


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _profile(session: Session, count: int) -> None:
    import cProfile
    import pstats

    with cProfile.Profile() as profile:
        for marks in edits(count, True):
            session.colorize([*marks[:4], Point((5, 5), "red"), marks[5]])
            session.preview()
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
