"""Corrections of every answer, whatever the method: vividness, warmth, references, palette, sampled hints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barva.color import vivid
from barva.engine.prepare.resolve import Resolved
from barva.engine.steer import palette
from barva.engine.steer.steering import FAR, NEAR, blend, spread_hints
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, Float, MethodCard
from barva.runtime.encoder import resize

_CHANGED = 6.0  # Lab units by which marks must have changed a place for references to count less than 0.61 there


def correct(
    answer: Chroma,
    automatic: Chroma,
    hints: HintMap | None,
    light: Float,
    resolved: Resolved,
    card: MethodCard,
    spreading: HintMap | None = None,
) -> Chroma:
    """One answer, corrected.

    Args:
        answer: the method's answer (h, w) to `hints`.
        automatic: its answer without any.
        hints: (H, W) what the answer was given.
        light: (H, W) L 0..100 at the working size.
        resolved: the request.
        card: the method's.
        spreading: (H, W) marks whose colors belong to the palette.
    """
    native = "points" in card.native_guidance
    vividness = 1.0 if resolved.request.vividness is None else resolved.request.vividness
    warmth = resolved.scene.whole.manner.warmth or 0.0
    reach = NEAR if native else FAR
    if resolved.sampled is not None and resolved.drawn:
        answer = spread_hints(answer, light, resolved.sampled, reach)
    chroma = warm_chroma(scale_chroma(answer, vividness), light, warmth)
    if resolved.references is not None:
        from_references = replace(resolved.references, ab=_scaled_ab(resolved.references.ab, vividness))
        if native and hints is not None and hints.weight.any():
            unmarked = warm_chroma(scale_chroma(automatic, vividness), light, warmth)
            from_references = _drop_marked(from_references, chroma, unmarked, hints)
        chroma = blend(chroma, from_references)
    chroma = palette.pull_to_palette(chroma, resolved.request.palette, spreading)
    if resolved.sampled is None or resolved.drawn:
        return chroma
    return spread_hints(chroma, light, resolved.sampled, reach)


def scale_chroma(chroma: Chroma, vividness: float) -> Chroma:
    """Chroma at a vividness 0 (muted) .. 1 (as it is) .. 2 (strong)."""
    return Chroma(_scaled_ab(chroma.ab, vividness), chroma.confidence)


def warm_chroma(chroma: Chroma, light: Float, warmth: float) -> Chroma:
    """Chroma (h, w) under a light of a warmth -1 (cool) .. 0 (as it is) .. 1 (warm); `light` (H, W) L 0..100."""
    return chroma if warmth == 0 else Chroma(vivid.warm(chroma.ab, light, warmth), chroma.confidence)


def _scaled_ab(ab: Float, vividness: float) -> Float:
    return ab * np.float32(vivid.factor(vividness))


def _drop_marked(references: HintMap, chroma: Chroma, automatic: Chroma, hints: HintMap) -> HintMap:
    """Hints of references without what the user's `hints` have changed."""
    change = np.linalg.norm(chroma.ab - automatic.ab, axis=-1) / _CHANGED
    free = resize(np.exp(-(change**2) / 2).astype(np.float32), hints.weight.shape)
    return replace(references, weight=references.weight * free * (1 - hints.weight))
