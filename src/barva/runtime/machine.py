"""What this process may use of the machine, which a container or a scheduler may have cut down."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def usable_cores() -> int:
    """Processor cores that this process may use, at least one."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        cores = os.cpu_count() or 1
    limits = [_words(folder / "cpu.max") for folder in _groups()]
    limits.append([word for name in ("quota", "period") for word in _words(_CGROUPS / f"cpu/cpu.cfs_{name}_us")])
    for limit in limits:  # microseconds of work, and of time; "max" or -1 where there is no limit
        if len(limit) == 2 and all(word.isdecimal() and int(word) for word in limit):
            cores = min(cores, int(limit[0]) // int(limit[1]))
    return max(1, cores)


def usable_memory() -> int | None:
    """Bytes of memory that this process may use, of which others may have taken some; None where nobody says."""
    try:
        known = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (AttributeError, ValueError, OSError):  # Windows
        known = []
    limits = [folder / "memory.max" for folder in _groups()]
    for path in (*limits, _CGROUPS / "memory" / "memory.limit_in_bytes"):
        known += [int(word) for word in _words(path) if word.isdecimal()]
    return min(known, default=None)


def _groups() -> Iterator[Path]:
    """The folders of this process's control group and of those around it, of version 2 (Linux)."""
    own = next((line[3:].strip() for line in _lines(_OWN) if line.startswith("0::")), "/")
    place = Path(own.lstrip("/"))
    for inner in (place, *place.parents):
        if ".." not in inner.parts:  # outside of what a container sees
            yield _CGROUPS / inner


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()
