"""Colors as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barva.color import names, spaces
from barva.color.difference import ciede2000
from barva.color.names import lookup
from barva.errors import UsageError


def of(code: str) -> list[float]:
    rgb = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return list(spaces.rgb_to_lab(rgb).tolist())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#7a1f1f", "#7a1f1f"),
        ("#A3F", "#aa33ff"),
        ("  #7A1F1F ", "#7a1f1f"),
        ("rgb(122, 31, 31)", "#7a1f1f"),
        ("RGB(122 31 31)", "#7a1f1f"),
        ("rgb(100%,0%,0%)", "#ff0000"),
        ("navy", "#000080"),
        ("DarkSeaGreen", "#8fbc8f"),
        ("Dark Sea-Green", "#11875d"),  # XKCD has it as three words
        ("Medium Sea-Green", "#3cb371"),
        ("lightgray", "#d3d3d3"),
        ("light_grey", "#d8dcd6"),  # XKCD has it as two words, CSS as one
        ("xkcd:navy", "#01153e"),
        ("css:light grey", "#d3d3d3"),
        ("css:dusty rose", None),
        ("dusty rose", "#c0737a"),
        ("robin's egg", "#6dedfd"),
        ("robin\u2019s egg", "#6dedfd"),
        ("червоний", "#ff0000"),
        ("червона", "#ff0000"),
        ("Червоне", "#ff0000"),
        ("червоного", "#ff0000"),
        ("синя", "#0000ff"),
        ("синього", "#0000ff"),
        ("темно-синю", "#00008b"),
        ("м\u02bcятна", "#98ff98"),
        ("морської хвилі", "#008b8b"),
        ("слонової кістки", "#fffff0"),
        ("хакі", "#c3b091"),
        ("khaki", "#c3b091"),  # a uniform's, as in Ukrainian
        ("Pale Khaki", "#f0e68c"),
        ("css:khaki", "#f0e68c"),
        ("світле хакі", "#f0e68c"),
        ("xkcd:khaki", "#aaa662"),
        ("dark khaki", "#9b8f55"),
        ("темне хакі", "#9b8f55"),
        ("skin", "#d4a188"),
        ("шкіра", "#d4a188"),
        ("шкіри", "#d4a188"),
        ("шкіряна", "#ac7434"),
        ("leather", "#ac7434"),
        ("feldgrau", "#4d5d53"),
        ("field gray", "#4d5d53"),
        ("фельдграу", "#4d5d53"),
        ("olive drab", "#6f7632"),
        ("захисного", "#6f7632"),
        ("дерев\u2019яна", "#a0764a"),
    ],
)
def test_ways_to_write_a_color(text: str, code: str | None) -> None:
    if code is None:
        with pytest.raises(UsageError):
            names.lab(text)
    else:
        assert names.lab(text) == pytest.approx(of(code))


def test_lab_is_taken_as_it_is() -> None:
    assert names.lab("lab(28, 38.5, -24)") == (28, 38.5, -24)


@pytest.mark.parametrize("grey", ["grey", "gray", "white", "black", "#777", "rgb(50%, 50%, 50%)", "сіра", "біле"])
def test_greys_have_no_chroma(grey: str) -> None:
    assert names.lab(grey)[1:] == (0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("#12", "#rrggbb"),
        ("#12345g", "#rrggbb"),
        ("#\u0661\u0662\u0663", "#rrggbb"),
        ("nvay", "navy"),
        ("червоной", "червоний"),
        ("rgb(1,2)", "three numbers"),
        ("rgb(1,2,3,4)", "three numbers"),
        ("rgb(1,2,x)", "three numbers"),
        ("rgb(256,0,0)", "255"),
        ("rgb(-1,0,0)", "255"),
        ("rgb(10%,0,0)", "100%"),
        ("lab(101,0,0)", "128"),
        ("lab(50,0,129)", "128"),
        ("lab(50%,0,0)", "128"),
        ("rgb(nan,0,0)", "three numbers"),
        ("x" * 81, "80 characters"),
        ("qqqqqq", "no color 'qqqqqq'"),
    ],
)
def test_what_is_no_color_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.lab(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_name_is_known_and_means_one_color() -> None:
    rows = lookup.rows()
    count = {table: sum(r[0] == table for r in rows) for table in ("css", "xkcd", "uk")}
    assert count["css"] == 148
    assert count["xkcd"] == 949
    assert count["uk"] >= 100
    meant: dict[str, str] = {}
    for table, name, code in rows:
        written = name if table in ("en", "uk") else f"{table}:{name}"
        assert names.lab(written) == pytest.approx(of(code)), name
        if table == "uk":
            key = lookup._fold(lookup._plain(name))
            assert meant.setdefault(key, code) == code, name


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=100) | st.text("rgblab(),.%+-0123456789 eE#xkcd:", max_size=30))
def test_any_text_is_a_color_or_a_usage_error(text: str) -> None:
    try:
        L, a, b = names.lab(text)
    except UsageError as error:
        assert str(error)
    else:
        assert 0 <= L <= 100.001
        assert max(abs(a), abs(b)) <= 128


def test_english_names_of_ours_replace_no_other_but_khaki() -> None:
    tables = lookup._tables()
    both = {key for key in tables["en"] if key in tables["css"] or key in tables["xkcd"]}
    assert both == {"khaki"}


def test_both_languages_mean_the_same() -> None:
    pairs = {
        "khaki": "хакі", "skin": "шкіра", "dark skin": "темна шкіра", "feldgrau": "фельдграу", "denim": "джинсовий",
        "wood": "дерев'яний", "oak": "дубовий", "concrete": "бетон", "brass": "латунь", "sepia": "сепія",
        "blond": "білявий", "burlap": "мішковина", "tweed": "твід", "foliage": "листя", "stone": "камінь",
    }  # fmt: skip
    for english, ukrainian in pairs.items():
        assert names.lab(english) == names.lab(ukrainian), english


@pytest.mark.parametrize(
    ("color", "english", "ukrainian"),
    [
        ("#FF0000", "red", "червоний"),
        ("#00007f", "navy", "темно-синій"),
        ("#999999", "gray", "сірий"),
        ("#8c7b6a", "brownish gray", "сіро-коричневий"),
        ("navy", "navy", "navy"),
    ],
)
def test_a_color_is_read_out_by_name(color: str, english: str, ukrainian: str) -> None:
    assert (names.name(color), names.name(color, "uk"), names.name(color, "xx")) == (english, ukrainian, english)


@given(st.tuples(*[st.integers(0, 255)] * 3), st.sampled_from(["en", "uk"]))
def test_what_is_read_out_can_be_written_and_is_near(rgb: tuple[int, int, int], language: str) -> None:
    color = "#{:02x}{:02x}{:02x}".format(*rgb)
    text = names.name(color, language)
    assert text.replace(" ", "").replace("-", "").replace("'", "").isalpha() and text.isascii() == (language == "en")
    assert float(ciede2000(names.lab(text), names.lab(color))) < 20
    assert names.name(str(names.code(text)), language) == text, "the name of its own color"
