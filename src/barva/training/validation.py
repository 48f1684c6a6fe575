"""Which photos a run is validated on, how they are shown to the network, and what one line of the record says."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import WriteError
from barva.files import reason
from barva.training.cache import PhotoCache

Picture = npt.NDArray[np.uint8]

SMALL = 64
"""Photos with a short side of at most this are small: a stage says how often it wants them."""

COLUMNS = ("samples", "side", "photos", "ciede2000", "grey", "sources")


def choose(
    caches: Sequence[PhotoCache], validation: Sequence[tuple[int, int]], count: int, by_source: bool = False
) -> list[tuple[int, int]]:
    """`count` of the photos (cache, index), always the same ones; `by_source` takes one of each source in turn."""
    large = [(k, i) for k, i in validation if min(caches[k].height[i], caches[k].width[i]) > SMALL] or validation
    order = [large[at] for at in np.random.default_rng(0).permutation(len(large))]
    if by_source:
        turn: Counter[str] = Counter()
        turns = []
        for k, i in order:
            turns.append(turn[caches[k].sources[i]])
            turn[caches[k].sources[i]] += 1
        order = [order[at] for at in np.argsort(turns, kind="stable")]
    return order[:count]


def pictures(
    caches: Sequence[PhotoCache], chosen: Sequence[tuple[int, int]], side: int, square: bool = False
) -> list[Picture]:
    """The photos (cache, index) as `Sampler.held_out` gives them."""
    return [_fit(caches[k][i], side, square) for k, i in chosen]


def _fit(photo: Picture, side: int, square: bool) -> Picture:
    h, w = photo.shape[:2]
    scale = side / min(h, w)
    if square:
        y, x = (h - min(h, w)) // 2, (w - min(h, w)) // 2
        photo = photo[y : y + min(h, w), x : x + min(h, w)]
    rows, columns = (max(32, round(n * scale / 32) * 32) for n in photo.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, (columns, rows), interpolation=how), np.uint8)


def by_source(sources: Sequence[str], errors: Sequence[float]) -> str:
    """ "NAME 24 photos 9.81; NAME 24 photos 10.02": of each source the number of photos and their mean error."""
    rows: dict[str, list[float]] = {}
    for source, error in zip(sources, errors, strict=True):
        rows.setdefault(source, []).append(error)
    return "; ".join(f"{name} {len(own)} photos {np.mean(own):.2f}" for name, own in sorted(rows.items()))


def append(path: Path, row: Sequence[object], columns: Sequence[str] = COLUMNS) -> None:
    """Add a line to a CSV file, which begins with its columns. `WriteError`, such as on a full disk."""
    try:
        with path.open("a", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            if not out.tell():
                writer.writerow(columns)
            writer.writerow(row)
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {reason(error)}") from error
