"""Bad input at the command line: one clear line, the right exit code, nothing lost or half-written."""

from __future__ import annotations

import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.cli.app import run

Case = Callable[[Path], list[str]]


def photo(folder: Path, name: str = "a.jpg", **save: object) -> Path:
    """A small gray photo; the suffix says which format."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = (np.add.outer(np.arange(48), np.arange(64)) * 2).astype(np.uint8)
    Image.fromarray(ramp).save(path, **save)  # type: ignore[arg-type]
    return path


def put(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def cut(folder: Path, name: str, share: float) -> str:
    path = photo(folder, name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return str(path)


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def existing(folder: Path, name: str) -> str:
    (folder / name).write_bytes(b"precious")
    return str(folder / name)


FILES: dict[str, tuple[Case, str]] = {
    "missing file": (lambda d: [str(d / "no.jpg")], "no.jpg"),
    "missing folder": (lambda d: [str(d / "no" / "such" / "a.jpg")], "a.jpg"),
    "empty file": (lambda d: [put(d, "a.jpg", b"")], "empty"),
    "folder without photos": (lambda d: [str(d)], "no photo"),
    "text as jpg": (lambda d: [put(d, "a.jpg", b"Dear grandmother,\n" * 50)], "not a picture"),
    "html as png": (lambda d: [put(d, "a.png", b"<!doctype html><html></html>")], "not a picture"),
    "zip as tif": (lambda d: [put(d, "a.tif", b"PK\x03\x04" + b"\0" * 200)], "not a picture"),
    "svg": (
        lambda d: [put(d, "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")],
        "not a picture",
    ),
    "pdf": (lambda d: [put(d, "a.pdf", b"%PDF-1.4\n" + b"x" * 100)], "not a picture"),
    "only the magic of a JPEG": (lambda d: [put(d, "a.jpg", b"\xff\xd8\xff\xe0")], ""),
    "JPEG cut in the header": (lambda d: [cut(d, "a.jpg", 0.1)], ""),
    "JPEG cut in half": (lambda d: [cut(d, "a.jpg", 0.6)], "--salvage"),
    "JPEG without its last tenth": (lambda d: [cut(d, "a.jpg", 0.9)], "--salvage"),
    "PNG cut in half": (lambda d: [cut(d, "a.png", 0.5)], ""),
    "TIFF cut in half": (lambda d: [cut(d, "a.tif", 0.5)], ""),
    "WebP cut in half": (lambda d: [cut(d, "a.webp", 0.5)], ""),
    "GIF cut in half": (lambda d: [cut(d, "a.gif", 0.5)], ""),
    "BMP cut in half": (lambda d: [cut(d, "a.bmp", 0.5)], ""),
    "AVIF cut in half": (lambda d: [cut(d, "a.avif", 0.5)], ""),
    "zeros": (lambda d: [put(d, "a.jpg", b"\0" * 1000)], "not a picture"),
    "PNG that claims 100 000 x 100 000": (lambda d: [put(d, "a.png", png_claiming(100_000, 100_000))], "--max-pixels"),
    "PNG 0 x 5": (lambda d: [put(d, "a.png", png_claiming(0, 5))], ""),
    "PNG 5 x 0": (lambda d: [put(d, "a.png", png_claiming(5, 0))], ""),
    "over the asked limit": (lambda d: [str(photo(d)), "--max-pixels", "3000"], "--max-pixels"),
    "output exists": (lambda d: [str(photo(d)), "-o", existing(d, "out.jpg")], "--overwrite"),
    "default output exists": (lambda d: (existing(d, "a.color.jpg"), [str(photo(d))])[1], "--overwrite"),
    "output is the input": (lambda d: [str(photo(d)), "-o", str(d / "a.jpg")], ""),
    "output is the input, overwriting": (
        lambda d: [str(photo(d)), "-o", str(d / "a.jpg"), "--overwrite"],
        "own result",
    ),
    "output folder missing": (lambda d: [str(photo(d)), "-o", str(d / "no" / "b.jpg")], ""),
    "page of a single-page file": (lambda d: [str(photo(d, "a.tif")), "--page", "2"], "page"),
    "one of several missing": (lambda d: [str(photo(d)), str(d / "no.jpg"), "-o", str(d / "out")], "no.jpg"),
    "output below a file": (lambda d: [str(photo(d)), "-o", str(Path(existing(d, "f")) / "b.jpg")], ""),
}

USAGE: dict[str, tuple[Case, str]] = {
    "nothing named": (lambda d: [], "name a photo"),
    "unknown option": (lambda d: [str(photo(d)), "--colour"], "--colour"),
    "unknown method": (lambda d: [str(photo(d)), "--method", "guidde"], "guided"),
    "unknown format": (lambda d: [str(photo(d)), "--format", "psd"], "psd"),
    "unknown output suffix": (lambda d: [str(photo(d)), "-o", str(d / "b.xyz")], "xyz"),
    "vividness too high": (lambda d: [str(photo(d)), "--vividness", "2.5"], "vividness"),
    "vividness below 0": (lambda d: [str(photo(d)), "--vividness", "-1"], "vividness"),
    "vividness not a number": (lambda d: [str(photo(d)), "--vividness", "much"], "--vividness"),
    "vividness NaN": (lambda d: [str(photo(d)), "--vividness", "nan"], "vividness"),
    "seed below 0": (lambda d: [str(photo(d)), "--seed", "-1"], "seed"),
    "quality 0": (lambda d: [str(photo(d)), "--quality", "0"], "quality"),
    "quality 101": (lambda d: [str(photo(d)), "--quality", "101"], "quality"),
    "page 0": (lambda d: [str(photo(d, "a.tif")), "--page", "0"], "page"),
    "max-pixels 0": (lambda d: [str(photo(d)), "--max-pixels", "0"], "max-pixels"),
    "stdin and a file": (lambda d: ["-", str(photo(d))], "stdin"),
    "stdout for two": (lambda d: [str(photo(d)), str(photo(d, "b.jpg")), "-o", "-"], "stdout"),
    "several into a file": (lambda d: [str(photo(d)), str(photo(d, "b.jpg")), "-o", existing(d, "f")], "folder"),
    "watch what is no folder": (lambda d: ["--watch", str(photo(d))], "not a folder"),
    "watch and a photo": (lambda d: ["--watch", str(d), str(photo(d))], "--watch"),
    "jobs 0": (lambda d: [str(photo(d)), "--jobs", "0"], "jobs"),
}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def check(case: Case, said: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = case(tmp_path)
    before = snapshot(tmp_path)
    assert run(["colorize", *arguments]) == code
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    after = snapshot(tmp_path)
    assert {k: after.get(k) for k in before} == before, "an existing file changed"
    assert not [k for k in after if "barva-part" in k], "a half-written file is left"


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case, said = FILES[name]
    check(case, said, 1, tmp_path, capsys)


@pytest.mark.parametrize("name", [n for n in FILES if n not in ("one of several missing",)])
def test_one_line(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Also what libraries write to the error stream themselves."""
    run(["colorize", *FILES[name][0](tmp_path)])
    error = capfd.readouterr().err
    assert error.count("\n") == 1, error
    assert error.startswith("barva: ")


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")
@pytest.mark.parametrize("command", ["colorize", "recolor --region box:1,1,9,9=red", "inspect", "describe"])
def test_a_pipe_is_no_photo(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = tmp_path / "a.png"
    os.mkfifo(pipe)
    assert run([*command.split(), str(pipe)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "is a pipe or a device" in error


@pytest.mark.parametrize("name", USAGE)
def test_usage(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case, said = USAGE[name]
    check(case, said, 2, tmp_path, capsys)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_on_stdout(jpeg: Path) -> None:
    import subprocess

    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "barva", "colorize", str(jpeg), "-o", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr or "full" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_full_disk(jpeg: Path) -> None:
    """A file may not grow over 2 KB: as on a full disk, nothing half-written stays."""
    import subprocess

    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "from barva.cli.app import run; sys.exit(run(['colorize', sys.argv[1]]))"
    )
    done = subprocess.run([sys.executable, "-c", limited, str(jpeg)], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert [p.name for p in jpeg.parent.iterdir()] == [jpeg.name]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_permission(jpeg: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jpeg.parent.chmod(0o500)
    try:
        assert run(["colorize", str(jpeg)]) == 1
    finally:
        jpeg.parent.chmod(0o700)
    assert "cannot be written" in capsys.readouterr().err


def test_wrong_weights(
    jpeg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    from barva.runtime import weights

    folder = tmp_path / "weights"
    folder.mkdir()
    for suffix in (".onnx", ".json"):
        shutil.copy(weights.FOLDER / f"guided{suffix}", folder)
    with (folder / "guided.onnx").open("r+b") as f:
        f.seek(1000)
        f.write(b"\x00\x01\x02")
    monkeypatch.setattr(weights, "FOLDER", folder)
    assert run(["colorize", str(jpeg)]) == 1
    assert "sha256" in capsys.readouterr().err


def test_missing_weights(
    jpeg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from barva.runtime import weights

    monkeypatch.setenv("BARVA_WEIGHTS", str(tmp_path / "nowhere"))
    assert run(["colorize", str(jpeg), "--method", "my-gan"]) != 0
    assert "nowhere is not there" in capsys.readouterr().err
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "nowhere")
    assert run(["colorize", str(jpeg)]) == 1
    assert "reinstall" in capsys.readouterr().err


@pytest.mark.parametrize("value", [0, 255], ids=["black", "white"])
def test_all_black_or_white_is_said(value: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "flat.png"
    Image.new("L", (64, 48), value).save(path)
    assert run(["colorize", str(path)]) == 0
    assert "all of one light" in capsys.readouterr().err
    assert set(np.unique(np.asarray(Image.open(tmp_path / "flat.color.png")))) == {value}


def test_colour_photo_is_said(astronaut: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "modern.png"
    Image.fromarray(astronaut[:256, :256]).save(path)
    assert run(["colorize", str(path)]) == 0
    assert "color already" in capsys.readouterr().err


def test_salvage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = cut(tmp_path, "a.jpg", 0.7)
    assert run(["colorize", path, "--salvage"]) == 0
    assert Image.open(tmp_path / "a.color.jpg").size == (64, 48)
    assert "damaged" in capsys.readouterr().err
