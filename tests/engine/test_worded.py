"""A request's text: what it speaks of is looked for once, and a scene that knows its things is taken as it is."""

from __future__ import annotations

import numpy as np
import pytest

from barva.engine.prepare import worded
from barva.engine.request import Request
from barva.errors import UsageError
from barva.imaging.read import read
from barva.scene.modalities import Color, Region
from barva.scene.model import Scene, Source, Thing
from barva.scene.shapes import Box

CAR = Thing("car-1", "car", known=(Region(Box(0, 0, 8, 8)),))


@pytest.fixture
def looks(monkeypatch):
    """The photos that were looked at; each shows a car."""
    seen = []

    def perceive(photo):
        seen.append(photo)
        return Scene((CAR,), Source(photo.width, photo.height))

    monkeypatch.setattr(worded, "objects_of", perceive)
    return seen


@pytest.fixture
def photo():
    return read(np.full((16, 16), 128, np.uint8))


def test_a_photo_is_looked_at_once_for_all_texts(looks, photo):
    for color in ("red", "blue"):
        request, _ = worded.with_words(Request(text=f"make the car {color}"), photo)
        assert [c.color for c in request.scene.thing("car-1").all(Color)] == [color]
        assert request.text == ""
    assert len(looks) == 1


def test_a_scene_that_knows_its_things_is_not_looked_for(looks, photo):
    scene = Scene((Thing("boat", "boat", known=(Region(Box(0, 0, 4, 4)),)),), Source(16, 16))
    request, _ = worded.with_words(Request(text="a red boat", scene=scene), photo)
    assert not looks and request.scene.thing("boat").all(Color)


def test_marks_of_a_scene_stay_beside_what_is_found(looks, photo):
    scene = Scene((Thing("point-1", known=(Region(Box(9, 9, 12, 12)), Color("navy"))),), Source(16, 16))
    request, _ = worded.with_words(Request(text="a red car", scene=scene), photo)
    assert {t.id for t in request.scene.things} == {"photo", "car-1", "point-1"}


def test_a_scene_of_another_size_is_scaled_before_things_are_added(looks, photo):
    scene = Scene((Thing("mark", known=(Region(Box(20, 20, 30, 30)), Color("navy"))),), Source(32, 32))
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
