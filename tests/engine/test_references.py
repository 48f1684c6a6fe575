"""References and swatches, from Python and from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import barva
from barva.cli.app import run as command
from barva.color import spaces
from barva.engine.prepare.references import load_references
from barva.errors import ReadError, UsageError
from barva.methods.base import Swatch


@pytest.fixture(scope="module")
def photo(astronaut: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(256, 256) gray, and its colors."""
    color = np.ascontiguousarray(astronaut[::2, ::2])
    return np.asarray(Image.fromarray(color).convert("L")), color


def error(answer: np.ndarray, truth: np.ndarray) -> float:
    a, b = (spaces.fast_rgb_to_lab(p)[..., 1:] for p in (answer, truth))
    return float(np.linalg.norm(a - b, axis=-1).mean())


@pytest.mark.parametrize("method", ["guided", "regression", "irony", "references"])
def test_a_photo_with_itself_as_reference_comes_nearer(method: str, photo: tuple[np.ndarray, np.ndarray]) -> None:
    grey, color = photo
    plain = error(barva.Colorizer("guided").colorize(grey).array(), color)
    told = barva.Colorizer(method).colorize(grey, references=[color])
    assert error(told.array(), color) < 0.8 * plain
    assert told.provenance.guidance
    noted = any("colors taken where the photo shows like things" in note for note in told.notes)
    assert noted == (method in ("guided", "regression"))


