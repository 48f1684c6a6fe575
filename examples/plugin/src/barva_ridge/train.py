"""Makes the weights: `python -m barva_ridge.train [FOLDER [FILE]]`; without a folder, from `barva.photos`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from barva import photos
from barva.color import spaces
from barva_ridge.features import COUNT, features
from barva_ridge.method import FILE, Ridge

PENALTY = 1e-3
"""Of the squared weights, as a share of the mean squared feature."""


def pictures(folder: Path | None) -> Iterable[npt.NDArray[np.uint8]]:
    """(H, W, 3) uint8 sRGB of each photo."""
    if folder is None:
        yield from (photos.photo(name) for name in photos.NAMES)
        return
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"}):
        bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if bgr is not None:
            yield np.ascontiguousarray(bgr[..., ::-1])


def fit(pictures: Iterable[npt.NDArray[np.uint8]]) -> npt.NDArray[np.float32]:
    """(15, 2) weights of the least squared error in a and b; every photo counts the same."""
    square, product = np.zeros((COUNT, COUNT)), np.zeros((COUNT, 2))
    for picture in pictures:
        size = Ridge.CARD.size.working(*picture.shape[:2])
        small = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
        lab = spaces.rgb_to_lab(small.astype(np.float64) / 255)
        x = features(lab[..., 0].astype(np.float32)).reshape(-1, COUNT).astype(np.float64)
        square += x.T @ x / len(x)
        product += x.T @ lab[..., 1:].reshape(-1, 2) / len(x)
    if not square.any():
        sys.exit("there is no photo to learn from")
    return np.linalg.solve(square + PENALTY * np.trace(square) / COUNT * np.eye(COUNT), product).astype(np.float32)


if __name__ == "__main__":
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name(FILE)
    np.savez(target, weights=fit(pictures(source)))
