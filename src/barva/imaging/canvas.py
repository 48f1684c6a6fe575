"""Canvas: where the strips of a result are collected until the file is written.

Small results stay an array; large ones go to a raw file beside the target. That file is written with plain writes and
not through a memory map, because touched pages of a map count as the process's memory.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from barva.errors import WriteError
from barva.imaging import tiff
from barva.imaging import vips as _vips
from barva.types import Pixels

MEMORY_LIMIT = 256 << 20
"""Results of up to this many bytes are collected in memory."""


class Canvas:
    """`with Canvas(...) as canvas: canvas.put(y, strip); ...; canvas.image()`.

    `bands` counts alpha too; `depth` is 8 or 16. `put` may be called in any order and from several threads; every
    row once. `folder` is where the raw file of a large result goes (the system's temporary folder unless told).
    WriteError when it cannot be written, for example on a full disk. The file is removed in any case when the canvas
    is closed; images made by `image()` must not be used after that.
    """

    def __init__(
        self,
        width: int,
        height: int,
        bands: int,
        depth: int,
        *,
        memory_limit: int = MEMORY_LIMIT,
        folder: Path | None = None,
    ) -> None:
        assert width > 0 and height > 0 and 1 <= bands <= 4 and depth in (8, 16)
        self.width, self.height, self.bands, self.depth = width, height, bands, depth
        self._dtype: Any = np.uint8 if depth == 8 else np.uint16
        self._row = width * bands * (depth // 8)
        self._lock = threading.Lock()
        self._rows_put = 0
        self._array: Pixels | None = None
        self._file: int | None = None
        self._start = 0
        self._path: Path | None = None
        if self._row * height <= memory_limit:
            empty: Any = np.empty((height, width, bands), self._dtype)
            self._array = empty
        else:
            self._create(folder)

    def _create(self, folder: Path | None) -> None:
        try:
            self._file, name = tempfile.mkstemp(prefix=".canvas.", suffix=".barva-part", dir=folder)
        except OSError as error:
            raise WriteError(
                "no temporary file can be made in {folder}: {problem}",
                code="write.no-temporary",
                folder=folder or "the temporary folder",
                problem=error.strerror,
            ) from error
        self._path = Path(name)
        # A TIFF, because libvips maps raw files into memory but streams TIFFs.
        head = tiff.plain_header(self.width, self.height, self.bands, self.depth)
        self._start = len(head)
        try:
            self._write_bytes(memoryview(head), 0)
        except WriteError:
            self.close()
            raise

    @property
    def in_memory(self) -> bool:
        return self._array is not None

    def put(self, y: int, strip: Pixels) -> None:
        """Rows y, y + 1, ...: (h, width, bands) of the canvas's own type."""
        strip = strip.reshape(strip.shape[0], self.width, self.bands)
        assert strip.dtype == self._dtype and y >= 0 and y + len(strip) <= self.height
        if self._array is not None:
            self._array[y : y + len(strip)] = strip
        else:
            self._write(strip, self._start + y * self._row)
        with self._lock:
            self._rows_put += len(strip)

    def _write(self, strip: Pixels, offset: int) -> None:
        whole: Any = np.ascontiguousarray(strip)
        self._write_bytes(memoryview(whole).cast("B"), offset)

    def _write_bytes(self, data: memoryview, offset: int) -> None:
        assert self._file is not None, "the canvas is closed"
        try:
            while data:
                if hasattr(os, "pwrite"):
                    done = os.pwrite(self._file, data, offset)
                else:  # Windows
                    with self._lock:
                        os.lseek(self._file, offset, os.SEEK_SET)
                        done = os.write(self._file, data)
                data, offset = data[done:], offset + done
        except OSError as error:
            raise WriteError(
                "the temporary file {file} cannot be written: {problem}",
                code="write.temporary",
                file=self._path,
                problem=error.strerror,
            ) from error

    def array(self) -> Pixels:
        """Everything as an array (height, width, bands); of a large canvas this reads the file into memory."""
        self._complete()
        if self._array is not None:
            return self._array
        assert self._path is not None
        flat = np.fromfile(self._path, self._dtype, offset=self._start)
        return flat.reshape(self.height, self.width, self.bands)

    def image(self) -> Any:
        """Everything as a libvips image, sRGB or gray of 8 or 16 bits, alpha last.

        That of a large canvas may be read once, top to bottom.
        """
        self._complete()
        vips = _vips.load()
        format = "uchar" if self.depth == 8 else "ushort"
        if self._array is not None:
            image = vips.Image.new_from_memory(self._array, self.width, self.height, self.bands, format)
        else:
            assert self._path is not None
            image = vips.Image.tiffload(os.fsencode(self._path), access="sequential")
        return image.copy(interpretation=interpretation(self.bands, self.depth))

    def _complete(self) -> None:
        assert self._rows_put == self.height, f"{self._rows_put} of {self.height} rows were put"

    def close(self) -> None:
        """Remove the raw file, if there is one. May be called twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
            self._path = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_path", None) is not None:
            self.close()


def interpretation(bands: int, depth: int) -> str:
    """libvips's word for pixels of Barva: `bands` counts alpha."""
    if bands <= 2:
        return "grey16" if depth == 16 else "b-w"
    return "rgb16" if depth == 16 else "srgb"
