"""Films on Ray, a film at a time on each machine: the same `FilmBatch.color`, in folders that all machines share.

Where a machine or a process is lost, Ray colors its film again elsewhere, which goes on after the last finished piece:
finished pieces lie beside the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from barva.cluster.connection import brief, connect, disconnect, nodes
from barva.film.batch import FilmBatch, FilmItem, FilmOutcome
from barva.methods import catalog
from barva.runtime import weights

RESTARTS = 3
"""Times that a film is gone on with after its process was lost."""


def color_on_ray(items: Sequence[FilmItem], batch: FilmBatch, address: str | None) -> Iterator[FilmOutcome]:
    """Color films on a cluster; close the iterator to stop.

    Args:
        items: The films, at paths that all machines have.
        batch: What is asked of each. Its `jobs` decide how many cores a film takes, two for each job; without them it
            takes a machine.
        address: The cluster's; None starts Ray on this machine.

    Returns:
        An outcome for each film, as they end.

    Raises:
        UsageError: Ray is not installed, does not answer, or a machine has another Barva or other weights.
    """
    connect(address, None, batch.method, weights.maker(catalog.card(batch.method).weights))
    import ray

    cores = _cores(batch.options.jobs)
    task = ray.remote(num_cpus=cores, max_retries=RESTARTS, scheduling_strategy="SPREAD")(_color)
    asked = replace(batch, threads=cores)
    waiting = {task.remote(asked, item): item for item in items}
    try:
        while waiting:
            ended, _ = ray.wait(list(waiting), num_returns=1, timeout=0.5)
            for film in ended:
                yield _outcome(film, waiting.pop(film))
    finally:
        for film in waiting:
            ray.cancel(film, force=True)
        disconnect()


def _color(batch: FilmBatch, item: FilmItem) -> FilmOutcome:
    return batch.color(item)


def _outcome(film: object, item: FilmItem) -> FilmOutcome:
    import ray

    try:
        outcome: FilmOutcome = ray.get(film)  # type: ignore[call-overload]
    except ray.exceptions.RayError as error:
        why = f"{item.source}: the worker that colored it ended, again and again: {brief(error)}"
        return FilmOutcome(item, "failed", (why,))
    return outcome


def _cores(jobs: int | None) -> int:
    """Cores of one film: no more than the smallest machine has, so that each can take one."""
    cores = [int(node["Resources"].get("CPU", 0)) for node in nodes() if node["Alive"]]
    least = min((count for count in cores if count), default=1)
    return least if jobs is None else min(least, 2 * jobs)
