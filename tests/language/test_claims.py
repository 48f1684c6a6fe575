"""Texts and scenes to claims: which things get which color, what is said of doubts, and what is refused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from words_street import street, thing

from barva.errors import UsageError
from barva.language import PartlyUnderstoodError, claims, explain
from barva.scene.masks import Mask
from barva.scene.modalities import Color, Region, Words
from barva.scene.model import Scene, Source, Thing
from barva.scene.picture_modalities import Palette


def colors(text: str, scene: Scene | None = None) -> dict[str, str]:
    """Id -> the color that is asked for after a text."""
    changed, _ = claims(text, scene or street())
    return {t.id: c.color for t in changed.things for c in t.all(Color) if c.enforced}


def test_both_languages_give_the_same_claims():
    english, _ = claims("make the left car red", street())
    ukrainian, _ = claims("зроби ліву машину червоною", street())
    assert list(english.claims()) == list(ukrainian.claims())
    assert [c.color for c in english.claims()] == ["red"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("make the left car red", {"car-1": "red"}),
        ("make the car on the right red", {"car-3": "red"}),
        ("the second car from the right is blue", {"car-2": "blue"}),
        ("the last car green", {"car-3": "green"}),
        ("paint the dark car green", {"car-1": "green"}),
        ("paint the lightest car green", {"car-2": "green"}),
        ("make the biggest car red", {"car-3": "red"}),
        ("make all cars red", {"car-1": "red", "car-2": "red", "car-3": "red"}),
        ("all cars except the left one black", {"car-2": "black", "car-3": "black"}),
        ("make the left car red, the middle one white and the right one blue",
         {"car-1": "red", "car-2": "white", "car-3": "blue"}),
        ("make the cars red, white and blue from left to right", {"car-1": "red", "car-2": "white", "car-3": "blue"}),
        ("зроби три машини червоною, білою й синьою справа наліво",
         {"car-3": "red", "car-2": "white", "car-1": "blue"}),
        ("her hair blond", {"hair-1": "blond"}),
        ("make the left man's coat brown and his hair black", {"clothing-2": "brown", "hair-2": "black"}),
        ("волосся лівої жінки руде", {"hair-2": "ginger"}),
        ("the car to the left of the right man's clothes", None),
        ("make the person on the right navy", {"clothing-1": "navy"}),
        ("the car in front of the house red", {"car-3": "red"}),
        ("make the house the color of the sky. sky blue", {"house": "sky", "sky": "blue"}),  # no color yet: the name's
        ("make the sky navy and the house the color of the sky", {"sky": "navy", "house": "navy"}),
        ("don't color the sky", {"sky": "gray"}),
        ("залиш небо сірим", {"sky": "gray"}),
        ("make the left car red. make the red car blue", {"car-1": "blue"}),
        ("make the left car and the sky red. make them blue", {"car-1": "blue", "sky": "blue"}),
        ("make the car on the left #102030", {"car-1": "#102030"}),
        ("make the clothes brown", {"clothing-1": "brown", "clothing-2": "brown"}),
    ],
)  # fmt: skip
def test_each_thing_gets_its_color(text, expected):
    if expected is None:
        with pytest.raises(UsageError):
            colors(text)
    else:
        assert colors(text) == expected


def test_what_was_said_is_kept_as_words():
    changed, _ = claims("make the left car red", street())
    assert changed.thing("car-1").all(Words) == (Words("make the left car red"),)


def test_keeping_takes_back_what_was_asked():
    before, _ = claims("make the sky blue", street())
    assert colors("leave the sky as it is", before) == {}


def test_everything_else_is_what_no_clause_names():
    changed, _ = claims("make the left car red, leave the house as it is, and make everything else gray", street())
    rest = changed.thing("everything-else")
    levels = rest.all(Region)[0].shape.levels()
    assert levels.shape == (300, 400)
    assert levels[210, 50] == 0 and levels[100, 300] == 0  # the car, the house
    assert levels[50, 100] == 255 and levels[210, 150] == 255  # the sky, another car
    ids = [t.id for t in changed.things]
    assert ids.index("everything-else") < ids.index("car-1"), "things of their own win over what is left"


def test_only_leaves_all_else_gray():
    changed, _ = claims("color only the left car", street())
    levels = changed.thing("everything-else").all(Region)[0].shape.levels()
    assert levels[210, 50] == 0 and levels[210, 150] == 255
    assert colors("color only the left car") == {"everything-else": "gray"}


def test_the_background_is_behind_people_and_vehicles():
    changed, _ = claims("make the background navy", street())
    levels = changed.thing("background").all(Region)[0].shape.levels()
    assert levels[50, 10] == 255 and levels[60, 300] == 255 and levels[210, 50] == 0 and levels[200, 230] == 0


def test_the_whole_picture_gets_warmer_and_looks():
    changed, _ = claims("a bit warmer and more muted", street())
    assert changed.whole.manner.warmth == pytest.approx(0.2) and changed.whole.manner.vividness == pytest.approx(0.65)
    look, _ = claims("make it look like Kodachrome 1950s", street())
    assert look.whole.all(Palette) and look.whole.manner.vividness > 1


def test_of_several_the_most_visible_is_taken_and_said():
    changed, notes = claims("make the car red", street())
    assert [t.id for t in changed.things if t.all(Color)] == ["car-3"]
    assert len(notes) == 1 and "3 things" in notes[0] and "car-3" in notes[0]


def test_the_last_of_contradicting_clauses_counts_and_is_said():
    changed, notes = claims("make the sky red. make the sky blue.", street())
    assert [c.color for c in changed.claims()] == ["blue"]
    assert any("contradict" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("make the cat red", ["'the cat'", "car (3)", "--region"]),
        ("make the roof red", ["'the roof'", "building"]),
        ("make the car redd", ["'redd'", "red or"]),
        ("зроби машину чирвоною", ["'чирвоною'", "червон"]),
        ("make the elephnt red", ["'elephnt'", "elephant"]),
        ("make the car", ["which color"]),
        ("navy", ["which object"]),
        ("<b>make the car red</b>", ["'<'"]),
        ("make the car red; rm -rf /", ["'/'"]),
        ("make the tenth car red", ["only 3"]),
        ("make four cars red", ["only 3", "not 4"]),
        ("make the cars red and blue from left to right", ["2 colors for 3"]),
        ("make the sky darker", ["light is kept"]),
        ("don't make the car red", ["which color it has"]),
        ("make it red", ["nothing was spoken of before"]),
        ("make the sky warmer", ["warmer"]),
        ("把车变成红色", ["not understood"]),
        ("🚗 red", ["not understood"]),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_clear_line_and_nothing_is_applied(text, words):
    scene = street()
    with pytest.raises(UsageError) as error:
        claims(text, scene)
    assert "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)
    assert scene == street()


def test_half_understood_text_is_not_half_applied():
    with pytest.raises(UsageError, match="frobnicate"):
        claims("make the left car red. frobnicate the sky", street())
    outcome = explain("make the left car red. make the cat blue", street())
    assert [bool(step.problem) for step in outcome.steps] == [False, True]


def test_a_photo_of_nothing():
    with pytest.raises(UsageError, match="nothing was found"):
        claims("make the car red", Scene(source=Source(1, 1)))
    assert claims("warmer", Scene(source=Source(1, 1)))[0].whole.manner.warmth == pytest.approx(0.4)


def test_twenty_of_a_kind():
    things = tuple(thing(f"car-{n}", "car", (20 * n, 0, 20 * n + 10, 10)) for n in range(20))
    scene = Scene(things, Source(400, 20))
    assert colors("make the 3rd car from the right red", scene) == {"car-17": "red"}
    assert len(colors("make all cars but the first one red", scene)) == 19


def test_masks_and_people_who_wear():
    mask = np.zeros((60, 80), bool)
    mask[10:30, 5:25] = True
    hat = Thing("hat-1", "hat", "woman-1", (Region(Mask.of(mask)),))
    scene = Scene(
        (thing("woman-1", "woman", (0, 0, 40, 60)), hat, thing("woman-2", "woman", (40, 0, 80, 60))), Source(80, 60)
    )
    assert colors("make the woman in the hat red", scene) == {"woman-1": "red"}
    assert colors("капелюх жінки чорний", scene) == {"hat-1": "black"}
    with pytest.raises(UsageError, match="are known: hat"):
        colors("make the left woman's shoes red", scene)


def test_ukrainian_possessives_speak_of_things_too():
    parts = (thing("house", "house", (0, 0, 50, 50)), thing("roof", "roof", (0, 0, 50, 10), "house"))
    scene = Scene((*parts, thing("person", "person", (60, 0, 90, 50))), Source(100, 50))
    assert colors("будинок білий, а його дах червоний", scene) == {"house": "white", "roof": "red"}


def test_certainty_falls_with_every_doubt():
    def sure(text: str) -> float:
        return explain(text, street()).steps[0].certainty

    assert sure("make the left car red") == 1
    assert sure("make the car red") < 1
    assert sure("the left man's coat brown") < sure("the left person's clothes brown")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("make the dragon green and the left car navy", "the left car navy"),
        ("зроби велосипед червоним, а ліву машину синьою", "ліву машину синьою"),
        ("make the left car red, the boat blue, the sky gray", "make the left car red, the sky gray"),
        ("the sky navy. make it lighter", "the sky navy"),
    ],
)
def test_what_can_be_done_of_a_text_is_offered_as_a_text_of_its_own(text: str, rest: str):
    with pytest.raises(PartlyUnderstoodError) as caught:
        claims(text, street())
    assert caught.value.rest == rest and str(caught.value) == f"{caught.value.problem}; without it: '{rest}'"
    changed, _ = claims(rest, street())
    assert changed == explain(text, street()).scene, "the rest does what the whole text would have done beside"
    assert pickle.loads(pickle.dumps(caught.value)).rest == rest


@pytest.mark.parametrize("text", ["make the boat blue", "make the dragon green", "make the sky lighter", "?"])
def test_nothing_is_offered_where_nothing_can_be_done(text: str):
    with pytest.raises(UsageError) as caught:
        claims(text, street())
    assert not isinstance(caught.value, PartlyUnderstoodError) and "without it" not in str(caught.value)


def test_a_long_rest_does_not_lengthen_the_error():
    text = "make the dragon green. " + "the left car is red. the right car is blue. " * 20
    with pytest.raises(PartlyUnderstoodError) as caught:
        claims(text, street())
    assert len(str(caught.value)) < 250 and len(caught.value.rest) > 250
