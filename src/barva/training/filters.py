"""Which photos are worth training on, and why the others are not.

| kind | rule |
|---|---|
| broken | empty, damaged, cut off, or no picture |
| excluded | on the exclusion list, by its bytes or by its look |
| small | short side below 64 px |
| narrow | one side more than four times the other |
| grey | one band, or one tone (`imaging.tone`: black and white, sepia, cyanotype) of a chroma below 30, or a mean chroma below 4, or less than 5 % of the pixels with a chroma of 8 or more |
| graphic | over 65 % of the pixels like their neighbors to one code value, or fewer than 32 colors (4 bits a channel) |
| duplicate | the same bytes as a photo that was kept, or a difference hash within 4 bits of one |

Chroma is Lab's and is measured on a copy with a short side of 64 px, where JPEG's color blocks have averaged out. Of
2,600 varied color photos 48 count as gray (plain skies and seas, fog, night) and one as graphic; of 39 historic ones
all are gray.

Of 13,000 different photos 19 pairs have hashes within 4 bits of each other; half of them show the same thing.
"""  # noqa: E501 - a table

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.color import spaces
from barva.errors import BarvaError, ReadError
from barva.imaging import tone
from barva.imaging.read import read
from barva.training import parallel
from barva.training.cache import SMALLEST, Picture, check_side, shrunk
from barva.training.layouts import Found

KINDS = ("broken", "excluded", "small", "narrow", "grey", "graphic", "duplicate")

_TONED = 30.0  # prints stay below; one hue that is stronger is a sunset or an orange
_NEAR = 4  # bits
_CHUNKS = tuple(sum(1 << i for i in range(start, 64, _NEAR + 1)) for start in range(_NEAR + 1))


@dataclass(frozen=True, eq=False)
class Kept:
    """A photo to train on: `rgb` (H, W, 3) uint8, upright sRGB; the sha256 of its file; its difference hash."""

    found: Found
    rgb: Picture
    sha256: bytes
    hash: int


@dataclass(frozen=True)
class Skipped:
    """A photo that is left out: one of `KINDS`, and the reason in words."""

    found: Found
    kind: str
    why: str


def difference_hash(rgb: Picture) -> int:
    """64 bits that survive resizing and recompression: gray, box-resized to 9 x 8, bit i (bit 0 the lowest) set where
    pixel i + 1 is brighter than pixel i of its row, rows one after another. `rgb` (H, W, 3) uint8 of any size."""
    small: Any = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
    return int.from_bytes(np.packbits(small[:, 1:] > small[:, :-1], bitorder="little").tobytes(), "little")


def centre_square(rgb: Picture) -> Picture:
    """The largest square around the middle."""
    h, w = rgb.shape[:2]
    s = min(h, w)
    y, x = (h - s) // 2, (w - s) // 2
    return rgb[y : y + s, x : x + s]


class NearHashes:
    """64-bit hashes that find one of theirs within 4 bits.

    The bits are dealt out to five chunks; four wrong bits leave one chunk right, so only hashes with an equal chunk are
    compared. Every fifth bit makes a chunk: neighboring bits are alike (a smooth sky) and would crowd into few values.
    Among 13,000 photos that leaves 8 comparisons for each.
    """

    def __init__(self, hashes: Iterable[tuple[int, str]] = ()) -> None:
        self._chunks: tuple[dict[int, list[tuple[int, str]]], ...] = tuple({} for _ in _CHUNKS)
        for value, name in hashes:
            self.add(value, name)

    def add(self, value: int, name: str) -> None:
        for mask, chunk in zip(_CHUNKS, self._chunks, strict=True):
            chunk.setdefault(value & mask, []).append((value, name))

    def near(self, value: int) -> str | None:
        """The name of a hash within 4 bits of `value`, or None."""
        for mask, chunk in zip(_CHUNKS, self._chunks, strict=True):
            for other, name in chunk.get(value & mask, ()):
                if (other ^ value).bit_count() <= _NEAR:
                    return name
        return None


class Exclusion:
    """Photos that must not be trained on, usually because something is measured on them.

    A JSON file with `blobs` (first 16 hex digits of the files' git blob ids) and `dhash` (`difference_hash` of whole
    pictures, 16 hex digits). `digest` names its content. `ReadError` when it is no such file.
    """

    def __init__(self, file: Path) -> None:
        try:
            raw = file.read_bytes()
            content = json.loads(raw)
            self.blobs = frozenset(str(b) for b in content["blobs"])
            self.hashes = NearHashes((int(h, 16), h) for h in content["dhash"])
        except OSError as error:
            raise ReadError(f"{file} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ReadError(
                f"{file} is no exclusion list: JSON with 'blobs' and 'dhash', 16 hex digits each"
            ) from error
        self.digest = hashlib.sha256(raw).hexdigest()[:16]

    def blob(self, data: bytes) -> str | None:
        """The start of the git blob id of a file's bytes if it is on the list."""
        name = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()[:16]
        return name if name in self.blobs else None

    def look(self, rgb: Picture) -> str | None:
        """The hash on the list that the whole picture or its center square is near to."""
        views = (rgb, centre_square(rgb))
        return next((found for v in views if (found := self.hashes.near(difference_hash(v)))), None)


