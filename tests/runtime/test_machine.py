"""How much of a machine may be used, in a container too."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from barva.cli.serve import settings_from_options
from barva.cluster import connection
from barva.runtime import machine
from barva.studio.settings import Settings


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 64 cores and 256 GB; control groups go below this folder."""
    monkeypatch.setattr(machine, "_CGROUPS", tmp_path)
    monkeypatch.setattr(machine, "_OWN", tmp_path / "own")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64), raising=False)
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 62_500_000}.__getitem__, raising=False)
    return tmp_path


def put(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def test_a_machine_of_our_own(groups: Path) -> None:
    assert (machine.usable_cores(), machine.usable_memory()) == (64, 256_000_000_000)
    put(groups / "cpu.max", "max 100000\n")
    put(groups / "memory.max", "max\n")
    assert (machine.usable_cores(), machine.usable_memory()) == (64, 256_000_000_000)


def test_a_container(groups: Path) -> None:
    put(groups / "cpu.max", "250000 100000\n")
    put(groups / "memory.max", "4000000000\n")
    assert (machine.usable_cores(), machine.usable_memory()) == (2, 4_000_000_000)


def test_the_narrowest_of_several_groups_counts(groups: Path) -> None:
    put(groups / "own", "0::/user/job\n")
    put(groups / "user" / "cpu.max", "600000 100000\n")
    put(groups / "user" / "job" / "cpu.max", "800000 100000\n")
    put(groups / "user" / "job" / "memory.max", "5000000000\n")
    assert (machine.usable_cores(), machine.usable_memory()) == (6, 5_000_000_000)


def test_a_container_of_an_old_system(groups: Path) -> None:
    put(groups / "cpu" / "cpu.cfs_period_us", "100000\n")
    put(groups / "cpu" / "cpu.cfs_quota_us", "50000\n")
    put(groups / "memory" / "memory.limit_in_bytes", "3000000000\n")
    assert (machine.usable_cores(), machine.usable_memory()) == (1, 3_000_000_000)
    put(groups / "cpu" / "cpu.cfs_quota_us", "-1\n")
    assert machine.usable_cores() == 64


def test_a_process_that_is_kept_to_a_few_cores(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7}, raising=False)
    assert machine.usable_cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.usable_cores() == 1


def test_servers_and_clusters_take_no_more_than_that(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(groups / "cpu.max", "200000 100000\n")
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert Settings().workers == 2
    asked = settings_from_options("127.0.0.1", 0, False, None, None, None, 1, 1, 1, 1, None, 1)
    assert asked.workers == 2
    started: list[dict[str, object]] = []
    ray = ModuleType("ray")
    ray.is_initialized = lambda: False  # type: ignore[attr-defined]
    ray.data = ModuleType("ray.data")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setitem(sys.modules, "ray.data", ray.data)
    monkeypatch.setattr(connection, "_start", lambda settings, _: started.append(settings))
    monkeypatch.setattr(connection, "check_machines", lambda *_: None)
    connection.connect(None, None, "guided", "")
    connection.connect(None, 1, "guided", "")
    assert [settings["num_cpus"] for settings in started] == [2, 1]
