"""`Colorizer`: the spine. It keeps its networks for many photos and is safe to call from threads."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any

import cv2
import numpy as np

from barva.engine import enlarge, merge, plan
from barva.engine.result import Result
from barva.engine.steer import steer
from barva.errors import BarvaError, UsageError
from barva.guidance.hintmap import HintMap
from barva.imaging import tone as tones
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance
from barva.imaging.read import read
from barva.methods import catalog
from barva.methods.base import Float, Method, Wish
from barva.runtime import weights
from barva.version import __version__

Source = Any  # path, bytes, Pillow image, NumPy array or Photo: `imaging.read.read` checks it


class Colorizer:
    """Colours photos with one method.

    `threads` limits the processor threads for one photo (None: all cores). Errors: `UsageError` for an unknown method
    or a bad setting, `WeightsError`, `ReadError`.
    """

    def __init__(self, method: str = catalog.DEFAULT, *, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"threads must be at least 1, not {threads}")
        self.card = catalog.card(method)
        self.threads = threads
        self._workers = threads or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._method: Method | None = None

    def preload(self) -> None:
        """Load the network, and OpenCV's colour tables, in the background while other parts load and photos are
        decoded. What goes wrong is raised by the first `colorize`."""

        def load() -> None:
            with contextlib.suppress(BarvaError):
                self._loaded()

        for work in (merge.warm_up, load):
            threading.Thread(target=work, daemon=True).start()

    def _loaded(self) -> Method:
        with self._lock:
            if self._method is None:
                self._method = catalog.create(self.card.name, self.threads)
            return self._method

    def colorize(
        self,
        source: Source,
        *,
        vividness: float = 1.0,
        hints: HintMap | None = None,
        seed: int = 0,
        page: int | None = None,
        salvage: bool = False,
        max_pixels: int | None = None,
    ) -> Result:
        """Colour one photo: a path, a file's bytes, a Pillow image, a NumPy array or a `Photo`.

        `vividness` 0 (muted) .. 1 .. 2 (strong). Full-size pixels are made when the result is saved or asked for.
        """
        if not 0 <= vividness <= 2:  # also refuses NaN
            raise UsageError(f"vividness goes from 0 to 2, not {vividness}")
        if isinstance(source, Photo):
            photo = source
        else:
            limit = {} if max_pixels is None else {"max_pixels": max_pixels}
            photo = read(source, page=page, salvage=salvage, **limit)
        return self._paint(photo, hints, Wish(vividness=vividness, seed=seed))

    def _paint(self, photo: Photo, hints: HintMap | None, wish: Wish) -> Result:
        sizes = plan.make(self.card.size, photo.height, photo.width)
        small = photo.shrink(min(sizes.guide), max(sizes.guide))
        notes = (*photo.notes, *_remarks(photo, small))
        guide = merge.light_of(_codes(small), photo.bands)
        rows, columns = sizes.working
        grows = rows > guide.shape[0] or columns > guide.shape[1]
        resized: Any = cv2.resize(guide, (columns, rows), interpolation=cv2.INTER_CUBIC if grows else cv2.INTER_AREA)
        light: Float = np.clip(np.asarray(resized, np.float32), 0, 100).reshape(rows, columns)
        at_size = None if hints is None else hints.resized(rows, columns)
        heard = at_size if self.card.accepts else None
        chroma = self._loaded().paint(light, heard, wish)
        if at_size is not None and not self.card.accepts:
            chroma = steer(chroma, light, at_size)
            notes += (f"{self.card.name} cannot hear hints: it was steered",)
        fitted = enlarge.lines(chroma.ab, guide, photo.height, photo.width)
        facts = weights.facts(self.card.weights) if self.card.weights else {}
        stamp = Provenance(
            method=self.card.name,
            model_version=str(facts.get("version", __version__)),
            weights_sha256=str(facts.get("sha256", "")),
            seed=wish.seed,
            guidance=_digest(hints),
            barva=__version__,
        )
        return Result(photo, self.card, chroma, notes, stamp, sizes, fitted, self._workers)


def _codes(small: Any) -> Any:
    """float 0..1 -> 16-bit code values, so that the same function reads light everywhere."""
    return np.rint(small * 65535).astype(np.uint16)


def _remarks(photo: Photo, small: Any) -> tuple[str, ...]:
    """What the user should know of this photo: toned, coloured already, without any detail."""
    said: list[str] = []
    if photo.bands == 3:
        found = tones.measure(small)
        if found.kind == "color":
            said.append("this photo is in colour already: it was coloured anew from its light alone")
        elif found.kind != "neutral":
            said.append(f"{found.text}: the tone was taken off")
    low, high = float(small.min()), float(small.max())
    if high - low < 1 / 255:
        said.append("the photo is all of one light: there is nothing to colour")
    return tuple(said)


def _digest(hints: HintMap | None) -> str:
    """sha256 of the guidance, empty without any."""
    if hints is None:
        return ""
    import hashlib

    return hashlib.sha256(hints.ab.tobytes() + hints.weight.tobytes()).hexdigest()


_shared: dict[str, Colorizer] = {}
_shared_lock = threading.Lock()


def colorize(source: Source, *, method: str = catalog.DEFAULT, **settings: Any) -> Result:
    """Colour one photo with a `Colorizer` that is kept for the next call; settings as in `Colorizer.colorize`."""
    with _shared_lock:
        if method not in _shared:
            _shared[method] = Colorizer(method)
        colorizer = _shared[method]
    return colorizer.colorize(source, **settings)
