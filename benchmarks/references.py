"""Methods that take their colors from reference photos, where the answer is known.

    python benchmarks/references.py [SHARD ...] [--sheet pairs.png] > benchmarks/references.md

First, with labeled shards (Parquet: key, image, label): 40 pairs of different photos of one kind, as `pairs.py` chooses
them. Then the photos that scikit-image carries: each with itself as the reference, its left half with its right half,
and one from another point of view, alone and among photos of other things.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

import barva
from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.methods.base import Method, PaintOptions, Reference
from barva.methods.classical.irony import Irony
from barva.methods.classical.references import References
from barva.methods.classical.welsh import Welsh

sys.path.insert(0, str(Path(__file__).parent))
from levin import PHOTOS, error, lab_of, photo, psnr
from pairs import pairs

METHODS: tuple[Method, ...] = (Welsh(), Irony(), References())

INTRODUCTION = """# Colors from reference photos

`python benchmarks/references.py SHARD ... > benchmarks/references.md`, two cores. The last three tables: photos that
scikit-image carries, {short} px, PSNR and mean CIEDE2000 against the photo, its light kept.
"""

KINDS = """
## Different photos of one kind: {choice}

{count} pairs, one of each kind, chosen without a look at their colors (`pairs.py` says how; the kinds are the labels of
the shards). Mean CIEDE2000 of the whole pipeline against the photo. "Worse" is the share of pairs that are worse by
more than 0.5 than `guided` without a reference; "better" the same the other way.

| method | CIEDE2000 | gain over `guided` alone | worse | better |
|---|--:|--:|--:|--:|
"""

CHOICES = {
    "chosen": "the reference is the most alike of up to 24",
    "chance": "the reference is any other",
    "strange": "the reference is of another kind, and useless",
}

# name -> method, whether it gets the reference, what it matches by
ROWS = {
    "guided alone": ("guided", False, "texture"),
    "guided + reference": ("guided", True, "texture"),
    "grey": None,
    "regression alone": ("regression", False, "texture"),
    "regression + reference": ("regression", True, "texture"),
    "welsh": ("welsh", True, "texture"),
    "welsh, by objects": ("welsh", True, "objects"),
    "irony": ("irony", True, "texture"),
    "irony, by objects": ("irony", True, "objects"),
    "references": ("references", True, "texture"),
    "references, by objects": ("references", True, "objects"),
}

Figures = list[tuple[float, float, float]]


def figures(lab: np.ndarray, *references: np.ndarray) -> Figures:
    """(PSNR, CIEDE2000, seconds) of gray and of each method that takes so many references."""
    found = [(psnr(lab, 0 * lab[..., 1:]), error(lab, 0 * lab[..., 1:]), 0.0)]
    light = np.ascontiguousarray(lab[..., 0])
    wish = PaintOptions(references=tuple(Reference(np.ascontiguousarray(r)) for r in references))
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


def colored(row: str, photo: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 that a row's method makes of the photo's light."""
    setting = ROWS[row]
    if setting is None:
        return grey(photo)
    name, given, matching = setting
    return _colorizer(name, matching).colorize(photo, references=[reference] if given else []).array()


def grey(photo: np.ndarray) -> np.ndarray:
    """The photo's light alone."""
    light = np.ascontiguousarray(spaces.fast_rgb_to_lab(photo)[..., 0])
    return gamut.merge(light, np.zeros((*photo.shape[:2], 2), np.float32), 8)


@lru_cache
def _colorizer(name: str, matching: str) -> barva.Colorizer:
    return barva.Colorizer(name, matching=matching)


def of_one_kind(shards: list[Path], sheet: Path | None) -> None:
    """The tables of pairs, and a sheet of them: reference, light, without, with, truth."""
    chosen = list(pairs(shards))
    chance = [replace(p, reference=p.chance) for p in chosen]
    strange = [replace(p, reference=q.reference) for p, q in zip(chosen, [*chosen[1:], chosen[0]], strict=True)]
    for choice, group in (("chosen", chosen), ("chance", chance), ("strange", strange)):
        sys.stdout.write(KINDS.format(count=len(group), choice=CHOICES[choice]))
        truths = [spaces.fast_rgb_to_lab(p.photo) for p in group]
        shown, alone = [], np.zeros(len(group))
        for row in ROWS if choice == "chosen" else ("guided alone", "guided + reference"):
            answers = [colored(row, p.photo, p.reference) for p in group]
            compared = zip(truths, answers, strict=True)
            errors = np.array([ciede2000(t, spaces.fast_rgb_to_lab(a)).mean() for t, a in compared])
            if row.startswith("guided"):
                shown.append(answers)
            alone = errors if row == "guided alone" else alone
            shares = " | ".join(f"{(sign * (alone - errors) > 0.5).mean():.0%}" for sign in (-1, 1))
            sys.stdout.write(f"| {row} | {errors.mean():.2f} | {(alone - errors).mean():+.2f} | {shares} |\n")
            sys.stdout.flush()
        if sheet is not None and choice == "chosen":
            groups = zip(group, *shown, strict=True)
            _sheet([(p.reference, grey(p.photo), without, with_, p.photo) for p, without, with_ in groups], sheet)


def _sheet(pictures: list[tuple[np.ndarray, ...]], path: Path) -> None:
    """Three groups of five pictures a row."""
    canvas = Image.new("RGB", (15 * 130 + 30, 130 * -(-len(pictures) // 3)), "white")
    for n, row in enumerate(pictures):
        for i, picture in enumerate(row):
            image = Image.fromarray(picture)
            image.thumbnail((128, 128))
            canvas.paste(image, ((n % 3) * (5 * 130 + 15) + i * 130, n // 3 * 130))
    canvas.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", type=int, default=192, help="short side of the photos, px")
    parser.add_argument("shards", nargs="*", type=Path, help="Parquet files of labeled photos")
    parser.add_argument("--sheet", type=Path, help="a picture of the pairs to look at")
    args = parser.parse_args()
    labs = {name: lab_of(photo(name), args.short) for name in PHOTOS}
    write = sys.stdout.write
    write(INTRODUCTION.format(short=args.short))
    if args.shards:
        of_one_kind(args.shards, args.sheet)
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
