"""`Colorizer`: the spine. It keeps its networks for many photos and is safe to call from threads."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from barva.engine.explore import variants
from barva.engine.explore.variants import Suggestion
from barva.engine.memory import LOOKS, Memory
from barva.engine.pipeline import hints_for, paint_guided, paint_plain, painter, resolve_request, upsample, with_variant
from barva.engine.prepare import references as reference_photos
from barva.engine.prepare.analyze import PreparedPhoto, analyze
from barva.engine.render import compose
from barva.engine.request import VARIANTS, Request, guidance_digest, guidance_of
from barva.engine.result import Result
from barva.engine.steer import palette as palettes
from barva.errors import BarvaError, UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance
from barva.imaging.read import read
from barva.methods import catalog
from barva.methods.base import Method, Swatch
from barva.runtime import weights
from barva.scene.model import Scene
from barva.version import __version__

Source = Any  # path, bytes, Pillow image, NumPy array or Photo: `imaging.read.read` checks it


class Colorizer:
    """Colours photos with one method.

    `threads` limits the processor threads for one photo (None: all cores). `guidance`, `references` and `swatches` are
    what is asked of each photo for which `colorize` is not told otherwise, and so is `palette` (as `palette.opened`).
    `scene` is what is known of a photo already: what it asks for is painted, and what is said beside it wins. `text`
    asks in words: "make the car red".
    `exact` asks for a method's slow reference form. `matching` is what `irony`, `references` and `welsh` compare with
    references: "texture" (light and texture, as published) or "objects" (also what a network sees there). Errors:
    `UsageError` for an unknown method, one without such a form, or a bad setting, `WeightsError`, `ReadError`.
    """

    def __init__(
        self,
        method: str = catalog.DEFAULT,
        *,
        threads: int | None = None,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        references: Iterable[Source] = (),
        swatches: Iterable[Swatch] = (),
        palette: Source = None,
        exact: bool = False,
        matching: str = "texture",
        scene: Scene | None = None,
        text: str = "",
    ) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"threads must be at least 1, not {threads}")
        self.card = catalog.card(method)
        self.threads = threads
        sources = self.taken_from(references, swatches, palette)
        given = replace(sources, guidance=guidance_of(guidance), exact=exact, matching=matching, scene=scene, text=text)
        self.given = given.checked_for(self.card)
        self._workers = threads or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._method: Method | None = None
        self._facts: dict[str, Any] = {}

    def preload(self) -> None:
        """Load the network, and OpenCV's colour tables, in the background while other parts load and photos are
        decoded. What goes wrong is raised by the first `colorize`."""

        def load() -> None:
            with contextlib.suppress(BarvaError):
                self.method()

        for work in (compose.warm_up, load):
            threading.Thread(target=work, daemon=True).start()

    def method(self) -> Method:
        """The method itself, loaded."""
        with self._lock:
            if self._method is None:
                self._method = catalog.create(self.card.name, self.threads)
                self._facts = weights.facts(self.card.weights) if self.card.weights else {}
            return self._method

    def colorize(
        self,
        source: Source,
        *,
        vividness: float | None = None,
        strength: float | None = None,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        hints: HintMap | None = None,
        scene: Scene | None = None,
        text: str | None = None,
        references: Iterable[Source] | None = None,
        swatches: Iterable[Swatch] | None = None,
        palette: Source = None,
        seed: int | None = None,
        page: int | None = None,
        salvage: bool = False,
        max_pixels: int | None = None,
    ) -> Result:
        """Colour one photo: a path, a file's bytes, a Pillow image, a NumPy array or a `Photo`.

        `vividness` 0 (muted) .. 1 .. 2 (strong). `strength` 0 .. 1 is how strongly marks are held: the share of the
        way from the picture without them to the one that obeys in full. `guidance` are marks, or a `HintMap`, which
        `hints` takes as well; what of it could not be honoured in full is said in the result's notes, and marks
        outside the photo are a `UsageError`. `scene` is what is known of the photo already; what is said beside it
        wins. `text` asks in words: "make the car red".
        `references` are colour photos (or folders of them) to take colours from; a method that does not accept
        them goes towards the colors of like things in them. `palette` keeps colours near a set: a picture, or colours
        as text (`"navy, #a33"`, or a list); what marks ask for holds all the same. Full-size pixels are made when the
        result is saved or asked for.
        """
        request = self.given.updated(
            guidance=guidance_of(guidance, hints),
            scene=scene,
            text=text,
            vividness=vividness,
            strength=strength,
            seed=seed,
        )
        if isinstance(source, Photo):
            photo = source
        else:
            limit = {} if max_pixels is None else {"max_pixels": max_pixels}
            photo = read(source, page=page, salvage=salvage, **limit)
        if references is not None or swatches is not None:
            taken = self.taken_from(references or (), swatches or ())
            request = replace(request, references=taken.references, swatches=taken.swatches)
        if palette is not None:
            request = replace(request, palette=palettes.opened(palette))
        return self.answer(self.analyze(photo), request)

    def variants(
        self,
        source: Source,
        count: int = 6,
        *,
        vividness: float | None = None,
        strength: float | None = None,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        scene: Scene | None = None,
        seed: int | None = None,
    ) -> list[Result]:
        """Several colourings of one photo, each plausible and of one piece: the first is what `colorize` gives, the
        others draw a few colours where the network is unsure and let it spread them. Guidance holds in all of them.
        `UsageError` for a method without a distribution."""
        if not 1 <= count <= VARIANTS:
            raise UsageError(f"variants go from 1 to {VARIANTS}, not {count}")
        request = self.given.updated(
            guidance=guidance_of(guidance), scene=scene, vividness=vividness, strength=strength, seed=seed
        )
        if count > 1:
            variants.distribution_method(self.method())
        prepared, memory = self.analyze(source), Memory()
        return [self.answer(prepared, replace(request, variant=n), memory) for n in range(count)]

    def suggest(
        self,
        source: Source,
        at: tuple[float, float],
        count: int = 9,
        *,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        scene: Scene | None = None,
    ) -> tuple[Suggestion, ...]:
        """The likeliest colours of the place `at` (x, y) in pixels of the upright photo, likeliest first, at the
        place's own light, given what is marked already: `guidance` and `scene` as in `colorize`. `UsageError` for a
        place outside, or a method without a distribution."""
        request = self.given.updated(guidance=guidance_of(guidance), scene=scene)
        return self.suggested(self.method(), self.analyze(source), at, count, request)

    def suggested(
        self, method: Method, prepared: PreparedPhoto, at: tuple[float, float], count: int, request: Request
    ) -> tuple[Suggestion, ...]:
        """`suggest` for a photo that is prepared."""
        photo, guide, (x, y) = prepared.photo, prepared.guide, at
        if not (0 <= x < photo.width and 0 <= y < photo.height):
            raise UsageError(f"({x:g}, {y:g}) lies outside the photo of {photo.width} x {photo.height} px")
        network = variants.distribution_method(method)
        marks = resolve_request(request, prepared, self.card).marks
        p = network.distribution(prepared.light, hints_for(marks, prepared))
        row, column = int(y / photo.height * p.shape[1]), int(x / photo.width * p.shape[2])
        own = guide[int(y / photo.height * guide.shape[0]), int(x / photo.width * guide.shape[1])]
        return variants.suggestions(p[:, row, column], float(own), count)

    def taken_from(self, references: Iterable[Source], swatches: Iterable[Swatch], palette: Source = None) -> Request:
        """A request for colors of photos, or near a palette. UsageError, ReadError."""
        colors = () if palette is None else palettes.opened(palette)
        request = Request(swatches=tuple(swatches)).checked_for(self.card)
        return replace(request, references=reference_photos.opened(references), palette=colors)

    @property
    def references(self) -> str:
        """sha256 of the references, the swatches and the palette that every photo gets, empty without any."""
        return self.given.digest()

    def analyze(self, source: Source) -> PreparedPhoto:
        """The stages before any guidance: the photo read, its sizes planned, its light taken."""
        photo = source if isinstance(source, Photo) else read(source)
        return analyze(photo, self.card.size)

    def answer(
        self,
        prepared: PreparedPhoto,
        request: Request,
        memory: Memory | None = None,
        sampled: HintMap | None = None,
    ) -> Result:
        """The stages from the request on: a live session calls it again for every change, with a `memory` of what is
        expensive. `sampled` are hints beside the guidance, which wins over them. UsageError, ReadError."""
        memory, network = memory or Memory(LOOKS), self.method()
        resolved = resolve_request(request, prepared, self.card, sampled)
        resolved = with_variant(resolved, prepared, network, memory)
        method, notes = painter(network, resolved, prepared, memory, self.threads), resolved.notes
        if isinstance(method, reference_photos.WithReferences):
            count = len(resolved.request.references)
            notes += (f"{count} reference(s): colors taken where the photo shows like things",)
        if resolved.spreading is not None and "points" not in self.card.native_guidance:
            notes += (f"{self.card.name} does not follow hints natively: its answer was steered",)
        plain = paint_plain(method, prepared, resolved)
        guided = paint_guided(method, prepared, resolved, plain)
        chroma, lines = upsample(plain, guided, prepared, resolved)
        stamp = Provenance(
            method=self.card.name,
            model_version=str(self._facts.get("version", __version__)),
            weights_sha256=str(self._facts.get("sha256", "")),
            seed=resolved.request.seed or 0,
            guidance=guidance_digest(resolved.marks) + resolved.request.digest(),
            barva=__version__,
        )
        return Result(
            prepared.photo, self.card, chroma, notes, stamp, prepared.sizes, lines, self._workers,
            resolved.scene, prepared.guide,
        )  # fmt: skip


_shared: dict[str, Colorizer] = {}
_shared_lock = threading.Lock()


def colorize(source: Source, *, method: str = catalog.DEFAULT, **settings: Any) -> Result:
    """Colour one photo with a `Colorizer` that is kept for the next call; settings as in `Colorizer.colorize`."""
    with _shared_lock:
        if method not in _shared:
            _shared[method] = Colorizer(method)
        colorizer = _shared[method]
    return colorizer.colorize(source, **settings)
