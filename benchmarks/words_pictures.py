"""Words on photos: does "make the NOUN COLOR" color the noun, and only it?

    python benchmarks/words_pictures.py OBJECTS.tar CLASSES.json [--photos 150] >> benchmarks/words.md

OBJECTS.tar holds photos with masks (KEY.webp, KEY.mask.png with one class a value), CLASSES.json the names of the
classes. Each photo is asked for its largest class that has a noun; all of that class is meant ("all cars"), since the
masks do not tell objects apart. *IoU* compares where the picture changed by words (more than half of the way to the
color asked for) with the mask; *outside* is the share of the other pixels that moved by more than 5 CIEDE2000.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import obedience

from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.errors import UsageError
from barva.evaluation.benchmark import grey_of

NOUNS = {
    "person": "people", "pedestrian": "people", "car": "cars", "bus": "buses", "train": "trains", "truck": "trucks",
    "motorcycle": "motorcycles", "bicycle": "bicycles", "boat": "boats", "dog": "dogs", "cat": "cats",
    "horse": "horses", "sheep": "sheep", "bird": "birds", "cow": "cows", "elephant": "animals", "zebra": "animals",
    "bear": "animals", "giraffe": "animals", "chair": "chairs", "couch": "sofas", "dining table": "tables",
    "umbrella": "umbrellas", "sky": "sky", "building": "buildings", "road": "road", "tree": "trees", "hair": "hair",
}  # fmt: skip
"""Class -> the noun in the instruction."""

COLORS = {"blue": "#1f4fb0", "red": "#b02020"}
SHARES = 0.04, 0.7
TAKEN, NOTICED = 0.5, 5.0


def photos(path: Path, names: dict[str, dict[str, str]]) -> list[tuple[str, np.ndarray, np.ndarray, str]]:
    """(key, photo, mask of one class, its noun)."""
    groups = {group.replace("_", ""): table for group, table in names.items()}
    rows = []
    for key, group, rgb, classes in obedience.masked(path):
        best = _largest(classes, groups.get(group.replace("_", ""), {}))
        if best is not None:
            rows.append((key, rgb, classes == best[0], best[1]))
    return rows


def _largest(labels: Any, table: dict[str, str]) -> tuple[int, str] | None:
    """The class with the largest area, among those with a noun."""
    areas = [(float((labels == int(n)).mean()), int(n), NOUNS[c]) for n, c in table.items() if c in NOUNS]
    fitting = [a for a in areas if SHARES[0] <= a[0] <= SHARES[1]]
    return max(fitting)[1:] if fitting else None


def measure(colorizer: Colorizer, rgb: Any, inside: Any, noun: str) -> tuple[float, float, float] | None:
    """IoU, share outside that changed, seconds from text to picture after the first look; None: it was not found."""
    prepared = colorizer.analyze(grey_of(rgb))
    plain = spaces.fast_rgb_to_lab(colorizer.answer(prepared, Request()).array())
    color = "blue" if noun != "sky" else "red"
    text = f"make the {noun} {color}" if noun in ("sky", "road", "hair") else f"make all {noun} {color}"
    try:
        colorizer.answer(prepared, Request(text=text))
        began = time.perf_counter()
        answer = colorizer.answer(prepared, Request(text=text))
        seconds = time.perf_counter() - began
    except UsageError:
        return None
    worded = spaces.fast_rgb_to_lab(answer.array())
    rgb_asked = np.array([[[int(COLORS[color][i : i + 2], 16) for i in (1, 3, 5)]]], np.uint8)
    want = spaces.fast_rgb_to_lab(rgb_asked)[0, 0, 1:]
    goal = gamut.fit(np.concatenate([plain[..., :1], np.broadcast_to(want, (*inside.shape, 2))], axis=-1))
    way, went = goal[..., 1:] - plain[..., 1:], worded[..., 1:] - plain[..., 1:]
    taken = (way * went).sum(-1) >= TAKEN * np.maximum((way**2).sum(-1), 1)
    iou = float((taken & inside).sum() / max((taken | inside).sum(), 1))
    outside = float((ciede2000(worded, plain) > NOTICED)[~inside].mean())
    return iou, outside, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objects", type=Path)
    parser.add_argument("classes", type=Path)
    parser.add_argument("--photos", type=int, default=150)
    options = parser.parse_args()
    rows = photos(options.objects, json.loads(options.classes.read_text(encoding="utf-8")))
    rows = rows[:: max(1, len(rows) // options.photos)][: options.photos]
    colorizer = Colorizer()
    by_noun: dict[str, list[tuple[float, float, float] | None]] = defaultdict(list)
    for _, rgb, inside, noun in rows:
        by_noun[noun].append(measure(colorizer, rgb, inside, noun))
    every = [m for found in by_noun.values() for m in found]
    write = sys.stdout.write
    command = "python benchmarks/words_pictures.py OBJECTS.tar CLASSES.json"
    write(f"\n## On photos\n{len(every)} photos with masks, `{command}`.\n")
    write('"Make all NOUN blue" (the sky red); masks are of whole classes.\n\n')
    write("| noun | photos | found | IoU, where found | outside changed |\n|---|--:|--:|--:|--:|\n")
    for noun, found in [*sorted(by_noun.items(), key=lambda item: -len(item[1])), ("all", every)]:
        known = [m for m in found if m is not None]
        figures = "- | -"
        if known:
            iou, outside = np.mean([m[:2] for m in known], axis=0)
            figures = f"{iou:.2f} | {outside:.1%}"
        write(f"| {noun} | {len(found)} | {len(known) / len(found):.0%} | {figures} |\n")
    seconds = [m[2] for m in every if m is not None]
    write(
        f"\nFrom the text to the answer, after the first look at the photo: median {np.median(seconds) * 1e3:.0f} ms.\n"
    )


if __name__ == "__main__":
    main()
