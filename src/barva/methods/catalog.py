"""The catalog: names and lazy targets. Other packages plug in through the entry point group `barva.methods`; the
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

from barva.errors import SEMICOLON, Message, UsageError, WeightsError, join, kind_of
from barva.methods.base import Method, MethodCard, SizeRule
from barva.runtime import weights
from barva.runtime.subgraph import metadata

DEFAULT = "guided"

_TARGETS = {
    "guided": "barva.methods.neural.guided:Guided",
    "regression": "barva.methods.neural.regression:Regression",
    "classes": "barva.methods.neural.classes:Classes",
    "gan": "barva.methods.neural.gan:Gan",
    "cyclegan": "barva.methods.neural.cyclegan:CycleGan",
    "diffusion": "barva.methods.neural.diffusion:Diffusion",
    "levin": "barva.methods.classical.levin:Levin",
    "welsh": "barva.methods.classical.welsh:Welsh",
    "irony": "barva.methods.classical.irony:Irony",
    "references": "barva.methods.classical.references:References",
}

_WITHOUT_WEIGHTS = {
    "diffusion_palette": "barva.methods.neural.diffusion_palette:DiffusionPalette",
}
"""Families that no weights are shipped of: a method of theirs is what the user has trained, under any name."""


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


def _families() -> dict[str, str]:
    """Name -> "module:Class" of all that weights can be of."""
    return _WITHOUT_WEIGHTS | targets()


def _class(name: str) -> Any:
    """The class of a method or family. UsageError: another package plugs it in, and cannot be loaded."""
    module, _, attribute = _families()[name].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:  # whatever another package's code raises
        if name in _TARGETS or name in _WITHOUT_WEIGHTS:
            raise
        raise UsageError(
            "the method '{name}' of another package ({module}) cannot be loaded: {problem}",
            code="method.not-loaded",
            name=name,
            module=module,
            problem=f"{type(error).__name__}: {' '.join(str(error).split())[:160]}",
        ) from error


def family_card(name: str) -> MethodCard:
    """The card of a family, whether weights of it are shipped or not. UsageError: there is none."""
    if name not in _families():
        raise _unknown_method(name)
    known: MethodCard = _class(name).CARD
    return known


def card(name: str) -> MethodCard:
    """The card of one method, without loading its network. UsageError: there is none. WeightsError: a file of the
    user's own weights without a card."""
    if not isinstance(name, str):
        raise UsageError(f"a method's name is wanted, not {kind_of(name)}")
    if name in targets():
        installed: MethodCard = _class(name).CARD
        return installed
    own = weights.own()
    if name in own:
        return card_in(own[name])
    if name in _WITHOUT_WEIGHTS:
        raise WeightsError(
            "{method} comes without weights: train them (barva train {method}), and name the folder that barva export "
            "wrote them to in {variable}",
            code="weights.none-shipped",
            method=name,
            variable=weights.VARIABLE,
        )
    raise _unknown_method(name)


def _unknown_method(name: str) -> UsageError:
    all_names = names()
    near = difflib.get_close_matches(name, all_names, n=1)
    missing = Message(
        "there is no method '{name}'{hint} (barva methods lists them: {names})",
        code="method.unknown",
        name=name,
        hint=Message("; did you mean {word}?", code="did-you-mean", word=near[0]) if near else "",
        names=", ".join(sorted(all_names)),
    )
    folder = weights.own_folder()
    if folder is None or folder.is_dir():
        return UsageError(missing)
    no_folder = Message(
        "the folder {variable}={folder} is not there",
        code="weights.no-folder",
        variable=weights.VARIABLE,
        folder=folder,
    )
    return UsageError(join((missing, no_folder), SEMICOLON))


def card_in(path: Path) -> MethodCard:
    """The card inside an ONNX file that `barva export` wrote, under the file's own name. WeightsError without one."""
    stored = _stored_card(path, _mtime_ns(path))
    if stored is None:
        raise WeightsError(
            "{file} holds no card of a method: barva export writes one that does", code="weights.no-card", file=path
        )
    family: MethodCard = _class(str(stored["family"])).CARD
    title = f"{family.title} ({path.stem})"
    summary = f"weights of your own for {family.name}"
    try:  # a network can work at another size than its family's
        size = SizeRule(**{name: int(stored["size"][name]) for name in ("short", "multiple", "longest")})
    except (KeyError, TypeError, ValueError):
        size = family.size
    return replace(
        family, name=path.stem, title=title, summary=summary, size=size, weights=path, caution="", translations={}
    )


def _mtime_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise WeightsError(
            "the weights {file} cannot be read ({problem})",
            code="weights.own-unreadable",
            file=path,
            problem=error.strerror,
        ) from None


@lru_cache(maxsize=64)
def _stored_card(path: Path, changed: int) -> dict[str, Any] | None:
    """`barva.card` in a file's metadata, if it is one of a network of ours."""
    try:
        stored = json.loads(metadata(path.read_bytes()).get("barva.card", "null"))
    except (OSError, ValueError, WeightsError):
        return None
    if not isinstance(stored, dict) or str(stored.get("family")) not in _families():
        return None
    return stored if _class(str(stored["family"])).CARD.weights else None


def method_cards() -> tuple[MethodCard, ...]:
    """The cards of all methods, those of plug-in packages included.

    Returns:
        The cards, the default's first.

    Examples:
        >>> barva.method_cards()[0].name
        'guided'
    """
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
