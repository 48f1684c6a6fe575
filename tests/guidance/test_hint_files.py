"""Hint files: what is written is read again; what is wrong is said with its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import barva
from barva.guidance.marks import Box, Guidance, Point, Polygon, Region, Stroke
from barva.scene.masks import Mask

MARKS = (
    Point((412, 310), "#7a1f1f"),
    Point((0.25, 1), "темно-синя", "share"),
    Stroke(((10, 10.5), (50, 60)), "navy", 6),
    Stroke(((1, 2),), "grey"),
    Region(Box(0.1, 0.1, 0.5, 0.4), "lab(50, 10, -20)", "share"),
    Region(Polygon(((5, 5), (90, 5), (40, 70))), "green"),
    Region(Mask.of(np.eye(4, dtype=bool)), "red"),
    Region(Mask(2, 2, bytes([0, 1, 2, 2]), 2), "#0000ff"),
    Point((1, 2), "red", strength=0.5, vividness=1.5),
    Region(Box(1, 2, 3, 4), vividness=0.5),
)


def test_round_trip() -> None:
    guidance = Guidance(MARKS)
    text = guidance.to_json()
    assert Guidance.from_json(text) == guidance
    assert Guidance.from_json(text.encode()) == guidance
    assert Guidance.from_json(text).to_json() == text
    assert json.loads(text)["marks"][0] == {"kind": "point", "at": [412, 310], "color": "#7a1f1f"}
    assert Guidance.from_json(Guidance().to_json()) == Guidance()


def test_masks_are_named_from_the_hint_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / "hints").mkdir()
    Image.new("L", (4, 4), 255).save(tmp_path / "masks" / "m.png")
    monkeypatch.chdir(tmp_path)
    guidance = Guidance((Region(Mask.read(Path("masks") / "m.png"), "red"),))
    guidance.save("hints/h.json")
    assert json.loads(Path("hints/h.json").read_text())["marks"][0]["mask"] == "../masks/m.png"
    monkeypatch.chdir(os.sep)
    assert Guidance.load(tmp_path / "hints" / "h.json") == guidance
    with pytest.raises(barva.WriteError, match="exists"):
        guidance.save(tmp_path / "hints" / "h.json")
    guidance.save(tmp_path / "hints" / "h.json", overwrite=True)
    with pytest.raises(barva.WriteError):
        guidance.save(tmp_path / "none" / "h.json")


def test_digest_follows_what_is_asked() -> None:
    one, two = Guidance(MARKS), Guidance(MARKS[::-1])
    assert one.digest() == Guidance(MARKS).digest() != two.digest()
    changed = Guidance((*MARKS[:7], *MARKS[8:], Region(Mask(2, 2, bytes([0, 2, 2, 2]), 2), "#0000ff")))
    assert changed.digest() != one.digest()


GOOD = {"kind": "point", "at": [1, 2], "color": "red"}


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (5, "marks[1]: an object is wanted"),
        ({}, "marks[1].kind: point, stroke or region is wanted"),
        ({"kind": []}, "marks[1].kind"),
        ({"kind": "point", "color": "red"}, "marks[1].at: two numbers are wanted"),
        ({**GOOD, "at": [1]}, "marks[1].at: two numbers are wanted"),
        ({**GOOD, "at": [1, "2"]}, "marks[1].at: two numbers are wanted"),
        ({**GOOD, "at": [True, 2]}, "marks[1].at: two numbers are wanted"),
        ({**GOOD, "at": [1, 10**400]}, "marks[1].at: two numbers are wanted"),
        ({**GOOD, "at": {"x": 1, "y": 2}}, "marks[1].at: two numbers are wanted"),
        ({**GOOD, "color": "nvay"}, "marks[1].color: there is no color 'nvay'; did you mean navy"),
        ({**GOOD, "color": 7}, "marks[1].color: text"),
        ({**GOOD, "colour": "red"}, "marks[1].colour: there is no such key; did you mean color?"),
        ({**GOOD, "unit": "cm"}, "marks[1].unit: 'px' or 'share' is wanted"),
        ({**GOOD, "unit": []}, "marks[1].unit"),
        ({"kind": "stroke", "along": [], "color": "red"}, "marks[1].along: the stroke is empty"),
        ({"kind": "stroke", "along": [[1, 2], [3]], "color": "red"}, "marks[1].along[1]: two numbers are wanted"),
        ({"kind": "stroke", "along": [[1, 2]], "width": "6", "color": "red"}, "marks[1].width: a number is wanted"),
        ({**GOOD, "strength": 2}, "marks[1].strength: a number from 0 to 1"),
        ({**GOOD, "vividness": "1"}, "marks[1].vividness: a number from 0 to 2"),
        ({"kind": "region", "box": [1, 2, 3, 4]}, "marks[1].color: it is missing"),
        ({"kind": "region", "color": "red"}, "marks[1].kind: a region has one of"),
        ({"kind": "region", "box": [1, 2, 3], "color": "red"}, "marks[1].box: four numbers are wanted"),
        ({"kind": "region", "polygon": [[1, 2]], "color": "red"}, "marks[1].polygon: at least three"),
        (
            {"kind": "region", "polygon": [[1, 2], [3, 4], [5, 6]], "color": "red"},
            "marks[1].polygon: its corners lie on",
        ),
        ({"kind": "region", "polygon": 3, "color": "red"}, "marks[1].polygon: a list"),
        ({"kind": "region", "mask": "none.png", "color": "red"}, "marks[1].mask: none.png: there is no such mask"),
        ({"kind": "region", "mask": 3, "color": "red"}, "marks[1].mask: text"),
        ({"kind": "region", "png": "?", "color": "red"}, "marks[1].png: base64"),
        ({"kind": "region", "png": "aGVsbG8=", "color": "red"}, "marks[1].png: the mask is not"),
        ({"kind": "region", "box": [1, 2, 3, 4], "index": 1, "color": "red"}, "marks[1].index"),
    ],
)
def test_errors_name_their_place(mark: object, said: str) -> None:
    with pytest.raises(barva.UsageError) as caught:
        Guidance.from_json(json.dumps({"barva": "guidance", "version": 1, "marks": [GOOD, mark]}))
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("{", "line 1"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        ("1" * 5000, "no JSON"),
        ("[]", "no hint file"),
        ('{"marks": []}', "no hint file"),
        ('{"barva": "guidance", "version": 2, "marks": []}', "version"),
        ('{"barva": "guidance", "version": 1}', "marks: a list"),
        ('{"barva": "guidance", "version": 1, "marks": [], "mark": 1}', "did you mean marks"),
        ('{"barva": "guidance", "version": 1, "marks": [], "marks": []}', "the key 'marks' is there twice"),
        ('{"barva": "guidance", "version": NaN, "marks": []}', "NaN is no number"),
    ],
)
def test_files_that_are_no_hints(text: str | bytes, said: str) -> None:
    with pytest.raises(barva.UsageError, match=said):
        Guidance.from_json(text)


def test_all_wrong_marks_are_listed() -> None:
    rows = [{"kind": "point", "at": i, "color": "red"} for i in range(7)]
    with pytest.raises(barva.UsageError, match=r"marks\[0\].*marks\[4\].*and 2 more"):
        Guidance.from_json(json.dumps({"barva": "guidance", "version": 1, "marks": rows}))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(barva.ReadError, match="no such hint file"):
        Guidance.load(tmp_path / "none.json")
    with pytest.raises(barva.ReadError):
        Guidance.load(tmp_path)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["red", "px"])
TREES = st.recursive(
    LEAVES,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "kind",
                    "at",
                    "along",
                    "width",
                    "color",
                    "unit",
                    "box",
                    "polygon",
                    "mask",
                    "png",
                    "index",
                    "strength",
                    "vividness",
                ]
            ),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["point", "stroke", "region"]), st.dictionaries(st.text(max_size=4), LEAVES, max_size=1), TREES)
def test_any_json_is_guidance_or_a_usage_error(kind: str, odd: dict[str, object], tree: object) -> None:
    mark = {"color": "red", **(tree if isinstance(tree, dict) else {"at": tree}), **odd, "kind": kind}
    for whole in (tree, {"barva": "guidance", "version": 1, "marks": [mark, tree]}, {"barva": "guidance", **odd}):
        try:
            found = Guidance.from_json(json.dumps(whole))
        except barva.UsageError as error:
            assert "\n" not in str(error)
        else:
            assert Guidance.from_json(found.to_json()) == found


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_guidance_or_a_usage_error(text: str | bytes) -> None:
    with pytest.raises(barva.UsageError):
        Guidance.from_json(text)
