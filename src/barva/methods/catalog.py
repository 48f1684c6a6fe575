"""The catalogue: names and lazy targets. Other packages plug in through the entry point group `barva.methods`; the
user's own weights in the folder BARVA_WEIGHTS are methods by their file's name."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from barva.errors import UsageError, WeightsError
from barva.methods.base import Method, MethodCard
from barva.runtime import weights
from barva.runtime.subgraph import metadata

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
    """Name -> "module:Class" of every installed method; ours win over a plug-in of the same name."""
    return {e.name: e.value for e in entry_points(group="barva.methods")} | _TARGETS


def own_weights() -> dict[str, Path]:
    """Name -> ONNX file of the user's own weights that are methods: those with a card inside, under a free name."""
    return {
        name: path
        for name, path in weights.own().items()
        if name not in targets() and _stored_card(path, _mtime_ns(path)) is not None
    }


def names() -> list[str]:
    """All methods' names, the default first, the user's own last."""
    return [*sorted(targets(), key=lambda n: (n != DEFAULT, n)), *own_weights()]


def _class(name: str) -> Any:
    module, _, attribute = targets()[name].partition(":")
    return getattr(import_module(module), attribute)


def card(name: str) -> MethodCard:
    """The card of one method, without loading its network. UsageError: there is none. WeightsError: a file of the
    user's own weights without a card."""
    if name in targets():
        installed: MethodCard = _class(name).CARD
        return installed
    own = weights.own()
    if name in own:
        return card_in(own[name])
    raise UsageError(_unknown(name))


def _unknown(name: str) -> str:
    all_names = names()
    near = difflib.get_close_matches(name, all_names, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    text = f"there is no method '{name}'{hint} (barva methods lists them: {', '.join(sorted(all_names))})"
    folder = weights.own_folder()
    return text if folder is None or folder.is_dir() else f"{text}; the folder {weights.VARIABLE}={folder} is not there"


def card_in(path: Path) -> MethodCard:
    """The card inside an ONNX file that `barva export` wrote, under the file's own name. WeightsError without one."""
    stored = _stored_card(path, _mtime_ns(path))
    if stored is None:
        raise WeightsError(f"{path} holds no card of a method: barva export writes one that does")
    family: MethodCard = _class(str(stored["family"])).CARD
    title = f"{family.title} ({path.stem})"
    summary = f"weights of your own for {family.name}"
    return replace(family, name=path.stem, title=title, summary=summary, weights=path, caution="", translations={})


def _mtime_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise WeightsError(f"the weights {path} cannot be read ({error.strerror})") from None


@lru_cache(maxsize=64)
def _stored_card(path: Path, changed: int) -> dict[str, Any] | None:
    """`barva.card` in a file's metadata, if it is one of a network of ours."""
    try:
        stored = json.loads(metadata(path.read_bytes()).get("barva.card", "null"))
    except (OSError, ValueError, WeightsError):
        return None
    if not isinstance(stored, dict) or stored.get("family") not in targets():
        return None
    return stored if _class(str(stored["family"])).CARD.weights else None


def method_cards() -> tuple[MethodCard, ...]:
    """The cards of all methods, the default first."""
    return tuple(card(name) for name in names())


def create(name: str, threads: int | None = None) -> Method:
    """A method ready to paint; `threads` limits its network."""
    if name in targets():
        installed: Method = _class(name)(threads)
        return installed
    return _create_with(card(name), threads)


def load_method(path: Path, threads: int | None = None) -> Method:
    """The method that an ONNX file of `barva export` is, wherever it lies. WeightsError."""
    return _create_with(card_in(path), threads)


def _create_with(method_card: MethodCard, threads: int | None) -> Method:
    network: Method = _class(method_card.family)(threads, method_card)
    return network
