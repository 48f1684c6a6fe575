"""Requests, results and settings as values of a program: refused in one line, compared, hashed, pickled."""

from __future__ import annotations

import copy
import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import barva
from barva.engine.request import Request
from barva.engine.sampling import Redraw, Sampling
from barva.imaging import photo as photos
from barva.imaging.read import read
from barva.methods.base import Reference, Swatch

RED = barva.Point((40, 150), "red")
BOX = (0.0, 0.0, 0.5, 0.5)


@pytest.fixture(scope="module")
def levin() -> barva.Colorizer:
    return barva.Colorizer("levin", threads=1)


@pytest.fixture
def small(grey: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(grey[::4, ::4])


WRONG_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({"guidance": 5}, "guidance is .* not an int"),
    ({"guidance": "navy"}, "guidance is .* not a str"),
    ({"guidance": [5]}, "a mark is"),
    ({"scene": "photo.json"}, "scene: a Scene is wanted, not a str"),
    ({"references": 5}, "references: a list of Reference"),
    ({"references": ["photo.jpg"]}, "references: each is a Reference, not a str"),
    ({"swatches": [BOX]}, "swatches: each is a Swatch, not a tuple"),
    ({"palette": "navy"}, "palette: pairs of numbers"),
    ({"palette": [5]}, "palette: pairs of numbers"),
    ({"palette": [(1, float("nan"))]}, "palette: pairs of numbers"),
    ({"palette": [(200, 0)]}, "palette: pairs of numbers .* from -128 to 128"),
    ({"seed": True}, "seed: a whole number"),
    ({"sampling": {"steps": 3}}, "sampling: a Sampling"),
]


@pytest.mark.parametrize(("settings", "text"), WRONG_REQUESTS, ids=str)
def test_a_request_checks_every_setting(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(barva.UsageError, match=text):
        Request(**settings)


WRONG_CALLS: list[tuple[dict[str, Any], str]] = [
    ({"page": "1"}, "there is no page '1'"),
    ({"page": 1.5}, "there is no page 1.5"),
    ({"page": True}, "there is no page True"),
    ({"max_pixels": "many"}, "max_pixels: a number of at least 1 is wanted, not many"),
    ({"max_pixels": 0}, "max_pixels: a number"),
    ({"hints": "navy"}, "hints is a HintMap, not a str"),
    ({"scene": {}}, "scene: a Scene is wanted, not a dict"),
    ({"references": 5}, "an int is no picture"),
    ({"swatches": 5}, "swatches: a list of Swatch is wanted, not an int"),
]


@pytest.mark.parametrize(("settings", "text"), WRONG_CALLS, ids=str)
def test_a_wrong_setting_is_one_line(
    settings: dict[str, Any], text: str, levin: barva.Colorizer, small: np.ndarray
) -> None:
    with pytest.raises(barva.UsageError, match=text):
        levin.colorize(small, **settings)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"threads": "2"}, "threads must be at least 1, not '2'"),
        ({"threads": 1.5}, "threads must be at least 1, not 1.5"),
        ({"method": None}, "a method's name is wanted, not None"),
        ({"request": {}}, "request is a Request, not a dict"),
    ],
    ids=str,
)
def test_a_colorizer_of_wrong_settings_is_one_line(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(barva.UsageError, match=text):
        barva.Colorizer(**settings)


@pytest.mark.parametrize("at", [5, (1,), ("a", 2), "ab", None])
def test_suggestions_of_no_place_are_one_line(at: Any, levin: barva.Colorizer, small: np.ndarray) -> None:
    with pytest.raises(barva.UsageError, match="a place is two numbers"):
        levin.suggest(small, at)
    with pytest.raises(barva.UsageError, match="count"):
        levin.suggest(small, (1, 1), count=0)
    with pytest.raises(barva.UsageError, match="variants go from 1"):
        levin.variants(small, "6")  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "text"), [(None, "^None is no picture"), (5, "^an int is"), ([[1]], "^a list is")])
def test_what_is_no_picture_is_named(source: Any, text: str) -> None:
    with pytest.raises(barva.UsageError, match=text):
        read(source)


def test_an_open_file_is_told_from_its_content() -> None:
    with pytest.raises(barva.UsageError, match=r"a BytesIO is no picture; .*: pass what its read\(\) gives"):
        read(io.BytesIO(b""))  # type: ignore[arg-type]


