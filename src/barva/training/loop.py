"""The training loop, on Lightning Fabric: the same code on a CPU, one GPU or several.

`Run` yields a `Report` now and then; whoever runs it (the command line) shows them. In the run's folder:
`last.safetensors` (to resume and to export from), `log.csv`, `loss.svg`, `samples/*.png` and `recipe.json`.

A run is measured in samples, and then goes on after a kill exactly as it would have without; or in minutes of
wall-clock time (`Limits.minutes`), and then ends fully cooled whatever the machine's speed, but no two runs are alike.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from barva.errors import TrainingError
from barva.files import write_whole
from barva.imaging.write import make_folder
from barva.training import checkpoint, monitor
from barva.training.checkpoint import LAST, Checkpoint, Progress
from barva.training.data import Batch, Prefetcher, Sampler
from barva.training.device import Device, fabric_on
from barva.training.objectives.base import Facts, Tensors
from barva.training.optim import optimizer_for, rate_at
from barva.training.recipe import Recipe, Stage, objective_of, to_json

DEPTH = 4
"""Batches made ahead."""

LOST = 20
"""After so many steps in a row whose gradients are no numbers, a run is given up. Single ones are passed over."""


@dataclass(frozen=True)
class Limits:
    """`minutes` of wall-clock time instead of the recipe's samples; seconds between checkpoints and between sheets;
    `stop` ends after so many samples without cooling (for rehearsals)."""

    minutes: float | None = None
    save_every: float = 300.0
    sheet_every: float = 600.0
    stop: int | None = None


@dataclass(frozen=True)
class Report:
    """Where a run is: the mean parts of the loss since the last report, samples a second, seconds left."""

    progress: Progress
    side: int
    parts: dict[str, float]
    speed: float
    left: float


def has_run(folder: Path) -> bool:
    """Is there a run in the folder that can be gone on with?"""
    return (folder / LAST).exists()


@contextmanager
def _fitting() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, KeyError) as error:
        raise TrainingError(f"the checkpoint does not fit the recipe's networks: {error}") from None


class Run:
    """One training run in a folder; goes on from its checkpoint if there is one, else from `start` (averaged weights
    of another run of the same family and model, clocks at nought)."""

    def __init__(
        self, recipe: Recipe, sampler: Sampler, folder: Path, device: Device | None = None, start: Path | None = None
    ) -> None:
        self.recipe, self.sampler, self.folder = recipe, sampler, folder
        self.device = device or Device()
        self.fabric: Any = fabric_on(self.device)
        self.fabric.launch()
        torch.manual_seed(recipe.seed)
        make_folder(folder)
        # the command that began a run from another one's weights is the one that goes on with it
        start = None if has_run(folder) else start
        stored = self._stored(start)
        prior = stored.tensors["prior"].numpy() if stored and not start else sampler.prior()
        self.facts = Facts(prior, len(sampler.labels))
        self.objective = objective_of(recipe.family)(recipe, self.facts)
        self.nets: dict[str, nn.Module] = {
            name: net.to(memory_format=torch.channels_last) for name, net in self.objective.build().items()
        }
        self.ema = copy.deepcopy(self.nets["net"]).eval()
        self.progress, self.stopped, self._lost = Progress(), False, 0
        whole = stored is not None and start is None
        if stored:
            self._restore_networks(stored, whole)
        self.wrapped = {name: self.fabric.setup_module(net) for name, net in self.nets.items()}
        self.ema = self.ema.to(self.fabric.device)
        # moments are put where their parameters are: only now on the device
        self.optimizers = {
            player: optimizer_for(recipe.optim, [self.nets[n] for n in names])
            for player, names in self.objective.players().items()
        }
        if stored and whole:
            self._restore_optimizers(stored)
            self.progress = stored.progress
        self.steppers: dict[str, Any] = {p: self.fabric.setup_optimizers(o) for p, o in self.optimizers.items()}
        if self.fabric.is_global_zero:
            write_whole(folder / "recipe.json", f"{to_json(recipe)}\n".encode(), overwrite=True)

    @property
    def path(self) -> Path:
        return self.folder / LAST

    @property
    def leads(self) -> bool:
        """Is this the process that writes, of those of the run?"""
        return bool(self.fabric.is_global_zero)

    def _stored(self, start: Path | None) -> Checkpoint | None:
        if has_run(self.folder):
            found = checkpoint.load(self.path)
            if found.recipe != self.recipe:
                raise TrainingError(f"{self.folder} holds a run of another recipe; choose another folder")
            if found.labels != self.sampler.labels:
                raise TrainingError(f"{self.folder} holds a run on other photos (their subjects differ)")
            return found
        if start is None:
            return None
        found = checkpoint.load(start)
        theirs, ours = found.recipe.family, self.recipe.family
        if theirs != ours:
            raise TrainingError(f"{start} is a checkpoint of the family '{theirs}'; this recipe is of '{ours}'")
        return found

    def _restore_networks(self, stored: Checkpoint, whole: bool) -> None:
        """All networks of this run's checkpoint, or the averaged one of another run's."""
        with _fitting():
            if not whole:
                averaged = monitor.matching(self.nets["net"], stored.part("ema."))
                self.nets["net"].load_state_dict(averaged)
                self.ema.load_state_dict(averaged)
                return
            for name, net in self.nets.items():
                net.load_state_dict(stored.part(f"net.{name}."))
            self.ema.load_state_dict(stored.part("ema."))

    def _restore_optimizers(self, stored: Checkpoint) -> None:
        with _fitting():
            for player, optimizer in self.optimizers.items():
                checkpoint.restore_optimizer(optimizer, stored.part(f"optim.{player}."))

    def save(self) -> None:
        """Write the checkpoint (the first process only)."""
        if not self.fabric.is_global_zero:
            return
        tensors = {f"net.{n}.{k}": v for n, net in self.nets.items() for k, v in net.state_dict().items()}
        tensors |= {f"ema.{k}": v for k, v in self.ema.state_dict().items()}
        for player, optimizer in self.optimizers.items():
            tensors |= checkpoint.optimizer_tensors(player, optimizer)
        tensors["prior"] = torch.from_numpy(self.facts.prior.copy())
        # several names for one storage would be refused
        tensors = {k: v.clone() for k, v in tensors.items()}
        checkpoint.save(self.path, Checkpoint(self.recipe, self.sampler.labels, self.progress, tensors))

    def tensors(self, batch: Any) -> Any:
        """The batch on the run's device, channels first."""
        if hasattr(self.objective, "tensors"):
            moved: Any = self.objective.tensors(batch, self.fabric.device)
            return moved

        def planes(array: Any) -> Tensor:
            moved: Tensor = self.fabric.to_device(torch.from_numpy(array)).permute(0, 3, 1, 2)
            return moved

        def plane(array: Any) -> Tensor:
            moved: Tensor = self.fabric.to_device(torch.from_numpy(array)).unsqueeze(1)
            return moved

        hints: Tensor = self.fabric.to_device(torch.from_numpy(batch.hints))
        label: Tensor = self.fabric.to_device(torch.from_numpy(batch.label))
        rgb = planes(batch.rgb).float() / 255
        return Tensors(plane(batch.light), hints, plane(batch.lightness), planes(batch.ab), rgb, label)

    def update(self, batch: Tensors, done: float) -> dict[str, float]:
        """Every player's turns on one batch; the parts of their losses by name."""
        # dropout and history buffers draw the same numbers after a resume
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.progress.step)
        optim = self.recipe.optim
        parts: dict[str, float] = {}
        turns = self.objective.turns(self.wrapped, batch)
        # processes see different photos, but must take the same turns
        for player in self.fabric.broadcast(list(turns)) if self.fabric.world_size > 1 else turns:
            stepper = self.steppers[player]
            for group in stepper.param_groups:
                group["lr"] = rate_at(optim, done, self.progress.step)
            loss, named = self.objective.loss(player, self.wrapped, batch)
            stepper.zero_grad(set_to_none=True)
            self.fabric.backward(loss)
            if self._clipped(player, stepper):
                stepper.step()
                parts |= named
                self._lost = 0
            elif (lost := self._lost + 1) < LOST:
                self._lost = lost
            else:
                raise TrainingError(
                    f"the loss has been no number for {LOST} steps: lower the rate (--set optim.lr=...)"
                )
        self.average()
        return parts

    def _clipped(self, player: str, stepper: Any) -> bool:
        """Clip the gradients of a player's networks; False where one of them is no number, so that no step can be
        taken."""
        limit = self.recipe.optim.clip or math.inf
        norms = [
            self.fabric.clip_gradients(self.wrapped[name], stepper, max_norm=limit, error_if_nonfinite=False)
            for name in self.objective.players()[player]
        ]
        return bool(torch.isfinite(torch.stack([torch.as_tensor(norm) for norm in norms])).all())

    @torch.no_grad()
    def average(self) -> None:
        """Exponential moving average of the weights and batch statistics of `net`, short at first."""
        keep = min(self.recipe.optim.ema, (1 + self.progress.step) / (10 + self.progress.step))
        pairs = zip(self.ema.state_dict().values(), self.nets["net"].state_dict().values(), strict=True)
        mean, now = zip(*((m, n) for m, n in pairs if m.dtype.is_floating_point), strict=True)
        torch._foreach_lerp_(mean, now, 1 - keep)

    def done(self, limits: Limits, extra: int = 0) -> float:
        """The share of the run that lies behind, 0..1, `extra` samples ahead."""
        if limits.minutes is not None:
            return self.progress.seconds / (limits.minutes * 60)
        return (self.progress.samples + extra) / self.recipe.samples

    def go(self, limits: Limits | None = None) -> Iterator[Report]:
        """Train to the end; a checkpoint now and then and at the end. `stop`, and closing the generator, save too; an
        exception within a step does not: the checkpoint before it stays, for half a step cannot be gone on from.
        `TrainingError`: the loss is no number, again and again."""
        limits = limits or Limits()
        ahead: Prefetcher[tuple[Stage, Batch]] = Prefetcher(self.device.workers)
        log = monitor.Log(self.folder, self.progress, self.fabric.is_global_zero)
        self._asked, self._ahead_samples = self.progress.step, 0
        saved = sheeted = time.monotonic()
        whole = True
        try:
            while not self._ended(limits):
                began, whole = time.monotonic(), False
                self._ask(ahead, limits)
                stage, batch = ahead.take()
                parts = self.update(self.tensors(batch), self.done(limits))
                seen = stage.batch * self.fabric.world_size
                self._ahead_samples -= seen
                now, p = time.monotonic(), self.progress
                self.progress = Progress(p.step + 1, p.samples + seen, p.seconds + now - began)
                mean = log.add(parts, self.progress, stage.side)
                whole = True
                if mean is not None:
                    yield Report(self.progress, stage.side, mean.parts, mean.speed, self._left(limits, mean.speed))
                if mean is not None and now - saved > limits.save_every:
                    self.save()  # between two lines of the log, so that those are the same after a kill
                    saved = time.monotonic()
                if now - sheeted > limits.sheet_every and self.fabric.is_global_zero:
                    monitor.draw(self, stage.side)
                    sheeted = time.monotonic()
        finally:
            ahead.close()
            if whole:
                self.save()
        if not self.stopped and self.fabric.is_global_zero:
            monitor.draw(self, self.recipe.stages[-1].side)

    def stop(self) -> None:
        """End after the step that is being taken; may be called from a signal's handler."""
        self.stopped = True

    def _ended(self, limits: Limits) -> bool:
        stopped = self.stopped
        if self.fabric.world_size > 1:
            # each process has a clock of its own and hears signals alone: all go by the first one's, or some would
            # leave while the others wait for their gradients, and rates would differ
            seconds, stopped = self.fabric.broadcast((self.progress.seconds, stopped))
            self.progress = replace(self.progress, seconds=seconds)
        reached = limits.stop is not None and self.progress.samples >= limits.stop
        return stopped or reached or self.done(limits) >= 1

    def _ask(self, ahead: Prefetcher[tuple[Stage, Batch]], limits: Limits) -> None:
        """Keep `DEPTH` batches in the making. Their stage follows from the samples asked for so far, so that it is the
        same after a resume."""
        while len(ahead) < DEPTH:
            stage = self.recipe.stage(min(self.done(limits, self._ahead_samples), 1.0))
            ahead.ask(partial(self._made, stage, self._asked))
            self._asked += 1
            self._ahead_samples += stage.batch * self.fabric.world_size

    def _made(self, stage: Stage, step: int) -> tuple[Stage, Batch]:
        return stage, self.sampler.batch(step, stage, self.fabric.global_rank)

    def _left(self, limits: Limits, speed: float) -> float:
        if limits.minutes is not None:
            return max(0.0, limits.minutes * 60 - self.progress.seconds)
        return max(0, self.recipe.samples - self.progress.samples) / max(speed, 1e-9)
