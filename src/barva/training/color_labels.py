"""Masks of sky, plants, water, snow and mountains that color photos of landscapes give away by themselves.

A network that sees light alone can learn from what color says: a smooth blue area at the upper edge is sky, green is
leaves. Only what is nearly sure is labeled; all else says nothing. `barva data label` writes such a collection, and
`barva data masks` reads it.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import spaces
from barva.errors import ReadError, UsageError
from barva.training import parallel
from barva.training.cache import read_picture, shrunk

Picture = npt.NDArray[np.uint8]
Region = npt.NDArray[np.bool_]

SCENES = ("any", "forest", "sea", "mountain", "glacier")
"""What all photos of a folder show: in "forest" green is trees, in "sea" the blue below the sky is water, in "mountain"
what is next to the sky is mountain, in "glacier" white below the sky is snow; "any": sky and plants only."""

LABELS = ("unlabeled", "sky", "plants", "tree", "water", "mountain", "snow")

SIDE = 320
"""Short side at which photos are looked at, px."""

LEAST = 0.03
"""The smallest share of a photo that a region covers."""

LEAST_LABELED = 0.15
"""The smallest share of a photo that is labeled; photos with less are left out."""


def label_by_color(photo: Picture, scene: str = "any") -> Picture:
    """Which pixels are surely sky, plants, water, mountain or snow.

    Args:
        photo: (H, W, 3) sRGB.
        scene: One of `SCENES`.

    Returns:
        (H, W) indices of `LABELS`; 0 where color does not say.

    Examples:
        >>> meadow = np.full((64, 64, 3), (70, 130, 50), np.uint8)
        >>> meadow[:32] = (110, 160, 230)
        >>> labels = label_by_color(meadow)
        >>> LABELS[labels[8, 32]], LABELS[labels[60, 32]]
        ('sky', 'plants')
    """
    blurred = cv2.GaussianBlur(spaces.fast_rgb_to_lab(photo), (0, 0), max(1.0, min(photo.shape[:2]) / 160))
    lab = np.asarray(blurred, np.float32)
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    smooth = _deviation(light, max(3, min(light.shape) // 24)) < 5
    blue = (hue > 225) & (hue < 295) & (chroma > 8)
    green = (hue > 100) & (hue < 155) & (chroma > 14)
    sky = _sky(blue & smooth & (light > 35), 0.5 if scene == "glacier" else 0.1)
    if scene != "glacier":
        sky |= _above(sky) & (chroma < 12) & (light > 50)  # clouds
    labels = np.zeros(light.shape, np.uint8)
    if scene != "sea":  # there green is water
        labels[green & ~sky] = LABELS.index("tree" if scene == "forest" else "plants")
    labels[sky] = LABELS.index("sky")
    below = _below(sky)
    if scene == "sea":
        watery = (hue > 170) & (hue < 295) & (chroma > 4)
        labels[_touching(watery & below, -1)] = LABELS.index("water")
    elif scene == "mountain":
        near = below & ~_below(_lower(sky, round(0.1 * len(sky))))
        labels[near & ~green & ~blue & (chroma < 30)] = LABELS.index("mountain")
    elif scene == "glacier":
        labels[below & (light > 75) & (chroma < 12)] = LABELS.index("snow")
    return labels


def _lower(region: Region, rows: int) -> Region:
    """The region moved down by `rows`; nothing comes in over the upper edge."""
    moved = np.zeros_like(region)
    moved[rows:] = region[: len(region) - rows]
    return moved


def _deviation(light: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    mean = cv2.blur(light, (size, size))
    square = cv2.blur(light * light, (size, size))
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), np.float32)


def _sky(candidate: Region, width: float) -> Region:
    """The large parts of `candidate` that touch the upper edge along the share `width`; nothing if one of them reaches
    the lower edge too."""
    sky = _touching(candidate, 0, width)
    return np.zeros_like(sky) if sky[-1].any() else sky


def _touching(region: Region, row: int, width: float = 0.1) -> Region:
    """The large connected parts of a region that touch the first (0) or last (-1) row along the share `width`."""
    count, parts = cv2.connectedComponents(region.astype(np.uint8))
    edge = np.bincount(parts[row], minlength=count)
    area = np.bincount(parts.ravel(), minlength=count)
    wanted = (edge > width * region.shape[1]) & (area > LEAST * region.size)
    wanted[0] = False
    return np.asarray(wanted[parts])


def _above(region: Region) -> Region:
    """Everything above the lowest pixel of a region, column by column."""
    return np.asarray(np.cumsum(region[::-1], axis=0)[::-1] > 0)


def _below(region: Region) -> Region:
    """Everything under the lowest pixel of a region, column by column; nothing in columns without one."""
    return ~_above(region) & region.any(0)


def write_collection(photos: Path, target: Path, scene: str, most: int) -> int:
    """Label the photos of a folder; those where color says little are left out.

    Args:
        photos: The folder; folders in it are looked at too.
        target: The collection's folder, which must not exist.
        scene: One of `SCENES`.
        most: Stop after so many photos.

    Returns:
        The number of photos labeled.

    Raises:
        UsageError: `target` exists, or there is no such scene.
        ReadError: There is no photo in the folder that color labels.
    """
    if scene not in SCENES:
        raise UsageError(f"there is no scene {scene!r}; there are {', '.join(SCENES)}")
    if not photos.is_dir():
        raise ReadError(f"{photos} is no folder")
    if target.exists():
        raise UsageError(f"{target} exists; give a folder that does not")
    with parallel.scratch(target) as part:
        count = 0
        for path in sorted(p for p in photos.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png")):
            count += _write_labels(path, part, f"{count:06d}", scene)
            if count >= most:
                break
        if not count:
            raise ReadError(f"color labels no photo in {photos}")
        facts = {"labels": {str(n): label for n, label in enumerate(LABELS)}, "void": [0], "background": "unknown"}
        (part / "source.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        part.rename(target)
    return count


def _write_labels(path: Path, target: Path, name: str, scene: str) -> bool:
    """Whether a photo could be read and color labels enough of it; if so, it is written with its labels."""
    whole = read_picture(path)
    if whole is None:
        return False
    photo = shrunk(whole, SIDE)
    labels = label_by_color(photo, scene)
    if (labels > 0).mean() < LEAST_LABELED:
        return False
    for folder, picture in (("photos", photo[..., ::-1]), ("masks", labels)):
        (target / folder).mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(".png", picture)
        (target / folder / f"{name}.png").write_bytes(data.tobytes())
    return True
