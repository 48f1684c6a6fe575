"""The spine: a photo's way from light to color, each stage a function from frozen value to frozen value.

    read -> analyze -> resolve -> paint -> complete -> steer -> upsample -> compose -> write

`run` calls the stages from `resolve` to `compose`: a live session repeats it for each change of a request, with the
`Memory` of what the network has answered for this photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from barva.engine.memory import Memory
from barva.engine.prepare import analyze as prepare
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.prepare.drafts import with_draft
from barva.engine.prepare.resolve import Resolved, resolve_request, with_references, with_variant
from barva.engine.render import chroma_model, enforce, redraw
from barva.engine.render.chroma_model import ChromaModel
from barva.engine.request import Request, guidance_digest
from barva.engine.result import OutputPage, Result, save_pages
from barva.engine.sampling import Redraw
from barva.engine.steer import kriging, objects, skin, steering, strength
from barva.engine.steer.corrections import correct
from barva.errors import Message
from barva.guidance.hintmap import HintMap
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance
from barva.imaging.read import read as read_photo
from barva.imaging.write import Written
from barva.methods.base import Chroma, Method, MethodCard
from barva.runtime.machine import usable_cores


def run(
    request: Request,
    prepared: PreparedPhoto,
    method: Method,
    memory: Memory,
    *,
    stamp: Provenance,
    sampled: HintMap | None = None,
    threads: int | None = None,
) -> Result:
    """The stages from a request to a result, whose full-size pixels are made when they are needed.

    Args:
        request: everything that is asked of the picture.
        prepared: the photo, as `analyze` gives it.
        method: the method, loaded.
        memory: what the method has answered for this photo.
        stamp: which method, weights and version the result names.
        sampled: hints beside the request's guidance, which wins over them.
        threads: processor threads at most; None for all cores.

    Raises:
        UsageError: the request does not fit the photo or the method.
        ReadError: the request's scene names a reference that is gone.
    """
    method = memory.wrap(method)
    resolved = resolve(request, prepared, method, memory, sampled, threads)
    for region in resolved.request.sampling.redraw:  # said before seconds are spent on painting
        redraw.inside_of(region, (prepared.photo.height, prepared.photo.width), prepared.sizes.guide)
    answers, resolved = complete(paint(method, prepared, resolved), prepared, resolved, method.card)
    steered = steer(answers, prepared, resolved, method.card)
    chroma, model = upsample(steered, prepared, resolved)
    for region in resolved.request.sampling.redraw:
        answers = paint_anew(region, answers, method, prepared, resolved)
        answers, _ = complete(answers, prepared, resolved, method.card)
        steered = steer(answers, prepared, resolved, method.card)
        chroma, model = redraw.put_in((chroma, model), upsample(steered, prepared, resolved), region, prepared)
    return compose(chroma, model, prepared, resolved, method.card, stamp, threads)


def read(source: Any, *, page: int | None = None, salvage: bool = False, max_pixels: int | None = None) -> Photo:
    """1. A picture upright, as sRGB, with its own depth; its envelope set aside. ReadError, UsageError."""
    limit = {} if max_pixels is None else {"max_pixels": max_pixels}
    return source if isinstance(source, Photo) else read_photo(source, page=page, salvage=salvage, **limit)


def analyze(photo: Photo, card: MethodCard) -> PreparedPhoto:
    """2. The sizes of the run, the light at them, and notes on tone."""
    return prepare.analyze(photo, card.size)


def resolve(
    request: Request,
    prepared: PreparedPhoto,
    method: Method,
    memory: Memory,
    sampled: HintMap | None = None,
    threads: int | None = None,
) -> Resolved:
    """3. The request written into the scene, and the scene read back as marks, hints and settings."""
    resolved = resolve_request(request, prepared, method.card, sampled)
    resolved = with_variant(resolved, prepared, method, memory)
    resolved = with_draft(resolved, prepared, memory, threads)
    return with_references(resolved, prepared, method, memory, threads)


@dataclass(frozen=True)
class Answers:
    """Chroma without any hints, with `Resolved.sampled` alone, and with all hints; the same object where the hints are
    the same."""

    automatic: Chroma
    plain: Chroma
    guided: Chroma


def paint(method: Method, prepared: PreparedPhoto, resolved: Resolved) -> Answers:
    """4. The method's own answers, one for each set of hints that the next stage compares."""

    def answer(hints: HintMap | None) -> Chroma:
        native = "points" in method.card.native_guidance
        options = replace(resolved.request.options, draft=resolved.draft)
        return method.paint(prepared.light, hints if native else None, options)

    plain = answer(resolved.sampled)
    compared = resolved.references is not None and resolved.sampled is not None
    automatic = answer(None) if compared else plain
    return Answers(automatic, plain, plain if resolved.spreading is None else answer(resolved.hints))


