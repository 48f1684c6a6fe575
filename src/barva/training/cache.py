"""Photos decoded once into a folder that training maps into memory.

A cache folder holds `pixels.u8` (all photos' RGB bytes, one after another), `index.npz` (offset, h, w; label:
"source:label" or ""; key: what it is called in its source; source: the repository or folder that it comes from) and
`source.json` (what it was made from). It appears under
its name only when it is whole: it is built in a hidden folder beside and renamed at the end.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import ReadError, UsageError, WriteError
from barva.extras import missing
from barva.training import parallel

if TYPE_CHECKING:  # it imports this module
    from barva.training.filters import Exclusion

Picture = npt.NDArray[np.uint8]
SMALLEST, LARGEST = 64, 512
"""Short sides in pixels between which photos are kept for training."""

_PIXELS, _INDEX, _SOURCE = "pixels.u8", "index.npz", "source.json"


def check_side(side: int) -> None:
    """`UsageError` unless photos of this short side (px) can be kept."""
    if not SMALLEST <= side <= LARGEST:
        raise UsageError(f"the short side must be {SMALLEST} to {LARGEST} pixels, not {side}")


class PhotoCache:
    """Read access to a cache folder: `len(cache)`, `cache[i]` -> (H, W, 3) uint8 RGB, a view of the file.

    `labels` holds "source:label" or "" for each photo, `keys` what it is called in its source (its number, in caches of
    older versions), `sources` where it comes from (the cache's name, in older ones); `height`, `width` and `offset` are
    int arrays (N,); `skipped` says how many photos of the source were left out, by kind. `ReadError`: no cache
    there, or a damaged one.
    """

    def __init__(self, folder: Path) -> None:
        try:
            with np.load(folder / _INDEX) as index:
                self.offset, self.height, self.width = (np.asarray(index[k], np.int64) for k in ("offset", "h", "w"))
                self.labels: list[str] = [str(x) for x in index["label"]]
                keys = index["key"] if "key" in index else range(len(self.labels))
                self.keys: list[str] = [str(x) for x in keys]
                own = index["source"] if "source" in index else [""] * len(self.labels)
                self.sources: list[str] = [str(x) or folder.resolve().name for x in own]
            self.pixels = np.memmap(folder / _PIXELS, np.uint8, "r")
        except FileNotFoundError as error:
            raise ReadError(f"{folder} is no cache: there is no {Path(str(error.filename)).name}") from error
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ReadError(f"the cache {folder} is damaged ({error}); delete it, and it can be made again") from error
        self._check(folder)
        self.skipped: dict[str, int] = _read_origin(folder).get("skipped", {})

    def _check(self, folder: Path) -> None:
        ends = self.offset + self.height * self.width * 3
        columns, count = (self.offset, self.height, self.width), len(self.labels)
        fits = count > 0 and all(c.shape == (count,) for c in columns)
        fits = fits and len(self.keys) == len(self.sources) == count
        sound = fits and self.offset.min() >= 0 and min(self.height.min(), self.width.min()) > 0
        if not sound or ends.max() > self.pixels.size:
            why = "its index does not fit its pixels"
            raise ReadError(f"the cache {folder} is damaged ({why}); delete it, and it can be made again")

    def __len__(self) -> int:
        return len(self.offset)

    def __getitem__(self, i: int) -> Picture:
        h, w, at = int(self.height[i]), int(self.width[i]), int(self.offset[i])
        return self.pixels[at : at + h * w * 3].reshape(h, w, 3)


class Entry(NamedTuple):
    """A photo of a cache: (H, W, 3) uint8 RGB; "source:label" or ""; what it is called in its source; the repository or
    folder that it comes from ("": the cache's name)."""

    rgb: Picture
    label: str
    key: str
    source: str = ""


@dataclass(frozen=True)
class Origin:
    """What a cache was made from: a file's (or all files') bytes and latest change in ns, and how it was treated.

    `side` is the short side asked for (px) or None; `rules` stands for everything else that decides on the content,
    of it `exclusion` for the list of photos that were left out ("": none).
    """

    path: str
    size: int
    mtime: int
    side: int | None = None
    rules: str = ""
    exclusion: str = ""

    @classmethod
    def of(cls, file: Path, side: int | None, exclusion: str = "") -> Origin:
        """That of one file. `ReadError` where there is none."""
        try:
            stat = file.stat()
        except OSError as error:
            raise ReadError(f"{file} cannot be read: {error.strerror}") from error
        return cls(str(file.resolve()), stat.st_size, stat.st_mtime_ns, side, exclusion=exclusion)

    def matches(self, stored: Mapping[str, Any]) -> bool:
        """Whether a cache that says this of itself was made from this. One that says nothing (of an older version) is
        believed."""
        mine = asdict(self)
        # the same file in another place is the same source: only its name counts
        same = all(stored.get(k, "") == v for k, v in mine.items() if k != "path")
        return not stored or (same and Path(stored.get("path", "")).name == Path(self.path).name)


def _read_origin(folder: Path) -> dict[str, Any]:
    try:
        stored = json.loads((folder / _SOURCE).read_text(encoding="utf-8"))
        return stored if isinstance(stored, dict) else {}
    except (OSError, ValueError):
        return {}


def side_of(folder: Path) -> int | None:
    """The short side, px, that was asked for when the cache in the folder was made; None: none was, or no cache."""
    side = _read_origin(folder).get("side")
    return side if isinstance(side, int) else None


def build_cache(
    shard: Path,
    folder: Path,
    side: int | None = None,
    progress: parallel.Progress = parallel.silent,
    exclusion: Exclusion | None = None,
) -> PhotoCache:
    """Decode a Parquet shard (columns key, image, label, source) into `folder`, unless that was made from it already.

    `side` shrinks photos to that short side (px), never enlarges. Rows that don't decode, and those that `exclusion`
    names, are left out and counted. `ReadError`: no shard, a damaged one, none of its photos readable. `WriteError`:
    the folder cannot be written or holds something else. `UsageError`: a wrong side, pyarrow is not installed, or as
    `kept_cache`.
    """
    if side is not None:
        check_side(side)
    origin = Origin.of(shard, side, exclusion.digest if exclusion else "")
    if kept := kept_cache(folder, origin):
        return kept
    total, rows = shard_rows(shard, ("key", "image", "label", "source"))

    def photos() -> Iterator[Entry | str]:
        decoded = parallel.ordered_map(partial(_decode, side=side, exclusion=exclusion), enumerate(rows))
        for done, photo in enumerate(decoded, 1):
            progress(shard.name, done, total)
            yield photo

    return write_cache(folder, origin, photos())


def kept_cache(folder: Path, origin: Origin) -> PhotoCache | None:
    """The cache in `folder` if it is whole and made from `origin`, else None: it has to be made (again). `UsageError`
    when that would bring back photos that were left out on purpose."""
    try:
        cache = PhotoCache(folder)
    except ReadError:
        return None
    return cache if is_kept(folder, _read_origin(folder), origin) else None


def is_kept(folder: Path, stored: Mapping[str, Any], origin: Origin) -> bool:
    """Whether the cache in `folder`, which says `stored` of itself, need not be made again. `UsageError` as
    `kept_cache`."""
    if origin.matches(stored):
        return True
    if stored.get("exclusion") and not origin.exclusion:
        raise UsageError(f"{folder} was made with a list of photos to leave out: give it again (--exclude LIST)")
    return False


def write_cache(folder: Path, origin: Origin, photos: Iterable[Entry | str]) -> PhotoCache:
    """Write photos into a new cache; a text is a photo that is left out, of that kind. `ReadError` when none is left,
    `WriteError` as `build_cache`."""
    rows: dict[str, list[Any]] = {"offset": [], "h": [], "w": [], "label": [], "key": [], "source": []}
    skipped: Counter[str] = Counter()
    at = 0
    with parallel.scratch(folder) as part:
        with (part / _PIXELS).open("wb") as out:
            for photo in photos:
                if isinstance(photo, str):
                    skipped[photo] += 1
                    continue
                rgb, label, key, source = photo
                out.write(np.ascontiguousarray(rgb).data)
                for name, value in zip(rows, (at, rgb.shape[0], rgb.shape[1], label, key, source), strict=True):
                    rows[name].append(value)
                at += rgb.size
        if not at:
            raise ReadError(f"no photo in {origin.path} can be used{skipped_text(skipped)}")
        arrays: dict[str, Any] = {
            k: np.array(v, str if k in ("label", "key", "source") else np.int64) for k, v in rows.items()
        }
        np.savez(part / _INDEX, **arrays)
        facts = asdict(origin) | {"photos": len(rows["h"]), "skipped": dict(skipped)}
        (part / _SOURCE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        place(part, folder, {_PIXELS, _INDEX, _SOURCE})
    return PhotoCache(folder)


def skipped_text(skipped: Counter[str]) -> str:
    """': 3 grey, 1 broken' for an error message, or nothing."""
    return ": " + ", ".join(f"{n} {kind}" for kind, n in skipped.most_common()) if skipped else ""


def shrunk(rgb: Picture, side: int) -> Picture:
    """(H, W, 3) with its short side at most `side`, averaged over areas, proportions kept."""
    h, w = rgb.shape[:2]
    if min(h, w) <= side:
        return rgb
    scale = side / min(h, w)
    small: Any = cv2.resize(rgb, (max(1, round(w * scale)), max(1, round(h * scale))), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def read_picture(path: Path) -> Picture | None:
    """(H, W, 3) of a picture's file, upright, whatever its name is; None where it cannot be read."""
    try:
        return decode_picture(path.read_bytes())  # OpenCV itself finds no name outside of the code page on Windows
    except OSError:
        return None


def decode_picture(data: bytes) -> Picture | None:
    """(H, W, 3) of a picture file's bytes, upright; None where they are no picture, or one that OpenCV refuses."""
    try:
        bgr: Any = cv2.imdecode(np.frombuffer(data or b"\0", np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if bgr is None else np.ascontiguousarray(bgr[..., ::-1])


def _decode(numbered: tuple[int, dict[str, Any]], side: int | None, exclusion: Exclusion | None) -> Entry | str:
    number, row = numbered
    data = photo_bytes(row["image"])
    if exclusion and exclusion.blob(data):
        return "excluded"
    rgb = decode_picture(data)
    if rgb is None:
        return "broken"
    if exclusion and exclusion.look(rgb):
        return "excluded"
    source, label, key = (column_text(row.get(name)) for name in ("source", "label", "key"))
    return Entry(shrunk(rgb, side) if side else rgb, label and f"{source}:{label}", key or str(number), source)


def photo_bytes(value: Any) -> bytes:
    """A photo's file in a shard: bytes, or a struct of `bytes` and `path`, as Hugging Face writes it; b"": none."""
    found = value.get("bytes") if isinstance(value, dict) else value
    return found if isinstance(found, bytes) else b""


def column_text(value: Any) -> str:
    """A shard's value as text, such as a label that is a number; "" where there is none."""
    return "" if value is None else str(value)


def parquet() -> Any:
    """pyarrow.parquet; `UsageError` when it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise missing("train", ["pyarrow"]) from None
    return pyarrow.parquet


def open_shard(shard: Path) -> Any:
    """The shard as a `pyarrow.parquet.ParquetFile`. `ReadError`: it is no shard of photos."""
    pq = parquet()
    try:
        file = pq.ParquetFile(shard)
    except (OSError, ValueError) as error:  # Arrow's own errors are kinds of ValueError
        raise ReadError(f"{shard} is no Parquet file, or a damaged one") from error
    if "image" not in file.schema_arrow.names:
        raise ReadError(f"{shard} is no shard of photos: it has no column 'image'")
    return file


def shard_rows(shard: Path, columns: Iterable[str]) -> tuple[int, Iterator[dict[str, Any]]]:
    """How many rows there are, and each as a dictionary of those `columns` that the shard has. `ReadError`."""
    file = open_shard(shard)
    names = [c for c in columns if c in file.schema_arrow.names]

    def rows() -> Iterator[dict[str, Any]]:
        try:
            for part in file.iter_batches(512, columns=names):
                yield from part.to_pylist()
        except (OSError, ValueError) as error:
            raise ReadError(f"{shard} is damaged: its photos cannot be read to the end") from error

    return int(file.metadata.num_rows), rows()


def place(part: Path, folder: Path, files: Set[str]) -> None:
    """Rename; a cache of these files that is there already goes, anything else stays and is a `WriteError`."""
    if not folder.exists():
        part.rename(folder)
        return
    if not folder.is_dir() or {p.name for p in folder.iterdir()} - files:
        raise WriteError(f"{folder} exists and is no cache; name another folder for caches")
    old = parallel.hidden_path(folder)
    folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
