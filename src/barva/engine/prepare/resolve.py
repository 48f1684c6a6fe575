"""A request and a photo to what the stages need: the scene written, and read back as marks, hints and settings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from barva.engine.explore import variants
from barva.engine.memory import Memory, digest
from barva.engine.prepare import references, request_scene, worded
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.render import enforce
from barva.engine.request import Request
from barva.errors import Message
from barva.guidance import scene_bridge
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance
from barva.methods.base import Draft, Method, MethodCard
from barva.scene.model import Scene


@dataclass(frozen=True)
class Resolved:
    """A request as the stages need it.

    Args:
        request: every setting, none of them left open.
        scene: all that is known before painting.
        marks: what is enforced, at full size.
        spreading: of `marks` those without a border, as hints of the working size.
        sampled: hints of the working size that the method follows and nothing enforces.
        references: colors of like places in references, and how far to trust them, at the working size; None for a
            method that takes references itself.
        notes: what the user should know.
        draft: what a method that samples begins with.
        drawn: whether `sampled` are colors that a variant drew from the method's own answer, so that vividness, warmth
            and palette are still to come.
    """

    request: Request
    scene: Scene
    marks: Guidance | HintMap | None = None
    spreading: HintMap | None = None
    sampled: HintMap | None = None
    references: HintMap | None = None
    notes: tuple[str, ...] = ()
    draft: Draft | None = None
    drawn: bool = False

    @property
    def hints(self) -> HintMap | None:
        """All hints of the working size: what spreads, over what is sampled."""
        if self.spreading is None or self.sampled is None:
            return self.spreading or self.sampled
        return self.spreading.over(self.sampled)


def resolve_request(
    request: Request, prepared: PreparedPhoto, card: MethodCard, sampled: HintMap | None = None
) -> Resolved:
    """Write the request (and `sampled` hints beside it) into the photo's scene and read the scene back."""
    request, word_notes = worded.with_words(request, prepared)
    notes, size = (*prepared.notes, *word_notes), (prepared.photo.height, prepared.photo.width)
    knowledge: Guidance | HintMap | Scene | None = request.guidance
    if request.scene is not None:
        scene, fit_notes = request_scene.fit_scene(request.scene, prepared.photo)
        request, reference_notes = request_scene.request_from_scene(scene, request)
        request, left_out = request_scene.usable_settings(card, request)
        notes = (*notes, *fit_notes, *reference_notes, *left_out)
        knowledge = scene_bridge.scene_with_guidance(scene, request.guidance)
    request = Request(vividness=1.0, strength=1.0, seed=0).with_settings(**vars(request))
    scene = request_scene.scene_from_request(prepared.photo, knowledge, request, sampled, card.name)
    guidance = scene_bridge.guidance_from_scene(scene)
    marks, spreading = guidance.enforced, None
    if marks is not None:
        notes += enforce.mark_notes(marks, size, prepared.guide)
        spreading = enforce.spreading_hints(marks, size, prepared.sizes.working)
    # followed hints of a scene may come from another photo or method
    followed = None if guidance.followed is None else guidance.followed.resize(*prepared.light.shape)
    # those of a scene are a variant's; `sampled` are colors that a film's frame before came out with
    drawn = followed is not None and sampled is None
    return Resolved(request, scene, marks, spreading, followed, notes=notes, drawn=drawn)


def with_variant(resolved: Resolved, prepared: PreparedPhoto, method: Method, memory: Memory) -> Resolved:
    """With the hints of the variant that is asked for: colors are drawn where the network is unsure. Of a method that
    samples a variant is another seed.

    Raises:
        UsageError: the method has no distribution.
    """
    request = resolved.request
    if request.variant == 0:
        return resolved
    seed, start = (request.seed or 0) * 1000 + request.variant, resolved.spreading
    sampled, drawn = resolved.sampled, resolved.drawn
    if not method.card.samples:
        network = variants.distribution_method(method)
        key = ("sampled", seed, digest(start))
        sampled = memory.get(key, lambda: variants.sampled_hints(network, prepared.light, seed, start))
        drawn = True
    request = replace(request, seed=seed)
    scene = request_scene.scene_from_request(prepared.photo, resolved.scene, request, sampled, method.card.name)
    return replace(resolved, request=request, scene=scene, sampled=sampled, drawn=drawn)


def with_references(
    resolved: Resolved, prepared: PreparedPhoto, method: Method, memory: Memory, threads: int | None
) -> Resolved:
    """With the hints that references give to a method that does not take them itself, and notes on steering."""
    photos, card = resolved.request.references, method.card
    notes = resolved.notes + tuple(note for photo in photos for note in photo.notes)
    hints: HintMap | None = None
    if photos and "references" not in card.native_guidance:
        key = ("references", *(r.sha256 for r in photos))
        hints = memory.get(
            key, lambda: references.reference_hints(prepared.light, prepared.guide, photos, method, threads)
        )
        notes += (
            Message(
                "{count} reference(s): colors taken where the photo shows like things",
                code="note.references",
                count=len(photos),
            ),
        )
    if resolved.spreading is not None and "points" not in card.native_guidance:
        notes += (
            Message(
                "{method} does not follow hints natively: its answer was steered", code="note.steered", method=card.name
            ),
        )
    return replace(resolved, references=hints, notes=notes)
