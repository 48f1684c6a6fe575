"""Instructions as people type them: kinds of wording that were misread or refused, each held by some of its members."""

from __future__ import annotations

import time

import pytest
from words_street import street, thing

from barva.errors import UsageError
from barva.language import claims, colors, parse
from barva.language.lexicon import lexicon
from barva.language.morphology import adjective, noun
from barva.language.tokens import LONGEST
from barva.scene.model import Scene, Source


def understood(text: str) -> str:
    """The clauses of a text; "?" and the gaps where some of it is not understood."""
    understanding = parse(text)
    if understanding.gaps:
        return "? " + ", ".join(understanding.words(gap) for gap in understanding.gaps)
    return " ; ".join(map(str, understanding.clauses))


def refusal(text: str) -> str:
    """The line that refuses a text on the street."""
    scene = street()
    with pytest.raises(UsageError) as error:
        claims(text, scene)
    assert scene == street() and "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The man on the left should have a brown suit.", "suit of (left man) = brown"),
        ("the man on the left in a brown suit", "suit of (left man) = brown"),
        ("Чоловік ліворуч у темно-сірому костюмі та сірій краватці",
         "suit of (left man) = темно сірому ; gray tie of (left man)"),
        ("both men wear black suits", "suit of (every 2 man) = black"),
        ("the baby is wearing white", "baby = white"),
        ("woman next to the car: red coat", "coat of (woman near (car)) = red"),
        ("man on the left: hat black, coat brown and shoes gray",
         "hat of (left man) = black ; coat of (left man) = brown ; gray shoes of (left man)"),
        ("leftmost woman, lilac blouse", "blouse of (left woman) = lilac"),
        ("house: red roof, white walls", "roof of (house) = red ; wall of (house) = white"),
        ("третя дитина зліва: зелений светр", "sweater of (#3 child) = green"),
        ("у жінки була зелена сукня", "dress of (woman) = green"),
        ("у діда форма була захисного кольору", "uniform of (man) = olive drab"),
        ("вдягни її в зелену сукню", "dress of (woman) = green"),
        ("the boy has brown hair", "hair of (boy) = brown"),
        ("the bus is yellow with a green stripe", "bus = yellow ; stripe of (it) = green"),
    ],
)  # fmt: skip
def test_what_belongs_to_whom(text, clauses):
    assert understood(text) == clauses


def test_what_lies_on_a_thing_is_not_its_part():
    assert understood("На столі синя ваза") == "vase upon (table) = blue"
    assert understood("на жінці синя сукня") == "dress of (woman) = blue"


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("bride in ivory, groom in black", "bride = ivory ; man = black"),
        ("наречена в сукні кольору слонової кістки, наречений у чорному", "dress of (bride) = ivory ; man = black"),
        ("silver teapot, porcelain cups white", "teapot = silver ; cup = white"),
        ("give the woman on the left a red hat", "hat of (left woman) = red"),
    ],
)
def test_of_two_things_each_keeps_its_own_color(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The car isn't red, it's blue.", "car = blue"),
        ("make the car blue, not green", "car = blue"),
        ("the car is blue rather than green", "car = blue"),
        ("Машина не червона, а синя.", "car = blue"),
        ("зроби машину синьою, а не зеленою", "car = blue"),
        ("Change the car from blue to red.", "car = red"),
        ("перефарбуй машину з синьої на червону", "car = red"),
    ],
)
def test_a_color_that_it_has_not_gives_way_to_the_one_it_has(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The picture is too warm.", "photo: less warm"),
        ("the photo is not too warm", "photo: less warm"),
        ("The whole picture looks too warm, cool it down a little", "photo: less warm"),
        ("Уся картинка занадто тепла, зроби трошки холодніше", "photo: less warm"),
        ("the sky is too vivid, tone it down", "sky: less vivid"),
        ("губи червоні, але не надто яскраві", "lips = red ; it: less vivid"),
        ("the lips should be red, but muted", "lips = red ; it: less vivid"),
        ("make the car red, but everything warmer", "car = red ; photo: more warm"),
        ("more muted overall", "photo: less vivid"),
    ],
)
def test_too_much_asks_for_less_and_speaks_of_what_was_named(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("make the sky bluer", "not more or less of one color"),
        ("the sky is too orange", "not more or less of one color"),
        ("трава менш зелена", "not more or less of one color"),
        ("не так жовто", "not more or less of one color"),
        ("the car is too dark", "light is kept"),
        ("притемни небо", "light is kept"),
        ("the car is blue and yellow", "one object gets one color"),
        ("Машина синьо-жовта", "one object gets one color"),
        ("cars red and white", "one object gets one color"),
        ("The top of the house is blue", "whole objects"),
        ("нижня частина будинку зелена", "whole objects"),
        ("The car isn't red", "which color it has"),
        ("What color was the car?", "is a question"),
        ("Якого кольору була машина?", "is a question"),
        ("make the cheeks red", "no such thing"),
    ],
)
def test_what_cannot_be_done_says_why(text, words):
    assert words in refusal(text)


@pytest.mark.parametrize("text", ["should", "мають", "less", "the car wears", "everyone is"])
def test_a_word_is_never_offered_in_its_own_place(text):
    wrong = refusal(text)
    assert f"mean {text}" not in wrong and f"or {text}" not in wrong


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("мундир сіро-зелений", "uniform"), ("піджак зеленувато-сірий", "jacket"), ("небо помаранчево-рожеве", "sky"),
        ("гори синюваті", "mountain"), ("the horse is chestnut brown", "horse"),
        ("канапа темна смарагдово-зелена", "sofa"),
    ],
)  # fmt: skip
def test_colors_of_two_are_one_color(one, other):
    (clause,) = parse(one).clauses
    assert not parse(one).gaps and str(clause.targets[0]) == other and clause.colors[0].code.startswith("#")


