"""`barva archive`: plan, color, sample, ask; and what it refuses."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archive_kit import make_photos
from PIL import Image

pytest.importorskip("pyarrow")

from barva.archive import graph
from barva.archive import plan as plans
from barva.archive.index.reading import read
from barva.archive.job import SAMPLE, Job, select_photos
from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions
from barva.archive.places import place_of
from barva.archive.plan import Plan
from barva.archive.record import Record
from barva.archive.select import Item
from barva.cli.app import run
from barva.errors import UsageError
from barva.runtime.locks import FileLock


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return make_photos(tmp_path / "scans", 4)


def states(target: Path) -> dict[str, str]:
    rows = read(place_of(str(target))).table.to_pylist()
    return {Path(r["path"]).name: r["state"] for r in rows}


def test_plan(photos: Path, astronaut: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "bad.png").write_bytes(b"none")
    shutil.copy(photos / "000.png", photos / "twin.png")
    Image.fromarray(astronaut[:128, :128]).save(photos / "c.jpg")
    before = sorted(photos.rglob("*"))
    assert run(["archive", "plan", str(photos)]) == 0
    out = capsys.readouterr().out
    assert "photos      7" in out and "5 png, 1 jpeg" in out and "5 gray, 1 color" in out
    assert "doubled     1" in out and "broken      1" in out and "results     about" in out
    assert sorted(photos.rglob("*")) == before
    assert f"            {photos}/bad.png is not a picture" in out, "its path, not its name alone"


def test_a_plan_goes_on_when_a_photo_goes_away(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    estimate = plans._estimate

    def late(*args: Any) -> None:
        (photos / "000.png").unlink()
        estimate(*args)

    monkeypatch.setattr(plans, "_estimate", late)
    assert run(["archive", "plan", str(photos)]) == 0
    assert "results     about" in capsys.readouterr().out


def test_a_method_that_cannot_color_is_refused_before_photos_are_looked_at(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plans, "_count", lambda *_: pytest.fail("a photo was looked at"))
    assert run(["archive", "plan", str(photos), "-m", "irony"]) == 2
    assert "reference" in capsys.readouterr().err


def test_a_plan_as_a_table(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "bad.png").write_bytes(b"none")
    shutil.copy(photos / "000.png", photos / "twin.png")
    table = tmp_path / "plan.csv"
    assert run(["archive", "plan", str(photos), "-o", str(table)]) == 0
    assert capsys.readouterr().out.endswith(f"{table}\n")
    with table.open(encoding="utf-8", newline="") as file:
        rows = {Path(row["path"]).name: row for row in csv.DictReader(file)}
    assert len(rows) == 6 and rows["twin.png"]["double_of"] == str(photos / "000.png")
    assert rows["bad.png"]["state"] == "broken" and "not a picture" in rows["bad.png"]["error"]
    assert (rows["001.png"]["width"], rows["001.png"]["tone"], rows["001.png"]["double_of"]) == ("64", "gray", "")
    assert run(["archive", "plan", str(photos), "-o", str(table)]) == 1, "it is not replaced without being asked to"


def test_a_plan_says_how_many_more_are_broken() -> None:
    plan = Plan(broken=["a.png is empty"], broken_count=3)
    assert "            and 2 more: -o FILE.csv lists all" in plan.lines()


def test_color_and_again(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out"
    (photos / "bad.png").write_bytes(b"none")
    color = ["archive", "color", str(photos), "--to", str(target)]
    assert run(color) == 1
    assert (target / "b" / "001.color.png").is_file()
    assert states(target) == {
        "000.png": "done",
        "001.png": "done",
        "002.png": "done",
        "003.png": "done",
        "bad.png": "failed",
    }
    one = next(r for r in read(place_of(str(target))).table.to_pylist() if r["path"].endswith("001.png"))
    assert one["output"] == "b/001.color.png" and one["width"] == 64 and 0 <= one["confidence"] <= 1
    assert len(one["sha256"]) == len(one["weights"]) == 64 and one["seconds"] > 0 and one["bytes"] > 0
    (photos / "bad.png").unlink()
    capsys.readouterr()
    assert run(color) == 0
    assert "0 colored, 4 finished before, 0 failed" in capsys.readouterr().err
    assert states(target)["000.png"] == "done", "the row that it had"
    assert run([*color, "--no-skin"]) == 1, "other results than those that are there"


def test_results_of_an_older_run_come_into_the_index(photos: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert run(["colorize", str(photos), "-r", "-o", str(target)]) == 0
    assert run(["archive", "color", str(photos), "--to", str(target)]) == 0
    assert set(states(target).values()) == {"kept"}


def test_a_sample(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out"
    for _ in range(2):
        assert run(["archive", "color", str(photos), "--to", str(target), "--sample", "2"]) == 0
    sheet = Path(capsys.readouterr().out.splitlines()[-1])
    assert Image.open(sheet).width > 400 and len(list(sheet.parent.glob("*.color.png"))) == 2
    assert not list(target.glob("*.png"))


def test_one_sample_at_a_time(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out" / SAMPLE
    folder.mkdir(parents=True)
    (folder / "0000-a.color.png").write_bytes(b"of the other run")
    with FileLock(folder / ".lock"):
        assert run(["archive", "color", str(photos), "--to", str(tmp_path / "out"), "--sample", "2"]) == 2
    assert "another run makes a sample" in capsys.readouterr().err
    assert (folder / "0000-a.color.png").read_bytes() == b"of the other run"


def test_objects_are_found_and_asked_for(
    astronaut: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    Image.fromarray(astronaut).convert("L").save(source / "eileen.png")
    color = ["archive", "color", str(source), "--to", str(target)]
    assert run(color) == 0 and run(["archive", "find", str(target), "--kind", "person"]) == 2
    assert capsys.readouterr().err.endswith("color them with --perceive\n")
    result = target / "eileen.color.png"
    before = result.stat().st_mtime_ns
    assert run([*color, "--perceive"]) == 0
    assert result.stat().st_mtime_ns == before, "only its objects were missing"
    capsys.readouterr()
    assert run([*color, "--perceive"]) == 0 and "0 colored, 1 finished before" in capsys.readouterr().err
    assert run(["archive", "find", str(target), "--kind", "person"]) == 0
    assert capsys.readouterr().out.split("\t")[0] == str(source / "eileen.png")
    question = "SELECT ?name WHERE { ?s :photo/:name ?name ; :thing ?t . ?t :isA :clothing }"
    pytest.importorskip("rdflib")
    pytest.importorskip("pyoxigraph")
    answers = []
    for limit in (100_000, 0):
        monkeypatch.setattr(graph, "IN_MEMORY", limit)
        assert run(["archive", "query", str(target), question]) == 0
        answers.append(capsys.readouterr().out)
        assert (target / graph.STORE).is_dir() == (limit == 0)
    assert answers[0] == answers[1] and set(answers[0].split()) == {"eileen.png"}
    # a photo that is colored anew replaces its scene in the store
    count = ["archive", "query", str(target), "SELECT (COUNT(?t) AS ?n) WHERE { ?s :thing ?t }"]
    assert run(count) == 0
    before = capsys.readouterr().out
    assert (
        run(["archive", "color", str(source), "--to", str(target), "--perceive", "--vividness", "1.4", "--overwrite"])
        == 0
    )
    assert run(count) == 0
    assert capsys.readouterr().out == before
    for bad in ("INSERT DATA { :a :b :c }", "SELECT nonsense", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"):
        assert run(["archive", "query", str(target), bad]) == 2


def test_lists_of_photos(photos: Path, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [str(photos / "000.png"), str(photos / "b" / "001.png")]
    (tmp_path / "list.txt").write_text("\n".join(["# two of them", *names, ""]))
    pq.write_table(pa.table({"path": names}), tmp_path / "list.parquet")
    for kind in ("txt", "parquet"):
        assert run(["archive", "color", str(tmp_path / f"list.{kind}"), "--to", str(tmp_path / kind)]) == 0
        assert (tmp_path / kind / "b" / "001.color.png").is_file()
        assert len(list((tmp_path / kind).rglob("*.color.png"))) == 2


def test_a_list_beside_its_photos_is_mirrored_below_what_they_share(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    shown = os.path.relpath(photos, tmp_path / "lists")
    (tmp_path / "lists" / "all.lst").write_text(f"{shown}/000.png\n{shown}/b/001.png\n{shown}/b/../000.png\n")
    selection = select_photos(str(tmp_path / "lists" / "all.lst"), str(tmp_path / "out"), FileOptions(), ())
    assert [(item.source, item.output) for item in selection.items] == [
        (photos / "000.png", tmp_path / "out" / "000.color.png"),
        (photos / "b" / "001.png", tmp_path / "out" / "b" / "001.color.png"),
    ]


def test_a_list_keeps_the_folders_that_the_index_knows(photos: Path, tmp_path: Path) -> None:
    """As where only what failed, or came out badly, is colored again."""
    target = tmp_path / "out"
    target.mkdir()
    with Record(place_of(str(target))) as record:
        facts = {
            "path": str(photos / "b" / "001.png"),
            "output": str(target / "b" / "001.color.png"),
            "state": "failed",
        }
        item = Item(Path(facts["path"]), Path(facts["output"]), True)
        record.add(Outcome(item, "failed", facts=facts | {"error": "cut off", "at": 1.0}))
    (tmp_path / "list.txt").write_text(f"{photos}/b/001.png\n{photos}/b/003.png\n")

    def outputs(*more: Any) -> list[str]:
        selection = select_photos(str(tmp_path / "list.txt"), str(target), FileOptions(), *more)
        return [item.output.relative_to(target).as_posix() for item in selection.items]

    assert outputs(()) == ["b/001.color.png", "003.color.png"]
    assert outputs((), photos) == ["b/001.color.png", "b/003.color.png"]
    assert outputs((), photos.parent) == ["scans/b/001.color.png", "scans/b/003.color.png"]
    assert outputs(("003*",)) == ["b/001.color.png"]
    assert outputs(("b/001.png",), photos) == ["b/003.color.png"]
    for exclude, below, why in ((("*",), None, "leaves no photo"), ((), tmp_path / "out", "does not lie below")):
        with pytest.raises(UsageError, match=why):
            select_photos(str(tmp_path / "list.txt"), str(target), FileOptions(), exclude, below)
    with pytest.raises(UsageError, match="go to a folder, not to memory://x/y"):
        select_photos(str(tmp_path / "list.txt"), "memory://x/y", FileOptions(), ())
    with pytest.raises(UsageError, match="--below belongs to a list"):
        Job(str(photos), str(target), below=photos)


def test_a_target_named_from_another_folder_can_be_moved(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--to ../out` is the folder that `--to /path/out` is."""
    monkeypatch.chdir(photos)
    target = Path("..") / "out"
    target.mkdir()
    with Record(place_of(str(target))) as record:
        item = Item(photos / "000.png", target / "b" / "000.color.png", True)
        record.add(Outcome(item, "kept"))
    assert read(place_of(str(tmp_path / "out"))).table["output"].to_pylist() == ["b/000.color.png"]


