"""`--say` and `barva say`: words in, colors in the picture; errors in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from barva.cli.app import run
from barva.color import spaces
from barva.scene.masks import Mask
from barva.scene.modalities import Region
from barva.scene.model import Scene, Source, Thing

LEFT, RIGHT = (10, 50, 50, 80), (70, 50, 110, 80)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    image = Image.new("L", (120, 90), 190)
    things = []
    for n, box in enumerate((LEFT, RIGHT), 1):
        ImageDraw.Draw(image).rectangle(box, fill=120)
        mask = Image.new("L", image.size, 0)
        ImageDraw.Draw(mask).rectangle(box, fill=255)
        things.append(Thing(f"car-{n}", "car", modalities=(Region(Mask.of(np.array(mask))),)))
    image.save(tmp_path / "cars.png")
    Scene(tuple(things), Source(120, 90)).save(tmp_path / "cars.jsonld")
    return tmp_path / "cars.png"


def chroma(path: Path, box: tuple[int, int, int, int]) -> tuple[float, float]:
    """Mean a and b inside a box."""
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB"), np.float64)[box[1] + 4 : box[3] - 4, box[0] + 4 : box[2] - 4] / 255
    a, b = spaces.rgb_to_lab(rgb)[..., 1:].mean(axis=(0, 1))
    return float(a), float(b)


def test_words_color_the_objects_and_both_languages_alike(photo, tmp_path):
    scene, english, ukrainian = tmp_path / "cars.jsonld", tmp_path / "en.png", tmp_path / "uk.png"
    common = ["colorize", str(photo), "--scene", str(scene)]
    assert run([*common, "--say", "make the left car red and the right one blue", "-o", str(english)]) == 0
    assert run([*common, "--say", "ліву машину зроби червоною, а праву синьою", "-o", str(ukrainian)]) == 0
    a, b = chroma(english, LEFT)
    assert a > 30 and b > 10
    assert chroma(english, RIGHT)[1] < -30
    with Image.open(english) as one, Image.open(ukrainian) as two:
        assert np.array_equal(np.asarray(one), np.asarray(two))


def test_recolor_by_a_text_file(photo, tmp_path):
    colored, text, out = tmp_path / "colored.png", tmp_path / "words.txt", tmp_path / "out.png"
    with Image.open(photo) as image:
        Image.merge("RGB", (image.point(lambda v: min(v + 40, 255)), image, image)).save(colored)
    text.write_text("Make the left car green.\n", encoding="utf-8")
    arguments = ["recolor", str(colored), "--scene", str(tmp_path / "cars.jsonld"), "--say", str(text), "-o", str(out)]
    assert run(arguments) == 0
    assert chroma(out, LEFT)[0] < -10
    assert chroma(out, RIGHT) == chroma(colored, RIGHT)


def test_warmer_is_warmer(photo, tmp_path):
    plain, warm = tmp_path / "plain.png", tmp_path / "warm.png"
    assert run(["colorize", str(photo), "-o", str(plain)]) == 0
    assert run(["colorize", str(photo), "--say", "much warmer", "-o", str(warm)]) == 0
    box = (0, 0, 120, 40)
    assert chroma(warm, box)[1] > chroma(plain, box)[1] + 2


def test_explain_tells_each_clause_and_draws(photo, tmp_path, capsys):
    drawing, scene = tmp_path / "drawing.png", tmp_path / "said.jsonld"
    arguments = ["say", str(photo), "make the car red", "--scene", str(tmp_path / "cars.jsonld"), "--explain"]
    assert run([*arguments, "--overlay", str(drawing), "--save-scene", str(scene)]) == 0
    told = capsys.readouterr().out
    assert "understood: car = red" in told and "2 things" in told and "sure" in told
    with Image.open(drawing) as image:
        picture = np.asarray(image)
    assert picture.shape == (90, 120, 3)
    left = picture[60, 20].astype(int)
    assert left[0] > left[2] + 20, "the object that is meant is tinted"
    assert np.ptp(picture[10, 60]) == 0, "and nothing else"
    assert Scene.load(scene).thing("car-1").modalities


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("make the cat red", "found: car (2)"),
        ("make the car redd", "did you mean red"),
        ("", "the argument after --say is empty"),
        (" ", "the text is empty"),
        ("make the car red " * 400, "at most 2000"),
        ("no such file.txt", "cannot be read"),
    ],
)
def test_errors_are_one_line_and_nothing_is_written(photo, tmp_path, capsys, text, line):
    out = tmp_path / "out.png"
    arguments = ["colorize", str(photo), "--scene", str(tmp_path / "cars.jsonld"), "--say", text, "-o", str(out)]
    assert run(arguments) in (1, 2)
    err = capsys.readouterr().err
    assert line in err and err.count("\n") == 1
    assert not out.exists()
