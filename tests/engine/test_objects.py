"""A mark colors its object and nothing else; gray skin takes the color of the skin beside it."""

from __future__ import annotations

import numpy as np
import pytest

from barva import Colorizer, Point, photos
from barva.color import spaces
from barva.engine.steer import objects
from barva.engine.steer.skin import complete_skin
from barva.guidance.marks import Guidance, Region, Stroke
from barva.methods.base import Chroma
from barva.perception.classes import CLASSES, NUMBER
from barva.perception.network import Features
from barva.scene.shapes import Box

SIZE = (80, 100)
LIGHT = np.full(SIZE, 50, np.float32)


def flat(a: float, b: float) -> Chroma:
    return Chroma(np.broadcast_to(np.array([a, b], np.float32), (*SIZE, 2)).copy())


def left_half(a: float, b: float, light: float = 50.0) -> objects.MarkedObject:
    mask = np.zeros((20, 25), np.float32)
    mask[:, :12] = 1
    return objects.MarkedObject(mask, (a, b), light)


def test_an_object_is_filled_and_the_rest_is_left_alone() -> None:
    plain, guided = flat(5, 5), flat(20, -20)
    out = objects.paint_objects(guided, plain, LIGHT, [left_half(0, -40)]).ab
    assert np.abs(out[:, 56:] - plain.ab[:, 56:]).max() < 1e-4
    assert np.hypot(*(out[:, :40] - np.array([0, -40])).reshape(-1, 2).T).max() < 6


def test_dark_folds_and_highlights_carry_less() -> None:
    light = np.broadcast_to(np.linspace(3, 97, 80, dtype=np.float32)[:, None], SIZE).copy()
    out = objects.paint_objects(flat(0, 0), flat(0, 0), light, [left_half(40, 0)]).ab[:, 20, 0]
    assert out[0] < 0.4 * out[40] and out[-1] < 0.5 * out[40] and out.argmax() in range(25, 60)


def test_the_texture_of_the_answer_stays() -> None:
    rng = np.random.default_rng(0)
    plain = Chroma(rng.normal(0, 4, (*SIZE, 2)).astype(np.float32))
    out = objects.paint_objects(plain, plain, LIGHT, [left_half(30, 0)]).ab
    inside = out[:, :40, 0].ravel(), plain.ab[:, :40, 0].ravel()
    assert np.corrcoef(*inside)[0, 1] > 0.8


def astronaut() -> np.ndarray:
    return np.ascontiguousarray(spaces.fast_rgb_to_lab(photos.photo("astronaut"))[..., 0] * np.float32(2.55)).astype(
        np.uint8
    )


def test_a_point_leaves_the_other_side_of_the_photo_alone() -> None:
    colorizer = Colorizer()
    light = astronaut()
    before = colorizer.colorize(light).array().astype(int)
    after = colorizer.colorize(light, guidance=Point((220, 330), "lime")).array().astype(int)
    moved = np.abs(after - before).max(axis=2)
    assert moved[300:360, 190:250].mean() > 20
    assert moved[:200, 400:].mean() < 1.5


@pytest.mark.parametrize("count", [objects.MOST + 1, 40])
def test_many_marks_mean_no_objects(count: int) -> None:
    prepared = Colorizer().analyze(astronaut())
    marks = Guidance(tuple(Point((10.0 + 10 * n, 200.0), "red") for n in range(count)))
    assert objects.marked_objects(marks, prepared) == ()


def test_regions_mean_no_objects() -> None:
    prepared = Colorizer().analyze(astronaut())
    assert objects.marked_objects(Guidance((Region(Box(10, 10, 50, 50), "red"),)), prepared) == ()


def test_marks_of_one_color_mean_one_object_and_another_color_divides() -> None:
    prepared = Colorizer().analyze(astronaut())
    suit = Point((220, 400), "navy"), Stroke(((150, 430), (180, 440)), "navy")
    assert len(objects.marked_objects(Guidance(suit), prepared)) == 1
    both = objects.marked_objects(Guidance((*suit, Point((220, 110), "pink"))), prepared)
    assert len(both) == 2
    assert both[0].mask[17, 34] < 0.5  # the face is another's


@pytest.mark.parametrize("unit", ["px", "share"])
def test_places_at_the_borders_of_the_photo(unit: str) -> None:
    prepared = Colorizer().analyze(astronaut())
    ends = (0.0, 511.0) if unit == "px" else (0.0, 1.0)
    for x in ends:
        for y in ends:
            objects.marked_objects(Guidance((Point((x, y), "red", unit=unit),)), prepared)  # type: ignore[arg-type]


def people(face: bool) -> Features:
    classes = np.full((len(CLASSES), 20, 25), 0.001, np.float32)
    classes[NUMBER["other"]] = 0.5
    if face:
        classes[NUMBER["face"], 2:8, 8:14] = 30
    classes[NUMBER["skin"], 12:18, 4:20] = 30
    return Features(classes / classes.sum(axis=0), np.zeros((1, 64, 20, 25)), np.zeros((1, 48, 10, 13)))


def portrait(face: tuple[float, float]) -> Chroma:
    """A colored face over gray arms."""
    ab = np.zeros((*SIZE, 2), np.float32)
    ab[8:32, 32:56] = face
    return Chroma(ab)


def test_gray_arms_take_the_color_of_the_face() -> None:
    out = complete_skin(portrait((14, 16)), LIGHT, people(face=True)).ab
    assert np.hypot(*(out[58:62, 36:60] - np.array([14, 16])).reshape(-1, 2).T).max() < 2
    assert np.abs(out[:, 90:]).max() == 0


@pytest.mark.parametrize("face", [(0, 0), (-20, 10), (3, -25)])
def test_a_face_that_is_gray_green_or_blue_is_no_example(face: tuple[float, float]) -> None:
    chroma = portrait(face)
    assert complete_skin(chroma, LIGHT, people(face=True)) is chroma


def test_without_people_the_answer_stays() -> None:
    chroma = portrait((14, 16))
    nobody = people(face=False).classes.copy()
    nobody[NUMBER["skin"]] = 0.001
    features = Features(nobody / nobody.sum(axis=0), np.zeros((1, 64, 20, 25)), np.zeros((1, 48, 10, 13)))
    assert complete_skin(chroma, LIGHT, features) is chroma