def test_what_is_refused_is_one_line(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "none.txt").write_text("\n")
    out = ["--to", str(tmp_path / "out")]
    for arguments, why in [
        ([str(tmp_path / "empty"), *out], "there is no photo in the folder"),
        ([str(tmp_path / "nowhere"), *out], "is no folder, URL or list"),
        ([str(tmp_path / "none.txt"), *out], "lists no photo"),
        ([str(photos), "--to", str(photos / "out")], "lies inside the source"),
        ([str(photos), "--to", str(photos)], "lies inside the source"),
        ([str(photos), *out, "--engine", "rya"], "no engine 'rya'; did you mean ray?"),
        ([str(photos), *out, "--address", "ray://x:1"], "--address belongs to --engine ray"),
        ([str(photos), "--to", "nonsense://x/y"], "nonsense"),
    ]:
        assert run(["archive", "color", *arguments]) in (1, 2)
        error = capsys.readouterr().err
        assert why in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_two_runs_on_one_target(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out"
    target.mkdir()
    color = ["archive", "color", str(photos), "--to", str(target)]
    with Record(place_of(str(target))):
        assert run(color) == 2
        assert capsys.readouterr().err == f"barva: another run writes to {target}: wait until it ends, or end it\n"
    assert run(color) == 0


def test_a_full_disk_ends_the_run(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from barva.archive import photo_work
    from barva.errors import WriteError

    def full(*_: object, **__: object) -> None:
        raise WriteError("x.png cannot be written: No space left on device")

    make_photos(photos, 6)
    color = ["archive", "color", str(photos), "--to", str(tmp_path / "out"), "-j", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(photo_work, "save", full)
        assert run(color) == 1
    error = capsys.readouterr().err
    assert error.endswith("No space left on device; make room, and run the same command again to go on\n")
    assert "3 failed" in error or "4 failed" in error
    assert run(color) == 0 and set(states(tmp_path / "out").values()) == {"done"}


@pytest.mark.parametrize("mounted", [False, True])
def test_a_source_that_goes_away(
    mounted: bool, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it was mounted an empty folder is left."""
    from barva.archive import photo_work

    real, away = photo_work.save, tmp_path / "away"

    def save(*arguments: object, **more: object) -> object:
        written = real(*arguments, **more)  # type: ignore[arg-type]
        if not away.exists():
            photos.rename(away)
            if mounted:
                photos.mkdir()
        return written

    color = ["archive", "color", str(photos), "--to", str(tmp_path / "out"), "-j", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(photo_work, "save", save)
        assert run(color) == 1
    assert f"the folder {photos} is gone; run the same command again" in capsys.readouterr().err
    if mounted:
        photos.rmdir()
    away.rename(photos)
    assert run(color) == 0 and len(list((tmp_path / "out").rglob("*.color.png"))) == 4


def test_a_full_disk_names_the_file_once(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from barva.archive import photo_work
    from barva.errors import WriteError

    def full(results: object, target: Path, *_: object) -> None:
        raise WriteError(f"{target} cannot be written: No space left on device")

    make_photos(photos, 6)
    out = tmp_path / "out"
    monkeypatch.setattr(photo_work, "save", full)
    assert run(["archive", "color", str(photos), "--to", str(out), "-m", "levin", "-j", "1"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].count(str(out)) == 1


def test_names_that_the_index_does_not_know(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert run(["archive", "color", str(photos), "--to", out, "-m", "levin"]) == 0
    for question, why in (("SELECT name FROM photos", "has the columns path, output"), ("SELECT 1 FROM t", "`photos`")):
        capsys.readouterr()
        assert run(["archive", "sql", out, question]) == 2
        assert why in capsys.readouterr().err
    assert run(["archive", "find", out, "--kind", "людина"]) == 2
    assert "English words" in capsys.readouterr().err


def test_a_sample_is_colored_here_and_says_so(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ray")
    asked = ["archive", "color", str(photos), "--to", str(tmp_path / "out"), "--sample", "1", "--engine", "ray"]
    assert run(asked) == 0
    assert "barva: the sample is colored on this machine" in capsys.readouterr().err