def test_a_compound_color_lies_between_its_two():
    green = colors.term("зелений")
    blend = colors.mixed("сіро", green, (0, 0))
    assert blend.code not in (green.code, "#808080")
    for first, base in (("синьо", "жовтий"), ("червоно", "білий"), ("червоно", "зелений"), ("чорно", "червоний")):
        assert colors.mixed(first, colors.term(base), (0, 0)) is None, "side by side"
        assert colors.pair(first, colors.term(base)) is not None
    assert colors.pair("сіро", green) is None


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("church domes golden", "dome of (church) = golden"),
        ("her coat collar is red", "collar of (coat of (woman)) = red"),
        ("віконні рами червоні", "frame of (window) = red"),
        ("paint the table oak", "table = oak"),
        ("set hair color to blonde", "hair = blond"),
        ("Мамина хустка червона, татова краватка синя", "scarf of (woman) = red ; tie of (man) = blue"),
        ("дідусева форма зелена", "uniform of (man) = green"),
        ("братів кашкет синій", "cap of (man) = blue"),
        ("Очі в нього зелені", "eyes of (man) = green"),
        ("everyone's hair is brown", "hair of (every person) = brown"),
        ("the woman second from the right in red", "#2 from-right woman = red"),
        ("крайній зліва чоловік червоний", "left man = red"),
        ("шинель хлопця, що стоїть праворуч, червона", "coat of (right boy) = red"),
        ("the woman, who is on the left, is red", "left woman = red"),
        ("Віконниці того самого кольору, що й двері", "shutter = color of (door)"),
        ("her shoes should match her dress", "shoes of (woman) = color of (dress of (woman))"),
        ("перша машина червона, друга синя", "#1 car = red ; #2 one = blue"),
        ("The door is made of mahogany.", "door = mahogany"),
        ("сидіння з червоної шкіри", "chair = red"),
        ("Sand-colored suit for the man", "suit of (man) = sand"),
        ("костюм червоного кольору на чоловікові", "suit upon (man) = red"),
        ("зафарбуй стіни червоним кольором", "wall = red"),
    ],
)
def test_nouns_and_their_owners(text, clauses):
    assert understood(text) == clauses


@pytest.mark.parametrize(
    "text",
    [
        "1. car red 2. roof blue", "1) car red\n2) roof blue", "- car: red\n- roof: blue", "car (red), roof (blue)",
        "Hello, I think the car was red. The roof, as far as I know, was blue.",
        "Доброго дня, здається, машина була червона. А дах, пам'ятаю, синій.",
        "Мамо, зроби машину червоною, а дах синім", "It was a red car; there's a blue roof",
        "зроби-но автівку червоною, а дах — синім", "car = red; roof -> blue",
    ],
)  # fmt: skip
def test_lists_letters_and_courtesies(text):
    assert understood(text) == "car = red ; roof = blue"


def test_a_number_at_a_sentence_end_is_no_list():
    assert understood("paint car 2. The roof is blue") == "keep #2 car ; roof = blue"


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "`", "′"])
def test_every_apostrophe_is_one(apostrophe):
    assert understood(f"дерев{apostrophe}яні двері м{apostrophe}ятні") == understood("дерев'яні двері м'ятні")
    assert understood(f"the car isn{apostrophe}t red, it{apostrophe}s blue") == "car = blue"


def test_colloquial_and_small_words_are_the_things_themselves():
    table = lexicon()
    for sense, words in {
        "car": "авто автівка автівкою автівок машинка тачка",
        "hat": "капелюшок капелюшка капелюшком капелюшки шапочку",
        "photo": "світлина світлиною світлинка знімок фотокартку",
        "dress": "сукенка сукенці сукенок платтячко",
        "uniform": "кітель кітелі френчі мундира",
        "epaulette": "погони погонів еполети epaulettes",
        "cuff": "манжети манжетів cuffs",
    }.items():
        for word in words.split():
            assert table.noun(word).sense == sense, word


def test_a_bride_is_no_groom():
    assert "наречена" not in noun("наречений", "a") and "нареченому" in noun("наречений", "a")
    assert lexicon().noun("наречена").sense == "bride"
    assert {"татова", "татового", "дідусеву"} <= {*adjective("татів"), *adjective("дідусів")}
    assert {"мамина", "маминого", "маминими"} <= set(adjective("мамин"))


def test_words_written_together_are_read_apart():
    assert understood("штори темночервоні") == understood("штори темно-червоні")


def test_parts_of_a_face_are_not_the_face():
    scene = Scene((thing("face-1", "face", (0, 0, 10, 10)),), Source(20, 20))
    for text in ("make the nose red", "щоки червоні"):
        with pytest.raises(UsageError, match="no such thing"):
            claims(text, scene)


@pytest.mark.parametrize("word", ["now", "hello,", "please now", "too", "будь ласка", "with", "car", "синьо"])
def test_endless_courtesies_are_read_in_time(word):
    text = " ".join([word] * (LONGEST // (len(word) + 1)))
    parse("red car")
    begun = time.process_time()
    parse(text)
    assert time.process_time() - begun < 3
