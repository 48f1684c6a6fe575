"""Are variants different, and are they plausible?

    python benchmarks/variants.py PHOTOS [--limit 40] [--count 6] > benchmarks/variants.md

For color photos made gray: how far variants lie from one another (mean CIEDE2000 of all pairs: diversity), how far
each lies from the truth beside the first one, which is the usual answer, and beside another photo's true colors laid
over the light (plausibility: a bad answer is as far as those), and how near the best of them comes.
"""

from __future__ import annotations

import argparse
import itertools
import sys

import cv2
import numpy as np

import barva
from barva.color import spaces
from barva.color.difference import ciede2000
from barva.evaluation.benchmark import grey_of, photos_in

SHORT = 128
"""Short side, px, at which pictures are compared."""


def small(rgb: np.ndarray) -> np.ndarray:
    """(h, w, 3) Lab."""
    h, w = rgb.shape[:2]
    scale = SHORT / min(h, w)
    size = (round(w * scale), round(h * scale))
    return spaces.fast_rgb_to_lab(np.ascontiguousarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(ciede2000(a, b).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--count", type=int, default=6)
    args = parser.parse_args()
    colorizer, rows, other = barva.Colorizer(), [], None
    for key, rgb in itertools.islice(photos_in(args.photos), args.limit):
        truth = small(rgb)
        made = [small(r.array()) for r in colorizer.variants(grey_of(rgb), args.count)]
        pairs = [apart(a, b) for a, b in itertools.combinations(made, 2)]
        far = [apart(m, truth) for m in made]
        wrong = np.nan
        if other is not None:
            foreign = cv2.resize(other, truth.shape[1::-1], interpolation=cv2.INTER_AREA)
            wrong = apart(np.dstack([truth[..., :1], foreign[..., 1:]]), truth)
        grey = apart(truth * np.array([1, 0, 0], np.float32), truth)
        rows.append((np.mean(pairs), far[0], np.mean(far[1:]), min(far), grey, wrong))
        other = truth
        sys.stderr.write(f"\r{len(rows)} photos, {key}  ")
    pairs_, first, rest, best, grey_, wrong_ = np.nanmean(np.array(rows), axis=0)
    put = sys.stdout.write
    put(f"# Variants\n\n`python benchmarks/variants.py PHOTOS --limit {args.limit} --count {args.count}`: ")
    put(f"{len(rows)} photos, CIEDE2000 at {SHORT} px.\n\n| | |\n|---|--:|\n")
    put(f"| two variants of a photo lie apart | {pairs_:.2f} |\n")
    put(f"| the usual answer from the truth | {first:.2f} |\n| the other variants from the truth | {rest:.2f} |\n")
    put(f"| the nearest of the {args.count} from the truth | {best:.2f} |\n| gray from the truth | {grey_:.2f} |\n")
    put(f"| another photo's colors from the truth | {wrong_:.2f} |\n")


if __name__ == "__main__":
    main()
