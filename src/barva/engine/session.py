"""`Session`: one photo that is worked on. It remembers its stages, so that a new hint restarts at *resolve* and a
vividness slider at *merge*, and shows the photo at screen size or in tiles without making all of it.

| kept | bytes | for 12 megapixels, 8-bit grey |
|---|---|---|
| the photo's pixels, up to 64 megapixels; larger ones in a temporary file | H W depth bands | 12 MB |
| its pyramid | a third of that | 4 MB |
| the light of the last previews | 4 a pixel, `PREVIEWS` of them | 8 MB |
| the network's last answers | 3 MB each, `memory.KEPT` of them | 36 MB |
| the result's lines | 32 a pixel of the guide | 12 MB |

`Session.memory` is the sum. The file that is saved is `Colorizer.colorize`'s own `Result.save`: the same pixels as
the command line's.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import gamut
from barva.engine import memory
from barva.engine.colorizer import Colorizer, Source
from barva.engine.explore.variants import Suggestion
from barva.engine.memory import Memory
from barva.engine.render.chroma_model import ChromaModel
from barva.engine.render.pyramid import Pyramid
from barva.engine.request import VARIANTS, Marks, Request, guidance_of
from barva.engine.result import Result
from barva.errors import UsageError
from barva.methods.base import Swatch
from barva.perception import network as networks
from barva.perception import selection
from barva.scene.model import Scene
from barva.types import Float

Picture = npt.NDArray[np.uint8]

PREVIEWS = 2
"""Sizes of previews whose light is remembered."""

TILE = 512
_ROWS = 128
"""Rows of a preview that one thread paints at a time: few enough for the processor's caches."""


