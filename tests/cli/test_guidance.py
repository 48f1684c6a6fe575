"""Guidance at the command line, from mark to file."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.cli.app import run
from barva.color import spaces


@pytest.fixture
def mask(grey: np.ndarray, tmp_path: Path) -> Path:
    """A palette mask with one navy rectangle."""
    index = np.zeros(grey.shape, np.uint8)
    index[60:160, 40:200] = 1
    picture = Image.fromarray(index, "P")
    picture.putpalette([9, 9, 9, 0, 0, 128])
    picture.save(tmp_path / "mask.png")
    return tmp_path / "mask.png"


def mean_b(path: Path) -> float:
    rgb = np.asarray(Image.open(path).convert("RGB"))
    return float(spaces.fast_rgb_to_lab(rgb[80:140, 60:180])[..., 2].mean())


@pytest.mark.parametrize("way", ["point", "stroke", "box", "polygon", "region", "mask"])
def test_every_way_turns_the_picture(way: str, jpeg: Path, mask: Path, tmp_path: Path) -> None:
    arguments = {
        "point": ["--point", "120,110=navy"],
        "stroke": ["--stroke", "0.2,0.5;0.7,0.5@0.05=navy"],
        "box": ["--region", "box:40,60,200,160=navy"],
        "polygon": ["--region", "polygon:40,60;200,60;200,160;40,160=navy"],
        "region": ["--region", f"{mask}=navy"],
        "mask": ["--mask", str(mask)],
    }[way]
    plain, told, again = (tmp_path / f"{n}.png" for n in ("plain", "told", "again"))
    assert run(["colorize", str(jpeg), "-o", str(plain)]) == 0
    assert run(["colorize", str(jpeg), "-o", str(told), *arguments, "--save-guidance", str(tmp_path / "h.json")]) == 0
    assert mean_b(told) < mean_b(plain) - (1 if way == "point" else 8)
    assert len(json.loads((tmp_path / "h.json").read_text())["marks"]) == 1
    assert run(["colorize", str(jpeg), "-o", str(again), "--guidance", str(tmp_path / "h.json")]) == 0
    assert np.array_equal(np.asarray(Image.open(told)), np.asarray(Image.open(again)))


def test_notes_go_to_stderr(jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["colorize", str(jpeg), "--region", "box:0,0,99,99=red", "--region", "box:50,50,99,99=navy"]) == 0
    assert "the later mark wins" in capsys.readouterr().err


def test_stdin(png: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(png)

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert run(["colorize", "-", "-o", str(tmp_path / "a.png"), "--point", "5,5=red"]) == 0


def refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], code: int = 2) -> None:
    assert run(arguments) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--point", "999,5=red"], "point 999,5 = red lies outside the photo, which is 256 x 192 pixels"),
        (["--point", "5,5=rde"], "did you mean"),
        (["--point", "5;5=red"], "is not X,Y"),
        (["--stroke", ";=red"], "empty"),
        (["--region", "no.png=red"], "no such mask"),
        (["--region", "box:0,0,300,9=red"], "outside"),
        (["--mask", "no.png"], "no such mask"),
        (["--save-guidance", "h.json"], "nothing to save"),
    ],
)
def test_bad_marks(arguments: list[str], said: str, jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(["colorize", str(jpeg), *arguments], said, capsys)
    assert not jpeg.with_name("grandmother.color.jpg").exists()


def test_bad_files(jpeg: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (100, 100), 255).save(tmp_path / "square.png")
    (tmp_path / "h.json").write_text('{"barva": "guidance", "version": 1, "marks": [{"kind": "point", "at": 1}]}')
    photo = str(jpeg)
    refused(["colorize", photo, "--region", f"{tmp_path / 'square.png'}=red"], "their shapes differ", capsys)
    refused(["colorize", photo, "--guidance", str(tmp_path / "h.json")], "marks[0].at: two numbers", capsys)
    refused(["colorize", photo, "--guidance", str(tmp_path / "no.json")], "no such hint file", capsys, 1)
    refused(["colorize", photo, photo, "--point", "5,5=red"], "one photo", capsys)
    refused(["colorize", str(tmp_path), "--point", "5,5=red"], "one photo", capsys)
    keep = ["--point", "5,5=red", "--save-guidance", str(tmp_path / "h.json")]
    refused(["colorize", photo, *keep], "exists", capsys, 1)
    refused(["recolor", photo], "say what to recolor", capsys)
    refused(["recolor", photo, "--region", "box:0,0,9,999=red"], "outside", capsys)
    refused(["recolor", str(tmp_path / "no.jpg"), "--region", "box:0,0,9,9=red"], "no.jpg", capsys, 1)


def test_recolor(astronaut: np.ndarray, mask: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = np.asarray(Image.fromarray(astronaut).resize((256, 192)))
    Image.fromarray(before).save(tmp_path / "photo.png")
    assert run(["recolor", str(tmp_path / "photo.png"), "--region", f"{mask}=navy"]) == 0
    out = tmp_path / "photo.recolored.png"
    assert capsys.readouterr().out.strip() == str(out)
    after = np.asarray(Image.open(out))
    outside = np.ones(before.shape[:2], bool)
    outside[60:160, 40:200] = False
    assert np.array_equal(after[outside], before[outside])
    assert mean_b(out) < mean_b(tmp_path / "photo.png") - 15
    (tmp_path / "out").mkdir()
    assert run(["recolor", str(tmp_path / "photo.png"), "--mask", str(mask), "-o", str(tmp_path / "out")]) == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / "photo.recolored.png")), after)


def test_recolor_names_by_content(astronaut: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("photo.mpo", "bare"):
        Image.fromarray(astronaut).save(tmp_path / name, "JPEG")
    (tmp_path / "out").mkdir()
    for place, more in ((tmp_path, []), (tmp_path / "out", ["-o", str(tmp_path / "out")])):
        for name in ("photo.mpo", "bare"):
            assert run(["recolor", str(tmp_path / name), "--region", "box:0.1,0.1,0.5,0.5=navy", *more]) == 0
            assert (place / f"{Path(name).stem}.recolored.jpg").exists()


def test_recolor_says_that_jpeg_is_lossy(
    astronaut: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(astronaut[:96, :96]).save(tmp_path / "photo.jpg")
    assert run(["recolor", str(tmp_path / "photo.jpg"), "--region", "box:0.1,0.1,0.5,0.5=синій"]) == 0
    assert "JPEG is lossy" in capsys.readouterr().err
