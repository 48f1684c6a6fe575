"""Random batches of photos with masks, each a pure function of (seed, step), for the objective `perception`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import spaces
from barva.errors import UsageError
from barva.perception.classes import CLASSES, NUMBER
from barva.training import film
from barva.training.data import split_position
from barva.training.filters import NearHashes
from barva.training.masks import UNLABELED, MaskCache
from barva.training.recipe import Recipe, Stage

Float = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

HELD = 0.1
"""The share of each collection that is kept out for measuring."""

STRIDE = 4
"""Input pixels per output pixel."""

SMALLEST = 0.01
"""The smallest share of a view that an object to select covers."""


@dataclass(frozen=True)
class MaskBatch:
    """One step's arrays.

    | field | shape | what |
    |---|---|---|
    | `light` | (B, S, S) float32 | `L / 50 - 1`; film-simulated in a share of the samples |
    | `allowed` | (B, S / 4, S / 4) int64 | bit c is set where a pixel's label can mean class c |
    | `mask` | (B, S / 4, S / 4) float32 | the object to select, 0..1 |
    | `certain` | (B, S / 4, S / 4) float32 | 0 where the collection says nothing, else 1 |
    | `chosen` | (B,) float32 | 1 where there is an object to select |
    """

    light: Float
    allowed: npt.NDArray[np.int64]
    mask: Float
    certain: Float
    chosen: Float


class MaskSampler:
    """Random batches from several caches of masks, each (cache, weight). A tenth of each is kept out, near-duplicates
    of one photo on the same side."""

    def __init__(self, sources: Sequence[tuple[MaskCache, float]], recipe: Recipe) -> None:
        self.sources, self.recipe, self.labels = sources, recipe, list(CLASSES)
        self.caches = [cache for cache, _ in sources]
        held = held_out([cache for cache, _ in sources])
        self.train = [np.flatnonzero(~own) for own in held]
        self.validation = [(k, int(i)) for k, own in enumerate(held) for i in np.flatnonzero(own)]
        tables = [cache.collection.sets() for cache in self.caches]
        self.sets = np.concatenate(tables)
        """(256 * caches, classes): the classes that each index of each cache can mean."""
        self.bits = self.sets.astype(np.int64) @ (np.int64(1) << np.arange(len(CLASSES), dtype=np.int64))
        self.weights = [self._weights(k, weight) for k, (_, weight) in enumerate(sources)]
        total = np.array([w.sum() for w in self.weights])
        self.total = float(total.sum())
        if not self.total:
            raise UsageError("there is no photo with masks to train on: every weight is 0")
        self.chances = total / self.total

    def _weights(self, k: int, weight: float) -> npt.NDArray[np.float64]:
        """How often each training photo of a cache is drawn: more where it shows what few photos show."""
        cache, photos = self.caches[k], self.train[k]
        specific = self.sets[256 * k : 256 * (k + 1)].sum(1) <= 4
        shows = (cache.present[photos] > 0.01) & specific
        rarity = 1 / np.sqrt(np.maximum(shows.sum(0), 20))
        best = np.where(shows, rarity, 0).max(1)
        return np.asarray(weight * np.maximum(best, 0.01), np.float64)

    def data_summary(self) -> dict[str, list[list[Any]]]:
        """What batches are drawn from: name, number of photos and weight of each collection."""
        return {"data": [[cache.collection.name, len(cache), weight] for cache, weight in self.sources]}

    def prior(self) -> Float:
        """(classes,): how much of the training photos each class covers, labels that can mean several split evenly."""
        share = np.zeros(len(CLASSES))
        for k, cache in enumerate(self.caches):
            sets = self.sets[256 * k : 256 * (k + 1)]
            clear = sets.sum(1) <= 4
            spread = np.where(clear[:, None], sets / sets.sum(1, keepdims=True), 0)
            weights = self.weights[k] / self.total
            share += (weights[:, None] * cache.present[self.train[k]]).sum(0) @ spread
        return np.asarray(share / share.sum(), np.float32)

    def batch(self, step: int, stage: Stage, rank: int = 0, *, held: bool = False) -> MaskBatch:
        """The views of one step; `rank` tells the processes of one run apart; `held`: of photos that are kept out."""
        rng = np.random.default_rng((self.recipe.seed, step, rank))
        rows = [self._view(*self._random_photo(rng, held), stage, rng) for _ in range(stage.batch)]
        return MaskBatch(*(np.stack(column) for column in zip(*rows, strict=True)))

    def labeled_views(self, stage: Stage, rng: np.random.Generator) -> tuple[Picture, npt.NDArray[np.int64]]:
        """`stage.batch` random views of random photos (B, S, S, 3), and `allowed` of `MaskBatch`."""
        photos = np.empty((stage.batch, stage.side, stage.side, 3), np.uint8)
        allowed = np.empty((stage.batch, stage.side // STRIDE, stage.side // STRIDE), np.int64)
        for n in range(stage.batch):
            k, i = self._random_photo(rng, False)
            photos[n], labels = random_view(*self.caches[k][i], stage.side, stage.crop, rng)
            allowed[n] = self._allowed_labels(labels, k)
        return photos, allowed

    def _allowed_labels(self, labels: Picture, k: int) -> npt.NDArray[np.int64]:
        small = labels[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
        return np.asarray(self.bits[small.astype(np.int64) + 256 * k])

    def _random_photo(self, rng: np.random.Generator, held: bool) -> tuple[int, int]:
        """A cache and a photo of it."""
        if held and self.validation:
            return self.validation[int(rng.integers(len(self.validation)))]
        k = int(rng.choice(len(self.caches), p=self.chances))
        return k, int(rng.choice(self.train[k], p=self.weights[k] / self.weights[k].sum()))

    def _view(self, k: int, i: int, stage: Stage, rng: np.random.Generator) -> tuple[Any, ...]:
        photo, labels = random_view(*self.caches[k][i], stage.side, stage.crop, rng)
        light = light_of(photo, rng, self.recipe.filmed)
        small = np.ascontiguousarray(labels[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE])
        allowed = self._allowed_labels(labels, k)
        mask, found = self._object(labels, k, rng)
        certain = (small != UNLABELED).astype(np.float32)
        return light / np.float32(50) - 1, allowed, mask, certain, np.float32(found)

    def _object(self, labels: Any, k: int, rng: np.random.Generator) -> tuple[Float, bool]:
        """An object as a mask at stride 4, and whether there is one: a connected part of a label, or the whole of a
        garment, which an open coat shows in two halves."""
        size = labels.shape[0] // STRIDE
        spelled = self.caches[k].collection.labels
        named = [int(n) for n in np.unique(labels) if n in spelled and n != UNLABELED and not _is_unnamed(spelled[n])]
        for n in rng.permutation(named):
            is_garment = self._is_garment(k, int(n))
            whole = np.isin(labels, [n] if is_garment else self._alike(k, int(n), named)).astype(np.uint8)
            if not is_garment:
                count, parts, stats, _ = cv2.connectedComponentsWithStats(whole)
                large = [c for c in range(1, count) if stats[c, cv2.CC_STAT_AREA] > SMALLEST * labels.size]
                whole = (parts == (rng.choice(large) if large else -1)).astype(np.uint8)
            if whole.sum() > SMALLEST * labels.size:
                mask = cv2.resize(whole.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
                return np.asarray(mask, np.float32), True
        return np.zeros((size, size), np.float32), False

    def _is_garment(self, k: int, n: int) -> bool:
        """Whether label `n` of a cache is a piece of clothing and nothing else: garments are colored one by one."""
        own = self.sets[256 * k + n]
        return bool(own[NUMBER["clothing"]]) and own.sum() == 1

    def _alike(self, k: int, n: int, named: Sequence[int]) -> list[int]:
        """The labels that mean the same class, such as eyes and nose, which are one face."""
        sets = self.sets[256 * k :]
        return [m for m in named if (sets[m] == sets[n]).all()]


def held_out(caches: Sequence[MaskCache]) -> list[npt.NDArray[np.bool_]]:
    """Which photos of each cache are kept out: a tenth by name, and what looks like one that was decided before goes
    with it."""
    decided, sides = NearHashes(), []
    for cache in caches:
        side = np.zeros(len(cache), bool)
        for i, name in enumerate(cache.names):
            value = int(cache.hashes[i])
            near = decided.near(value)
            side[i] = near == "held" if near else split_position(f"{cache.collection.name}/{name}") < HELD
            if not near:
                decided.add(value, "held" if side[i] else "train")
        sides.append(side)
    return sides


def _is_unnamed(label: str) -> bool:
    return label in ("background", "unlabeled", "void") or label.startswith("not ")


def light_of(photo: Picture, rng: np.random.Generator, filmed: float) -> Float:
    """L (H, W) of a photo, in the share `filmed` that of an old print of it."""
    if rng.random() < filmed:
        return film.simulate(photo.astype(np.float32) / np.float32(255), rng)
    return np.ascontiguousarray(spaces.fast_rgb_to_lab(photo)[..., 0])


def random_view(
    photo: Picture, labels: Picture, side: int, crop: float, rng: np.random.Generator
) -> tuple[Picture, Picture]:
    """A random part of the frame with its labels, mirrored half of the time, `side` x `side` px.

    The part's sides are each between the square root of `crop` and the whole of the frame's.
    """
    h, w = labels.shape
    least = np.sqrt(crop)
    share = rng.uniform(least, 1.0)
    # squares mostly, squeezed frames sometimes, because photos are seen whole later
    square = min(h, w) if rng.random() < 0.7 else 0
    ch, cw = (max(16, round(share * (square or n))) for n in (h, w))
    y, x = int(rng.integers(0, h - ch + 1)), int(rng.integers(0, w - cw + 1))
    part, mask = photo[y : y + ch, x : x + cw], labels[y : y + ch, x : x + cw]
    how = cv2.INTER_AREA if min(ch, cw) >= side else cv2.INTER_LINEAR
    part = np.asarray(cv2.resize(part, (side, side), interpolation=how), np.uint8)
    mask = np.asarray(cv2.resize(mask, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
    if rng.random() < 0.5:
        part, mask = part[:, ::-1], mask[:, ::-1]
    return np.ascontiguousarray(part), np.ascontiguousarray(mask)
