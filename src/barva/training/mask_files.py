"""Masks as collections keep them (index and color pictures, YOLO and COCO polygons), read as label indices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import ReadError

Mask = npt.NDArray[np.uint8]
Color = tuple[int, int, int]

Shape = tuple[int, npt.NDArray[np.float64]]
"""A label's index, and the corners (n, 2) of a polygon, x y in pixels."""

FARTHEST = 1e6
"""Corners farther outside of the photo than so many pixels are moved to there: OpenCV takes no larger numbers."""


def read_mask(
    folder: Path,
    photo: Path,
    size: tuple[int, int],
    colors: Mapping[Color, int],
    outside: int,
    polygons: Mapping[str, Sequence[Shape]],
) -> Mask | None:
    """The label indices of a photo's pixels.

    Args:
        folder: The collection.
        photo: The photo's file; its mask has the same name.
        size: Height and width of the photo, px.
        colors: (R, G, B) -> index, where masks are color pictures.
        outside: The index of pixels outside of all polygons.
        polygons: What `read_coco` gives.

    Returns:
        (H, W) indices; None where there is no mask, or a damaged one.

    Raises:
        ReadError: The mask's picture holds no indices, and `colors` does not say what its colors mean.
    """
    if photo.name in polygons:
        return _fill(size, polygons[photo.name], outside)
    yolo = folder / "masks" / f"{photo.stem}.txt"
    if yolo.exists():
        shapes = _read_yolo(yolo, size)
        return None if shapes is None else _fill(size, shapes, outside)
    path = folder / "masks" / f"{photo.stem}.png"
    mask = _read_picture(path, colors) if path.exists() else None
    if mask is not None and mask.shape != size:
        mask = np.asarray(cv2.resize(mask, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    return mask


def _read_picture(path: Path, colors: Mapping[Color, int]) -> Mask | None:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            mode = picture.mode
            values: Any = np.array(picture.convert("RGB") if colors else picture)
    except (OSError, ValueError, SyntaxError):
        return None
    if not colors:
        return _indices(values, mode, path)
    palette = np.array(list(colors), np.int32)
    nearest = ((values.astype(np.int32)[..., None, :] - palette) ** 2).sum(-1).argmin(-1)
    mask: Mask = np.array(list(colors.values()), np.uint8)[nearest]
    return mask


def _indices(values: Any, mode: str, path: Path) -> Mask:
    """The indices (H, W) of a picture of that mode of Pillow; gray saved as RGB, black and white, and 16 bits count,
    as long as their values are indices."""
    bands = values[..., None] if values.ndim == 2 else values[..., : -1 if mode.endswith("A") else None]
    if (bands != bands[..., :1]).any():
        raise ReadError(f'{path} is a color picture: "colors" of source.json must say which index each color is')
    if bands.dtype.kind not in "bui" or bands.min() < 0 or bands.max() > 255:
        raise ReadError(f"{path} is no picture of indices: its values are not whole numbers from 0 to 255")
    return np.array(bands[..., 0], np.uint8)


def _read_yolo(path: Path, size: tuple[int, int]) -> list[Shape] | None:
    """None where a line is no polygon, such as a box: its photo would pass for one that does not show the object."""
    try:
        return [
            _shape(float(index), np.array(corners, np.float64).reshape(-1, 2) * size[::-1])
            for index, *corners in map(str.split, filter(str.strip, path.read_text(encoding="utf-8").splitlines()))
        ]
    except (OSError, ValueError):
        return None


def _shape(index: float, points: npt.NDArray[np.float64]) -> Shape:
    if not 0 <= index < 255 or index != int(index):
        raise ValueError(f"a class is a whole number from 0 to 254, not {index:g}")
    if len(points) < 3 or not np.isfinite(points).all():
        raise ValueError("a polygon has at least three corners")
    return int(index), np.clip(points, -FARTHEST, FARTHEST)


def read_coco(folder: Path) -> dict[str, list[Shape]]:
    """File name -> polygons of `annotations.json`, largest objects first so that small ones lie above them; nothing
    where there is no such file. `ReadError`: it is something else."""
    path = folder / "annotations.json"
    if not path.exists():
        return {}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        names = {image["id"]: Path(image["file_name"]).name for image in raw["images"]}
        shapes: dict[str, list[Shape]] = {name: [] for name in names.values()}
        for item in sorted(raw["annotations"], key=lambda a: -float(a.get("area", 0))):
            if isinstance(item["segmentation"], list):  # run-length ones are of crowds
                for polygon in item["segmentation"]:
                    corners = np.array(polygon, np.float64).reshape(-1, 2)
                    if len(corners) >= 3:  # files of annotators hold stray clicks
                        shapes[names[item["image_id"]]].append(_shape(float(item["category_id"]), corners))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReadError(f"{path} is no COCO annotation file: {error}") from error
    return shapes


def _fill(size: tuple[int, int], shapes: Sequence[Shape], outside: int) -> Mask:
    mask = np.full(size, outside, np.uint8)
    for index, points in shapes:
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], index)
    return mask
