"""Several films: found in folders and lists, each colored by itself, here and on Ray."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.cli.app import run as command
from barva.engine.request import Request
from barva.errors import ReadError, UsageError
from barva.film.batch import FilmBatch, FilmItem, FilmOutcome, find_films
from barva.film.pipeline import FilmOptions, FilmProgress


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two films, one of three shots in a folder of its own."""
    top = tmp_path_factory.mktemp("reels") / "in"
    (top / "b").mkdir(parents=True)
    clips.write(top / "one.mkv", clips.frames(((1, 3),)), codec="ffv1", sound=False)
    clips.write(top / "b" / "three.mkv", clips.frames(((1, 8), (2, 8), (5, 8))), codec="ffv1", sound=False)
    return top


def names(items: list[FilmItem], top: Path) -> list[tuple[str, str]]:
    return [(i.source.relative_to(top).as_posix(), i.target.relative_to(top).as_posix()) for i in items]


def test_films_of_folders_and_lists(reels: Path, tmp_path: Path) -> None:
    top = tmp_path / "in"
    shutil.copytree(reels, top)
    for name in ("notes.doc", ".hidden.mp4", "one.color.mkv", "b/.trash/x.mp4"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).touch()
    beside = [("one.mkv", "one.color.mkv"), ("b/three.mkv", "b/three.color.mkv")]
    assert names(find_films([top], None), top) == beside
    mirrored = [(a, f"../out/{b}") for a, b in beside]
    found = [(i.source, i.target) for i in find_films([top], tmp_path / "out")]
    assert found == [(top / a, (top / b).resolve()) for a, b in mirrored]
    listed = top / "films.txt"
    listed.write_text("# reels\n\nb/three.mkv\none.mkv\n")
    assert names(find_films([listed], None), top) == beside[::-1]
    assert {i.target for i in find_films([listed, top / "one.mkv"], tmp_path / "out")} == {t for _, t in found}
    around = tmp_path / "lists" / "all.lst"
    around.parent.mkdir()
    around.write_text("../in/one.mkv\n../in/b/three.mkv\n../in/b/../one.mkv\n")
    assert [(i.source, i.target) for i in find_films([around], tmp_path / "out")] == found
    (top / "one.mpg").touch()
    with pytest.raises(UsageError, match=r"one\.mkv and .*one\.mpg would both become"):
        find_films([top], None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="no film in"):
        find_films([tmp_path / "empty"], None)


def test_a_folder_that_cannot_be_read_is_named(reels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top, look = tmp_path / "in", os.scandir
    shutil.copytree(reels, top)
    (top / "lost+found").mkdir()

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name in closed:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    closed = ["lost+found"]
    assert len(find_films([top], None)) == 2
    closed = ["b"]
    with pytest.raises(ReadError, match=r"the folder .*b cannot be read: Permission denied"):
        find_films([top], None)


def test_a_bad_film_does_not_stop_the_others(reels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mp4").write_text("no film")
    out = tmp_path / "out"
    several = ["film", str(tmp_path / "a.mp4"), str(reels / "one.mkv"), "-o", str(out), "--codec", "ffv1"]
    assert command(several) == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [str(out / "one.color.mkv")]
    assert "a.mp4 is not a film" in shown.err and "1 colored, 0 there already, 1 failed" in shown.err
    assert command(several) == 1 and "0 colored, 1 there already, 1 failed" in capsys.readouterr().err
    assert len(clips.decoded(out / "one.color.mkv")) == 3


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--at", "0", "--say", "make the hair red"], "go with one film"),
        (["--preview", "2"], "go with one film"),
        (["--engine", "dask"], "no engine"),
        (["--address", "ray://127.0.0.1:9"], "belongs to --engine ray"),
        (["-o", __file__], "into a folder, not a file"),
        (["-o", "out.mp4"], "into a folder, not a file"),
    ],
)
def test_what_several_films_cannot_have(
    reels: Path, options: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["film", str(reels), *options]) == 2
    assert why in capsys.readouterr().err


@dataclass(frozen=True)
class Fragile(FilmBatch):
    """A batch whose process is killed in the third shot, the first time; it notes each frame."""

    log: str = ""

    def color(self, item: FilmItem, progress: Callable[[FilmProgress], None] | None = None) -> FilmOutcome:
        log = Path(self.log)

        def note(progress: FilmProgress) -> None:
            first = not log.exists() or log.read_text().startswith(f"{os.getpid()} ")
            with log.open("a") as file:
                file.write(f"{os.getpid()} {progress.frames}\n")
            if first and progress.frames == 20:
                os.kill(os.getpid(), signal.SIGKILL)

        return super().color(item, note if item.source.name == "three.mkv" else None)


@pytest.mark.cluster
@pytest.mark.skipif(sys.platform == "win32", reason="Ray is for Linux and macOS")
def test_films_on_ray(reels: Path, tmp_path: Path) -> None:
    """The same films as here; a killed process costs the shot that it was at."""
    pytest.importorskip("ray")
    import ray.cloudpickle

    from barva.film.cluster import color_on_ray

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    asked = "guided", Request(), FilmOptions(codec="ffv1")
    here = [FilmBatch(*asked, threads=1).color(item) for item in find_films([reels], tmp_path / "here")]
    fragile = Fragile(*asked, log=str(tmp_path / "log"))
    there = list(color_on_ray(find_films([reels], tmp_path / "there"), fragile, None))
    assert [o.state for o in here + there] == ["done"] * 4
    for outcome in here:
        other = tmp_path / "there" / outcome.item.target.relative_to(tmp_path / "here")
        pairs = zip(clips.decoded(outcome.item.target), clips.decoded(other), strict=True)
        assert all(np.array_equal(x, y) for (_, a), (_, b) in pairs for x, y in zip(a, b, strict=True))
    rows = [row.split() for row in (tmp_path / "log").read_text().splitlines()]
    killed = rows[0][0]
    assert [int(n) for pid, n in rows if pid == killed] == list(range(1, 21))
    assert [int(n) for pid, n in rows if pid != killed] == list(range(17, 25)), "the shots before are not done again"
