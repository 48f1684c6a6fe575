"""Marks as they are typed: what is meant, and what is said of nonsense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import barva
from barva.color import names
from barva.guidance import parse
from barva.guidance.marks import Box, Guidance, Mark, Point, Polygon, Region, Stroke


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("412,310=#7a1f1f", Point((412, 310), "#7a1f1f")),
        (" 412 , 310.5 = navy ", Point((412, 310.5), "navy")),
        ("0.5,0.25=navy", Point((0.5, 0.25), "navy", "share")),
        ("1.0,.25=navy", Point((1, 0.25), "navy", "share")),
        ("1,1=navy", Point((1, 1), "navy")),
        ("0,0.5=navy", Point((0, 0.5), "navy")),
        ("0.5,1.5=navy", Point((0.5, 1.5), "navy")),
        ("3,4=rgb(1, 2, 3)", Point((3, 4), "rgb(1, 2, 3)")),
    ],
)
def test_points(text: str, mark: Point) -> None:
    assert parse.point(text) == mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("10,10;50,60;80,60@6=navy", Stroke(((10, 10), (50, 60), (80, 60)), "navy", 6)),
        ("10,10;50,60;=navy", Stroke(((10, 10), (50, 60)), "navy")),
        ("7,8=navy", Stroke(((7, 8),), "navy")),
        ("0.1,0.1;0.5,0.5@0.02=navy", Stroke(((0.1, 0.1), (0.5, 0.5)), "navy", 0.02, "share")),
    ],
)
def test_strokes(text: str, mark: Stroke) -> None:
    assert parse.stroke(text) == mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("box:10,10,200,120=red", Region(Box(10, 10, 200, 120), "red")),
        ("box:0.0,0.0,1.0,0.5=red", Region(Box(0, 0, 1, 0.5), "red", "share")),
        ("box:1,2,3,4=rgb(1, 2, 3),strength=.5", Region(Box(1, 2, 3, 4), "rgb(1, 2, 3)", strength=0.5)),
        ("box:1,2,3,4=red, vividness = 1.3,strength=0", Region(Box(1, 2, 3, 4), "red", strength=0, vividness=1.3)),
        ("box:1,2,3,4=vividness=1.3", Region(Box(1, 2, 3, 4), vividness=1.3)),
        ("polygon:0,0;9,0;9,9=green", Region(Polygon(((0, 0), (9, 0), (9, 9))), "green")),
    ],
)
def test_regions(text: str, mark: Region) -> None:
    assert parse.region(text) == mark


def test_colour_is_chroma_and_the_text() -> None:
    mark = parse.point("1,2=червона")
    assert mark.color == "червона"
    assert mark.ab == names.lab("red")[1:]


@pytest.mark.parametrize(
    ("what", "text", "said"),
    [
        ("point", "", "X,Y=COLOR"),
        ("point", "1,2", "X,Y=COLOR"),
        ("point", "=red", "X,Y=COLOR"),
        ("point", "1=red", "is not X,Y"),
        ("point", "1,2,3=red", "is not X,Y"),
        ("point", "a,b=red", "is not X,Y"),
        ("point", "nan,1=red", "is not X,Y"),
        ("point", "1e9,1=red", "is not X,Y"),
        ("point", "\u0661,\u0662=red", "is not X,Y"),
        ("point", "999999999,1=red", "two numbers"),
        ("point", "1,2=", "missing"),
        ("point", "1,2=nvay", "navy"),
        ("point", "1,\n2=\nnvay", "navy"),
        ("stroke", "=red", "wanted"),
        ("stroke", ";=red", "empty"),
        ("stroke", "@6=red", "empty"),
        ("stroke", "1,2;3=red", "is not X,Y"),
        ("stroke", "1,2;3,4@=red", "width"),
        ("stroke", "1,2;3,4@thick=red", "width"),
        ("stroke", "1,2;3,4@0=red", "width"),
        ("stroke", "1,2;3,4@-5=red", "width"),
        ("stroke", "0.1,0.2;0.3,0.4@6=red", "shares"),
        ("region", "box:1,2,3=red", "LEFT,TOP,RIGHT,BOTTOM"),
        ("region", "box:5,5,5,9=red", "no inside"),
        ("region", "box:9,9,5,5=red", "no inside"),
        ("region", "polygon:1,2;3,4=red", "three corners"),
        ("region", "polygon:=red", "three corners"),
        ("region", "polygon:300,0;300,200;300,50=red", "no inside"),
        ("region", "polygon:10,10;20,20;30,30;15,15=red", "no inside"),
        ("region", "polygon:7,7;7,7;7,7=red", "no inside"),
        ("region", "polygon:0.1,0.1;0.2,0.2;0.7,0.7=red", "no inside"),
        ("region", "there-is-none.png=red", "no such mask"),
        ("region", ".=red", "cannot be read"),
        ("region", "box:1,1,2,2", "wanted"),
        ("mask", "there-is-none.png", "no such mask"),
    ],
)
def test_nonsense_is_said_in_one_line(what: str, text: str, said: str) -> None:
    with pytest.raises(barva.UsageError) as caught:
        getattr(parse, what)(text)
    message = str(caught.value)
    assert message.startswith(f"--{what} ")
    assert said in message
    assert "\n" not in message


TYPED = st.text("0123456789.,;@=-+: boxplygn#", max_size=40) | st.text(max_size=40)


@settings(max_examples=250, deadline=None)
@given(TYPED, st.sampled_from(["", "=red", "=#123", "=червоне"]))
def test_any_text_is_a_mark_or_a_usage_error(text: str, color: str) -> None:
    for read in (parse.point, parse.stroke, parse.region):
        try:
            mark: Mark = read(text + color)
        except barva.UsageError as error:
            assert "\n" not in str(error)
        else:
            assert Guidance.from_json(Guidance((mark,)).to_json()).marks == (mark,)


def test_order_is_from_coarse_to_fine(tmp_path: Path) -> None:
    index = np.zeros((4, 4), np.uint8)
    index[:2], index[3] = 1, 2
    picture = Image.fromarray(index, "P")
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 128])
    picture.save(tmp_path / "m.png")
    Guidance((Point((1, 1), "pink"),)).save(tmp_path / "h.json")
    found = parse.guidance(
        ["1,1=red"], ["1,1;2,2=blue"], ["box:0,0,2,2=green"], [tmp_path / "m.png"], tmp_path / "h.json"
    )
    assert found is not None
    assert [m.color for m in found.marks] == ["pink", "#ff0000", "#000080", "green", "blue", "red"]
    assert parse.guidance() is None


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Point((1,), "red"), "at: two numbers"),
        (lambda: Point("12", "red"), "at: two numbers"),
        (lambda: Point((1, 2), 3), "color: text"),
        (lambda: Point((1, 2), "red", "cm"), "unit"),
        (lambda: Point((1, 2), "red", "share"), "0 to 1"),
        (lambda: Point((float("inf"), 2), "red"), "at: two numbers"),
        (lambda: Stroke((), "red"), "empty"),
        (lambda: Stroke(((1, 2), 3), "red"), r"along\[1\]"),
        (lambda: Region("box", "red"), "a Box, a Polygon or a Mask"),
        (lambda: Guidance(("red",)), "a mark is"),
        (lambda: Guidance.of(7), "guidance is"),
        (lambda: barva.Mask.of(np.zeros((3, 3), bool)), "nothing"),
        (lambda: barva.Mask.of(np.ones((3, 3, 3), np.uint8)), r"\(H, W\)"),
        (lambda: barva.Mask.of(np.full((3, 3), 7.0)), "0 to 1"),
    ],
)
def test_python_marks_are_checked(make: object, said: str) -> None:
    with pytest.raises(barva.UsageError, match=said):
        make()  # type: ignore[operator]
