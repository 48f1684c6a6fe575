"""Answers on stdout: names stay exact, numbers stay numbers, and nothing steers the terminal."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from barva.cli import answers
from barva.errors import UsageError

NAMES = [
    "родина 👨\u200d👩\u200d👧.png",
    "Screenshot 9.41\u202fAM.png",
    "a\u00a0b.png",
    "quote \"x\" 'y'.png",
    "100% #1 ?a&b.png",
]


def shown(
    capsys: pytest.CaptureFixture[str], rows: list[list[Any]], columns: tuple[str, ...] = ("x",), **how: bool
) -> str:
    answers.show(columns, rows, **how)
    return capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_as_they_are(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, [[name]]) == f"{name}\n"
    assert json.loads(shown(capsys, [[name]], as_json=True)) == {"x": name}
    assert next(csv.reader([shown(capsys, [[name]], as_csv=True).splitlines()[1]])) == [name]


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\x1b[31mb", "a\u202eb", "caf\udce9", "a\u2028b"])
def test_what_breaks_lines_is_exact_in_json_and_a_space_in_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = shown(capsys, [[name]], as_json=True)
    assert json.loads(line) == {"x": name} and line.count("\n") == 1 and line.rstrip("\n").isprintable()
    if name.startswith("caf"):  # bytes go out as they are, which the output of pytest refuses
        return
    text = shown(capsys, [[name, "end"]], ("x", "y"))
    assert text.count("\n") == text.count("\t") == 1 and "\x1b" not in text and "\u202e" not in text


def test_csv_holds_line_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, [["a\nb\tc", "1,2", None, ["n", 'm "1"']]], ("p", "q", "r", "s"), as_csv=True)
    assert list(csv.reader(io.StringIO(text))) == [["p", "q", "r", "s"], ["a\nb\tc", "1,2", "", '["n", "m \\"1\\""]']]


def test_json_has_types(capsys: pytest.CaptureFixture[str]) -> None:
    when = datetime(1932, 5, 1, tzinfo=UTC)
    cells = [3, 0.5, True, None, float("nan"), Decimal("7"), Decimal("1.5"), when, [{"a": float("inf")}], b"\x00\xff"]
    names = tuple("abcdefghij")
    row = json.loads(shown(capsys, [cells], names, as_json=True))
    expected = [3, 0.5, True, None, None, 7, 1.5, "1932-05-01T00:00:00+00:00", [{"a": None}], "00ff"]
    assert list(row.values()) == expected
    assert shown(capsys, [cells[:4]], names[:4]) == "3\t0.5\ttrue\t\n"


def test_columns_of_one_name_are_all_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(shown(capsys, [[1, 2, 3]], ("x", "x", "x"), as_json=True)) == {"x": 1, "x_2": 2, "x_3": 3}


def test_one_way_at_a_time() -> None:
    with pytest.raises(UsageError, match="choose one"):
        answers.show(("x",), [], as_json=True, as_csv=True)