class Session:
    """Colours one photo again and again.

        session = Session(Colorizer(), "grandmother.jpg")
        session.ask(Point((412, 310), "#7a1f1f"))
        screen = session.preview()
        session.result.save("grandmother.color.jpg")

    Safe to use from several threads: each sees whole results. Errors: `ReadError` for the photo, `UsageError` for what
    is asked.
    """

    def __init__(self, colorizer: Colorizer, photo: Source) -> None:
        self.colorizer = colorizer
        self.seen = colorizer.analyze(photo)
        self.photo = self.seen.photo
        self.pyramid = Pyramid(self.photo)
        self._memory = Memory()
        self._lights: OrderedDict[tuple[int, int], Float] = OrderedDict()
        self._lock = threading.RLock()
        self._given = colorizer.given
        self._last: tuple[Request, Result] | None = None

    def refer(self, references: Iterable[Source] = (), swatches: Iterable[Swatch] = (), palette: Source = None) -> None:
        """Take colours from these photos, and keep them near a palette, from the next `ask` on. UsageError,
        ReadError."""
        taken = self.colorizer.taken_from(references, swatches, palette)
        with self._lock:
            self._given = replace(taken, exact=self._given.exact, matching=self._given.matching)

    def ask(
        self,
        guidance: Marks = None,
        *,
        vividness: float | None = None,
        strength: float | None = None,
        scene: Scene | None = None,
        seed: int | None = None,
        variant: int = 0,
    ) -> Result:
        """Colour the photo as asked, and remember it: `guidance` and `scene` are all of it, not a change. `variant` n
        is the n-th of `Colorizer.variants`; 0 is the method's own answer. The rest as in `Colorizer.colorize`.
        UsageError; ReadError where the scene takes colours from a photo that is gone."""
        with self._lock:
            request = replace(
                self._given,
                guidance=guidance_of(guidance),
                scene=scene,
                vividness=vividness,
                strength=strength,
                seed=seed,
                variant=variant,
            )
            self._last = request, self.colorizer.answer(self.seen, request, self._memory)
            return self._last[1]

    def _method(self) -> Any:
        return self._memory.of(self.colorizer.method())

    def _now(self) -> tuple[Request, Result]:
        with self._lock:
            if self._last is None:
                request = replace(self._given, guidance=None, scene=None)
                self._last = request, self.colorizer.answer(self.seen, request, self._memory)
            return self._last

    @property
    def result(self) -> Result:
        """The answer to what was asked last; to nothing if nothing was."""
        return self._now()[1]

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """(height, width) of each level of the pyramid, full size first."""
        return self.pyramid.sizes

    @property
    def memory(self) -> int:
        """Bytes that the session may keep, see the table above."""
        guide = self.seen.guide.size
        preview = min(self.photo.width * self.photo.height, 1_000_000)
        return self.pyramid.memory + 4 * PREVIEWS * preview + memory.KEPT * 3_000_000 + 32 * guide

    def size(self, pixels: int) -> tuple[int, int]:
        """(height, width) of a preview of about `pixels` px; never larger than the photo. UsageError below 1."""
        if pixels < 1:
            raise UsageError(f"a preview has at least one pixel, not {pixels}")
        scale = min(1.0, math.sqrt(pixels / (self.photo.width * self.photo.height)))
        return max(1, round(self.photo.height * scale)), max(1, round(self.photo.width * scale))

    def preview(self, pixels: int = 1_000_000) -> Picture:
        """The coloured photo at about `pixels` px: (h, w, 3) uint8 sRGB."""
        return self.show(self.result, pixels)

    def show(self, result: Result, pixels: int = 1_000_000) -> Picture:
        """A preview of any result of this photo, such as one of `variants`."""
        light = self._light(*self.size(pixels))
        return _painted(light, result.lines.sized(*light.shape), result.workers)

    def light_preview(self, pixels: int = 1_000_000) -> Picture:
        """The photo without colour, (h, w, 3) uint8, for the same place as `preview`."""
        return _grey(self._light(*self.size(pixels)))

    def _light(self, height: int, width: int) -> Float:
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

    def tile(self, level: int, column: int, row: int, size: int = TILE) -> Picture:
        """Tile (column, row) of a level in colour: (h, w, 3) uint8, `size` px wide and high or what is left at the
        border. UsageError for a tile outside."""
        light = self.pyramid.light(level, row * size, column * size, size, size)
        lines = self.result.lines.sized(self.photo.height / 2**level, self.photo.width / 2**level)
        return cast(Picture, gamut.merge(light, lines.chroma(light, row * size, column * size), 8))

    def light_tile(self, level: int, column: int, row: int, size: int = TILE) -> Picture:
        """The same tile without colour."""
        return _grey(self.pyramid.light(level, row * size, column * size, size, size))

    def suggest(self, at: tuple[float, float], count: int = 9) -> tuple[Suggestion, ...]:
        """The likeliest colours of the place `at` (x, y) in pixels of the upright photo, given what is asked already;
        see `Colorizer.suggest`."""
        return self.colorizer.suggested(self._method(), self.seen, at, count, self._now()[0])

    def select(
        self,
        inside: Sequence[tuple[float, float]],
        outside: Sequence[tuple[float, float]] = (),
        before: Float | None = None,
        reach: float = 1.0,
        pixels: int = 400_000,
    ) -> Float:
        """The object that clicks mean, as `perception.selection.select_object`.

        Args:
            inside: Places (x, y) in it, as shares 0..1 of the photo's width and height.
            outside: Places that do not belong to it.
            before: (h, w) 0..1, the selection so far, of the size that is returned.
            reach: Above 1 takes more, below 1 less.
            pixels: About how many pixels the mask has.

        Returns:
            (h, w) 0..1, h and w as `size(pixels)` says.
        """
        light = self._light(*self.size(pixels))
        return selection.select_object(networks.shared(), self.seen.features, light, inside, outside, before, reach)

    def confidence(self, pixels: int = 1_000_000) -> Float:
        """(h, w) 0 (anything goes) to 1 (sure), of the size of `preview`. UsageError for a method that cannot tell."""
        found = self.result.confidence
        if found is None:
            raise UsageError(f"{self.colorizer.card.name} does not know how sure it is")
        height, width = self.size(pixels)
        resized: Any = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(resized, np.float32).reshape(height, width)

    def variants(self, count: int = 6) -> list[Result]:
        """Several colourings with what is asked now, as `Colorizer.variants`; `ask(variant=n)` takes one. UsageError
        for a method without a distribution."""
        if not 1 <= count <= VARIANTS:
            raise UsageError(f"variants go from 1 to {VARIANTS}, not {count}")
        return [self.variant(n) for n in range(count)]

    def variant(self, number: int) -> Result:
        """One of `variants`, counted from 0, without taking it."""
        request = replace(self._now()[0], variant=number)
        return self.colorizer.answer(self.seen, request, self._memory)

    def close(self) -> None:
        """Let go of memory and temporary files; the session can be used on, and makes them anew."""
        with self._lock:
            self._memory.clear()
            self._lights.clear()
        self.pyramid.close()


def _painted(light: Float, lines: ChromaModel, workers: int) -> Picture:
    """Light (h, w) L 0..100 and chroma of the same size to (h, w, 3) uint8, on several threads."""
    out = np.empty((*light.shape, 3), np.uint8)

    def paint(top: int) -> None:
        rows = light[top : top + _ROWS]
        out[top : top + _ROWS] = gamut.merge(rows, lines.chroma(rows, top), 8)

    tops = range(0, len(light), _ROWS)
    if workers <= 1 or len(tops) == 1:
        for top in tops:
            paint(top)
        return out
    for done in [_pool(workers).submit(paint, top) for top in tops]:
        done.result()
    return out


@lru_cache(maxsize=2)
def _pool(workers: int) -> ThreadPoolExecutor:
    """Threads that stay: new ones would ask the system for all their memory anew at each preview."""
    return ThreadPoolExecutor(workers, thread_name_prefix="preview")


def _grey(light: Float) -> Picture:
    return cast(Picture, gamut.merge(light, np.zeros((*light.shape, 2), np.float32), 8))
