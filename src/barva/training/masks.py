"""Photos with masks, read from folders and kept decoded in a cache that training maps into memory.

A collection is a folder with `photos/`, its masks, and `source.json`:

| key | what |
|---|---|
| `labels` | index -> label, as the collection spells it |
| `colors` | "R,G,B" -> index, where the masks are color pictures (the nearest color counts) |
| `background` | what an unlabeled pixel means: `unknown`, `rest`, `things` (see `training.vocabulary.sets_of`) |
| `void` | indices that say nothing |
| `license` | the terms as they were found |

Masks are `masks/NAME.png` (index or color), `masks/NAME.txt` (YOLO polygons: class, then x y in 0..1) or one
`annotations.json` (COCO polygons). A cache folder holds `pixels.u8`, `masks.u8` and `index.npz`, and `source.json`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import ReadError
from barva.training import parallel
from barva.training.cache import read_picture
from barva.training.filters import Exclusion, difference_hash
from barva.training.vocabulary import Sets, sets_of

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

SIDE = 320
"""Short side to which photos are shrunk, px."""

UNLABELED = 255
"""The index that says nothing, in every cache."""


@dataclass(frozen=True)
class Collection:
    """What `source.json` says: `labels` index -> label; `colors` (R, G, B) -> index; what the background means; the
    void indices; the terms of use."""

    name: str
    labels: dict[int, str]
    colors: dict[tuple[int, int, int], int]
    background: str
    void: tuple[int, ...]
    license: str

    @classmethod
    def read(cls, folder: Path) -> Collection:
        """What the `source.json` of a folder or cache says. `ReadError`: there is no `source.json`, or a wrong one."""
        try:
            raw = json.loads((folder / "source.json").read_text(encoding="utf-8"))
            labels = {int(k): str(v) for k, v in raw["labels"].items()}
            colors = {_color(k): int(v) for k, v in raw.get("colors", {}).items()}
            background = str(raw.get("background", "unknown"))
            void = tuple(int(v) for v in raw.get("void", ()))
        except FileNotFoundError as error:
            raise ReadError(f"{folder} is no collection of masks: there is no source.json") from error
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise ReadError(f"{folder / 'source.json'} cannot be understood: {error}") from error
        if background not in ("unknown", "rest", "things"):
            raise ReadError(f"{folder / 'source.json'}: background is unknown, rest or things, not {background}")
        return cls(str(raw.get("name", folder.name)), labels, colors, background, void, str(raw.get("license", "")))

    def sets(self) -> Sets:
        """(256, classes): which classes each index can mean."""
        sets = sets_of(self.labels, self.background)
        sets[[*self.void, UNLABELED]] = True
        return sets


def _color(text: str) -> tuple[int, int, int]:
    r, g, b = (int(v) for v in text.split(","))
    return r, g, b


class MaskCache:
    """Read access to a cache: `cache[i]` -> photo (H, W, 3) uint8 RGB and label indices (H, W) uint8.

    `names` are the photos' names; `present` (N, 256) says how much of each photo has which index, 0..1; `hashes` (N,)
    are difference hashes; `skipped` counts what was left out, by kind. `ReadError`: no cache there, or a damaged one.
    """

    def __init__(self, folder: Path) -> None:
        self.collection = Collection.read(folder)
        facts = json.loads((folder / "source.json").read_text(encoding="utf-8"))
        self.skipped: dict[str, int] = facts.get("skipped", {})
        try:
            with np.load(folder / "index.npz") as index:
                self.at, self.height, self.width = (np.asarray(index[k], np.int64) for k in ("at", "h", "w"))
                self.names = [str(n) for n in index["name"]]
                self.present = np.asarray(index["present"], np.float32)
                self.hashes = np.asarray(index["hash"], np.uint64)
            self.pixels = np.memmap(folder / "pixels.u8", np.uint8, "r")
            self.labels = np.memmap(folder / "masks.u8", np.uint8, "r")
        except (OSError, ValueError, KeyError) as error:
            raise ReadError(f"the cache of masks {folder} is damaged ({error}); delete it and make it again") from error
        area = int((self.height * self.width).sum())
        if self.labels.size != area or self.pixels.size != 3 * area:
            raise ReadError(f"the cache of masks {folder} is damaged; delete it and make it again")

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, i: int) -> tuple[Picture, Mask]:
        h, w, at = int(self.height[i]), int(self.width[i]), int(self.at[i])
        photo = self.pixels[3 * at : 3 * (at + h * w)].reshape(h, w, 3)
        return photo, self.labels[at : at + h * w].reshape(h, w)


def build(folder: Path, target: Path, exclusion: Exclusion | None = None, side: int = SIDE) -> MaskCache:
    """Decode a collection into the cache `target`.

    Args:
        folder: The collection (see above).
        target: The cache's folder; it appears when it is whole.
        exclusion: Photos that must be left out, such as those kept for measuring.
        side: Short side to which photos are shrunk, px.

    Returns:
        The cache. Photos that cannot be read, or have no mask, are left out and counted in its `source.json`.

    Raises:
        ReadError: No collection there, or none of its photos can be used.
        WriteError: The cache cannot be written.
    """
    collection = Collection.read(folder)
    rows: dict[str, list[Any]] = {k: [] for k in ("at", "h", "w", "name", "present", "hash")}
    skipped: Counter[str] = Counter()
    at = 0
    with parallel.scratch(target) as part:
        with (part / "pixels.u8").open("wb") as pixels, (part / "masks.u8").open("wb") as masks:
            for name, photo, mask in _pairs(folder, collection, skipped):
                if exclusion and exclusion.look(photo):
                    skipped["excluded"] += 1
                    continue
                photo, mask = _shrunk(photo, mask, side)
                pixels.write(np.ascontiguousarray(photo).data)
                masks.write(np.ascontiguousarray(mask).data)
                share = np.bincount(mask.ravel(), minlength=256) / mask.size
                values = (at, *mask.shape, name, share.astype(np.float32), difference_hash(photo))
                for key, value in zip(rows, values, strict=True):
                    rows[key].append(value)
                at += mask.size
        if not at:
            raise ReadError(f"no photo with a mask in {folder} can be used: {dict(skipped)}")
        kinds = {"name": str, "present": np.float32, "hash": np.uint64}
        columns: dict[str, Any] = {k: np.array(v, kinds.get(k, np.int64)) for k, v in rows.items()}
        np.savez(part / "index.npz", **columns)
        facts = json.loads((folder / "source.json").read_text(encoding="utf-8")) | {"name": collection.name}
        facts |= {"photos": len(rows["at"]), "skipped": dict(skipped)}
        (part / "source.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        part.rename(target)
    return MaskCache(target)


def _pairs(folder: Path, collection: Collection, skipped: Counter[str]) -> Iterator[tuple[str, Picture, Mask]]:
    polygons = _coco(folder)
    if not (folder / "photos").is_dir():
        raise ReadError(f"{folder} holds no folder photos")
    for path in sorted((folder / "photos").iterdir()):
        photo = read_picture(path)
        if photo is None:
            skipped["broken"] += 1
            continue
        mask = _mask(folder, path, photo.shape[:2], collection, polygons)
        if mask is None:
            skipped["no mask"] += 1
            continue
        mask[np.isin(mask, collection.void)] = UNLABELED
        yield path.stem, photo, mask


def _mask(
    folder: Path, photo: Path, size: tuple[int, ...], collection: Collection, polygons: Mapping[str, Any]
) -> Mask | None:
    if photo.name in polygons:
        return _fill(size, polygons[photo.name])
    yolo = folder / "masks" / f"{photo.stem}.txt"
    if yolo.exists():
        return _fill(size, _yolo(yolo, size))
    path = folder / "masks" / f"{photo.stem}.png"
    if not path.exists():
        return None
    mask = _indices(path, collection)
    if mask is not None and mask.shape != size:
        mask = np.asarray(cv2.resize(mask, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    return mask


def _indices(path: Path, collection: Collection) -> Mask | None:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            if not collection.colors:
                return np.array(picture if picture.mode in ("P", "L") else picture.convert("L"), np.uint8)
            rgb = np.array(picture.convert("RGB"), np.int32)
    except (OSError, ValueError, SyntaxError):
        return None
    palette = np.array(list(collection.colors), np.int32)
    nearest = ((rgb[..., None, :] - palette) ** 2).sum(-1).argmin(-1)
    mask: Mask = np.array(list(collection.colors.values()), np.uint8)[nearest]
    return mask


def _yolo(path: Path, size: tuple[int, ...]) -> list[tuple[int, Any]]:
    shapes = []
    for line in filter(str.strip, path.read_text(encoding="utf-8").splitlines()):
        index, *numbers = line.split()
        if len(numbers) >= 6 and len(numbers) % 2 == 0:
            shapes.append((int(index), np.array(numbers, np.float64).reshape(-1, 2) * size[::-1]))
    return shapes


def _coco(folder: Path) -> dict[str, list[tuple[int, Any]]]:
    """File name -> (category, polygon in pixels), largest objects first so that small ones lie above them."""
    path = folder / "annotations.json"
    if not path.exists():
        return {}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        names = {image["id"]: Path(image["file_name"]).name for image in raw["images"]}
        shapes: dict[str, list[tuple[int, Any]]] = {name: [] for name in names.values()}
        for item in sorted(raw["annotations"], key=lambda a: -float(a.get("area", 0))):
            if isinstance(item["segmentation"], list):  # run-length ones are of crowds
                for polygon in item["segmentation"]:
                    points = np.array(polygon, np.float64).reshape(-1, 2)
                    shapes[names[item["image_id"]]].append((int(item["category_id"]), points))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{path} is no COCO annotation file: {error}") from error
    return shapes


def _fill(size: tuple[int, ...], shapes: list[tuple[int, Any]]) -> Mask:
    mask = np.zeros(size, np.uint8)
    for index, points in shapes:
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], int(index))
    return mask


def _shrunk(photo: Picture, mask: Mask, side: int) -> tuple[Picture, Mask]:
    h, w = mask.shape
    scale = side / min(h, w)
    if scale >= 1:
        return photo, mask
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    small: Any = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
