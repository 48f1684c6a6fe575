"""`Request`: all that a user asks of one picture, checked in this one place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import Field, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from barva.engine import request_json
from barva.engine.request_checks import CHECKS, Marks, guidance_of
from barva.engine.sampling import DEFAULTS, Sampling
from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance
from barva.methods import catalog
from barva.methods.base import MethodCard, PaintOptions, Reference, Swatch
from barva.scene.model import Scene


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
        skin: whether skin that a method left gray takes the color of its face.
        sampling: steps, beginning and regions to draw anew, for methods that draw their answers.

    Raises:
        UsageError: a setting out of its range.

    Examples:
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
    skin: bool = True
    sampling: Sampling = DEFAULTS

    def __post_init__(self) -> None:
        for name, check in CHECKS.items():
            object.__setattr__(self, name, check(getattr(self, name)))

    def with_settings(self, **settings: Any) -> Request:
        """This request with those settings that are not None."""
        return replace(self, **{name: value for name, value in settings.items() if value is not None})

    def with_marks(self, guidance: Marks, hints: HintMap | None = None) -> Request:
        """This request with these marks in place of its own: None leaves its own, an empty `()` takes them away."""
        if guidance is None and hints is None:
            return self
        return replace(self, guidance=guidance_of(guidance, hints))

    def over(self, other: Request) -> Request:
        """Another request with those settings of this one that differ from the defaults."""
        return replace(other, **{f.name: getattr(self, f.name) for f in fields(self) if not _is_default(self, f)})

    def check_for(self, card: MethodCard) -> Request:
        """The request itself. UsageError: the method cannot do what is asked."""
        if self.exact and not card.exact:
            names = ", ".join(other.name for other in catalog.method_cards() if other.exact)
            raise UsageError(
                "{method} has no exact form; there is one of {others}",
                code="method.not-exact",
                method=card.name,
                others=names,
            )
        if self.swatches and "swatches" not in card.native_guidance:
            raise UsageError(
                "{method} takes no swatches; the method 'welsh' does", code="method.no-swatches", method=card.name
            )
        if self.matching == "objects" and "references" not in card.native_guidance:
            raise UsageError(
                "{method} matches objects anyway; matching is for irony, references and welsh",
                code="method.matches-objects",
                method=card.name,
            )
        self.sampling.check_for(card)
        return self

    @property
    def options(self) -> PaintOptions:
        """What a method gets of it."""
        options = PaintOptions(self.seed or 0, self.references, self.swatches, self.exact, self.matching)
        return replace(options, palette=self.palette, steps=self.sampling.steps)

    def digest(self) -> str:
        """sha256 of references, swatches, palette, text, sampling, skin and how they are used; empty without any."""
        drawn = self.sampling != DEFAULTS
        differs = self.exact or self.matching != "texture" or not self.skin
        if not (self.references or self.palette or differs or self.text or drawn):
            return ""
        digest = hashlib.sha256(repr((self.swatches, self.palette, self.exact, self.matching)).encode())
        digest.update(json.dumps(self.sampling.to_row()).encode() if drawn else b"")
        digest.update(b"" if self.skin else b"gray skin stays")
        digest.update(self.text.encode("utf-8", "replace"))
        for reference in self.references:
            digest.update(np.ascontiguousarray(reference.lab).tobytes())
            digest.update(b"" if reference.labels is None else reference.labels.tobytes())
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

        Examples:
            >>> Request.from_dict({"vividness": 1.2}) == Request(vividness=1.2)
            True
        """
        return cls(**request_json.from_plain(row, [f.name for f in fields(cls)], Path(folder)))


def _is_default(request: Request, field: Field[Any]) -> bool:
    return bool(getattr(request, field.name) == field.default)


def guidance_digest(guidance: Guidance | HintMap | None) -> str:
    """sha256 of the guidance, empty without any."""
    if guidance is None:
        return ""
    return guidance.digest() if isinstance(guidance, Guidance) else hints_digest(guidance)


def hints_digest(hints: HintMap) -> str:
    """sha256 of a hint map."""
    return hashlib.sha256(hints.ab.tobytes() + hints.weight.tobytes()).hexdigest()
