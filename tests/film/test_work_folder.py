"""The working folder of a film: one run at a time, nothing half-written, other settings wait."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.engine.colorizer import Colorizer
from barva.errors import ReadError, UsageError
from barva.film import folder as folders
from barva.film import join as joining
from barva.film import piece_file, pipeline
from barva.film.folder import WorkFolder, only_run, top_of
from barva.film.pipeline import FilmOptions, FilmResult, color_film


class StopError(Exception):
    pass


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shots of 5 frames."""
    pictures = clips.frames(((1, 5), (2, 5), (5, 5)))
    return clips.write(tmp_path_factory.mktemp("film") / "in.mkv", pictures, codec="ffv1", sound=False)


def stop_at(frames: int):
    def stop(progress: pipeline.FilmProgress) -> None:
        if progress.frames == frames:
            raise StopError

    return stop


def test_a_second_run_on_a_film_ends_and_the_first_goes_on(film: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    target = tmp_path / "out.mkv"
    said: list[str] = []

    def second(progress: pipeline.FilmProgress) -> None:
        if progress.frames in (3, 9):
            for quality in (18, 20):  # with other settings too
                with pytest.raises(UsageError, match=r"another run writes .*out\.mkv: wait until it ends") as caught:
                    color_film(film, target, colorizer, FilmOptions(quality=quality, overwrite=True))
                said.append(str(caught.value))

    result = color_film(film, target, colorizer, progress=second)
    assert len(said) == 4 and not any("\n" in line for line in said)
    assert result.frames == len(clips.decoded(target)) == 15
    assert list(tmp_path.iterdir()) == [target]


def test_a_second_process_is_kept_out_until_the_first_ends(tmp_path: Path) -> None:
    target = tmp_path / "out.mkv"
    code = "import sys; from pathlib import Path; from barva.film.folder import only_run\n"
    code += "with only_run(Path(sys.argv[1])):\n    print('in', flush=True)\n    sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdout.readline().strip() == b"in"
        with pytest.raises(UsageError, match="another run"), only_run(target):
            pass
        child.kill()
        child.wait()
        with only_run(target, patience=10):
            assert top_of(target).is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_file_was_removed_meanwhile_is_none(tmp_path: Path) -> None:
    """Two runs must not hold two files of one name."""
    lock = folders._lock_in(tmp_path)
    assert lock is not None and lock.is_in_place()
    lock.path.unlink()
    assert not lock.is_in_place()
    other = folders._lock_in(tmp_path)
    assert other is not None and other.is_in_place()
    for one in (lock, other):
        one.release()
    assert not lock.is_in_place()


def test_a_run_whose_film_another_one_finished_meanwhile_does_not_color_it_again(
    film: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, checks = tmp_path / "out.mkv", []
    keep = pipeline._check_free

    def check(*args: object) -> None:
        keep(*args)  # type: ignore[arg-type]
        checks.append(args)
        target.touch()

    monkeypatch.setattr(pipeline, "_check_free", check)
    with pytest.raises(OSError, match="exists already"):
        color_film(film, target, colorizer)
    assert len(checks) == 1 and list(tmp_path.iterdir()) == [target]


def test_finished_pieces_wait_while_a_run_has_other_settings(film: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    """An option that was forgotten costs nothing until the film is finished."""
    target = tmp_path / "out.mkv"

    def run(quality: int, stop: int) -> FilmResult:
        options = FilmOptions(quality=quality)
        return color_film(film, target, colorizer, options, lambda p: (seen.append(p.frames), stop_at(stop)(p)))

    seen: list[int] = []
    for quality, stop, first in ((20, 12, 1), (18, 7, 1), (20, 13, 11)):
        seen.clear()
        with pytest.raises(StopError):
            run(quality, stop)
        assert seen[0] == first
    notes = run(18, 0).notes
    assert "finished pieces that were made with other settings: 2; they were removed" in notes
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_run_left_half_written_is_removed(tmp_path: Path) -> None:
    folder = WorkFolder(tmp_path / "work")
    folder.open()
    kept = folder.file(0, "nut")
    left = [folder.path / "000001.1234abcd.part", folder.path / ".000001.plan.json.1234abcd.barva-part", folder.film]
    for path in (kept, *left):
        path.touch()
    folder.open()
    assert kept.exists() and not any(path.exists() for path in left)
    assert not WorkFolder(tmp_path / "work", "another").has_pieces()


def test_the_film_is_joined_in_the_working_folder(
    film: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill while it is joined leaves no file of any name beside it."""
    seen: list[str] = []
    keep = joining._join

    def join(*args: object) -> None:
        keep(*args)  # type: ignore[arg-type]
        seen.extend(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))

    monkeypatch.setattr(joining, "_join", join)
    color_film(film, tmp_path / "out.mkv", colorizer)
    assert sorted(name for name in seen if "/" not in name) == [".out.mkv.barva-film"]
    assert ".out.mkv.barva-film/film.part" in seen


@pytest.mark.parametrize("damage", ["empty", "cut", "order"])
def test_a_torn_piece_is_colored_again(
    film: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """As after a power cut: its name is there, and a part of its bytes is not."""
    whole, target, options = tmp_path / "whole.mkv", tmp_path / "out.mkv", FilmOptions(codec="ffv1")
    color_film(film, whole, colorizer, options)
    with pytest.raises(StopError):
        color_film(film, target, colorizer, options, stop_at(13))
    piece = next(top_of(target).glob("*/000001.nut"))
    if damage == "order":
        piece.with_suffix(".order.json").write_text("[0, 1]")
    else:
        piece.write_bytes(piece.read_bytes()[: 0 if damage == "empty" else piece.stat().st_size // 2])
    colored: list[int] = []
    keep = pipeline.FilmJob.color
    monkeypatch.setattr(
        pipeline.FilmJob, "color", lambda job, piece, *args: colored.append(piece.number) or keep(job, piece, *args)
    )
    color_film(film, target, colorizer, options)
    assert colored == [2, 1]
    for (_, one), (_, two) in zip(clips.decoded(whole), clips.decoded(target), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_a_piece_that_is_torn_again_ends_in_one_line(
    film: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = piece_file.PieceWriter._put_in_place

    def tear(writer: piece_file.PieceWriter) -> None:
        keep(writer)
        writer.path.write_bytes(b"")

    monkeypatch.setattr(piece_file.PieceWriter, "_put_in_place", tear)
    with pytest.raises(ReadError, match=r"00000\d\.nut: a finished piece .* run the same command again"):
        color_film(film, tmp_path / "out.mkv", colorizer)
    monkeypatch.undo()
    assert color_film(film, tmp_path / "out.mkv", colorizer).frames == 15


def test_a_piece_is_on_the_disk_before_it_counts(
    film: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(piece_file, "sync", lambda path: synced.append(path.suffix))
    color_film(film, tmp_path / "out.mkv", colorizer)
    assert synced == [".part"] * 3
