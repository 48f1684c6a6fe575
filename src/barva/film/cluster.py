"""Films on Ray, a film at a time on each machine: the same `FilmBatch.color`, in folders that all machines share.

Where a machine or a process is lost, Ray colors its film again elsewhere, which goes on after the last finished piece:
finished pieces lie beside the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from barva.cluster.connection import STALL, brief, connect, disconnect, live_cores
from barva.errors import BarvaError
from barva.film.batch import FilmBatch, FilmItem, FilmOutcome
from barva.methods import catalog
from barva.runtime import weights

RESTARTS = 3
"""Times that a film is gone on with after its process was lost."""

LOOK = 10
"""Seconds after which the machines are looked at again."""

PATIENCE = 120
"""Seconds for which a shared file system may keep the lock of a machine that died."""


def color_on_ray(
    items: Sequence[FilmItem], batch: FilmBatch, address: str | None, connected: Callable[[], None] | None = None
) -> Iterator[FilmOutcome]:
    """Color films on a cluster; close the iterator to stop.

    Args:
        items: The films, at paths that all machines have.
        batch: What is asked of each. Its `jobs` decide how many cores a film takes, two for each job; without them it
            takes a machine.
        address: The cluster's; None starts Ray on this machine.
        connected: Called once Ray is there, which takes signals for itself as it starts.

    Returns:
        An outcome for each film, as they end.

    Raises:
        UsageError: Ray is not installed, does not answer, or a machine has another Barva or other weights.
        BarvaError: Ray ends, or no machine that is large enough is left.
    """
    connect(address, None, batch.method, weights.maker(catalog.card(batch.method).weights))
    import ray

    if connected is not None:
        connected()
    cores = _cores(batch.options.jobs)
    task = ray.remote(num_cpus=cores, max_retries=RESTARTS, scheduling_strategy="SPREAD")(_color)
    # without a number a film would take a job for each two cores of the machine, of which it has reserved a part
    options = replace(batch.options, jobs=batch.options.jobs or max(1, cores // 2), patience=PATIENCE)
    asked = replace(batch, threads=cores, options=options)
    waiting = {task.remote(asked, item): item for item in items}
    try:
        while waiting:
            for film in _next_ended(waiting, cores):
                yield _outcome(film, waiting.pop(film))
    finally:
        for film in waiting:
            with suppress(Exception):  # Ray may have ended
                ray.cancel(film, force=True)
        disconnect()


def _next_ended(waiting: Collection[Any], cores: int) -> list[Any]:
    """Films that have ended, waited for as long as a machine with so many cores is there. BarvaError: there is none
    for a long time, or Ray ended."""
    import ray

    alive = looked = time.monotonic()
    while True:
        try:
            ended, _ = ray.wait(list(waiting), num_returns=1, timeout=0.5)
            if ended:
                return list(ended)
            if time.monotonic() - looked < LOOK:
                continue
            looked = time.monotonic()
            if max(live_cores(), default=0) >= cores:
                alive = looked
        except Exception as error:  # Ray's own are of many kinds
            raise BarvaError(f"Ray ended: {brief(error)}; run the same command again to go on") from None
        if looked - alive >= STALL:
            why = f"the cluster has had no machine with {cores} cores for {STALL // 60} minutes"
            raise BarvaError(f"{why}; run the same command again to go on")


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
    least = min((count for count in live_cores() if count), default=1)
    return least if jobs is None else min(least, 2 * jobs)
