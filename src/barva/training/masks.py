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
`annotations.json` (COCO polygons); what lies outside of all polygons is the background. A cache folder holds
`pixels.u8`, `masks.u8` and `index.npz`, and `source.json`.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import ReadError
from barva.training import parallel
from barva.training.cache import Origin, decode_picture, is_kept, place, skipped_text
from barva.training.filters import Exclusion, difference_hash
from barva.training.mask_files import Mask, read_coco, read_mask
from barva.training.vocabulary import Sets, sets_of

Picture = npt.NDArray[np.uint8]

SIDE = 320
"""Short side to which photos are shrunk, px."""

UNLABELED = 255
"""The index that says nothing, in every cache."""

BACKGROUND = "background"
"""The label of what no other label names."""

FILES = {"pixels.u8", "masks.u8", "index.npz", "source.json"}
"""What a cache's folder holds."""


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
            labels = {_index(k): str(v) for k, v in raw["labels"].items()}
            colors = {_color(k): _index(v) for k, v in raw.get("colors", {}).items()}
            background = str(raw.get("background", "unknown"))
            void = tuple(_index(v) for v in raw.get("void", ()))
        except FileNotFoundError as error:
            raise ReadError(f"{folder} is no collection of masks: there is no source.json") from error
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise ReadError(f"{folder / 'source.json'} cannot be understood: {error}") from error
        if background not in ("unknown", "rest", "things"):
            raise ReadError(f"{folder / 'source.json'}: background is unknown, rest or things, not {background}")
        return cls(str(raw.get("name", folder.name)), labels, colors, background, void, str(raw.get("license", "")))

    @property
    def outside(self) -> int:
        """The index of what lies outside of all polygons: that of the label "background", or one that nothing has (YOLO
        numbers its classes from 0, so that 0 is no background)."""
        named = [n for n, label in self.labels.items() if label == BACKGROUND]
        free = [n for n in range(UNLABELED) if n not in self.labels and n not in self.void]
        return named[0] if named else max(free, default=UNLABELED)

    def sets(self) -> Sets:
        """(256, classes): which classes each index can mean."""
        sets = sets_of(self.labels | {self.outside: BACKGROUND}, self.background)
        sets[[*self.void, UNLABELED]] = True
        return sets


def _index(value: Any) -> int:
    index = int(value)
    if not 0 <= index <= UNLABELED:
        raise ValueError(f"an index is from 0 to {UNLABELED}, not {index}")
    return index


def _color(text: str) -> tuple[int, int, int]:
    r, g, b = (int(v) for v in text.split(","))
    return r, g, b


class MaskCache:
    """Read access to a cache: `cache[i]` -> photo (H, W, 3) uint8 RGB and label indices (H, W) uint8.

    `names` are the photos' names; `present` (N, 256) says how much of each photo has which index, 0..1; `hashes` (N,)
    are difference hashes; `skipped` counts what was left out, by kind; `origin` is what it was made from (nothing in
    caches of older versions). `ReadError`: no cache there, or a damaged one.
    """

    def __init__(self, folder: Path) -> None:
        self.collection = Collection.read(folder)
        facts = json.loads((folder / "source.json").read_text(encoding="utf-8"))
        self.skipped: dict[str, int] = facts.get("skipped", {})
        self.origin: dict[str, Any] = facts.get("origin", {})
        try:
            with np.load(folder / "index.npz") as index:
                self.at, self.height, self.width = (np.asarray(index[k], np.int64) for k in ("at", "h", "w"))
                self.names = [str(n) for n in index["name"]]
                self.present = np.asarray(index["present"], np.float32)
                self.hashes = np.asarray(index["hash"], np.uint64)
            self.pixels = np.memmap(folder / "pixels.u8", np.uint8, "r")
            self.labels = np.memmap(folder / "masks.u8", np.uint8, "r")
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ReadError(f"the cache of masks {folder} is damaged ({error}); delete it and make it again") from error
        columns = (self.at, self.height, self.width, self.hashes)
        fits = all(c.shape == (len(self.names),) for c in columns) and self.present.shape == (len(self.names), 256)
        area = int((self.height * self.width).sum()) if fits else -1
        if self.labels.size != area or self.pixels.size != 3 * area:
            raise ReadError(f"the cache of masks {folder} is damaged; delete it and make it again")

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, i: int) -> tuple[Picture, Mask]:
        h, w, at = int(self.height[i]), int(self.width[i]), int(self.at[i])
        photo = self.pixels[3 * at : 3 * (at + h * w)].reshape(h, w, 3)
        return photo, self.labels[at : at + h * w].reshape(h, w)


