"""Tables, JSON lines, contact sheets; writing them."""

import json
import re

import numpy as np
import pytest
import skimage.data
from PIL import Image

from barva.errors import UsageError, WriteError
from barva.evaluation import report, tables
from barva.evaluation.benchmark import steps
from barva.files import write_together


def half(grey):
    return np.stack([grey, grey // 2, grey], -1)


@pytest.fixture(scope="module")
def run():
    photos = [
        (name, np.ascontiguousarray(getattr(skimage.data, name)()[:200:4, :240:4])) for name in ("coffee", "rocket")
    ]
    photos.append(("<grey> & co", np.full((20, 30, 3), 128, np.uint8)))
    done = list(steps({"half|way": half}, photos, resamples=20))
    return done[-1].benchmark(), [(step.key, step.pictures) for step in done]


def test_table(run):
    lines = report.table(run[0]).splitlines()
    assert len(lines) == 2 + 3 + 2
    assert len({len(re.split(r"(?<!\\)\|", line)) for line in lines[:5]}) == 1
    assert lines[2].startswith("| grey | ")
    assert lines[4].startswith(r"| half\|way | ")
    value = run[0].rows[0].scores.ciede2000.value
    assert f"{value:.2f} [" in lines[2]
    assert "nan" not in "".join(lines)
    assert lines[-1].startswith("3 photos")


def test_json_lines(run):
    lines = [json.loads(line) for line in report.json_lines(run[0]).splitlines()]
    methods = [line for line in lines if line["kind"] == "method"]
    assert [line["method"] for line in methods] == ["grey", "flat mean", "half|way"]
    assert methods[0]["hue_turn"]["value"] is None
    assert methods[2]["ciede2000"]["value"] == run[0].rows[2].scores.ciede2000.value
    each = [line for line in lines if line["kind"] == "photo"]
    assert len(each) == 9
    mean = np.mean([line["ciede2000"] for line in each if line["method"] == "half|way"])
    assert mean == pytest.approx(methods[2]["ciede2000"]["value"])


def test_sheet(tmp_path, astronaut):
    red = np.zeros((40, 80, 3), np.uint8)
    red[..., 0] = 255
    path = tmp_path / "sheet.png"
    out = report.sheet([("astronaut", [astronaut, astronaut[..., 0], red]), ("short", [red])], path, tile=100)
    assert (out.dtype, out.ndim) == (np.uint8, 3)
    assert (np.asarray(Image.open(path)) == out).all()
    assert out.shape[1] == 3 * 106 + 6
    reds = (out == [255, 0, 0]).all(-1)
    assert reds.sum() == 2 * 100 * 50  # fitted, aspect kept
    first = reds[: out.shape[0] // 2]
    assert first[:, 212:].sum() == 5000
    label = out[2:20, 6:100]
    assert (label < 128).any()  # something is written
    titled = report.sheet([("", [red])], tile=100, columns=["a title that is far too long for its column"])
    assert (titled[2:18, 6:106] < 128).any()
    assert (titled[:, 106:] == 255).all()


def test_sheet_of_extreme_shapes():
    out = report.sheet([("line", [np.zeros((1, 4000, 3), np.uint8), np.zeros((1, 1), np.uint8)])], tile=64)
    assert (out[:, 76:140] == 0).all(-1).sum() == 64 * 64


def test_sheet_refuses():
    for rows, tile in (([], 192), ([("a", [])], 192), ([("a", [np.zeros((4, 4, 3))])], 192)):
        with pytest.raises(UsageError):
            report.sheet(rows, tile=tile)
    with pytest.raises(UsageError):
        report.sheet([("a", [np.zeros((4, 4, 3), np.uint8)])], tile=4)


def test_what_is_kept_for_the_sheet_makes_the_same_sheet(astronaut):
    kept = report.small(astronaut)
    assert kept.shape == (report.TILE, report.TILE, 3)
    assert (report.sheet([("a", [kept])]) == report.sheet([("a", [astronaut])])).all()


def test_the_best_of_several_methods_is_marked(run):
    table = tables.scores(run[0])
    assert not table.best  # one method has no rivals, and gray and flat mean are none
    two = tables._table(
        "t",
        [tables.Column("low", "", tables.LOW), tables.Column("one", "", 1), tables.Column("none", "")],
        ["grey", "a", "b"],
        [[tables._Value(v) for v in row] for row in ((0.0, 1.0, 0.0), (3.0, 0.6, 1.0), (2.0, 1.5, 2.0))],
        [1, 2],
        "",
    )
    assert two.best == {(2, 1), (1, 2)}
    assert two.cells[2] == ("b", "2.00", "1.50", "2.00")


def test_no_number_is_minus_nought():
    assert tables._Value(-0.001).text == "0.00"
    assert tables._Value(float("nan")).text == "–"


def test_sheet_that_cannot_be_written(tmp_path):
    with pytest.raises(WriteError, match="sheet"):
        report.sheet([("a", [np.zeros((4, 4, 3), np.uint8)])], tmp_path / "no" / "sheet.png")


def test_reports_are_written_together_or_not_at_all(tmp_path):
    (tmp_path / "old.json").write_bytes(b"old")
    with pytest.raises(WriteError, match=r"page\.html"):
        write_together({tmp_path / "old.json": b"new", tmp_path / "no" / "page.html": b"page"})
    assert (tmp_path / "old.json").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old.json"]
    write_together({tmp_path / "old.json": b"new", tmp_path / "b": b"2"})
    assert sorted((p.name, p.read_bytes()) for p in tmp_path.iterdir()) == [("b", b"2"), ("old.json", b"new")]
