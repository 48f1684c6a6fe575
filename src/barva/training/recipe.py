"""`Recipe`: all that a training run needs except where the photos lie. Frozen; functions of `recipes/` make them.

A recipe travels as JSON inside its checkpoints (`to_json`, `from_json`), and `override` changes one value by its path:
`override(recipe, "optim.lr", "1e-4")`. An unknown key or a value of another kind is a `UsageError`.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import types
import typing
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from barva.errors import UsageError


def _must(holds: bool, rule: str, value: object) -> None:
    if not holds:
        raise UsageError(f"the recipe makes no sense: {rule}, not {value}")


@dataclass(frozen=True)
class Stage:
    """From the share `start` (0..1) of the run on.

    `side` px; photos a step; the smallest share of a photo's frame shown; how often caches of photos of at most 64 px
    are drawn, as a factor; the short side, px, that a cache's photos must reach to be drawn at all.
    """

    start: float
    side: int
    batch: int
    crop: float = 0.5
    small: float = 1.0
    least: int = 0

    def __post_init__(self) -> None:
        _must(0 <= self.start < 1, "a stage's start is a share of the run, 0..1", self.start)
        _must(self.side >= 32 and self.side % 32 == 0, "a stage's side is a multiple of 32 pixels", self.side)
        _must(self.batch >= 1, "a stage's batch is at least 1", self.batch)
        _must(0 < self.crop <= 1, "a stage's crop is a share of the frame, above 0 and at most 1", self.crop)
        _must(self.small >= 0 and math.isfinite(self.small), "a stage's small is a factor from 0", self.small)


@dataclass(frozen=True)
class Optim:
    """The optimizer of every player. `lr` warms up over `warmup` steps, then falls by a cosine to the share `final`.

    `decay` is AdamW's, on matrices and kernels only; `beta1` is SGD's momentum as well; `clip` the largest gradient
    norm (0: none); `ema` the share that the averaged weights keep at each step; `encoder` the factor on the rate of
    an encoder that was trained on ImageNet.
    """

    name: Literal["adamw", "adam", "sgd"] = "adamw"
    lr: float = 8e-4
    encoder: float = 1.0
    decay: float = 0.05
    beta1: float = 0.9
    beta2: float = 0.98
    warmup: int = 500
    final: float = 0.02
    clip: float = 1.0
    ema: float = 0.999

    def __post_init__(self) -> None:
        _must(0 < self.lr < math.inf, "optim.lr is above 0", self.lr)
        _must(0 < self.encoder <= 1, "optim.encoder is above 0, at most 1", self.encoder)
        for name in ("decay", "warmup", "clip"):
            _must(0 <= getattr(self, name) < math.inf, f"optim.{name} is at least 0", getattr(self, name))
        for name in ("beta1", "beta2", "ema"):
            _must(0 <= getattr(self, name) < 1, f"optim.{name} is from 0 to below 1", getattr(self, name))
        _must(0 <= self.final <= 1, "optim.final is a share, 0..1", self.final)


@dataclass(frozen=True)
class Hints:
    """Simulated guidance (`guidance.simulate`): the share of samples that get any; of these, the shares of strokes and
    of whole regions (the rest get points); of regions, the share that is told a wrong but plausible color; of points,
    the share that has 3 to 30 of them, as many as people set (the rest most often has few)."""

    share: float = 0.0
    strokes: float = 0.2
    regions: float = 0.3
    wrong: float = 0.4
    several: float = 0.0

    def __post_init__(self) -> None:
        for name in ("share", "strokes", "regions", "wrong", "several"):
            _must(0 <= getattr(self, name) <= 1, f"hints.{name} is a share, 0..1", getattr(self, name))
        _must(self.strokes + self.regions <= 1, "hints.strokes and hints.regions together are at most 1", self)


@dataclass(frozen=True)
class Recipe:
    """`model` and `loss` are the family's own frozen settings (`Objective.MODEL`, `Objective.LOSS` of
    `training.objectives.<family>`); `samples` the length of the run; `filmed` the share of samples whose light is an
    old film's (`training.film`); `masked` the share of each batch that are photos with masks, where there are any."""

    family: str
    model: Any
    loss: Any
    stages: tuple[Stage, ...]
    samples: int
    optim: Optim = field(default_factory=Optim)
    hints: Hints = field(default_factory=Hints)
    filmed: float = 0.0
    seed: int = 1
    masked: float = 0.25

    def __post_init__(self) -> None:
        starts = [s.start for s in self.stages]
        _must(bool(starts) and starts[0] == 0, "the first stage starts at 0", starts)
        _must(sorted(set(starts)) == starts, "each stage starts after the one before", starts)
        _must(self.samples >= 1, "samples is at least 1", self.samples)
        _must(0 <= self.filmed <= 1, "filmed is a share, 0..1", self.filmed)
        _must(0 <= self.masked < 1, "masked is a share, from 0 to below 1", self.masked)
        _must(self.seed >= 0, "seed is at least 0", self.seed)
        if self.family == "cyclegan":
            least = min(s.batch for s in self.stages)
            _must(least >= 2, "a batch of cyclegan has an old and a modern photo, so at least 2", least)

    def stage(self, done: float) -> Stage:
        """The stage at the share `done` 0..1 of the run."""
        return [s for s in self.stages if s.start <= done][-1]


