"""`barva suggest`: the likeliest colors of a place, and what is marked already."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from barva.cli.app import run


def test_a_scene_says_what_is_marked_already(jpeg: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mark, scene = ["--region", "box:40,60,200,160=navy"], tmp_path / "s.jsonld"
    out = ["-o", str(tmp_path / "a.png"), "--save-scene", str(scene)]
    assert run(["colorize", str(jpeg), *mark, *out]) == 0

    def said(*more: str) -> list[str]:
        capsys.readouterr()
        assert run(["suggest", str(jpeg), "120,100", "-n", "5", *more]) == 0
        return capsys.readouterr().out.splitlines()

    plain, known = said(), said("--scene", str(scene))
    assert len(plain) == len(known) == 5 and all(line.startswith("#") and line.endswith("%") for line in known)
    assert known == said(*mark) != plain


@pytest.mark.parametrize(
    ("more", "why"), [(["5"], "X,Y"), (["9999,5"], "outside"), (["5,5", "--scene", "none.json"], "no such scene")]
)
def test_errors_are_one_line(more: list[str], why: str, jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suggest", str(jpeg), *more]) != 0
    error = capsys.readouterr().err
    assert why in error and error.count("\n") == 1


def test_a_place_in_shares(jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Image.open(jpeg) as image:
        width, height = image.size
    said = []
    for at in ("0.5,0.25", f"{width * 0.5},{height * 0.25}"):
        assert run(["suggest", str(jpeg), at]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert run(["suggest", str(jpeg), "1.0,1.0"]) == 0
