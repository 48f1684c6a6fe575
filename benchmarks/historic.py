"""A contact sheet of real black-and-white photos and their colors, to be looked at: no truth exists.

    python benchmarks/historic.py PHOTOS SHEET.png [--method guided] [--vividness 1]

PHOTOS is a folder or a tar. Two photos a line, each before and after; notes (tone, color) go to stdout.
"""

from __future__ import annotations

import argparse
import itertools
import sys

import numpy as np

import barva
from barva.evaluation.benchmark import photos_in
from barva.evaluation.report import sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("sheet")
    parser.add_argument("--method", default="guided")
    parser.add_argument("--vividness", type=float, default=1.0)
    args = parser.parse_args()
    colorizer = barva.Colorizer(args.method)
    tiles: list[tuple[str, list[np.ndarray]]] = []
    for key, rgb in photos_in(args.photos):
        result = colorizer.colorize(rgb, vividness=args.vividness)
        tiles.append((key, [rgb, result.array()]))
        if result.notes:
            sys.stdout.write(f"{key}: {'; '.join(result.notes)}\n")
    lines = [tiles[i : i + 2] for i in range(0, len(tiles), 2)]
    rows = [(" | ".join(k for k, _ in line), list(itertools.chain(*(p for _, p in line)))) for line in lines]
    sheet(rows, args.sheet, tile=256)


if __name__ == "__main__":
    main()
