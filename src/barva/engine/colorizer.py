"""`Colorizer`: a method, loaded once, for many photos. It makes requests and calls `engine.pipeline`; safe to call from
threads."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from barva.engine import pipeline
from barva.engine.explore import suggest as suggesting
from barva.engine.explore import variants
from barva.engine.explore.variants import Suggestion
from barva.engine.memory import LOOKS, Memory
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.prepare.sources import request_from_sources
from barva.engine.render import compose
from barva.engine.request import Request, check_variants, guidance_of
from barva.engine.result import Result
from barva.errors import BarvaError, UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.imaging.provenance import Provenance
from barva.methods import catalog
from barva.methods.base import Method, Swatch
from barva.runtime import weights
from barva.scene.model import Scene
from barva.version import __version__

Source = Any  # path, bytes, Pillow image, NumPy array or Photo: `imaging.read.read` checks it


class Colorizer:
    """Colors photos with one method.

    Args:
        method: its name.
        threads: processor threads for one photo; None for all cores.
        guidance: marks that every photo gets, unless `colorize` is given others; and so are
            `references`, `swatches`, `palette` (as `palette.load_palette`) and `scene`, whose settings the others
            win over.
        exact: the method's slow reference form.
        matching: what `irony`, `references` and `welsh` compare with references: "texture" (light and texture, as
            published) or "objects" (also what a network finds there).
        text: what is asked in words, English or Ukrainian: "make the car red".
        request: all of the settings as one value, in place of those above.

    Raises:
        UsageError: an unknown method, one without an exact form, or a bad setting.
        WeightsError: the method's weights are missing or changed.
        ReadError: a reference cannot be read.
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
        request: Request | None = None,
    ) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"threads must be at least 1, not {threads}")
        self.card = catalog.card(method)
        self.threads = threads
        if request is None:
            sources = request_from_sources(self.card, references, swatches, palette)
            request = replace(sources, guidance=guidance_of(guidance), exact=exact, matching=matching)
            request = replace(request, scene=scene, text=text)
        self.request = request.check_for(self.card)
        """What is asked of each photo."""
        self._lock = threading.Lock()
        self._method: Method | None = None
        self._stamp = Provenance(self.card.name, barva=__version__)

    def preload(self) -> None:
        """Load the network, and OpenCV's color tables, in the background while other parts load and photos are
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
                facts = weights.facts(self.card.weights) if self.card.weights else {}
                version, sha256 = str(facts.get("version", __version__)), str(facts.get("sha256", ""))
                self._stamp = replace(self._stamp, model_version=version, weights_sha256=sha256)
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
        """Color one photo.

        Args:
            source: a path, a file's bytes, a Pillow image, a NumPy array or a `Photo`.
            vividness: 0 (muted) .. 1 .. 2 (strong).
            strength: 0 .. 1, how far marks are followed: the share of the way from the picture without them.
            guidance: marks, or a `HintMap`. The result's notes name what of it could not be followed in full.
            hints: a `HintMap`, in place of `guidance`.
            scene: what is known of the photo already; the other settings win over it.
            text: what is asked in words: "make the car red".
            references: color photos, or folders of them, to take colors from.
            swatches: pairs of boxes, for methods that take them.
            palette: colors that the picture stays near: a picture, or colors as text (`"navy, #a33"`, or a list);
                those of marks are kept.
            seed: of what is drawn at random.
            page: of a file with several, from 1.
            salvage: take what is left of a damaged file.
            max_pixels: largest width x height accepted.

        Returns:
            The result; its full-size pixels are made when it is saved or they are asked for.

        Raises:
            UsageError: a bad setting, or marks outside the photo.
            ReadError: the photo or a reference cannot be read.
        """
        request = self.request.updated(
            guidance=guidance_of(guidance, hints),
            scene=scene,
            text=text,
            vividness=vividness,
            strength=strength,
            seed=seed,
        )
        photo = pipeline.read(source, page=page, salvage=salvage, max_pixels=max_pixels)
        if references is not None or swatches is not None:
            sources = request_from_sources(self.card, references or (), swatches or ())
            request = replace(request, references=sources.references, swatches=sources.swatches)
        if palette is not None:
            request = replace(request, palette=request_from_sources(self.card, palette=palette).palette)
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
        """Several colorings of one photo, each plausible and of one piece: the first is what `colorize` gives, the
        others draw a few colors where the network is unsure and let it spread them. Guidance holds in all of them.
        `UsageError` for a method without a distribution."""
        check_variants(count)
        request = self.request.updated(
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
        text: str = "",
    ) -> tuple[Suggestion, ...]:
        """The `count` likeliest colors of the place `at` (x, y) in pixels of the upright photo, likeliest first, at the
        place's own light, given what is asked already: `guidance`, `scene` and `text` as in `colorize`. `UsageError`
        for a place outside, or a method without a distribution."""
        request = self.request.updated(guidance=guidance_of(guidance), scene=scene, text=text or None)
        return suggesting.suggest(request, self.analyze(source), self.method(), at, count)

    def analyze(self, source: Source) -> PreparedPhoto:
        """The stages before any guidance: the photo read, its sizes planned, its light taken."""
        return pipeline.analyze(pipeline.read(source), self.card)

    def answer(
        self,
        prepared: PreparedPhoto,
        request: Request,
        memory: Memory | None = None,
        sampled: HintMap | None = None,
    ) -> Result:
        """The stages from the request on: a live session calls it again for every change, with a `memory` of what is
        expensive. `sampled` are hints beside the guidance, which wins over them. UsageError, ReadError."""
        memory, method = memory or Memory(LOOKS), self.method()
        return pipeline.run(request, prepared, method, memory, stamp=self._stamp, sampled=sampled, threads=self.threads)


_shared: dict[str, Colorizer] = {}
_shared_lock = threading.Lock()


def colorize(source: Source, *, method: str = catalog.DEFAULT, **settings: Any) -> Result:
    """Color one photo with a `Colorizer` that is kept for the next call; settings as in `Colorizer.colorize`."""
    with _shared_lock:
        if method not in _shared:
            _shared[method] = Colorizer(method)
        colorizer = _shared[method]
    return colorizer.colorize(source, **settings)
