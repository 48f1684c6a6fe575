"""Random batches out of photo caches, each a pure function of (seed, step): a resumed run sees what it would have
seen."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import bins, spaces
from barva.errors import UsageError
from barva.guidance import simulate
from barva.training import film, origins, validation
from barva.training.cache import PhotoCache
from barva.training.origins import Theme
from barva.training.recipe import Recipe, Stage
from barva.training.validation import SMALL

if TYPE_CHECKING:  # it imports this module
    from barva.training.mask_sampler import MaskSampler

Float = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Batch:
    """One step's arrays, channels last; see `objectives.base.Tensors` for what they mean.

    | field | shape | range |
    |---|---|---|
    | `light`, `lightness` | (B, S, S) | `L / 50 - 1` |
    | `hints` | (B, 3, S, S) | `ab / 110` times weight, weight |
    | `ab` | (B, S, S, 2) | Lab units |
    | `rgb` | (B, S, S, 3) uint8 | sRGB |
    | `label` | (B,) int64 | -1 where unknown |
    | `allowed` | (n, S / 4, S / 4) int64 | as in `MaskBatch`, of the last n photos; None where none has a mask |
    """

    light: Float
    hints: Float
    lightness: Float
    ab: Float
    rgb: Picture
    label: npt.NDArray[np.int64]
    allowed: npt.NDArray[np.int64] | None = None


HELD = 0.01
"""The share of the photos that is held out for validation."""

PRIOR_PHOTOS = 3000
"""Training photos, drawn at random, of which the prior is measured."""

FEW = 4
"""Where the share comes to fewer photos, so many are held out, but never more than a tenth."""


def split_position(name: str) -> float:
    """A photo's lot, 0..1, by hash: whether it is held out does not change when photos are added or taken away."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32


