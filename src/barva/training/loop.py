"""The training loop, on Lightning Fabric: the same code on a CPU, one GPU or several.

`Run` yields a `Report` now and then; whoever runs it (the command line) shows them. In the run's folder:
`last.safetensors` (to resume and to export from), `log.csv`, `loss.svg`, `samples/*.png` and `recipe.json`.

A run is measured in samples, and then goes on after a kill exactly as it would have without; or in minutes of training
(`Limits.minutes`), and then ends fully cooled whatever the machine's speed, but no two runs are alike. Sheets,
validation and checkpoints do not count.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from barva.errors import TrainingError, UsageError
from barva.files import write_whole
from barva.imaging.write import make_folder
from barva.training import checkpoint, monitor, recalibrate, restart
from barva.training.checkpoint import LAST, Checkpoint, Progress
from barva.training.data import Sampler
from barva.training.device import Device, fabric_on, keep_memory, wrap
from barva.training.objectives.base import Tensors, tensors_on
from barva.training.optim import clip_gradients, move_average, optimizer_for, rate_at
from barva.training.recipe import Recipe, objective_of, to_json
from barva.training.schedule import StagedBatches
from barva.training.start import anew, check_meaning, matching, open_start

LOST = 20
"""After so many steps in a row whose gradients are no numbers, a run is given up. Single ones are passed over."""

ALIKE = ("perception",)
"""Families whose random numbers decide what is computed, such as how many rounds of clicks: there all processes of a
run draw the same ones, elsewhere each its own."""


@dataclass(frozen=True)
class Limits:
    """`minutes` of training instead of the recipe's samples; seconds between checkpoints and between sheets;
    `stop` ends after so many samples without cooling (for rehearsals)."""

    minutes: float | None = None
    save_every: float = 300.0
    sheet_every: float = 600.0
    stop: int | None = None

    def __post_init__(self) -> None:
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            raise UsageError(f"minutes: a number above 0 is wanted, not {self.minutes:g}")
        for name in ("save_every", "sheet_every"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"{name}: a number from 0 is wanted, not {getattr(self, name):g}")


@dataclass(frozen=True)
class Report:
    """Where a run is: the mean parts of the loss since the last report, samples a second, seconds left."""

    progress: Progress
    side: int
    parts: dict[str, float]
    speed: float
    left: float


class Run:
    """One training run in a folder; goes on from its checkpoint if there is one, else from `start` (weights of another
    run or exported network of the same family and model, as `start.open_start` takes them; clocks at nought).
    `anew` names the parts of its networks that begin with nothing."""

    def __init__(
        self,
        recipe: Recipe,
        sampler: Sampler,
        folder: Path,
        device: Device | None = None,
        start: Path | str | None = None,
    ) -> None:
        self.recipe, self.sampler, self.folder = recipe, sampler, folder
        self.device = device or Device()
        keep_memory()
        self.fabric: Any = fabric_on(self.device)
        self.fabric.launch()
        torch.manual_seed(recipe.seed)
        make_folder(folder)
        # the command that began a run from another one's weights is the one that goes on with it
        stored = restart.stored_run(folder, recipe, sampler)
        origin = open_start(start, recipe.family) if start and not stored else None
        if origin:
            check_meaning(origin, recipe)
        self.facts = restart.facts_of(sampler, stored)
        self.objective = objective_of(recipe.family)(recipe, self.facts)
        with restart.building():
            nets: dict[str, Any] = self.objective.build()
        self.nets = {name: net.to(memory_format=torch.channels_last) for name, net in nets.items()}
        self.anew: list[str] = []
        if origin:
            with restart.fitting():
                self.nets["net"].load_state_dict(matching(self.nets["net"], origin, sampler.labels))
            self.anew = [*anew(self.nets["net"], origin), *(name for name in self.nets if name != "net")]
        self.ema = copy.deepcopy(self.nets["net"]).eval()
        if stored:
            restart.restore_networks(self.nets, self.ema, stored)
        self.progress, self.stopped, self._lost = Progress(), False, 0
        self.wrapped = {name: wrap(self.fabric, net) for name, net in self.nets.items()}
        self.ema = self.ema.to(self.fabric.device)
        # moments are put where their parameters are: only now on the device
        self.optimizers = {
            player: optimizer_for(recipe.optim, [self.nets[n] for n in names])
            for player, names in self.objective.players().items()
        }
        if stored:
            restart.restore_optimizers(self.optimizers, stored)
            self.progress = stored.progress
        self.steppers: dict[str, Any] = {p: self.fabric.setup_optimizers(o) for p, o in self.optimizers.items()}
        if origin and origin.folded:
            self._measure_norms(origin.folded)
        if self.leads:
            write_whole(folder / "recipe.json", f"{to_json(recipe)}\n".encode(), overwrite=True)

    @property
    def path(self) -> Path:
        return self.folder / LAST

    @property
    def leads(self) -> bool:
        """Is this the process that writes, of those of the run?"""
        return bool(self.fabric.is_global_zero)

    def _measure_norms(self, folded: Sequence[tuple[str, str]]) -> None:
        """Statistics for the batch norms that an exported network does not have, from the run's own first batches."""

        def run() -> None:
            learners = [player for player, networks in self.objective.players().items() if "net" in networks]
            for step in range(recalibrate.BATCHES):
                batch = self.tensors(self.sampler.batch(step, self.recipe.stages[0]))
                for player in learners:
                    self.objective.loss(player, self.wrapped, batch)

        for net in self.nets.values():
            net.eval()
        recalibrate.measure(self.nets["net"], folded, run)
        for net in self.nets.values():
            net.train()
        self.ema.load_state_dict(self.nets["net"].state_dict())

    def save(self) -> None:
        """Write the checkpoint (the first process only)."""
        if not self.leads:
            return
        tensors = restart.run_tensors(self.nets, self.ema, self.optimizers, self.facts)
        held_out = restart.held_sources(self.sampler)
        border = getattr(self.sampler, "border", None)
        summary = self.sampler.data_summary()
        stored = Checkpoint(self.recipe, self.sampler.labels, self.progress, tensors, held_out, border, summary)
        checkpoint.save(self.path, stored)

    def tensors(self, batch: Any) -> Any:
        """The batch on the run's device, channels first."""
        if hasattr(self.objective, "tensors"):
            return self.objective.tensors(batch, self.fabric.device)
        return tensors_on(self.fabric, batch)

    def update(self, batch: Tensors, done: float) -> dict[str, float]:
        """Every player's turns on one batch; the parts of their losses by name. A step in which a player's gradients
        are no numbers changes neither batch statistics nor the average."""
        torch.manual_seed(self._seed())
        before = restart.copy_buffers(self.nets)
        parts: dict[str, float] = {}
        whole = True
        turns = self.objective.turns(self.wrapped, batch)
        # processes see different photos, but must take the same turns; with one player there is nothing to agree on
        several = self.fabric.world_size > 1 and len(self.optimizers) > 1
        for player in self.fabric.broadcast(list(turns)) if several else turns:
            named = self._turn(player, batch, done)
            whole = whole and named is not None
            parts |= named or {}
        if whole:
            self._lost = 0
            self.average()
            return parts
        restart.restore_buffers(before)
        self._lost += 1
        if self._lost == LOST:
            raise TrainingError(f"the loss has been no number for {LOST} steps: lower the rate (--set optim.lr=...)")
        return parts

    def _seed(self) -> int:
        """Of a step's random numbers: dropout, noise and history buffers draw the same ones after a resume."""
        rank = 0 if self.recipe.family in ALIKE else self.fabric.global_rank
        return self.recipe.seed * 1_000_003 + self.progress.step + (rank << 40)

    def _turn(self, player: str, batch: Tensors, done: float) -> dict[str, float] | None:
        """One player learns from a batch: the parts of its loss. None where its gradients are no numbers: then it does
        not learn."""
        stepper, optim = self.steppers[player], self.recipe.optim
        for group in stepper.param_groups:
            group["lr"] = rate_at(optim, done, self.progress.step) * group["share"]
        loss, named = self.objective.loss(player, self.wrapped, batch)
        stepper.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        networks = [self.wrapped[name] for name in self.objective.players()[player]]
        if not clip_gradients(self.fabric, networks, stepper, optim.clip):
            return None
        stepper.step()
        return dict(named)

    def average(self) -> None:
        """Exponential moving average of the weights and batch statistics of `net`, short at first."""
        keep = min(self.recipe.optim.ema, (1 + self.progress.step) / (10 + self.progress.step))
        move_average(self.ema, self.nets["net"], keep)

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
        fabric = self.fabric
        batches = StagedBatches(
            self.sampler, self.recipe, self.progress.step, fabric.global_rank, fabric.world_size, self.device.workers
        )
        log = monitor.Log(self.folder, self.progress, self.leads)
        saved = sheeted = time.monotonic()
        whole = True
        try:
            while not self._is_over(limits):
                began, whole = time.monotonic(), False
                stage, batch = batches.take(partial(self.done, limits))
                parts = self.update(self.tensors(batch), self.done(limits))
                now, p = time.monotonic(), self.progress
                self.progress = Progress(p.step + 1, p.samples + batches.samples(stage), p.seconds + now - began)
                mean = log.add(parts, self.progress, stage.side)
                whole = True
                if mean is not None:
                    yield Report(self.progress, stage.side, mean.parts, mean.speed, self._time_left(limits, mean.speed))
                if mean is not None and now - saved > limits.save_every:
                    self.save()  # between two lines of the log, so that those are the same after a kill
                    saved = time.monotonic()
                if now - sheeted > limits.sheet_every and self.leads:
                    monitor.draw(self, stage.side)
                    sheeted = time.monotonic()
        finally:
            batches.close()
            if whole:
                self.save()
        if not self.stopped and self.leads:
            monitor.draw(self, self.recipe.stages[-1].side)

    def stop(self) -> None:
        """End after the step that is being taken; may be called from a signal's handler."""
        self.stopped = True

    def _is_over(self, limits: Limits) -> bool:
        stopped = self.stopped
        if self.fabric.world_size > 1:
            # each process has a clock of its own and gets signals alone: all go by the first one's, or some would
            # leave while the others wait for their gradients, and rates would differ
            seconds, stopped = self.fabric.broadcast((self.progress.seconds, stopped))
            self.progress = replace(self.progress, seconds=seconds)
        reached = limits.stop is not None and self.progress.samples >= limits.stop
        return stopped or reached or self.done(limits) >= 1

    def _time_left(self, limits: Limits, speed: float) -> float:
        if limits.minutes is not None:
            return max(0.0, limits.minutes * 60 - self.progress.seconds)
        return max(0, self.recipe.samples - self.progress.samples) / max(speed, 1e-9)
