"""The commands as a user types them."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import barva
from barva.cli.app import run
from barva.runtime import weights


def barva_(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "barva", *arguments], input=stdin, capture_output=True)


def test_one_photo(jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["colorize", str(jpeg)]) == 0
    out = jpeg.with_name("grandmother.color.jpg")
    assert capsys.readouterr().out.strip() == str(out)
    colors = np.asarray(Image.open(out)).astype(int)
    assert np.ptp(colors, axis=2).max() > 10


def test_output_names_the_format(jpeg: Path) -> None:
    assert run(["colorize", str(jpeg), "-o", str(jpeg.with_name("b.png"))]) == 0
    assert Image.open(jpeg.with_name("b.png")).format == "PNG"


def test_output_folder(jpeg: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert run(["colorize", str(jpeg), "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "grandmother.color.jpg").exists()


def test_content_decides_not_the_name(png: bytes, tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    path.write_bytes(png)
    assert run(["colorize", str(path)]) == 0


def test_stdin_to_stdout(grey: np.ndarray, png: bytes) -> None:
    done = barva_("colorize", "-", stdin=png)
    assert done.returncode == 0, done.stderr
    answer = Image.open(io.BytesIO(done.stdout))
    assert (answer.format, answer.mode, answer.size) == ("PNG", "RGB", grey.shape[::-1])
    assert np.array_equal(np.asarray(answer), barva.colorize(grey).array())


def test_stdin_to_file(png: bytes, tmp_path: Path) -> None:
    out = tmp_path / "b.webp"
    assert barva_("colorize", "-", "-o", str(out), stdin=png).returncode == 0
    assert Image.open(out).format == "WEBP"


def test_empty_stdin() -> None:
    done = barva_("colorize", "-")
    assert done.returncode == 1
    assert done.stderr.decode().strip() == "barva: stdin is empty"


def test_file_to_stdout(jpeg: Path) -> None:
    done = barva_("colorize", str(jpeg), "-o", "-", "--format", "png")
    assert Image.open(io.BytesIO(done.stdout)).format == "PNG"


def test_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "demo"
    assert run(["demo", "-o", str(out), "rocket"]) == 0
    made = {p.name for p in out.iterdir()}
    assert made == {"rocket.before.png", "rocket.after.png", "rocket.sheet.png"}
    assert str(out) in capsys.readouterr().out
    before, after = (np.asarray(Image.open(out / f"rocket.{x}.png")) for x in ("before", "after"))
    assert before.ndim == 2 and after.shape == (*before.shape, 3)


def test_demo_of_an_unknown_photo(tmp_path: Path) -> None:
    assert run(["demo", "mona-lisa", "-o", str(tmp_path / "d")]) == 2
    assert not (tmp_path / "d").exists()


def test_methods(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["methods"]) == 0
    assert capsys.readouterr().out.startswith("guided")
    assert run(["methods", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["name"] for r in rows] == [c.name for c in barva.method_cards()]
    assert all(len(r["weights"]["sha256"]) == 64 for r in rows if r["weights"])


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "weights guided" in said and "CPUExecutionProvider" in said
    assert "weights perception " in said and "weights perception_select " in said
    assert all(
        f"extra {extra}: " in said for extra in ("studio", "film", "formats", "archive", "cluster", "query", "train")
    )


def test_doctor_finds_broken_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert run(["doctor"]) == 1
    assert "BROKEN" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("module", "package"), [("numpy", "numpy"), ("cv2", "opencv-python-headless"), ("PIL", "pillow")]
)
def test_doctor_finds_a_missing_module(module: str, package: str) -> None:
    code = f"import sys; sys.modules[{module!r}] = None\nfrom barva.cli.app import run\nsys.exit(run(['doctor']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"BROKEN {package} " in done.stdout and "something is broken" in done.stdout


@pytest.mark.parametrize("command", ["inspect FILE", "say FILE warmer", "suggest FILE 5,5"])
def test_what_an_error_advises_can_be_done(command: str, jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = command.replace("FILE", str(jpeg)).split()
    picture = Image.open(jpeg)
    if not command.startswith("inspect"):  # it reads no pixels
        assert run([*asked, "--max-pixels", str(picture.width * picture.height - 1)]) == 1
        assert "--max-pixels" in capsys.readouterr().err
        assert run([*asked, "--max-pixels", str(picture.width * picture.height)]) == 0
    whole = jpeg.read_bytes()
    jpeg.write_bytes(whole[: len(whole) * 2 // 3])
    capsys.readouterr()
    if not command.startswith("inspect"):
        assert run(asked) == 1 and "--salvage" in capsys.readouterr().err
    assert run([*asked, "--salvage"]) == 0


def test_inspect_has_no_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("1", (30_000, 20_000)).save(tmp_path / "large.png")
    assert run(["inspect", str(tmp_path / "large.png")]) == 0
    assert "30000 x 20000" in capsys.readouterr().out


def test_inspect_reads_provenance_back(jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["colorize", str(jpeg), "--seed", "7"])
    capsys.readouterr()
    assert run(["inspect", str(jpeg.with_name("grandmother.color.jpg")), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    text = json.dumps(facts)
    assert "algorithmicallyEnhanced" in text
    assert weights.facts("guided")["sha256"] in text
    assert facts["provenance"]["seed"] == 7


def test_inspect_speaks_in_words(jpeg: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["colorize", str(jpeg), "--seed", "7", "--point", "0.5,0.5=navy"])
    both = np.zeros((4, 6, 2), np.uint8)
    Image.fromarray(both, "LA").save(tmp_path / "a.png", dpi=(300, 150))
    capsys.readouterr()
    said: dict[str, dict[str, str]] = {}
    for file in (jpeg.with_name("grandmother.color.jpg"), tmp_path / "a.png"):
        assert run(["inspect", str(file)]) == 0
        out = capsys.readouterr().out
        assert not re.search(r"None|True|False|[(\[{]", out)
        said[file.name] = dict(re.split(r"  +", line, maxsplit=1) for line in out.splitlines())
    colored, plain = said["grandmother.color.jpg"], said["a.png"]
    assert colored["colored by Barva"] == f"{barva.__version__}, method guided"
    assert colored["weights"].endswith(weights.facts("guided")["sha256"])
    assert (colored["seed"], colored["format"], colored["pixels"]) == ("7", "JPEG", "RGB, 8 bits")
    assert re.fullmatch("sha256 [0-9a-f]{64}", colored["guidance"]) and "XMP" in colored["metadata"]
    assert (plain["size"], plain["pixels"]) == ("6 x 4 px", "gray and alpha, 8 bits")
    assert (plain["resolution"], plain["metadata"]) == ("300 dpi across, 150 dpi down", "none")
    assert plain["colored by Barva"] == plain["digital source type"] == "not stated"


def test_no_provenance(jpeg: Path) -> None:
    run(["colorize", str(jpeg), "--no-provenance"])
    assert b"barva" not in jpeg.with_name("grandmother.color.jpg").read_bytes().lower()


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_quick_answers(option: str) -> None:
    done = barva_(option)
    assert done.returncode == 0
    assert b"barva" in done.stdout.lower()


@pytest.mark.parametrize("command", ["colorize", "demo", "methods", "inspect", "evaluate", "doctor"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "Usage: barva " + command in capsys.readouterr().out


def test_evaluate(astronaut: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").mkdir()
    for i, part in enumerate((astronaut[:256, :256], astronaut[200:456, 100:420])):
        Image.fromarray(part).save(tmp_path / "photos" / f"{i}.png")
    sheet = tmp_path / "sheet.png"
    assert run(["evaluate", str(tmp_path / "photos"), "--sheet", str(sheet), "--json", str(tmp_path / "s.jsonl")]) == 0
    table = capsys.readouterr().out
    assert "guided" in table and "grey" in table and "flat mean" in table
    assert Image.open(sheet).size[0] > 300
    assert len((tmp_path / "s.jsonl").read_text().splitlines()) >= 3
