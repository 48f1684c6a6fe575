"""Changes to scenes."""

from __future__ import annotations

import pytest

import barva
from barva.scene import edit, show
from barva.scene.modalities import Color, Manner, Region
from barva.scene.modality import Unknown
from barva.scene.model import WHOLE, Scene, Thing
from barva.scene.shapes import Box

ODD = Unknown('{"@type": "Smell", "of": "lavender"}')
BOX = Region(Box(0, 0, 4, 4))
COAT = Thing("coat", "coat", modalities=(BOX, Color("red"), ODD), relations=(("near", "hat"),), extra=(("note", "1"),))
SCENE = Scene((COAT, Thing("hat", "hat", "coat", (BOX, Color("navy", "network", 0.5)))))


def colors(scene: Scene) -> list[str | None]:
    return [claim.color for claim in scene.claims()]


def test_rename() -> None:
    scene = edit.rename(edit.relate(SCENE, "hat", "like", "coat"), "coat", "jacket")
    assert scene.thing("hat").part_of == "jacket"
    assert scene.thing("hat").relations == (("like", "jacket"),)
    assert scene.thing("jacket").modalities == COAT.modalities and scene.thing("jacket").extra == COAT.extra
    for bad in (("coat", "hat"), ("none", "x"), (WHOLE, "x"), ("coat", "a b")):
        with pytest.raises(barva.UsageError):
            edit.rename(SCENE, *bad)


def test_remove_keeps_the_parts() -> None:
    scene = edit.remove(SCENE, "coat")
    assert scene.thing("hat").part_of == WHOLE
    assert edit.remove(SCENE, "hat").thing("coat").relations == ()
    with pytest.raises(barva.UsageError, match="did you mean coat"):
        edit.remove(SCENE, "coats")


def test_move() -> None:
    assert edit.move(SCENE, "hat", WHOLE).parts(WHOLE) == (COAT, *edit.move(SCENE, "hat", WHOLE).parts(WHOLE)[1:])
    with pytest.raises(barva.UsageError, match="part of itself"):
        edit.move(SCENE, "coat", "hat")


def test_switches() -> None:
    assert colors(SCENE) == ["red"]
    scene = edit.turn(SCENE, "coat", False)
    assert colors(scene) == [] and "hat" not in [t.id for t in scene.active_things()]
    assert edit.turn(scene, "coat", True) == SCENE
    scene = edit.turn_color(SCENE, "coat", False)
    assert colors(scene) == [] and "off" in show.text(scene)
    assert edit.turn_color(scene, "coat", True) == SCENE
    with pytest.raises(barva.UsageError, match="nobody asked"):
        edit.turn_color(SCENE, "hat", False)


def test_paint() -> None:
    scene = edit.paint(edit.paint(SCENE, "hat", "teal", 0.5), "coat", None, vividness=1.5)
    assert scene.thing("hat").all(Color) == (Color("navy", "network", 0.5), Color("teal"))
    assert [(c.color, c.strength, c.vividness) for c in scene.claims()] == [("red", 1, 1.5), ("teal", 0.5, 1)]
    assert ODD in scene.thing("coat").modalities
    assert edit.paint(scene, "hat", "olive").thing("hat").manner == Manner(None, 0.5)
    for bad in ((WHOLE, "red"), ("hat", "nvay"), ("hat", None, 3.0)):
        with pytest.raises(barva.UsageError):
            edit.paint(SCENE, *bad)


def test_words_and_kinds() -> None:
    scene = edit.set_kind(edit.say(edit.say(SCENE, "hat", "one"), "hat", "two"), "hat", "scarf")
    assert "hat (scarf)" in show.text(scene) and "“two”" in show.text(scene) and "one" not in show.text(scene)
    assert edit.add(SCENE, "sky", Box(0, 0, 1, 1), "share").thing("sky").all(Region)[0].unit == "share"
    for change in (lambda: edit.add(SCENE, "hat", Box(0, 0, 1, 1)), lambda: edit.relate(SCENE, "hat", "eats", "coat")):
        with pytest.raises(barva.UsageError):
            change()
