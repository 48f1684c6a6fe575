"""Runs colorizers on colour photos and keeps the score of each, always beside two rows that need no colorizer.

`grey` answers no chroma at all; `flat mean` paints the truth's own mean chroma over the whole photo. What doesn't beat
them has learnt nothing about objects.

A colorizer is anything that turns a grey picture (H, W) `uint8` into RGB (H, W, 3) `uint8` of the same size. The grey
picture that it gets is made from the truth: the neutral of the same L.
"""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
import numpy.typing as npt

from barva.color import gamut, spaces
from barva.errors import ReadError, UsageError
from barva.evaluation.metrics import PhotoScores, measure
from barva.evaluation.scores import RESAMPLES, Interval, Scores, margin, scores

Picture = npt.NDArray[np.uint8]
Colorizer = Callable[[Picture], Picture]

GREY, FLAT = "grey", "flat mean"
"""The two rows that are always there."""

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"})


@dataclass(frozen=True, eq=False)
class Row:
    """One method: its scores, and those of each photo in the benchmark's order."""

    label: str
    scores: Scores
    photos: tuple[PhotoScores, ...]
    seconds: tuple[float, ...]
    gain: Interval
    """By how much mean CIEDE2000 lies below grey's, paired photo by photo."""


@dataclass(frozen=True, eq=False)
class Benchmark:
    """The photos' keys and a row for each method; `grey` and `flat mean` come first."""

    keys: tuple[str, ...]
    rows: tuple[Row, ...]

    def row(self, label: str) -> Row:
        """The row of that name; `UsageError` when there is none."""
        for row in self.rows:
            if row.label == label:
                return row
        raise UsageError(f"no row '{label}'; there are: {', '.join(r.label for r in self.rows)}")


@dataclass
class _Tally:
    photos: list[PhotoScores] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Step:
    """One photo is done. `pictures` are the original, the light and each row's answer, as `sheet` and `html` show them.

    `benchmark()` sums up the photos so far; after the last step it is the whole result.
    """

    key: str
    done: int
    pictures: Mapping[str, Picture]
    benchmark: Callable[[], Benchmark]


