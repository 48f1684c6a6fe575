"""The batches of a run in their order, made some steps ahead, each at the stage that its place in the run has."""

from __future__ import annotations

from collections.abc import Callable

from barva.training.data import Batch, Prefetcher, Sampler
from barva.training.recipe import Recipe, Stage

DEPTH = 4
"""Batches made ahead."""


class StagedBatches:
    """A batch's stage follows from the samples asked for before it, so that it is the same after a resume.

    Args:
        sampler: Makes batches.
        recipe: Says which stage is when.
        step: The first step.
        rank: Which of the run's processes this is, of `processes`.
        workers: Threads that make batches.
    """

    def __init__(self, sampler: Sampler, recipe: Recipe, step: int, rank: int, processes: int, workers: int) -> None:
        self._sampler, self._recipe, self._rank, self._processes = sampler, recipe, rank, processes
        self._step, self._samples_ahead = step, 0
        self._queue: Prefetcher[tuple[Stage, Batch]] = Prefetcher(workers)

    def samples(self, stage: Stage) -> int:
        """Samples of a step of this stage, of all processes."""
        return stage.batch * self._processes

    def take(self, done: Callable[[int], float]) -> tuple[Stage, Batch]:
        """The next batch and its stage; `done` gives the share of the run behind it, so many samples ahead of now."""
        while len(self._queue) < DEPTH:
            self._ask(self._recipe.stage(min(done(self._samples_ahead), 1.0)))
        stage, batch = self._queue.take()
        self._samples_ahead -= self.samples(stage)
        return stage, batch

    def _ask(self, stage: Stage) -> None:
        step = self._step
        self._queue.ask(lambda: (stage, self._sampler.batch(step, stage, self._rank)))
        self._step += 1
        self._samples_ahead += self.samples(stage)

    def close(self) -> None:
        """Wait for the batches that are being made, drop the rest."""
        self._queue.close()
