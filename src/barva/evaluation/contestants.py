"""Who is measured: methods that run here, and pictures that other programs made.

A plain function gray (H, W) `uint8` -> RGB (H, W, 3) `uint8` is a contestant too; `Contestant` adds hints, and knows
pictures that cannot be made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import ReadError, UsageError
from barva.evaluation import photos
from barva.files import MARK
from barva.guidance.hintmap import HintMap

Picture = npt.NDArray[np.uint8]
Colorizer = Callable[[Picture], Picture]


@dataclass(frozen=True, eq=False)
class Task:
    """What a contestant is asked: color `light` (H, W) `uint8` of the photo `key`, with the colors of `hints`."""

    key: str
    light: Picture
    hints: HintMap | None = None


@dataclass(frozen=True, eq=False)
class Contestant:
    """`paint` answers a task with RGB (H, W, 3) `uint8` of the light's size.

    `takes_hints`: a task for it may hold hints. `runs`: it paints now and from any light, so that it can be timed and
    tried on film; pictures made elsewhere cannot.
    """

    paint: Callable[[Task], Picture]
    takes_hints: bool = False
    runs: bool = True


def contestant(source: Colorizer | Contestant) -> Contestant:
    """A plain function as a contestant that runs here and takes no hints."""
    if isinstance(source, Contestant):
        return source
    return Contestant(lambda task: source(task.light))


def contestant_from_folder(where: str | Path, keys: Iterable[str] = ()) -> Contestant:
    """Another program's pictures: for each photo `where/KEY.SUFFIX`, of any size, stretched to the photo's.

    `KEY.color.SUFFIX`, as `barva colorize` names its results, will do too. `UsageError` when there is no such folder,
    or several pictures of one of the photos `keys`, `ReadError` when one of them has none; painting raises `ReadError`
    when a photo's picture is missing or broken, and `UsageError` when there are two.
    """
    place = Path(where)
    if not place.is_dir():
        raise UsageError(f"there is no folder {place} of pictures to compare")
    named: dict[str, list[Path]] = {}
    for file in sorted(place.rglob("*")):
        if photos.is_photo(file.name):
            key = file.relative_to(place).with_suffix("").as_posix().removesuffix(MARK)
            named.setdefault(key, []).append(file)

    def find(key: str) -> list[Path]:
        paths = named.get(key, [])
        if len(paths) > 1:
            raise UsageError(f"{place} holds several pictures of '{key}': {', '.join(p.name for p in paths)}")
        return paths

    def paint(task: Task) -> Picture:
        paths = find(task.key)
        if not paths:
            raise _no_picture(place, [task.key])
        return _resize(photos.read_file(paths[0]), *task.light.shape)

    missing = [key for key in keys if not find(key)]
    if missing:
        raise _no_picture(place, missing)
    return Contestant(paint, runs=False)


def _no_picture(place: Path, keys: list[str]) -> ReadError:
    more = f", nor of {len(keys) - 1} more" if len(keys) > 1 else ""
    return ReadError(f"{place} holds no picture of '{keys[0]}' (such as {keys[0]}.png){more}")


def _resize(picture: Picture, height: int, width: int) -> Picture:
    import cv2

    if picture.shape[:2] == (height, width):
        return picture
    interpolation = cv2.INTER_AREA if height * width < picture.shape[0] * picture.shape[1] else cv2.INTER_CUBIC
    stretched: Any = cv2.resize(picture, (width, height), interpolation=interpolation)
    return np.asarray(stretched, np.uint8)
