"""What a run begins with: a checkpoint's averaged weights, or those of an exported network, such as a shipped one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from barva.color import bins
from barva.errors import ReadError, TrainingError, UsageError
from barva.perception.classes import CLASSES
from barva.runtime import weights
from barva.runtime.subgraph import metadata
from barva.training import checkpoint
from barva.training.checkpoint import LAST
from barva.training.objectives.base import Facts
from barva.training.recipe import Recipe, from_json, objective_of
from barva.training.unfold import read_model, unfold

SHIPPED = "shipped"
"""The word for the weights that Barva ships."""

SUBJECT = ("subject.weight", "subject.bias")
AUXILIARY = ("subject.", "dense.")
"""Heads that are not shipped: other subjects are no other network."""

SELECT = "_select"
"""How the second of perception's two files ends."""


@dataclass(frozen=True, eq=False)
class Start:
    """Weights to begin with.

    Args:
        name: As the user gave it.
        recipe: That of the run that they come from.
        labels: The subjects that its auxiliary head told apart, in order; none where the head was not exported.
        state: Weights of the network `net` by name.
        folded: Its convolutions and the batch norms behind them that have no statistics yet (`training.recalibrate`).
    """

    name: str
    recipe: Recipe
    labels: Sequence[str]
    state: Mapping[str, Tensor]
    folded: Sequence[tuple[str, str]] = ()


def open_start(start: str | Path, family: str) -> Start:
    """The weights that `start` names.

    Args:
        start: "shipped", an ONNX file of `barva export`, a checkpoint, or a folder with either.
        family: Of the recipe that begins with them.

    Raises:
        ReadError: Nothing of that kind is there, or it is damaged.
        TrainingError: It is of another family.
        WeightsError: An ONNX file is not the one that its card names.
    """
    text = str(start)
    path = weights.FOLDER / f"{family}.onnx" if text == SHIPPED else _file(Path(start), family)
    if path.suffix.lower() == ".onnx":
        return _open_export(text, path, family)
    stored = checkpoint.load(path)
    _check_family(text, stored.recipe.family, family)
    return Start(text, stored.recipe, stored.labels, stored.part("ema."))


def _file(path: Path, family: str) -> Path:
    """The checkpoint or ONNX file that a path means."""
    if not path.is_dir() or (path / LAST).exists():
        return path
    networks = [p for p in sorted(path.glob("*.onnx")) if not p.stem.endswith(SELECT)]
    if len(networks) < 2:
        return networks[0] if networks else path
    for own in networks:
        if own.stem == family:
            return own
    raise UsageError(f"--start {path}: it holds several networks; name one: {', '.join(p.name for p in networks)}")


def _check_family(name: str, theirs: str, ours: str) -> None:
    if theirs != ours:
        raise TrainingError(f"{name} is a checkpoint of the family '{theirs}'; this recipe is of '{ours}'")


def _open_export(name: str, path: Path, family: str) -> Start:
    if path.stem.endswith(SELECT):
        path = path.with_name(path.name.removesuffix(f"{SELECT}.onnx") + ".onnx")
    facts = _facts_of(path)
    recipe = _recipe_of(path, facts)
    _check_family(name, recipe.family, family)
    prior = np.full(len(CLASSES if family == "perception" else bins.BINS), 1.0, np.float32)
    objective = objective_of(family)(recipe, Facts(prior / prior.sum(), 0))
    net = objective.build()["net"]
    try:
        unfolded = unfold(net, _parts(path, family, objective, net))
    except TrainingError as error:
        raise TrainingError(f"{name} is not the network that its card describes: {error}") from None
    state = unfolded.state
    if hasattr(objective, "learned"):  # no layer's
        state["learned"] = torch.tensor(objective.learned)
    if family == "perception":  # the next export adds them again
        from barva.training.export_perception import add_offsets

        add_offsets(state, facts.get("offsets", {}), -1)
    return Start(name, recipe, (), state, unfolded.folded)


def _facts_of(path: Path) -> Mapping[str, Any]:
    """The card beside an ONNX file, or in the file itself."""
    if path.with_suffix(".json").exists():
        return weights.facts(weights.verify(path))
    if path.exists():
        return dict(json.loads(metadata(path.read_bytes()).get("barva.facts", "{}")))
    raise ReadError(f"{path}: there is no such checkpoint")


