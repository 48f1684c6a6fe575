"""`examples/plugin` is installed in a fresh environment, without a network connection, and colors a photo there."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import cv2
import numpy as np
import pytest

from barva import photos
from barva.color import spaces

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "examples" / "plugin"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that has the plug-in, and sees the packages of this one."""
    pytest.importorskip("setuptools", minversion="70.1")  # the first that makes wheels by itself
    pytest.importorskip("pip")
    place = tmp_path_factory.mktemp("plugin")
    source = place / "source"
    shutil.copytree(PLUGIN, source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    venv.create(place / "env", with_pip=False)
    binary = place / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    own = subprocess.run(
        [binary, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    here = [str(ROOT / "src"), *{sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}]
    lines = [f"import site; site.addsitedir({folder!r})" for folder in here]
    Path(own, "outer.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = ["-q", "--no-deps", "--no-build-isolation", "--no-index"]
    command = [sys.executable, "-m", "pip", "--python", binary, "install", *options, source]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return binary


def run(python: Path, *arguments: object) -> str:
    done = subprocess.run([python, "-m", "barva", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_method_is_listed(python: Path) -> None:
    assert "ridge" in run(python, "methods")


def test_it_colors_a_photo_and_keeps_its_light(python: Path, tmp_path: Path) -> None:
    light = cv2.cvtColor(photos.photo("astronaut"), cv2.COLOR_RGB2GRAY)
    photo, target = tmp_path / "photo.png", tmp_path / "out.png"
    cv2.imwrite(str(photo), light)
    run(python, "colorize", photo, "--method", "ridge", "-o", target)
    colored = cv2.imread(str(target), cv2.IMREAD_COLOR)[..., ::-1]
    lab = spaces.rgb_to_lab(colored / 255)
    assert np.hypot(lab[..., 1], lab[..., 2]).mean() > 5
    assert np.abs(lab[..., 0] - spaces.lightness(np.dstack([light] * 3))).max() < 0.6
    assert "ridge" in run(python, "inspect", target)


def test_it_follows_a_mark(python: Path, tmp_path: Path) -> None:
    photo, target = tmp_path / "photo.png", tmp_path / "out.png"
    cv2.imwrite(str(photo), np.full((96, 128), 128, np.uint8))
    run(python, "colorize", photo, "--method", "ridge", "--region", "box:32,24,96,72=blue", "-o", target)
    b, _, r = cv2.imread(str(target))[48, 64].astype(int)
    assert b - r > 40


def test_its_weights_are_what_training_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLUGIN / "src"))
    from barva_ridge import train

    with np.load(PLUGIN / "src" / "barva_ridge" / "ridge.npz") as stored:
        assert np.allclose(stored["weights"], train.fit(train.pictures(None)), rtol=1e-2, atol=0.05)
