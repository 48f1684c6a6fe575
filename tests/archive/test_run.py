"""Folder runs: what is taken, what is left, what a kill costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from barva.archive import folder, sidecar
from barva.archive.manifest import NAME
from barva.archive.run import Run
from barva.archive.select import Item, select
from barva.cli.app import run
from barva.engine.colorizer import Colorizer
from barva.errors import WriteError
from barva.scene.model import Scene


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three photos, one of them in a folder below, and a file that is none."""
    place = tmp_path / "album"
    (place / "1932").mkdir(parents=True)
    for i, name in enumerate(("a.jpg", "b.png", "1932/c.tif")):
        ramp = (np.add.outer(np.arange(40), np.arange(60)) + 20 * i).astype(np.uint8)
        Image.fromarray(ramp).save(place / name)
    (place / "notes.txt").write_text("Kyiv, 1932")
    return place


def names(place: Path) -> set[str]:
    return {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file() and p.name != NAME}


def test_a_folder(album: Path) -> None:
    assert run(["colorize", str(album)]) == 0
    assert names(album) == {"a.jpg", "a.color.jpg", "b.png", "b.color.png", "1932/c.tif", "notes.txt"}


def test_a_tree_into_another(album: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    assert run(["colorize", str(album), "-r", "-o", str(out)]) == 0
    assert names(out) == {"a.color.jpg", "b.color.png", "1932/c.color.tif"}


def test_a_format(album: Path, tmp_path: Path) -> None:
    assert run(["colorize", str(album), "-r", "--format", "webp", "-o", str(tmp_path / "out")]) == 0
    assert names(tmp_path / "out") == {"a.color.webp", "b.color.webp", "1932/c.color.webp"}


def test_two_photos_with_one_name(album: Path, tmp_path: Path) -> None:
    Image.new("L", (30, 30), 99).save(album / "a.png")
    assert run(["colorize", str(album), "--format", "webp", "-o", str(tmp_path / "out")]) == 0
    assert names(tmp_path / "out") == {"a.jpg.color.webp", "a.png.color.webp", "b.color.webp"}


def test_several_photos_make_their_folder(album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "new" / "out"
    real = Run.paint

    def painted(run: Run, item: Item, photos: Any) -> Any:
        assert out.is_dir(), "before painting"
        return real(run, item, photos)

    monkeypatch.setattr(Run, "paint", painted)
    assert run(["colorize", str(album / "a.jpg"), str(album / "b.png"), "-o", str(out)]) == 0
    assert names(out) == {"a.color.jpg", "b.color.png"}


def test_what_cannot_work_is_refused_before_painting(
    album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def painted(run: Run, item: Item, photos: Any) -> Any:
        raise AssertionError("painted")

    monkeypatch.setattr(Run, "paint", painted)
    pages = tmp_path / "pages.tif"
    Image.new("L", (40, 30)).save(pages, save_all=True, append_images=[Image.new("L", (40, 30))])
    (tmp_path / "a.color.jpg.xmp").write_text("mine")
    (album / "a.jpg.xmp").write_text("a catalog's")
    for arguments, why in [
        ([str(album / "a.jpg"), "-o", str(tmp_path / "no" / "b.jpg")], "there is no folder"),
        ([str(pages), "-o", str(tmp_path / "b.jpg")], "JPEG holds one page, not 2"),
        ([str(album / "a.jpg"), "-o", str(tmp_path)], "a.color.jpg.xmp exists"),
        ([str(album / "b.png"), str(album / "1932" / "c.tif"), "-o", str(album / "notes.txt")], "is a file"),
    ]:
        assert run(["colorize", *arguments]) in (1, 2)
        assert why in " ".join(capsys.readouterr().err.split())


def test_times_and_sidecars_go_along(album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (album / "a.jpg", album / "b.png"):
        os.utime(path, ns=(10**18, 10**18))
    (album / "a.jpg.xmp").write_bytes(b"<x/>")
    (album / "b.xmp").write_bytes(b"<y/>")
    command = ["colorize", str(album), "-o", str(tmp_path / "out"), "--keep-times"]
    assert run(command) == 0
    assert {p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.color.???") if p.suffix != ".xmp"} == {10**18}
    assert (tmp_path / "out" / "a.color.jpg.xmp").read_bytes() == b"<x/>"
    assert (tmp_path / "out" / "b.color.xmp").read_bytes() == b"<y/>"
    capsys.readouterr()
    assert run(command) == 0
    assert "0 colored, 2 finished before" in capsys.readouterr().err, "old times do not look unfinished"


def test_a_photo_whose_sidecar_could_not_be_written_is_not_finished(
    album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (album / "a.jpg.xmp").write_bytes(b"<x/>")
    command = ["colorize", str(album), "-o", str(tmp_path / "out")]

    def full(target: Path, *_: Any) -> None:
        raise WriteError(f"{target} cannot be written: No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(sidecar, "write_whole", full)
        assert run(command) == 1
    assert "1 colored, 0 finished before, 1 failed" in capsys.readouterr().err
    assert names(tmp_path / "out") == {"b.color.png"}
    assert run(command) == 0 and names(tmp_path / "out") == {"a.color.jpg", "a.color.jpg.xmp", "b.color.png"}


def test_color_photos_stay_where_asked(
    album: Path, astronaut: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(astronaut[:128, :128]).save(album / "modern.png")
    sepia = np.asarray(Image.open(album / "b.png"))[..., None] * np.array([1, 0.85, 0.65])
    Image.fromarray(sepia.astype(np.uint8)).save(album / "sepia.png")
    assert run(["colorize", str(album), "--skip-color"]) == 0
    assert "3 colored, 0 finished before, 1 in color left as they are, 0 failed" in capsys.readouterr().err
    assert "modern.color.png" not in names(album) and "sepia.color.png" in names(album)
    assert run(["colorize", str(album / "modern.png"), "--skip-color"]) == 0
    said = capsys.readouterr()
    assert "in color already" in said.err and not said.out
    assert "modern.color.png" not in names(album)


def test_scenes_of_a_folder(album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenes = tmp_path / "scenes"
    command = ["colorize", str(album), "-r", "--save-scene", str(scenes)]
    assert run(["colorize", str(album)]) == 0
    before = (album / "a.color.jpg").stat().st_mtime_ns
    assert run(command) == 0
    whole = {"a.color.jpg.scene.jsonld", "b.color.png.scene.jsonld", "1932/c.color.tif.scene.jsonld"}
    assert names(scenes) == whole
    assert Scene.load(scenes / "a.color.jpg.scene.jsonld").source.width == 60
    assert (album / "a.color.jpg").stat().st_mtime_ns == before, "only its scene was missing"
    capsys.readouterr()
    assert run(command) == 0
    assert "0 colored, 3 finished before" in capsys.readouterr().err


def test_a_folder_that_cannot_be_read(
    album: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = os.scandir

    def scandir(path: Any = ".") -> Any:
        if Path(path).name == "1932":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert run(["colorize", str(album), "-r"]) == 1
    said = capsys.readouterr().err
    assert f"the folder {album / '1932'} cannot be read: Permission denied" in said
    assert "2 colored" in said and "1 file left out: 1 .txt" in said


def test_a_bad_file_does_not_stop_the_run(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (album / "a.jpg").write_bytes(b"no photo")
    assert run(["colorize", str(album)]) == 1
    assert "b.color.png" in names(album)
    said = capsys.readouterr().err
    assert "1 colored, 0 finished before, 1 failed" in said
    assert "not a picture" in " ".join(said.split())


def test_a_second_run_does_nothing(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["colorize", str(album)])
    before = {p: p.stat().st_mtime_ns for p in album.rglob("*.color.*")}
    capsys.readouterr()
    assert run(["colorize", str(album)]) == 0
    assert "0 colored, 2 finished before, 0 failed" in capsys.readouterr().err
    assert before == {p: p.stat().st_mtime_ns for p in album.rglob("*.color.*")}


def test_changed_settings_or_photos_are_not_finished(
    album: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")  # a message in one line
    run(["colorize", str(album)])
    capsys.readouterr()
    assert run(["colorize", str(album), "--vividness", "1.5"]) == 1
    assert "was made with other settings" in capsys.readouterr().err
    assert run(["colorize", str(album), "--salvage", "--max-pixels", "9000000"]) == 0, "these change no result"
    (album / "b.png").touch()
    os.utime(album / "b.png", ns=(1, 1))
    assert run(["colorize", str(album)]) == 1
    assert "was made before this photo changed" in capsys.readouterr().err
    assert run(["colorize", str(album), "--overwrite"]) == 0


def test_a_strangers_result_is_never_replaced(album: Path) -> None:
    (album / "a.color.jpg").write_bytes(b"precious")
    assert run(["colorize", str(album)]) == 1
    assert (album / "a.color.jpg").read_bytes() == b"precious"


def test_a_torn_manifest_line_is_ignored(album: Path) -> None:
    run(["colorize", str(album)])
    with (album / NAME).open("a") as out:
        out.write('{"input": "b.p')
    assert run(["colorize", str(album)]) == 0


def test_overwriting_goes_on_where_it_was_stopped(
    album: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*more: str) -> str:
        capsys.readouterr()
        assert run(["colorize", str(album), *more]) == 0
        return capsys.readouterr().err

    said()
    (album / "a.color.jpg").unlink()
    assert "1 colored, 1 finished before" in said("--overwrite")
    monkeypatch.setattr("barva.runtime.weights.__version__", "99")  # another Barva paints otherwise
    assert "0 colored, 2 finished before" in said()
    assert "2 colored, 0 finished before" in said("--overwrite")
    assert "0 colored, 2 finished before" in said("--overwrite")


def test_no_error_of_one_photo_ends_the_run(album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def painted(run: Run, item: Item, photos: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(Run, "paint", painted)
    outcomes = list(Run(Colorizer()).outcomes(select([album], None, True, None).items))
    assert [o.state for o in outcomes] == ["failed"] * 3
    assert all(o.notes == (f"{o.item.source}: ValueError: odd",) for o in outcomes)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_file_names_need_not_be_text(tmp_path: Path) -> None:
    place = tmp_path / "scans"
    place.mkdir()
    name = place / os.fsdecode(b"caf\xe9.png")
    Image.linear_gradient("L").save(name)
    assert run(["colorize", str(place)]) == 0
    assert run(["colorize", str(place)]) == 0  # the manifest knows it
    again = [sys.executable, "-m", "barva", "colorize", str(name), "--overwrite"]
    done = subprocess.run(again, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"})
    assert (done.returncode, done.stdout) == (0, os.fsencode(place) + b"/caf\xe9.color.png\n")


def test_names_that_the_output_cannot_show_are_escaped(tmp_path: Path) -> None:
    """As where a pipe has an encoding of Windows: the photo is colored, and its name is written all the same."""
    Image.linear_gradient("L").save(tmp_path / "фото é.png")
    command = [sys.executable, "-m", "barva", "colorize", "фото é.png"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "cp1252"}, cwd=tmp_path
    )
    assert (done.returncode, done.stdout.rstrip()) == (0, rb"\u0444\u043e\u0442\u043e " + b"\xe9.color.png")


def test_manifest_is_one_object_a_line(album: Path) -> None:
    run(["colorize", str(album)])
    entries = [json.loads(line) for line in (album / NAME).read_text(encoding="utf-8").splitlines()]
    assert {e["output"] for e in entries} == {"a.color.jpg", "b.color.png"}


def test_our_results_and_hidden_files_are_not_taken(album: Path) -> None:
    for name in ("x.color.jpg", "x.color.12.jpg", "x.recolored.jpg", "x.recolored.2.jpg", ".hidden.jpg"):
        (album / name).write_bytes((album / "a.jpg").read_bytes())
    assert [p.name for p in folder.photos_in(album, recursive=False)] == ["a.jpg", "b.png"]


def test_one_outcome_for_each_item(album: Path) -> None:
    items = select([album], None, True, None).items
    outcomes = list(Run(Colorizer(threads=1)).outcomes(items))
    assert {o.item.source for o in outcomes} == {i.source for i in items}
    assert {o.state for o in outcomes} == {"done"}
