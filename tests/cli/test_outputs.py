"""What a command writes never destroys what it reads, nor another thing that it writes; and leaves nothing of a run
that failed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import barva
from barva.cli.app import run
from barva.scene.picture_modalities import Reference

COLORS = np.stack(np.broadcast_arrays(np.arange(64)[:, None] * 3, np.arange(64) * 3, 90), -1).astype(np.uint8)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a photo, a color photo, a hint file, a scene, a folder; commands run in it."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(COLORS[..., 0]).save("photo.png")
    Image.fromarray(COLORS).save("color.png")
    assert run(["colorize", "photo.png", "-m", "levin", "--point", "5,5=red", "-o", "old.png",
                "--save-guidance", "hints.json"]) == 0  # fmt: skip
    assert run(["colorize", "photo.png", "-m", "levin", "-o", "older.png", "--save-scene", "scene.jsonld"]) == 0
    Path("folder").mkdir()
    Image.fromarray(COLORS).save("folder/r.png")
    Image.fromarray(COLORS[..., 0] // 180).save("labels.png")
    marks = [{"kind": "region", "mask": "old.png", "color": "red"}]
    Path("masks.json").write_text(json.dumps({"barva": "guidance", "version": 1, "marks": marks}))
    barva.Scene((barva.Thing("photo", "picture", "", (Reference("folder/r.png"),)),)).save("referring.jsonld")
    return tmp_path


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


LEVIN = "colorize photo.png -m levin"
REGION = "--region box:0,0,9,9=red"

REFUSED = {
    "scene over the photo": f"{LEVIN} -o new.png --save-scene photo.png --overwrite",
    "hints over the photo": f"{LEVIN} -o new.png --point 5,5=red --save-guidance photo.png --overwrite",
    "hints over another picture": f"{LEVIN} -o new.png --point 5,5=red --save-guidance color.png --overwrite",
    "hints over a folder": f"{LEVIN} -o new.png --point 5,5=red --save-guidance folder --overwrite",
    "confidence over the photo": f"{LEVIN} -o new.png --confidence photo.png --overwrite",
    "confidence over the photo by a link": f"{LEVIN} -o new.png --confidence folder/../photo.png --overwrite",
    "confidence over a reference": (
        "colorize photo.png -m welsh --reference color.png -o new.png --confidence color.png --overwrite"
    ),
    "confidence over a mask": f"{LEVIN} --region color.png=red -o new.png --confidence color.png --overwrite",
    "confidence is the result": f"{LEVIN} -o new.png --confidence new.png",
    "confidence is the default result": f"{LEVIN} --confidence photo.color.png",
    "confidence is a variant": "colorize photo.png -o new.png --variants 2 --confidence new.2.png",
    "confidence named as JPEG": f"{LEVIN} -o new.png --confidence sure.jpg",
    "scene is the result": f"{LEVIN} -o new.png --save-scene new.png",
    "hints and scene in one": f"{LEVIN} -o new.png --point 5,5=red --save-guidance x --save-scene x",
    "scene over the hint file": f"{LEVIN} -o new.png --guidance hints.json --save-scene hints.json --overwrite",
    "result over the photo, with a scene": f"{LEVIN} -o photo.png --save-scene new.jsonld --overwrite",
    "variant over the photo": "colorize photo.1.png -o photo.png --variants 2 --overwrite",
    "result over a reference": "colorize photo.png -m welsh --reference color.png -o color.png --overwrite",
    "scene applied over the photo": "scene apply scene.jsonld photo.png -o photo.png --overwrite",
    "scene edited into a picture": "scene edit scene.jsonld --off photo -o photo.png --overwrite",
    "scene edit without a change": "scene edit scene.jsonld",
    "recolored over the photo": f"recolor color.png {REGION} -o color.png --overwrite",
    "recolored over its mask": "recolor color.png --region old.png=red -o old.png --overwrite",
    "recolored over a weak mask": "recolor color.png --region old.png=red,strength=0.5 -o old.png --overwrite",
    "recolored over a vivid mask": "recolor color.png --region old.png=vividness=0.5 -o old.png --overwrite",
    "recolored over a label": "recolor color.png --region labels.png:1=red,vividness=1 -o labels.png --overwrite",
    "recolored over a hint file's mask": "recolor color.png --guidance masks.json -o old.png --overwrite",
    "result over a hint file's mask": f"{LEVIN} --guidance masks.json -o old.png --overwrite",
    "result over a folder's reference": "colorize photo.png -m welsh --reference folder -o folder/r.png --overwrite",
    "result over a scene's reference": "scene apply referring.jsonld photo.png -o folder/r.png --overwrite",
    "overlay over the photo": "describe photo.png --overlay photo.png --overwrite",
    "overlay named as JPEG": "describe photo.png --overlay drawn.jpg",
    "overlay and scene in one": "describe photo.png --overlay x.png --save-scene x.png",
    "drawing over the photo": "say photo.png warmer --overlay photo.png --overwrite",
    "drawing and scene in one": "say photo.png warmer --overlay x.png --save-scene x.png",
    "scores over a picture": "evaluate color.png -m levin --json photo.png --overwrite",
    "page over a picture": "evaluate color.png -m levin --html photo.png --overwrite",
    "sheet over the photos": "evaluate color.png -m levin --sheet color.png --overwrite",
    "sheet named as JPEG": "evaluate color.png -m levin --sheet sheet.jpg",
    "report over a picture": "archive report folder -o photo.png --overwrite",
    "list of what was left out over a picture": "data pack . -o shards --report photo.png --overwrite",
    "two formats": f"{LEVIN} -o new.png --format jpeg",
    "no format": f"{LEVIN} -o new",
    "unknown method": "colorize photo.png --point 5,5=red --save-guidance x.json -m nope",
    "no folder for the result": f"{LEVIN} --point 5,5=red --save-guidance x.json -o no/new.png",
    "unknown method, a folder": "colorize photo.png color.png -m nope -o results",
    "unknown method, an album": "album . -m nope -o results",
    "no guide, an album": "album . -o results --guide no.png --point 5,5=red",
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_lost_and_nothing_is_left(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if name == "variant over the photo":
        (place / "photo.png").rename(place / "photo.1.png")
    capsys.readouterr()
    before, folders = snapshot(place), sorted(p for p in place.rglob("*") if p.is_dir())
    assert run(REFUSED[name].split()) in (1, 2)
    error = capsys.readouterr().err
    assert error.startswith("barva: ") and error.count("\n") == 1, error
    assert snapshot(place) == before
    assert sorted(p for p in place.rglob("*") if p.is_dir()) == folders


def test_hints_and_scenes_can_be_carried_on(place: Path) -> None:
    more = ["--guidance", "hints.json", "--point", "40,40=navy", "--save-guidance", "hints.json"]
    assert run([*LEVIN.split(), "-o", "new.png", *more, "--overwrite"]) == 0
    assert (place / "hints.json").read_text().count('"point"') == 2
    scene = ["--scene", "scene.jsonld", "--save-scene", "scene.jsonld"]
    assert run([*LEVIN.split(), "-o", "newer.png", *scene, "--overwrite"]) == 0


@pytest.mark.parametrize(
    "command",
    [
        ["colorize", ""],
        ["colorize", "photo.png", "-o", ""],
        ["colorize", "photo.png", "--output="],
        ["album", ""],
        ["archive", "color", "", "--to", "t"],
        ["film", ""],
        ["scene", "query", "ASK {}", ""],
    ],
)
def test_an_unset_variable_is_not_this_folder(
    command: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(place)
    assert run(command) == 2
    assert "is empty: is a variable of the shell not set?" in capsys.readouterr().err
    assert snapshot(place) == before


@pytest.mark.parametrize("box", ["0,0,2,1=0,0,1,1", "0,0,1,1=1,1,0,0", "0,0,1,1=nan,0,1,1"])
def test_a_swatch_is_named_as_it_is_typed(box: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["colorize", "photo.png", "-m", "welsh", "--reference", "color.png", "--swatch", box]) == 2
    error = capsys.readouterr().err
    assert f"--swatch {box}" in error and "LEFT,TOP,RIGHT,BOTTOM" in error


def test_what_is_no_text_is_no_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scene", "show", "photo.png"]) == 2
    assert "UTF-8" in capsys.readouterr().err