def paint_anew(
    region: Redraw, answers: Answers, method: Method, prepared: PreparedPhoto, resolved: Resolved
) -> Answers:
    """4, again for a region: answers that stay as they are outside."""
    native, size = "points" in method.card.native_guidance, (prepared.photo.height, prepared.photo.width)

    def answer(old: Chroma, hints: HintMap | None) -> Chroma:
        options = redraw.options_for(region, resolved.request.options, size, old)
        return method.paint(prepared.light, hints if native else None, options)

    plain = answer(answers.plain, resolved.sampled)
    automatic = plain if answers.automatic is answers.plain else answer(answers.automatic, None)
    same = answers.guided is answers.plain
    return Answers(automatic, plain, plain if same else answer(answers.guided, resolved.hints))


def complete(
    answers: Answers, prepared: PreparedPhoto, resolved: Resolved, card: MethodCard
) -> tuple[Answers, Resolved]:
    """5. Skin that a trained method left gray takes the color of its face, unless the request wants the method's own
    answer; and a note on it. Marks come later, and win."""
    if not (resolved.request.skin and card.learned):
        return answers, resolved
    plain = skin.complete_skin(answers.plain, prepared)
    automatic = plain if answers.automatic is answers.plain else skin.complete_skin(answers.automatic, prepared)
    guided = plain if answers.guided is answers.plain else skin.complete_skin(answers.guided, prepared)
    if plain is answers.plain and guided is answers.guided:
        return replace(answers, automatic=automatic), resolved
    note = Message("skin that had stayed gray was given the color of the face", code="note.skin")
    return Answers(automatic, plain, guided), replace(resolved, notes=(*resolved.notes, note))


def steer(answers: Answers, prepared: PreparedPhoto, resolved: Resolved, card: MethodCard) -> Answers:
    """6. What the method did not follow: vividness, references, palette and sampled hints for each answer; then the
    marks that spread. Nothing moves away from a mark's color."""
    light, spreading = prepared.light, resolved.spreading
    plain = correct(answers.plain, answers.automatic, resolved.sampled, light, resolved, card)
    if spreading is None:
        return Answers(answers.automatic, plain, plain)
    guided = correct(answers.guided, answers.automatic, resolved.hints, light, resolved, card, spreading)
    if card.learned:
        points = kriging.points_of(spreading, *guided.ab.shape[:2])
        if len(points) >= kriging.LEAST:
            guided = kriging.correct_from_points(guided, plain, light, points)
    if not card.propagates_hints:
        guided = steering.spread_marks(guided, light, spreading, plain)
        guided = objects.color_objects(guided, plain, prepared, resolved.marks)
    return Answers(answers.automatic, plain, guided)


def upsample(steered: Answers, prepared: PreparedPhoto, resolved: Resolved) -> tuple[Chroma, ChromaModel]:
    """7. Chroma fitted to the light of the guide, at the strength of the marks, with all marks enforced over it."""
    size, guide, marks = (prepared.photo.height, prepared.photo.width), prepared.guide, resolved.marks
    plain, guided = steered.plain, steered.guided
    below = model = chroma_model.fit_chroma(plain.ab, guide, *size)
    if marks is None:
        return plain, model
    overall = 1.0 if resolved.request.strength is None else resolved.request.strength
    if resolved.spreading is not None:
        shares = strength.strength_map(marks, size, prepared.light, guide, overall)
        model = chroma_model.fit_change(below, plain.ab, guided.ab, guide, shares)
    above = enforce.marks_for(marks, size, guide, overall, below)
    if above is None:
        return guided, model
    return above.composite_over(guided), enforce.enforce(model, above, guide)


def compose(
    chroma: Chroma,
    model: ChromaModel,
    prepared: PreparedPhoto,
    resolved: Resolved,
    card: MethodCard,
    stamp: Provenance,
    threads: int | None = None,
) -> Result:
    """8. The result, whose pixels are the photo's light and the model's chroma, fitted into sRGB strip by strip."""
    request = resolved.request
    stamp = replace(stamp, seed=request.seed or 0, guidance=guidance_digest(resolved.marks) + request.digest())
    return Result(
        photo=prepared.photo,
        card=card,
        chroma=chroma,
        notes=resolved.notes,
        provenance=stamp,
        plan=prepared.sizes,
        model=model,
        workers=threads or usable_cores(),
        request_scene=resolved.scene,
        guide=prepared.guide,
    )


def write(pages: Sequence[OutputPage], path: Any = None, **options: Any) -> Written:
    """9. The envelope returns, provenance is stamped; the file is whole or absent. Options as `save_pages`."""
    return save_pages(pages, path, **options)
