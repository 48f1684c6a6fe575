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
from barva.engine.request import Request
from barva.engine.request_checks import check_variants, guidance_of
from barva.engine.result import Result
from barva.engine.sampling import Sampling
from barva.errors import BarvaError, UsageError, kind_of, shorten
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.imaging.provenance import Provenance
from barva.methods import catalog
from barva.methods.base import Method, Swatch
from barva.runtime import weights
from barva.scene.model import Scene
from barva.values import is_whole
from barva.version import __version__

Source = Any  # path, bytes, Pillow image, NumPy array or Photo: `imaging.read.read` checks it


class Colorizer:
    """Colors photos with one method, which is loaded once.

    Args:
        method: Its name, as `barva methods` lists them.
        threads: Processor threads for one photo; None for all cores.
        guidance: Marks, or a `HintMap`, that every photo gets unless `colorize` is given others. The same holds for
            `references`, `swatches`, `palette` and `scene`, whose settings the others win over.
        references: Color photos (paths, arrays, images), or folders of them, to take colors from.
        swatches: Pairs of boxes, for methods that take them.
        palette: Colors that pictures stay near: a picture, or colors as text (`"navy, #a33"`, or a list).
        exact: The method's slow reference form.
        matching: What `irony`, `references` and `welsh` compare with references: "texture" (light and texture, as
            published) or "objects" (also what a network finds there).
        skin: Whether skin that a trained method left gray takes the color of its face.
        scene: What is known of the photos already.
        text: What is asked in words, English or Ukrainian: "make the car red".
        request: All of the settings as one value, in place of those above.

    Raises:
        UsageError: An unknown method, one without an exact form, or a bad setting.
        WeightsError: The method's weights are missing or changed.
        ReadError: A reference cannot be read.

    Examples:
        >>> colorizer = barva.Colorizer("guided", threads=2)
        >>> colorizer.colorize("photo.jpg").array().shape
        (48, 64, 3)
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
        skin: bool = True,
        scene: Scene | None = None,
        text: str = "",
        request: Request | None = None,
    ) -> None:
        if threads is not None and not is_whole(threads, 1):
            raise UsageError(f"threads must be at least 1, not {shorten(repr(threads))}")
        if not isinstance(request, Request | None):
            raise UsageError(f"request is a Request, not {kind_of(request)}")
        self.card = catalog.card(method)
        self.threads = threads
        if request is None:
            sources = request_from_sources(self.card, references, swatches, palette)
            request = replace(sources, guidance=guidance_of(guidance), exact=exact, matching=matching)
            request = replace(request, skin=skin, scene=scene, text=text)
        self.request = request.check_for(self.card)
        """What is asked of each photo."""
        self._lock = threading.Lock()
        self._method: Method | None = None
        self._stamp = Provenance(self.card.name, barva=__version__)

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: the settings go there, and the network is loaded there."""
        return _again, (type(self), self.card.name, self.threads, self.request)

    def preload(self) -> None:
        """Load the network and OpenCV's color tables in the background while other parts load and photos are decoded.

        What goes wrong is raised by the first `colorize`.
        """

        def load() -> None:
            with contextlib.suppress(BarvaError):
                self.method()

        for work in (compose.warm_up, load):
            threading.Thread(target=work, daemon=True).start()

    def method(self) -> Method:
        """The method itself, loaded.

        Returns:
            The object whose `paint` turns light into chroma.

        Raises:
            WeightsError: Its weights are missing or changed.
        """
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
        sampling: Sampling | None = None,
        page: int | None = None,
        salvage: bool = False,
        max_pixels: int | None = None,
    ) -> Result:
        """Color one photo.

        Args:
            source: A path, a file's bytes, a Pillow image, a `Photo`, or a NumPy array (H, W) or (H, W, 1 to 4): gray,
                gray and alpha, RGB, RGBA; uint8, uint16, bool, or floats from 0 to 1. An array is not copied: change it
                when you are done with the result.
            vividness: 0 (muted) .. 1 .. 2 (strong).
            strength: 0 .. 1, how far marks are followed: the share of the way from the picture without them.
            guidance: Marks, or a `HintMap`; `()` is no mark at all, and None, as for all that follows, is what the
                colorizer was made with. The result's notes name what of it could not be followed in full.
            hints: A `HintMap`, in place of `guidance`.
            scene: What is known of the photo already; the other settings win over it.
            text: What is asked in words: "make the car red"; "" for nothing.
            references: Color photos, or folders of them, to take colors from.
            swatches: Pairs of boxes, for methods that take them.
            palette: Colors that the picture stays near: a picture, or colors as text (`"navy, #a33"`, or a list);
                those of marks are kept.
            seed: 0 or more; the same seed gives the same picture.
            sampling: Steps, beginning and regions to draw anew, for methods that draw their answers.
            page: Of a file with several, from 1. This and the next two are not for a `Photo`.
            salvage: Take what is left of a damaged file.
            max_pixels: Largest width x height accepted.

        Returns:
            The result; its full-size pixels are made when it is saved or they are asked for.

        Raises:
            UsageError: A bad setting, or marks outside the photo.
            ReadError: The photo or a reference cannot be read.

        Examples:
            >>> result = barva.Colorizer().colorize("photo.jpg", guidance=barva.Point((20, 12), "navy"), vividness=1.2)
            >>> result.save("photo.color.png").path.name
            'photo.color.png'
        """
        settings = self.request.with_settings(
            scene=scene, text=text, vividness=vividness, strength=strength, seed=seed, sampling=sampling
        )
        request = settings.with_marks(guidance, hints).check_for(self.card)
        photo = pipeline.read(source, page=page, salvage=salvage, max_pixels=max_pixels)
        if references is not None:
            request = replace(request, references=request_from_sources(self.card, references).references)
        if swatches is not None:
            request = replace(request, swatches=request_from_sources(self.card, swatches=swatches).swatches)
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
        """Several colorings of one photo, each plausible and of one piece.

        The first is what `colorize` gives; the others draw a few colors where the network is unsure and let it spread
        them. Guidance holds in all of them.

        Args:
            source: As in `colorize`.
            count: 1 to 100.
            vividness: 0 (muted) .. 1 .. 2 (strong).
            strength: 0 .. 1, how far marks are followed.
            guidance: Marks, or a `HintMap`.
            scene: What is known of the photo already.
            seed: 0 or more; another seed draws other variants.

        Returns:
            `count` results.

        Raises:
            UsageError: A method without a distribution, or a bad setting.
            ReadError: The photo cannot be read.

        Examples:
            >>> [r.array().shape for r in barva.Colorizer().variants("photo.jpg", 2)]
            [(48, 64, 3), (48, 64, 3)]
        """
        check_variants(count)
        settings = self.request.with_settings(scene=scene, vividness=vividness, strength=strength, seed=seed)
        request = settings.with_marks(guidance)
        if count > 1 and not self.card.samples:
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
        text: str | None = None,
    ) -> tuple[Suggestion, ...]:
        """The likeliest colors of one place, at the place's own light, given what is asked already.

        Args:
            source: As in `colorize`.
            at: The place (x, y) in pixels of the upright photo.
            count: 1 or more.
            guidance: Marks, or a `HintMap`.
            scene: What is known of the photo already.
            text: What is asked in words.

        Returns:
            Suggestions, likeliest first: each with a `hex` (#rrggbb), a `lab` and a `probability` (0..1).

        Raises:
            UsageError: A place outside the photo, or a method without a distribution.
            ReadError: The photo cannot be read.

        Examples:
            >>> len(barva.Colorizer().suggest("photo.jpg", (20, 12), 5))
            5
        """
        request = self.request.with_settings(scene=scene, text=text).with_marks(guidance)
        return suggesting.suggest(request, self.analyze(source), self.method(), at, count)

    def analyze(self, source: Source) -> PreparedPhoto:
        """The stages before any guidance: the photo is read, its sizes are planned, its light is taken.

        Args:
            source: As in `colorize`.

        Returns:
            The prepared photo, for `answer`.

        Raises:
            ReadError: The photo cannot be read.
        """
        return pipeline.analyze(pipeline.read(source), self.card)

    def answer(
        self,
        prepared: PreparedPhoto,
        request: Request,
        memory: Memory | None = None,
        sampled: HintMap | None = None,
    ) -> Result:
        """The stages from the request on. A live session calls it again for every change.

        Args:
            prepared: What `analyze` gave.
            request: All that is asked.
            memory: What earlier answers of the same photo can be taken from; None: nothing.
            sampled: Hints beside the guidance, which wins over them.

        Returns:
            The result.

        Raises:
            UsageError: A bad setting, or marks outside the photo.
            ReadError: A photo that a scene takes colors from is gone.
        """
        memory, method = memory or Memory(LOOKS), self.method()
        return pipeline.run(request, prepared, method, memory, stamp=self._stamp, sampled=sampled, threads=self.threads)


