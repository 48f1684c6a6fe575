"""Methods that take their colours from reference photos, where the answer is known.

    python benchmarks/references.py > benchmarks/references.md

The photos are those that scikit-image carries. Each is coloured with itself as the reference, then its left half with
its right half, and one from another point of view, alone and among photos of other things.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import skimage.data

from barva.methods.base import Method, Reference, Wish
from barva.methods.classical.irony import Irony
from barva.methods.classical.references import References
from barva.methods.classical.welsh import Welsh

sys.path.insert(0, str(Path(__file__).parent))
from levin import PHOTOS, error, lab_of, photo, psnr

METHODS: tuple[Method, ...] = (Welsh(), Irony(), References())

INTRODUCTION = """# Colours from reference photos

`python benchmarks/references.py > benchmarks/references.md`, two cores, {short} px. PSNR and mean CIEDE2000 against the
photo, its light kept. Photos: those that scikit-image carries.
"""

Figures = list[tuple[float, float, float]]


def figures(lab: np.ndarray, *references: np.ndarray) -> Figures:
    """(PSNR, CIEDE2000, seconds) of grey and of each method that takes so many references."""
    found = [(psnr(lab, 0 * lab[..., 1:]), error(lab, 0 * lab[..., 1:]), 0.0)]
    light = np.ascontiguousarray(lab[..., 0])
    wish = Wish(references=tuple(Reference(np.ascontiguousarray(r)) for r in references))
    for method in METHODS:
        if len(references) > 1 and method.card.name == "irony":
            found.append((np.nan, np.nan, np.nan))
            continue
        start = time.perf_counter()
        ab = method.paint(light, None, wish).ab
        found.append((psnr(lab, ab), error(lab, ab), time.perf_counter() - start))
    return found


def table(rows: dict[str, Figures], mean: bool = True) -> str:
    lines = ["| photo | grey | " + " | ".join(m.card.name for m in METHODS) + " |", "|---|--:|" + "--:|" * len(METHODS)]
    shown = dict(rows)
    if mean:
        shown["mean"] = [tuple(x) for x in np.mean(list(rows.values()), axis=0)]
    for name, row in shown.items():
        cells = ("-" if np.isnan(p) else f"{p:.1f} dB, {e:.2f}" for p, e, _ in row)
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(cells) + " |")
    if mean:
        seconds = (f"{s * 1000:.0f} ms" for _, _, s in shown["mean"][1:])
        lines.append("| time | | " + " | ".join(seconds) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", type=int, default=192, help="short side of the photos, px")
    args = parser.parse_args()
    labs = {name: lab_of(photo(name), args.short) for name in PHOTOS}
    write = sys.stdout.write
    write(INTRODUCTION.format(short=args.short))
    write("\n## Each photo is its own reference\n\n")
    write(table({name: figures(lab, lab) for name, lab in labs.items()}))
    write("\n## The left half, from the right half\n\n")
    halves = {n: (x[:, : x.shape[1] // 2], x[:, x.shape[1] // 2 :]) for n, x in labs.items()}
    write(table({name: figures(left, right) for name, (left, right) in halves.items()}))
    write("\n## The motorcycle, from another point of view\n\n")
    left, right = labs["motorcycle"], lab_of(skimage.data.stereo_motorcycle()[1], args.short)
    strangers = [labs[n] for n in ("coffee", "chelsea", "rocket")]
    rows = {"alone": figures(left, right), "among three strangers": figures(left, *strangers, right)}
    write(table(rows, mean=False))


if __name__ == "__main__":
    main()