def build(folder: Path, target: Path, exclusion: Exclusion | None = None, side: int = SIDE) -> MaskCache:
    """Decode a collection into the cache `target`, unless that was made from it already.

    Args:
        folder: The collection (see above).
        target: The cache's folder; it appears when it is whole.
        exclusion: Photos that must be left out, such as those kept for measuring.
        side: Short side to which photos are shrunk, px.

    Returns:
        The cache. Photos that cannot be read, or have no mask, are left out and counted in its `source.json`.

    Raises:
        ReadError: No collection there, or none of its photos can be used.
        UsageError: The cache was made with a list of photos to leave out, and now there is none.
        WriteError: The cache cannot be written, or something else lies there.
    """
    collection = Collection.read(folder)
    origin = _origin(folder, exclusion, side)
    if kept := _kept(target, origin):
        return kept
    skipped: Counter[str] = Counter()
    with parallel.scratch(target) as part:
        columns = _write_pixels(part, _pairs(folder, collection, exclusion, skipped), side)
        if not len(columns["at"]):
            raise ReadError(f"no photo with a mask in {folder} can be used{skipped_text(skipped)}")
        np.savez(part / "index.npz", **columns)
        facts = json.loads((folder / "source.json").read_text(encoding="utf-8")) | {"name": collection.name}
        facts |= {"photos": len(columns["at"]), "skipped": dict(skipped), "origin": asdict(origin)}
        (part / "source.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        place(part, target, FILES)
    return MaskCache(target)


def _write_pixels(part: Path, pairs: Iterable[tuple[str, Picture, Mask]], side: int) -> dict[str, Any]:
    """Write photos and masks, shrunk; what the index says of them."""
    rows: dict[str, list[Any]] = {k: [] for k in ("at", "h", "w", "name", "present", "hash")}
    at = 0
    with (part / "pixels.u8").open("wb") as pixels, (part / "masks.u8").open("wb") as masks:
        for name, photo, mask in pairs:
            photo, mask = _shrunk(photo, mask, side)
            pixels.write(np.ascontiguousarray(photo).data)
            masks.write(np.ascontiguousarray(mask).data)
            share = np.bincount(mask.ravel(), minlength=256) / mask.size
            values = (at, *mask.shape, name, share.astype(np.float32), difference_hash(photo))
            for key, value in zip(rows, values, strict=True):
                rows[key].append(value)
            at += mask.size
    kinds = {"name": str, "present": np.float32, "hash": np.uint64}
    return {k: np.array(v, kinds.get(k, np.int64)) for k, v in rows.items()}


def _pairs(
    folder: Path, collection: Collection, exclusion: Exclusion | None, skipped: Counter[str]
) -> Iterator[tuple[str, Picture, Mask]]:
    polygons = read_coco(folder)
    for path in _files(folder / "photos"):
        try:
            data = path.read_bytes()
        except OSError:
            data = b""
        if exclusion and exclusion.blob(data):
            skipped["excluded"] += 1
            continue
        photo = decode_picture(data)
        if photo is None:
            skipped["broken"] += 1
            continue
        if exclusion and exclusion.look(photo):
            skipped["excluded"] += 1
            continue
        mask = read_mask(folder, path, photo.shape[:2], collection.colors, collection.outside, polygons)
        if mask is None:
            skipped["no mask"] += 1
            continue
        mask[np.isin(mask, collection.void)] = UNLABELED
        yield path.stem, photo, mask


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise ReadError(f"{folder.parent} holds no folder {folder.name}") from error


def _origin(folder: Path, exclusion: Exclusion | None, side: int) -> Origin:
    """Sizes and times of all files of a collection, and how it is treated."""
    masks = folder / "masks"
    files = [*_files(folder / "photos"), *(_files(masks) if masks.is_dir() else ()), folder / "source.json"]
    digest, size, latest = hashlib.sha256(), 0, 0
    for path in [*files, folder / "annotations.json"]:
        try:
            stat = path.stat()
        except OSError:  # there is none, or it went since
            continue
        size, latest = size + stat.st_size, max(latest, stat.st_mtime_ns)
        digest.update(f"{path.relative_to(folder)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    listed = exclusion.digest if exclusion else ""
    return Origin(str(folder.resolve()), size, latest, side, digest.hexdigest()[:16], listed)


def _kept(target: Path, origin: Origin) -> MaskCache | None:
    """The cache at `target` if it is whole and made from `origin`, as `cache.kept_cache`."""
    try:
        cache = MaskCache(target)
    except ReadError:
        return None
    if cache.origin or not origin.exclusion:  # one that does not say cannot show what it left out
        return cache if is_kept(target, cache.origin, origin) else None
    return None


def _shrunk(photo: Picture, mask: Mask, side: int) -> tuple[Picture, Mask]:
    h, w = mask.shape
    scale = side / min(h, w)
    if scale >= 1:
        return photo, mask
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    small: Any = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
