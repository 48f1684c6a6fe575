"""Photos for training: Parquet shards decoded once into a memory-mapped cache, and random batches out of it.

A cache folder holds `pixels.u8` (all photos' RGB bytes, one after another) and `index.npz` (offset, h, w, label).
"""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import spaces
from barva.guidance import simulate
from barva.training import film

Float = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """One step's arrays: `inputs` (B, 4, S, S) as `models.guided` wants them; the true chroma `ab` (B, S, S, 2) in Lab
    units; `label` (B,) int64, -1 where unknown."""

    inputs: Float
    ab: Float
    label: npt.NDArray[np.int64]


class PhotoCache:
    """Read access to a cache folder: `len(cache)`, `cache[i]` -> (H, W, 3) uint8 RGB, a view of the file."""

    def __init__(self, folder: Path) -> None:
        index = np.load(folder / "index.npz")
        self.offset, self.height, self.width = index["offset"], index["h"], index["w"]
        self.labels: list[str] = [str(x) for x in index["label"]]
        self.pixels = np.memmap(folder / "pixels.u8", np.uint8, "r")

    def __len__(self) -> int:
        return len(self.offset)

    def __getitem__(self, i: int) -> npt.NDArray[np.uint8]:
        h, w, at = int(self.height[i]), int(self.width[i]), int(self.offset[i])
        return self.pixels[at : at + h * w * 3].reshape(h, w, 3)


def build_cache(shard: Path, folder: Path) -> PhotoCache:
    """Decode a Parquet shard (columns image, label, source) into `folder`; photos that don't decode are left out."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[Any]] = {"offset": [], "h": [], "w": [], "label": []}
    at = 0
    with (folder / "pixels.u8").open("wb") as out:
        for part in pq.ParquetFile(shard).iter_batches(512):
            for row in part.to_pylist():
                bgr = cv2.imdecode(np.frombuffer(row["image"], np.uint8), cv2.IMREAD_COLOR)
                if bgr is None:
                    continue
                out.write(np.ascontiguousarray(bgr[..., ::-1]).tobytes())
                label = f"{row['source']}:{row['label']}" if row["label"] else ""
                for name, value in zip(rows, (at, bgr.shape[0], bgr.shape[1], label), strict=True):
                    rows[name].append(value)
                at += bgr.size
    arrays: dict[str, Any] = {k: np.array(v) for k, v in rows.items()}
    np.savez(folder / "index.npz", **arrays)
    return PhotoCache(folder)


def is_validation(key: str, share: float = 0.01) -> bool:
    """A fixed split by hash, so that it does not move when photos are added."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") < share * 2**32


class Sampler:
    """Random batches from several caches. `weights` says how often each is drawn; labels get one numbering over all."""

    def __init__(self, caches: Sequence[tuple[str, PhotoCache]], weights: Sequence[float], seed: int) -> None:
        self.caches = [c for _, c in caches]
        self.p = np.asarray(weights, float) / sum(weights)
        names = sorted({n for c in self.caches for n in c.labels if n})
        number = {n: i for i, n in enumerate(names)}
        self.labels = names
        self.label = [np.array([number.get(n, -1) for n in c.labels]) for c in self.caches]
        held = [np.array([is_validation(f"{name}/{i}") for i in range(len(c))]) for name, c in caches]
        self.train = [np.flatnonzero(~v) for v in held]
        self.validation = [(k, int(i)) for k, v in enumerate(held) for i in np.flatnonzero(v)]
        self.rng = np.random.default_rng(seed)

    def batch(self, size: int, side: int, hinted: float, filmed: float, crop: float) -> Batch:
        """`size` random photos at `side` px; `hinted`, `filmed` the shares with hints and with film-simulated light;
        `crop` the smallest share of a photo's frame that a sample shows."""
        photos = np.empty((size, side, side, 3), np.uint8)
        label = np.empty(size, np.int64)
        for n in range(size):
            k = int(self.rng.choice(len(self.caches), p=self.p))
            i = int(self.rng.choice(self.train[k]))
            photos[n] = random_view(self.caches[k][i], side, crop, self.rng)
            label[n] = self.label[k][i]
        return make_batch(photos, label, hinted, filmed, self.rng)


def random_view(photo: npt.NDArray[np.uint8], side: int, crop: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """A random part of the frame, about square, mirrored half of the time, squeezed to `side` x `side`."""
    h, w = photo.shape[:2]
    share = np.sqrt(rng.uniform(crop, 1.0))
    # between the whole frame (squeezed) and a square: networks must not depend on either
    square = rng.uniform(0.0, 1.0)
    ch = max(16, round(share * (h + square * (min(h, w) - h))))
    cw = max(16, round(share * (w + square * (min(h, w) - w))))
    y, x = int(rng.integers(0, max(h - ch, 0) + 1)), int(rng.integers(0, max(w - cw, 0) + 1))
    view = photo[y : y + ch, x : x + cw]
    shrink = cv2.INTER_AREA if min(view.shape[:2]) >= side else cv2.INTER_CUBIC
    small: Any = cv2.resize(view, (side, side), interpolation=shrink)
    return np.asarray(small[:, ::-1] if rng.random() < 0.5 else small)


def make_batch(
    photos: npt.NDArray[np.uint8], label: npt.NDArray[np.int64], hinted: float, filmed: float, rng: np.random.Generator
) -> Batch:
    """(B, S, S, 3) uint8 sRGB -> `Batch`: light and chroma split in Lab, light filmed, chroma hinted."""
    n, s = photos.shape[:2]
    lab = spaces.fast_rgb_to_lab(photos.reshape(n * s, s, 3)).reshape(n, s, s, 3)
    ab = lab[..., 1:]
    inputs = np.zeros((n, 4, s, s), np.float32)
    for i in range(n):
        light = lab[i, ..., 0]
        if rng.random() < filmed:
            light = film.simulate(photos[i].astype(np.float32) / 255, rng)
        inputs[i, 0] = light / 50 - 1
        if rng.random() < hinted:
            inputs[i, 1:3], inputs[i, 3] = simulate.points(ab[i], rng)
    return Batch(inputs, ab, label)


class Prefetch:
    """Batches made by one background thread (OpenCV and NumPy release the lock where it counts); in the end, close."""

    def __init__(self, make: Callable[[], Batch], depth: int = 4) -> None:
        self._make, self._ready = make, queue.Queue[Batch | BaseException](depth)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        item: Batch | BaseException
        while not self._ended.is_set():
            try:
                item = self._make()
            except BaseException as error:  # handed to the consumer, who raises it
                item = error
            while not self._ended.is_set():
                try:
                    self._ready.put(item, timeout=0.2)
                    break
                except queue.Full:
                    continue

    def __next__(self) -> Batch:
        item = self._ready.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def close(self) -> None:
        """End the thread: the sampler's random numbers belong to one thread at a time."""
        self._ended.set()
        self._thread.join()
