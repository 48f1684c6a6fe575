"""Palettes: colors near a set, marks over it, nothing posterized."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.cli.app import run
from barva.color import names, spaces
from barva.engine.colorizer import Colorizer
from barva.engine.steer import palette
from barva.errors import ReadError, UsageError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Point
from barva.methods.base import Chroma


def near(ab: np.ndarray, colors: palette.Colors) -> float:
    """Mean distance to the lines from gray to each color."""
    c = np.array(colors, np.float32)
    along = (ab.reshape(-1, 1, 2) * c).sum(-1) / np.maximum((c**2).sum(-1), 1e-6)
    share = np.clip(along, 0, 1)[..., None]
    return float(np.linalg.norm(ab.reshape(-1, 1, 2) - share * c, axis=-1).min(1).mean())


def test_colours_as_text() -> None:
    wanted = [names.lab(c)[1:] for c in ("navy", "#a33", "rgb(10, 200, 30)", "синій")]
    assert palette.load_palette("navy, #a33,rgb(10, 200, 30),синій") == tuple(wanted)
    assert palette.load_palette(["navy"]) == (wanted[0],)


def test_main_colours_of_a_picture(tmp_path: Path) -> None:
    pixels = np.full((60, 90, 3), 128, np.uint8)
    pixels[:, :30], pixels[:, 30:50] = (200, 30, 40), (20, 60, 190)
    found = palette.load_palette(pixels)
    wanted = spaces.rgb_to_lab(pixels[[0, 0], [0, 40]] / 255)[:, 1:]
    assert len(found) <= palette.MOST
    for color in wanted:
        assert np.linalg.norm(np.array(found) - color, axis=1).min() < 3
    Image.fromarray(pixels).save(tmp_path / "p.png")
    assert palette.load_palette(str(tmp_path / "p.png")) == found == palette.load_palette(pixels)


@pytest.mark.parametrize("bad", ["blorange-ish", "navy,,red", "", "rgb(1,2)", 3, ["navy", 4], []])
def test_what_is_no_palette(bad: object) -> None:
    with pytest.raises((UsageError, ReadError)) as caught:
        palette.load_palette(bad)
    assert "\n" not in str(caught.value)


def test_a_grey_picture_is_refused(grey: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gray"):
        palette.load_palette(grey)
    with pytest.raises(ReadError, match="does not exist"):
        palette.load_palette(str(tmp_path / "absent.jpg"))


def test_smooth_stays_smooth() -> None:
    ramp = np.stack(np.meshgrid(np.linspace(-60, 60, 241), np.linspace(-60, 60, 241)), axis=-1).astype(np.float32)
    moved = palette.pull_to_palette(Chroma(ramp), palette.load_palette("navy, crimson, olive, teal")).ab
    assert max(np.abs(np.diff(moved, axis=axis)).max() for axis in (0, 1)) < 4  # a step of the ramp is 0.5
    assert np.abs(moved[120, 120]).max() < 1  # gray stays gray


def test_a_grey_palette_mutes(astronaut: np.ndarray) -> None:
    ab = spaces.fast_rgb_to_lab(astronaut)[..., 1:]
    muted = palette.pull_to_palette(Chroma(ab), palette.load_palette("grey")).ab
    assert np.allclose(muted, ab * (1 - palette.STRENGTH), atol=1e-3)


def test_marks_hold(astronaut: np.ndarray) -> None:
    ab = spaces.fast_rgb_to_lab(astronaut)[..., 1:]
    green = np.array([-50, 40], np.float32)
    weight = np.zeros(ab.shape[:2], np.float32)
    weight[:50, :50] = 1
    ab[:50, :50] = green
    hints = HintMap(np.broadcast_to(green, ab.shape).astype(np.float32), weight)
    moved = palette.pull_to_palette(Chroma(ab), palette.load_palette("navy, crimson"), hints).ab
    assert np.abs(moved[10, 10] - green).max() < 12
    assert (
        np.abs(palette.pull_to_palette(Chroma(ab), palette.load_palette("navy, crimson")).ab[10, 10] - green).max() > 30
    )


def test_through_the_colorizer(astronaut: np.ndarray, grey: np.ndarray) -> None:
    colors, plain = "navy, teal", Colorizer()
    before = plain.colorize(grey)
    after = Colorizer(palette=colors).colorize(grey)
    assert np.array_equal(plain.colorize(grey, palette=colors).array(), after.array())
    members = palette.load_palette(colors)
    ab = [spaces.fast_rgb_to_lab(r.array())[..., 1:] for r in (before, after)]
    assert near(ab[1], members) < 0.5 * near(ab[0], members)
    light = [spaces.lightness(r.array()) for r in (before, after)]
    assert np.abs(light[0] - light[1]).max() < 1
    assert before.provenance.guidance != after.provenance.guidance
    assert (
        Colorizer(palette=colors).request.digest()
        != Colorizer(palette="red").request.digest()
        != plain.request.digest()
    )
    assert plain.request.digest() == ""
    point = plain.colorize(grey, palette=colors, guidance=Point((40, 150), "red")).array()
    assert spaces.fast_rgb_to_lab(point)[150, 40, 1] > 20


def test_exact_is_levins(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=r"guided has no exact form; there is one of levin"):
        Colorizer(exact=True)
    quick, exact = Colorizer("levin"), Colorizer("levin", exact=True)
    assert exact.request.exact
    assert quick.request.digest() != exact.request.digest()
    assert run(["colorize", "absent.jpg", "--exact"]) == 2
    assert "no exact form" in capsys.readouterr().err


def test_a_folder_is_no_palette(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; a palette is a picture, or colors as text"):
        Colorizer(palette=tmp_path)
