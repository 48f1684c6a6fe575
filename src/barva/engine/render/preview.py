"""Previews and tiles of a photo at screen size: the pyramid's light, with a model's chroma."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt

from barva.color import gamut
from barva.engine.render.chroma_model import ChromaModel
from barva.engine.render.pyramid import Pyramid
from barva.errors import UsageError
from barva.imaging.photo import Photo
from barva.types import Float

Picture = npt.NDArray[np.uint8]

PREVIEWS = 2
"""Sizes of previews whose light is remembered."""

TILE = 512
_ROWS = 128
"""Rows of a preview that one thread paints at a time: few enough for the processor's caches."""


class Previews:
    """One photo's pyramid, and the light of its last previews. Safe to use from several threads."""

    def __init__(self, photo: Photo) -> None:
        self.photo = photo
        self.pyramid = Pyramid(photo)
        self._lights: OrderedDict[tuple[int, int], Float] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def memory(self) -> int:
        """Bytes that are kept, at most."""
        pixels = min(self.photo.width * self.photo.height, 1_000_000)
        return self.pyramid.memory + 4 * PREVIEWS * pixels

    def size(self, pixels: int) -> tuple[int, int]:
        """(height, width) of a preview of about `pixels` px; never larger than the photo. UsageError below 1."""
        if pixels < 1:
            raise UsageError("a preview has at least one pixel, not {pixels}", code="setting.pixels", pixels=pixels)
        scale = min(1.0, math.sqrt(pixels / (self.photo.width * self.photo.height)))
        return max(1, round(self.photo.height * scale)), max(1, round(self.photo.width * scale))

    def picture(self, model: ChromaModel | None, pixels: int, workers: int = 1) -> Picture:
        """The whole photo at about `pixels` px, (h, w, 3) sRGB, on several threads; gray without a model."""
        light = self.light(*self.size(pixels))
        return _gray(light) if model is None else _colorize(light, model.at_size(*light.shape), workers)

    def tile(self, model: ChromaModel | None, level: int, column: int, row: int, size: int = TILE) -> Picture:
        """Tile (column, row) of a level, (h, w, 3) sRGB, `size` px wide and high or what is left at the border; gray
        without a model. UsageError for a tile outside."""
        light = self.pyramid.light(level, row * size, column * size, size, size)
        if model is None:
            return _gray(light)
        scaled = model.at_size(self.photo.height / 2**level, self.photo.width / 2**level)
        return cast(Picture, gamut.merge(light, scaled.chroma(light, row * size, column * size), 8))

    def light(self, height: int, width: int) -> Float:
        """(height, width) L 0..100 of the whole photo, kept for the next time."""
        with self._lock:
            light = self._lights.get((height, width))
            if light is None:
                light = self.pyramid.whole(height, width)
                self._lights[height, width] = light
                while len(self._lights) > PREVIEWS:
                    self._lights.popitem(last=False)
            else:
                self._lights.move_to_end((height, width))
            return light

    def close(self) -> None:
        """Let go of memory and temporary files."""
        with self._lock:
            self._lights.clear()
        self.pyramid.close()


def _colorize(light: Float, model: ChromaModel, workers: int) -> Picture:
    """Light (h, w) L 0..100 and chroma of the same size to (h, w, 3) uint8, on several threads."""
    out = np.empty((*light.shape, 3), np.uint8)

    def paint(top: int) -> None:
        rows = light[top : top + _ROWS]
        out[top : top + _ROWS] = gamut.merge(rows, model.chroma(rows, top), 8)

    tops = range(0, len(light), _ROWS)
    if workers <= 1 or len(tops) == 1:
        for top in tops:
            paint(top)
        return out
    for future in [_pool(workers).submit(paint, top) for top in tops]:
        future.result()
    return out


@lru_cache(maxsize=2)
def _pool(workers: int) -> ThreadPoolExecutor:
    """Threads that stay: new ones would ask the system for all their memory anew at each preview."""
    return ThreadPoolExecutor(workers, thread_name_prefix="preview")


def _gray(light: Float) -> Picture:
    return cast(Picture, gamut.merge(light, np.zeros((*light.shape, 2), np.float32), 8))
