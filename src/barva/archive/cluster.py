"""A run on Ray Data: the same `color_one`, in actors on this machine or a cluster, each of which keeps its network.

Ray streams photos to actors, starts them again where they are lost, and repeats what was under way. What has no answer
in the end is named, photo by photo. Nothing is waited for without an end.
"""

from __future__ import annotations

import pickle
import queue
import threading
import warnings
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from barva.archive.outcome import Outcome
from barva.archive.photo_work import Task
from barva.archive.run import Run
from barva.archive.staged import StagedRun
from barva.archive.workers import Recipe
from barva.cluster.connection import STALL, brief, connect, disconnect, live_cores
from barva.errors import BarvaError

if TYPE_CHECKING:
    from barva.archive.job import Job
    from barva.engine.colorizer import Colorizer

FIRST, BLOCK, TOGETHER = 2_000, 20_000, 8
"""Photos that go to Ray as the first and as each other data set, for which actors begin anew; and those that go to an
actor at a time, which come back together, and are lost with it together."""

CPUS = 0.9
"""Of an actor: a little is left on each core for Ray's own tasks, without which a full machine waits for itself."""

RESTARTS = 3
"""Times that the photos under way in an actor are tried again, after their actor was lost."""


class Colorist:
    """What an actor runs: a recipe's run, made once."""

    def __init__(self, recipe: Recipe) -> None:
        self._run = recipe.run()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Outcomes of tasks, both pickled."""
        outcomes = [self._run.color_one(*pickle.loads(task)) for task in batch["task"]]
        return {"outcome": [pickle.dumps(outcome) for outcome in outcomes]}


def ray_run(job: Job, colorizer: Colorizer) -> Run:
    """The run of a job on Ray, connected and checked.

    Args:
        job: what to color; its `address` names the cluster, None one on this machine.
        colorizer: the method and request.

    Raises:
        UsageError: Ray is not installed, the cluster does not answer, or has another Barva or other weights.
    """
    if job.is_staged:
        staged = _StagedOnRay(colorizer, job.source, job.target, job.files, job.jobs, perceive=job.perceive)
        staged.actors = job.jobs
        connect(job.address, job.jobs, colorizer.card.name, staged.maker())
        return staged
    run = _OnRay(colorizer, job.files, job.jobs, perceive=job.perceive, observe=True)
    run.actors = job.jobs
    connect(job.address, job.jobs, colorizer.card.name, run.maker())
    return run


class _OnRay(Run):
    """Photos in folders that all machines share, or on this machine."""

    actors: int | None = None
    """Actors at most; None for as many as the machines have cores."""

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        disconnect()

    def _color_all(self, tasks: Iterator[Outcome | Task]) -> Iterator[Outcome]:
        yield from _color_all(self, tasks)


class _StagedOnRay(StagedRun):
    """Photos and results in stores."""

    actors: int | None = None
    """Actors at most; None for as many as the machines have cores."""

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        disconnect()

    def _color_all(self, tasks: Iterator[Outcome | Task]) -> Iterator[Outcome]:
        yield from _color_all(self, tasks)


_Run = _OnRay | _StagedOnRay


def _color_all(run: _Run, tasks: Iterator[Outcome | Task]) -> Iterator[Outcome]:
    """Outcomes of tasks, in data sets of `BLOCK` photos; the first is small, because looking at thousands of photos
    on a distant share takes minutes."""
    size = FIRST
    while not run.is_stopped:
        block, taken = list[Task](), 0
        for task in islice(tasks, size):
            taken += 1
            if run.is_stopped:
                return
            if isinstance(task, Outcome):
                yield task
            else:
                block.append(task)
        if not taken:
            return
        if block:
            yield from _color_block(run, block)
        size = BLOCK


def _color_block(run: _Run, block: list[Task]) -> Iterator[Outcome]:
    """Photos go in small groups; those that ended their actors, and others of their groups, once more by themselves."""
    waiting = {str(task[0].source): task for task in block}
    for together in (TOGETHER, 1):
        for outcome in _results(run, list(waiting.values()), together):
            waiting.pop(str(outcome.item.source), None)
            yield outcome
        if run.is_stopped or not waiting:
            return
    for item, _ in waiting.values():
        yield Outcome(item, "failed", (f"{item.source}: the worker that colored it ended, again and again",))


def _results(run: _Run, block: list[Task], together: int) -> Iterator[Outcome]:
    """Outcomes as Ray gives them; a thread waits for Ray, so that this one can stop and give up."""
    answers: queue.Queue[Outcome | BaseException | None] = queue.Queue(maxsize=10_000)
    ended = threading.Event()

    def put(answer: Outcome | BaseException | None) -> None:
        while not ended.is_set():
            try:
                return answers.put(answer, timeout=0.5)
            except queue.Full:
                continue

    def work() -> None:
        try:
            for row in _data_set(run, block, together).iter_rows():
                put(pickle.loads(row["outcome"]))
                if ended.is_set():
                    return
            put(None)
        except BaseException as error:
            put(error)

    threading.Thread(target=work, daemon=True).start()
    waited = 0.0
    try:
        while not run.is_stopped:
            try:
                answer = answers.get(timeout=0.5)
            except queue.Empty:
                waited += 0.5
                if waited >= STALL:
                    why = f"the cluster has colored no photo for {STALL // 60} minutes"
                    raise BarvaError(f"{why}; run the same command again to go on") from None
                continue
            waited = 0.0
            if answer is None:
                return
            if isinstance(answer, BaseException):
                raise BarvaError(f"Ray ended: {brief(answer)}; run the same command again to go on")
            yield answer
    finally:
        ended.set()


def _data_set(run: _Run, block: list[Task], together: int) -> Any:
    """Ray's stream of outcomes."""
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # a photo that ends its actors must not end the run
    context.actor_task_retry_on_errors = False
    context.execution_no_progress_timeout_s = STALL
    count = _actors(run)
    waiting = 1 if together == 1 else 2  # none waits in an actor for a photo that may end it
    rows = [{"task": pickle.dumps(task)} for task in block]
    data = ray.data.from_items(rows, override_num_blocks=-(-len(rows) // together))
    warnings.filterwarnings("ignore", message=".*ray_remote_args", module="barva.archive.cluster")
    return data.map_batches(
        cast("Any", Colorist),
        fn_constructor_args=(run.recipe(),),
        batch_size=1,
        compute=ActorPoolStrategy(
            min_size=1, max_size=count, initial_size=count, max_tasks_in_flight_per_actor=waiting
        ),
        num_cpus=CPUS,
        ray_remote_args_fn=lambda: {"max_restarts": -1, "max_task_retries": RESTARTS},
    )


def _actors(run: _Run) -> int:
    """One for each core that is asked for; of several machines, those of the largest are kept free, so that a machine
    may die without the job waiting for it."""
    cores = live_cores()
    spare = max(cores, default=0) if len(cores) > 1 else 0
    free = max(1, sum(cores) - spare)
    return min(run.actors, free) if run.actors else free
