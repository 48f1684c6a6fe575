"""A request's text: what it speaks of is looked for once, and a scene that knows its things is taken as it is."""

from __future__ import annotations

import numpy as np
import pytest

from barva import Colorizer
from barva.engine.prepare import analyze, worded
from barva.engine.request import Request
from barva.errors import UsageError
from barva.imaging.read import read
from barva.methods.base import SizeRule
from barva.scene.masks import Mask
from barva.scene.modalities import Color, Region
from barva.scene.model import Scene, Source, Thing
from barva.scene.shapes import Box

CAR = Thing("car-1", "car", modalities=(Region(Box(0, 0, 8, 8)),))


@pytest.fixture
def looks(monkeypatch):
    """The light that was looked at; each photo shows a car."""
    seen = []

    def perceive(light, source, features):
        seen.append(light)
        return Scene((CAR,), source)

    monkeypatch.setattr(analyze.objects, "perceive", perceive)
    return seen


@pytest.fixture
def photo():
    return analyze.analyze(read(np.full((16, 16), 128, np.uint8)), SizeRule(32, 32, 128))


def test_a_photo_is_looked_at_once_for_all_texts(looks, photo):
    for color in ("red", "blue"):
        request, _ = worded.with_words(Request(text=f"make the car {color}"), photo)
        assert [c.color for c in request.scene.thing("car-1").all(Color)] == [color]
        assert request.text == ""
    assert len(looks) == 1


def test_a_scene_that_knows_its_things_is_not_looked_for(looks, photo):
    scene = Scene((Thing("boat", "boat", modalities=(Region(Box(0, 0, 4, 4)),)),), Source(16, 16))
    request, _ = worded.with_words(Request(text="a red boat", scene=scene), photo)
    assert not looks and request.scene.thing("boat").all(Color)


def test_marks_of_a_scene_stay_beside_what_is_found(looks, photo):
    scene = Scene((Thing("point-1", modalities=(Region(Box(9, 9, 12, 12)), Color("navy"))),), Source(16, 16))
    request, _ = worded.with_words(Request(text="a red car", scene=scene), photo)
    assert {t.id for t in request.scene.things} == {"photo", "car-1", "point-1"}


def test_a_scene_of_another_size_is_scaled_before_things_are_added(looks, photo):
    scene = Scene((Thing("mark", modalities=(Region(Box(20, 20, 30, 30)), Color("navy"))),), Source(32, 32))
    request, notes = worded.with_words(Request(text="a red car", scene=scene), photo)
    assert request.scene.thing("mark").all(Region)[0].shape == Box(10, 10, 15, 15)
    assert len(notes) == 1 and "scaled" in notes[0]


def test_more_vivid_is_more_than_was_asked_beside_it(looks, photo):
    request, _ = worded.with_words(Request(text="more vivid", vividness=0.5), photo)
    assert request.vividness == pytest.approx(0.85)


def test_without_a_text_nothing_changes(looks, photo):
    request = Request(vividness=1.2)
    assert worded.with_words(request, photo) == (request, ()) and not looks
    with pytest.raises(UsageError):
        Request(text=3)


SENTENCES = (
    "make the left coin red, the middle coin yellow and the right coin blue",
    "зроби ліву монету червоною, середню монету жовтою, а праву монету синьою",
)


def three_coins() -> tuple[np.ndarray, Scene]:
    """A drawn photo of three bright discs, (120, 200) uint8, and its scene; the middle one stands first."""
    y, x = np.mgrid[:120, :200]
    light, things = np.full((120, 200), 60.0), []
    for n, middle in enumerate((100, 40, 160), 1):
        inside = np.hypot(x - middle, y - 60) < 24
        light[inside] = 170 - 0.5 * (y - 60)[inside]
        mask = Mask.of(255 * inside.astype(np.uint8))
        things.append(Thing(f"coin-{n}", "object", modalities=(Region(mask),)))
    return np.rint(light).astype(np.uint8), Scene(tuple(things), Source(200, 120))


def test_one_sentence_gives_three_like_objects_three_colors_in_both_languages():
    light, scene = three_coins()
    colorizer = Colorizer()
    prepared = colorizer.analyze(light)
    english, ukrainian = (colorizer.answer(prepared, Request(scene=scene, text=t)).array() for t in SENTENCES)
    assert (english == ukrainian).all()
    red, yellow, blue = (english[60, x].astype(int) for x in (40, 100, 160))
    assert red[0] > max(red[1:]) + 60 and blue[2] > max(blue[:2]) + 60
    assert min(yellow[:2]) > yellow[2] + 60 and abs(yellow[0] - yellow[1]) < 60
    plain = colorizer.answer(prepared, Request()).array().astype(int)
    assert np.abs(english - plain)[:, 68:72].max() < 12 and np.abs(english - plain)[:30].max() < 12


def test_things_of_the_users_keep_their_ids_and_what_was_asked_of_them(looks, photo):
    mine = Thing("car-1", modalities=(Region(Box(9, 9, 14, 14)), Color("green")))
    request, _ = worded.with_words(Request(text="make the car red", scene=Scene((mine,), Source(16, 16))), photo)
    assert [c.color for c in request.scene.thing("car-1").all(Color)] == ["green"]
    assert [c.color for c in request.scene.thing("car-1-2").all(Color)] == ["red"]