@dataclass(frozen=True)
class Rules:
    """`side`: short side in px to which larger photos are shrunk; `exclusion`: what to leave out; `old`: photos are
    wanted for their light, so that gray ones and prints in one tone are kept."""

    side: int = 128
    exclusion: Exclusion | None = None
    old: bool = False

    def __post_init__(self) -> None:
        check_side(self.side)


def mean_chroma(rgb: Picture) -> float:
    """Mean Lab chroma of a picture (H, W, 3) uint8, on a copy with a short side of 64 px."""
    return float(_chroma(shrunk(rgb, 64)).mean())


def _chroma(rgb: Picture) -> Any:
    lab = spaces.fast_rgb_to_lab(rgb)
    return np.hypot(lab[..., 1], lab[..., 2])


def grey(rgb: Picture) -> str | None:
    """Why a picture teaches no colors, or None if it does."""
    small = shrunk(rgb, 64)
    chroma = _chroma(small)
    if (mean := float(chroma.mean())) < 4:
        return f"mean chroma {mean:.1f}"
    if (share := float((chroma >= 8).mean())) < 0.05:
        return f"{share:.1%} of the pixels have color"
    found = tone.measure(np.divide(small, 255, dtype=np.float32))
    return found.text if found.kind != "color" and found.chroma < _TONED else None


def graphic(rgb: Picture) -> str | None:
    """Why a picture is a drawing, a logo or a chart rather than a photo, or None."""
    small = shrunk(rgb, 128).astype(np.int16)
    right, below = (np.abs(np.diff(small, axis=a)).max(-1) <= 1 for a in (1, 0))
    if (flat := float((right[:-1] & below[:, :-1]).mean())) > 0.65:
        return f"{flat:.0%} flat"
    r, g, b = np.moveaxis(small >> 4, -1, 0)
    colours = np.unique(r << 8 | g << 4 | b).size
    return f"{colours} colors" if colours < 32 else None


def examine(found: Found, rules: Rules) -> Kept | Skipped:
    """Everything that can be said of one photo alone. Never raises for a bad file."""
    try:
        return _examine(found, rules)
    except BarvaError as error:
        # the reader's advice ("--salvage ...") is not for here
        why = str(error).partition(";")[0].removeprefix("<bytes> ")
    except Exception as error:  # one odd file must not end a run over a million
        why = f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"
    return Skipped(found, "broken", why)


def _examine(found: Found, rules: Rules) -> Kept | Skipped:
    data = found.path.read_bytes()
    listed = rules.exclusion
    if listed and (blob := listed.blob(data)):
        return Skipped(found, "excluded", f"blob {blob}")
    photo = read(data)
    if min(photo.width, photo.height) < SMALLEST:
        return Skipped(found, "small", f"{photo.width} x {photo.height}")
    if max(photo.width, photo.height) > 4 * min(photo.width, photo.height):
        return Skipped(found, "narrow", f"{photo.width} x {photo.height}")
    small = np.rint(photo.shrink(rules.side) * 255).astype(np.uint8)
    rgb = small if small.shape[2] == 3 else np.repeat(small, 3, axis=2)
    if listed and (look := listed.look(rgb)):
        return Skipped(found, "excluded", f"looks like {look}")
    for kind, why in (("grey", None if rules.old else grey(rgb)), ("graphic", None if rules.old else graphic(rgb))):
        if why:
            return Skipped(found, kind, why)
    return Kept(found, rgb, hashlib.sha256(data).digest(), difference_hash(rgb))


def sift(
    photos: Iterable[Found], rules: Rules, progress: parallel.Progress = parallel.silent, what: str = "photos"
) -> Iterator[Kept | Skipped]:
    """Each photo examined, in the order given; of duplicates the first is kept."""
    listed = list(photos)
    files: dict[bytes, str] = {}
    looks = NearHashes()
    for done, result in enumerate(parallel.ordered_map(partial(examine, rules=rules), listed), 1):
        progress(what, done, len(listed))
        if isinstance(result, Kept):
            if same := files.get(result.sha256):
                result = Skipped(result.found, "duplicate", f"the same file as {same}")
            elif like := looks.near(result.hash):
                result = Skipped(result.found, "duplicate", f"looks like {like}")
            else:
                files[result.sha256] = result.found.key
                looks.add(result.hash, result.found.key)
        yield result
