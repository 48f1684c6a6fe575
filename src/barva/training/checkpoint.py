"""Checkpoints: one safetensors file that carries its recipe, and from which a run goes on exactly.

| tensors | |
|---|---|
| `net.NAME.*` | each network of the objective |
| `ema.*` | the averaged weights of the network `net` |
| `optim.PLAYER.INDEX.*` | the optimizers' moments, in the order of their parameters |
| `prior` | (313,) bin distribution of the photos |
| `dense_prior` | (classes,) how much of the photos with masks each class covers, where there are some |

The metadata (text) holds `recipe`, `labels`, `held_out`, `data_summary` (JSON), `border`, `step`, `samples`, `seconds`
and the version of Barva.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from barva.errors import ReadError, WriteError
from barva.files import reason, replace_whole
from barva.training.recipe import Recipe, from_json, to_json
from barva.version import __version__

FORMAT = "barva training 1"

LAST = "last.safetensors"
"""The checkpoint of a run's folder."""


@dataclass(frozen=True)
class Progress:
    """How far a run is: optimizer steps, photos seen (by all devices), seconds of training."""

    step: int = 0
    samples: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A checkpoint's contents; `tensors` by the names of the module's table; `held_out` names the sources that the run
    never learns from, `border` is the highest lot of the photos that it does not learn from (`data.border_of`); None:
    it does not hold out by lot, or an older version of Barva did not say; `data_summary` is what the run draws its
    batches from (`Sampler.data_summary`), nothing where an older version did not say."""

    recipe: Recipe
    labels: list[str]
    progress: Progress
    tensors: Mapping[str, Tensor]
    held_out: tuple[str, ...] = ()
    border: float | None = None
    data_summary: Mapping[str, Any] = field(default_factory=dict)

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors below `prefix`, without it."""
        return {k[len(prefix) :]: v for k, v in self.tensors.items() if k.startswith(prefix)}


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write beside, then rename: a kill or a full disk leaves the older checkpoint whole. WriteError."""
    p = checkpoint.progress
    metadata = {
        "format": FORMAT,
        "barva": __version__,
        "recipe": to_json(checkpoint.recipe),
        "labels": json.dumps(checkpoint.labels),
        "held_out": json.dumps(checkpoint.held_out),
        "border": json.dumps(checkpoint.border),
        "data_summary": json.dumps(checkpoint.data_summary),
        "step": str(p.step),
        "samples": str(p.samples),
        "seconds": repr(p.seconds),
    }
    tensors = {k: v.detach().cpu().contiguous() for k, v in checkpoint.tensors.items()}

    def write(part: Path) -> None:
        try:
            save_file(tensors, part, metadata)
        except SafetensorError as error:  # the library's own name for what the file system refuses
            raise WriteError(f"{path} cannot be written: {reason(error)}") from error

    replace_whole(path, write)


def load(path: Path) -> Checkpoint:
    """What `save` wrote, in a file or a run's folder; `ReadError` when it is missing, cut or something else."""
    path = path / LAST if path.is_dir() else path
    try:
        with safe_open(path, framework="pt") as file:
            meta: dict[str, Any] = file.metadata() or {}
            if meta.get("format") != FORMAT:
                raise ReadError(f"{path} is not a checkpoint of `barva train`")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except ReadError:
        raise
    except FileNotFoundError:
        raise ReadError(f"{path}: there is no such checkpoint") from None
    except SafetensorError:
        raise ReadError(f"{path} is not a checkpoint of `barva train`, or a damaged one") from None
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {reason(error)}") from None
    try:
        progress = Progress(int(meta["step"]), int(meta["samples"]), float(meta["seconds"]))
        held_out = tuple(json.loads(meta.get("held_out", "[]")))
        border, summary = json.loads(meta.get("border", "null")), json.loads(meta.get("data_summary", "{}"))
        labels = json.loads(meta["labels"])
        return Checkpoint(from_json(meta["recipe"]), labels, progress, tensors, held_out, border, summary)
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(f"{path} is a checkpoint of another version of Barva ({error})") from None


def optimizer_tensors(player: str, optimizer: Any) -> dict[str, Tensor]:
    """An optimizer's moments under the names of the module's table."""
    state = optimizer.state_dict()["state"]
    return {
        f"optim.{player}.{index}.{name}": value
        for index, moments in state.items()
        for name, value in moments.items()
        if isinstance(value, Tensor)
    }


def restore_optimizer(optimizer: Any, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimizer its moments back; `tensors` by "INDEX.NAME"."""
    params = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, _, moment = name.partition(".")
        if value.ndim:
            # fused optimizers walk the raw memory: moments must lie as their parameter does (channels last)
            value = torch.empty_like(params[int(index)], requires_grad=False).copy_(value)
        state.setdefault(int(index), {})[moment] = value
    whole = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": whole["param_groups"]})
