"""`barva scene`, and scenes at `barva colorize`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.cli.app import run
from barva.scene.model import Scene


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


@pytest.fixture
def scene(jpeg: Path, tmp_path: Path) -> Path:
    """A scene that `barva colorize` saved, beside its picture `first.png`."""
    marks = ["--region", "box:40,60,200,160=navy,strength=.8,vividness=1.3", "--point", "20,20=red"]
    out = ["-o", str(tmp_path / "first.png"), "--save-scene", str(tmp_path / "s.json")]
    settings = ["-m", "regression", "--vividness", "1.2", "--strength", "0.9", "--seed", "3"]
    assert run(["colorize", str(jpeg), *marks, *settings, *out]) == 0
    return tmp_path / "s.json"


def test_apply_gives_the_same_file(scene: Path, jpeg: Path, tmp_path: Path) -> None:
    first = (tmp_path / "first.png").read_bytes()
    assert run(["scene", "apply", str(scene), str(jpeg), "-o", str(tmp_path / "a.png")]) == 0
    assert run(["colorize", str(jpeg), "--scene", str(scene), "-o", str(tmp_path / "b.png")]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes() == first
    assert run(["colorize", str(jpeg), "--scene", str(scene), "-m", "guided", "-o", str(tmp_path / "c.png")]) == 0
    assert not np.array_equal(pixels(tmp_path / "c.png"), pixels(tmp_path / "a.png"))
    assert run(["colorize", str(jpeg), "--scene", str(scene), "--strength", "0", "-o", str(tmp_path / "d.png")]) == 0
    assert not np.array_equal(pixels(tmp_path / "d.png"), pixels(tmp_path / "a.png"))


def test_show(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["scene", "show", str(scene)]) == 0
    shown = capsys.readouterr().out
    for said in (
        "of grandmother.jpg, 256 x 192 px",
        "├─ box",
        "color: navy (user)",
        "strength 0.8",
        "method regression",
    ):
        assert said in shown


def test_edit(scene: Path, jpeg: Path, tmp_path: Path) -> None:
    whole = json.loads(scene.read_text())
    whole["things"][1]["known"].append({"@type": "Smell", "of": "lavender"})
    scene.write_text(json.dumps(whole))
    changes = ["--rename", "box=coat", "--kind", "coat=coat", "--words", "coat=her coat", "--color", "coat=olive"]
    changes += ["--add", "hat=0.4,0.1", "--color", "hat=teal,strength=0.5", "--part-of", "hat=coat"]
    changes += ["--relate", "coat=near:point", "--off", "point", "--color", "photo=vividness=0.5"]
    assert run(["scene", "edit", str(scene), *changes, "-o", str(tmp_path / "t.json")]) == 0
    after = Scene.load(tmp_path / "t.json")
    assert [t.id for t in after.things] == ["photo", "coat", "point", "hat"]
    assert [(c.color, c.strength) for c in after.claims()] == [("olive", 0.8), ("teal", 0.5)]
    assert {"@type": "Smell", "of": "lavender"} in json.loads((tmp_path / "t.json").read_text())["things"][1]["known"]
    assert after.whole.manner.vividness == 0.5
    assert json.loads(scene.read_text()) == whole
    assert run(["scene", "edit", str(scene), "--remove", "box"]) == 0
    assert "box" not in [t.id for t in Scene.load(scene).things]
    assert run(["scene", "apply", str(tmp_path / "t.json"), str(jpeg), "-o", str(tmp_path / "e.png")]) == 0


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_scene_is_edited_through_a_link(scene: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(scene)
    assert run(["scene", "edit", str(link), "--words", "photo=a walk"]) == 0
    assert link.is_symlink() and "a walk" in scene.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["edit", "S", "--color", "bux=red"], "--color bux=red: there is no thing 'bux'; did you mean box?"),
        (["edit", "S", "--color", "box=nvay"], "did you mean navy"),
        (["edit", "S", "--color", "box=navy,strength=2"], "--color box=navy,strength=2: strength"),
        (["edit", "S", "--rename", "box"], "--rename box: ID=... is wanted"),
        (["edit", "S", "--kind", "box=cot"], "did you mean coat"),
        (["edit", "S", "--add", "hat=none.png"], "no such mask"),
        (["edit", "S", "--off", "hat"], "--off hat: there is no thing"),
        (["edit", "S", "-o", "S"], "exists already"),
        (["show", "none.json"], "no such scene"),
        (["apply", "S", "none.jpg"], "none.jpg"),
    ],
)
def test_errors_are_one_line(arguments: list[str], said: str, scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = scene.read_bytes()
    capsys.readouterr()
    assert run(["scene", *(str(scene) if a == "S" else a for a in arguments)]) != 0
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert scene.read_bytes() == before


def test_one_photo_and_nothing_half_written(
    scene: Path, jpeg: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["colorize", str(jpeg), "--save-scene", str(scene), "-o", str(tmp_path / "x.png")]) == 1
    assert not (tmp_path / "x.png").exists()
    for bad in ([str(tmp_path), "--scene", str(scene)], [str(jpeg), "--save-scene", "n.json", "--variants", "2"]):
        assert run(["colorize", *bad]) == 2
    Image.new("L", (100, 50), 99).save(tmp_path / "other.png")
    capsys.readouterr()
    assert run(["scene", "apply", str(scene), str(tmp_path / "other.png"), "-o", str(tmp_path / "y.png")]) == 0
    assert "the scene belongs to another photo" in capsys.readouterr().err
