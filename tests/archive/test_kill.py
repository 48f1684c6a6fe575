"""A run whose processes are killed: nothing is lost, nothing is done twice, and the bytes are those of a quiet run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from archive_kit import make_photos

pytest.importorskip("pyarrow")
import psutil

from barva.archive.index.reading import read
from barva.archive.places import place_of
from barva.cli.app import run

COUNT, DEADLINE = 40, 300  # photos, enough for processes; seconds, of a busy machine


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


def results(target: Path) -> dict[str, bytes]:
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*.color.png")}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_worker_and_then_the_run_are_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, target, quiet = make_photos(tmp_path / "in", COUNT), tmp_path / "out", tmp_path / "quiet"
    assert run(["archive", "color", str(photos), "--to", str(quiet), "-j", "1"]) == 0
    color = ["archive", "color", str(photos), "--to", str(target), "-j", "2"]
    with subprocess.Popen([sys.executable, "-m", "barva", *color], stderr=subprocess.DEVNULL) as driver:
        wait_for(lambda: bool(results(target)) or driver.poll() is not None)
        workers = [p for p in psutil.Process(driver.pid).children() if "spawn_main" in " ".join(p.cmdline())]
        workers[0].kill()
        before = len(results(target))
        wait_for(lambda: len(results(target)) > before + 4 or driver.poll() is not None)
        assert driver.poll() is None and len(workers) == 2
        workers = psutil.Process(driver.pid).children()
        driver.kill()
    psutil.wait_procs(workers, timeout=DEADLINE)
    assert not any(worker.is_running() for worker in workers), "they end with their run"
    halfway = {name: (target / name).stat().st_mtime_ns for name in results(target)}
    assert results(target).items() <= results(quiet).items() and len(halfway) < COUNT, "whole or absent"
    capsys.readouterr()
    assert run([*color[:-1], "1"]) == 0
    summary = f"{COUNT - len(halfway)} colored, {len(halfway)} finished before, 0 failed"
    assert summary in capsys.readouterr().err
    assert results(target) == results(quiet)
    assert all((target / name).stat().st_mtime_ns == when for name, when in halfway.items()), "none was done twice"
    rows = read(place_of(str(target))).table.to_pylist()
    assert sorted(row["path"] for row in rows) == sorted(str(path) for path in photos.rglob("*.png"))
    assert {row["state"] for row in rows} <= {"done", "kept"}
