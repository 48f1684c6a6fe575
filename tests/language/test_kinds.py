"""Kinds of wording that people who had not seen the grammar used, in both languages, each with a few examples."""

from __future__ import annotations

import pytest
from words_street import street, thing

from barva.color import names
from barva.language import claims, colors, parse
from barva.language.lexicon import lexicon
from barva.scene.model import Scene, Source


def understood(text: str) -> str:
    """The clauses of a text; "?" and the gaps where some of it is not understood."""
    understanding = parse(text)
    if understanding.gaps:
        return "? " + ", ".join(understanding.words(gap) for gap in understanding.gaps)
    return " ; ".join(map(str, understanding.clauses))


def reasons(text: str) -> list[str]:
    """Why the clauses of a text cannot be acted on."""
    understanding = parse(text)
    assert not understanding.gaps, understanding.gaps
    return [clause.reason for clause in understanding.clauses if clause.action == "not"]


@pytest.mark.parametrize(
    ("sense", "words"),
    [
        ("man", "grandad bridegroom stepfather прадід вуйко парубок тесть"),
        ("woman", "nana bridesmaid auntie прабабуся матінка теща"),
        ("soldier", "lieutenant hussar рядовий партизан сержант"),
        ("worker", "blacksmith shepherd доярка пастух тесля"),
        ("coat", "pea coat кунтуш сіряк дублянка"),
        ("jacket", "шкірянка фуфайка denim jacket"),
        ("trousers", "plus fours шароварки бриджі"),
        ("hat", "trilby очіпок намітка чепець"),
        ("shoes", "moccasins постоли мешти"),
        ("belt", "sash черес крайка"),
        ("embroidery", "embroidery вишивка мережка"),
        ("flower", "cornflowers hollyhock волошки барвінок чорнобривець"),
        ("grass", "wheat barley ячмінь колосся"),
        ("tree", "linden spruce смерека берізка"),
        ("horse", "gelding steed жеребець коняка"),
        ("mane", "mane manes"),
        ("tail", "tail хвіст"),
        ("saddle", "saddles сідло"),
        ("harness", "bridle reins вуздечка"),
        ("bird", "cockerel gosling курча снігур"),
        ("steering wheel", "steering wheel кермо"),
        ("hubcap", "hubcaps ковпаки"),
        ("track", "tracks гусениці"),
        ("rifle", "pistol кулемет рушниця"),
        ("barn", "garage stable стодола стайня"),
        ("painting", "icons образок ікона"),
        ("candlestick", "candelabra свічник"),
        ("jug", "milk jug глек дзбан"),
        ("pot", "saucepan горщичок баняк"),
        ("bowl", "basin мисочка макітерка"),
        ("blanket", "duvet ліжник верета"),
        ("handle", "doorknob клямка ручка"),
        ("smoke", "smoke дим"),
        ("postbox", "letterbox поштова скринька"),
    ],
)
def test_whole_families_of_things_are_known(sense, words):
    table, left = lexicon(), words.split()
    while left:
        several = " ".join(left[:2])
        known = table.noun(several) if len(left) > 1 else None
        word = several if known is not None else left[0]
        assert table.noun(word) is not None and table.noun(word).sense == sense, word
        left = left[len(word.split()) :]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("uncle Joe's truck is blue", "truck of (man) = blue"),
        ("aunt Mary wore a red hat", "hat of (woman) = red"),
        ("Тітка Марія була в синій сукні", "dress of (woman) = blue"),
        ("сорочка дядька Івана біла", "shirt of (man) = white"),
    ],
)
def test_people_have_given_names(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("зроби камін білим", "fireplace = white"),
        ("рушниці чорні", "rifle = black"),
        ("човен на березі синій", "boat upon (sand) = blue"),
        ("Богдана в синій сукні", "dress of (woman) = blue"),
        ("у Богдана червона сорочка", "shirt of (man) = red"),
        ("Олександра в білій блузці", "blouse of (woman) = white"),
        ("костюм Олександра синій", "suit of (man) = blue"),
        ("велик червоний", "bicycle = red"),
        ("онука в рожевій сукні", "dress of (girl) = pink"),
        ("халат лікаря білий", "robe of (person) = white"),
        ("куртка Ігоря синя", "jacket of (man) = blue"),
        ("хвіст солов'я рудий", "tail of (bird) = ginger"),
        ("грива коня біла", "mane of (horse) = white"),
    ],
)
def test_cases_of_ukrainian_nouns(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("word", "name"),
    [("біленький", "white"), ("зелененька", "green"), ("синеньким", "blue"), ("червонесенькі", "red")],
)
def test_a_diminutive_of_a_color_is_the_color(word, name):
    assert colors.term(word).code == colors.term(name).code or names.lab(word) == names.lab(name)


