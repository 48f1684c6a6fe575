"""The base install has no SciPy: every shipped method colors without it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

REFUSED = """
import sys

class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("scipy", "skimage"):
            raise ModuleNotFoundError(f"{name} is not part of the base install", name=name)

sys.meta_path.insert(0, Refusal())
"""

COLOR = """
import numpy as np
import barva
from barva.methods import catalog
from barva.methods.base import Swatch

photo = np.random.default_rng(0).integers(0, 256, (64, 80), dtype=np.uint8)
reference = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
point = barva.Point((20, 20), "crimson")

def color(name, photo=photo, **wanted):
    card = catalog.card(name)
    if "reference" in card.needs:
        wanted["references"] = [reference]
    if "hints" in card.needs:
        wanted["guidance"] = point
    settings = {key: wanted.pop(key) for key in ("exact", "matching") if key in wanted}
    picture = barva.Colorizer(name, **settings).colorize(photo, **wanted).array()
    assert picture.shape == (*photo.shape, 3), name

shipped = [name for name, target in catalog.targets().items() if target.startswith("barva.")]
for name in shipped:
    color(name)
color("levin", exact=True)
color("levin", photo[:24])  # thin: solved directly
color("welsh", swatches=[Swatch((0, 0, 1, 0.5), (0, 0, 0.5, 1))])
color("references", matching="objects")
barva.recolor(reference, barva.Region(barva.Box(5, 5, 30, 30), "teal"))
import barva.cli.app
print(*shipped)
"""


def test_every_shipped_method_colors_without_it() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSED + COLOR], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"levin", "welsh", "irony", "references", "guided"} <= set(done.stdout.split())


def test_the_refusal_refuses() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSED + "import scipy.spatial"], capture_output=True, text=True)
    assert "not part of the base install" in done.stderr


def test_it_is_no_base_dependency_and_no_module_names_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [d for d in project["dependencies"] if d.startswith(("scipy", "scikit"))]
    importing = [
        path
        for path in (ROOT / "src").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.split()[:1] in (["import"], ["from"]) and line.split()[1].partition(".")[0] in ("scipy", "skimage")
    ]
    assert not importing
