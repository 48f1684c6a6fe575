"""Starting Ray on this machine, or reaching a cluster whose machines all have this Barva and these weights."""

from __future__ import annotations

import logging
import os
import socket
from typing import Any

from barva.errors import UsageError, shorten, suggestion
from barva.extras import missing
from barva.runtime.machine import usable_cores

ENGINES = ("local", "ray")
"""Where the work is done: on this machine, or on a Ray cluster."""

CONNECT, START = 30, 600
"""Seconds to reach a cluster, and for each of its machines to answer; a busy one may need minutes to import all."""

STALL = 900
"""Seconds without progress before a run gives up."""

STARTS = 3
"""Tries to start Ray, which gives a part of its own start half a minute that cannot be changed."""

_PORT, _CLIENT_PORT = 6379, 10001

_PATIENCE = {
    "gcs_server_port_wait_time_s": 300,
    "gcs_server_request_timeout_seconds": 300,
    "agent_register_timeout_ms": 300_000,
    "worker_register_timeout_seconds": 600,
    "health_check_timeout_ms": 60_000,
    "prestart_worker_first_driver": 0,
}
"""Ray's own settings. It ends processes that have not imported all within a minute or half of one, and starts them
again, which on a busy machine never comes to an end; and it starts workers that no actor will use."""


def check_engine(engine: str, address: str | None) -> None:
    """UsageError: an unknown engine, or the address of a cluster without Ray."""
    if engine not in ENGINES:
        near = suggestion(engine, ENGINES) or f"; there are {' and '.join(ENGINES)}"
        raise UsageError(f"there is no engine '{shorten(engine)}'{near}")
    if address is not None and engine != "ray":
        raise UsageError("--address belongs to --engine ray")


def connect(address: str | None, jobs: int | None, method: str, maker: str) -> None:
    """Start Ray here, or reach a cluster, and see that every machine has this Barva and these weights.

    Args:
        address: the cluster's; None starts Ray on this machine.
        jobs: cores that a Ray on this machine takes; None for all that may be used.
        method: the method whose weights are wanted.
        maker: as `weights.maker` gives it.

    Raises:
        UsageError: Ray is not installed, does not start, or a machine is not as it should be.
    """
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # Ray's notes on itself are no user's
    for name, value in _PATIENCE.items():
        os.environ.setdefault(f"RAY_{name}", str(value))
    try:
        import ray
    except ImportError:
        raise missing("cluster", ["ray"]) from None
    if not ray.is_initialized():
        if address is not None:
            _check_reachable(address)
            _start({"address": address}, address)
        else:
            _start({"address": "local", "num_cpus": jobs or usable_cores(), "include_dashboard": False}, None)
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    try:
        check_machines(method, maker)
    except BaseException:
        disconnect()
        raise


def disconnect() -> None:
    """Leave the cluster; one that was started here ends."""
    import ray

    ray.shutdown()


def _start(settings: dict[str, Any], address: str | None) -> None:
    """UsageError: Ray cannot be started, or its cluster not be joined."""
    import ray

    for left in reversed(range(1 if address else STARTS)):
        try:
            ray.init(**settings, logging_level=logging.ERROR, log_to_driver=False, ignore_reinit_error=True)
            return
        except Exception as error:  # Ray's own are of many kinds
            ray.shutdown()
            if not left:
                where = f" at {address}" if address else ""
                raise UsageError(f"Ray cannot be reached{where}: {brief(error)}") from None


def _check_reachable(address: str) -> None:
    """UsageError: nothing answers at `ray://HOST:PORT` or HOST:PORT; Ray itself would try for minutes."""
    if address in ("auto", "local"):
        return
    bare = address.removeprefix("ray://")
    default = str(_CLIENT_PORT if address.startswith("ray://") else _PORT)
    host, _, number = bare.rpartition(":") if ":" in bare else (bare, "", default)
    if not host or not number.isdecimal() or "/" in host:
        raise UsageError(f"--address {address} is no address of a cluster: HOST:{_PORT} or ray://HOST:{_CLIENT_PORT}")
    try:
        socket.create_connection((host.strip("[]"), int(number)), CONNECT).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"no Ray cluster answers at {address}: {error}") from None


def nodes() -> list[dict[str, Any]]:
    """The machines of the cluster, as Ray describes them."""
    import ray

    listed: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return listed


def live_cores() -> list[int]:
    """Cores of each machine of the cluster that is alive, and 0 of one that gives none."""
    return [int(node["Resources"].get("CPU", 0)) for node in nodes() if node["Alive"]]


def check_machines(method: str, maker: str) -> None:
    """UsageError: a machine has no Barva, another one, or not the method's weights."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On

    machines = [node for node in nodes() if node["Alive"] and node["Resources"].get("CPU", 0) > 0]
    if not machines:
        raise UsageError("the cluster has no machine with a processor")
    ask = ray.remote(num_cpus=0, max_retries=1)(_maker)
    for node in machines:
        name = node.get("NodeManagerHostname") or node["NodeID"][:8]
        there = ask.options(scheduling_strategy=On(node["NodeID"], soft=False)).remote(method)
        try:
            answer = ray.get(there, timeout=START)
        except Exception as error:
            raise UsageError(f"Barva does not run on the cluster's machine {name}: {brief(error)}") from None
        if answer != maker:
            raise UsageError(f"the cluster's machine {name} has another Barva or other weights ({answer}), not {maker}")


def _maker(method: str) -> str:
    """What a machine has, as `weights.maker` gives it. WeightsError."""
    from barva.engine.colorizer import Colorizer
    from barva.runtime import weights

    colorizer = Colorizer(method)
    if colorizer.card.weights:
        weights.verify(colorizer.card.weights)
    return weights.maker(colorizer.card.weights)


def brief(error: BaseException) -> str:
    """The last line of one of Ray's errors, which are pages long."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:200]