def objective_of(family: str) -> Any:
    """The family's `Objective` class."""
    try:
        return import_module(f"barva.training.objectives.{family}").Objective
    except ModuleNotFoundError as error:
        if error.name != f"barva.training.objectives.{family}":
            raise
        raise UsageError(f"there is no family '{family}'") from None


def find_recipe(name: str) -> Recipe:
    """The recipe function `name`, looked for in `recipes/` of the family that its first word names."""
    from barva.training import recipes

    functions = recipes.functions()
    if name not in functions:
        near = difflib.get_close_matches(name, functions, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"there is no recipe '{name}'{hint} (there are: {', '.join(sorted(functions))})")
    made: Recipe = functions[name]()
    return made


def to_json(recipe: Recipe) -> str:
    """One line of JSON; `from_json` gives the same recipe back."""
    return json.dumps(dataclasses.asdict(recipe))


def from_json(text: str) -> Recipe:
    """The recipe that `to_json` wrote."""
    raw = json.loads(text)
    objective = objective_of(raw["family"])
    known = raw | {"model": _build(objective.MODEL, raw["model"]), "loss": _build(objective.LOSS, raw["loss"])}
    made: Recipe = _build(Recipe, known)
    return made


def _build(kind: Any, values: Any) -> Any:
    """`values` (from JSON) as the frozen dataclass `kind`, tuples and nested dataclasses included."""
    hints = typing.get_type_hints(kind)
    unknown = set(values) - set(hints)
    if unknown:
        raise UsageError(f"{kind.__name__} has no '{sorted(unknown)[0]}'; it has: {', '.join(hints)}")
    return kind(**{name: _value(hints[name], value) for name, value in values.items()})


def _value(kind: Any, value: Any) -> Any:
    """`value` (from JSON) as `kind`; a nested dataclass may be an object or the list of its fields. TypeError, or
    ValueError, for a value of another kind."""
    if dataclasses.is_dataclass(kind):
        if isinstance(value, list):
            names = [f.name for f in dataclasses.fields(kind)]
            if len(value) > len(names):
                raise ValueError(f"at most {len(names)} values: {', '.join(names)}")
            value = dict(zip(names, value, strict=False))
        if not isinstance(value, dict):
            raise TypeError
        return _build(kind, value)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise TypeError
        inner = typing.get_args(kind)[0]
        return tuple(_value(inner, v) for v in value)
    if kind in (int, float):
        if isinstance(value, bool) or not isinstance(value, int | float) or kind(value) != value:
            raise TypeError
        return kind(value)
    return value


def override(recipe: Recipe, path: str, text: str) -> Recipe:
    """The recipe with the value at `path` ("optim.lr") replaced by what `text` says; the kind of value must fit."""
    head, _, rest = path.partition(".")
    changed: Recipe = _override(recipe, head, rest, text, path)
    return changed


def _override(holder: Any, name: str, rest: str, text: str, path: str) -> Any:
    known = {f.name for f in dataclasses.fields(holder)}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"--set {path}: there is no '{name}'{hint} (there are: {', '.join(sorted(known))})")
    if name == "family":
        raise UsageError("--set family: the family is the recipe's; choose another recipe")
    old = getattr(holder, name)
    if rest:
        if not dataclasses.is_dataclass(old):
            raise UsageError(f"--set {path}: '{name}' has no parts")
        head, _, tail = rest.partition(".")
        return dataclasses.replace(holder, **{name: _override(old, head, tail, text, path)})
    if dataclasses.is_dataclass(old):
        names = ", ".join(f.name for f in dataclasses.fields(old))
        raise UsageError(f"--set {path}: name one of its parts: {names}")
    kind = typing.get_type_hints(type(holder))[name]
    return dataclasses.replace(holder, **{name: _parse(kind, text, path)})


def _parse(kind: Any, text: str, path: str) -> Any:
    origin = typing.get_origin(kind)
    try:
        if origin is Literal:
            if text not in (choices := typing.get_args(kind)):
                raise UsageError(f"--set {path}={text}: it is one of {', '.join(map(str, choices))}")
            return text
        if origin in (typing.Union, types.UnionType):
            plain = next(k for k in typing.get_args(kind) if k is not type(None))
            return None if text == "none" else _parse(plain, text, path)
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        if origin is tuple:
            return _parse_list(kind, text, path)
        if kind is float and not math.isfinite(float(text)):
            raise UsageError(f"--set {path}={text}: a finite number is wanted")
        return kind(float(text)) if kind is int and float(text) == int(float(text)) else kind(text)
    except UsageError:
        raise
    except (ValueError, KeyError, TypeError, OverflowError):
        raise UsageError(f"--set {path}={text}: a {getattr(kind, '__name__', kind)} is wanted") from None


def _parse_list(kind: Any, text: str, path: str) -> Any:
    """A tuple from a JSON list; what is wrong says what a list's members are."""
    inner = typing.get_args(kind)[0]
    names = [f.name for f in dataclasses.fields(inner)] if dataclasses.is_dataclass(inner) else []
    wanted = f"a list of [{', '.join(names)}]" if names else f"a list of {inner.__name__}"
    try:
        return _value(kind, json.loads(text))
    except UsageError:
        raise
    except (ValueError, TypeError, OverflowError):
        raise UsageError(f"--set {path}={text}: {wanted} is wanted") from None