@pytest.mark.parametrize("word", ["whitish", "reddish", "purplish", "червонястий", "жовтуватий"])
def test_colors_that_are_not_quite_one(word):
    assert colors.term(word) is not None


@pytest.mark.parametrize(
    "text", ["сірувато-синій плащ", "сіро-синій плащ", "ніжно-синій плащ", "синювата хустка", "muted royal blue coat"]
)
def test_a_blue_that_fades_does_not_turn_violet(text):
    (clause,) = parse(text).clauses
    red, green = (int(clause.colors[0].code[at : at + 2], 16) for at in (1, 3))
    assert red <= green


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("seats red leather", "chair = red"),
        ("path light blue gravel", "path = light blue"),
        ("the sofa is forest green velvet", "sofa = forest green"),
        ("tan suede shoes", "shoes = tan"),
        ("moss green coat", "coat = moss green"),
        ("his boots were of brown leather", "boot of (man) = brown"),
        ("сорочка в клітинку зелена", "shirt = green"),
    ],
)
def test_a_material_says_nothing_of_the_color(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Train: black. Smoke: white. Wheels: red.", "train = black ; smoke = white ; wheel = red"),
        ("Потяг: чорний. Дим: білий. Колеса: червоні.", "train = black ; smoke = white ; wheel = red"),
        ("Bride: ivory. Groom: black.", "bride = ivory ; man = black"),
        ("man in the hat, waistcoat in rust", "vest of (man wears (hat)) = rust"),
        ("wedding bouquet: pink roses, green leaves", "rose of (bouquet) = pink ; leaves of (bouquet) = green"),
        ("вишиванка: полотно біле, вишивка червона",
         "cloth of (embroidered shirt) = white ; embroidery of (embroidered shirt) = red"),
        ("корови: боки руді, роги білі", "side of (cow) = ginger ; horn of (cow) = white"),
        ("the boy in blue, the girl in pink", "boy = blue ; girl = pink"),
        ("put the boy in blue", "boy = blue"),
        ("grandma in her navy dress", "dress of (woman) = navy"),
        ("a white house with blue windows", "house = white ; window of (it) = blue"),
        ("біла хата з синіми вікнами", "house = white ; window of (it) = blue"),
    ],
)  # fmt: skip
def test_lists_and_relations_without_a_verb(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("солдатам гімнастерки білі", "uniform of (soldier) = white"),
        ("дітям у першому ряду білі сорочки", "shirt of (front child) = white"),
        ("дівчатам червоні стрічки", "ribbon of (girl) = red"),
        ("одягніть священника в чорне", "man = black"),
        ("make the last man in the row wear a tan hat", "hat of (last man) = tan"),
        ("Grandad always drove a red tractor", "tractor = red"),
        ("дядько їздив на червоному мотоциклі", "motorcycle = red"),
        ("the groom wore a navy suit", "suit of (man) = navy"),
        ("чоловік, що тримає парасольку, у синьому пальті", "coat of (man holds (umbrella)) = blue"),
    ],
)
def test_stories_and_gifts(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("кіт рудий, а миска біля нього жовта", "cat = ginger ; bowl near (it) = yellow"),
        ("рушник білий, орнамент на ньому червоний", "towel = white ; ornament upon (it) = red"),
        ("лялька в синій сукні, волосся в неї руде", "dress of (doll) = blue ; hair of (doll) = ginger"),
        ("чоловік у синьому пальті, біля нього рудий собака", "coat of (man) = blue ; dog near (man) = ginger"),
        ("the car is red, next to it a green truck", "car = red ; truck near (it) = green"),
        (
            "ліва жінка в білій хустці, а права — у синій",
            "scarf of (left woman) = white ; scarf of (right woman) = blue",
        ),
        ("ліва жінка в червоному, права в синьому", "left woman = red ; right one = blue"),
    ],
)
def test_a_pronoun_is_what_was_named_before(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("the tallest tree green and the others yellow", "biggest tree = green ; every other one = yellow"),
        ("найвище дерево зелене, решта дерев жовті", "biggest tree = green ; every other tree = yellow"),
        ("ліва машина червона, інші сині", "left car = red ; every other one = blue"),
        ("the car red, the rest gray", "car = red ; gray rest"),
        ("only the lips red", "lips = red ; gray rest"),
        ("тільки губи червоні", "lips = red ; gray rest"),
        ("only make the car red", "car = red"),
        ("a red balloon and nothing else colored", "balloon = red ; gray rest"),
        ("change nothing else", "keep rest"),
        ("make the flowers but not the roses yellow", "flower except (rose) = yellow"),
        ("change both curtains and cushions to red", "curtain + pillow = red"),
        ("both cars red", "every 2 car = red"),
        ("вази обидві сині", "every 2 vase = blue"),
        ("машина праворуч червона, а ліворуч — біла", "right car = red ; left one = white"),
    ],
)
def test_what_is_left_and_what_is_another(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("the car red and the bus as well", "car = red ; bus = red"),
        ("the belt is brown leather and the holster is the same", "belt = brown ; holster = brown"),
        ("the car red, the bus too", "car = red ; bus = red"),
        ("хустка червона, а кофта така сама", "scarf = red ; sweater = red"),
        ("leave the sky as it is and the grass too", "keep sky ; keep grass"),
        ("the sky is the same", "keep sky"),
        ("the lips should be redder, make them crimson", "lips = crimson"),
        ("щоб губи були червоніші, зробіть їх вишневими", "lips = вишневими"),
        ("background cooler, pale blue", "background = pale blue"),
        ("the sky cooler, the grass green", "sky: less warm ; grass = green"),
        ("bring down the colors a bit so it looks faded", "photo: less vivid"),
        ("менше насиченості, а то надто яскраво", "photo: less vivid"),
        ("not a pink dress but a beige one", "dress = beige"),
        ("не рожева сукня, а біла", "dress = white"),
    ],
)
def test_remedies_and_the_same_again(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("make mum's lipstick cherry red", "lips of (woman) = cherry red"),
        ("trees on the left autumn orange, trees on the right red", "left tree = autumn orange ; right tree = red"),
        ("the bird on the left branch is red", "bird upon (left tree) = red"),
        ("волошки сині, ромашки білі", "flower = blue ; flower = white"),
        ("a lighter blue dress", "dress = light blue"),
        ("give everybody natural skin tones", "skin of (every person) = skin"),
        ("латунна ручка на дверях", "handle upon (door) = brass"),
        ("на столі білий рушник з червоною вишивкою", "towel upon (table) = white ; embroidery of (it) = red"),
    ],
)
def test_what_was_read_as_something_else(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bus lower half green, upper half cream", "part"),
        ("tram cream on top and red at the bottom", "part"),
        ("автобус знизу червоний, зверху білий", "part"),
        ("прапор: верх синій, низ жовтий", "part"),
        ("lighter skin for the man in front", "light"),
        ("make her skin darker", "light"),
        ("the sky too", ""),
        ("not pink", ""),
    ],
)
def test_what_cannot_be_meant_stays_refused(text, reason):
    understanding = parse(text)
    assert understanding.gaps or reason in reasons(text)


@pytest.mark.parametrize("text", ["make the sky loud", "the dress should be nice", "зроби небо смачним", "у синій"])
def test_no_sense_is_no_instruction(text):
    assert parse(text).gaps


def test_clothes_without_an_owner_are_those_of_whom_was_spoken():
    scene, _ = claims("the left person's hair is red, the clothing blue", street())
    asked = {t.id for t in scene.things if any(getattr(m, "color", "") == "blue" for m in t.modalities)}
    assert asked == {"clothing-2"}


def test_the_others_are_of_the_kind_that_was_named():
    cars = [thing(f"car-{i}", "car", (30 * i, 0, 30 * i + 20, 20)) for i in range(3)]
    scene = Scene((*cars, thing("sky", "sky", (0, 50, 90, 90))), Source(90, 90))
    scene, _ = claims("the left car red, the others blue", scene)
    blue = {t.id for t in scene.things if any(getattr(m, "color", "") == "blue" for m in t.modalities)}
    assert blue == {"car-1", "car-2"}


def test_the_color_of_a_flower_needs_no_flower():
    (clause,) = parse("сукня кольору бузку").clauses
    assert clause.colors[0].of is None and clause.colors[0].code == colors.term("бузковий").code
