"""Films on a cluster, without one: what is sent, when the run gives up, and who has the signals."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("av")

from barva.cli import film_run
from barva.cluster import connection
from barva.engine.request import Request
from barva.errors import BarvaError
from barva.film import cluster
from barva.film.batch import FilmBatch, FilmItem, FilmOutcome
from barva.film.pipeline import FilmOptions

ITEM = FilmItem(Path("/reels/a.mkv"), Path("/reels/a.color.mkv"))


class FakeRay:
    """Ray with machines of some cores, whose films never end, unless `ended`."""

    def __init__(self, *cores: int, ended: bool = False) -> None:
        self.cores, self.ended = cores, ended
        self.sent: list[FilmBatch] = []
        self.asked: dict[str, Any] = {}
        self.broken: Exception | None = None
        self.now = 0.0

    def install(self, monkeypatch: pytest.MonkeyPatch, on_start: Callable[[], object] = lambda: None) -> FakeRay:
        module: Any = ModuleType("ray")
        module.remote, module.wait, module.cancel = self._remote, self._wait, self._cancel
        module.get = lambda film: FilmOutcome(film, "done")
        module.exceptions = ModuleType("exceptions")
        module.exceptions.RayError = type("RayError", (Exception,), {})
        module.shutdown = lambda: None
        module.nodes = lambda: [{"Alive": count > 0, "Resources": {"CPU": count}} for count in self.cores]
        monkeypatch.setitem(sys.modules, "ray", module)
        monkeypatch.setattr(cluster, "connect", lambda *_: on_start())
        monkeypatch.setattr(cluster, "time", SimpleNamespace(monotonic=lambda: self.now))
        return self

    def _remote(self, **asked: Any) -> Any:
        self.asked = asked
        task: Any = ModuleType("task")
        task.remote = lambda batch, item: self.sent.append(batch) or item
        return lambda _: task

    def _wait(self, films: list[FilmItem], num_returns: int, timeout: float) -> tuple[list[FilmItem], list[FilmItem]]:
        self.now += timeout
        if self.broken:
            raise self.broken
        return (films, []) if self.ended else ([], films)

    def _cancel(self, film: FilmItem, force: bool) -> None:
        if self.broken:
            raise self.broken


def batch(jobs: int | None) -> FilmBatch:
    return FilmBatch("guided", Request(), FilmOptions(jobs=jobs))


@pytest.mark.parametrize(
    ("jobs", "cores", "reserved", "sent"), [(None, (64, 4), 4, 2), (None, (1, 0), 1, 1), (3, (16,), 6, 3)]
)
def test_a_film_takes_no_more_than_it_has_reserved(
    monkeypatch: pytest.MonkeyPatch, jobs: int | None, cores: tuple[int, ...], reserved: int, sent: int
) -> None:
    ray = FakeRay(*cores, ended=True).install(monkeypatch)
    assert [o.state for o in cluster.color_on_ray([ITEM], batch(jobs), None)] == ["done"]
    (asked,) = ray.sent
    assert (ray.asked["num_cpus"], asked.threads, asked.options.jobs) == (reserved, reserved, sent)
    assert asked.options.patience > 90, "a shared file system gives the lock of a dead machine free by then"


def test_a_run_gives_up_when_no_machine_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = FakeRay(8, 8).install(monkeypatch)
    films = cluster.color_on_ray([ITEM], batch(None), None)
    keep = ray._wait

    def wait(films: list[FilmItem], **options: Any) -> Any:
        if ray.now > 10_000:  # a long film on a machine that lives is waited for
            ray.cores = (0, 4)
        assert ray.now < 10_000 + 2 * connection.STALL
        return keep(films, **options)

    monkeypatch.setattr(sys.modules["ray"], "wait", wait)
    with pytest.raises(
        BarvaError, match="no machine with 8 cores for 15 minutes; run the same command again"
    ) as caught:
        list(films)
    assert "\n" not in str(caught.value) and ray.now > 10_000 + connection.STALL - cluster.LOOK


def test_a_cluster_that_goes_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = FakeRay(8).install(monkeypatch)
    ray.broken = ConnectionError("long story\nthe connection is lost")
    with pytest.raises(BarvaError, match=r"^Ray ended: the connection is lost; run the same command again"):
        list(cluster.color_on_ray([ITEM], batch(None), None))


@pytest.mark.skipif(sys.platform == "win32", reason="signals cannot be sent so there")
def test_sigterm_stops_films_on_ray_as_ctrl_c_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ray takes the signal for itself as it starts."""
    taken: list[int] = []
    ray = FakeRay(8).install(monkeypatch, lambda: signal.signal(signal.SIGTERM, lambda number, _: taken.append(number)))
    keep = ray._wait

    def wait(films: list[FilmItem], **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        assert ray.now < 5
        return keep(films, **options)

    monkeypatch.setattr(sys.modules["ray"], "wait", wait)
    film = tmp_path / "a.mkv"
    film.touch()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(KeyboardInterrupt):
            film_run.color_many([film], None, batch(None), "ray", None)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert not taken
