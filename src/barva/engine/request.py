"""`Request`: all that a user asks of one picture, checked in this one place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import Field, dataclass, fields, replace
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from barva.engine import request_json
from barva.errors import UsageError, shorten
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance, Mark
from barva.methods import catalog
from barva.methods.base import MATCHING, MethodCard, PaintOptions, Reference, Swatch
from barva.scene.model import Scene
from barva.scene.ranges import check_strength, check_vividness

VARIANTS = 100
"""Variants of a photo at most."""

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

    def __post_init__(self) -> None:
        for name, check in (("vividness", check_vividness), ("strength", check_strength)):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, check(value))
        if self.seed is not None:
            _check_count("seed", self.seed)
        _check_count("variant", self.variant)
        if self.variant >= VARIANTS:
            raise UsageError(f"variant: a number from 0 to {VARIANTS - 1} is wanted, not {self.variant}")
        if not isinstance(self.exact, bool):
            raise UsageError(f"exact: true or false is wanted, not {shorten(self.exact)}")
        if self.matching not in MATCHING:
            raise UsageError(f"matching: texture or objects is wanted, not {shorten(self.matching)}")

    def updated(self, **settings: Any) -> Request:
        """This request with those settings that are not None."""
        return replace(self, **{name: value for name, value in settings.items() if value is not None})

    def check_for(self, card: MethodCard) -> Request:
        """The request itself. UsageError: the method cannot do what is asked."""
        if self.exact and not card.exact:
            names = ", ".join(other.name for other in catalog.method_cards() if other.exact)
            raise UsageError(f"{card.name} has no exact form; there is one of {names}")
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
        """sha256 of references, swatches, palette and how they are used; empty without any."""
        if not (self.references or self.palette or self.exact or self.matching != "texture"):
            return ""
        digest = hashlib.sha256(repr((self.swatches, self.palette, self.exact, self.matching)).encode())
        for reference in self.references:
            digest.update(np.ascontiguousarray(reference.lab).tobytes())
        return digest.hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """All settings that differ from the defaults, as plain values for JSON (`request_json`)."""
        changed = {f.name: getattr(self, f.name) for f in fields(self) if not _is_default(self, f)}
        return {name: request_json.to_plain(value) for name, value in changed.items()}

    @classmethod
    def from_dict(cls, row: Any, folder: str | Path = ".") -> Request:
        """The request that `to_dict` wrote, or a person.

        Args:
            row: a JSON object.
            folder: where relative paths of references and masks begin.

        Raises:
            UsageError: an unknown key or a bad value, which is named, or a reference that has changed.
            ReadError: a reference cannot be read.

        Example:
            >>> Request.from_dict({"vividness": 1.2}) == Request(vividness=1.2)
            True
        """
        return cls(**request_json.from_plain(row, [f.name for f in fields(cls)], Path(folder)))


def _is_default(request: Request, field: Field[Any]) -> bool:
    value = getattr(request, field.name)
    return not isinstance(value, HintMap) and bool(value == field.default)


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise UsageError(f"{name}: a whole number, 0 or more, is wanted, not {shorten(value)}")


def check_variants(count: int) -> None:
    """UsageError: fewer than 1, or more than `VARIANTS`."""
    if not 1 <= count <= VARIANTS:
        raise UsageError(f"variants go from 1 to {VARIANTS}, not {count}")


def guidance_of(guidance: Marks, hints: HintMap | None = None) -> Guidance | HintMap | None:
    """Marks or hints in the form that a `Request` has; None without any. UsageError."""
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
