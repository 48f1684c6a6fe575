"""`Pyramid`: a photo at full size, half, a quarter ..., for looking at it; the color of a level is computed from the
level's own light."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.engine.render import compose
from barva.errors import BarvaError, UsageError, WriteError
from barva.files import reason
from barva.imaging.photo import Photo
from barva.methods.base import Float

SMALLEST = 256
"""Long side, px, of the last level at most."""

_STREAM_ROWS = 256


def level_sizes(height: int, width: int) -> tuple[tuple[int, int], ...]:
    """(height, width) of each level of a photo."""
    sizes = [(height, width)]
    while max(sizes[-1]) > SMALLEST:
        rows, columns = sizes[-1]
        sizes.append(((rows + 1) // 2, (columns + 1) // 2))
    return tuple(sizes)


class Pyramid:
    """Levels of one photo as code values without alpha: level 0 is full size, each next one half as wide and high,
    rounded up. Level 0 is the photo's own pixels; the others take a third of its memory. A photo too large for memory
    is unpacked once into a temporary file. Made when first asked for, which raises ReadError for a damaged photo and
    WriteError where that file cannot be written; safe to use from several threads."""

    def __init__(self, photo: Photo) -> None:
        self.photo = photo
        self._lock = threading.Lock()
        self._levels: list[npt.NDArray[Any]] = []
        self._file: Path | None = None
        self.sizes = level_sizes(photo.height, photo.width)
        """(height, width) of each level."""

    @property
    def memory(self) -> int:
        """Bytes of memory, at most: the photo's pixels and the levels."""
        one = self.photo.width * self.photo.height * (self.photo.depth // 8)
        whole = one * self.photo.channels if self.photo.in_memory else 0
        return whole + one * self.photo.bands // 3

    def light(self, level: int, top: int, left: int, rows: int, columns: int) -> Float:
        """L 0..100 of a part of a level, cut off at its borders. UsageError for what lies outside."""
        if not 0 <= level < len(self.sizes):
            raise UsageError(
                "there are levels 0 to {most}, not {level}", code="tile.level", most=len(self.sizes) - 1, level=level
            )
        height, width = self.sizes[level]
        if not (0 <= top < height and 0 <= left < width and rows > 0 and columns > 0):
            raise UsageError(
                "level {level} has {width} x {height} px: nothing lies at column {left}, row {top}",
                code="tile.outside",
                level=level,
                width=width,
                height=height,
                left=left,
                top=top,
            )
        part = self._build_levels()[level][top : top + rows, left : left + columns]
        return compose.light_of(np.ascontiguousarray(part), self.photo.bands)

    def whole(self, height: int, width: int) -> Float:
        """L 0..100 (height, width) of the whole photo, area-averaged; not larger than the photo."""
        levels = self._build_levels()
        near = max(i for i, (h, w) in enumerate(self.sizes) if h >= height and w >= width)
        codes = levels[near]
        if codes.shape[:2] != (height, width):
            resized: Any = cv2.resize(codes, (width, height), interpolation=cv2.INTER_AREA)
            codes = resized.reshape(height, width, self.photo.bands)
        return compose.light_of(np.ascontiguousarray(codes), self.photo.bands)

    def _build_levels(self) -> list[npt.NDArray[Any]]:
        with self._lock:
            if not self._levels:
                levels = [self._full()]
                for height, width in self.sizes[1:]:
                    levels.append(_halve(levels[-1], height, width))
                self._levels = levels
            return self._levels

    def _full(self) -> npt.NDArray[Any]:
        bands = self.photo.bands
        if self.photo.in_memory:
            return self.photo.pixels()[..., :bands]
        self._remove_file()  # of levels that could not be made
        try:
            self._unpack(bands)
        except BaseException as error:
            self._remove_file()
            if isinstance(error, OSError) and not isinstance(error, BarvaError):
                raise WriteError(
                    "the temporary file {file} cannot be written: {problem}",
                    code="write.temporary",
                    file=error.filename or tempfile.gettempdir(),
                    problem=reason(error),
                ) from error
            raise
        return np.memmap(str(self._file), self.photo.dtype, "r", shape=(self.photo.height, self.photo.width, bands))

    def _unpack(self, bands: int) -> None:
        """Write level 0 into a temporary file; not through a memory map, which ends the process on a full disk."""
        handle, name = tempfile.mkstemp(prefix="barva-", suffix=".light")
        self._file = Path(name)
        with open(handle, "wb") as file:  # noqa: PTH123 - it is open already
            for _, strip in self.photo.strips(_STREAM_ROWS):
                file.write(np.ascontiguousarray(strip[..., :bands]).data)

    def _remove_file(self) -> None:
        if self._file is not None:
            with contextlib.suppress(PermissionError):  # Windows, while another thread still reads it
                self._file.unlink(missing_ok=True)
            self._file = None

    def close(self) -> None:
        """Let go of the levels and the temporary file."""
        with self._lock:
            self._levels = []
            self._remove_file()

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.close()


def _halve(codes: npt.NDArray[Any], height: int, width: int) -> npt.NDArray[Any]:
    """2 x 2 means, in strips, so that an unpacked file is read once from top to bottom."""
    out = np.empty((height, width, codes.shape[2]), codes.dtype)
    rows = 2 * _STREAM_ROWS
    for y in range(0, codes.shape[0], rows):
        part = codes[y : y + rows]
        if part.shape[0] % 2 or part.shape[1] % 2:  # odd sides: the last row or column counts twice
            part = np.pad(part, ((0, part.shape[0] % 2), (0, part.shape[1] % 2), (0, 0)), "edge")
        half: Any = cv2.resize(np.ascontiguousarray(part), (width, part.shape[0] // 2), interpolation=cv2.INTER_AREA)
        out[y // 2 : y // 2 + part.shape[0] // 2] = half.reshape(part.shape[0] // 2, width, -1)
    return out
