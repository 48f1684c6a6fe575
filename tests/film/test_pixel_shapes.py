"""Films whose pixels are not square, as on tapes and DVDs: people and methods see them in their true shape."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.cli.app import run as command
from barva.film import color, display, source
from barva.film.frames import frames_of

BOX = (20, 10, 84, 34)
"""Left, top, right and bottom of what is marked, on the picture with square pixels."""


@pytest.fixture
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Three frames of 128 x 96 pixels."""
    return clips.write(tmp_path / "in.mp4", clips.frames(((1, 3),)), sound=False, aspect=request.param)


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        (None, (96, 128)),
        (Fraction(1), (96, 128)),
        (Fraction(16, 11), (96, 186)),
        (Fraction(8, 9), (108, 128)),
        (Fraction(1, 1000), (96, 128)),  # a file that is wrong
    ],
)
def test_the_longer_side_of_pixels_is_stretched(aspect: Fraction | None, size: tuple[int, int]) -> None:
    assert display.square_size(96, 128, aspect) == size
    assert display.with_square_pixels(np.zeros((96, 128), np.uint8), aspect).shape == size


@pytest.mark.parametrize("film", [Fraction(2), Fraction(1, 2)], indirect=True)
def test_a_still_and_the_method_see_square_pixels(film: Path, tmp_path: Path) -> None:
    facts = source.facts_of(film)
    wide = facts.pixel_aspect == 2
    assert wide or facts.pixel_aspect == Fraction(1, 2)
    size = (96, 256) if wide else (192, 128)
    assert command(["film", str(film), "--at", "0", "--still", str(tmp_path / "still.png")]) == 0
    still = cv2.imread(str(tmp_path / "still.png"), cv2.IMREAD_UNCHANGED)
    assert still.shape == size
    photo = color.photo_of(next(frames_of(facts)), facts, whole=True)
    assert (photo.height, photo.width) == size


@pytest.mark.parametrize("film", [Fraction(2)], indirect=True)
def test_marks_on_square_pixels_lie_where_they_are_on_the_film(film: Path, tmp_path: Path) -> None:
    region, planes = f"box:{','.join(map(str, BOX))}=#8040c0", []
    for name, marked in (("plain.mp4", []), ("marked.mp4", ["--at", "0", "--region", region])):
        out = tmp_path / name
        assert command(["film", str(film), *marked, "-o", str(out), "--lossless"]) == 0
        assert source.facts_of(out).pixel_aspect == 2  # pixels stay as they are stored
        planes.append(clips.decoded(out)[0][1][1].astype(int))
    assert planes[0].shape == (48, 64)
    left, top, right, bottom = BOX[0] // 4, BOX[1] // 2, BOX[2] // 4, BOX[3] // 2  # of chroma: half as many each way
    inside = np.zeros((48, 64), bool)
    inside[top:bottom, left:right] = True
    changed = np.abs(planes[1] - planes[0]) > 3
    assert changed[inside].mean() > 0.9 and changed[~inside].mean() < 0.05