def _again(kind: type[Colorizer], method: str, threads: int | None, request: Request) -> Colorizer:
    """What `Colorizer.__reduce__` took apart."""
    return kind(method, threads=threads, request=request)


_shared: dict[str, Colorizer] = {}
_shared_lock = threading.Lock()


def colorize(source: Source, *, method: str = catalog.DEFAULT, **settings: Any) -> Result:
    """Color one photo with a `Colorizer` that is kept for the next call.

    Args:
        source: A path, a file's bytes, a Pillow image, a `Photo`, or a NumPy array (H, W) or (H, W, 1 to 4): gray, gray
            and alpha, RGB, RGBA; uint8, uint16, bool, or floats from 0 to 1. An array is not copied: change it when you
            are done with the result.
        method: A method's name, as `barva methods` lists them.
        settings: As in `Colorizer.colorize`: `guidance`, `vividness`, `text`, `references`, ...

    Returns:
        The result; its full-size pixels are made when it is saved or they are asked for.

    Raises:
        UsageError: An unknown method or a bad setting.
        ReadError: The photo or a reference cannot be read.
        WeightsError: The method's weights are missing or changed.

    Examples:
        >>> barva.colorize("photo.jpg").save("photo.color.jpg").path.name
        'photo.color.jpg'
    """
    with _shared_lock:
        if method not in _shared:
            _shared[method] = Colorizer(method)
        colorizer = _shared[method]
    return colorizer.colorize(source, **settings)