def evaluate(
    colorizers: Mapping[str, Colorizer],
    photos: Iterable[tuple[str, Picture]],
    prior: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Benchmark:
    """Every colorizer on every photo (key, RGB `uint8`); `steps` is the same with a stop after each photo."""
    done = None
    for step in steps(colorizers, photos, prior, resamples, seed):
        done = step.benchmark
    if done is None:
        raise UsageError("there is no photo to measure on")
    return done()


def steps(
    colorizers: Mapping[str, Colorizer],
    photos: Iterable[tuple[str, Picture]],
    prior: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Iterator[Step]:
    """The benchmark photo by photo, for a progress bar and for sheets.

    `prior`, `resamples` and `seed` go to `scores`.
    """
    if taken := {GREY, FLAT} & colorizers.keys():
        raise UsageError(f"'{taken.pop()}' is the name of a row that is always there; name the method otherwise")
    tallies = {label: _Tally() for label in (GREY, FLAT, *colorizers)}
    keys: list[str] = []

    def summed() -> Benchmark:
        rows = [_row(label, tally, tallies[GREY], prior, resamples, seed) for label, tally in tallies.items()]
        return Benchmark(tuple(keys), tuple(rows))

    for key, rgb in photos:
        pictures = _one(key, _checked(key, rgb), colorizers, tallies)
        keys.append(key)
        yield Step(key, len(keys), pictures, summed)


def _one(
    key: str, rgb: Picture, colorizers: Mapping[str, Colorizer], tallies: Mapping[str, _Tally]
) -> dict[str, Picture]:
    truth = spaces.fast_rgb_to_lab(rgb)
    light = grey_of(rgb)
    neutral = np.zeros((*light.shape, 2), np.float32)
    flat = neutral + truth[..., 1:].mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
    pictures = {"original": rgb, "light": np.repeat(light[..., None], 3, axis=2)}
    for label, ab in ((GREY, neutral), (FLAT, flat)):
        answer = np.concatenate([truth[..., :1], ab], axis=-1)
        tallies[label].photos.append(measure(truth, answer))
        tallies[label].seconds.append(0.0)
        if label == FLAT:
            pictures[label] = np.asarray(gamut.merge(answer[..., 0], ab, 8), np.uint8)
    for label, colorizer in colorizers.items():
        start = time.perf_counter()
        answer_rgb = colorizer(light.copy())
        tallies[label].seconds.append(time.perf_counter() - start)
        pictures[label] = _same_size(label, key, answer_rgb, rgb)
        tallies[label].photos.append(measure(truth, spaces.fast_rgb_to_lab(pictures[label])))
    return pictures


def _row(label: str, tally: _Tally, grey: _Tally, prior: npt.ArrayLike | None, resamples: int, seed: int) -> Row:
    mine, theirs = ([p.ciede2000 for p in t.photos] for t in (tally, grey))
    return Row(
        label,
        scores(tally.photos, tally.seconds, prior, resamples, seed),
        tuple(tally.photos),
        tuple(tally.seconds),
        margin(mine, theirs, resamples, seed),
    )


def grey_of(rgb: npt.NDArray[np.uint8]) -> Picture:
    """The grey picture (H, W) with the light of a colour one (H, W, 3): the neutral code value of the same L."""
    linear = spaces.linear_table(8)[rgb]
    y = linear @ spaces.RGB_TO_XYZ[1].astype(np.float32)
    return np.asarray(np.rint(spaces.linear_to_srgb(y) * 255).clip(0, 255), np.uint8)


def _checked(key: str, rgb: Picture) -> Picture:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
        raise UsageError(f"{key}: a photo is RGB (H, W, 3) in uint8, not {rgb.shape} in {rgb.dtype}")
    return rgb


def _same_size(label: str, key: str, answer: Picture, truth: Picture) -> Picture:
    answer = np.asarray(answer)
    if answer.shape != truth.shape or answer.dtype != np.uint8:
        raise UsageError(
            f"{label} answered {answer.shape} in {answer.dtype} to {key}, which is {truth.shape} and wants uint8"
        )
    return answer


def photos_in(path: str | Path) -> Iterator[tuple[str, Picture]]:
    """Photos (key, RGB `uint8`, upright) of a tar file, of a folder and those below it, or of one picture file.

    The key is the name without its suffix, for folders with the way to it. Masks (`KEY.mask.png`) and everything that
    is no picture by its suffix are passed over; a picture that cannot be read is a `ReadError`.
    """
    path = Path(path)
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and _is_photo(file.name):
                yield file.relative_to(path).with_suffix("").as_posix(), _read(file, str(file))
    elif not path.is_file():
        raise ReadError(f"{path}: there is no such file or folder")
    elif path.suffix.lower() in SUFFIXES:
        yield path.stem, _read(path, str(path))
    else:
        yield from _in_tar(path)


def _in_tar(path: Path) -> Iterator[tuple[str, Picture]]:
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isfile() and _is_photo(member.name) else None
                if stream is not None:
                    name = PurePosixPath(member.name)
                    yield name.with_suffix("").as_posix(), _read(io.BytesIO(stream.read()), f"{path}: {name}")
    except (tarfile.TarError, EOFError) as error:
        raise ReadError(f"{path}: not a photo, and not a whole tar file of photos ({error})") from error


def _is_photo(name: str) -> bool:
    at = PurePosixPath(name)
    return at.suffix.lower() in SUFFIXES and ".mask" not in at.suffixes and not at.name.startswith(".")


def _read(file: Path | IO[bytes], name: str) -> Picture:
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"), np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ReadError(f"{name}: cannot be read as a photo ({error})") from error
