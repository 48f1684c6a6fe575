"""What a method that samples begins with: another method's answer."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from barva.engine.memory import Memory, digest
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.prepare.resolve import Resolved
from barva.methods import catalog
from barva.methods.base import Draft, Method, PaintOptions
from barva.runtime.encoder import resize
from barva.types import Float


def with_draft(resolved: Resolved, prepared: PreparedPhoto, memory: Memory, threads: int | None) -> Resolved:
    """With the answer that the request wants to begin with, if it wants one (SDEdit: Meng et al. 2022, arXiv
    2108.01073). WeightsError."""
    sampling = resolved.request.sampling
    if not sampling.like:
        return resolved
    method, hints = _method_of(sampling.like, threads), resolved.hints

    def answer() -> Float:
        light = resize(prepared.guide, method.card.size.working(prepared.photo.height, prepared.photo.width))
        native = hints is not None and "points" in method.card.native_guidance
        fitted = hints.resize(*light.shape) if native and hints is not None else None
        return method.paint(light, fitted, PaintOptions()).ab

    ab = memory.get(("like", sampling.like, digest(hints)), answer)
    return replace(resolved, draft=Draft(ab, amount=sampling.amount))


@lru_cache(maxsize=2)
def _method_of(name: str, threads: int | None) -> Method:
    """The other method, kept for the next photo."""
    return catalog.create(name, threads)
