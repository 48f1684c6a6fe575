"""Films that players turn, as phones store them: people and methods see them upright, and frames stay as stored."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.cli.app import run as command
from barva.engine.colorizer import Colorizer
from barva.film import encode, source
from barva.film.pipeline import color_film
from barva.imaging import orient

BOX = (20, 10, 44, 34)
"""Left, top, right and bottom of what is marked on the upright picture."""

Turn = tuple[int, int, int, int]


def film_of(path: Path, turn: Turn) -> Path:
    """Three frames that are upright when they are turned."""
    rows = clips.frames(((1, 3),))
    clips.write(path, [clips.as_stored(row, turn) for row in rows], sound=False)
    return clips.turned(path, turn)


@pytest.fixture(scope="module", params=clips.TURNS)
def turn(request: pytest.FixtureRequest) -> Turn:
    return clips.TURNS[request.param]


@pytest.fixture(scope="module")
def film(turn: Turn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_of(tmp_path_factory.mktemp("turned") / "in.mp4", turn)


@pytest.fixture(scope="module")
def level(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same film, stored upright."""
    return clips.write(tmp_path_factory.mktemp("level") / "in.mp4", clips.frames(((1, 3),)), sound=False)


def test_a_phone_that_was_held_upright(tmp_path: Path) -> None:
    """Its frames are stored with the top on the left."""
    picture = clips.frames(((1, 1),))[0]
    clips.write(tmp_path / "in.mp4", [np.rot90(picture)], sound=False)
    clips.turned(tmp_path / "in.mp4", clips.TURNS["90"])
    assert source.facts_of(tmp_path / "in.mp4").orientation == 6
    assert np.array_equal(clips.as_stored(picture, clips.TURNS["90"]), np.rot90(picture))
    assert np.array_equal(orient.upright(np.rot90(picture), 6), picture)


def test_a_container_that_cannot_turn_is_told(tmp_path: Path) -> None:
    film, colorizer = film_of(tmp_path / "in.mp4", clips.TURNS["90"]), Colorizer("levin", threads=1)
    notes = {name: color_film(film, tmp_path / f"out{name}", colorizer).notes for name in encode.SUFFIXES}
    for name in encode.SUFFIXES:
        kept = source.facts_of(tmp_path / f"out{name}").orientation == 6
        assert kept != any(f"a {name} file, cannot say so" in note for note in notes[name]), name


@pytest.mark.parametrize("orientation", range(1, 9))
def test_there_and_back(orientation: int) -> None:
    rows = np.arange(24).reshape(4, 3, 2)
    for pixels in (rows, rows[..., 0]):
        assert np.array_equal(orient.as_stored(orient.upright(pixels, orientation), orientation), pixels)


def test_a_still_is_upright(film: Path, tmp_path: Path) -> None:
    still = tmp_path / "still.png"
    assert command(["film", str(film), "--at", "0", "--still", str(still)]) == 0
    shown = cv2.imread(str(still), cv2.IMREAD_UNCHANGED).astype(int)
    assert np.abs(shown - clips.frames(((1, 1),))[0]).max() <= 1  # codes of video have fewer levels


def test_a_preview_is_that_of_the_upright_film(film: Path, level: Path, tmp_path: Path) -> None:
    marked = ["--at", "0", "--region", f"box:{','.join(map(str, BOX))}=#8040c0", "--preview", "2"]
    sheets = []
    for path in (film, level):
        assert command(["film", str(path), *marked, "-o", str(tmp_path / "sheet.png"), "--overwrite"]) == 0
        sheets.append(cv2.imread(str(tmp_path / "sheet.png")).astype(int))
    assert np.abs(sheets[0] - sheets[1]).mean() < 0.5
    b, g, _ = sheets[0][:360, :480][round(22 * 3.75), round(32 * 3.75)]
    assert b > g + 20


def test_colors_lie_where_those_of_the_upright_film_do(turn: Turn, film: Path, level: Path, tmp_path: Path) -> None:
    marked = ["--at", "0", "--region", f"box:{','.join(map(str, BOX))}=#8040c0", "--lossless"]
    for path, name in ((film, "turned.mp4"), (level, "level.mp4")):
        assert command(["film", str(path), *marked, "-o", str(tmp_path / name)]) == 0
    assert source.facts_of(tmp_path / "turned.mp4").matrix == source.facts_of(film).matrix
    rows = [clips.decoded(path) for path in (film, tmp_path / "turned.mp4", tmp_path / "level.mp4")]
    for (_, before), (_, after), (_, upright) in zip(*rows, strict=True):
        assert np.array_equal(before[0], after[0])
        for plane, other in zip(after[1:], upright[1:], strict=True):
            assert np.abs(clips.as_shown(plane, turn).astype(int) - other).mean() < 1
    blue = clips.as_shown(rows[1][0][1][1], turn).astype(int)
    left, top, right, bottom = (side // 2 for side in BOX)
    assert blue[top + 3 : bottom - 3, left + 3 : right - 3].min() > 128 + 8
