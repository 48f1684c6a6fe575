"""The catalogue: names and lazy targets. Other packages plug in through the entry point group `barva.methods`."""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from barva.errors import UsageError
from barva.methods.base import Method, MethodCard

DEFAULT = "guided"

_TARGETS = {
    "guided": "barva.methods.neural.guided:Guided",
    "regression": "barva.methods.neural.regression:Regression",
    "classes": "barva.methods.neural.classes:Classes",
    "gan": "barva.methods.neural.gan:Gan",
    "cyclegan": "barva.methods.neural.cyclegan:CycleGan",
    "levin": "barva.methods.classical.levin:Levin",
    "welsh": "barva.methods.classical.welsh:Welsh",
    "irony": "barva.methods.classical.irony:Irony",
    "references": "barva.methods.classical.references:References",
}


@lru_cache(maxsize=1)
def targets() -> dict[str, str]:
    """Name -> "module:Class" of every method; ours win over a plug-in of the same name."""
    return {e.name: e.value for e in entry_points(group="barva.methods")} | _TARGETS


def _class(name: str) -> Any:
    known = targets()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"there is no method '{name}'{hint} (barva methods lists them: {', '.join(sorted(known))})")
    module, _, attribute = known[name].partition(":")
    return getattr(import_module(module), attribute)


def card(name: str) -> MethodCard:
    """The card of one method, without loading its network."""
    found: MethodCard = _class(name).CARD
    return found


def method_cards() -> tuple[MethodCard, ...]:
    """The cards of all methods, the default first."""
    return tuple(card(n) for n in sorted(targets(), key=lambda n: (n != DEFAULT, n)))


def create(name: str, threads: int | None = None) -> Method:
    """A method ready to paint; `threads` limits its network."""
    made: Method = _class(name)(threads)
    return made