def test_a_strange_reference_changes_next_to_nothing(photo: tuple[np.ndarray, np.ndarray]) -> None:
    """A gaudy picture of nothing: light and texture would match it everywhere."""
    grey, _ = photo
    rng = np.random.default_rng(0)
    strange = np.kron(rng.integers(0, 256, (16, 16, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    plain = barva.Colorizer().colorize(grey).array()
    assert error(barva.Colorizer().colorize(grey, references=[strange]).array(), plain) < 1
    # and takes nothing from a good one beside it
    both = barva.Colorizer().colorize(grey, references=[strange, photo[1]]).array()
    assert error(both, photo[1]) < 0.8 * error(plain, photo[1])


@pytest.mark.parametrize("method", ["welsh", "irony", "references"])
def test_matching_by_objects(method: str, photo: tuple[np.ndarray, np.ndarray]) -> None:
    """The photo mirrored is a reference whose texture lies elsewhere."""
    grey, color = photo
    mirrored = np.ascontiguousarray(color[:, ::-1])
    texture, objects = (
        barva.Colorizer(method, matching=kind, references=[mirrored]).colorize(grey) for kind in ("texture", "objects")
    )
    assert error(objects.array(), color) < error(texture.array(), color)
    assert objects.provenance.guidance != texture.provenance.guidance


def test_bad_matching(photo: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(UsageError, match="matching: texture or objects is wanted, not shape"):
        barva.Colorizer("welsh", matching="shape")
    with pytest.raises(UsageError, match="guided matches objects anyway"):
        barva.Colorizer("guided", matching="objects")


def test_the_colorizers_own_references_go_with_every_photo(photo: tuple[np.ndarray, np.ndarray]) -> None:
    grey, color = photo
    kept = barva.Colorizer("guided", references=[color])
    assert np.array_equal(kept.colorize(grey).array(), barva.Colorizer().colorize(grey, references=[color]).array())
    assert np.array_equal(kept.colorize(grey, references=[]).array(), barva.Colorizer().colorize(grey).array())
    assert kept.request.digest() and not barva.Colorizer().request.digest()


def test_swatches(photo: tuple[np.ndarray, np.ndarray]) -> None:
    grey, color = photo
    red = np.full((64, 64, 3), (200, 40, 40), np.uint8) + np.random.default_rng(0).integers(0, 9, (64, 64, 3))
    swatch = Swatch((0, 0, 1, 1), (0.5, 0.0, 1.0, 0.5))
    answer = barva.Colorizer("welsh").colorize(grey, references=[red.astype(np.uint8)], swatches=[swatch]).array()
    lower_left = spaces.fast_rgb_to_lab(answer)[140:250, 10:120]
    assert lower_left[..., 1].mean() > 15
    with pytest.raises(UsageError, match="takes no swatches"):
        barva.Colorizer("guided").colorize(grey, references=[color], swatches=[swatch])


def test_bad_references(photo: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    grey = photo[0]
    for bad in (grey, np.dstack([grey] * 3)):
        with pytest.raises(UsageError, match="gray"):
            barva.Colorizer().colorize(grey, references=[bad])
    with pytest.raises(ReadError, match="no photo"):
        barva.Colorizer().colorize(grey, references=[tmp_path])
    with pytest.raises(UsageError, match="give at least one"):
        barva.Colorizer("irony").colorize(grey)


def test_what_cannot_serve_in_a_folder_of_references_is_left_out(
    photo: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    grey, color = photo
    Image.fromarray(color).save(tmp_path / "c.png")
    (tmp_path / "._c.png").write_bytes(b"\0\5\x16\7 what a Mac leaves")
    Image.fromarray(255 - color).save(tmp_path / "old.color.png")
    (one,) = load_references(tmp_path)
    assert one.path == str(tmp_path / "c.png") and one.notes == ()
    Image.fromarray(grey).save(tmp_path / "gray.png")
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    told = barva.Colorizer().colorize(grey, references=[tmp_path])
    assert "gray or unreadable, so no references: broken.jpg, gray.png" in told.notes
    assert np.array_equal(told.array(), barva.Colorizer().colorize(grey, references=[color]).array())
    (tmp_path / "c.png").unlink()
    with pytest.raises(ReadError, match=r"broken\.jpg"):
        load_references(tmp_path)


def test_the_command(photo: tuple[np.ndarray, np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grey, color = photo
    (tmp_path / "family").mkdir()
    Image.fromarray(color).save(tmp_path / "family" / "one.png")
    Image.fromarray(grey).save(tmp_path / "old.png")
    old, family, out = str(tmp_path / "old.png"), str(tmp_path / "family"), str(tmp_path / "out.png")
    assert command(["colorize", old, "--reference", family, "-o", out]) == 0
    told = np.asarray(Image.open(out).convert("RGB"))
    assert np.array_equal(told, barva.Colorizer().colorize(grey, references=[color]).array())
    assert command(["colorize", old, "-m", "welsh", "--reference", family, "--swatch", "0,0,1,1=0,0,1,1", "-o",
                    str(tmp_path / "w.png")]) == 0  # fmt: skip
    capsys.readouterr()
    for wrong, words in (
        (["--swatch", "0,0,1=0,0,1,1"], "write LEFT,TOP"),
        (["--swatch", "0,0,1,1=0,0,1,1"], "takes no swatches"),
        (["--reference", old], "is gray"),
    ):
        assert command(["colorize", old, "-o", str(tmp_path / "x.png"), *wrong]) == 2
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1 and not (tmp_path / "x.png").exists()


def test_a_folder_is_done_again_with_other_references(
    photo: tuple[np.ndarray, np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey, color = photo
    (tmp_path / "scans").mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(grey).save(tmp_path / "scans" / name)
    Image.fromarray(color).save(tmp_path / "one.png")
    arguments = ["colorize", str(tmp_path / "scans"), "-o", str(tmp_path / "out"), "--overwrite"]
    assert command(arguments) == 0
    found = sorted((tmp_path / "out").glob("a*.png"))
    first = found[0].read_bytes()
    assert command([*arguments, "--reference", str(tmp_path / "one.png")]) == 0
    assert found[0].read_bytes() != first


def test_what_is_not_given_anew_is_as_the_colorizer_was_made(grey: np.ndarray, astronaut: np.ndarray) -> None:
    swatch = Swatch((0, 0, 0.5, 0.5), (0, 0, 0.5, 0.5))
    colorizer = barva.Colorizer("welsh", references=[astronaut], swatches=[swatch])
    everything = colorizer.colorize(grey).array()
    assert np.array_equal(colorizer.colorize(grey, references=astronaut).array(), everything), "the swatch stays"
    assert np.array_equal(colorizer.colorize(grey, swatches=[swatch]).array(), everything), "the reference stays"
