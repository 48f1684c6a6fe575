"""Photos to train on, as a user names them: shards, caches, folders of either, folders of photos; each with a weight.

`open_sources` makes caches of what is not one yet. A cache's name decides which of its photos are held out for
validation, so names follow from file names alone: they stay when a source moves or another is added behind it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from barva.errors import ReadError, UsageError
from barva.training import layouts, parallel
from barva.training.cache import (
    Entry,
    Origin,
    PhotoCache,
    Picture,
    build_cache,
    check_side,
    column_text,
    decode_picture,
    kept_cache,
    open_shard,
    photo_bytes,
    side_of,
    write_cache,
)
from barva.training.filters import Exclusion, Kept, Rules, mean_chroma, sift

Kind = Literal["shard", "cache", "photos"]


@dataclass(frozen=True)
class Source:
    """Where photos lie, and how often they are drawn as a factor on their number."""

    path: Path
    weight: float = 1.0


class Opened(NamedTuple):
    """A cache ready for training. `weight` is the source's factor times the number of photos: how often it is drawn
    against the others."""

    name: str
    cache: PhotoCache
    weight: float


def parse(text: str) -> Source:
    """ "DIR" or "DIR=0.5"; with 0 it is never drawn. `UsageError`: the weight is not a number from 0."""
    path, equals, weight = text.rpartition("=")
    if not equals or Path(text).exists():
        return Source(Path(text))
    try:
        factor = float(weight)
    except ValueError:
        factor = math.nan
    if not (path and 0 <= factor < math.inf):
        raise UsageError(f"{text}: the weight must be a number from 0, as in DIR=0.5")
    return Source(Path(path), factor)


def expand(path: Path) -> list[tuple[Kind, Path]]:
    """What there is to open at `path`: Parquet shards, cache folders, or the folder itself as one of photos.

    `ReadError`: nothing there. `UsageError`: a file that is no shard.
    """
    if path.is_file():
        if path.suffix != ".parquet":
            raise UsageError(f"{path} is not a source: name a Parquet shard, or a folder of shards, caches or photos")
        return [("shard", path)]
    if not path.is_dir():
        raise ReadError(f"there is nothing at {path}")
    if _is_cache(path):
        return [("cache", path)]
    inside = sorted(p for p in path.iterdir() if not p.name.startswith("."))
    if shards := [p for p in inside if p.suffix == ".parquet" and p.is_file()]:
        return [("shard", p) for p in shards]
    return [("cache", p) for p in inside if _is_cache(p)] or [("photos", path)]


def _is_cache(folder: Path) -> bool:
    # either file: half a cache is a damaged one, not a folder without photos
    return (folder / "index.npz").is_file() or (folder / "pixels.u8").is_file()


def open_sources(
    sources: Sequence[Source],
    cache_folder: Path,
    side: int | None = None,
    exclusion: Exclusion | None = None,
    progress: parallel.Progress = parallel.silent,
    old: bool = False,
    keep_sides: bool = False,
) -> list[Opened]:
    """Every source as caches, in the order given; shards and photos are decoded into `cache_folder`/NAME if they are
    not there yet or have changed.

    `side` (px) shrinks what is decoded: shards keep their size unless told, photos get 128. `exclusion` names photos to
    leave out; caches are decoded already and taken as they are, so that with it they are refused. `old` photos may be
    gray. With `keep_sides` caches that are there keep the side that they have. A name is the file's or folder's; a
    second one of that name gets its parent's in front. Errors: `UsageError` for a wrong side, a source named twice, or
    names that cannot be told apart; else as `expand`, `build_cache` and `layouts.find`.
    """
    if side is not None:
        check_side(side)
    opened: list[Opened] = []
    named = list(_name_sources(sources))  # all are looked at before any photo is decoded
    if exclusion and (made := [path for kind, path, _, _ in named if kind == "cache"]):
        raise UsageError(f"{made[0]} is a cache, and decoded already: --exclude is for shards and folders of photos")
    for kind, path, name, weight in named:
        into = cache_folder / name
        own = (side_of(into) if keep_sides else None) or side
        if kind == "cache":
            cache = PhotoCache(path)
        elif kind == "shard":
            cache = build_cache(path, into, own, progress, exclusion)
        else:
            cache = cache_photos(path, into, Rules(own or 128, exclusion, old), progress)
        opened.append(Opened(name, cache, weight * len(cache)))
    if not opened:
        raise UsageError("name a source: a shard, a cache, or a folder of shards, caches or photos")
    return opened


def _name_sources(sources: Iterable[Source]) -> Iterator[tuple[Kind, Path, str, float]]:
    taken: dict[str, Path] = {}
    for source in sources:
        for kind, path in expand(source.path):
            whole = path.resolve()
            own = path.stem if kind == "shard" else path.name
            own = whole.name if own in ("", "..") else own  # a link keeps its own name
            name = next((n for n in (own, f"{whole.parent.name}+{own}") if n not in taken), None)
            if whole in taken.values():
                raise UsageError(f"{path} is named twice; a weight (DIR=2) draws its photos more often")
            if name is None:
                raise UsageError(f"{path} and {taken[own]} have the same name; rename one")
            taken[name] = whole
            yield kind, path, name, source.weight


def cache_photos(
    folder: Path, into: Path, rules: Rules, progress: parallel.Progress = parallel.silent, layout: str = "auto"
) -> PhotoCache:
    """A folder of photos straight into the cache `into`, sifted as `pack` does, unless neither photos nor rules have
    changed since. Errors as `layouts.find` and `write_cache`."""
    found = layouts.find(folder, layout)
    origin = _origin(folder, found, rules)
    if kept := kept_cache(into, origin):
        return kept

    def photos() -> Iterator[Entry | str]:
        for result in sift(found, rules, progress, folder.name):
            if isinstance(result, Kept):
                label = f"{into.name}:{result.found.label}" if result.found.label else ""
                yield Entry(result.rgb, label, result.found.key)
            else:
                yield result.kind

    return write_cache(into, origin, photos())


def _origin(folder: Path, found: list[layouts.Found], rules: Rules) -> Origin:
    """Sizes and times of all files; a digest of these and the labels; that of the exclusion list."""
    digest, excluded = hashlib.sha256(b"old" if rules.old else b""), rules.exclusion.digest if rules.exclusion else ""
    size = latest = 0
    for path, key, label in found:
        try:
            stat = path.stat()
        except OSError:  # gone or locked since; it will be counted as broken
            continue
        size, latest = size + stat.st_size, max(latest, stat.st_mtime_ns)
        digest.update(f"{key}\0{label}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return Origin(str(folder.resolve()), size, latest, rules.side, digest.hexdigest()[:16], excluded)


@dataclass(frozen=True)
class Facts:
    """What a shard or a cache holds. `sides`: smallest, median and largest short side in px; `labelled`: the share of
    photos with a label, 0..1; `chroma`: mean Lab chroma of up to 200 of them; `size` in bytes."""

    path: Path
    kind: Kind
    photos: int
    sides: tuple[int, int, int]
    labels: int
    labelled: float
    chroma: float
    size: int


def describe(kind: Kind, path: Path) -> Facts:
    """The facts of one shard or cache (a pair that `expand` gives). `ReadError`: damaged. `UsageError`: only photos."""
    if kind == "photos":
        raise UsageError(f"{path} holds neither shards nor caches; make some with barva data pack or barva data cache")
    short, labels, sample, size = _shard_facts(path) if kind == "shard" else _cache_facts(path)
    known = [n for n in labels if n]
    return Facts(
        path,
        kind,
        len(labels),
        (int(short.min()), int(np.median(short)), int(short.max())) if len(short) else (0, 0, 0),
        len(set(known)),
        len(known) / max(len(labels), 1),
        float(np.mean([mean_chroma(p) for p in sample])) if sample else 0.0,
        size,
    )


def _cache_facts(folder: Path) -> tuple[Any, list[str], list[Picture], int]:
    cache = PhotoCache(folder)
    sample = [cache[int(i)] for i in np.linspace(0, len(cache) - 1, min(200, len(cache)))]
    return np.minimum(cache.height, cache.width), cache.labels, sample, cache.pixels.size


def _shard_facts(shard: Path) -> tuple[Any, list[str], list[Picture], int]:
    file = open_shard(shard)
    wanted = [c for c in ("width", "height", "label") if c in file.schema_arrow.names]
    try:
        table = file.read(columns=wanted).to_pydict() if wanted else {}
        groups = (
            np.unique(np.linspace(0, max(file.num_row_groups - 1, 0), 4).astype(int)) if file.num_row_groups else ()
        )
        images = [file.read_row_group(int(g), columns=["image"])["image"].to_pylist()[:50] for g in groups]
    except (OSError, ValueError) as error:
        raise ReadError(f"{shard} is damaged: its photos cannot be read to the end") from error
    decoded = (decode_picture(photo_bytes(value)) for part in images for value in part)
    sample = [photo for photo in decoded if photo is not None]
    labels = [column_text(label) for label in table.get("label") or [""] * int(file.metadata.num_rows)]
    pairs = zip(table.get("width", []), table.get("height", []), strict=False)
    short = np.array([min(pair) for pair in pairs if None not in pair], np.int64)
    return short, labels, sample, shard.stat().st_size
