"""A mark colors its object and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from barva import Colorizer, Point, photos
from barva.color import spaces
from barva.engine.steer import objects
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


@pytest.mark.parametrize("count", [objects.MOST, 40])
def test_many_colors_mean_no_objects(count: int) -> None:
    prepared = Colorizer().analyze(astronaut())
    hues = np.linspace(0, 2 * np.pi, count, endpoint=False)
    colors = [f"lab(50, {80 * np.cos(h):.1f}, {80 * np.sin(h):.1f})" for h in hues]
    marks = Guidance(tuple(Point((10.0 + 10 * n, 200.0), color) for n, color in enumerate(colors)))
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


def crowd(click: tuple[int, int]) -> tuple[Features, objects.Click]:
    """A person whose hair and clothes the network cannot tell apart, as it sees most: a sure face, and the rest."""
    p = np.full((len(CLASSES), 40, 30), 0.01, np.float32)
    p[NUMBER["other"]] = 1
    body = slice(2, 38), slice(8, 22)
    p[NUMBER["clothing"]][body], p[NUMBER["hair"]][body] = 20, 17
    p[NUMBER["hair"], 20:26, 8:22] = 25  # a part of the coat that looks like hair
    p[NUMBER["face"], 5:11, 12:18], p[NUMBER["clothing"], 5:11, 12:18] = 50, 8
    p[NUMBER["skin"], 28:34, 8:11] = 90
    return Features(p / p.sum(axis=0), np.zeros((1, 64, 40, 30)), np.zeros((1, 48, 20, 15))), objects.Click(*click)


def test_a_point_on_clothes_leaves_head_and_hands_alone() -> None:
    for at in ((15, 32), (15, 22)):  # the second one lies where cloth looks like hair
        features, place = crowd(at)
        part = objects._same_part(features, [place])
        assert part[14:38, 12:20].min() == 1
        assert part[3:10, 12:18].max() < 0.3 and part[29:33, 8:10].max() < 0.5
        border = part[3:20, 15]
        assert ((border > 0.1) & (border < 0.9)).any()


def test_a_point_on_a_face_leaves_clothes_alone() -> None:
    features, click = crowd((15, 8))
    part = objects._same_part(features, [click])
    assert part[6:10, 13:17].min() == 1 and part[16:38, 12:20].max() < 0.2


def test_off_people_nothing_is_left_out() -> None:
    features, click = crowd((15, 32))
    assert objects._same_part(features, [click])[:, 24:].min() == 1


@pytest.mark.parametrize("unit", ["px", "share"])
def test_places_at_the_borders_of_the_photo(unit: str) -> None:
    prepared = Colorizer().analyze(astronaut())
    ends = (0.0, 511.0) if unit == "px" else (0.0, 1.0)
    for x in ends:
        for y in ends:
            objects.marked_objects(Guidance((Point((x, y), "red", unit=unit),)), prepared)  # type: ignore[arg-type]