def test_one_reference_needs_no_list(small: np.ndarray, tmp_path: Path) -> None:
    color = np.dstack([small, small // 2, small // 3])
    Image.fromarray(color).save(tmp_path / "a.png")
    wanted = barva.Colorizer("welsh", references=[tmp_path / "a.png"]).request
    for one in (str(tmp_path / "a.png"), tmp_path / "a.png", Image.open(tmp_path / "a.png"), color, read(color)):
        assert barva.Colorizer("welsh", references=one).request == wanted
    pair = Swatch(BOX, BOX)
    assert barva.Colorizer("welsh", references=color, swatches=pair).request.swatches == (pair,)


def hints() -> barva.HintMap:
    return barva.HintMap(np.ones((4, 5, 2), np.float32), np.ones((4, 5), np.float32))


def reference() -> Reference:
    return Reference(np.full((4, 4, 3), 30, np.float32), np.arange(16, dtype=np.int32).reshape(4, 4))


SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"guidance": [RED]}, {"guidance": barva.Guidance((RED,))}),
    ({"guidance": barva.Guidance([RED])}, {"guidance": RED}),  # type: ignore[arg-type]
    ({"guidance": ()}, {}),
    ({"guidance": hints()}, {"guidance": hints()}),
    ({"references": [reference()]}, {"references": (reference(),)}),
    ({"palette": [[1, 2]]}, {"palette": ((1.0, 2.0),)}),
    ({"seed": np.int64(4), "variant": np.uint8(2)}, {"seed": 4, "variant": 2}),
    ({"vividness": np.float32(0.5)}, {"vividness": 0.5}),
    (
        {"sampling": Sampling(steps=np.int64(4), redraw=[Redraw(barva.Box(0, 0, 4, 4), np.int64(2))])},  # type: ignore[arg-type]
        {"sampling": Sampling(steps=4, redraw=(Redraw(barva.Box(0, 0, 4, 4), 2),))},
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda row: "-".join(row))
def test_equal_requests_are_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = Request(**one), Request(**other)
    assert first == second and hash(first) == hash(second)
    assert json.dumps(first.to_dict()) == json.dumps(second.to_dict())
    assert Request.from_dict(json.loads(json.dumps(first.to_dict()))) == first
    assert pickle.loads(pickle.dumps(first)) == first
    assert first != Request(vividness=1.9)


def test_arrays_are_compared_as_values() -> None:
    assert hints() != barva.HintMap(np.zeros((4, 5, 2), np.float32), np.ones((4, 5), np.float32))
    assert hints() != barva.HintMap(np.ones((4, 6, 2), np.float32), np.ones((4, 6), np.float32))
    assert reference() != Reference(reference().lab) and hints() != 3


def test_results_go_to_other_processes(levin: barva.Colorizer, jpeg: Path, tmp_path: Path) -> None:
    result = levin.colorize(jpeg, guidance=[RED, barva.Region(barva.Box(10, 10, 60, 60), "navy")])
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert again != result and len({again, result}) == 2 and again.chroma != result.chroma
        assert np.array_equal(again.array(), result.array()) and again.photo == result.photo
        assert (again.notes, again.scene, again.provenance) == (result.notes, result.scene, result.provenance)
        assert again.photo.sha256() == result.photo.sha256()
    files = [r.save(tmp_path / f"{n}.jpg").path for n, r in enumerate((result, again))]
    assert len({file.read_bytes() for file in files if file}) == 1
    far = pickle.loads(pickle.dumps(levin))
    assert np.array_equal(far.colorize(jpeg, guidance=RED).array(), levin.colorize(jpeg, guidance=RED).array())
    assert (far.threads, far.request, far.card) == (levin.threads, levin.request, levin.card)
    red = barva.recolor(np.dstack([result.photo.pixels()] * 3), barva.Region(barva.Box(5, 5, 60, 60), "red"))
    assert np.array_equal(pickle.loads(pickle.dumps(red)).array(), red.array())


def test_a_photo_too_large_for_memory_is_not_sent(jpeg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "IN_MEMORY", 1000)
    with pytest.raises(barva.UsageError, match=r"grandmother.jpg is too large .* send its path"):
        pickle.dumps(read(jpeg))
