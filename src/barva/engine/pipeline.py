"""The spine: a photo's way from light to color, each stage a function from frozen value to frozen value.

    read -> analyze -> resolve_request -> paint -> steer -> upsample -> compose -> write

`imaging.read` reads, `look.analyze` prepares, `Result.save` composes at full size and writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from barva.color import vivid
from barva.engine.explore import variants
from barva.engine.memory import Memory, digest
from barva.engine.prepare import references, request_scene
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.render import chroma_model, enforce
from barva.engine.render.chroma_model import ChromaModel
from barva.engine.request import Request
from barva.engine.steer import kriging, objects, strength
from barva.engine.steer import palette as palettes
from barva.engine.steer.steering import FAR, NEAR, obey, steer
from barva.guidance import scene_bridge
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance
from barva.methods.base import Chroma, Float, Method, MethodCard, PaintOptions
from barva.scene.model import Scene


@dataclass(frozen=True)
class Resolved:
    """A request as the stages need it.

    `request` has every setting; `scene` is all that is known before painting. Read back from it: `marks` (enforced), of
    them `spreading` those that have no border, and `sampled`, hints that need only be followed, at the working size.
    """

    request: Request
    scene: Scene
    marks: Guidance | HintMap | None
    spreading: HintMap | None
    sampled: HintMap | None
    notes: tuple[str, ...]


def resolve_request(
    request: Request, prepared: PreparedPhoto, card: MethodCard, sampled: HintMap | None = None
) -> Resolved:
    """Write the request (and `sampled` hints beside it) into the photo's scene and read the scene back."""
    notes, size = prepared.notes, (prepared.photo.height, prepared.photo.width)
    asked: Guidance | HintMap | Scene | None = request.guidance
    if request.scene is not None:
        scene, scaled = request_scene.fitted(request.scene, prepared.photo)
        request, gone = request_scene.completed(scene, request)
        swatches, left = request_scene.usable(card, request.swatches)
        request, notes = replace(request, swatches=swatches), (*notes, *scaled, *gone, *left)
        asked = scene_bridge.into(scene, request.guidance)
    request = Request(vividness=1.0, strength=1.0, seed=0).updated(**vars(request))
    scene = request_scene.scene_from_request(prepared.photo, asked, request, sampled, card.name)
    known = scene_bridge.asked(scene)
    marks, spreading = known.wanted, None
    if marks is not None:
        notes += enforce.notes_on(marks, size, prepared.guide)
        spreading = enforce.spreading_hints(marks, size, prepared.sizes.working)
    # sampled hints of a scene may come from another photo or method
    known_hints = None if known.drawn is None else known.drawn.resized(*prepared.light.shape)
    return Resolved(request, scene, marks, spreading, known_hints, notes)


def hints_for(marks: Guidance | HintMap | None, prepared: PreparedPhoto) -> HintMap | None:
    """All marks as hints of the working size, as a network follows them."""
    photo = prepared.photo
    return None if marks is None else enforce.all_hints(marks, (photo.height, photo.width), prepared.sizes.working)


def with_variant(resolved: Resolved, prepared: PreparedPhoto, method: Method, memory: Memory) -> Resolved:
    """The variant that is asked for: colors are drawn where the network is unsure. UsageError: no distribution."""
    request = resolved.request
    if request.variant == 0:
        return resolved
    seed, start = (request.seed or 0) * 1000 + request.variant, resolved.spreading
    network = variants.distribution_method(memory.of(method))
    key = ("sampled", seed, digest(start))
    sampled = memory.kept(key, lambda: variants.sampled_hints(network, prepared.light, seed, start))
    request = replace(request, seed=seed)
    scene = request_scene.scene_from_request(prepared.photo, resolved.scene, request, sampled, method.card.name)
    return replace(resolved, request=request, scene=scene, sampled=sampled)


@dataclass(frozen=True)
class Vivid:
    """A method at a vividness, which is applied here for all methods."""

    method: Method
    vividness: float

    @property
    def card(self) -> MethodCard:
        return self.method.card

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        chroma = self.method.paint(light, hints, options)
        return Chroma(chroma.ab * np.float32(vivid.factor(self.vividness)), chroma.confidence)


def painter(method: Method, resolved: Resolved, prepared: PreparedPhoto, memory: Memory, threads: int | None) -> Method:
    """The method at the vividness, with the references that it does not take itself."""
    request, remembered = resolved.request, memory.of(method)
    vividness = 1.0 if request.vividness is None else request.vividness
    lively = Vivid(remembered, vividness)
    if not request.references or "references" in method.card.native_guidance:
        return lively
    arguments = (prepared.light, prepared.guide, request.references, remembered, threads)
    key = ("references", *(r.sha256 for r in request.references))
    hints = memory.kept(key, lambda: references.reference_hints(*arguments))
    return references.WithReferences(lively, references.livened(hints, vividness))


def paint_plain(method: Method, prepared: PreparedPhoto, resolved: Resolved) -> Chroma:
    """The answer without the user's marks, steered towards sampled hints where it fell short."""
    return _paint(method, prepared.light, resolved, resolved.sampled, None)


def paint_guided(method: Method, prepared: PreparedPhoto, resolved: Resolved, plain: Chroma) -> Chroma:
    """The answer to marks that spread, steered towards them; `plain` is the one without."""
    light, spreading, sampled = prepared.light, resolved.spreading, resolved.sampled
    if spreading is None:
        return plain
    hints = spreading if sampled is None else references.over(sampled, spreading)
    chroma = _paint(method, light, resolved, hints, spreading)
    if method.card.learned:
        points = kriging.observed(spreading, *chroma.ab.shape[:2])
        if len(points) >= kriging.LEAST:
            chroma = kriging.concluded(chroma, plain, light, points)
    if method.card.propagates_hints:
        return chroma
    chroma = obey(chroma, light, spreading, plain)
    if not isinstance(resolved.marks, Guidance):
        return chroma
    size = prepared.photo.height, prepared.photo.width
    marked = objects.marked_objects(resolved.marks, size, light, prepared)
    return objects.paint_objects(chroma, plain, light, marked) if marked else chroma


def _paint(
    method: Method, light: Float, resolved: Resolved, hints: HintMap | None, spreading: HintMap | None
) -> Chroma:
    native = "points" in method.card.native_guidance
    chroma = method.paint(light, hints if native else None, resolved.request.options)
    chroma = palettes.towards(chroma, resolved.request.palette, spreading)
    if resolved.sampled is None:
        return chroma
    return steer(chroma, light, resolved.sampled, NEAR if native else FAR)


def upsample(plain: Chroma, guided: Chroma, prepared: PreparedPhoto, resolved: Resolved) -> tuple[Chroma, ChromaModel]:
    """Chroma fitted to the light of the guide, with all marks enforced over it."""
    size, guide, marks = (prepared.photo.height, prepared.photo.width), prepared.guide, resolved.marks
    below = fitted = chroma_model.fit_chroma(plain.ab, guide, *size)
    if marks is None:
        return plain, fitted
    share = 1.0 if resolved.request.strength is None else resolved.request.strength
    if resolved.spreading is not None:
        shares = strength.shares(marks, size, prepared.light, guide, share)
        fitted = chroma_model.fit_change(below, plain.ab, guided.ab, guide, shares)
    above = enforce.marks_for(marks, size, guide, share, below)
    if above is None:
        return guided, fitted
    return above.over(guided), enforce.enforce(fitted, above, guide)
