"""What a run keeps of itself, so that it goes on after a kill as if nothing had happened, and what it checks then."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from barva.errors import BarvaError, TrainingError, UsageError
from barva.training import checkpoint
from barva.training.checkpoint import LAST, Checkpoint
from barva.training.objectives.base import Facts
from barva.training.recipe import Recipe


def has_run(folder: Path) -> bool:
    """Is there a run in the folder that can be gone on with?"""
    return (folder / LAST).exists()


def stored_run(folder: Path, recipe: Recipe, sampler: Any) -> Checkpoint | None:
    """The checkpoint of the run in the folder, None where there is none.

    Raises:
        ReadError: it is damaged.
        TrainingError: the run is of another recipe, or on other photos.
    """
    if not has_run(folder):
        return None
    stored = checkpoint.load(folder / LAST)
    if stored.recipe != recipe:
        raise TrainingError(f"{folder} holds a run of another recipe; choose another folder")
    if stored.labels != sampler.labels:
        raise TrainingError(f"{folder} holds a run on other photos (their subjects differ)")
    if stored.held_out != held_sources(sampler):
        names = ", ".join(stored.held_out) or "no whole source"
        raise TrainingError(f"{folder} holds a run that holds out {names}; go on with the same --hold-out")
    masks = getattr(sampler, "masks", None)
    if masks is not None and "dense_prior" not in stored.tensors:
        raise TrainingError(f"{folder} holds a run without --masks; go on with the same ones")
    if masks is None and "dense_prior" in stored.tensors:
        raise TrainingError(f"{folder} holds a run with --masks; go on with the same ones")
    summary = sampler.data_summary() if stored.data_summary else {}
    for option, theirs in stored.data_summary.items():
        for before, now in itertools.zip_longest(theirs, summary[option]):
            if before != now:
                raise TrainingError(
                    f"{folder} holds a run with --{option} {_row_text(before)}, not {_row_text(now)}; "
                    "go on with the same ones"
                )
    return stored


def _row_text(row: Sequence[Any] | None) -> str:
    """A row of `data_summary`: a source with its number of photos and its weight, or a theme."""
    return f"{row[0]} ({row[1]}, {row[2]})" if row else "nothing"


def facts_of(sampler: Any, stored: Checkpoint | None) -> Facts:
    """What the objective may know about the photos: measured for a new run, else the stored figures."""
    masks = getattr(sampler, "masks", None)
    if stored is None:
        return Facts(sampler.prior(), len(sampler.labels), masks.prior() if masks else None)
    dense: npt.NDArray[np.float32] | None = stored.tensors["dense_prior"].numpy() if masks else None
    return Facts(stored.tensors["prior"].numpy(), len(sampler.labels), dense)


def held_sources(sampler: Any) -> tuple[str, ...]:
    """The sources that a run never learns from."""
    return tuple(getattr(sampler, "held_sources", ()))


@contextmanager
def fitting() -> Iterator[None]:
    """TrainingError where tensors do not fit the networks that they are loaded into."""
    try:
        yield
    except (RuntimeError, ValueError, KeyError) as error:
        raise TrainingError(f"the checkpoint does not fit the recipe's networks: {error}") from None


@contextmanager
def building() -> Iterator[None]:
    """UsageError where the recipe's settings make no network."""
    try:
        yield
    except BarvaError:
        raise
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise UsageError(f"the settings of the recipe's model (--set model....) make no network: {why}") from None


def restore_networks(nets: Mapping[str, nn.Module], ema: nn.Module, stored: Checkpoint) -> None:
    """Give the networks and their average the weights of the checkpoint."""
    with fitting():
        for name, net in nets.items():
            net.load_state_dict(stored.part(f"net.{name}."))
        ema.load_state_dict(stored.part("ema."))


def restore_optimizers(optimizers: Mapping[str, Any], stored: Checkpoint) -> None:
    """Give the optimizers their moments back, once their parameters lie on the device."""
    with fitting():
        for player, optimizer in optimizers.items():
            checkpoint.restore_optimizer(optimizer, stored.part(f"optim.{player}."))


Buffers = list[tuple[nn.Module, str, Tensor]]
"""Copies of buffers, with the module that each belongs to and its name there."""


def copy_buffers(nets: Mapping[str, nn.Module]) -> Buffers:
    """What a forward pass changes without a gradient: batch statistics, kept pictures."""
    modules = {id(module): module for net in nets.values() for module in net.modules()}
    return [(m, name, b.clone()) for m in modules.values() for name, b in m.named_buffers(recurse=False)]


@torch.no_grad()
def restore_buffers(kept: Buffers) -> None:
    """Undo what has changed since `copy_buffers`."""
    for module, name, value in kept:
        buffer = getattr(module, name)
        if buffer.shape == value.shape:
            buffer.copy_(value)
        else:  # pictures of another stage, for example
            setattr(module, name, value)


def run_tensors(
    nets: Mapping[str, nn.Module], ema: nn.Module, optimizers: Mapping[str, Any], facts: Facts
) -> dict[str, Tensor]:
    """All that a checkpoint holds, under the names of the table in `training.checkpoint`."""
    tensors = {f"net.{n}.{k}": v for n, net in nets.items() for k, v in net.state_dict().items()}
    tensors |= {f"ema.{k}": v for k, v in ema.state_dict().items()}
    for player, optimizer in optimizers.items():
        tensors |= checkpoint.optimizer_tensors(player, optimizer)
    tensors["prior"] = torch.from_numpy(facts.prior.copy())
    if facts.dense is not None:
        tensors["dense_prior"] = torch.from_numpy(facts.dense.copy())
    # several names for one storage would be refused
    return {name: value.clone() for name, value in tensors.items()}
