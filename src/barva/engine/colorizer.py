"""`Colorizer`: the spine. It keeps its networks for many photos and is safe to call from threads."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from barva.engine import enlarge, explore, look, merge, referring
from barva.engine.insist import Asked, ask, bounded, insisting
from barva.engine.look import Seen
from barva.engine.memory import Memory
from barva.engine.result import Result
from barva.engine.steer import FAR, NEAR, steer
from barva.errors import BarvaError, UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance
from barva.imaging.read import read
from barva.methods import catalog
from barva.methods.base import Chroma, Float, Method, Swatch, Wish
from barva.runtime import weights
from barva.version import __version__

Source = Any  # path, bytes, Pillow image, NumPy array or Photo: `imaging.read.read` checks it

VARIANTS = 100
"""Variants of a photo at most."""


class Colorizer:
    """Colours photos with one method.

    `threads` limits the processor threads for one photo (None: all cores). `guidance`, `references` and `swatches` are
    what is asked of each photo for which `colorize` is not told otherwise. Errors: `UsageError` for an unknown method
    or a bad setting, `WeightsError`, `ReadError`.
    """

    def __init__(
        self,
        method: str = catalog.DEFAULT,
        *,
        threads: int | None = None,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        references: Iterable[Source] = (),
        swatches: Iterable[Swatch] = (),
    ) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"threads must be at least 1, not {threads}")
        self.card = catalog.card(method)
        self.threads = threads
        self._guidance = _guidance(guidance, None)
        self.given = self.wish(references, swatches)
        self._workers = threads or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._method: Method | None = None
        self._facts: dict[str, Any] = {}

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
                self._facts = weights.facts(self.card.weights) if self.card.weights else {}
            return self._method

    def colorize(
        self,
        source: Source,
        *,
        vividness: float = 1.0,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        hints: HintMap | None = None,
        references: Iterable[Source] | None = None,
        swatches: Iterable[Swatch] | None = None,
        seed: int = 0,
        page: int | None = None,
        salvage: bool = False,
        max_pixels: int | None = None,
    ) -> Result:
        """Colour one photo: a path, a file's bytes, a Pillow image, a NumPy array or a `Photo`.

        `vividness` 0 (muted) .. 1 .. 2 (strong). `guidance` are marks, or a `HintMap`, which `hints` takes as well;
        what of it could not be honoured in full is said in the result's notes, and marks outside the photo are a
        `UsageError`. `references` are colour photos (or folders of them) to take colours from; a method that does not
        accept them gets their surest colours as hints. Full-size pixels are made when the result is saved or asked for.
        """
        if not 0 <= vividness <= 2:  # also refuses NaN
            raise UsageError(f"vividness goes from 0 to 2, not {vividness}")
        if isinstance(source, Photo):
            photo = source
        else:
            limit = {} if max_pixels is None else {"max_pixels": max_pixels}
            photo = read(source, page=page, salvage=salvage, **limit)
        wanted = _guidance(guidance, hints) or self._guidance
        given = self.given
        if references is not None or swatches is not None:
            given = self.wish(references or (), swatches or ())
        return self.answer(self.look(photo), wanted, replace(given, vividness=vividness, seed=seed))

    def variants(
        self,
        source: Source,
        count: int = 6,
        *,
        vividness: float = 1.0,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        seed: int = 0,
    ) -> list[Result]:
        """Several colourings of one photo, each plausible and of one piece: the first is what `colorize` gives, the
        others draw a few colours where the network is unsure and let it spread them. Guidance holds in all of them.
        `UsageError` for a method without a distribution."""
        if not 1 <= count <= VARIANTS:
            raise UsageError(f"variants go from 1 to {VARIANTS}, not {count}")
        if count > 1:
            explore.distributing(self._loaded())
        photo = source if isinstance(source, Photo) else read(source)
        wanted = _guidance(guidance, None) or self._guidance
        seen = self.look(photo)
        results = [self.answer(seen, wanted, replace(self.given, vividness=vividness, seed=seed))]
        start = self.heard(seen, wanted)
        for n in range(1, count):
            hints = explore.drawn(explore.distributing(self._loaded()), seen.light, seed * 1000 + n, start)
            wish = replace(self.given, vividness=vividness, seed=seed * 1000 + n)
            results.append(self.answer(seen, wanted, wish, hints))
        return results

    def suggest(
        self,
        source: Source,
        at: tuple[float, float],
        count: int = 9,
        *,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
    ) -> tuple[explore.Suggestion, ...]:
        """The likeliest colours of the place `at` (x, y) in pixels of the upright photo, likeliest first, at the
        place's own light. `UsageError` for a place outside, or a method without a distribution."""
        return self.suggested(self._loaded(), self.look(source), at, count, _guidance(guidance, None) or self._guidance)

    def suggested(
        self, method: Method, seen: Seen, at: tuple[float, float], count: int, wanted: Guidance | HintMap | None
    ) -> tuple[explore.Suggestion, ...]:
        """`suggest` from the guidance on."""
        photo, guide, (x, y) = seen.photo, seen.guide, at
        if not (0 <= x < photo.width and 0 <= y < photo.height):
            raise UsageError(f"({x:g}, {y:g}) lies outside the photo of {photo.width} x {photo.height} px")
        p = explore.distributing(method).distribution(seen.light, self.heard(seen, wanted))
        row, column = int(y / photo.height * p.shape[1]), int(x / photo.width * p.shape[2])
        own = guide[int(y / photo.height * guide.shape[0]), int(x / photo.width * guide.shape[1])]
        return explore.suggestions(p[:, row, column], float(own), count)

    def heard(self, seen: Seen, wanted: Guidance | HintMap | None) -> HintMap | None:
        """What is asked as hints of the working size."""
        photo = (seen.photo.height, seen.photo.width)
        return None if wanted is None else ask(wanted, photo, seen.light, seen.guide).hints

    def wish(self, references: Iterable[Source], swatches: Iterable[Swatch]) -> Wish:
        """Colours to be taken from photos. UsageError, ReadError."""
        given = tuple(swatches)
        if given and "swatches" not in self.card.accepts:
            raise UsageError(f"{self.card.name} takes no swatches; the method 'welsh' does")
        return Wish(references=referring.opened(references), swatches=given)

    @property
    def references(self) -> str:
        """sha256 of the references and swatches that every photo gets, empty without any."""
        return referring.digest(self.given)

    def method(self) -> Method:
        """The method itself, loaded."""
        return self._loaded()

    def look(self, source: Source) -> Seen:
        """The stages before any guidance, for `answer`: the photo read, its sizes planned, its light taken."""
        photo = source if isinstance(source, Photo) else read(source)
        return look.look(photo, self.card.size)

    def answer(
        self,
        seen: Seen,
        wanted: Guidance | HintMap | None,
        wish: Wish,
        drawn: HintMap | None = None,
        memory: Memory | None = None,
    ) -> Result:
        """The stages from the guidance on: a live session calls it again for every change, with a `memory` of what is
        expensive. `drawn` are hints beside the guidance, which wins over them."""
        memory = memory or Memory(0)
        photo, light, notes = seen.photo, seen.light, seen.notes
        asked = None if wanted is None else ask(wanted, (photo.height, photo.width), light, seen.guide)
        told = memory.kept(("told", *map(id, wish.references)), lambda: (self._told(light, wish), wish))[0]
        if told is not None:
            notes += (f"{len(wish.references)} reference(s): their surest colours were heard as hints",)
        if drawn is not None:
            told = drawn if told is None else referring.over(told, drawn)
        if asked is None:
            chroma = self._hearing(memory.of(self._loaded()), light, told, wish)
        else:
            asked = asked if told is None else replace(asked, hints=referring.over(told, asked.hints))
            chroma = self._obeying(memory.of(self._loaded()), light, asked, wish)
            notes += asked.notes
            if not self._hears():
                notes += (f"{self.card.name} cannot hear hints: it was steered",)
        fitted = enlarge.lines(chroma.ab, seen.guide, photo.height, photo.width)
        if asked is not None:
            fitted = insisting(fitted, asked.held, seen.guide)
        stamp = Provenance(
            method=self.card.name,
            model_version=str(self._facts.get("version", __version__)),
            weights_sha256=str(self._facts.get("sha256", "")),
            seed=wish.seed,
            guidance=_digest(wanted) + referring.digest(wish),
            barva=__version__,
        )
        return Result(photo, self.card, chroma, notes, stamp, seen.sizes, fitted, self._workers)

    def _told(self, light: Float, wish: Wish) -> HintMap | None:
        """The references as hints, for a method that does not accept them."""
        if not wish.references or "references" in self.card.accepts:
            return None
        return referring.hints(light, wish, self.threads)

    def _hearing(self, method: Method, light: Float, told: HintMap | None, wish: Wish) -> Chroma:
        if told is None:
            return method.paint(light, None, wish)
        heard = told if self._hears() else None
        return steer(method.paint(light, heard, wish), light, told, NEAR if self._hears() else FAR)

    def _hears(self) -> bool:
        return "points" in self.card.accepts

    def _obeying(self, method: Method, light: Float, asked: Asked, wish: Wish) -> Chroma:
        """The answer to what was asked, steered towards it where it fell short."""
        pulls = asked.pulls if asked.pulls.weight.any() else None
        if not self._hears():
            chroma = method.paint(light, None, wish)
            return chroma if pulls is None else steer(chroma, light, pulls, FAR)
        chroma = method.paint(light, asked.hints, wish)
        if asked.inside.any() and self.card.weights:
            # a network has an answer of its own beyond a region; methods without one know only what they are told
            chroma = bounded(chroma, method.paint(light, pulls, wish), asked.inside)
        return chroma if pulls is None else steer(chroma, light, pulls, NEAR)


