"""`Request`: all that a user asks of one picture, checked in this one place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.methods import catalog
from barva.methods.base import MATCHING, MethodCard, PaintOptions, Reference, Swatch
from barva.scene.model import Scene

VARIANTS = 100
"""Variants of a photo at most."""

RANGES = {"vividness": 2, "strength": 1}
"""Settings that go from 0 to a number."""

Marks = Guidance | HintMap | Mark | Iterable[Mark] | None


@dataclass(frozen=True)
class Request:
    """What is asked. Where `vividness`, `strength` or `seed` is None, or references, swatches or palette are empty, the
    scene decides, and else the default.

    Args:
        guidance: marks, or a `HintMap`; they win over the scene.
        references: color photos to take colors from.
        swatches: pairs of boxes, for methods that take them.
        palette: chroma (a, b) that the answer stays near.
        vividness: 0 (muted) .. 1 (the method's own) .. 2 (strong).
        strength: 0 .. 1, how far marks are followed: the share of the way from the picture without them.
        seed: of what is drawn at random.
        variant: 0 is the method's own answer, n the n-th other one.
        exact: the slow reference form of a method that has one.
        matching: "texture" (as published) or "objects": what a method compares with references.
        scene: what is known of the photo already.
        text: what is asked in words, English or Ukrainian: "make the car red".

    Raises:
        UsageError: a setting out of its range.

    Example:
        >>> Request(vividness=1.2).vividness
        1.2
    """

    guidance: Guidance | HintMap | None = None
    references: tuple[Reference, ...] = ()
    swatches: tuple[Swatch, ...] = ()
    palette: tuple[tuple[float, float], ...] = ()
    vividness: float | None = None
    strength: float | None = None
    seed: int | None = None
    variant: int = 0
    exact: bool = False
    matching: str = "texture"
    scene: Scene | None = None
    text: str = ""

    def __post_init__(self) -> None:
        for name, most in RANGES.items():
            value = getattr(self, name)
            if value is not None and not 0 <= value <= most:  # also refuses NaN
                raise UsageError(f"{name} goes from 0 to {most}, not {value}")
        if not 0 <= self.variant < VARIANTS:
            raise UsageError(f"variants go from 0 to {VARIANTS - 1}, not {self.variant}")
        if self.matching not in MATCHING:
            raise UsageError(f"matching is texture or objects, not {self.matching}")
        if not isinstance(self.text, str):
            raise UsageError(f"text: words are wanted, not a {type(self.text).__name__}")

    def updated(self, **settings: Any) -> Request:
        """This request with those settings that are not None."""
        return replace(self, **{name: value for name, value in settings.items() if value is not None})

    def checked_for(self, card: MethodCard) -> Request:
        """The request itself. UsageError: the method cannot do what is asked."""
        if self.exact and not card.exact:
            able = ", ".join(other.name for other in catalog.method_cards() if other.exact)
            raise UsageError(f"{card.name} has no exact form; there is one of {able}")
        if self.swatches and "swatches" not in card.native_guidance:
            raise UsageError(f"{card.name} takes no swatches; the method 'welsh' does")
        if self.matching == "objects" and "references" not in card.native_guidance:
            raise UsageError(f"{card.name} matches objects anyway; matching is for irony, references and welsh")
        return self

    @property
    def options(self) -> PaintOptions:
        """What a method gets of it."""
        return PaintOptions(self.seed or 0, self.references, self.swatches, self.exact, self.matching)

    def digest(self) -> str:
        """sha256 of references, swatches, palette, text and how they are used; empty without any."""
        if not (self.references or self.palette or self.exact or self.matching != "texture" or self.text):
            return ""
        summed = hashlib.sha256(repr((self.swatches, self.palette, self.exact, self.matching)).encode())
        summed.update(self.text.encode("utf-8", "replace"))
        for reference in self.references:
            summed.update(np.ascontiguousarray(reference.lab).tobytes())
        return summed.hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """What is asked as plain values for JSON: all of it that differs from the defaults. Guidance and scene are
        their own JSON texts, references their paths and sums."""
        out: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default if not isinstance(value, HintMap) else False:
                continue
            out[field.name] = _plain(value)
        return out


def _plain(value: Any) -> Any:
    if isinstance(value, Guidance):
        return value.to_json()
    if isinstance(value, HintMap):
        return hints_digest(value)
    if isinstance(value, Scene):
        return value.to_json()
    if isinstance(value, Reference):
        return {"path": value.path, "sha256": value.sha256}
    if isinstance(value, Swatch):
        return {"source": list(value.source), "target": list(value.target), "reference": value.reference}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def guidance_of(guidance: Marks, hints: HintMap | None = None) -> Guidance | HintMap | None:
    """Marks or hints in the form that a `Request` has; None where nothing is asked. UsageError."""
    if guidance is None:
        return hints
    if hints is not None:
        raise UsageError("guidance and hints say the same thing: pass one of them")
    if isinstance(guidance, HintMap):
        return guidance
    marks = Guidance.of(guidance)
    return marks if marks.marks else None


def guidance_digest(guidance: Guidance | HintMap | None) -> str:
    """sha256 of the guidance, empty without any."""
    if guidance is None:
        return ""
    return guidance.digest() if isinstance(guidance, Guidance) else hints_digest(guidance)


def hints_digest(hints: HintMap) -> str:
    """sha256 of a hint map."""
    return hashlib.sha256(hints.ab.tobytes() + hints.weight.tobytes()).hexdigest()