def border_of(lots: Sequence[Float]) -> float:
    """The highest lot, 0..1, of which photos are held out: `HELD`, of few photos that of the `FEW` lowest; -1: none."""
    every = np.sort(np.concatenate([*lots, np.zeros(0, np.float32)]))
    least = min(FEW, len(every) // 10)
    return max(HELD, float(every[least - 1])) if least else -1.0


class Sampler:
    """Random batches from several caches, each (name, cache, weight); `weight` says how often a cache is drawn
    against the others, whatever its number of photos. Labels get one numbering over all. Of `old` ones only the light
    is used: that of the first half of each batch. `masks` gives the share `recipe.masked` of each batch.

    Photos of the sources `hold_out` are for validation only; without any, one in a hundred of all photos is. `themes`
    are drawn in their shares. `UsageError`: no photo is left to train on, color or old, or a name is unknown.
    """

    def __init__(
        self,
        sources: Sequence[tuple[str, PhotoCache, float]],
        recipe: Recipe,
        old: Sequence[tuple[str, PhotoCache, float]] = (),
        hold_out: Sequence[str] = (),
        themes: Mapping[str, Theme] | None = None,
        masks: MaskSampler | None = None,
    ) -> None:
        self.sources, self.recipe, self.old, self.masks, self.themes = sources, recipe, old, masks, themes or {}
        self.names, self.caches = [n for n, _, _ in sources], [c for _, c, _ in sources]
        names = sorted({n for c in self.caches for n in c.labels if n})
        number = {n: i for i, n in enumerate(names)}
        self.labels = names
        self.label = [np.array([number.get(n, -1) for n in c.labels], np.int64) for c in self.caches]
        self.held_sources = origins.resolve_held(sources, hold_out)
        self.border = border_of(lots_of(sources))
        held = held_photos(sources, self.held_sources, self.border)
        self.train = [np.flatnonzero(~v) for v in held]
        self.validation = [(k, int(i)) for k, v in enumerate(held) for i in np.flatnonzero(v)]
        self.groups = origins.groups_of(sources, self.train)
        self.weights = np.array([g.weight for g in self.groups])
        self.short = np.array([g.short for g in self.groups])
        self.theme = origins.theme_numbers(self.groups, self.names, self.themes)
        if not self.weights.sum():
            raise UsageError("there is no photo to train on")
        if not self._balance(self.weights).sum():
            raise UsageError("--themes leaves no photo to train on: the shares of all that have some are 0")
        if old and not sum(w for _, _, w in old):
            raise UsageError("there is no old photo to train on: every weight is 0")

    def chances(self, small: float = 1.0, least: int = 0) -> npt.NDArray[np.float64]:
        """How likely each group of photos is drawn: small ones counted `small` times, none below `least` px."""
        weights = self._balance(self.weights * np.where(self.short <= SMALL, small, 1.0) * (self.short >= least))
        # nothing but smaller photos: then they are all there is
        weights = weights if weights.sum() else self._balance(self.weights)
        return np.asarray(weights / weights.sum())

    def _balance(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return origins.balance(weights, self.theme, self.themes) if self.themes else weights

    def data_summary(self) -> dict[str, list[list[Any]]]:
        """What batches are drawn from, by option of the command line: name, number of photos and weight of each cache;
        name, share and sources of each theme."""
        photos = {"data": self.sources, "old": self.old}
        rows = {option: [[n, len(c), w / len(c)] for n, c, w in sources] for option, sources in photos.items()}
        themes = [[name, theme.share, list(theme.sources)] for name, theme in self.themes.items()]
        return rows | {"themes": themes, "masks": self.masks.data_summary()["data"] if self.masks else []}

    def batch(self, step: int, stage: Stage, rank: int = 0) -> Batch:
        """The photos of one step; `rank` tells the processes of one run apart."""
        rng = np.random.default_rng((self.recipe.seed, step, rank))
        masked = round(self.recipe.masked * stage.batch) if self.masks else 0
        photos, labels = self.views(replace(stage, batch=stage.batch - masked) if masked else stage, rng)
        allowed = None
        if self.masks and masked:
            more, allowed = self.masks.labeled_views(replace(stage, batch=masked), rng)
            photos, labels = np.concatenate([photos, more]), np.append(labels, np.full(masked, -1))
        made = replace(self.make(photos, labels, rng), allowed=allowed)
        if self.old:
            self._age(made, stage, rng)
        return made

    def _age(self, batch: Batch, stage: Stage, rng: np.random.Generator) -> None:
        """Put old photos in the place of the first half: their light as it is, no chroma, no hints, no subject."""
        weights = np.array([w for _, _, w in self.old])
        for n in range(len(batch.light) // 2):
            cache = self.old[int(rng.choice(len(weights), p=weights / weights.sum()))][1]
            view = random_view(cache[int(rng.integers(len(cache)))], stage.side, stage.crop, rng)
            light = spaces.fast_rgb_to_lab(view)[..., 0] / np.float32(50) - 1
            batch.light[n], batch.lightness[n], batch.rgb[n] = light, light, view
            batch.ab[n], batch.hints[n], batch.label[n] = 0, 0, -1

    def views(self, stage: Stage, rng: np.random.Generator) -> tuple[Picture, npt.NDArray[np.int64]]:
        """`stage.batch` random views of random photos (B, S, S, 3), and their labels."""
        photos = np.empty((stage.batch, stage.side, stage.side, 3), np.uint8)
        labels = np.empty(stage.batch, np.int64)
        chosen = rng.choice(len(self.groups), stage.batch, p=self.chances(stage.small, stage.least))
        for n, at in enumerate(chosen):
            k, i = self._random_photo(int(at), rng)
            photos[n] = random_view(self.caches[k][i], stage.side, stage.crop, rng)
            labels[n] = self.label[k][i]
        return photos, labels

    def _random_photo(self, group: int, rng: np.random.Generator) -> tuple[int, int]:
        """A cache and a photo of it, out of one group."""
        return self.groups[group].cache, int(rng.choice(self.groups[group].photos))

    def make(self, photos: Picture, labels: npt.NDArray[np.int64], rng: np.random.Generator) -> Batch:
        """Light and chroma split in Lab; light filmed and chroma hinted in the shares that the recipe asks for."""
        n, s = photos.shape[:2]
        lab = spaces.fast_rgb_to_lab(photos.reshape(n * s, s, 3)).reshape(n, s, s, 3)
        ab, hints = np.ascontiguousarray(lab[..., 1:]), np.zeros((n, 3, s, s), np.float32)
        light = lab[..., 0].copy()
        wish = self.recipe.hints
        for i in range(n):
            if rng.random() < self.recipe.filmed:
                light[i] = film.simulate(photos[i].astype(np.float32) / 255, rng)
            if rng.random() < wish.share:
                hinted = simulate.sampled_hints(
                    photos[i], lab[i, ..., 0], ab[i], rng, wish.strokes, wish.regions, wish.wrong, wish.several
                )
                hints[i, :2], hints[i, 2], ab[i] = hinted.planes, hinted.weight, hinted.ab
        fifty = np.float32(50)
        return Batch(light / fifty - 1, hints, lab[..., 0] / fifty - 1, ab, photos, labels)

    def prior(self) -> Float:
        """Empirical bin distribution (313,) of random training photos."""
        rng, p = np.random.default_rng(0), np.zeros(len(bins.BINS))
        drawn = rng.choice(len(self.groups), PRIOR_PHOTOS, p=self.chances())
        # in the order in which they lie on the disk, which may not have been read yet
        for k, i in sorted(self._random_photo(int(at), rng) for at in drawn):
            view = random_view(self.caches[k][i], 32, 1.0, rng)
            index, weight = bins.encode(spaces.fast_rgb_to_lab(view)[..., 1:])
            np.add.at(p, index.ravel(), weight.ravel())
        return np.asarray(p / p.sum(), np.float32)

    def held_out(self, side: int, count: int, square: bool = False) -> list[Picture]:
        """Validation photos (H, W, 3), always the same for the same caches: short side about `side` px, both sides
        multiples of 32, or squares of `side` px. Small photos are left out where there are others."""
        return validation.pictures(self.caches, self.choose(count), side, square)

    def choose(self, count: int) -> list[tuple[int, int]]:
        """The validation photos of `held_out`, as (cache, photo); of whole sources equally many of each, where it has
        so many."""
        return validation.choose(self.caches, self.validation, count, by_source=bool(self.held_sources))


def lots_of(sources: Sequence[tuple[str, PhotoCache, float]]) -> list[Float]:
    """The lots of all photos of each cache."""
    return [np.array([split_position(f"{name}/{key}") for key in c.keys]) for name, c, _ in sources]


def held_photos(
    sources: Sequence[tuple[str, PhotoCache, float]], names: Sequence[str], border: float
) -> list[npt.NDArray[np.bool_]]:
    """Which photos of each cache a run does not learn from: all of the sources of these names; without any, those whose
    lots are at most `border`."""
    if names:
        return origins.held_masks(sources, names)
    return [own <= border for own in lots_of(sources)]


def random_view(photo: Picture, side: int, crop: float, rng: np.random.Generator) -> Picture:
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
    return np.ascontiguousarray(small[:, ::-1] if rng.random() < 0.5 else small, dtype=np.uint8)


Item = TypeVar("Item")


class Prefetcher(Generic[Item]):
    """Work handed to background threads some steps before it is wanted (OpenCV and NumPy release the lock where it
    counts). `ask` queues one item, `take` gives the oldest; what went wrong is raised by `take`."""

    def __init__(self, workers: int = 1) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
        self._queue: deque[Future[Item]] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def ask(self, make: Callable[[], Item]) -> None:
        self._queue.append(self._pool.submit(make))

    def take(self) -> Item:
        return self._queue.popleft().result()

    def close(self) -> None:
        """Wait for what is being made, drop the rest."""
        self._pool.shutdown(wait=True, cancel_futures=True)
