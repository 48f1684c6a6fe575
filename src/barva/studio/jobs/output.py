"""What a visitor sets for a photo: an engine's `Request`, and beside it `Output`; and both from text and as plain
values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from barva.engine.request import Request
from barva.engine.sampling import DEFAULTS, Sampling
from barva.errors import Message, ReadError, UsageError
from barva.guidance.marks import Guidance
from barva.imaging.encode import check_quality
from barva.imaging.write import format_of
from barva.methods import catalog

SETTINGS = ("vividness", "strength", "seed", "variant", "text", "skin", "sampling")
"""What of a `Request` a visitor sets by a value; marks, scenes and references come as files."""

STEPS, REDRAWS = 100, 8
"""Steps of a drawn answer, and regions drawn anew, at most: a visitor must not hold the machine for long."""


@dataclass(frozen=True)
class Output:
    """The method of a photo and how its file is written: what a `Request` does not hold.

    Raises:
        UsageError: there is no such method or format, or a quality out of its range.
    """

    method: str = catalog.DEFAULT
    format: str | None = None
    quality: int | None = None
    provenance: bool = True

    def __post_init__(self) -> None:
        catalog.card(self.method)
        if self.format is not None:
            object.__setattr__(self, "format", format_of(self.format))
        check_quality(self.quality)


_KINDS = {f.name: str(f.type) for one in (Output, Request) for f in fields(one) if one is Output or f.name in SETTINGS}
_NUMBER = Message("a number", code="setting-kind.number")
_WHOLE = Message("a whole number", code="setting-kind.whole")
_YES = Message("true or false", code="setting-kind.boolean")


def read_settings(given: Mapping[str, Any]) -> tuple[Request, Output]:
    """Settings from text or JSON values, by name. What is missing, empty or None keeps its default.

    Raises:
        UsageError: there is no such setting, or its value is of another kind or out of its range.

    Examples:
        >>> read_settings({"vividness": "1.4", "method": "levin"})[0].vividness
        1.4
    """
    if unknown := [key for key in given if key not in _KINDS]:
        raise UsageError(
            "there is no setting {setting}; there are {known}",
            code="setting.unknown",
            setting=repr(unknown[0][:40]),
            known=", ".join(_KINDS),
        )
    values = {key: _value(key, value) for key, value in given.items() if value not in (None, "")}
    request = Request(**{key: value for key, value in values.items() if key in SETTINGS})
    return request, Output(**{key: value for key, value in values.items() if key not in SETTINGS})


def guidance_of(request: Request) -> Guidance | None:
    """A request's marks; visitors give no other guidance."""
    return request.guidance if isinstance(request.guidance, Guidance) else None


def plain_settings(request: Request, output: Output) -> dict[str, Any]:
    """As JSON values; `read_settings` reads them."""
    return asdict(output) | plain_request(request)


def plain_request(request: Request) -> dict[str, Any]:
    """What of a request is set by values, as JSON values; `sampling` is the text of an object, empty for none."""
    sampling = "" if request.sampling == DEFAULTS else json.dumps(request.sampling.to_row())
    return {name: getattr(request, name) for name in SETTINGS} | {"sampling": sampling}


def sampling_text(value: Any) -> str:
    """The setting `sampling` as it came, the text of a JSON object or the object itself, as text."""
    return value if isinstance(value, str) else json.dumps(value)


def read_sampling(value: Any) -> Sampling:
    """The setting `sampling`. UsageError, for more than a server does too."""
    try:
        sampling = Sampling.from_json(sampling_text(value))
    except (UsageError, ReadError) as error:
        raise UsageError("{place}: {problem}", code="at", place="sampling", problem=error) from None
    if (sampling.steps or 1) > STEPS or len(sampling.redraw) > REDRAWS:
        raise UsageError(
            "sampling: at most {steps} steps and {regions} regions to draw anew are done here",
            code="sampling.limits",
            steps=STEPS,
            regions=REDRAWS,
        )
    return sampling


def _value(key: str, value: Any) -> Any:
    if key == "sampling":
        return read_sampling(value)
    kind, text = _KINDS[key], str(value).strip()
    try:
        if kind.startswith("bool"):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        return float(text) if kind.startswith("float") else int(text) if kind.startswith("int") else text
    except (KeyError, ValueError):
        raise UsageError(
            "{setting}: {wanted} is wanted, not {value}",
            code="setting.kind",
            setting=key,
            wanted={"b": _YES, "f": _NUMBER, "i": _WHOLE}[kind[0]],
            value=repr(text[:40]),
        ) from None
