"""`Session`: one photo that is worked on. It remembers what the stages answered, so that a new hint restarts at *paint*
and a vividness slider at *steer*, and shows the photo at screen size or in tiles without making all of it.

| kept | bytes | for 12 megapixels, 8-bit gray |
|---|---|---|
| the photo's pixels, up to 64 megapixels; larger ones in a temporary file | H W depth bands | 12 MB |
| its pyramid | a third of that | 4 MB |
| the light of the last previews | 4 a pixel, `preview.PREVIEWS` of them | 8 MB |
| the network's last answers | 3 MB each, `memory.KEPT` of them | 36 MB |
| the result's chroma model | 32 a pixel of the guide | 12 MB |

`Session.memory` is the sum. The file that is saved is `Colorizer.colorize`'s own `Result.save`: the same pixels as
the command line's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from barva.engine import memory
from barva.engine.colorizer import Colorizer, Source
from barva.engine.explore import suggest as suggesting
from barva.engine.explore.variants import Suggestion
from barva.engine.memory import Memory
from barva.engine.prepare.sources import request_from_sources
from barva.engine.render.preview import TILE, Picture, Previews
from barva.engine.request import Request
from barva.engine.request_checks import Marks, check_variants
from barva.engine.result import Result
from barva.engine.sampling import Sampling
from barva.errors import UsageError
from barva.methods.base import Swatch
from barva.perception import network as networks
from barva.perception import selection
from barva.scene.model import Scene
from barva.types import Float


class Session:
    """Colors one photo again and again; the stages before a change are remembered.

    Safe to use from several threads: each sees whole results.

    Args:
        colorizer: The method and the settings that hold unless `colorize` is given others.
        photo: A path, a file's bytes, a Pillow image, a NumPy array or a `Photo`.

    Raises:
        ReadError: The photo cannot be read.
        UsageError: A bad setting.

    Examples:
        >>> session = barva.Session(barva.Colorizer(), "photo.jpg")
        >>> _ = session.colorize(barva.Point((20, 12), "#7a1f1f"))
        >>> session.preview(10_000).shape
        (48, 64, 3)
        >>> session.result.save("session.png").path.name
        'session.png'
    """

    def __init__(self, colorizer: Colorizer, photo: Source) -> None:
        self.colorizer = colorizer
        self.prepared = colorizer.analyze(photo)
        self.photo = self.prepared.photo
        self.previews = Previews(self.photo)
        self._memory = Memory()
        self._lock = threading.RLock()
        self._defaults = colorizer.request
        self._last: tuple[Request, Result] | None = None

    def set_references(
        self, references: Iterable[Source] = (), swatches: Iterable[Swatch] = (), palette: Source = None
    ) -> None:
        """Take colors from these photos, and keep them near a palette, from the next `colorize` on.

        Args:
            references: Color photos, or folders of them.
            swatches: Pairs of boxes, for methods that take them.
            palette: A picture, or colors as text.

        Raises:
            UsageError: The method takes no references or swatches, or the palette cannot be understood.
            ReadError: A reference cannot be read.
        """
        sources = request_from_sources(self.colorizer.card, references, swatches, palette)
        with self._lock:
            self._defaults = replace(
                self._defaults, references=sources.references, swatches=sources.swatches, palette=sources.palette
            )

    def colorize(
        self,
        guidance: Marks = None,
        *,
        vividness: float | None = None,
        strength: float | None = None,
        scene: Scene | None = None,
        seed: int | None = None,
        variant: int = 0,
        text: str | None = None,
        sampling: Sampling | None = None,
    ) -> Result:
        """Color the photo, and remember the request.

        What is None is as the colorizer was made with.

        Args:
            guidance: All marks, not a change of them, or a `HintMap`; `()` for none.
            vividness: 0 (muted) .. 1 .. 2 (strong).
            strength: 0 .. 1, how far marks are followed.
            scene: What is known of the photo, all of it.
            seed: 0 or more.
            variant: n takes the n-th of `variants`; 0 is the method's own answer.
            text: What is asked in words; "" for nothing.
            sampling: Steps, beginning and regions to draw anew, for methods that draw their answers.

        Returns:
            The result, which `result`, `preview` and `tile` show from now on.

        Raises:
            UsageError: A bad setting, or marks outside the photo.
            ReadError: A photo that the scene takes colors from is gone.
        """
        with self._lock:
            settings = self._defaults.with_settings(
                scene=scene, vividness=vividness, strength=strength, seed=seed, text=text, sampling=sampling
            )
            return self._answer_and_keep(replace(settings.with_marks(guidance), variant=variant))

    def answer(self, request: Request) -> Result:
        """As `colorize`, with all of a request.

        Args:
            request: Where it has the default, what `set_references` and the colorizer were given stays.

        Returns:
            The result, which `result`, `preview` and `tile` show from now on.

        Raises:
            UsageError: A bad setting, or marks outside the photo.
            ReadError: A photo that the scene takes colors from is gone.
        """
        with self._lock:
            return self._answer_and_keep(request.over(self._defaults))

    def _answer_and_keep(self, request: Request) -> Result:
        request.check_for(self.colorizer.card)
        self._last = request, self.colorizer.answer(self.prepared, request, self._memory)
        return self._last[1]

    def _current(self) -> tuple[Request, Result]:
        with self._lock:
            if self._last is None:
                self._last = self._defaults, self.colorizer.answer(self.prepared, self._defaults, self._memory)
            return self._last

    @property
    def result(self) -> Result:
        """The answer to the last request; before any, what the colorizer itself asks for."""
        return self._current()[1]

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """(height, width) of each level of the pyramid, full size first."""
        return self.previews.pyramid.sizes

    @property
    def memory(self) -> int:
        """Bytes that the session may keep, see the table above."""
        return self.previews.memory + memory.KEPT * 3_000_000 + 32 * self.prepared.guide.size

    def size(self, pixels: int) -> tuple[int, int]:
        """The size of a preview.

        Args:
            pixels: About how many pixels it has, 1 or more.

        Returns:
            (height, width), never larger than the photo.

        Raises:
            UsageError: Less than one pixel.
        """
        return self.previews.size(pixels)

    def preview(self, pixels: int = 1_000_000) -> Picture:
        """The colored photo at screen size.

        Args:
            pixels: About how many pixels it has.

        Returns:
            (h, w, 3) uint8 sRGB, h and w as `size` says.
        """
        return self.show(self.result, pixels)

    def show(self, result: Result, pixels: int = 1_000_000) -> Picture:
        """A preview of any result of this photo, such as one of `variants`.

        Args:
            result: The result.
            pixels: About how many pixels the preview has.

        Returns:
            (h, w, 3) uint8 sRGB.
        """
        return self.previews.picture(result.model, pixels, result.workers)

    def light_preview(self, pixels: int = 1_000_000) -> Picture:
        """The photo without color, at the size of `preview`.

        Args:
            pixels: About how many pixels it has.

        Returns:
            (h, w, 3) uint8 sRGB.
        """
        return self.previews.picture(None, pixels)

    def tile(self, level: int, column: int, row: int, size: int = TILE) -> Picture:
        """One tile of the colored photo, for a viewer that zooms.

        Args:
            level: Of the pyramid; 0 is full size, each further one half of it (`levels`).
            column: From the left, from 0.
            row: From the top, from 0.
            size: Width and height, px.

        Returns:
            (h, w, 3) uint8 sRGB, `size` px wide and high or what is left at the border.

        Raises:
            UsageError: A tile outside the photo.
        """
        return self.previews.tile(self.result.model, level, column, row, size)

    def light_tile(self, level: int, column: int, row: int, size: int = TILE) -> Picture:
        """The same tile without color.

        Args:
            level: Of the pyramid, from 0.
            column: From the left, from 0.
            row: From the top, from 0.
            size: Width and height, px.

        Returns:
            (h, w, 3) uint8 sRGB.

        Raises:
            UsageError: A tile outside the photo.
        """
        return self.previews.tile(None, level, column, row, size)

    def suggest(self, at: tuple[float, float], count: int = 9) -> tuple[Suggestion, ...]:
        """The likeliest colors of one place, given the last request; see `Colorizer.suggest`.

        Args:
            at: The place (x, y) in pixels of the upright photo.
            count: 1 or more.

        Returns:
            Suggestions, likeliest first.

        Raises:
            UsageError: A place outside the photo, or a method without a distribution.
        """
        method = self._memory.wrap(self.colorizer.method())
        return suggesting.suggest(self._current()[0], self.prepared, method, at, count)

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

        Raises:
            UsageError: A place outside the photo, or a selection of another size.
        """
        light = self.previews.light(*self.size(pixels))
        places = np.asarray([*inside, *outside], np.float64)
        if places.size and not (np.isfinite(places).all() and (places >= 0).all() and (places <= 1).all()):
            raise UsageError("places are shares of the photo's width and height, from 0 to 1", code="select.place")
        if before is not None and before.shape != light.shape:
            raise UsageError(
                "a selection of size {size} cannot be corrected at {wanted}",
                code="select.size",
                size=before.shape,
                wanted=light.shape,
            )
        return selection.select_object(
            networks.shared_network(), self.prepared.features, light, inside, outside, before, reach
        )

    def confidence(self, pixels: int = 1_000_000) -> Float:
        """How sure the method is of each place.

        Args:
            pixels: About how many pixels the answer has.

        Returns:
            (h, w) float32, 0 (anything goes) to 1 (sure), of the size of `preview`.

        Raises:
            UsageError: A method that cannot tell.
        """
        confidence = self.result.confidence
        if confidence is None:
            raise UsageError(
                "{method} does not know how sure it is", code="method.no-confidence", method=self.colorizer.card.name
            )
        height, width = self.size(pixels)
        resized: Any = cv2.resize(confidence, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(resized, np.float32).reshape(height, width)

    def variants(self, count: int = 6) -> list[Result]:
        """Several colorings with the last request, as `Colorizer.variants`; `colorize(variant=n)` takes one.

        Args:
            count: 1 to 100.

        Returns:
            `count` results.

        Raises:
            UsageError: A method without a distribution.
        """
        check_variants(count)
        request = self._current()[0]  # of one request, whatever another thread asks meanwhile
        return [self.colorizer.answer(self.prepared, replace(request, variant=n), self._memory) for n in range(count)]

    def variant(self, number: int) -> Result:
        """One of `variants`, without taking it.

        Args:
            number: From 0.

        Returns:
            The result.

        Raises:
            UsageError: A method without a distribution, or a number out of range.
        """
        request = replace(self._current()[0], variant=number)
        return self.colorizer.answer(self.prepared, request, self._memory)

    def close(self) -> None:
        """Let go of memory and temporary files; the session can be used on, and makes them anew."""
        with self._lock:
            self._memory.clear()
        self.previews.close()
