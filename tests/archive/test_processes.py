"""A run in processes: what a crash, a signal and a big photo cost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.archive import run as runs
from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions
from barva.archive.run import Run
from barva.archive.select import EAGER, Item, select
from barva.archive.threads import Threads
from barva.archive.workers import BARREN, Recipe, Workers
from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.errors import BarvaError, Message
from barva.guidance.marks import Guidance, Point
from barva.runtime.locks import FileLock
from barva.runtime.worker_process import start


def photos(place: Path, count: int) -> list[Item]:
    place.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for i in range(count):
        Image.fromarray(rng.integers(0, 256, (40, 60), dtype=np.uint8)).save(place / f"{i:03}.png")
    return list(select([place], None, False, None).items)


class Fragile(Run):
    """A run whose process dies of some photos."""

    def color_one(self, item: Item, finished: bool | None = None) -> Outcome:
        if item.source.name == "001.png" or item.source.stat().st_size == 5:
            os._exit(9)
        if item.source.name == "003.png":
            return super().color_one(item, finished)
        return Outcome(item, "done", (str(os.getpid()),))


def fragile() -> Run:
    return Fragile(Colorizer())


def stillborn() -> Run:
    os._exit(3)


def drive(workers: Workers, items: list[Item]) -> Iterator[Outcome]:
    with workers:
        for item in items:
            while workers.is_full:
                yield from workers.take_outcomes()
            workers.submit(item, False)
        while workers.is_busy:
            yield from workers.take_outcomes()


def test_a_crash_costs_its_photo_and_the_process_is_replaced(tmp_path: Path) -> None:
    items = photos(tmp_path / "in", 4)
    items[3].source.write_bytes(b"none")
    outcomes = list(drive(Workers(fragile, 2), items))
    why = {o.item.source.name: o.notes[0] for o in outcomes if o.state == "failed"}
    assert set(why) == {"001.png", "003.png"} and len(outcomes) == 4
    assert why["001.png"].endswith("001.png: the process that colored it ended: exit code 9")
    assert isinstance(why["003.png"], Message) and why["003.png"].code == "photo.unknown-format", (
        "its code comes from the process"
    )


def test_photos_that_end_any_process_cost_themselves_alone(tmp_path: Path) -> None:
    items = photos(tmp_path / "in", 2 * BARREN)
    for item in items[: BARREN + 2]:
        item.source.write_bytes(b"fatal")
    states = [o.state for o in drive(Workers(fragile, 1), items)]
    assert states.count("failed") == BARREN + 2 and len(states) == 2 * BARREN


def test_numpy_has_one_thread_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    process, ours = start(multiprocessing.get_context("spawn"), send_environment)
    there = ours.recv()
    process.join()
    assert there["OPENBLAS_NUM_THREADS"] == "1" and there["MKL_NUM_THREADS"] == "3", "what the user says counts"
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def send_environment(connection: Connection) -> None:
    connection.send(dict(os.environ))


def test_a_second_interrupt_does_not_wait_for_photos_in_threads(tmp_path: Path) -> None:
    began, go = threading.Event(), threading.Event()

    def slow(item: Item, finished: bool) -> Outcome:
        began.set()
        go.wait(60)
        return Outcome(item, "done")

    with pytest.raises(KeyboardInterrupt), Threads(slow, 1) as threads:
        threads.submit(photos(tmp_path / "in", 1)[0], False)
        assert began.wait(60)
        raise KeyboardInterrupt
    assert not go.is_set(), "it is still under way"
    go.set()


def test_processes_that_cannot_start_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(BarvaError, match="processes end before they color a photo"):
        list(drive(Workers(stillborn, 2), photos(tmp_path / "in", BARREN)))


def test_the_same_pictures_as_in_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "WORTH_PHOTOS", 3)
    photos(tmp_path / "in", 5)
    (tmp_path / "in" / "002.png").write_bytes(b"no photo")
    request = Request(guidance=Guidance((Point((5, 5), "red"),)), vividness=1.3)
    for output, processes in ((tmp_path / "one", False), (tmp_path / "two", True)):
        items = select([tmp_path / "in"], output, False, None).items
        output.mkdir()
        run = Run(Colorizer(request=request), jobs=2, processes=processes)
        states = {o.item.source.name: o.state for o in run.outcomes(items)}
        assert states.pop("002.png") == "failed" and set(states.values()) == {"done"}
    for path in (tmp_path / "one").glob("*.png"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    again = Run(Colorizer(request=request), jobs=2, processes=True)
    kept = [o.state for o in again.outcomes(select([tmp_path / "in"], tmp_path / "two", False, None).items)]
    assert kept.count("kept") == 4, "the manifest that the processes wrote"


def test_big_photos_wait_for_each_other_over_processes(tmp_path: Path) -> None:
    lock = tmp_path / "large.lock"
    first = Recipe("guided", Request(), FileOptions(), large=lock).run()
    code = "import sys; from pathlib import Path; from barva.runtime.locks import FileLock as L; "
    code += "sys.exit(0 if L(Path(sys.argv[1])).try_acquire() else 7)"
    other = partial(subprocess.run, [sys.executable, "-c", code, str(lock)])
    with first._large:
        assert other().returncode == 7
    assert other().returncode == 0
    assert FileLock(lock).try_acquire()


@pytest.mark.skipif(sys.platform == "win32", reason="signals cannot be sent to a child there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_after_the_photos_under_way(number: int, tmp_path: Path) -> None:
    place = tmp_path / "in"
    photos(place, 60)
    command = [sys.executable, "-m", "barva", "colorize", str(place), "-j", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as child:
        while not list(place.glob("*.color.png")) and child.poll() is None:
            time.sleep(0.02)
        os.killpg(child.pid, number)  # as a terminal does: to all of its processes
        assert child.stderr is not None
        errors = child.stderr.read()
        assert child.wait(30) == 130, errors
    done = len(list(place.glob("*.color.png")))
    assert f"{done} colored, 0 finished before, 0 failed" in errors
    assert errors.endswith("barva: stopped; run the same command again to go on\n") and done < 60
    assert not list(place.glob(".*part"))


def test_a_large_folder_is_listed_while_it_is_colored(tmp_path: Path) -> None:
    place = tmp_path / "many"
    place.mkdir()
    for i in range(EAGER + 1):
        (place / f"{i:05}.png").write_bytes(b"")
    for name in ("00007.gif", "notes.txt"):
        (place / name).write_bytes(b"")
    selection = select([place], tmp_path / "out", False, "webp")
    assert not selection.items and selection.count is not None and selection.count() == EAGER + 2
    items = list(selection.photos())
    assert len(items) == len({item.output for item in items}) == EAGER + 2
    assert {i.output.name for i in items if i.source.stem == "00007"} == {
        "00007.gif.color.webp",
        "00007.png.color.webp",
    }
    assert selection.left_out.line() == "1 file left out: 1 .txt"
