"""`Colorizer`: the spine. It keeps its networks for many photos and is safe to call from threads."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from barva.engine import enforce, enlarge, explore, kriging, look, merge, referring, strength, telling
from barva.engine import palette as palettes
from barva.engine.look import Seen
from barva.engine.memory import LOOKS, Memory, digest
from barva.engine.result import Result
from barva.engine.steer import FAR, NEAR, obey, steer
from barva.errors import BarvaError, UsageError
from barva.guidance import scenes
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance
from barva.imaging.read import read
from barva.methods import catalog
from barva.methods.base import ENCODER, Chroma, Float, Method, MethodCard, Swatch, Wish
from barva.runtime import weights
from barva.scene.modalities import Manner
from barva.scene.model import Scene
from barva.version import __version__

T = TypeVar("T")
Source = Any  # path, bytes, Pillow image, NumPy array or Photo: `imaging.read.read` checks it

VARIANTS = 100
"""Variants of a photo at most."""


class Colorizer:
    """Colours photos with one method.

    `threads` limits the processor threads for one photo (None: all cores). `guidance`, `references` and `swatches` are
    what is asked of each photo for which `colorize` is not told otherwise, and so is `palette` (as `palette.opened`).
    `scene` is what is known of a photo already: what it asks for is painted, and what is said beside it wins.
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
    ) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"threads must be at least 1, not {threads}")
        self.card = catalog.card(method)
        if exact and not self.card.exact:
            raise UsageError(f"{method} has no exact form; {_exact_ones()}")
        self.threads = threads
        self._guidance = asked_as(guidance)
        self._scene = scene
        extra = ({"exact": 1.0} if exact else {}) | _matching(self.card, matching)
        self.given = replace(self.wish(references, swatches, palette), extra=extra)
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

        for work in (merge.warm_up, load):
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
        wins. `references` are colour photos (or folders of them) to take colours from; a method that does not accept
        them goes towards the colors of like things in them. `palette` keeps colours near a set: a picture, or colours
        as text (`"navy, #a33"`, or a list); what marks ask for holds all the same. Full-size pixels are made when the
        result is saved or asked for.
        """
        for name, value, most in (("vividness", vividness, 2), ("strength", strength, 1)):
            if value is not None and not 0 <= value <= most:  # also refuses NaN
                raise UsageError(f"{name} goes from 0 to {most}, not {value}")
        if isinstance(source, Photo):
            photo = source
        else:
            limit = {} if max_pixels is None else {"max_pixels": max_pixels}
            photo = read(source, page=page, salvage=salvage, **limit)
        wanted = asked_as(guidance, hints) or self._guidance
        given = self.given
        if references is not None or swatches is not None:
            found = self.wish(references or (), swatches or ())
            given = replace(given, references=found.references, swatches=found.swatches)
        if palette is not None:
            given = replace(given, palette=palettes.opened(palette))
        return self.answer(
            *self.begun(self.look(photo), wanted, given, scene or self._scene, vividness, strength, seed)
        )

    def begun(
        self,
        seen: Seen,
        wanted: Guidance | HintMap | None,
        given: Wish,
        scene: Scene | None,
        vividness: float | None,
        strength: float | None,
        seed: int | None,
    ) -> tuple[Seen, telling.Wanted, Wish]:
        """The photo with what is to be noted of it, and what is asked: by the user, and where the user says nothing
        (None) by a scene."""
        how = Manner()
        asked: telling.Wanted = wanted
        if scene is not None:
            scene, scaled = telling.fitted(scene, seen.photo)
            given, gone = telling.wished(scene, given)
            swatches, left = telling.usable(self.card, given.swatches)
            given, how = replace(given, swatches=swatches), scene.whole.manner
            seen = replace(seen, notes=(*seen.notes, *scaled, *gone, *left))
            asked = scenes.into(scene, wanted)
        wish = replace(
            given,
            vividness=_first(vividness, how.vividness, 1.0),
            strength=_first(strength, how.strength, 1.0),
            seed=_first(seed, how.seed, 0),
        )
        return seen, asked, wish

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
        if count > 1:
            explore.distributing(self.method())
        wanted = asked_as(guidance) or self._guidance
        seen, asked, wish = self.begun(
            self.look(source), wanted, self.given, scene or self._scene, vividness, strength, seed
        )
        memory = Memory()
        return [self.variant(seen, asked, wish, n, memory) for n in range(count)]

    def variant(self, seen: Seen, wanted: telling.Wanted, wish: Wish, number: int, memory: Memory) -> Result:
        """One of `variants`, counted from 0, from the guidance on. UsageError for a method without a distribution."""
        if number == 0:
            return self.answer(seen, wanted, wish, memory=memory)
        seed, start = wish.seed * 1000 + number, self.heard(seen, wanted, enforce.spreading_hints)
        method = explore.distributing(memory.of(self.method()))
        drawn = memory.kept(("drawn", seed, digest(start)), lambda: explore.drawn(method, seen.light, seed, start))
        return self.answer(seen, wanted, replace(wish, seed=seed), drawn, memory)

    def suggest(
        self,
        source: Source,
        at: tuple[float, float],
        count: int = 9,
        *,
        guidance: Guidance | HintMap | Mark | Iterable[Mark] | None = None,
        scene: Scene | None = None,
    ) -> tuple[explore.Suggestion, ...]:
        """The likeliest colours of the place `at` (x, y) in pixels of the upright photo, likeliest first, at the
        place's own light, given what is marked already: `guidance` and `scene` as in `colorize`. `UsageError` for a
        place outside, or a method without a distribution."""
        seen, scene = self.look(source), scene or self._scene
        marks = asked_as(guidance) or self._guidance
        wanted = marks if scene is None else scenes.into(telling.fitted(scene, seen.photo)[0], marks)
        return self.suggested(self.method(), seen, at, count, wanted)

    def suggested(
        self, method: Method, seen: Seen, at: tuple[float, float], count: int, wanted: telling.Wanted
    ) -> tuple[explore.Suggestion, ...]:
        """`suggest` from the guidance on."""
        photo, guide, (x, y) = seen.photo, seen.guide, at
        if not (0 <= x < photo.width and 0 <= y < photo.height):
            raise UsageError(f"({x:g}, {y:g}) lies outside the photo of {photo.width} x {photo.height} px")
        p = explore.distributing(method).distribution(seen.light, self.heard(seen, wanted))
        row, column = int(y / photo.height * p.shape[1]), int(x / photo.width * p.shape[2])
        own = guide[int(y / photo.height * guide.shape[0]), int(x / photo.width * guide.shape[1])]
        return explore.suggestions(p[:, row, column], float(own), count)

    def heard(
        self, seen: Seen, wanted: telling.Wanted, hints: Callable[..., HintMap | None] = enforce.all_hints
    ) -> HintMap | None:
        """What is asked as hints of the working size."""
        wanted = scenes.asked(wanted).wanted if isinstance(wanted, Scene) else wanted
        return None if wanted is None else hints(wanted, (seen.photo.height, seen.photo.width), seen.sizes.working)

    def wish(self, references: Iterable[Source], swatches: Iterable[Swatch], palette: Source = None) -> Wish:
        """Colours to be taken from photos, or kept near a palette. UsageError, ReadError."""
        given = tuple(swatches)
        if given and "swatches" not in self.card.native_guidance:
            raise UsageError(f"{self.card.name} takes no swatches; the method 'welsh' does")
        colors = () if palette is None else palettes.opened(palette)
        return Wish(references=referring.opened(references), swatches=given, palette=colors)

    @property
    def references(self) -> str:
        """sha256 of the references, the swatches and the palette that every photo gets, empty without any."""
        return referring.digest(self.given)

    def look(self, source: Source) -> Seen:
        """The stages before any guidance, for `answer`: the photo read, its sizes planned, its light taken."""
        photo = source if isinstance(source, Photo) else read(source)
        return look.look(photo, self.card.size)

    def answer(
        self,
        seen: Seen,
        wanted: telling.Wanted,
        wish: Wish,
        drawn: HintMap | None = None,
        memory: Memory | None = None,
    ) -> Result:
        """The stages from the guidance on: a live session calls it again for every change, with a `memory` of what is
        expensive. `drawn` are hints beside the guidance, which wins over them. All of it goes into the photo's scene
        first, and nothing else is listened to."""
        memory = memory or Memory(LOOKS)
        photo, light, notes = seen.photo, seen.light, seen.notes
        scene = telling.told(photo, wanted, wish, drawn, self.card.name)
        found = scenes.asked(scene)
        wanted, drawn = found.wanted, found.drawn
        size = photo.height, photo.width
        spreading = None
        if wanted is not None:
            notes += enforce.notes_on(wanted, size, seen.guide)
            spreading = enforce.spreading_hints(wanted, size, seen.sizes.working)
        method = self._painter(seen, wish, memory)
        if isinstance(method, referring.WithReferences):
            notes += (f"{len(wish.references)} reference(s): colors taken where the photo shows like things",)
        # a scene's may come from another photo or method
        told = None if drawn is None else drawn.resized(*light.shape)
        rest = self._painted(method, light, told, None, wish)
        chroma, fitted = rest, enlarge.lines(rest.ab, seen.guide, *size)
        if wanted is not None:
            plain = fitted
            if spreading is not None:
                chroma = self._obeying(self._painted(method, light, told, spreading, wish), light, spreading, rest)
                share = strength.shares(wanted, size, light, seen.guide, wish.strength)
                fitted = enlarge.changed(plain, rest.ab, chroma.ab, seen.guide, share)
            marks = enforce.marks_for(wanted, size, seen.guide, wish.strength, plain)
            if marks is not None:
                chroma, fitted = marks.over(chroma), enforce.enforce(fitted, marks, seen.guide)
        if spreading is not None and not self._hears():
            notes += (f"{self.card.name} does not follow hints natively: its answer was steered",)
        stamp = Provenance(
            method=self.card.name,
            model_version=str(self._facts.get("version", __version__)),
            weights_sha256=str(self._facts.get("sha256", "")),
            seed=wish.seed,
            guidance=_digest(wanted) + referring.digest(wish),
            barva=__version__,
        )
        return Result(photo, self.card, chroma, notes, stamp, seen.sizes, fitted, self._workers, scene, seen.guide)

    def _painter(self, seen: Seen, wish: Wish, memory: Memory) -> Method:
        """The method, with the references that it does not take itself."""
        method = memory.of(self.method())
        if not wish.references or "references" in self.card.native_guidance:
            return method
        key = ("references", *(r.sha256 for r in wish.references))
        args = (seen.light, seen.guide, wish.references, method, self.threads)
        return referring.WithReferences(method, memory.kept(key, lambda: referring.reference_hints(*args)))

    def _hears(self) -> bool:
        return "points" in self.card.native_guidance

    def _painted(
        self, method: Method, light: Float, told: HintMap | None, spreading: HintMap | None, wish: Wish
    ) -> Chroma:
        """The method's answer to hints that nobody drew (`told`), steered towards them where it fell short, and to
        marks that spread."""
        hints = told if spreading is None else spreading if told is None else referring.over(told, spreading)
        chroma = palettes.painted(method, light, hints if self._hears() else None, wish, spreading)
        return chroma if told is None else steer(chroma, light, told, NEAR if self._hears() else FAR)

    def _obeying(self, chroma: Chroma, light: Float, spreading: HintMap, rest: Chroma) -> Chroma:
        """The answer to marks that spread, steered towards them; `rest` is the one without them."""
        if self.card.learned:
            points = kriging.observed(spreading, *chroma.ab.shape[:2])
            if len(points) >= kriging.LEAST:
                chroma = kriging.concluded(chroma, rest, light, points)
        return chroma if self.card.propagates_hints else obey(chroma, light, spreading, rest)


def _first(said: T | None, known: T | None, else_: T) -> T:
    """The first of them that is not None."""
    return said if said is not None else known if known is not None else else_


def asked_as(
    guidance: Guidance | HintMap | Mark | Iterable[Mark] | None, hints: HintMap | None = None
) -> Guidance | HintMap | None:
    """Guidance in the form that `Colorizer.answer` takes, marks or hints; None where nothing is asked. UsageError."""
    if guidance is None:
        return hints
    if hints is not None:
        raise UsageError("guidance and hints say the same thing: pass one of them")
    if isinstance(guidance, HintMap):
        return guidance
    marks = Guidance.of(guidance)
    return marks if marks.marks else None


def _matching(card: MethodCard, matching: str) -> dict[str, float]:
    """The wish's extra for how references are matched."""
    if matching not in ("texture", "objects"):
        raise UsageError(f"matching is texture or objects, not {matching}")
    if matching == "texture":
        return {}
    if "references" not in card.native_guidance:
        raise UsageError(f"{card.name} matches objects anyway; matching is for irony, references and welsh")
    return {ENCODER: 1.0}


def _exact_ones() -> str:
    return "there is one of " + ", ".join(card.name for card in catalog.method_cards() if card.exact)


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
