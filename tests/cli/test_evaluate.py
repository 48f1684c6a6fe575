"""`barva evaluate` as a user types it: its reports, and what it says of bad input."""

from __future__ import annotations

import json
import os
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.cli.app import run
from barva.evaluation.benchmark import FLAT


@pytest.fixture
def photos(tmp_path: Path, astronaut: np.ndarray) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, part in (("a", astronaut[:128, :128]), ("b", astronaut[200:300, 100:250])):
        Image.fromarray(part).save(folder / f"{name}.png")
    return folder


def lines(path: Path, kind: str) -> list[dict[str, object]]:
    return [line for line in map(json.loads, path.read_text().splitlines()) if line["kind"] == kind]


def test_everything_at_once(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    peer = tmp_path / "peer"
    peer.mkdir()
    for file in photos.iterdir():
        Image.open(file).resize((64, 64)).save(peer / f"{file.stem}.jpg", quality=95)
    reports = {name: tmp_path / name for name in ("s.jsonl", "page.html", "sheet.png")}
    command = ["evaluate", str(photos), "--compare", f"guided,peer={peer}", "--points", "5,1", "--film"]
    command += ["--json", str(reports["s.jsonl"]), "--html", str(reports["page.html"])]
    assert run([*command, "--sheet", str(reports["sheet.png"])]) == 0
    said = capsys.readouterr().out
    assert "film loss" in said and "hint fidelity" in said and "than guided" in said
    rows = lines(reports["s.jsonl"], "method")
    assert [row["method"] for row in rows] == ["grey", FLAT, "guided", "peer"]
    assert "film_loss" in rows[2] and "film_loss" not in rows[3]
    assert [(p["method"], p["points"]) for p in lines(reports["s.jsonl"], "points")] == [("guided", 1), ("guided", 5)]
    (pair,) = lines(reports["s.jsonl"], "comparison")
    assert (pair["method"], pair["base"]) == ("peer", "guided")
    assert len(lines(reports["s.jsonl"], "photo points")) == 2 * 2
    assert reports["page.html"].read_text().count("<section") == 2
    assert Image.open(reports["sheet.png"]).size[0] == 4 * 198 + 6
    assert not list(tmp_path.glob("*part"))


def test_the_same_twice(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for at in range(2):
        assert run(["evaluate", str(photos), "--points", "3", "--film", "--json", str(tmp_path / f"{at}")]) == 0
        found.append([line["fidelity"] for line in lines(tmp_path / f"{at}", "points")])
        found[-1] += [line["film_ciede2000"] for line in lines(tmp_path / f"{at}", "method")[2:]]
    assert found[0] == found[1] and len(found[0]) == 2


@pytest.mark.parametrize(
    ("options", "methods"),
    [
        ([], ["guided"]),
        (["-m", "regression"], ["regression"]),
        (["-m", "regression", "-m", "guided"], ["regression", "guided"]),
        (["--compare", "regression"], ["guided", "regression"]),
        (["--compare", "regression,guided"], ["regression", "guided"]),
        (["--compare", "regression", "--compare", "guided"], ["regression", "guided"]),
        (["-m", "regression", "--compare", "guided"], ["regression", "guided"]),
    ],
)
def test_who_is_measured(
    options: list[str], methods: list[str], photos: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "s.jsonl"
    assert run(["evaluate", str(photos), "--limit", "1", "--json", str(out), *options]) == 0
    assert [row["method"] for row in lines(out, "method")] == ["grey", FLAT, *methods]
    assert len(lines(out, "comparison")) == ("--compare" in options)


def test_perceptual_says_what_is_missing(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert run(["evaluate", str(photos), "--limit", "1", "--perceptual"]) == 0
    said = capsys.readouterr().out
    assert "Left out for want of weights: LPIPS (alexnet" in said
    assert "| LPIPS |" not in said


Case = Callable[[Path], list[str]]


def put(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def twice(folder: Path) -> Path:
    """A folder with a picture of the first photo, and two of the second."""
    for name in ("a.png", "b.png", "b.jpg"):
        Image.new("RGB", (64, 64)).save(folder / "empty" / name)
    return folder / "empty"


BAD: dict[str, tuple[Case, int, str]] = {
    "unknown method": (lambda d: ["-m", "guidde"], 2, "did you mean guided?"),
    "unknown method to compare": (lambda d: ["--compare", "guided,regresion"], 2, "did you mean regression?"),
    "method against itself": (lambda d: ["--compare", "guided,guided"], 2, "another"),
    "no name to compare": (lambda d: ["--compare", "guided,"], 2, "NAME=FOLDER"),
    "no folder named": (lambda d: ["--compare", "guided,x="], 2, "NAME=FOLDER"),
    "folder of pictures missing": (lambda d: ["--compare", f"x={d / 'no'}"], 2, "no folder"),
    "picture missing": (lambda d: ["--compare", f"x={(d / 'empty')}"], 1, "'a'"),
    "name taken": (lambda d: ["--compare", f"guided,guided={d}"], 2, "named twice"),
    "name that is always there": (lambda d: ["--compare", f"grey={d / 'empty'}"], 2, "always there"),
    "name of the original": (lambda d: ["--compare", f"original={d / 'empty'}"], 2, "always there"),
    "name of the light": (lambda d: ["--compare", f"light={d / 'empty'}"], 2, "always there"),
    "two pictures of a photo": (lambda d: ["--compare", f"x={twice(d)}"], 2, "several pictures of 'b': b.jpg, b.png"),
    "points in words": (lambda d: ["--points", "many"], 2, "1,10,100"),
    "points with a gap": (lambda d: ["--points", "1,,2"], 2, "1,10,100"),
    "no points": (lambda d: ["--points", "0"], 2, "points"),
    "too vivid": (lambda d: ["--vividness", "7"], 2, "vividness"),
    "report exists": (lambda d: ["--html", put(d / "old.html", b"old")], 1, "--overwrite"),
    "report is a folder": (lambda d: ["--json", str(d), "--overwrite"], 1, "folder"),
    "report in no folder": (lambda d: ["--sheet", str(d / "no" / "s.png")], 1, "no folder"),
    "one file for two reports": (lambda d: ["--json", str(d / "x"), "--html", str(d / "x")], 2, "own"),
}


@pytest.mark.parametrize("tar", [False, True])
def test_two_photos_of_one_name_are_refused_before_any_is_measured(
    tar: bool, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.open(photos / "b.png").convert("RGB").save(photos / "b.jpg")
    where = photos
    if tar:
        where = tmp_path / "photos.tar"
        with tarfile.open(where, "w") as file:
            file.add(photos, "p")
    monkeypatch.setattr("barva.cli.evaluate._method", lambda *_: pytest.fail("no method is loaded"))
    assert run(["evaluate", str(where), "--json", str(tmp_path / "s.jsonl")]) == 2
    error = capsys.readouterr().err
    assert "holds two photos called" in error and "b.jpg" in error and "b.png" in error and error.count("\n") == 1
    assert not (tmp_path / "s.jsonl").exists()


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line(case: str, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    options, code, word = BAD[case]
    assert run(["evaluate", str(photos), *options(tmp_path)]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("barva: ") and said.err.count("\n") == 1
    assert word in said.err
    assert (tmp_path / "old.html").read_bytes() == b"old" if (tmp_path / "old.html").exists() else True


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [("c.jpg", b"no picture", "c.jpg"), ("c.png", b"", "c.png"), (None, b"", "no photo")],
)
def test_photos_that_cannot_be_measured_leave_no_report(
    name: str | None, content: bytes, word: str, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in photos.iterdir():
        file.unlink()
    if name is not None:
        (photos / name).write_bytes(content)
    reports = [tmp_path / "s.jsonl", tmp_path / "page.html", tmp_path / "sheet.png"]
    options = [
        w for option, path in zip(("--json", "--html", "--sheet"), reports, strict=True) for w in (option, str(path))
    ]
    assert run(["evaluate", str(photos), *options]) != 0
    said = capsys.readouterr()
    assert word in said.err and said.err.count("\n") == 1 and said.out == ""
    assert not any(path.exists() for path in reports)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["photos"]


def test_broken_photos_are_left_out_and_counted(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import tarfile

    (photos / "bad.png").write_bytes(b"no picture at all")
    half = (photos / "a.png").read_bytes()[:3000]
    (photos / "half.png").write_bytes(half)
    with tarfile.open(tmp_path / "photos.tar", "w") as tar:
        tar.add(photos, "photos")
    for source in (photos, tmp_path / "photos.tar"):
        out = tmp_path / f"{source.name}.jsonl"
        assert run(["evaluate", str(source), "-m", "regression", "--json", str(out)]) == 0
        said = capsys.readouterr()
        assert "2 files could not be read and were left out." in said.out
        assert "bad.png" in said.err and "half.png" in said.err
        assert len({line["photo"] for line in lines(out, "photo")}) == 2
        assert [line["text"] for line in lines(out, "note")] == ["2 files could not be read and were left out."]
    for name in ("a.png", "b.png"):
        (photos / name).unlink()
    assert run(["evaluate", str(photos)]) == 2
    assert "holds no photo that can be read" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_text(photos: Path, tmp_path: Path) -> None:
    (photos / "a.png").rename(photos / "two\nlines.png")
    (photos / "b.png").rename(photos / os.fsdecode(b"caf\xe9.png"))
    reports = {option: tmp_path / name for option, name in (("--json", "s"), ("--html", "h"), ("--sheet", "s.png"))}
    options = [text for option, path in reports.items() for text in (option, str(path))]
    assert run(["evaluate", str(photos), "-m", "levin", *options]) == 0
    keys = {line["photo"] for line in lines(reports["--json"], "photo")}
    assert keys == {"two\nlines", r"caf\xe9"}


def test_what_evaluate_cannot_give_is_said(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(photos), "-m", "welsh"]) == 2
    assert "evaluate gives none" in capsys.readouterr().err


def test_a_broken_photo_is_named_with_the_whole_reason(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(photos / "c.png", b"Dear grandmother")
    assert run(["evaluate", str(photos), "-m", "levin"]) == 0
    error = capsys.readouterr().err
    assert error.count("(") == error.count(")") == 1


def test_prints_are_named_or_left_out(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gray = np.asarray(Image.open(photos / "a.png").convert("L"), np.float32)[..., None] / 255
    Image.fromarray((gray ** (0.8, 1.0, 1.4) * 255).astype(np.uint8)).save(photos / "sepia.png")
    Image.fromarray((gray[..., 0] * 255).astype(np.uint8)).save(photos / "gray.png")
    found: dict[str, tuple[str, float]] = {}
    for option in ("", "--skip-gray"):
        out = tmp_path / f"{option}.jsonl"
        command = ["evaluate", str(photos), "-m", "levin", "--json", str(out), *filter(None, [option])]
        assert run(command) == 0
        (note,) = [str(line["text"]) for line in lines(out, "note")]
        assert note in capsys.readouterr().out
        found[option] = note, len({line["photo"] for line in lines(out, "photo")})
    assert found[""] == (
        "2 photos look gray or of a single tone (gray, sepia): there the figures measure the tone of a print. "
        "--skip-gray leaves them out.",
        4,
    )
    assert found["--skip-gray"] == ("2 photos look gray or of a single tone (gray, sepia) and were left out.", 2)
    for name in ("a.png", "b.png"):
        (photos / name).unlink()
    assert run(["evaluate", str(photos), "-m", "levin", "--skip-gray"]) == 2
    assert "holds no color photo" in capsys.readouterr().err


def test_color_photos_alone_need_no_note(photos: Path, tmp_path: Path) -> None:
    assert run(["evaluate", str(photos), "-m", "levin", "--json", str(tmp_path / "s.jsonl")]) == 0
    assert lines(tmp_path / "s.jsonl", "note") == []