def _recipe_of(path: Path, facts: Mapping[str, Any]) -> Recipe:
    """The recipe that the card names."""
    try:
        return from_json(json.dumps(facts["trained"]["recipe"]))
    except (KeyError, TypeError, ValueError):
        raise ReadError(
            f"{path} does not say how it was trained: barva export writes {path.stem}.json beside it"
        ) from None


def _parts(path: Path, family: str, objective: Any, net: nn.Module) -> list[tuple[Any, Callable[[], object]]]:
    """Each ONNX model with what runs its layers; of `perception` also the second file, where it is there."""
    if hasattr(objective, "example"):
        return [(read_model(path), lambda: net(*objective.example()))]
    if family != "perception":
        return [(read_model(path), lambda: objective.export_module(net)(torch.zeros(1, objective.CHANNELS, 64, 64)))]
    from barva.training.export_perception import parts

    files = (path, path.with_name(f"{path.stem}{SELECT}.onnx"))
    return [
        (read_model(file), partial(module, *example))
        for file, (module, example) in zip(files, parts(net).values(), strict=True)
        if file.exists()
    ]


def matching(net: nn.Module, start: Start, labels: Sequence[str]) -> dict[str, Tensor]:
    """The state of `net` with the start's weights in it.

    Parts of the network that the other run did not have stay as they are, and so do auxiliary heads for other subjects;
    of the subjects that both know the rows are taken, whatever their order.

    Raises:
        TrainingError: Nothing fits, a tensor has another shape, or each network has parts that the other has not: then
            they are two networks, which share some names.
    """
    own = net.state_dict()
    taken = {n: w for n, v in own.items() if (w := start.state.get(n)) is not None and w.shape == v.shape}
    other = [n for n in own if n in start.state and n not in taken and not n.startswith(AUXILIARY)]
    if other or not taken:
        name = other[0] if other else next(iter(own))
        raise TrainingError(f"the start checkpoint {start.name} has no '{name}' of shape {tuple(own[name].shape)}")
    missing = [n for n in own if n not in start.state and not n.startswith(AUXILIARY)]
    foreign = [n for n in start.state if n not in own and not n.startswith(AUXILIARY)]
    if missing and foreign:
        why = f"it has no '{missing[0]}', and has a '{foreign[0]}'"
        raise TrainingError(f"the start checkpoint {start.name} is of another network: {why}")
    return own | taken | _subject(own, start, labels)


def _subject(own: Mapping[str, Tensor], start: Start, labels: Sequence[str]) -> dict[str, Tensor]:
    """The subject head's rows by their labels."""
    if not all(name in own and name in start.state for name in SUBJECT):
        return {}
    number = {label: i for i, label in enumerate(start.labels)}
    pairs = [(i, number[label]) for i, label in enumerate(labels) if label in number]
    rows = {name: own[name].clone() for name in SUBJECT}
    if start.state[SUBJECT[0]].shape[1:] == own[SUBJECT[0]].shape[1:]:
        for ours, theirs in pairs:
            for name in SUBJECT:
                rows[name][ours] = start.state[name][theirs]
    return rows


def check_meaning(start: Start, recipe: Recipe) -> None:
    """`TrainingError` where networks of one shape answer in different spaces."""
    theirs, ours = _meaning(start.recipe), _meaning(recipe)
    for name in ours:
        if theirs.get(name, ours[name]) != ours[name]:
            raise TrainingError(
                f"{start.name} answers in {name} '{theirs[name]}', this recipe's network in '{ours[name]}'"
            )


def _meaning(recipe: Recipe) -> dict[str, str]:
    """What the family's settings say of the numbers that the network answers."""
    settings = {"space": getattr(recipe.model, "space", None)}
    if recipe.family == "classes":  # both kinds of cross entropy answer logits
        settings["head"] = "ab" if recipe.loss.kind == "l2" else "bins"
    return {name: str(value) for name, value in settings.items() if value is not None}


def anew(net: nn.Module, start: Start) -> list[str]:
    """The parts of `net`, by the first word of their names, of which the start has nothing."""
    known = {name.split(".")[0] for name in start.state}
    return sorted({name.split(".")[0] for name in net.state_dict()} - known)