def asked_as(guidance: Guidance | HintMap | Mark | Iterable[Mark] | None) -> Guidance | HintMap | None:
    """Guidance in the form that `Colorizer.answer` takes. UsageError."""
    return _guidance(guidance, None)


def _guidance(
    guidance: Guidance | HintMap | Mark | Iterable[Mark] | None, hints: HintMap | None
) -> Guidance | HintMap | None:
    """The one form or the other; None where nothing is asked. UsageError."""
    if guidance is None:
        return hints
    if hints is not None:
        raise UsageError("guidance and hints say the same thing: pass one of them")
    if isinstance(guidance, HintMap):
        return guidance
    marks = Guidance.of(guidance)
    return marks if marks.marks else None


def _digest(wanted: Guidance | HintMap | None) -> str:
    """sha256 of the guidance, empty without any."""
    if wanted is None:
        return ""
    if isinstance(wanted, Guidance):
        return wanted.digest()
    import hashlib

    return hashlib.sha256(wanted.ab.tobytes() + wanted.weight.tobytes()).hexdigest()


_shared: dict[str, Colorizer] = {}
_shared_lock = threading.Lock()


def colorize(source: Source, *, method: str = catalog.DEFAULT, **settings: Any) -> Result:
    """Colour one photo with a `Colorizer` that is kept for the next call; settings as in `Colorizer.colorize`."""
    with _shared_lock:
        if method not in _shared:
            _shared[method] = Colorizer(method)
        colorizer = _shared[method]
    return colorizer.colorize(source, **settings)
