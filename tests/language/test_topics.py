"""Wording that strangers used: what was named first, whose a thing is, complaints of the whole photo, asides."""

from __future__ import annotations

import pytest
from words_street import thing

from barva.language import explain, parse
from barva.language.lexicon import lexicon
from barva.scene.model import Scene, Source


def understood(text: str) -> str:
    """The clauses of a text; "?" and the gaps where some of it is not understood."""
    understanding = parse(text)
    if understanding.gaps:
        return "? " + ", ".join(understanding.words(gap) for gap in understanding.gaps)
    return " ; ".join(map(str, understanding.clauses))


@pytest.mark.parametrize(
    ("sense", "words"),
    [
        ("bird", "nightingale heron чапля жайворонок"),
        ("tree", "cypress eucalyptus кипарис платан"),
        ("bag", "satchel rucksack саквояж наплічник"),
        ("barn", "pigsty granary шпихлір кошара"),
        ("violin", "viola fiddle басоля"),
        ("harp", "harp bandura арфа гуслі"),
        ("key", "key клавіша"),
        ("coat", "poncho redingote каптан кирея"),
        ("hat", "stetson fez сомбреро чіпець"),
        ("lampshade", "lampshade абажур"),
        ("ship", "galleon freighter криголам бригантина"),
        ("car", "cadillac moskvich жигулі волга"),
        ("leg", "leg нога"),
        ("well", "well криниця"),
        ("beak", "beak дзьоб"),
        ("animal", "otter hippopotamus борсук видра"),
    ],
)
def test_families_of_things_are_known(sense, words):
    for word in words.split():
        noun = lexicon().noun(word)
        assert noun is not None and noun.sense == sense, word


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Would you mind making the door teal", "door = teal"),
        ("I'd love a navy ribbon on her hat", "ribbon upon (hat of (woman)) = navy"),
        ("can we get the tractor in red", "tractor = red"),
        ("I remember the gate being green", "gate = green"),
        ("not sure about the scarf, maybe blue?", "scarf = blue"),
        ("the door is red, obviously", "door = red"),
        ("не пригадую точно, але хустка була синя", "scarf = blue"),
        ("хочеться, щоб двері були зелені", "door = green"),
        ("трава жовтувата, бо була осінь", "grass = жовтувата"),
        ("the grass yellow, since it was autumn, and the sky gray", "grass = yellow ; gray sky"),
    ],
)
def test_polite_and_narrative_words_ask_for_nothing(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("the picture feels cold, warm it up", "photo: more warm"),
        ("the colors are too garish", "photo: less vivid"),
        ("this photo looks drab", "photo: more vivid"),
        ("фото вийшло тьмяним", "photo: more vivid"),
        ("warm the whole picture up a bit", "photo: more warm"),
        ("додай соковитості всьому фото", "photo: more vivid"),
        ("загальний тон зроби теплішим", "photo: more warm"),
        ("make it look like an old sepia print", "look sepia"),
        ("усе фото як у золоту годину", "look golden hour"),
        ("leave this one black and white", "gray photo"),
        ("the car is garish", "? the car is garish"),
    ],
)
def test_what_is_wrong_with_a_photo_asks_for_the_contrary(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("don't recolor the faces", "keep face"),
        ("облич не перемальовуйте", "keep face"),
        ("don't color the faces", "gray face"),
        ("keep the original color of the car", "keep car"),
        ("leave the flag in color", "keep flag"),
    ],
)
def test_what_is_not_recolored_keeps_its_color(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("make the cap as green as the door", "cap = color of (door)"),
        ("кашкет такий самий зелений, як двері", "cap = color of (door)"),
        ("машина така ж, як дах", "car = color of (roof)"),
        ("the car red and the bus as well", "car = red ; bus = red"),
        ("the sofa brown, like the chair", "sofa = brown"),
        ("сливи сині, майже чорні", "plum = blue"),
        ("стрічки сині-сині", "ribbon = blue"),
        ("the wagon's green", "carriage = green"),
        ("the sky looks gray but it was actually pale blue", "sky = pale blue"),
        ("пальто сіре, хоча насправді було зелене", "coat = green"),
        ("no red on the door, it was green", "door = green"),
        ("the men have dark coats, make them brown", "coat of (man) = brown"),
    ],
)
def test_comparisons_and_corrections(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Auntie Violet had brown eyes", "eyes of (woman) = brown"),
        ("Violet in a yellow dress", "dress of (woman) = yellow"),
        ("make the violet blue", "flower = blue"),
        ("авто жовте, його двері чорні", "car = yellow ; door of (it) = black"),
        ("the geese white, their beaks orange", "bird = white ; beak of (them) = orange"),
        ("крила в них білі", "wing of (them) = white"),
        ("хвіст у коня чорний", "tail of (horse) = black"),
        ("the cow's horns and hooves are black", "horn of (cow) + hoof of (cow) = black"),
        ("найменшій дівчинці сукня рожева", "dress of (smallest girl) = pink"),
        ("найвищому хлопцеві пояс рожевий", "belt of (biggest boy) = pink"),
        ("жінці у хустці зробіть спідницю синьою", "skirt of (woman wears (scarf)) = blue"),
        ("бант дівчинці червоний", "ribbon of (girl) = red"),
        ("малій червоні черевички", "shoes of (girl) = red"),
        ("у старого чорний капелюх", "hat of (man) = black"),
        ("паровозу треба червоні колеса", "wheel of (train) = red"),
        ("усі хати з білими вікнами", "window of (every house) = white"),
        ("the hat she wore was red", "hat of (woman) = red"),
        ("сукня, яку вона носила, зелена", "dress of (woman) = green"),
        ("труба пароплава чорна", "funnel of (ship) = black"),
        ("труба золота", "trumpet = gold"),
        ("the band in blue uniforms", "uniform of (band) = blue"),
        ("the band of the hat is black", "ribbon of (hat) = black"),
        ("тітчина сукня зелена", "dress of (woman) = green"),
        ("нареченій дай білу сукню", "dress of (bride) = white"),
        ("the girl with the doll on the left: dress red", "dress of (left girl holds (doll)) = red"),
    ],
)
def test_whose_a_thing_is(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("the girl on the left, make her dress red", "dress of (left girl) = red"),
        ("біля тину стоїть дівчинка, хустка в неї синя", "scarf of (girl near (fence)) = blue"),
        ("a boy, his dog brown", "dog of (boy) = brown"),
        ("the ribbons: red for the bride, blue for the girl", "ribbon of (bride) = red ; ribbon of (girl) = blue"),
        ("рукавиці в дівчинки сині, у хлопчика зелені", "glove of (girl) = blue ; glove of (boy) = green"),
        ("Of the four boats color only the first: red", "#1 boat = red"),
        ("той, що біля воріт, рудий", "one near (gate) = ginger"),
        ("усі, хто в першому ряду, мають білі сорочки", "shirt of (every front person) = white"),
        ("the dog, it was black", "dog = black"),
        (
            "all coats brown apart from the left man's, which is black",
            "every coat except (one of (left man)) = brown ; one of (left man) = black",
        ),
    ],
)
def test_what_was_named_first(text, clauses):
    assert understood(text) == clauses


def test_a_color_of_nothing_is_refused():
    [clause] = parse("у хлопчика сині").clauses
    assert (clause.action, clause.reason) == ("not", "thing")
    scene = Scene((thing("person-1", "person", (0, 0, 10, 10)),), Source(20, 20))
    assert "which object" in explain("у хлопчика сині", scene).problems[0]


@pytest.mark.parametrize("text", ["the car is black, the roof too", "Машина чорна, дах теж"])
def test_parts_are_of_the_thing_that_was_named_last(text):
    scene = Scene(
        (
            thing("house", "house", (100, 0, 300, 200)),
            thing("roof-1", "roof", (100, 0, 300, 60), "house"),
            thing("car-1", "car", (10, 180, 100, 240)),
            thing("roof-2", "roof", (30, 180, 80, 195), "car-1"),
        ),
        Source(400, 300),
    )
    outcome = explain(text, scene)
    assert not outcome.problems and [step.things for step in outcome.steps] == [("car-1",), ("roof-2",)]
