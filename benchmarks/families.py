"""Every network of the source documents on equal terms: the same photos, the same number of samples, the same measures.

    python benchmarks/families.py PHOTOS --data SOURCE --cache DIR --runs DIR [--samples 30000] [--side 64]
        [--only regression_lab classes_plain ...] [--limit 635] [--sheet families.png] > benchmarks/families.md

Trains each recipe (runs that are there already go on, or are used as they are), exports it, and measures all of them
beside `grey`, `flat mean` and the shipped `guided`. Stopped, the same command goes on.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

RECIPES = (
    "regression_rgb", "regression_yuv", "regression_lab", "classes_l2", "classes_plain", "classes_rebalanced",
    "gan_unet5_gated", "gan_unet5_alternating", "gan_unet7_gated", "gan_fpn5_gated", "gan_unet5_sgd", "gan_unet5_yuv",
    "gan_pix2pix", "cyclegan",
)  # fmt: skip

# question, and the rows whose figures answer it
QUESTIONS = (
    ("RGB, YUV or Lab?", ("regression_rgb", "regression_yuv", "regression_lab")),
    ("The same for the GAN?", ("gan_unet5_yuv", "gan_unet5_gated")),
    ("Regression or classes?", ("classes_l2", "classes_plain")),
    ("Balanced or not?", ("classes_plain", "classes_rebalanced")),
    ("U-Net or FPN?", ("gan_unet5_gated", "gan_fpn5_gated")),
    ("Five layers or seven?", ("gan_unet5_gated", "gan_unet7_gated")),
    ("Gate or no gate?", ("gan_unet5_gated", "gan_unet5_alternating")),
    ("SGD or Adam?", ("gan_unet5_sgd", "gan_unet5_gated")),
)


def answer(errors: dict[str, list[float]], names: tuple[str, ...], resamples: int = 2000) -> str:
    """Which of `names` has the smallest mean CIEDE2000, and by how much against each other one: paired over the photos,
    with a 95 % bootstrap interval."""
    means = {n: float(np.mean(errors[n])) for n in names}
    best = min(means, key=means.__getitem__)
    rng, said = np.random.default_rng(0), []
    for other in names:
        if other != best:
            gap = np.array(errors[other]) - np.array(errors[best])
            drawn = gap[rng.integers(0, len(gap), (resamples, len(gap)))].mean(1)
            low, high = np.percentile(drawn, (2.5, 97.5))
            certain = "" if low > 0 else ": no difference that counts"
            said.append(f"{gap.mean():.2f} [{low:.2f}, {high:.2f}] before {other}{certain}")
    return f"**{best}**, {'; '.join(said)}"


def trained(name: str, args: argparse.Namespace) -> tuple[Path, float]:
    """The run's folder and its minutes of training, once it has seen all its samples."""
    from barva.training import loop, sources
    from barva.training.data import Sampler
    from barva.training.device import Device
    from barva.training.recipe import Stage, find_recipe

    plan = (Stage(0.0, args.side, args.batch),)
    recipe = dataclasses.replace(find_recipe(name), samples=args.samples, stages=plan)
    opened = sources.open_sources([sources.parse(d) for d in args.data], args.cache, 128)
    run = loop.Run(recipe, Sampler(opened, recipe), args.runs / name, Device("auto", 1, workers=1))
    for report in run.go(loop.Limits(sheet_every=1e9)):
        sys.stderr.write(
            f"\r{name}: {report.progress.samples:,} samples, {report.speed:.0f}/s, {report.left:.0f} s left  "
        )
    sys.stderr.write("\n")
    return run.folder, run.progress.seconds / 60


def colorizer(name: str, run: Path) -> tuple[Any, float]:
    """A function from gray to color that runs the exported network, and its size in MB."""
    from barva.engine.colorizer import Colorizer
    from barva.methods import catalog
    from barva.runtime import weights
    from barva.training import export

    mine = export.restore(run)
    family, folder = mine.stored.recipe.family, run / "weights"
    facts = export.facts_of(mine, "comparison")
    plain = export.to_onnx(mine.objective.export_module(mine.net), mine.objective.CHANNELS)
    card = replace(catalog.card(family), name=f"own-{family}")
    model = export.with_card(export.halve(plain), card, facts)
    export.write(card.name, model, facts, folder)
    os.environ[weights.VARIABLE] = str(folder)
    made = Colorizer(f"own-{family}")
    made.colorize(np.zeros((32, 32), np.uint8))  # loads the weights of this folder
    return (lambda grey: made.colorize(grey).array()), model.ByteSize() / 1e6


def main() -> None:
    from barva.training.recipes.common import SAMPLES

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", help="color photos to measure on: a tar or a folder")
    parser.add_argument("--data", action="append", required=True, help="photos to train on; repeat")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--only", nargs="+", default=list(RECIPES))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--sheet", type=Path)
    args = parser.parse_args()
    from barva.engine.colorizer import Colorizer
    from barva.evaluation import benchmark, report

    runs = {name: trained(name, args) for name in args.only}
    rows = {name: colorizer(name, folder) for name, (folder, _) in runs.items()}
    shipped = Colorizer("guided")
    calls = {"guided": lambda grey: shipped.colorize(grey).array()} | {n: call for n, (call, _) in rows.items()}
    shown, last, began = [], None, time.monotonic()
    errors: dict[str, list[float]] = {name: [] for name in calls}
    for last in benchmark.steps(calls, itertools.islice(benchmark.photos_in(args.photos), args.limit)):
        for name in calls:
            errors[name].append(last.errors[name])
        if len(shown) < 16:
            shown.append((last.key, dict(last.pictures)))
        sys.stderr.write(f"\rmeasuring: {last.done} photos, {time.monotonic() - began:.0f} s  ")
    result = last.benchmark()
    put = sys.stdout.write
    put("# The families on equal terms\n\nMade by `benchmarks/families.py`: each recipe saw the same ")
    put(f"{args.samples:,} samples of {args.side} px; `guided` is the shipped default model, trained far longer.\n\n")
    put(report.table(result) + "\n| recipe | minutes | MB (fp16) |\n|---|--:|--:|\n")
    for name, (_, minutes) in runs.items():
        put(f"| {name} | {minutes:.1f} | {rows[name][1]:.1f} |\n")
    put("\n## What the sources ask\n\nThe answer is the row with the smallest mean CIEDE2000.\n\n")
    put("| question | answer | rebalanced AuC % | chroma ratio |\n|---|---|---|---|\n")
    for question, names in QUESTIONS:
        if set(names) <= set(args.only):
            found = [(n, result.row(n)) for n in names]
            cells = [
                "; ".join(f"{n} {value(row):.2f}" for n, row in found)
                for value in (
                    lambda row: 100 * row.scores.auc_rebalanced.value,
                    lambda row: row.scores.chroma_ratio.value,
                )
            ]
            put(f"| {question} | {' | '.join([answer(errors, names), *cells])} |\n")
    if args.sheet:
        columns = [c for c in shown[0][1] if c != benchmark.FLAT]
        report.sheet([(k, [p[c] for c in columns]) for k, p in shown], args.sheet, tile=128, columns=columns)


if __name__ == "__main__":
    main()
