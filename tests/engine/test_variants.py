"""Several answers: suggestions for a place, variants of a photo, confidence as a picture."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import barva
from barva.cli.app import run as command
from barva.color import spaces
from barva.color.bins import BINS
from barva.engine.explore import variants
from barva.errors import UsageError
from barva.guidance import scene_bridge
from barva.scene.model import Scene


@pytest.fixture(scope="module")
def photo(astronaut: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(astronaut[::2, ::2]).convert("L"))


def test_suggestions_are_the_modes_of_the_distribution() -> None:
    p = np.full(len(BINS), 1e-5, np.float32)
    for (a, b), share in {(40, 30): 0.5, (-30, 30): 0.3, (0, 0): 0.2}.items():
        p[np.flatnonzero(((a, b) == BINS).all(1))] += share
    found = variants.suggestions(p / p.sum(), 50.0, 3)
    assert [round(s.probability, 1) for s in found] == [0.5, 0.3, 0.2]
    assert np.allclose([s.lab[1:] for s in found], [(40, 30), (-30, 30), (0, 0)], atol=1.5)
    assert all(abs(s.lab[0] - 50) < 1e-3 and len(s.hex) == 7 for s in found)
    assert len(variants.suggestions(p / p.sum(), 50.0, 9)) == 9


def test_suggestions_listen_to_what_is_marked(photo: np.ndarray) -> None:
    colorizer = barva.Colorizer()
    plain = colorizer.suggest(photo, (120, 200))
    assert len(plain) == 9
    assert [s.probability for s in plain] == sorted((s.probability for s in plain), reverse=True)
    assert sum(s.probability for s in plain) <= 1.0001
    told = colorizer.suggest(photo, (120, 200), guidance=barva.Point((120, 200), "blue"))

    def mean_b(found: tuple[variants.Suggestion, ...]) -> float:
        return sum(s.probability * s.lab[2] for s in found) / sum(s.probability for s in found)

    assert mean_b(told) < mean_b(plain) - 2
    scene = scene_bridge.scene_with_guidance(Scene(), barva.Guidance.of(barva.Point((120, 200), "blue")))
    assert colorizer.suggest(photo, (120, 200), scene=scene) == told
    for outside in ((-1, 0), (300, 10)):
        with pytest.raises(UsageError, match="outside"):
            colorizer.suggest(photo, outside)
    with pytest.raises(UsageError, match="one answer only"):
        barva.Colorizer("regression").suggest(photo, (1, 1))


def test_variants_differ_hold_together_and_obey(photo: np.ndarray) -> None:
    mark = barva.Point((20, 20), "green")
    colorizer = barva.Colorizer()
    found = [r.array() for r in colorizer.variants(photo, 4, guidance=mark, seed=1)]
    again = [r.array() for r in colorizer.variants(photo, 4, guidance=mark, seed=1)]
    assert all(np.array_equal(a, b) for a, b in zip(found, again, strict=True))
    assert np.array_equal(found[0], colorizer.colorize(photo, guidance=mark, seed=1).array())
    labs = [spaces.fast_rgb_to_lab(f) for f in found]
    for a, b in itertools.combinations(labs, 2):
        assert np.linalg.norm(a[..., 1:] - b[..., 1:], axis=-1).mean() > 2, "two variants are the same picture"
    for lab in labs:
        assert lab[19:22, 19:22, 1].mean() < -6, "the mark does not hold in every variant"
    with pytest.raises(UsageError, match="one answer only"):
        barva.Colorizer("regression").variants(photo, 2)
    with pytest.raises(UsageError, match="from 1 to 100"):
        colorizer.variants(photo, 0)


def test_variants_share_what_is_the_same(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    colorizer, runs = barva.Colorizer(), []
    method = colorizer.method()
    own = method.logits
    monkeypatch.setattr(method, "logits", lambda *a: (runs.append(1), own(*a))[1])
    colorizer.variants(photo, 3)
    assert len(runs) == 1 + 2 * variants.ANCHORS, "all begin with the answer to nothing"


def test_strength_is_heard_beside_confidence(photo: np.ndarray, tmp_path: Path) -> None:
    old, out = tmp_path / "old.png", tmp_path / "out.png"
    Image.fromarray(photo).save(old)
    more = ["--point", "120,200=red", "--strength", "0", "--confidence", str(tmp_path / "sure.png"), "-o", str(out)]
    assert command(["colorize", str(old), *more]) == 0
    assert np.array_equal(np.asarray(Image.open(out).convert("RGB")), barva.colorize(photo).array())


def test_the_command(photo: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old.png"
    Image.fromarray(photo).save(old)
    sure = tmp_path / "sure.png"
    assert command(["colorize", str(old), "--variants", "3", "--confidence", str(sure)]) == 0
    names = capsys.readouterr().out.split()
    assert [Path(n).name for n in names] == ["old.color.1.png", "old.color.2.png", "old.color.3.png"]
    pictures = [np.asarray(Image.open(n).convert("RGB")) for n in names]
    assert np.array_equal(pictures[0], barva.colorize(photo).array())
    assert not np.array_equal(pictures[0], pictures[1])
    with Image.open(sure) as image:
        assert image.mode == "L" and image.size == photo.shape[::-1]
        assert np.ptp(np.asarray(image)) > 10
    assert command(["colorize", str(old), "--variants", "3"]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert command(["colorize", str(tmp_path), "--variants", "3"]) == 2
    assert command(["colorize", str(old), "-m", "regression", "--confidence", str(tmp_path / "no.png")]) == 2
    assert not (tmp_path / "no.png").exists() and not (tmp_path / "old.color.png").exists()
    capsys.readouterr()
    assert command(["suggest", str(old), "120,200", "-n", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and all(line.startswith("#") and line.endswith("%") for line in lines)
    assert command(["suggest", str(old), "120"]) == 2


@pytest.mark.parametrize("name", ["NAME", "NAME.xyz", "photo.heic"])
@pytest.mark.parametrize("more", [["--variants", "2"], ["--confidence", "sure.png"], ["--save-scene", "s.jsonld"]])
def test_what_was_typed_is_named_and_nothing_is_written(
    name: str, more: list[str], photo: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    Image.fromarray(photo).save(tmp_path / "old.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(barva.Colorizer, "method", lambda self: pytest.fail("painted before the name was looked at"))
    assert command(["colorize", "old.png", *more, "-o", name]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and (f"'{name}'" in told or "HEIC" in told) and ".1" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["old.png"]


def test_a_folder_that_is_missing_is_said_of_what_was_typed(
    photo: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(photo).save(tmp_path / "old.png")
    target = tmp_path / "no" / "new.png"
    assert command(["colorize", str(tmp_path / "old.png"), "--variants", "2", "-o", str(target)]) == 1
    assert f"{target} cannot be written: there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "more"), [("new", ["--format", "png"]), ("png", []), (".png", [])])
def test_a_name_without_an_ending_whose_format_is_known(
    name: str, more: list[str], photo: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(photo).save(tmp_path / "old.png")
    out = tmp_path / name
    assert command(["colorize", str(tmp_path / "old.png"), "--variants", "2", "-o", str(out), *more]) == 0
    names = capsys.readouterr().out.split()
    assert names == [f"{out}.1", f"{out}.2"]
    for made in names:
        with Image.open(made) as image:
            assert image.format == "PNG"


@pytest.mark.parametrize("vividness", [0.0, 2.0])
def test_a_variant_is_as_vivid_as_is_asked(vividness: float, photo: np.ndarray) -> None:
    def chroma(result: barva.Result) -> float:
        return float(np.hypot(*np.moveaxis(result.chroma.ab, -1, 0)).mean())

    colorizer = barva.Colorizer()
    plain, asked = (colorizer.variants(photo, 2, vividness=v)[1] for v in (1.0, vividness))
    factor = 1.6 ** (vividness - 1)
    assert chroma(asked) / chroma(plain) == pytest.approx(factor, rel=0.1)
    again = colorizer.colorize(photo, scene=asked.scene)
    assert np.array_equal(again.array(), asked.array())


def test_a_variant_stays_near_the_palette(photo: np.ndarray) -> None:
    colorizer = barva.Colorizer(palette="navy, teal")
    result = colorizer.variants(photo, 2)[1]
    assert (result.chroma.ab[..., 1] < 5).mean() > 0.9, "navy and teal have nothing yellow"
